"""How many enterprises a region and its parts have, by family; counted once for a release."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode

from vises.service.iris import in_release, last_part
from vises.store.engine import QueryTimeout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.graph import Row
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.pages.regions.gathering import Around
    from vises.service.pages.visit import Visit

NO_FAMILY = ""
"""What stands for the family of a legal form that has none."""


@dataclass(frozen=True)
class EnterpriseCounts:
    """The numbers by region and family."""

    numbers: Mapping[str, Mapping[str, int]]

    @classmethod
    def read(cls, rows: Iterable[Row]) -> EnterpriseCounts:
        """Collect the solutions of queries/pages/enterprises-by-region.rq."""
        numbers: dict[str, Counter[str]] = {}
        for row in rows:
            region, number, family = row.get("region"), row["enterprises"], row.get("family")
            if isinstance(region, NamedNode) and isinstance(number, Literal):
                name = family.value if isinstance(family, NamedNode) else NO_FAMILY
                numbers.setdefault(region.value, Counter())[name] += int(number.value)
        return cls(numbers)

    def within(self, regions: Iterable[str]) -> Counter[str]:
        """Return the numbers of regions together, by family."""
        found: Counter[str] = Counter()
        for region in regions:
            found.update(self.numbers.get(region, {}))
        return found


async def enterprise_counts(visit: Visit) -> EnterpriseCounts | None:
    """Return the numbers of the release of a visit, None where counting takes too long.

    That is tried once for a release: the page says that they are not known.
    """

    async def count() -> EnterpriseCounts | None:
        try:
            return EnterpriseCounts.read(await visit.graph.select("enterprises-by-region"))
        except QueryTimeout:
            return None

    found: EnterpriseCounts | None = await visit.facts.kept.get("enterprises", count)
    return found


@dataclass(frozen=True)
class FamilyCount:
    """How many enterprises have a legal form of a family, None for forms that have none.

    `search` is where they are listed.
    """

    family: Mention | None
    number: int
    search: str


@dataclass(frozen=True)
class Enterprises:
    """The enterprises of a region: how many, by family (None: not known), and some of them."""

    number: int | None
    families: Sequence[FamilyCount]
    sample: Sequence[Mention]
    search: str


def enterprises(around: Around, code: str, speaker: Speaker) -> Enterprises:
    """Return the enterprises of the region of a code as its page shows them."""
    numbers = around.counts.within(around.below) if around.counts else None
    mentions = [speaker.thing(e.value) for e in around.sample]
    families = [
        FamilyCount(
            speaker.thing(family) if family != NO_FAMILY else None,
            number,
            _search(code, last_part(family) if family != NO_FAMILY else None, speaker),
        )
        for family, number in (numbers.most_common() if numbers else ())
    ]
    return Enterprises(
        numbers.total() if numbers is not None else None,
        families,
        sorted(mentions, key=lambda m: m.name.text.casefold()),
        _search(code, None, speaker),
    )


def _search(code: str, family: str | None, speaker: Speaker) -> str:
    asked = {"kind": "enterprise", "region": code} | ({"family": family} if family else {})
    return in_release(
        f"/search?{urlencode(asked)}", speaker.addresses.release, speaker.addresses.language
    )
