"""Invented SIRENE files: the 35 real columns, head offices in Hauts-de-France, planted defects."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING

from vises.ingest.samples import Defect, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

UNITS_FILE = "StockUniteLegale_utf8.csv"
ESTABLISHMENTS_FILE = "StockEtablissement_utf8.csv"
UNIT_COLUMNS = (
    *("siren", "statutDiffusionUniteLegale", "unitePurgeeUniteLegale", "dateCreationUniteLegale"),
    *("sigleUniteLegale", "sexeUniteLegale", "prenom1UniteLegale", "prenom2UniteLegale"),
    *("prenom3UniteLegale", "prenom4UniteLegale", "prenomUsuelUniteLegale"),
    *("pseudonymeUniteLegale", "identifiantAssociationUniteLegale", "trancheEffectifsUniteLegale"),
    *("anneeEffectifsUniteLegale", "dateDernierTraitementUniteLegale"),
    *("nombrePeriodesUniteLegale", "categorieEntreprise", "anneeCategorieEntreprise", "dateDebut"),
    *("etatAdministratifUniteLegale", "nomUniteLegale", "nomUsageUniteLegale"),
    *("denominationUniteLegale", "denominationUsuelle1UniteLegale"),
    *("denominationUsuelle2UniteLegale", "denominationUsuelle3UniteLegale"),
    *("categorieJuridiqueUniteLegale", "activitePrincipaleUniteLegale"),
    *("nomenclatureActivitePrincipaleUniteLegale", "nicSiegeUniteLegale"),
    *("economieSocialeSolidaireUniteLegale", "societeMissionUniteLegale"),
    *("caractereEmployeurUniteLegale", "activitePrincipaleNAF25UniteLegale"),
)
ESTABLISHMENT_COLUMNS = (
    *("siren", "nic", "siret", "statutDiffusionEtablissement", "dateCreationEtablissement"),
    *("trancheEffectifsEtablissement", "anneeEffectifsEtablissement", "etablissementSiege"),
    *("numeroVoieEtablissement", "typeVoieEtablissement", "libelleVoieEtablissement"),
    *("codePostalEtablissement", "libelleCommuneEtablissement", "codeCommuneEtablissement"),
    *("etatAdministratifEtablissement", "activitePrincipaleEtablissement"),
    *("nomenclatureActivitePrincipaleEtablissement", "caractereEmployeurEtablissement"),
)
COMMUNES = (
    *(("59350", "LILLE", "59000"), ("59512", "ROUBAIX", "59100"), ("59599", "TOURCOING", "59200")),
    *(("59178", "DOUAI", "59500"), ("59606", "VALENCIENNES", "59300")),
    *(("59183", "DUNKERQUE", "59140"), ("62041", "ARRAS", "62000"), ("62193", "CALAIS", "62100")),
    *(("62160", "BOULOGNE-SUR-MER", "62200"), ("62498", "LENS", "62300")),
    *(("80021", "AMIENS", "80000"), ("80001", "ABBEVILLE", "80100"), ("02408", "LAON", "02000")),
    *(("02691", "SAINT-QUENTIN", "02100"), ("60057", "BEAUVAIS", "60000")),
    *(("60159", "COMPIEGNE", "60200"), ("75056", "PARIS", "75011"), ("31555", "TOULOUSE", "31000")),
)
THINGS = (
    *("L'ATELIER", "LA RESSOURCERIE", "LES JARDINS", "LE CAFE SOLIDAIRE", "LA MAISON"),
    *("LA REGIE", "L'EPICERIE", "LE GARAGE SOLIDAIRE", "LA CONCIERGERIE", "LE FOURNIL"),
    *("LA TROUPE", "L'ECOLE DE MUSIQUE", "LE CLUB", "LA CRECHE", "LA FERME", "LE FABLAB"),
)
PLACES = (
    *("DE BRUMEVAL", "DE SAINT AUBRIN LES ETANGS", "DE LARQUEMONT", "DU BOIS CENDRIER"),
    *("DES TROIS PELUCHES", "DE VERTEBRUNE", "DU CANAL BLEU", "DE MONTPELUCHE"),
    *("DE L'ÎLE AUX HÉRONS", "DU PONT QUI DANSE", "DE VALCHARDON", "DES SEPT MOULINETS"),
)
SSE_FORMS = (
    *(("9220",) * 60 + ("9210",) * 6 + ("9221",) * 3 + ("9230",) * 2),
    *(("9300",) * 3 + ("8210",) * 3 + ("5458",) * 4 + ("5460",) * 6 + ("5560", "6317")),
)
COMPANY_FORMS = ("5499", "5710")
ACTIVITIES = (
    *("94.99Z", "88.10A", "88.99B", "85.59A", "93.12Z", "90.01Z", "87.30A", "38.11Z", "81.30Z"),
    *("56.29A", "01.13Z", "47.79Z", "62.01Z", "96.01A"),
)
SIZES = ("NN",) * 8 + ("00",) * 2 + ("01",) * 4 + ("02",) * 3 + ("03", "11", "12", "21")
ACTIVE, REGISTERED, ALSO_KNOWN, SECOND_SITE = 0.85, 0.6, 0.2, 0.1
RULES = ("date", "siren-check-digit", "duplicate", "unknown-code", "cells")


KINDS = ("sse", "person", "company", "masked")
SHARES = (75, 10, 12, 3)
FLAGS = ("O",) * 8 + ("N", "")

Row = dict[str, str]


def write_sample(folder: Path, *, units: int = 3000, seed: int = 1, dirty: float = 0.01) -> Sample:
    """Write both files into `folder`: `units` rows of units, of which a share `dirty` is spoilt.

    About three in four rows are SSE; the others are natural persons, companies and masked units,
    so that scope has something to do. The same arguments give the same files. There are 99,999
    numbers to give.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(seed)  # noqa: S311 (a sample, not a secret)
    kinds = draw.choices(KINDS, SHARES, k=units)
    rows = [_unit(draw, number, kind) for number, kind in enumerate(kinds, 1)]
    sites = [site for row in rows for site in _sites(draw, row)]
    ids = [f"fr-{row['siren']}" for row in rows]
    cells = [[row[name] for name in UNIT_COLUMNS] for row in rows]
    spoilt = {
        position: _spoil(cells, position, draw.choice(RULES))
        for position in sorted(draw.sample(range(1, units), int(units * dirty)))
    }
    files = folder / UNITS_FILE, folder / ESTABLISHMENTS_FILE
    _write(files[0], UNIT_COLUMNS, cells)
    _write(
        files[1],
        ESTABLISHMENT_COLUMNS,
        [[s.get(c, "") for c in ESTABLISHMENT_COLUMNS] for s in sites],
    )
    return Sample(
        files,
        tuple(ids[i] for i, kind in enumerate(kinds) if kind == "sse" and i not in spoilt),
        tuple(Defect(UNITS_FILE, position + 2, rule) for position, rule in spoilt.items()),
    )


