"""The releases as an Atom feed (RFC 4287)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.service.releases.view import Line
    from vises.service.texts import Texts

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"


def feed(releases: Sequence[Line], origin: str, base: str, words: Texts) -> bytes:
    """Return the feed of some releases, newest first (one at least).

    `origin` is where the service is, `base` the base of its IRIs, by which an entry is known.
    """
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed", {"xml:lang": words.language})
    _text(root, "id", f"{base}releases")
    _text(root, "title", words("releases.feed-title"))
    _text(root, "updated", releases[0].created.isoformat(timespec="seconds"))
    _link(root, "self", f"{origin}/releases.atom", MEDIA_TYPE)
    _link(root, "alternate", f"{origin}/releases", "text/html")
    for release in releases:
        root.append(_entry(release, origin, base, words))
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _entry(release: Line, origin: str, base: str, words: Texts) -> ET.Element:
    entry = ET.Element(f"{{{_ATOM}}}entry")
    moment = release.created.isoformat(timespec="seconds")
    _text(entry, "id", f"{base}release/{release.id}")
    message = _safe(release.message) or words("releases.withheld")
    _text(entry, "title", words("releases.entry-title", release=release.id, message=message))
    _text(entry, "published", moment)
    _text(entry, "updated", moment)
    _text(ET.SubElement(entry, f"{{{_ATOM}}}author"), "name", _safe(release.author) or "VISES")
    _link(entry, "alternate", f"{origin}/releases/{release.id}", "text/html")
    said = words(
        "releases.entry", added=release.added, removed=release.removed, n=release.statements
    )
    _text(entry, "summary", said)
    return entry


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}{name}").text = text


def _link(parent: ET.Element, relation: str, href: str, media_type: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}link", rel=relation, href=href, type=media_type)


def _safe(text: str) -> str:
    """Return a text without the control characters that XML 1.0 does not hold (section 2.2)."""
    return "".join(c for c in text if (c >= " " or c in "\t\n\r") and c not in "\ufffe\uffff")
