"""Identity links: which records of two registers are of the same enterprise, and on what evidence.

An enterprise's IRI is made of its official number, so the same number is the same enterprise. Other
records are never merged: a link stands between them, with its source, and can be withdrawn.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from vises.ingest.contract import Row, load_contract
from vises.ingest.identifiers import misnumbered
from vises.ingest.provenance import LICENCE, OURS, DatasetDescription
from vises.ingest.rules import Refusal
from vises.ingest.sessions import RowByRow
from vises.ingest.source import Part, Source

HERE = Path(__file__).parent
LINKS = Part(
    "links",
    r"links",
    load_contract(HERE / "links.schema.json"),
    ("enterprise", "matches", "basis"),
)


def _link(row: Row) -> Row | Refusal:
    """Refuse a number with wrong check digits, and a record that is linked to itself."""
    enterprise, matches, _ = row
    for column, record in (("enterprise", enterprise), ("matches", matches)):
        if refusal := misnumbered(column, record):
            return refusal
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
    begin=partial(RowByRow, {LINKS.name: _link}),
)
