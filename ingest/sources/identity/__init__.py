"""Identity links: which records of two registers are of the same enterprise, and on what evidence.

An enterprise's IRI is made of its official number, so the same number is the same enterprise. Other
records are never merged: a link stands between them, with its source, and can be withdrawn.
"""

from __future__ import annotations

from pathlib import Path

from vises.ingest.checks import is_kbo_digits, is_siren
from vises.ingest.contract import Row, load_contract
from vises.ingest.provenance import LICENCE, OURS, DatasetDescription
from vises.ingest.rules import Refusal
from vises.ingest.source import Part, Reading, Selector, Source

HERE = Path(__file__).parent
LINKS = Part(
    "links",
    r"links",
    load_contract(HERE / "links.schema.json"),
    ("enterprise", "matches", "basis"),
)


class IdentitySession:
    """One reading of a table of links; each row stands on its own."""

    as_of = None
    complete = True

    def __init__(self, reading: Reading) -> None:
        """Need nothing of the reading."""

    def selector(self, part: str) -> Selector:  # noqa: ARG002 (there is one part)
        """Return what decides on the rows."""
        return _link

    def confirm(self, part: str, row: Row) -> Row:  # noqa: ARG002 (no part waits for another)
        """Let every selected row pass."""
        return row


def _link(row: Row) -> Row | Refusal:
    """Refuse a number with wrong check digits, and a record that is linked to itself."""
    enterprise, matches, _ = row
    for column, record in (("enterprise", enterprise), ("matches", matches)):
        country, _, number = record.partition("-")
        if country == "fr" and not is_siren(number):
            return Refusal("siren-check-digit", column, record, "")
        if country == "be" and not is_kbo_digits(number):
            return Refusal("kbo-check-digit", column, record, "")
    if enterprise == matches:
        return Refusal("same-record", "matches", matches, "")
    return row


IDENTITY = Source(
    name="identity",
    description=DatasetDescription(
        title={
            "fr": "Liens d'identité entre répertoires",
            "nl": "Identiteitsverbanden tussen registers",
            "en": "Identity links between registers",
        },
        description={
            "fr": "Fiches de répertoires différents qui décrivent la même entreprise.",
            "nl": "Fiches uit verschillende registers die dezelfde onderneming beschrijven.",
            "en": "Records of different registers that describe the same enterprise.",
        },
        publisher=OURS,
        licence=LICENCE,
        spatial=("FR", "BE"),
        themes=("ECON",),
    ),
    parts=(LINKS,),
    mapping=HERE / "mapping.ttl",
    begin=IdentitySession,
)
