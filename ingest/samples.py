"""What the generators of samples return: invented data in the formats of the real files.

The enterprises cannot be taken for real ones: SIREN numbers that start with 000 and KBO/BCE
numbers that start with 0000 are not given to anyone, though their check digits are right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Defect:
    """A row that was spoilt on purpose, and the rule that must find it."""

    file: str
    line: int
    rule: str


@dataclass(frozen=True)
class Sample:
    """Files of invented data.

    `enterprises` are the last parts of the IRIs of those to be published, such as
    `fr-000000018`; `defects` all rows that belong into the quarantine.
    """

    files: tuple[Path, ...]
    enterprises: tuple[str, ...]
    defects: tuple[Defect, ...]
