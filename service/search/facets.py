"""What an answer can be limited by further, with the number of results of each choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.pages.labels import Name
from vises.service.search.codes import ACTIVITIES, FAMILIES, REGIONS, THEMES
from vises.service.search.schema import ACTIVITY, CEASED, FICTITIOUS, FORM, KIND, REGION, THEME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vises.service.search.codes import Codes
    from vises.service.search.wanted import Wanted
    from vises.service.texts import Texts

KIND_TEXTS = {
    "enterprise": "search.enterprise",
    "indicator": "search.indicator",
    "region": "search.region",
    "method": "search.method",
    "account": "search.account",
    "publication": "search.publication",
    "dataset": "search.dataset",
    "organisation": "search.organisation",
    "concept": "search.concept",
    "term": "search.term",
    "question": "search.question",
}
TITLE_TEXTS = {
    "kind": "search.by-kind",
    "region": "search.by-region",
    "family": "search.by-family",
    "activity": "search.by-activity",
    "theme": "search.by-theme",
    "ceased": "search.by-status",
    "fictitious": "search.by-fictitious",
}
_CEASED_TEXTS = {"yes": "search.ceased", "no": "search.not-ceased"}
_TRUTH_TEXTS = {"yes": "search.invented", "no": "search.real"}

_BASES = {"region": REGIONS, "family": FAMILIES, "activity": ACTIVITIES, "theme": THEMES}

_MOST = 12
_FEW = 3
"""Of so few of the broadest codes the next narrower ones are shown, too."""


@dataclass(frozen=True)
class Choice:
    """A code that the answer can be limited to; `depth` is its place in the hierarchy."""

    value: str
    label: Name
    count: int
    chosen: bool
    depth: int = 0


@dataclass(frozen=True)
class Facet:
    """The choices of one parameter, and how many more there are than are shown."""

    parameter: str
    choices: tuple[Choice, ...]
    left_out: int = 0


class Facets:
    """Makes the facets of one answer for one visitor."""

    def __init__(
        self,
        wanted: Wanted,
        counts: Mapping[str, Mapping[str, int]],
        codes: Codes,
        words: Texts,
    ) -> None:
        """Take the search, the numbers of its answer, and what names them."""
        self._wanted = wanted
        self._counts = counts
        self._codes = codes
        self._words = words

    def all(self) -> list[Facet]:
        """Return those facets that have a choice."""
        counts = self._counts
        families = {
            code: count
            for code, count in self._codes.totals(counts.get(FORM, {})).items()
            if code.startswith(FAMILIES)
        }
        found = [
            self._worded("kind", counts.get(KIND, {}), KIND_TEXTS),
            self._tree("region", REGIONS, counts.get(REGION, {})),
            self._flat("family", FAMILIES, families),
            self._tree("activity", ACTIVITIES, counts.get(ACTIVITY, {})),
            self._flat("theme", THEMES, counts.get(THEME, {})),
            self._worded("ceased", counts.get(CEASED, {}), _CEASED_TEXTS),
            self._worded("fictitious", counts.get(FICTITIOUS, {}), _TRUTH_TEXTS),
        ]
        return [facet for facet in found if facet.choices]

    def _worded(self, parameter: str, counts: Mapping[str, int], texts: Mapping[str, str]) -> Facet:
        choices = [
            self._choice(parameter, value, self._said(texts[value]), count)
            for value, count in _largest(counts)
        ]
        return Facet(parameter, tuple(choices))

    def _flat(self, parameter: str, base: str, counts: Mapping[str, int]) -> Facet:
        own = {code: n for code, n in counts.items() if code.startswith(base)}
        shown = _largest(own)[:_MOST]
        choices = tuple(self._coded(parameter, base, code, count) for code, count in shown)
        return Facet(parameter, choices, len(own) - len(shown))

    def _tree(self, parameter: str, base: str, counts: Mapping[str, int]) -> Facet:
        """Return the way down to the chosen code and what is right below it."""
        totals = {c: n for c, n in self._codes.totals(counts).items() if c.startswith(base)}
        value = self._wanted.limit(parameter)
        path = self._codes.path(base + value) if value is not None else []
        choices = [
            self._coded(parameter, base, code, totals.get(code, 0), depth)
            for depth, code in enumerate(path)
            if code.startswith(base)
        ]
        below = list(self._below(path[-1] if path else None, totals, len(path)))
        choices += [
            self._coded(parameter, base, code, totals[code], depth) for code, depth in below[:_MOST]
        ]
        return Facet(parameter, tuple(choices), max(0, len(below) - _MOST))

    def _below(
        self, code: str | None, totals: Mapping[str, int], depth: int
    ) -> Iterator[tuple[str, int]]:
        narrower = {c: totals[c] for c in self._codes.below(code, totals)}
        for one, _ in _largest(narrower):
            yield one, depth
            if code is None and len(narrower) <= _FEW:
                yield from self._below(one, totals, depth + 1)

    def _coded(self, parameter: str, base: str, code: str, count: int, depth: int = 0) -> Choice:
        label = self._codes.name(code, self._words.language)
        return self._choice(parameter, code.removeprefix(base), label, count, depth)

    def _choice(
        self, parameter: str, value: str, label: Name, count: int, depth: int = 0
    ) -> Choice:
        chosen = self._wanted.limit(parameter) == value
        return Choice(value, label, count, chosen, depth)

    def _said(self, key: str) -> Name:
        return Name(self._words(key), self._words.language)


def limit_names(wanted: Wanted, codes: Codes, words: Texts) -> list[tuple[str, Name]]:
    """Return the parameters that limit a search, each with what its value is called."""
    worded = {"kind": KIND_TEXTS, "ceased": _CEASED_TEXTS, "fictitious": _TRUTH_TEXTS}
    return [
        (name, Name(words(worded[name][value]), words.language))
        if name in worded
        else (name, codes.name(_BASES[name] + value, words.language))
        for name, value in wanted.limits
    ]


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
