"""The list of SSE enterprises of ESS France and the CRESS: claims under a perimeter of its own.

An enterprise is known by its SIREN, so one that SIRENE describes too stays one; its legal name and
number are said here as well, because a claim is about an enterprise that is described.
"""

from __future__ import annotations

from pathlib import Path

from vises.ingest.checks import is_siren
from vises.ingest.contract import Row, load_contract
from vises.ingest.keys import NumberSet
from vises.ingest.provenance import DatasetDescription
from vises.ingest.rules import Refusal
from vises.ingest.sessions import RowByRow
from vises.ingest.source import OutOfScope, Part, Reading, Source

HERE = Path(__file__).parent
MASKED = "[ND]"
PERSON_FORMS = "1"
SIREN_LENGTH = 9
NAME = "Nom ou raison sociale de l'entreprise"
LISTED = Part(
    "listed",
    r"entreprises-?ess|liste-des-entreprises-de-less",
    load_contract(HERE / "listed.schema.json"),
    ("siren", "legalName"),
)

NATURAL_PERSON = OutOfScope("a natural person")
NOT_PUBLIC = OutOfScope("masked by INSEE (not fully public)")
AGAIN = OutOfScope("of an enterprise that the list has named before")


class EssFranceSession(RowByRow):
    """One reading of the list; of an enterprise that comes again the first row is taken."""

    def __init__(self, reading: Reading) -> None:
        """Begin with no enterprise."""
        super().__init__({LISTED.name: self._enterprise}, reading)
        self._listed = NumberSet()

    def _enterprise(self, row: Row) -> Row | OutOfScope | Refusal:
        given, listed_name, register_name, form, diffusion = row
        siren = given.zfill(SIREN_LENGTH)
        if not is_siren(siren):
            return Refusal("siren-check-digit", "SIREN", given, "")
        if form.startswith(PERSON_FORMS):
            return NATURAL_PERSON
        name = listed_name.strip() or register_name.strip()
        if diffusion not in {"", "O"} or name == MASKED:
            return NOT_PUBLIC
        if not name:
            return Refusal("no-name", NAME, "", "")
        return (siren, name) if self._listed.add(siren) else AGAIN


ESS_FRANCE = Source(
    name="ess-france",
    description=DatasetDescription(
        title={
            "fr": "Liste des entreprises de l'ESS",
            "nl": "Lijst van SSE-ondernemingen in Frankrijk",
            "en": "List of SSE enterprises in France",
        },
        description={
            "fr": "Entreprises de la liste que tiennent les CRESS et que réunit ESS France.",
            "nl": "Ondernemingen op de lijst die de CRESS bijhouden en ESS France samenbrengt.",
            "en": "Enterprises on the list that the CRESS keep and ESS France brings together.",
        },
        publisher="organisation/ess-france",
        spatial=("FR",),
        themes=("ECON",),
    ),
    parts=(LISTED,),
    mapping=HERE / "mapping.ttl",
    begin=EssFranceSession,
)
