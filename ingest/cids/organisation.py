"""The report of an organisation as CIDS wants it: what its tiers ask for and VISES says elsewhere.

In VISES an indicator belongs to nobody and its unit is an IRI; in CIDS it is for one organisation
and its unit is described. Both follow from the results of the organisation, so an export is made
for one organisation at a time.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from vises.ingest.cids import standard, translation
from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

TYPE, UNIT, LABEL = term("rdf:type"), term("vises:unit"), term("skos:prefLabel")
PERIOD = ("startedAtTime", "endedAtTime")


def _cids(name: str) -> NamedNode:
    return NamedNode(standard.iri(name))


def report_of(
    organisation: NamedNode, triples: Iterable[Triple], language: str = "en"
) -> frozenset[Triple]:
    """Return what is said of an organisation and around it as CIDS data of its own.

    `triples` (VISES terms) have the organisation, its results and outcomes, their indicators and
    the names of their themes. A result without a number, an indicator or a period is no report of
    CIDS: it stays in VISES terms. Names are taken in `language` as in `translation.to_cids`.
    """
    given = frozenset(triples)
    return _Export(organisation, translation.to_cids(given, language), language).complete()


class _Export:
    """A translation to CIDS, looked up by subject and property."""

    def __init__(
        self, organisation: NamedNode, triples: AbstractSet[Triple], language: str
    ) -> None:
        self._organisation = organisation
        self._triples = triples
        self._language = language
        self._values: dict[tuple[object, str], list[object]] = defaultdict(list)
        for triple in sorted(triples, key=str):
            self._values[triple.subject, triple.predicate.value].append(triple.object)
        self._indicators = {n for n in self._of("cids:Indicator") if self._unit(n) is not None}
        self._reports = {n for n in self._of("cids:IndicatorReport") if self._is_whole(n)}

    def complete(self) -> frozenset[Triple]:
        """Return the triples with what is derived, without what the tiers would refuse."""
        out = {triple for triple in self._triples if not self._is_left_out(triple)}
        for node in self._indicators:
            out |= self._indicator(node)
        for node in self._reports:
            out |= self._named(node)
        for node in self._of("cids:Outcome"):
            out.add(Triple(self._organisation, _cids("cids:hasOutcome"), node))
        return frozenset(self._themed(out))

    def _of(self, kind: str) -> set[NamedNode]:
        wanted = _cids(kind)
        found = {t.subject for t in self._triples if t.predicate == TYPE and t.object == wanted}
        return {node for node in found if isinstance(node, NamedNode)}

    def _one(self, node: object, name: str) -> object:
        found = self._values[node, standard.iri(name)]
        return found[0] if len(found) == 1 else None

    def _unit(self, node: NamedNode) -> str | None:
        """Return what the values of a named indicator are in, None where that is not known."""
        described = self._one(node, "cids:unitDescription")
        units = [u for u in self._values[node, UNIT.value] if isinstance(u, NamedNode)]
        if self._one(node, "org:hasName") is None:
            return None
        if isinstance(described, Literal):
            return described.value
        return units[0].value.rstrip("/").rpartition("/")[2] if units else None

    def _is_whole(self, node: NamedNode) -> bool:
        needed = ("i72:value", "prov:startedAtTime", "prov:endedAtTime")
        return (
            self._one(node, "cids:forIndicator") in self._indicators
            and self._one(node, "cids:forOrganization") == self._organisation
            and all(self._one(node, name) is not None for name in needed)
        )

    def _is_left_out(self, triple: Triple) -> bool:
        """Tell whether a statement calls a report or an indicator what is none by itself."""
        if triple.predicate != TYPE:
            return False
        report = triple.object == _cids("cids:IndicatorReport")
        indicator = triple.object == _cids("cids:Indicator")
        return (report and triple.subject not in self._reports) or (
            indicator and triple.subject not in self._indicators
        )

    def _indicator(self, node: NamedNode) -> set[Triple]:
        return {
            Triple(node, _cids("cids:forOrganization"), self._organisation),
            Triple(node, _cids("cids:unitDescription"), Literal(self._unit(node) or "")),
            Triple(self._organisation, _cids("cids:hasIndicator"), node),
        }

    def _named(self, node: NamedNode) -> set[Triple]:
        """Return the name of a report, which VISES does not have: its indicator and its period."""
        if self._one(node, "org:hasName") is not None:
            return set()
        indicator = self._one(self._one(node, "cids:forIndicator"), "org:hasName")
        parts = (indicator, *(self._one(node, f"prov:{name}") for name in PERIOD))
        name, start, end = (part.value if isinstance(part, Literal) else "" for part in parts)
        written = f"{name} ({start[:10]} / {end[:10]})"
        return {Triple(node, _cids("org:hasName"), Literal(written))}

    def _themed(self, triples: AbstractSet[Triple]) -> set[Triple]:
        """Return triples whose themes are named themes of CIDS; the others are left out."""
        out: set[Triple] = set()
        for triple in triples:
            if triple.predicate != _cids("cids:forTheme"):
                out.add(triple)
            elif name := self._theme_name(triple.object):
                theme = triple.object
                assert isinstance(theme, NamedNode)
                out |= {triple, Triple(theme, TYPE, _cids("cids:Theme"))}
                out.add(Triple(theme, _cids("org:hasName"), Literal(name)))
        return out

    def _theme_name(self, node: object) -> str | None:
        given = self._one(node, "org:hasName")
        if isinstance(given, Literal):
            return given.value
        labels = [n for n in self._values[node, LABEL.value] if isinstance(n, Literal)]
        ranked = sorted(labels, key=lambda n: (n.language != self._language, n.language != "en"))
        return ranked[0].value if ranked else None
