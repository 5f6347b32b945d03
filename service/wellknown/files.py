"""The short texts that programs look for at fixed addresses."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from vises.languages import LANGUAGES
from vises.service.memento import Mementos

if TYPE_CHECKING:
    from datetime import datetime

    from vises.store.releases import Release

SECURITY_PATH = "/.well-known/security.txt"
SECURITY_DAYS = 180
"""For how long the contact is promised: RFC 9116 advises less than a year (section 2.5.5)."""

CLOSED = ("/sparql?", "/graphs", "/timemap/", "/search?", "/linkset/")
"""What crawlers are asked to leave alone: answers to questions, of which there is no end."""


def robots(origin: str) -> str:
    """Return the rules for crawlers (RFC 9309): pages and files are open, endless ones are not."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED)]
    return "\n".join([*lines, "", f"Sitemap: {origin}/sitemap.xml", ""])


def security(origin: str, contact: str, now: datetime) -> str:
    """Return whom to tell about a weakness (RFC 9116); it expires at the end of a day (UTC).

    Only an address over https may be canonical (section 2.5.2).
    """
    day = (now + timedelta(days=SECURITY_DAYS)).date()
    lines = [
        f"Contact: {contact}",
        f"Expires: {day.isoformat()}T00:00:00Z",
        f"Preferred-Languages: {', '.join(LANGUAGES)}",
    ]
    if origin.startswith("https://"):
        lines.append(f"Canonical: {origin}{SECURITY_PATH}")
    return "\n".join([*lines, ""])


def citation(release: Release, publisher: str, base: str, origin: str, licence: str | None) -> str:
    """Return how a release is cited (Citation File Format 1.2.0).

    Values are written as JSON writes texts, which YAML reads alike. `licence` is an identifier of
    SPDX, None where not all datasets of the release have the same one, or SPDX does not know it.
    """
    mementos = Mementos(origin, f"/releases/{release.id}")
    lines = [
        "cff-version: 1.2.0",
        'message: "Please cite the release whose data you used."',
        "type: dataset",
        f"title: {_text(f'VISES, release {release.id}')}",
        "authors:",
        f"  - name: {_text(publisher)}",
        f"version: {_text(release.id)}",
        f"date-released: {release.created.date().isoformat()}",
        f"url: {_text(mementos.original)}",
        "identifiers:",
        "  - type: url",
        f"    value: {_text(f'{base}release/{release.id}')}",
        '    description: "The IRI of the release"',
        "keywords:",
        '  - "social and solidarity economy"',
        '  - "social impact"',
        '  - "linked data"',
    ]
    if licence:
        lines.append(f"license: {_text(licence)}")
    return "\n".join([*lines, ""])


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