def _unit(draw: random.Random, number: int, kind: str) -> Row:
    year = draw.randint(1955, 2025)
    size = draw.choice(SIZES)
    row = dict.fromkeys(UNIT_COLUMNS, "")
    row |= {
        "siren": _siren(number),
        "statutDiffusionUniteLegale": "O",
        "dateCreationUniteLegale": _day(draw, year),
        "trancheEffectifsUniteLegale": size,
        "anneeEffectifsUniteLegale": "" if size == "NN" else "2023",
        "dateDernierTraitementUniteLegale": f"{_day(draw, 2025)}T08:30:00.000",
        "nombrePeriodesUniteLegale": str(draw.randint(1, 6)),
        "dateDebut": _day(draw, draw.randint(year, 2025)),
        "etatAdministratifUniteLegale": "A" if draw.random() < ACTIVE else "C",
        "activitePrincipaleUniteLegale": draw.choice(ACTIVITIES),
        "nomenclatureActivitePrincipaleUniteLegale": "NAFRev2",
        "nicSiegeUniteLegale": "00012",
        "caractereEmployeurUniteLegale": "N" if size == "NN" else "O",
    }
    return row | _of_kind(draw, kind)


def _of_kind(draw: random.Random, kind: str) -> Row:
    if kind == "person":
        return {"categorieJuridiqueUniteLegale": "1000", "nomUniteLegale": "PERSONNE-FICTIVE"}
    name = f"{draw.choice(THINGS)} {draw.choice(PLACES)}"
    if kind == "company":
        return {
            "categorieJuridiqueUniteLegale": draw.choice(COMPANY_FORMS),
            "denominationUniteLegale": f"SOCIETE {name}",
            "economieSocialeSolidaireUniteLegale": draw.choice(("N", "")),
        }
    form = draw.choice(SSE_FORMS)
    sse = {
        "categorieJuridiqueUniteLegale": form,
        "denominationUniteLegale": name,
        "economieSocialeSolidaireUniteLegale": draw.choice(FLAGS),
    }
    if form.startswith("92") and draw.random() < REGISTERED:
        sse["identifiantAssociationUniteLegale"] = f"W000{draw.randrange(10**6):06d}"
    if draw.random() < ALSO_KNOWN:
        sse["sigleUniteLegale"] = "".join(word[0] for word in name.replace("'", " ").split())
        sse["denominationUsuelle1UniteLegale"] = name.title()
    if kind == "masked":
        sse |= {"statutDiffusionUniteLegale": "P", "denominationUniteLegale": "[ND]"}
    return sse


