"""Signposts for programs: FAIR Signposting in headers (level 1) and as a link set (level 2)."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LINKSET = "/linkset"
"""Where link sets are: `/linkset/enterprise/fr-1` is that of the page of `/enterprise/fr-1`."""

MEDIA_TYPE = "application/linkset+json"

_BACK = {"describedby": "describes", "item": "collection"}
"""The relations that lead back from where a signpost leads to."""


@dataclass(frozen=True)
class Signpost:
    """A typed link: its relation (RFC 8288), where it leads, and the media type of what is there.

    The target is an absolute IRI, or a path of the service with its slash.
    """

    relation: str
    target: str
    media_type: str | None = None

    def __str__(self) -> str:
        """Return the link as it stands in a Link header."""
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{self.target}>; rel="{self.relation}"{kind}'


def linkset(page: str, signposts: Iterable[Signpost], absolute: Callable[[str], str]) -> str:
    """Return the links of a page, and those back to it, as a document (RFC 9264, section 4.2).

    `absolute` makes an absolute IRI of a target.
    """
    anchor = absolute(page)
    forward: dict[str, list[dict[str, str]]] = defaultdict(list)
    backward: dict[str, dict[str, list[dict[str, str]]]] = {}
    for signpost in signposts:
        target = absolute(signpost.target)
        kind = {"type": signpost.media_type} if signpost.media_type else {}
        forward[signpost.relation].append({"href": target, **kind})
        if back := _BACK.get(signpost.relation):
            links = backward.setdefault(target, {})
            links[back] = [{"href": anchor, "type": "text/html"}]
    contexts: list[dict[str, object]] = [{"anchor": anchor, **forward}]
    contexts += [{"anchor": target, **links} for target, links in backward.items()]
    return json.dumps({"linkset": contexts}, ensure_ascii=False, indent=1) + "\n"
