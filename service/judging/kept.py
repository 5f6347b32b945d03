"""Reports that are kept for a while, so that a page has an address and downloads."""

from __future__ import annotations

import re
import shutil
import time
from contextlib import suppress
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.judging.errors import ReportGone
from vises.service.judging.work import FORMS, PATH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEPT_SECONDS = 3600
"""For how long a report is kept."""

MOST_BYTES = 512 << 20
"""What all reports may take; the oldest go first."""

FOLDER = "reports"
_NAME = re.compile(r"[A-Za-z0-9_-]{22}")


class KeptReports:
    """Reports in a folder of the data folder, which several server processes share.

    The name of a report is 128 random bits, so that only who was told it can read the report.
    """

    def __init__(self, data: Path) -> None:
        """Take the data folder."""
        self._folder = data / FOLDER

    def keep(self, made: Path) -> str:
        """Take over the folder of a report, and return its name. Raises `OSError`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = token_urlsafe(16)
        made.rename(self._folder / name)
        self.sweep()
        return name

    def find(self, name: str) -> Path:
        """Return the folder of a report. Raises `ReportGone`."""
        folder = self._folder / name
        if not _NAME.fullmatch(name) or not folder.is_dir() or _age(folder) > KEPT_SECONDS:
            raise ReportGone(
                sentence(
                    "reports-kept",
                    "Reports are kept for {minutes} minutes.",
                    minutes=KEPT_SECONDS // 60,
                ),
                remedy=sentence("judge-again", "Have the data judged again."),
            )
        return folder

    def sweep(self) -> None:
        """Remove what is too old, and the oldest where all are too large. Raises `OSError`."""
        taken = 0
        for folder in sorted(self._kept(), key=_age):
            taken += _size(folder)
            if _age(folder) > KEPT_SECONDS or taken > MOST_BYTES:
                shutil.rmtree(folder, ignore_errors=True)

    def _kept(self) -> Iterator[Path]:
        return (folder for folder in self._folder.iterdir() if _NAME.fullmatch(folder.name))


def downloads(name: str) -> dict[str, str]:
    """Return the addresses of the forms of a kept report, by their endings."""
    return {ending: f"{PATH}/reports/{name}.{ending}" for ending in FORMS}


def _age(folder: Path) -> float:
    """Return for how many seconds a report has been there; for ever, where another removed it.

    A time ahead of the clock, which was set back, counts as if it were as long ago.
    """
    with suppress(FileNotFoundError):
        return abs(time.time() - folder.stat().st_mtime)
    return float("inf")


def _size(folder: Path) -> int:
    with suppress(FileNotFoundError):
        return sum(file.stat().st_size for file in folder.iterdir())
    return 0
