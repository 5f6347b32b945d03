"""A report written down: each form of it, and its summary."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from pyoxigraph import RdfFormat, parse, serialize

from vises.namespaces import PREFIXES
from vises.service.judging.work import JSON

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from vises.validation.report import Report

_CHUNK = 1 << 18
_USED = ("rdfs", "sh", "vises", "xsd")


def write_report(folder: Path, report: Report, forms: Mapping[str, str]) -> None:
    """Write `report.ENDING` for each media type in `forms`, by its ending. Raises `OSError`."""
    turtle = folder / "turtle"
    with turtle.open("wb") as written:
        written.writelines(report.turtle())
    for ending, media_type in forms.items():
        target = folder / f"report.{ending}"
        if media_type == JSON:
            with target.open("w", encoding="utf-8") as file:
                file.writelines(report.json())
                file.write("\n")
        else:
            with turtle.open("rb") as source, target.open("wb") as other:
                convert(source, media_type, other)
    turtle.unlink()


def in_form(turtle: Iterable[bytes], media_type: str) -> Iterator[bytes]:
    """Yield a report in Turtle in another form of RDF; what is in between is on the disk."""
    with TemporaryFile() as source, TemporaryFile() as target:
        source.writelines(turtle)
        source.seek(0)
        convert(source, media_type, target)
        target.seek(0)
        yield from iter(lambda: target.read(_CHUNK), b"")


def convert(turtle: IO[bytes], media_type: str, file: IO[bytes]) -> None:
    """Write a report in Turtle in another form of RDF, a statement at a time."""
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    triples = (quad.triple for quad in parse(turtle, format=RdfFormat.TURTLE))
    serialize(triples, file, form, prefixes={name: PREFIXES[name] for name in _USED})
