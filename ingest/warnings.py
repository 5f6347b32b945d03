"""What the gate let pass with a warning, said of the dataset in graph/provenance (DQV)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from vises.ingest.provenance import PROVENANCE
from vises.namespaces import PREFIXES, Iris, term
from vises.store.transaction import Change
from vises.validation.incremental.judgement import Judgement
from vises.validation.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from pyoxigraph import Store

    from vises.store.transaction import Candidate, Verdict
    from vises.validation.report import Result

_ABOUT = term("vises:about")
_SHAPE = term("sh:sourceShape")
_DESCRIPTION = term("shapes:DatasetShape")
"""What the shapes for the description of a dataset begin with."""


def warnings_change(iris: Iris, candidate: Candidate, verdict: Verdict) -> Change:
    """Return the change by which datasets carry the warnings of the verdict.

    There is one vises:QualityWarning for each dataset and shape, with the number of results;
    warnings on blank nodes are left to the report. Those of datasets whose content was not judged
    stay, except on how they are described: graph/provenance is judged whole each time. A verdict
    that is no `Report` says nothing.
    """
    provenance = iris.graph(PROVENANCE)
    judged = candidate.incoming.keys() - {provenance}
    results = _all_results(verdict)
    counts = Counter(
        (dataset, result.shape.removeprefix(PREFIXES["shapes"]))
        for result in results
        if result.severity == "Warning" and result.shape.startswith(PREFIXES["shapes"])
        for dataset in _concerned(candidate.store, result, judged)
    )
    added = (
        Quad(subject, predicate, value, provenance)
        for (dataset, shape), count in counts.items()
        for subject, predicate, value in _warning(iris, dataset, shape, count)
    )
    return Change(_outdated(candidate.store, provenance, judged), frozenset(added))


def _all_results(verdict: Verdict) -> Iterable[Result]:
    """Return all results of the state that a verdict is on."""
    if isinstance(verdict, Judgement):
        return verdict.everything()
    return verdict.results if isinstance(verdict, Report) else ()


def _concerned(store: Store, result: Result, judged: AbstractSet[NamedNode]) -> set[NamedNode]:
    """Return the datasets that a result is on: the focus node itself, or where it is described."""
    if not result.focus.startswith("<"):
        return set()
    node = NamedNode(result.focus[1:-1])
    if _is_on_description(NamedNode(result.shape)):
        return {node}
    return {
        dataset for dataset in judged if any(store.quads_for_pattern(node, None, None, dataset))
    }


def _outdated(
    store: Store, provenance: NamedNode, judged: AbstractSet[NamedNode]
) -> frozenset[Quad]:
    """Return the statements of the warnings that were judged again."""
    return frozenset(
        quad
        for source in store.quads_for_pattern(None, _SHAPE, None, provenance)
        if _is_on_description(source.object)
        or any(Quad(source.subject, _ABOUT, dataset, provenance) in store for dataset in judged)
        for quad in store.quads_for_pattern(source.subject, None, None, provenance)
    )


def _is_on_description(shape: object) -> bool:
    return isinstance(shape, NamedNode) and shape.value.startswith(_DESCRIPTION.value)


def _warning(
    iris: Iris, dataset: NamedNode, shape: str, count: int
) -> Iterator[tuple[NamedNode, NamedNode, NamedNode | Literal]]:
    name = dataset.value.removeprefix(iris.graph("").value)
    warning = iris.of(f"warning/{name}-{shape}")
    yield warning, term("rdf:type"), term("vises:QualityWarning")
    yield warning, _ABOUT, dataset
    yield warning, _SHAPE, term(f"shapes:{shape}")
    yield warning, term("vises:occurrences"), Literal(count)
