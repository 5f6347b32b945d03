"""An invented KBO/BCE extract: the real files and quoting, in Wallonia, Brussels and Flanders."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from vises.ingest.samples import Defect, Sample

if TYPE_CHECKING:
    from pathlib import Path

SNAPSHOT = "01-10-2025"
HEADERS = {
    "meta": ("Variable", "Value"),
    "enterprise": (
        *("EnterpriseNumber", "Status", "JuridicalSituation", "TypeOfEnterprise"),
        *("JuridicalForm", "JuridicalFormCAC", "StartDate"),
    ),
    "denomination": ("EntityNumber", "Language", "TypeOfDenomination", "Denomination"),
    "address": (
        *("EntityNumber", "TypeOfAddress", "CountryNL", "CountryFR", "Zipcode", "MunicipalityNL"),
        *("MunicipalityFR", "StreetNL", "StreetFR", "HouseNumber", "Box", "ExtraAddressInfo"),
        "DateStrikingOff",
    ),
    "activity": ("EntityNumber", "ActivityGroup", "NaceVersion", "NaceCode", "Classification"),
}
UNQUOTED = {"StartDate", "DateStrikingOff"}
TOWNS = (
    *(("1000", "Brussel", "Bruxelles", "1"), ("1080", "Sint-Jans-Molenbeek", "Molenbeek", "1")),
    *(("1348", "Ottignies-Louvain-la-Neuve", "Ottignies-Louvain-la-Neuve", "1"),),
    *(("4000", "Luik", "Liège", "1"), ("4800", "Verviers", "Verviers", "1")),
    *(("5000", "Namen", "Namur", "1"), ("6000", "Charleroi", "Charleroi", "1")),
    *(("7000", "Bergen", "Mons", "1"), ("7500", "Doornik", "Tournai", "1")),
    *(("6700", "Aarlen", "Arlon", "1"), ("8500", "Kortrijk", "Courtrai", "2")),
    *(("8000", "Brugge", "Bruges", "2"), ("8400", "Oostende", "Ostende", "2")),
    *(("8900", "Ieper", "Ypres", "2"), ("8800", "Roeselare", "Roulers", "2")),
    *(("9000", "Gent", "Gand", "2"), ("2000", "Antwerpen", "Anvers", "2")),
)
NAMES = {
    "1": (
        *("L'Atelier", "La Ressourcerie", "La Ferme", "Le Restaurant social", "La Maison"),
        *("L'École de devoirs", "Le Potager", "La Recyclerie", "Le Théâtre"),
    ),
    "2": (
        *("De Kringwinkel", "Het Buurthuis", "De Zorgboerderij", "De Sociale Kruidenier"),
        *("Het Atelier", "De Fietspunt", "De Moestuin", "Het Dienstencentrum"),
    ),
}
PLACES = {
    "1": (
        "de Sombrelune",
        "du Val Pétillant",
        "de Grandchardon",
        "des Sept Hiboux",
        "de Marlouette",
    ),
    "2": (
        "van Zeelekkerke",
        "van het Zilverven",
        "van Druilbeke",
        "van de Zeven Uilen",
        "'t Wolkje",
    ),
}
SSE_FORMS = ("017",) * 14 + ("125", "026", "026", "029", "706", "706", "706")
OTHER_FORMS = ("610", "612", "014")
CODES = {
    "2025": ("94999", "88999", "88101", "85599", "90200", "87300", "38110", "56112", "81300"),
    "2008": ("94999", "88999", "88109", "85599", "90042", "87302", "38110", "56101", "81300"),
}
KINDS, SHARES = ("sse", "person", "company"), (60, 25, 15)
SHORT_NAME, FORMER_FORM, OLD_NACE = 0.15, 0.05, 0.2
RULES = ("date", "kbo-check-digit", "orphan")

Rows = dict[str, list[Sequence[str]]]


def write_sample(
    folder: Path, *, enterprises: int = 2000, seed: int = 1, dirty: float = 0.01
) -> Sample:
    """Write an extract into `folder`: `enterprises` rows, of which a share `dirty` is spoilt.

    About three in five are SSE by their form; the others are natural persons and companies. The
    same arguments give the same files. There are 9,999 numbers to give.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(seed)  # noqa: S311 (a sample, not a secret)
    kinds = draw.choices(KINDS, SHARES, k=enterprises)
    spoilt = {
        position: draw.choice(RULES)
        for position in draw.sample(range(enterprises), int(enterprises * dirty))
    }
    rows: Rows = {name: [] for name in HEADERS}
    rows["meta"] = [
        *(("SnapshotDate", SNAPSHOT), ("ExtractTimestamp", f"{SNAPSHOT} 07:40:18")),
        *(("ExtractType", "full"), ("ExtractNumber", "000"), ("Version", "1.0.0")),
    ]
    defects: list[Defect] = []
    for position, kind in enumerate(kinds):
        _enterprise(draw, rows, position + 1, kind)
        if rule := spoilt.get(position):
            defects += _spoil(rows, position + 1, rule)
    for name, table in rows.items():
        _write(folder / f"{name}.csv", HEADERS[name], table)
    return Sample(
        (folder,),
        tuple(
            f"be-{_digits(i + 1)}"
            for i, kind in enumerate(kinds)
            if kind == "sse" and spoilt.get(i) in {None, "orphan"}
        ),
        tuple(sorted(defects, key=lambda d: (d.file, d.line))),
    )


