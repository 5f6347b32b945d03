"""The value of a result: a number in VISES, in CIDS a measure that holds a number as text."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from vises.ingest.cids.standard import iri
from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

TYPE, VALUE, DECIMAL = term("rdf:type"), term("vises:value"), term("xsd:decimal")
MEASURE = NamedNode(iri("i72:Measure"))
HAS_MEASURE = NamedNode(iri("i72:value"))
HAS_UNIT = NamedNode(iri("i72:unit_of_measure"))
INDICATOR, UNIT = term("vises:indicator"), term("vises:unit")
HAS_NUMBER = NamedNode(iri("i72:hasNumericalValue"))
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def to_values(triples: AbstractSet[Triple], results: AbstractSet[object]) -> frozenset[Triple]:
    """Give each result that has a measure with a number its `vises:value`.

    A measure that has no name and says nothing else, but perhaps the unit of the indicator, is left
    out; any other stays beside it, and so does one whose text is no plain number, which gives no
    value.
    """
    about, references = _index(triples)
    out = set(triples)
    for triple in triples:
        result, measure = triple.subject, triple.object
        if triple.predicate != HAS_MEASURE or result not in results:
            continue
        number = _number(about[measure])
        if number is None:
            continue
        out.add(Triple(result, VALUE, Literal(number, datatype=DECIMAL)))
        if isinstance(measure, BlankNode) and references[measure] == 1:
            only = _measure(measure, number)
            if about[measure] in (only, only | _units(measure, result, about)):
                out -= {triple, *about[measure]}
    return frozenset(out)


def to_measures(triples: AbstractSet[Triple], results: AbstractSet[object]) -> frozenset[Triple]:
    """Give each value of a result its measure, unless the result has measures of its own.

    The measure has the unit of the indicator, where that is known.
    """
    about, _ = _index(triples)
    out = set(triples)
    for triple in triples:
        result, value = triple.subject, triple.object
        if triple.predicate != VALUE or result not in results or not isinstance(value, Literal):
            continue
        own = [t.object for t in about[result] if t.predicate == HAS_MEASURE]
        if any(_number(about[measure]) == value.value for measure in own):
            out.discard(triple)
        elif not own and value.datatype == DECIMAL and NUMBER.fullmatch(value.value):
            name = hashlib.sha256(f"{result} {value}".encode()).hexdigest()[:16]
            measure = BlankNode(f"m{name}")
            out.discard(triple)
            out |= {Triple(result, HAS_MEASURE, measure), *_measure(measure, value.value)}
            out |= _units(measure, result, about)
    return frozenset(out)


def _measure(measure: BlankNode, number: str) -> set[Triple]:
    return {Triple(measure, TYPE, MEASURE), Triple(measure, HAS_NUMBER, Literal(number))}


def _units(
    measure: BlankNode, result: object, about: Mapping[object, AbstractSet[Triple]]
) -> set[Triple]:
    """Return the unit of a measure as that of the indicator; nothing where it has none or two."""
    indicators = [t.object for t in about[result] if t.predicate == INDICATOR]
    units = {t.object for one in indicators for t in about[one] if t.predicate == UNIT}
    return {Triple(measure, HAS_UNIT, unit) for unit in units} if len(units) == 1 else set()


def _number(about: AbstractSet[Triple]) -> str | None:
    """Return the number of a measure where it has one, in plain digits."""
    texts = [t.object for t in about if t.predicate == HAS_NUMBER]
    numbers = [text.value for text in texts if isinstance(text, Literal)]
    return numbers[0] if len(numbers) == 1 and NUMBER.fullmatch(numbers[0]) else None


def _index(
    triples: AbstractSet[Triple],
) -> tuple[dict[object, set[Triple]], dict[object, int]]:
    """Return what is said about each node, and how often each is referred to."""
    about: dict[object, set[Triple]] = defaultdict(set)
    references: dict[object, int] = defaultdict(int)
    for triple in triples:
        about[triple.subject].add(triple)
        references[triple.object] += 1
    return about, references
