"""How many active enterprises a region and its parts have, by family: the index counts them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from vises.errors import Unavailable
from vises.service.iris import in_release, last_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.pages.regions.gathering import Around
    from vises.service.pages.regions.telling import Teller
    from vises.service.pages.visit import Visit

NO_FAMILY = ""
"""What stands for the family of a legal form that has none."""

PATIENCE = 0.3
"""For how many seconds a page waits for the index, which counts."""


@dataclass(frozen=True)
class EnterpriseCounts:
    """The numbers by region and family."""

    numbers: Mapping[str, Mapping[str, int]]

    def within(self, regions: Iterable[str]) -> Counter[str]:
        """Return the numbers of regions together, by family."""
        found: Counter[str] = Counter()
        for region in regions:
            found.update(self.numbers.get(region, {}))
        return found


async def enterprise_counts(visit: Visit) -> EnterpriseCounts | None:
    """Return the numbers of the release of a visit, None until the index of it is there.

    The page is one to be asked for again then.
    """

    async def count() -> EnterpriseCounts:
        return EnterpriseCounts(await visit.facts.enterprises(PATIENCE))

    try:
        found: EnterpriseCounts = await visit.facts.kept.get("enterprises", count)
    except Unavailable:
        visit.unfinished.add("enterprises")
        return None
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
    """The active enterprises of a region: how many, by family (None: not known), and some.

    `wider` are the regions around it in which the registers place enterprises without saying in
    which part, with how many there are: it may be here.
    """

    number: int | None
    wider: Sequence[tuple[Mention, int]]
    families: Sequence[FamilyCount]
    sample: Sequence[Mention]
    search: str


def enterprises(around: Around, code: str, teller: Teller) -> Enterprises:
    """Return the enterprises of the region of a code as its page shows them."""
    speaker = teller.speaker
    counts = around.counts
    numbers = counts.within(around.below) if counts else None
    wider = [
        (teller.region(whole), number)
        for whole in around.above
        if counts and (number := counts.within([whole]).total())
    ]
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
        wider,
        families,
        sorted(mentions, key=lambda m: m.name.text.casefold()),
        _search(code, None, speaker),
    )


def _search(code: str, family: str | None, speaker: Speaker) -> str:
    family_asked = {"family": family} if family else {}
    asked = {"kind": "enterprise", "region": code, **family_asked, "ceased": "no"}
    return in_release(
        f"/search?{urlencode(asked)}", speaker.addresses.release, speaker.addresses.language
    )
