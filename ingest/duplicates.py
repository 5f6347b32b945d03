"""A figure that another dataset has already is told as that, by the name of the dataset."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import NamedNode

from vises.namespaces import term
from vises.validation.report import SH, Report

if TYPE_CHECKING:
    from vises.store.transaction import Candidate
    from vises.validation.report import Result

_DATASET = term("qb:dataSet")
_TWO = f"{SH}MaxCountConstraintComponent"
_SENTENCES = {
    "en": "The dataset {names} has this figure already. Leave the row out; or, where this file is"
    " to replace that dataset, ingest it with --dataset {first}.",
    "fr": "Le jeu de données {names} contient déjà ce chiffre. Retirez la ligne ; ou, si ce fichier"
    " doit remplacer ce jeu de données, publiez-le avec --dataset {first}.",
    "nl": "De dataset {names} bevat dit cijfer al. Laat de rij weg; of publiceer dit bestand met"
    " --dataset {first} als het die dataset moet vervangen.",
}

_Told = TypeVar("_Told", bound=Report)


def told_elsewhere(report: _Told, candidate: Candidate) -> _Told:
    """Return a report that names the other dataset of each observation that has two (qb:dataSet).

    `candidate` is what the report judges; a dataset is another one if its graph did not change.
    """
    if report.accepted:
        return report
    return replace(report, results=tuple(_told(each, candidate) for each in report.results))


def _told(result: Result, candidate: Candidate) -> Result:
    if result.component != _TWO or result.path != str(_DATASET) or result.focus[0] != "<":
        return result
    focus = NamedNode(result.focus[1:-1])
    graphs = {q.graph_name for q in candidate.store.quads_for_pattern(focus, _DATASET, None)}
    others = [g.value for g in graphs if isinstance(g, NamedNode) and g not in candidate.incoming]
    if not others:
        return result
    names = sorted(iri.rpartition("/graph/")[2] for iri in others)
    told = {"names": ", ".join(names), "first": names[0]}
    messages = {language: text.format(**told) for language, text in _SENTENCES.items()}
    return replace(result, messages=messages)
