"""Between CIDS and VISES by the alignment, statement by statement, so that nothing is lost.

A statement whose translation says all that it said is replaced. One whose translation says less
is kept beside it, and the translation is left out again on the way back. What the alignment does
not translate stays as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING

from pyoxigraph import (
    Literal,
    NamedNode,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from vises.ingest.alignments import alignment
from vises.ingest.cids.measures import to_measures, to_values
from vises.ingest.vocabulary import files
from vises.namespaces import PREFIXES, VOCABULARY_BASE, term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    Step = Callable[[Triple], Triple | None]

TYPE, RESULT = term("rdf:type"), term("vises:IndicatorResult")
DAY, INSTANT = term("xsd:date"), term("xsd:dateTime")
ENDED = NamedNode(f"{PREFIXES['prov']}endedAtTime")
FIRST_MOMENT, LAST_MOMENT = "T00:00:00Z", "T23:59:59Z"
"""What a day becomes: a period begins with its first moment, and takes in the last one."""

INSTANT_FORM = re.compile(r"(\d{4}-\d\d-\d\d)T.+")

PATHS = """SELECT ?class ?property {
  ?shape sh:targetClass ?class ; (sh:property|sh:or|sh:and|rdf:first|rdf:rest)*/sh:path ?property
}"""
USES = "SELECT ?class ?property { ?property schema:domainIncludes ?class }"
DAYS = "SELECT ?property { ?property schema:rangeIncludes xsd:date }"


ALIKE = {
    term(f"vises:{name}")
    for name in ("about", "forOutcome", "partOfModel", "periodStart", "periodEnd")
}
"""Properties that say as much as one of CIDS on the things that CIDS knows, though not in general.

The alignment says how they differ; they are translated both ways as if they matched exactly.
"""


class _Terms:
    """The alignment with CIDS as tables, and which property goes with which class."""

    def __init__(self) -> None:
        store = Store()
        for path in [*files("ontology"), *files("shapes")]:
            store.extend(parse(path=str(path), format=RdfFormat.TURTLE, base_iri=VOCABULARY_BASE))
        self.uses = {(row[0], row[1]) for query in (PATHS, USES) for row in _rows(store, query)}
        self.days = {row[0] for row in _rows(store, DAYS)}
        self.to_vises: dict[NamedNode, list[NamedNode]] = defaultdict(list)
        self.to_cids: dict[NamedNode, NamedNode] = {}
        self.inverse: dict[NamedNode, NamedNode] = {}
        for c in alignment("cids").correspondences:
            ours, theirs, how = NamedNode(c.subject), NamedNode(c.object), NamedNode(c.predicate)
            exact = how == term("skos:exactMatch") or ours in ALIKE
            if exact or how == term("skos:narrowMatch"):
                self.to_vises[theirs].append(ours)
            if exact or how == term("skos:broadMatch"):
                self.to_cids[ours] = theirs
            if how == term("owl:inverseOf"):
                self.inverse[theirs] = ours
        self.classes = self.to_cids.keys() | self.to_vises.keys()


def _rows(store: Store, query: str) -> QuerySolutions:
    rows = store.query(query, prefixes=PREFIXES)
    assert isinstance(rows, QuerySolutions)
    return rows


@cache
def _terms() -> _Terms:
    return _Terms()


class _Translator:
    """Translates the statements of one graph, whose types say what each property means."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._terms = _terms()
        self._classes: dict[object, set[NamedNode]] = defaultdict(set)
        self._described: set[object] = set()
        for triple in triples:
            if triple.predicate == TYPE and isinstance(triple.object, NamedNode):
                known = self._terms.to_vises.get(triple.object, [triple.object])
                self._classes[triple.subject].update(known)
                if triple.object in self._terms.classes:
                    self._described.add(triple.subject)

    def to_vises(self, triple: Triple) -> Triple | None:
        """Return what a CIDS statement says in VISES terms, if it says anything."""
        subject, predicate, value = triple.subject, triple.predicate, triple.object
        if predicate == TYPE:
            kinds = self._terms.to_vises.get(value) if isinstance(value, NamedNode) else None
            return Triple(subject, TYPE, kinds[0]) if kinds else None
        if inverse := self._terms.inverse.get(predicate):
            if isinstance(value, Literal) or not self._takes(value, inverse):
                return None
            return Triple(value, inverse, subject)
        for meant in self._terms.to_vises.get(predicate, ()):
            if self._takes(subject, meant):
                converted = self._day(value) if meant in self._terms.days else value
                return None if converted is None else Triple(subject, meant, converted)
        return None

    def to_cids(self, triple: Triple) -> Triple | None:
        """Return what a VISES statement says in CIDS terms, if CIDS has terms for it."""
        subject, predicate, value = triple.subject, triple.predicate, triple.object
        if predicate == TYPE:
            kind = self._terms.to_cids.get(value) if isinstance(value, NamedNode) else None
            return Triple(subject, TYPE, kind) if kind else None
        theirs = self._terms.to_cids.get(predicate)
        if theirs is None or not self._takes(subject, predicate) or subject not in self._described:
            return None
        if isinstance(value, Literal):
            if predicate in self._terms.days and value.datatype == DAY:
                moment = LAST_MOMENT if theirs == ENDED else FIRST_MOMENT
                value = Literal(value.value + moment, datatype=INSTANT)
            elif value.language:
                value = Literal(value.value)
        return Triple(subject, theirs, value)

    def results(self) -> AbstractSet[object]:
        """Return the nodes that are results of indicators, in either vocabulary."""
        return {node for node, kinds in self._classes.items() if RESULT in kinds}

    def _takes(self, node: object, ours: NamedNode) -> bool:
        return any((kind, ours) in self._terms.uses for kind in self._classes[node])

    @staticmethod
    def _day(value: object) -> Literal | None:
        """Return the day of an instant as it is written, whatever its time zone."""
        if not isinstance(value, Literal) or value.datatype not in {DAY, INSTANT}:
            return None
        if value.datatype == DAY:
            return value
        instant = INSTANT_FORM.fullmatch(value.value)
        return Literal(instant[1], datatype=DAY) if instant else None


