"""Judging documents by themselves, in what they come into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Store

from vises.validation.neighbourhood import Survey, neighbourhood
from vises.validation.report import Report
from vises.validation.syntax import n_triples, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from vises.validation.validator import Validator


def judge(validator: Validator, incoming: Mapping[str, bytes], around: Store) -> Report:
    """Judge N-Triples documents, by their name in errors, in what they come into.

    Results on what only the surroundings describe are left out.
    """
    documents = _apart(incoming)
    survey = Survey()
    for place, data in documents.items():
        survey.add(read(data, place=place))
    beside = neighbourhood(survey, around)
    report = validator.validate(b"\n".join([*documents.values(), beside.triples]), beside.focus)
    results = (result for result in report.results if _counts(result.focus, beside.judged))
    return Report(tuple(results), report.complete)


def _counts(focus: str, judged: AbstractSet[object]) -> bool:
    """Tell whether results on a focus node count: always on blank nodes and literals."""
    return not focus.startswith("<") or NamedNode(focus[1:-1]) in judged


def _apart(documents: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Rename the blank nodes of several documents, which are not the same where labels are."""
    if sum(b"_:" in data for data in documents.values()) < 2:  # noqa: PLR2004 (one is apart)
        return documents
    return {
        place: n_triples(read(data, place=place, rename_blank_nodes=True))
        for place, data in documents.items()
    }
