"""Where the figures of a region are to be had as a table, and as a query to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from vises.namespaces import compact
from vises.service.api.call import V1
from vises.service.iris import in_release

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vises.service.pages.mentions import Speaker
    from vises.service.pages.regions.figures import Figure

QUESTION = "S1"
"""The question that asks for the figures of a region."""

FORMS = ("csv", "xlsx")


@dataclass(frozen=True)
class Taking:
    """The addresses of the tables by form, and of the query in the editor."""

    tables: Mapping[str, str]
    query: str


def taking(iri: str, figures: Iterable[Figure], speaker: Speaker) -> Taking | None:
    """Return where the figures of a region are to be had, None where it has none."""
    measures = sorted({figure.measure for figure in figures})
    if not measures:
        return None
    language, addresses = speaker.words.language, speaker.addresses
    asked = [("area", compact(iri)), *(("measure", compact(name)) for name in measures)]
    table = f"{V1}/questions/{QUESTION}.{{}}?{urlencode([*asked, ('lang', language)])}"
    return Taking(
        {form: in_release(table.format(form), addresses.release) for form in FORMS},
        in_release(
            f"/sparql?{urlencode([('question', QUESTION), *asked])}",
            addresses.release,
            addresses.language,
        ),
    )