def to_vises(triples: Iterable[Triple]) -> frozenset[Triple]:
    """Return a CIDS graph in VISES terms, with what VISES has no term for in those of CIDS."""
    given = frozenset(triples)
    translator = _Translator(given)
    translated = _translate(given, translator.to_vises, translator.to_cids)
    return to_values(translated, translator.results())


def to_cids(triples: Iterable[Triple], language: str = "en") -> frozenset[Triple]:
    """Return a VISES graph in CIDS terms, with what CIDS has no term for in those of VISES.

    CIDS names have no language: of several, that in `language` becomes the name, else the English
    one, else the first by its tag; all are kept beside it.
    """
    given = frozenset(triples)
    translator = _Translator(given)
    given = to_measures(given, translator.results())
    chosen = _in_one_language(given, language)

    def there(triple: Triple) -> Triple | None:
        return translator.to_cids(triple) if triple in chosen else None

    return _translate(given, there, translator.to_vises)


def _translate(given: AbstractSet[Triple], there: Step, back: Step) -> frozenset[Triple]:
    """Translate each statement, unless one that was kept beside its translation says it already.

    `there` is the translation, and `back` the one in the other direction.
    """
    already = {back(triple) for triple in given}
    images = {triple: there(triple) for triple in given if triple not in already}
    partial = {image for triple, image in images.items() if image and back(image) != triple}
    out = {image for image in images.values() if image}
    out |= {
        triple
        for triple, image in images.items()
        if image is None or image in partial or back(image) != triple
    }
    return frozenset(out)


def _in_one_language(given: AbstractSet[Triple], language: str) -> AbstractSet[Triple]:
    """Return the statements without those that say in another language what one says in it."""
    spoken: dict[object, list[tuple[tuple[int, str, str], Triple]]] = defaultdict(list)
    for triple in given:
        if isinstance(triple.object, Literal) and (tag := triple.object.language):
            wish = 0 if tag.startswith(language) else 1 if tag.startswith("en") else 2
            rank = (wish, tag, triple.object.value)
            spoken[triple.subject, triple.predicate].append((rank, triple))
    others = {t for same in spoken.values() for _, t in sorted(same, key=itemgetter(0))[1:]}
    return given - others
