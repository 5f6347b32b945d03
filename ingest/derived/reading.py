"""What figures are derived from, as a release has it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Variable

from vises.errors import BadInput, NotFound, Refused
from vises.ingest.disclosure.hierarchy import Hierarchy
from vises.ingest.disclosure.table import Record
from vises.ingest.provenance import PROVENANCE
from vises.namespaces import PREFIXES, Iris, term

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import Store

_COUNTED = ("perimeter", "enterprise", "area", "family")
NUTS_COUNTRY = 2
"""How many characters the code of a country has; each level of NUTS adds one."""


class CountedTwice(BadInput):
    """An enterprise has two places in one dimension of a table, whose totals are then no sums."""

    kind = "counted-twice"
    title = "An enterprise would be counted twice"


class PartlyOpen(Refused):
    """A part of what is summed can be read: subtracted from the sum, it tells of the rest."""

    kind = "partly-open"
    title = "Open results would give away closed ones"


@dataclass(frozen=True)
class Register:
    """A register as it is published: its graph, who made it, and whether it is invented.

    `readable` tells whether everybody may read it.
    """

    graph: NamedNode
    made_by: NamedNode
    fictitious: bool
    readable: bool


class Counted(NamedTuple):
    """What is counted under a perimeter: the registers, and a record for each enterprise."""

    registers: Sequence[Register]
    records: Sequence[Record]


def register(store: Store, iris: Iris, dataset: str, closed: Collection[str]) -> Register:
    """Return a published dataset; raises `NotFound` where no ingest made one of this name.

    `closed` are the graphs (IRIs) that readers may not read.
    """
    graph = iris.graph(dataset)
    provenance = iris.graph(PROVENANCE)
    made = next(store.quads_for_pattern(graph, term("prov:wasGeneratedBy"), None, provenance), None)
    if made is None or not isinstance(made.object, NamedNode):
        raise NotFound(
            f"No dataset {dataset!r} was ingested.",
            place=graph.value,
            remedy="Ingest it first; `vises releases show` lists the graphs of a release.",
        )
    invented = any(rows(store, "fictitious", ("enterprise",), register=graph))
    return Register(graph, made.object, invented, graph.value not in closed)


def demand_described(store: Store, organisation: NamedNode) -> None:
    """Raise `NotFound` where no dataset has this organisation, which is to publish."""
    kind = term("rdf:type")
    if not any(store.quads_for_pattern(organisation, kind, term("org:Organization"), None)):
        raise NotFound(
            "No dataset describes this publisher.",
            place=organisation.value,
            remedy="Ingest a file that says who it is, or name another with --publisher.",
        )


def counted(
    store: Store, registers: Iterable[Register], areas: Hierarchy, level: int
) -> Mapping[str, Counted]:
    """Return the enterprises that some registers count, by perimeter; none counts twice.

    The values of a record are the area, no narrower than `level` of NUTS (0 to 3), and the family,
    as IRIs: the total where its legal form is of none. An enterprise without an area is in no
    table. Raises `CountedTwice`, and `PartlyOpen` where one of the registers that count under a
    perimeter may be read by everybody and another may not.
    """
    found: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    counting: dict[str, dict[Register, None]] = defaultdict(dict)
    for one in registers:
        for perimeter, enterprise, area, family in rows(
            store, "enterprise-counts", _COUNTED, register=one.graph
        ):
            counting[perimeter].setdefault(one)
            values = (within(area, areas, level), family)
            before = found[perimeter].setdefault(enterprise, values)
            if before != values:
                raise CountedTwice(
                    f"It has {_words(before)} and {_words(values)}.",
                    place=enterprise,
                    remedy="Give it one region and one legal form, at the source.",
                )
    for together in counting.values():
        demand_alike([*together])
    return {
        perimeter: Counted(
            [*counting[perimeter]],
            [Record(enterprise, values) for enterprise, values in sorted(one.items())],
        )
        for perimeter, one in sorted(found.items())
    }


def demand_alike(found: Sequence[Register]) -> None:
    """Raise `PartlyOpen` where some of the datasets of a table are closed and some are not."""
    hidden = [one.graph.value for one in found if not one.readable]
    readable = [one.graph.value for one in found if one.readable]
    if hidden and readable:
        raise PartlyOpen(
            f"{', '.join(hidden)} would be summed together with what everybody reads.",
            place=", ".join(readable),
            remedy="Close these datasets, too (`vises access close`), or sum them apart.",
        )


def hierarchy(store: Store, name: str) -> Hierarchy:
    """Return the levels of a code list of ours, such as `nuts`, by IRI."""
    scheme = NamedNode(PREFIXES["code"] + name)
    found = rows(store, "broader", ("concept", "broader"), list=scheme)
    return Hierarchy({row[0]: row[1] for row in found})


def within(area: str, areas: Hierarchy, level: int) -> str:
    """Return an area itself, or the one of a level of NUTS (0 to 3) that it is in."""
    return next(
        (a for a in areas.above(area) if len(local(a)) <= NUTS_COUNTRY + level),
        areas.above(area)[-1],
    )


def local(iri: str) -> str:
    """Return the last part of an IRI, which is the notation of a concept of ours.

    >>> local("https://w3id.org/vises/code/nuts/FRE11")
    'FRE11'
    """
    return iri.rpartition("/")[2]


def _words(values: tuple[str, str]) -> str:
    return " in ".join(local(value) for value in reversed(values))


def rows(
    store: Store, name: str, variables: Sequence[str], **bound: NamedNode
) -> Iterator[tuple[str, ...]]:
    """Yield the solutions of a query of queries/derived, with some variables bound, as text."""
    text = resources.files("vises").joinpath(f"queries/derived/{name}.rq").read_text("utf-8")
    solutions = store.query(
        text,
        use_default_graph_as_union=True,
        substitutions={Variable(key): value for key, value in bound.items()},
    )
    assert isinstance(solutions, QuerySolutions)
    for solution in solutions:
        yield tuple(_text(solution[variable]) for variable in variables)


def _text(value: object) -> str:
    assert isinstance(value, BlankNode | NamedNode | Literal)
    return value.value
