"""A report written down: each form of it, and its summary."""

from __future__ import annotations

from io import BytesIO
from typing import IO, TYPE_CHECKING

from pyoxigraph import RdfFormat, parse, serialize

from vises.namespaces import PREFIXES
from vises.service.judging.work import JSON
from vises.validation.report import json_pieces, turtle_pieces

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vises.validation.report import Report

_USED = ("rdfs", "sh", "vises", "xsd")


def write_report(folder: Path, report: Report, forms: Mapping[str, str]) -> None:
    """Write `report.ENDING` for each media type in `forms`, by its ending. Raises `OSError`."""
    turtle = folder / "turtle"
    with turtle.open("w", encoding="utf-8") as file:
        file.writelines(turtle_pieces(report.head(), report.results))
    for ending, media_type in forms.items():
        target = folder / f"report.{ending}"
        if media_type == JSON:
            with target.open("w", encoding="utf-8") as file:
                file.writelines(json_pieces(report.head(), report.results))
                file.write("\n")
        else:
            with turtle.open("rb") as source, target.open("wb") as other:
                convert(source, media_type, other)
    turtle.unlink()


def in_form(turtle: bytes, media_type: str) -> bytes:
    """Return a report in another form of RDF."""
    body = BytesIO()
    convert(BytesIO(turtle), media_type, body)
    return body.getvalue()


def convert(turtle: IO[bytes], media_type: str, file: IO[bytes]) -> None:
    """Write a report in Turtle in another form of RDF, a statement at a time."""
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    triples = (quad.triple for quad in parse(turtle, format=RdfFormat.TURTLE))
    serialize(triples, file, form, prefixes={name: PREFIXES[name] for name in _USED})
