"""What a YAML description of tables or of an endpoint says of its dataset, for the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.provenance import DatasetDescription
from vises.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.ingest.yamlfile import Value

WRITE_LICENCE = sentence("write-licence", "Write the address (IRI) of a licence.")
_IDENTIFIER = r"[a-z0-9]+(-[a-z0-9]+)*"


def read_dataset(given: Mapping[str, Value], themes: Sequence[str] = ()) -> DatasetDescription:
    """Return the description that title, description, publisher and licence make, if given.

    `themes` are the codes of its data themes. Raises `BadDescription` with line and column.
    """
    publisher = sentence("write-organisation", "Write the last part of an organisation's IRI.")
    return DatasetDescription(
        title=_texts(given, "title"),
        description=_texts(given, "description"),
        publisher=f"organisation/{given['publisher'].text(_IDENTIFIER, publisher)}"
        if "publisher" in given
        else None,
        licence=given["licence"].text(r"https?://\S+", WRITE_LICENCE)
        if "licence" in given
        else None,
        themes=themes,
    )


def _texts(given: Mapping[str, Value], name: str) -> dict[str, str]:
    by_language = given[name].fields(LANGUAGES, LANGUAGES) if name in given else {}
    return {language: value.text() for language, value in by_language.items()}
