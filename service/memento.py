"""Memento (RFC 7089): what an address showed in earlier releases.

This is pattern 1.1 of the RFC (section 4.1.1): the address of a resource is its own TimeGate. It
answers a request with Accept-Datetime by redirecting (302) to the memento, which has an address of
its own, ``?release=ID``. Pattern 2.1 is for archives apart from the resources they keep, and ours
lie in one store. The patterns that answer with 200 would give one address several states, so that
none of them could be cited, or kept by a cache for good.

Without Accept-Datetime the address shows the current state. The state at a moment is that of the
last release made until then; before the first release it is that of the first (section 4.5.3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from vises.errors import BadRequest, sentence
from vises.service.iris import in_release
from vises.service.public import PATH_SAFE, origin_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from starlette.requests import Request

    from vises.store.releases import Release

TIMEMAP = "/timemap"
LINK_FORMAT = "application/link-format"

_MOST_KEPT = 256

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)


class AcceptDatetimeMalformed(BadRequest):
    """The header Accept-Datetime is not a moment (RFC 7089, section 4.5.3)."""

    kind = "accept-datetime"
    title = "The moment cannot be read"


def asked_moment(request: Request) -> datetime | None:
    """Return the moment of the header Accept-Datetime (section 2.1.1), None without the header.

    Raises `AcceptDatetimeMalformed`.
    """
    values = request.headers.getlist("accept-datetime")
    if not values:
        return None
    found = _moment(values[0]) if len(values) == 1 else None
    if found is None:
        raise AcceptDatetimeMalformed(
            sentence("not-one-moment", "{text!r} is not one moment.", text=", ".join(values)[:80]),
            place="header Accept-Datetime",
            remedy=sentence("send-moment", "Send one such as Thu, 01 Jan 2026 12:00:00 GMT."),
        )
    return found


@lru_cache(_MOST_KEPT)
def http_date(moment: datetime) -> str:
    """Return a moment as HTTP writes it (RFC 9110, section 5.6.7).

    >>> http_date(datetime(2026, 1, 1, 12, tzinfo=UTC))
    'Thu, 01 Jan 2026 12:00:00 GMT'
    """
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def state_at(releases: Sequence[Release], moment: datetime) -> Release:
    """Return the last of some releases (oldest first) made until a moment, else the first.

    Moments have whole seconds, so a release counts from the beginning of its second.
    """
    made = [r for r in releases if r.created.replace(microsecond=0) <= moment]
    return made[-1] if made else releases[0]


@dataclass(frozen=True)
class Mementos:
    """The links of one address: `origin` is where the service is, `path` begins with a slash."""

    origin: str
    path: str

    @classmethod
    def of(cls, request: Request, path: str) -> Mementos:
        """Return those of a path (not quoted) on the service that a request came to."""
        return cls(origin_of(request), quote(path, safe=PATH_SAFE))

    def absolute(self, target: str) -> str:
        """Return the absolute address of a path with its slash; one of elsewhere as it is."""
        return self.origin + target if target.startswith("/") else target

    @property
    def original(self) -> str:
        """The address itself, which is the original resource and its TimeGate."""
        return self.origin + self.path

    @property
    def timemap(self) -> str:
        """The address of the TimeMap."""
        return self.origin + TIMEMAP + self.path

    def memento(self, release: Release) -> str:
        """Return the address of the state in a release."""
        return in_release(self.original, release.id)

    def links(self) -> list[str]:
        """Return the links that hold for ever: original, TimeGate, TimeMap (section 2.2)."""
        return [
            f'<{self.original}>; rel="original timegate"',
            f'<{self.timemap}>; rel="timemap"; type="{LINK_FORMAT}"',
        ]

    def around(
        self, release: Release, releases: Sequence[Release], *, lasting: bool = False
    ) -> list[str]:
        """Return the links to a memento, its neighbours, the first and the last (section 2.2.4).

        `releases` has the oldest first. An answer that is kept for long (`lasting`) does not name
        the last memento, which will be another one.
        """
        place = int(release.id)
        neighbours = [
            ("first", releases[:1]),
            ("prev", [r for r in releases if int(r.id) < place][-1:]),
            ("", [release]),
            ("next", [r for r in releases if int(r.id) > place][:1]),
            ("last", [] if lasting else releases[-1:]),
        ]
        return list(self._typed((word, r) for word, found in neighbours for r in found))

    def listed(self, releases: Sequence[Release]) -> str:
        """Return the TimeMap as link-format (section 5): all mementos, oldest first."""
        moments = [r.created for r in releases]
        bounds = f'from="{http_date(min(moments))}"; until="{http_date(max(moments))}"'
        ends = [("first", releases[0]), *(("", r) for r in releases), ("last", releases[-1])]
        links = [
            f'<{self.original}>; rel="original timegate"',
            f'<{self.timemap}>; rel="self"; type="{LINK_FORMAT}"; {bounds}',
            *self._typed(ends),
        ]
        return ",\n".join(links) + "\n"

    def _typed(self, named: Iterable[tuple[str, Release]]) -> Iterator[str]:
        """Yield one link for each release, with all that it is called."""
        words: dict[str, list[str]] = {}
        releases: dict[str, Release] = {}
        for word, release in named:
            words.setdefault(release.id, []).extend([word] if word else [])
            releases[release.id] = release
        for name, release in releases.items():
            relation = " ".join([*words[name], "memento"])
            moment = http_date(release.created)
            yield f'<{self.memento(release)}>; rel="{relation}"; datetime="{moment}"'


def _moment(text: str) -> datetime | None:
    match = _HTTP_DATE.fullmatch(text.strip())
    if not match or match[2] not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(match[n]) for n in (1, 3, 4, 5, 6))
    try:
        return datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
