"""The places that the rows of an answer are about: regions of NUTS, by their IRI or their code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import VOCABULARY_BASE
from vises.service.api.forms import PLACED_FORMS, QUESTION_FORMS
from vises.service.api.geometry import collection, shapes_of
from vises.service.api.paging import columns_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.api.rows import Json, Writer
    from vises.service.graph import Graph, Row
    from vises.service.questions import Question

_COLUMNS = ("area", "areaCode")
_REGION = f"{VOCABULARY_BASE}code/nuts/"


def is_placed(question: Question) -> bool:
    """Tell whether the rows of the answer to a question are about places."""
    return not question.compared and not {*_COLUMNS}.isdisjoint(columns_of(question.sparql))


def forms_of(question: Question | None) -> Mapping[str, str]:
    """Return the forms of the answer to a question."""
    placed = question is not None and is_placed(question)
    return PLACED_FORMS if placed else QUESTION_FORMS


def place_of(row: Row) -> NamedNode | None:
    """Return the place that a row is about, None where it names none."""
    for name in _COLUMNS:
        value = row.get(name)
        if isinstance(value, NamedNode):
            return value
        if isinstance(value, Literal) and value.value.isalnum():
            return NamedNode(_REGION + value.value)
    return None


async def features_of(
    graph: Graph, names: Sequence[str], rows: Sequence[Row], writer: Writer
) -> dict[str, Json]:
    """Return rows as GeoJSON: a feature for each, null in place of a geometry that is not known.

    Raises `NotAcceptable` where none is, and what `shapes_of` does.
    """
    places = [place_of(row) for row in rows]
    shapes = await shapes_of(graph, list(dict.fromkeys(place for place in places if place)))
    features: list[Json] = [
        {
            "type": "Feature",
            "geometry": shapes.get(place.value) if place else None,
            "properties": writer.row(names, row),
        }
        for place, row in zip(places, rows, strict=True)
    ]
    return collection(features)
