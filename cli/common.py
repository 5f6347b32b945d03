"""What several commands share."""

from __future__ import annotations

import getpass
import os
from enum import StrEnum
from typing import TYPE_CHECKING
from unicodedata import category

from vises.errors import BadInput, BadRequest, NotFound
from vises.ingest.files import InputMissing
from vises.settings import Settings
from vises.store.releases import Release, ReleaseStore, UnknownRelease
from vises.validation.gate import package_gate as gate

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Language", "gate", "named", "read_file", "who"]

_NO_TEXT = {"Cc", "Cs"}
"""The categories of Unicode of control characters, and of bytes that are not UTF-8."""

CURRENT = "current"
"""What the published release is called; no tag may be called so."""


class Language(StrEnum):
    """The languages of messages and reports."""

    en = "en"
    fr = "fr"
    nl = "nl"


def who(author: str) -> str:
    """Return who makes a change: the author that is given, else the login of who runs the command.

    A release says so for good, in texts of several forms. Raises `BadRequest` where the name is no
    line of text in UTF-8, or where the user has none.
    """
    name = author or _login()
    if any(category(character) in _NO_TEXT for character in name):
        raise BadRequest(
            f"The name {name!r} is not in UTF-8, or has control characters.",
            place="--author",
            remedy="Say who it is on one line of text in UTF-8.",
        )
    return name


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # what Python raises depends on its version
        raise BadRequest(
            f"The user {os.getuid()} has no name on this machine.",
            place="--author",
            remedy="Say who it is with --author, or set LOGNAME.",
        ) from None


def named(store: ReleaseStore, settings: Settings, name: str | None) -> Release:
    """Return the release with an id or a tag; the published one for `current` and for no name.

    Raises `NotFound`, also where nothing was published yet.
    """
    if name is not None and name != CURRENT:
        try:
            return store.resolve(name)
        except UnknownRelease:
            if (tagged := store.tags().get(name)) is None:
                raise
            raise UnknownRelease(
                f"The tag {name} names release {tagged!r}, which is not there.",
                remedy="Put the release back from a backup (`vises releases restore`), or take the"
                f" tag away: `vises releases tag --remove {name}`.",
            ) from None
    release = store.current()
    if release is None:
        raise NotFound(
            "Nothing is published yet.",
            place=str(settings.data),
            remedy="Run `vises demo` or `vises ingest` first, or set VISES_DATA.",
        )
    return release


def read_file(path: Path) -> bytes:
    """Return what a file holds. Raises `InputMissing`, and `BadInput` where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputMissing(
            "There is no such file.", place=str(path), remedy="Check its name."
        ) from None
    except OSError as error:
        raise BadInput(
            f"{error.strerror}.", place=str(path), remedy="Name a file that you may read."
        ) from None
