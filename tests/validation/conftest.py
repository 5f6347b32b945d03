"""What the tests of validation share: how long the campaign of random changes is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--random-changes",
        type=int,
        default=None,
        help="how many random changes to compare with validating everything",
    )
