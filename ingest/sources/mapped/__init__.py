"""Tables with a mapping of the observatory's own, and a YAML description of what rows must keep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.finding import find
from vises.ingest.provenance import DatasetDescription
from vises.ingest.source import Divisible, Reading, Selector, Source, WrongFiles
from vises.ingest.sources.mapped.description import MappedDescription, read_mapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.ingest.contract import Row
    from vises.ingest.files import InputFile

HERE = Path(__file__).parent
YAML_ENDINGS = {".yml", ".yaml"}


class MappedSession(Divisible):
    """One reading of the tables: every row that keeps the rules is mapped."""

    as_of = None
    complete = True

    def __init__(self, reading: Reading) -> None:
        """Need nothing of the reading."""

    def noted(self) -> Sequence[str]:
        """Remember nothing."""
        return ()

    def take(self, noted: Sequence[str]) -> None:
        """Have nothing to take."""

    def selector(self, part: str) -> Selector:  # noqa: ARG002 (all parts alike)
        """Take the row as it is."""
        return lambda row: row

    def confirm(self, part: str, row: Row) -> Row:  # noqa: ARG002 (no part waits for another)
        """Let every selected row pass."""
        return row


def _split(paths: Sequence[Path]) -> tuple[MappedDescription, list[Path]]:
    """Return what the first description among `paths` says, and the paths of the tables.

    Raises `WrongFiles`, `InputMissing`, `BadDescription` and `MappingError`.
    """
    described = next((path for path in paths if path.suffix.lower() in YAML_ENDINGS), None)
    if described is None:
        raise WrongFiles(
            sentence("no-description", "There is no description (.yml) among them."),
            place=", ".join(map(str, paths)),
            remedy=sentence(
                "description-first",
                "Give the description first, then the tables; docs/sources/mapped.md has one.",
            ),
        )
    description = read_mapped(described)
    known = {each.resolve() for each in (described, description.mapping)}
    tables = [path for path in paths if path.resolve() not in known]
    if not tables:
        raise WrongFiles(
            sentence("no-table", "There is no table among them."),
            place=", ".join(map(str, paths)),
            remedy=sentence(
                "tables-behind",
                "Give the files of {names} behind the description.",
                names=", ".join(part.source for part in description.parts),
            ),
        )
    return description, tables


def _find(paths: Sequence[Path]) -> list[InputFile]:
    return find(_split(paths)[1])


def _specialise(source: Source, paths: Sequence[Path]) -> Source:
    """Return the source with the tables, the mapping and the title that the description gives."""
    found, _ = _split(paths)
    return replace(source, description=found.description, parts=found.parts, mapping=found.mapping)


_EXAMPLE = read_mapped(HERE / "example.yml")

MAPPED = Source(
    name="mapped",
    description=DatasetDescription(title=_EXAMPLE.description.title),
    parts=_EXAMPLE.parts,
    mapping=_EXAMPLE.mapping,
    begin=MappedSession,
    find=_find,
    specialise=_specialise,
)
"""As it stands, the source has the tables and the mapping of the example that comes with it."""
