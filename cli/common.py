"""What several commands share."""

from __future__ import annotations

from enum import StrEnum

from vises.errors import NotFound
from vises.settings import Settings
from vises.store.releases import Release, ReleaseStore
from vises.validation.gate import package_gate as gate

__all__ = ["Language", "current", "gate"]


class Language(StrEnum):
    """The languages of messages and reports."""

    en = "en"
    fr = "fr"
    nl = "nl"


def current(store: ReleaseStore, settings: Settings) -> Release:
    """Return the published release; raises `NotFound` where nothing was published yet."""
    release = store.current()
    if release is None:
        raise NotFound(
            "Nothing is published yet.",
            place=str(settings.data),
            remedy="Run `vises demo` or `vises ingest` first, or set VISES_DATA.",
        )
    return release
