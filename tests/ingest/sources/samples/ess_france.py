"""An invented list of SSE enterprises, in the columns of data.gouv.fr, with planted defects."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING

from vises.ingest.samples import Defect, Sample

if TYPE_CHECKING:
    from pathlib import Path

FILE = "entreprisesess.csv"
COLUMNS = (
    *("SIREN", "Nom ou raison sociale de l'entreprise", "Famille juridique de l'entreprise"),
    *("Code postal", "Libellé de la commune de l'établissement"),
    *("Code du département de l'établissement", "Département de l'établissement"),
    "Région de l'établissement",
)
FAMILIES = ("Associations", "Coopératives", "Mutuelles", "Fondations")
PLACE = ("59000", "LILLE", "59", "NORD", "HAUTS-DE-FRANCE")
RULES = ("siren-check-digit", "pattern", "required", "no-name", "cells")
LISTED, TWICE = 0.7, 0.03


def write_sample(folder: Path, register: Sample, *, seed: int = 1, dirty: float = 0.02) -> Sample:
    """Write a list into `folder` that has some of the enterprises of a sample of SIRENE.

    Some come twice, as those with a second establishment do, and a share `dirty` of the others is
    spoilt. The same arguments give the same file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(seed)
    names = _names(register)
    rows: list[list[str]] = []
    sound: list[str] = []
    defects: list[Defect] = []
    for enterprise in register.enterprises:
        if draw.random() >= LISTED:
            continue
        siren = enterprise.removeprefix("fr-")
        row = [siren, names[siren], draw.choice(FAMILIES), *PLACE]
        if draw.random() < dirty:
            rule = RULES[len(defects) % len(RULES)]
            rows.append(_spoilt(row, rule))
            defects.append(Defect(FILE, len(rows) + 1, rule))
            continue
        rows += [row] * (2 if draw.random() < TWICE else 1)
        sound.append(enterprise)
    with (folder / FILE).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows((COLUMNS, *rows))
    return Sample((folder / FILE,), tuple(sound), tuple(defects))


def _names(register: Sample) -> dict[str, str]:
    """Return the names of a sample of SIRENE by SIREN; of a SIREN that comes twice, the first."""
    with register.files[0].open(encoding="utf-8", newline="") as stream:
        units = list(csv.DictReader(stream))
    return {unit["siren"]: unit["denominationUniteLegale"] or "" for unit in reversed(units)}


def _spoilt(row: list[str], rule: str) -> list[str]:
    """Return a row that breaks a rule."""
    siren, name, *others = row
    if rule == "siren-check-digit":
        siren = f"{siren[:8]}{(int(siren[8]) + 1) % 10}"
    elif rule == "pattern":
        siren = f"{siren[:3]} {siren[3:6]} {siren[6:]}"
    elif rule == "required":
        siren = ""
    elif rule == "no-name":
        name = " "
    else:
        others = others[1:]
    return [siren, name, *others]
