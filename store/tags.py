"""Names for releases: a tagged release is never pruned."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from vises.errors import BadRequest, NotFound
from vises.store.files import explained, make_durably, sync, write_durably

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TAKEN = {"current"}
"""What addresses call a release by that moves on."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,63}")


class BadTag(BadRequest):
    """A tag cannot have that name, or names another release already."""

    kind = "tag"
    title = "The tag is not right"


class UnknownTag(NotFound):
    """There is no such tag."""

    kind = "unknown-tag"
    title = "No such tag"


class Tags:
    """The tags of a data folder: a file for each, which holds the id of the release.

    Only the holder of the writer's lock may set and remove. Raises `DataFolderError`.
    """

    def __init__(self, folder: Path) -> None:
        """Remember the folder; nothing is read yet."""
        self._folder = folder

    def all(self) -> Mapping[str, str]:
        """Return the ids of releases by tag, in the order of the tags."""
        with explained(self._folder):
            if not self._folder.exists():
                return {}
            found = {}
            for path in sorted(p for p in self._folder.iterdir() if _is_name(p.name)):
                with suppress(FileNotFoundError):  # it was taken away since
                    found[path.name] = path.read_text(encoding="utf-8", errors="replace").strip()
            return found

    def set(self, name: str, release_id: str) -> None:
        """Name a release. Raises `BadTag` for a bad name or one that names another release."""
        if name in _TAKEN:
            raise BadTag(
                f"{name!r} cannot be a tag: it means the newest release, whichever that is.",
                remedy="Choose a name that stays with one release, such as report-2026.",
            )
        if not _is_name(name):
            raise BadTag(
                f"{name[:80]!r} cannot be a tag.",
                remedy="Begin with a letter; use letters, digits, '.', '_' and '-', at most 64.",
            )
        if self.all().get(name, release_id) != release_id:
            raise BadTag(
                f"The tag {name} names release {self.all()[name]} already.",
                remedy=f"Remove it first: `vises releases tag --remove {name}`.",
            )
        self.move(name, release_id)

    def move(self, name: str, release_id: str) -> None:
        """Let a tag name a release, whatever it named before."""
        with explained(self._folder):
            make_durably(self._folder)
            write_durably(self._folder / name, f"{release_id}\n".encode())

    def remove(self, name: str) -> None:
        """Take a tag away. Raises `UnknownTag`."""
        if name not in self.all():
            raise UnknownTag(
                f"There is no tag {name[:80]!r}.", remedy="`vises releases` lists the tags."
            )
        with explained(self._folder):
            (self._folder / name).unlink()
            sync(self._folder)


def _is_name(name: str) -> bool:
    """Tell a tag from what a killed process left of one (`write_durably`)."""
    return bool(_NAME.fullmatch(name)) and not name.endswith(".tmp")
