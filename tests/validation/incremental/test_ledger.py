"""Results are kept once, patched, and found again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vises.validation.incremental.kept import KeptResults
from vises.validation.incremental.ledger import BASE, CHANGES, LEAST_CHANGES, Ledger
from vises.validation.report import Result

if TYPE_CHECKING:
    from pathlib import Path

U, V = "unit-u", "unit-v"


def result(focus: str, severity: str = "Warning", text: str = "Ça") -> Result:
    return Result(focus, "<p>", '"v"', "component", severity, "shape", {"fr": text, "en": "That"})


def ledger(count: int) -> Ledger:
    judged = {(U, f"<{n}>"): [result(f"<{n}>")] for n in range(count)}
    return Ledger(frozenset()).patched({U, V}, {U, V}, judged)


def folder(tmp_path: Path, name: str) -> Path:
    path = tmp_path / name
    path.mkdir()
    return path


def test_a_patch_replaces_the_results_of_its_pairs() -> None:
    before = ledger(3)
    judged = {(U, "<1>"): [], (U, "<2>"): [result("<2>", "Info")], (V, "<1>"): [result("<1>")]}
    after = before.patched({U, V}, set(), judged)
    assert sorted(r.focus for r in after.results()) == ["<0>", "<1>", "<2>"]
    assert after.counts == {"Warning": 2, "Info": 1}
    assert before.counts == {"Warning": 3}
    assert after.of((U, "<1>")) == ()


def test_of_a_unit_that_is_judged_whole_nothing_is_kept() -> None:
    before = ledger(3).patched({U, V}, set(), {(V, "<9>"): [result("<9>")]})
    after = before.patched({U, V}, {U}, {(U, "<7>"): [result("<7>")]})
    assert {r.focus for r in after.results()} == {"<7>", "<9>"}
    assert before.patched({V}, set(), {}).counts == {"Warning": 1}


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    kept = ledger(3).patched({U, V}, set(), {(U, "<1>"): []})
    place = folder(tmp_path, "1")
    KeptResults().write(kept, place, None)
    again = KeptResults().read(place)
    assert list(again.results()) == list(kept.results())
    assert again.counts == kept.counts
    assert again.units == {U, V}


def test_a_small_change_shares_the_file_and_a_long_one_writes_it_anew(tmp_path: Path) -> None:
    results = KeptResults()
    places = [folder(tmp_path, str(number)) for number in range(3)]
    first = ledger(1000).folded()
    results.write(first, places[0], None)
    second = KeptResults()
    small = second.read(places[0]).patched({U, V}, set(), {(U, "<1>"): []})
    second.write(small, places[1], places[0])
    assert (places[1] / BASE).samefile(places[0] / BASE)
    assert len((places[1] / CHANGES).read_bytes()) < 200
    many = {(U, f"<{n}>"): [result(f"<{n}>", text="Neuf")] for n in range(LEAST_CHANGES + 1)}
    second.write(small.patched({U, V}, set(), many), places[2], places[1])
    assert not (places[2] / BASE).samefile(places[0] / BASE)
    for place in places[1:]:
        assert list(KeptResults().read(place).results())
    assert KeptResults().read(places[2]).counts == {"Warning": 1000}


def test_what_was_written_for_a_change_that_was_dropped_is_not_taken_for_kept(
    tmp_path: Path,
) -> None:
    results = KeptResults()
    published, dropped, after = (folder(tmp_path, name) for name in "abc")
    results.write(ledger(2), published, None)
    results.write(ledger(500), dropped, published)
    results.write(results.read(published), after, published)
    assert results.read(published).counts == {"Warning": 2}
    assert KeptResults().read(after).counts == {"Warning": 2}


@pytest.mark.parametrize(
    "spoilt", [b"", b"{}\n", b"[1]\n", b'{"units": 3, "counts": {}}\n', b"\xff"]
)
@pytest.mark.parametrize("name", [BASE, CHANGES])
def test_what_is_spoilt_is_as_if_nothing_were_known(
    tmp_path: Path, spoilt: bytes, name: str
) -> None:
    place = folder(tmp_path, "1")
    KeptResults().write(ledger(300).folded(), place, None)
    whole = (place / name).read_bytes()
    if name == BASE:
        spoilt = whole[: len(whole) // 2]
    (place / name).write_bytes(spoilt)
    assert KeptResults().read(place).units == frozenset()
    (place / name).unlink()
    assert KeptResults().read(place).units == frozenset()
    assert KeptResults().read(None).units == frozenset()
