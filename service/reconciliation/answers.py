"""Candidates as the two versions of the API write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vises.service.reconciliation.terms import TYPE_OF_KIND, TYPES, identifier_of
from vises.service.search.matching import (
    IDENTIFIER,
    NAME_FEATURE,
    PLACE_FEATURE,
    REGION_FEATURE,
)
from vises.service.search.results import results

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.api.rows import Json
    from vises.service.iris import Addresses
    from vises.service.search.results import Result
    from vises.service.texts import Texts

_FEATURE_TEXTS = {
    NAME_FEATURE: "reconcile.name-similarity",
    IDENTIFIER: "reconcile.identifier-match",
    REGION_FEATURE: "reconcile.region-match",
    PLACE_FEATURE: "reconcile.place-similarity",
}


def candidates(
    found: Sequence[Mapping[str, Any]], addresses: Addresses, words: Texts, *, named: bool
) -> list[Json]:
    """Return the candidates of a query; `named` gives features their names, as 1.0-draft does."""
    listed = results([one["shown"] for one in found], addresses, words)
    return [
        {
            **described(result, addresses.base, words),
            "score": one["score"],
            "match": one["match"],
            "features": [
                {"id": name, **({"name": words(_FEATURE_TEXTS[name])} if named else {}), "value": v}
                for name, v in one["features"].items()
            ],
            "type": _types(result, words),
        }
        for one, result in zip(found, listed, strict=True)
    ]


def suggested(hits: Sequence[Mapping[str, Any]], addresses: Addresses, words: Texts) -> list[Json]:
    """Return entities that a half-written name may become."""
    return [
        {**described(result, addresses.base, words), "notable": _types(result, words)}
        for result in results(hits, addresses, words)
    ]


def described(result: Result, base: str, words: Texts) -> dict[str, Json]:
    """Return a thing with its identifier, its name, and what tells it from its namesakes."""
    parts = [result.place, result.code.rpartition("/")[2]]
    if result.mention.fictitious:
        parts.append(words("search.invented").lower())
    return {
        "id": identifier_of(result.iri or result.code, base),
        "name": result.mention.name.text,
        "description": " · ".join(filter(None, parts)),
    }


def _types(result: Result, words: Texts) -> list[Json]:
    name = TYPE_OF_KIND[result.kind]
    return [{"id": name, "name": words(TYPES[name][1])}]