def _sites(draw: random.Random, unit: Row) -> list[Row]:
    """Return the head office of a unit, and now and then a second establishment."""
    sites = []
    for nic in ("00012", "00020")[: 2 if draw.random() < SECOND_SITE else 1]:
        commune, town, postcode = draw.choice(COMMUNES)
        siret = f"{unit['siren']}{nic[:4]}"
        sites.append(
            {
                "siren": unit["siren"],
                "nic": nic,
                "siret": siret + _luhn_digit(siret),
                "statutDiffusionEtablissement": unit["statutDiffusionUniteLegale"],
                "dateCreationEtablissement": unit["dateCreationUniteLegale"],
                "etablissementSiege": "true" if nic == "00012" else "false",
                "numeroVoieEtablissement": str(draw.randint(1, 99)),
                "typeVoieEtablissement": "RUE",
                "libelleVoieEtablissement": "DES INVENTIONS",
                "codePostalEtablissement": postcode,
                "libelleCommuneEtablissement": town,
                "codeCommuneEtablissement": commune,
                "etatAdministratifEtablissement": "A",
            }
        )
    return sites


def _spoil(rows: list[list[str]], position: int, rule: str) -> str:
    """Spoil a row so that it breaks a rule, and return the rule."""
    row = rows[position]
    siren = row[UNIT_COLUMNS.index("siren")]
    if rule == "date":
        row[UNIT_COLUMNS.index("dateCreationUniteLegale")] = "2019-02-31"
    elif rule == "siren-check-digit":
        row[UNIT_COLUMNS.index("siren")] = f"{siren[:8]}{(int(siren[8]) + 1) % 10}"
    elif rule == "duplicate":
        row[UNIT_COLUMNS.index("siren")] = rows[0][UNIT_COLUMNS.index("siren")]
    elif rule == "unknown-code":
        row[UNIT_COLUMNS.index("categorieJuridiqueUniteLegale")] = "0000"
    else:
        del row[20:]
    return rule


def _siren(number: int) -> str:
    return f"{number:08d}{_luhn_digit(f'{number:08d}')}"


def _luhn_digit(digits: str) -> str:
    """Return the digit that makes `digits` and itself pass the Luhn check."""
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    total = sum(doubled[int(d)] for d in digits[::-2]) + sum(int(d) for d in digits[-2::-2])
    return str(-total % 10)


def _day(draw: random.Random, year: int) -> str:
    return f"{year}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows((columns, *rows))
