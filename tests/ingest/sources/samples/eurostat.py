"""Invented observations in the formats of Eurostat's dissemination service."""

from __future__ import annotations

import csv
import json
import random
from typing import TYPE_CHECKING

from vises.ingest.samples import Defect, Sample

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    *("DATAFLOW", "LAST UPDATE", "freq", "unit", "geo", "TIME_PERIOD"),
    *("OBS_VALUE", "OBS_FLAG", "CONF_STATUS"),
)
FLOW = "ESTAT:NAMA_10R_2GDP(1.0)"
AREAS = ("BE1", "BE2", "BE3", "FRE1", "FRE2", "DE1")
UNITS = ("MIO_EUR", "EUR_HAB")
YEARS = ("2020", "2021", "2022", "2023")


def write_sample(folder: Path, *, seed: int = 1) -> Sample:
    """Write a dataflow of regional accounts as SDMX-CSV into `folder`.

    Five of its rows are spoilt. The same arguments give the same file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(seed)
    rows = [
        [FLOW, "28/08/26 23:00:00", "A", unit, area, year, _value(draw), "", ""]
        for unit in UNITS
        for area in AREAS
        for year in YEARS
    ]
    rows[1][7] = "bp"
    rows[2][6:8] = ["", "z"]
    rows[3][7] = "c"
    spoilt = {
        5: ((5, "MMXX"), "pattern"),
        6: ((6, "1 234"), "number"),
        7: ((7, "q"), "enum"),
        9: ((3, ""), "required"),
        10: ((0, "ESTAT:OTHER(1.0)"), "dataflow"),
    }
    for row, ((column, text), _) in spoilt.items():
        rows[row][column] = text
    rows.append(list(rows[0]))
    path = folder / "nama_10r_2gdp.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\r\n").writerows((HEADER, *rows))
    defects = [Defect(path.name, row + 2, rule) for row, (_, rule) in spoilt.items()]
    defects.append(Defect(path.name, len(rows) + 1, "duplicate"))
    return Sample((path,), (), tuple(defects))


def write_population(folder: Path) -> Sample:
    """Write inhabitants by sex as JSON-stat into `folder`, one cell of them spoilt."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(1)
    codes = {
        "freq": {"A": "Annual"},
        "unit": {"NR": "Number"},
        "sex": {"T": "Total", "F": "Females"},
        "age": {"TOTAL": "Total"},
        "geo": dict.fromkeys(AREAS, ""),
        "time": {year: year for year in YEARS},
    }
    sizes = [len(each) for each in codes.values()]
    values: dict[str, object] = {
        str(cell): draw.randint(100_000, 7_000_000) for cell in range(2 * len(AREAS) * len(YEARS))
    }
    values["5"] = 12345.5
    del values["7"]
    document = {
        "version": "2.0",
        "class": "dataset",
        "label": "Population on 1 January, invented",
        "id": list(codes),
        "size": sizes,
        "dimension": {
            name: {
                "label": name,
                "category": {
                    "index": {code: position for position, code in enumerate(each)},
                    "label": {code: label or code for code, label in each.items()},
                },
            }
            for name, each in codes.items()
        },
        "value": values,
        "status": {"2": "bp", "7": "z"},
        "extension": {"id": "DEMO_R_D2JAN"},
    }
    path = folder / "demo_r_d2jan.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return Sample((path,), (), (Defect(path.name, 6, "number"),))


def _value(draw: random.Random) -> str:
    return f"{draw.randint(1000, 200000)}.{draw.randint(1, 9)}"