def _enterprise(draw: random.Random, rows: Rows, number: int, kind: str) -> None:
    """Add an enterprise, its names, its address and its activities."""
    dotted = _dotted(_digits(number))
    postcode, town_nl, town_fr, language = draw.choice(TOWNS)
    started = f"{draw.randint(1, 28):02d}-{draw.randint(1, 12):02d}-{draw.randint(1955, 2025)}"
    form, form_cac, name = "", "", "Natuurlijke persoon (verzonnen)"
    if kind != "person":
        form = draw.choice(SSE_FORMS if kind == "sse" else OTHER_FORMS)
        name = f"{draw.choice(NAMES[language])} {draw.choice(PLACES[language])}"
    if kind == "sse" and draw.random() < FORMER_FORM:
        form, form_cac = "008", "706"
    person = "1" if kind == "person" else "2"
    rows["enterprise"].append((dotted, "AC", "000", person, form, form_cac, started))
    rows["denomination"].append((dotted, language, "001", name))
    if kind != "person" and draw.random() < SHORT_NAME:
        short = "".join(word[0] for word in name.split()).upper()
        rows["denomination"].append((dotted, language, "002", short))
    street = ("Verzonnen straat", "Rue des Inventions", str(draw.randint(1, 200)))
    rows["address"].append(
        (dotted, "REGO", "", "", postcode, town_nl, town_fr, *street, "", "", "")
    )
    version = "2008" if draw.random() < OLD_NACE else "2025"
    for classification in ("MAIN", "SECO")[: draw.randint(1, 2)]:
        code = draw.choice(CODES[version])
        rows["activity"].append((dotted, "001", version, code, classification))


def _spoil(rows: Rows, number: int, rule: str) -> list[Defect]:
    """Spoil the enterprise that was added last; return where its rows break which rule."""
    dotted = _dotted(_digits(number))
    if rule == "orphan":
        stranger = _dotted(_digits(number, first="0001"))
        rows["denomination"].append((stranger, "1", "001", "Nom sans entreprise"))
        return [Defect("denomination.csv", len(rows["denomination"]) + 1, rule)]
    if rule == "date":
        *head, _ = rows["enterprise"][-1]
        rows["enterprise"][-1] = (*head, "31-02-2001")
        return [Defect("enterprise.csv", len(rows["enterprise"]) + 1, rule)]
    wrong = f"{dotted[:-2]}{(int(dotted[-2:]) + 1) % 97:02d}"
    defects = []
    for name in ("enterprise", "denomination", "address", "activity"):
        for index, row in enumerate(rows[name]):
            if row[0] == dotted:
                rows[name][index] = (wrong, *row[1:])
                defects.append(Defect(f"{name}.csv", index + 2, rule))
    return defects


def _digits(number: int, first: str = "0000") -> str:
    base = f"{first}{number:04d}"
    return f"{base}{97 - int(base) % 97:02d}"


def _dotted(digits: str) -> str:
    return f"{digits[:4]}.{digits[4:7]}.{digits[7:]}"


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as KBO/BCE does: text in quotes, dates and empty cells without."""
    lines = [",".join(f'"{name}"' for name in columns)]
    for row in rows:
        cells = zip(columns, row, strict=True)
        lines.append(",".join(_cell(name, value) for name, value in cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _cell(column: str, value: str) -> str:
    if not value or column in UNQUOTED:
        return value
    return '"{}"'.format(value.replace('"', '""'))
