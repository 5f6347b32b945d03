"""A code list as a table: CSV (RFC 4180) with a row for each code."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from vises.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.codes.finding import Called
    from vises.service.codes.scheme import Scheme


def table(scheme: Scheme, called: Mapping[str, Sequence[Called]]) -> bytes:
    """Return the codes in the order of their notations, UTF-8.

    The columns are notation, a label for each language, the notations above (space-separated; the
    IRI of one without a notation), the days of validity, and the IRI.
    """
    text = StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    labels = [f"label_{language}" for language in LANGUAGES]
    rows.writerow(["notation", *labels, "broader", "valid_from", "valid_through", "iri"])
    for concept in sorted(scheme.concepts.values(), key=lambda c: c.place):
        own = [c.name for c in called.get(concept.iri, ()) if c.preferred]
        spoken = {name.language: name.text for name in own}
        above = [scheme.concepts.get(iri) for iri in concept.broader]
        codes = [
            (a.notation if a else None) or iri
            for a, iri in zip(above, concept.broader, strict=True)
        ]
        row = [concept.notation, *(spoken.get(language) for language in LANGUAGES), " ".join(codes)]
        rows.writerow([*row, concept.valid_from, concept.valid_through, concept.iri])
    return text.getvalue().encode()
