"""SIRENE: the legal units of INSEE's register, with the communes of their head offices."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from vises.ingest.contract import Row, load_contract
from vises.ingest.provenance import DatasetDescription
from vises.ingest.rules import Refusal
from vises.ingest.source import Divisible, OutOfScope, Part, Reading, Selector, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
MASKED = "[ND]"
PERSON_FORMS = "1"
NO_EMPLOYEES = "NN"
STATUS = {"A": "active", "C": "ceased"}
NAF_REV_2 = {"", "NAFRev2"}
NAF_LENGTH = 6
OVERSEAS = ("97", "98")

NATURAL_PERSON = OutOfScope("a natural person")
NOT_PUBLIC = OutOfScope("masked by INSEE (not fully public)")
NOT_SSE = OutOfScope("not SSE under any perimeter of the file")
OTHER_ENTERPRISE = OutOfScope("of an enterprise that is not published")
NOT_HEAD_OFFICE = OutOfScope("not a head office")
NOWHERE = OutOfScope("a head office without a French commune")

UNITS = Part(
    "units",
    r"stockunitelegale(_utf8)?",
    load_contract(HERE / "units.schema.json"),
    (
        "siren",
        "legalName",
        "acronym",
        "usualName1",
        "usualName2",
        "usualName3",
        "legalForm",
        "division",
        "divisionRev21",
        "activityCode",
        "activityCodeNaf2025",
        "sizeBand",
        "sizeBandYear",
        "operatingStatus",
        "foundingDate",
        "rna",
        "flagPerimeter",
        "flagged",
        "categoryPerimeter",
    ),
)
ESTABLISHMENTS = Part(
    "establishments",
    r"stocketablissement(_utf8)?",
    load_contract(HERE / "establishments.schema.json"),
    ("siren", "postcode", "town", "commune", "region"),
    optional=True,
)


class SireneSession(Divisible):
    """One reading of SIRENE: the units first, then the establishments of those in scope."""

    complete = True

    def __init__(self, reading: Reading) -> None:
        """Begin with no unit in scope."""
        self._forms_in_a_family = reading.codes.in_a_family["legal-form-fr"]
        self._divisions = reading.codes.notations
        self._departments = reading.codes.departments
        self._published = reading.gathered("published")
        self._placed = reading.unique("placed")
        self._last_change = ""

    def selector(self, part: str) -> Selector:
        """Return what decides on the rows of a part."""
        return self._unit if part == UNITS.name else self._establishment

    def noted(self) -> Sequence[str]:
        """Return the newest dateDernierTraitement."""
        return [self._last_change]

    def take(self, noted: Sequence[str]) -> None:
        """Keep the newer one."""
        self._last_change = max(self._last_change, *noted)

    @property
    def as_of(self) -> date | None:
        """The newest dateDernierTraitement of the file."""
        return date.fromisoformat(self._last_change) if self._last_change else None

    def confirm(self, part: str, row: Row) -> Row:  # noqa: ARG002 (no part waits for another)
        """Let every selected row pass."""
        return row

    def _unit(self, row: Row) -> Row | OutOfScope | Refusal:
        siren, diffusion, founded, acronym, rna, size, size_year, changed, status = row[:9]
        family_name, name, usual1, usual2, usual3, form, *activities, flag = row[9:]
        activity, classification, activity_2025 = activities
        self._last_change = max(self._last_change, changed[:10])
        if form.startswith(PERSON_FORMS) or (family_name and not name):
            return NATURAL_PERSON
        if diffusion not in {"", "O"} or name == MASKED:
            return NOT_PUBLIC
        sse_form = form in self._forms_in_a_family
        if flag != "O" and not sse_form:
            return NOT_SSE
        if not name.strip():
            return Refusal("no-name", "denominationUniteLegale", "", "")
        self._published.add(siren)
        return (
            siren,
            name.strip(),
            _shown(acronym),
            _shown(usual1),
            _shown(usual2),
            _shown(usual3),
            form,
            self._division("nace-rev2", activity) if classification in NAF_REV_2 else "",
            self._division("nace-rev2.1", activity_2025),
            activity,
            activity_2025,
            "" if size == NO_EMPLOYEES else size,
            "" if size in {"", NO_EMPLOYEES} else size_year,
            STATUS.get(status, ""),
            founded,
            rna,
            "insee-flag" if flag else "",
            "true" if flag == "O" else "false",
            "legal-category-fr" if sse_form else "",
        )

    def _division(self, scheme: str, activity: str) -> str:
        """Return the division of NACE that a NAF code lies in: its first two digits, or nothing.

        NAF rev. 2 is nested in NACE Rev. 2 and NAF 2025 in NACE Rev. 2.1; a code of another
        length is of an older classification.
        """
        division = activity[:2]
        known = len(activity) == NAF_LENGTH and division in self._divisions[scheme]
        return division if known else ""

    def _establishment(self, row: Row) -> Row | OutOfScope | Refusal:
        siren, head_office, diffusion, postcode, town, commune = row
        if siren not in self._published:
            return OTHER_ENTERPRISE
        if head_office != "true":
            return NOT_HEAD_OFFICE
        if diffusion not in {"", "O"} or commune == MASKED:
            return NOT_PUBLIC
        if not commune:
            return NOWHERE
        if not self._placed.add(siren):
            return Refusal("duplicate", "siren", siren, "")
        department = commune[: 3 if commune.startswith(OVERSEAS) else 2]
        region = self._departments.get(department, "")
        return (siren, _shown(postcode), _shown(town), commune, region)


def _shown(text: str) -> str:
    """Return a text that may be published: nothing where it is masked."""
    return "" if text == MASKED else text.strip()


SIRENE = Source(
    name="sirene",
    description=DatasetDescription(
        title={
            "fr": "Unités de l'ESS du répertoire Sirene",
            "nl": "SSE-eenheden uit het Sirene-register",
            "en": "SSE units of the Sirene register",
        },
        description={
            "fr": "Unités légales de l'ESS selon l'INSEE ou par leur catégorie juridique.",
            "nl": "Juridische eenheden die volgens het INSEE of hun rechtsvorm SSE zijn.",
            "en": "Legal units that are SSE by INSEE's flag or by their legal category.",
        },
        publisher="organisation/insee",
        licence="http://spdx.org/licenses/etalab-2.0",
        spatial=("FR",),
        themes=("ECON",),
        frequency="MONTHLY",
        hvd="c_a9135398",  # companies and company ownership
    ),
    parts=(UNITS, ESTABLISHMENTS),
    mapping=HERE / "mapping.ttl",
    begin=SireneSession,
)
