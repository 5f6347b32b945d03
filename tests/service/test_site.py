"""Which release answers, and for how long its answers may be kept."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from vises.service.access.rights import Rights
from vises.service.site import Reading


@dataclass(frozen=True)
class Made:
    """What matters here of a release."""

    id: str


OLD, CURRENT = Made("000001"), Made("000002")


@pytest.mark.parametrize(
    ("name", "release", "chosen", "outdated", "kept"),
    [
        (None, CURRENT, None, False, "no-cache"),
        ("000002", CURRENT, "000002", False, "public, max-age=31536000, immutable"),
        ("000001", OLD, "000001", True, "public, max-age=31536000, immutable"),
        ("budget-2026", OLD, "000001", True, "no-cache"),
    ],
)
def test_only_an_id_always_means_the_same(
    name: str | None, release: Made, chosen: str | None, *, outdated: bool, kept: str
) -> None:
    reading = Reading(release, CURRENT, Rights(), name)
    assert reading.chosen == chosen
    assert reading.outdated == outdated
    assert reading.cache_control == kept
    assert reading.lasting == (kept != "no-cache")
