"""Invented tables of an observatory with their descriptions: a wide one and a long one."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING

from vises.ingest.samples import Defect, Sample

if TYPE_CHECKING:
    from pathlib import Path

AREAS = {
    "Bruxelles": "BE1",
    "Flandre": "BE2",
    "Wallonie": "BE3",
    "Hauts-de-France": "FRE",
    "Grand Est": "FRF",
}
FAMILIES = {"Associations": "association", "Coopératives": "cooperative", "Ensemble": "total"}
YEARS = ("2021", "2022", "2023")
FIRST_LINE = 4
"""Of the rows of the wide table: two lines of title and the header stand above."""

WIDE = """\
# An invented table: one row for each region and family, one column for each year.
title: {fr: Emplois (inventés), nl: Banen (verzonnen), en: Jobs (invented)}
description: {fr: Tableau inventé., nl: Verzonnen tabel., en: Invented table.}
licence: https://creativecommons.org/licenses/by/4.0/
source:
  id: invented-table
  title: Emplois de l'économie sociale, tableau inventé
  language: fr
  publisher: invented-observatory
  publisher_name: Observatoire inventé
  issued: 2024-11
header: 3
last: {last}
decimal: ","
thousands: " "
missing: ["n.d.", "-"]
flags: {(p): provisional, (e): estimated, "s": fewer-than-three}
constants: {measure: fullTimeEquivalents, perimeter: observatoire-es}
dimensions:
  area:
    column: Région
    codes: {areas}
  family:
    column: Famille
    codes: {families}
values:
  - {column: "2021", period: 2021}
  - {column: "2022", period: 2022}
  - {column: "2023", period: 2023}
"""


def write_sample(folder: Path, *, seed: int = 1) -> Sample:
    """Write a wide table with semicolons and its description into `folder`.

    Five of its cells are spoilt. The same arguments give the same files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(seed)
    rows = [
        [area, family, *(_number(draw) for _ in YEARS)] for area in AREAS for family in FAMILIES
    ]
    rows[2][4] += " (p)"
    rows[3][3] = "n.d."
    rows[4][2] = "12,0 s"
    spoilt = {
        (0, 2): ("12.5", "written-number"),
        (5, 3): ("12 (x)", "written-number"),
        (7, 4): ("", "required"),
        (9, 2): ("1 2345,0", "written-number"),
    }
    for (row, column), (text, _) in spoilt.items():
        rows[row][column] = text
    rows[11][0] = "Atlantide"
    table = folder / "table.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        write = csv.writer(stream, delimiter=";", lineterminator="\n").writerow
        write(["Tableau 1 : emplois en équivalents temps plein, inventés"])
        write([])
        write(["Région", "Famille", *YEARS])
        for cells in rows:
            write(cells)
        write(["Source : aucune", "", "", "", ""])
    defects = [Defect(table.name, FIRST_LINE + row, rule) for (row, _), (_, rule) in spoilt.items()]
    defects += [Defect(table.name, FIRST_LINE + 11, "unknown-code") for _ in YEARS]
    description = folder / "table.yml"
    text = WIDE.replace("{last}", str(FIRST_LINE + len(rows) - 1))
    for name, codes in (("{areas}", AREAS), ("{families}", FAMILIES)):
        listed = ", ".join(f'"{label}": {code}' for label, code in codes.items())
        text = text.replace(name, "{" + listed + "}")
    description.write_text(text, encoding="utf-8")
    return Sample((description, table), (), tuple(defects))


def _number(draw: random.Random) -> str:
    """Return a number as people of the region write it: 12 345,5."""
    whole = f"{draw.randint(100, 99999):,}".replace(",", " ")
    return f"{whole},{draw.randint(0, 9)}"
