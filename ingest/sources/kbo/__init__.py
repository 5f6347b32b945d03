"""KBO/BCE: the legal persons of Belgium's Crossroads Bank for Enterprises, from its open data."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.checks import is_day_first_date, iso_date
from vises.ingest.contract import Row, load_contract
from vises.ingest.provenance import DatasetDescription
from vises.ingest.rules import Refusal
from vises.ingest.source import (
    Divisible,
    OutOfScope,
    Part,
    Reading,
    Selector,
    Source,
    WrongFiles,
)
from vises.ingest.sources.kbo.postcodes import province

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.errors import Sentence

HERE = Path(__file__).parent
LEGAL_PERSON, NATURAL = "2", "1"
LEGAL_NAME, BRANCH_NAME = "001", "004"
LANGUAGES = ("", "Fr", "Nl", "De", "En")
"""The ends of column names, in the order of the codes 0 (not known) to 4."""
ESTABLISHMENT_LENGTH = 13

NATURAL_PERSON = OutOfScope("a natural person")
NOT_LEGAL_PERSON = OutOfScope("not a legal person")
NOT_SSE = OutOfScope("a juridical form that is of no SSE family")
OTHER_ENTERPRISE = OutOfScope("of an enterprise that is not published")
ESTABLISHMENT = OutOfScope("of an establishment unit")
NOT_IN_UPDATE = OutOfScope("of an enterprise that is not in this update")
BRANCH = OutOfScope("the name of a branch")
NOT_REGISTERED = OutOfScope("not the address of a registered office in force")
NOT_MAIN = OutOfScope("not a main activity")
OLD_NACE = OutOfScope("an activity in NACE-BEL 2003")
OTHER_LIST = OutOfScope("a code of a list that the service has itself, or does not need")
NOT_USED = OutOfScope("a code that no published enterprise has")
SAID_BEFORE = OutOfScope("a label that an earlier extract has given")
NACE_BEL = {"Nace2003": "2003", "Nace2008": "2008", "Nace2025": "2025"}
"""The versions of NACE-BEL by the names that code.csv has for them."""
NACE = {"2008": "nace-rev2", "2025": "nace-rev2.1"}
"""The code lists of ours that a version of NACE-BEL is nested in."""
ABOUT_EXTRACT = OutOfScope("about the extract")


def _part(name: str, *columns: str, optional: bool = False) -> Part:
    contract = load_contract(HERE / f"{name}.schema.json")
    return Part(name, name, contract, columns, optional, f"{name}_insert", f"{name}_delete")


META = Part(
    "meta", "meta", load_contract(HERE / "meta.schema.json"), (), optional=True, inserted="meta"
)
ENTERPRISE = _part(
    "enterprise", "number", "legalForm", "operatingStatus", "foundingDate", "perimeter"
)
DENOMINATION = _part(
    "denomination",
    "number",
    *(f"{kind}{language}" for kind in ("name", "otherName") for language in LANGUAGES),
)
ADDRESS = _part("address", "number", "postcode", "townFr", "townNl", "region", optional=True)
CODE = Part(
    "code",
    "code",
    load_contract(HERE / "code.schema.json"),
    ("version", "code", "labelFr", "labelNl", "labelDe", "labelEn", "division", "divisionRev21"),
    optional=True,
    inserted="code",
)
ACTIVITY = _part(
    *("activity", "number", "division", "divisionRev21", "code", "version", "labelled"),
    optional=True,
)


class KboSession(Divisible):
    """One reading of an extract: enterprises first, then what the other files say of them.

    An enterprise is in scope by its juridical form, and published if it has a name.
    """

    def __init__(self, reading: Reading) -> None:
        """Begin with no enterprise in scope."""
        self._forms = reading.codes.in_a_family["legal-form-be"]
        self._divisions = reading.codes.notations
        self._known = reading.seen[ENTERPRISE.name]
        self._in_scope = reading.gathered("in scope")
        self._named = reading.gathered("named")
        self._placed = reading.unique("placed")
        self._snapshot: date | None = None
        self._extract = 0
        self._types: list[str] = []
        self._labels: set[tuple[str, str, str]] = set()
        self._labelled: set[tuple[str, str]] = set()
        self._used: set[tuple[str, str]] = set()

    def noted(self) -> Sequence[str]:
        """Return what meta.csv says, the labels that there are, and the codes that are used."""
        snapshot = self._snapshot.isoformat() if self._snapshot else ""
        codes = [sorted(self._labels), sorted(self._used)]
        return [snapshot, str(self._extract), json.dumps(codes), *self._types]

    def take(self, noted: Sequence[str]) -> None:
        """Take what meta.csv says, which is read whole, and add the labels and codes."""
        snapshot, extract, codes, *self._types = noted
        self._snapshot = date.fromisoformat(snapshot) if snapshot else None
        self._extract = int(extract)
        labels, used = json.loads(codes)
        self._labels.update(map(tuple, labels))
        self._labelled.update((version, code) for version, code, _ in labels)
        self._used.update(map(tuple, used))

    @property
    def as_of(self) -> date | None:
        """The SnapshotDate of meta.csv."""
        return self._snapshot

    @property
    def complete(self) -> bool:
        """Whether meta.csv does not say that there is only an update."""
        return not self._update

    @property
    def _update(self) -> bool:
        return bool(self._types) and self._types[0] == "update"

    def selector(self, part: str) -> Selector:
        """Return what decides on the rows of a part."""
        return {
            META.name: self._meta,
            ENTERPRISE.name: self._enterprise,
            DENOMINATION.name: self._denomination,
            ADDRESS.name: self._address,
            CODE.name: self._code,
            ACTIVITY.name: self._activity,
        }[part]

    def confirm(self, part: str, row: Row) -> Row | OutOfScope | Refusal:
        """Let an enterprise pass that has a name, and what is said of one that has."""
        if part == CODE.name:
            return row if row[:2] in self._used else NOT_USED
        number = row[0]
        if number in self._named:
            return row
        if part == ENTERPRISE.name:
            return Refusal("no-name", "EnterpriseNumber", number, "")
        return OTHER_ENTERPRISE

    def _meta(self, row: Row) -> OutOfScope | Refusal:
        variable, value = row
        if variable == "SnapshotDate":
            if not is_day_first_date(value):
                return Refusal("date", "Value", value, "14-03-2005")
            self._snapshot = date.fromisoformat(iso_date(value))
        elif variable == "ExtractType":
            self._types.append(value.lower())
            if len(self._types) > 1 and self._types[-1] != "update":
                raise _in_order(
                    sentence("full-follows", "An extract that is no update follows another one.")
                )
        elif variable == "ExtractNumber":
            number = int(value) if value.isdecimal() else 0
            if self._extract and number != self._extract + 1:
                raise _in_order(
                    sentence(
                        "extract-follows-not",
                        "Extract {extract} does not follow extract {before}.",
                        extract=value,
                        before=self._extract,
                    )
                )
            self._extract = number
        return ABOUT_EXTRACT

    def _enterprise(self, row: Row) -> Row | OutOfScope:
        dotted, status, kind, form, form_cac, started = row
        if kind != LEGAL_PERSON:
            return NATURAL_PERSON if kind == NATURAL else NOT_LEGAL_PERSON
        form = form_cac or form
        if form not in self._forms:
            return NOT_SSE
        self._in_scope.add(dotted)
        return (
            dotted.replace(".", ""),
            form,
            "active" if status else "",
            iso_date(started),
            "legal-category-be",
        )

    def _outside(self, dotted: str) -> OutOfScope | Refusal | None:
        """Return why nothing is said of an entity, if so."""
        if dotted in self._in_scope:
            return None
        if len(dotted) == ESTABLISHMENT_LENGTH:
            return ESTABLISHMENT
        if dotted in self._known:
            return OTHER_ENTERPRISE
        if self._update:
            return NOT_IN_UPDATE
        return Refusal("orphan", "EntityNumber", dotted, "enterprise.csv")

    def _denomination(self, row: Row) -> Row | OutOfScope | Refusal:
        dotted, language, kind, name = row
        if outside := self._outside(dotted):
            return outside
        if kind == BRANCH_NAME:
            return BRANCH
        name = name.strip()
        if not name:
            return Refusal("required", "Denomination", "", "")
        names = [""] * (2 * len(LANGUAGES))
        if kind == LEGAL_NAME:
            self._named.add(dotted)
            names[int(language)] = name
        else:
            names[len(LANGUAGES) + int(language)] = name
        return (dotted.replace(".", ""), *names)

    def _address(self, row: Row) -> Row | OutOfScope | Refusal:
        dotted, kind, country_nl, country_fr, postcode, town_nl, town_fr, struck_off = row
        if outside := self._outside(dotted):
            return outside
        if kind != "REGO" or struck_off:
            return NOT_REGISTERED
        if not self._placed.add(dotted):
            return Refusal("duplicate", "EntityNumber", dotted, "")
        region = "" if country_nl or country_fr else province(postcode)
        return (dotted.replace(".", ""), postcode, town_fr.strip(), town_nl.strip(), region)

    def _activity(self, row: Row) -> Row | OutOfScope | Refusal:
        dotted, version, code, classification = row
        if outside := self._outside(dotted):
            return outside
        if classification != "MAIN":
            return NOT_MAIN
        labelled = (version, code) in self._labelled
        if version not in NACE and not labelled:
            return OLD_NACE
        if labelled and dotted in self._named:
            self._used.add((version, code))
        return (
            dotted.replace(".", ""),
            *self._division(version, code),
            code if version in NACE else "",
            *((version, code) if labelled else ("", "")),
        )

    def _code(self, row: Row) -> Row | OutOfScope:
        category, code, language, text = row
        version = NACE_BEL.get(category)
        if version is None:
            return OTHER_LIST
        if (label := (version, code, language)) in self._labels:
            return SAID_BEFORE
        self._labels.add(label)
        self._labelled.add((version, code))
        labels = [text.strip() if language == each else "" for each in ("FR", "NL", "DE", "EN")]
        return (version, code, *labels, *self._division(version, code))

    def _division(self, version: str, code: str) -> tuple[str, str]:
        """Return the divisions of NACE Rev. 2 and Rev. 2.1 that a code lies in, where it does."""
        scheme = NACE.get(version, "")
        division = code[:2] if scheme and code[:2] in self._divisions[scheme] else ""
        return (division, "") if version == "2008" else ("", division)


def _in_order(why: Sentence) -> WrongFiles:
    return WrongFiles(
        why,
        place="meta.csv",
        remedy=sentence(
            "name-in-order",
            "Name a full extract first, then every update since, in the order of their numbers.",
        ),
    )


KBO = Source(
    name="kbo",
    description=DatasetDescription(
        title={
            "fr": "Entreprises de l'ESS de la Banque-Carrefour des Entreprises",
            "nl": "SSE-ondernemingen uit de Kruispuntbank van Ondernemingen",
            "en": "SSE enterprises of the Crossroads Bank for Enterprises",
        },
        description={
            "fr": "Personnes morales dont la forme juridique relève d'une famille de l'ESS.",
            "nl": "Rechtspersonen met een rechtsvorm die tot een SSE-familie behoort.",
            "en": "Legal persons whose juridical form belongs to a family of the SSE.",
        },
        publisher="organisation/fps-economy",
        spatial=("BE",),
        themes=("ECON",),
        frequency="MONTHLY",
        hvd="c_a9135398",  # companies and company ownership
    ),
    parts=(META, ENTERPRISE, DENOMINATION, ADDRESS, CODE, ACTIVITY),
    mapping=HERE / "mapping.ttl",
    begin=KboSession,
)
