"""How often the right enterprise comes first, on a sample; benchmarks/reconcile.py is the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vises.benchmarks.dirt import KINDS
from vises.benchmarks.enterprises import write_enterprises
from vises.benchmarks.reconcile import (
    Measured,
    indexed,
    known_in,
    known_of_sirene,
    measure,
    write_known,
)
from vises.service.search.likeness import likeness, spelt
from vises.service.search.matching import Batch, Sought, match_all

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LEAST = 0.95


def together(found: Mapping[str, Measured]) -> Measured:
    total = Measured()
    for one in found.values():
        total.add(one)
    return total


def test_invented_names(tmp_path: Path) -> None:
    triples = tmp_path / "invented.nt"
    write_enterprises(triples, 2000)
    known = known_in(triples)
    index = indexed(triples, tmp_path / "index")
    found = measure(index, known, 20)
    total = together(found)
    assert total.asked == 20 * len(KINDS)
    assert total.recall >= LEAST, total.missed
    assert total.precision >= LEAST
    assert total.wrongly_certain == 0
    assert all(one.recall >= 0.8 for one in found.values())
    strangers = ["Boulangerie Dupont", "Zorgbedrijf Antwerpen", "Garage du Centre SA"]
    for answer in match_all(index, Batch([Sought(name) for name in strangers])):
        assert not any(candidate["match"] for candidate in answer)


@pytest.mark.shared
def test_real_names(shared: Path, tmp_path: Path) -> None:
    known = known_of_sirene(shared / "data" / "sirene" / "units_with_ess_flag.csv")
    assert len(known) > 2000
    written = tmp_path / "real.nt"
    write_known(written, known)
    kinds = [kind for kind in KINDS if "region" not in kind]
    total = together(measure(indexed(written, tmp_path / "index"), known, 30, kinds))
    assert total.recall >= LEAST, total.missed
    assert total.precision >= LEAST


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("L'ATELIER COMMUN ASBL", "atelier commun"),
        ("A.S.B.L. Les Amis du Parc", "Les amis du parc (association sans but lucratif)"),
        ("Œuvre Sociale Liégeoise", "LIEGEOISE OEUVRE SOCIALE VZW"),
        ("Fed. nat. des Scop", "Fédération nationale des Scop"),
        ("SCOP Ti'ka", "ti ka, société coopérative de production"),
    ],
)
def test_the_same_name_in_other_dress(one: str, other: str) -> None:
    assert likeness(spelt(one), spelt(other)) > 90


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Atelier commun", "Atelier du Bois"),
        ("Association sportive de Lens", "Association sportive de Lille"),
        ("ASBL Arc-en-ciel", "ASBL"),
    ],
)
def test_names_of_others(one: str, other: str) -> None:
    assert likeness(spelt(one), spelt(other)) < 90
