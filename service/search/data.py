"""The results of a search as JSON, and the links between its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.iris import in_release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.service.iris import Addresses
    from vises.service.search.facets import Facet
    from vises.service.search.finder import Found
    from vises.service.search.results import Result
    from vises.service.search.wanted import Wanted


def as_data(
    wanted: Wanted, found: Found, listed: Sequence[Result], facets: Sequence[Facet], origin: str
) -> dict[str, object]:
    """Return what a program gets: the release that answered, how well, results and numbers."""
    answer = found.answer
    return {
        "query": wanted.shown,
        "limits": dict(wanted.limits),
        "release": found.release.id,
        "fit": answer.fit,
        "cut": answer.cut,
        "total": answer.total,
        "page": wanted.page,
        "pages": wanted.pages(answer.total),
        "results": [_result(result, origin) for result in listed],
        "facets": {
            facet.parameter: [
                {
                    "value": choice.value,
                    "label": choice.label.text,
                    "count": choice.count,
                    "depth": choice.depth,
                    "chosen": choice.chosen,
                }
                for choice in facet.choices
            ]
            for facet in facets
        },
    }


def links(wanted: Wanted, found: Found, here: str, addresses: Addresses) -> str:
    """Return the Link header of a page of results (RFC 8288): first, prev, next, last."""
    pages = wanted.pages(found.answer.total)
    places = {"first": 1, "prev": wanted.page - 1, "next": wanted.page + 1, "last": pages}
    release, language = addresses.release, addresses.language
    found_at = {r: wanted.on_page(p).address(here) for r, p in places.items() if 1 <= p <= pages}
    return ", ".join(
        f'<{in_release(address, release, language)}>; rel="{relation}"'
        for relation, address in found_at.items()
    )


def suggestions(text: str, listed: Sequence[Result], origin: str) -> list[object]:
    """Return suggestions: the text, names, descriptions, addresses (OpenSearch Suggestions)."""
    return [
        text[:300],
        [result.mention.name.text for result in listed],
        [" · ".join(filter(None, (result.kind_name, result.place))) for result in listed],
        [_address(result, origin) for result in listed],
    ]


def _result(result: Result, origin: str) -> dict[str, object]:
    return {
        "iri": result.iri,
        "page": _address(result, origin),
        "kind": result.kind,
        "code": result.code,
        "name": result.mention.name.text,
        "language": result.mention.name.language,
        "also": [name.text for name in result.also],
        "place": result.place or None,
        "note": result.note.text if result.note else None,
        "fictitious": result.mention.fictitious,
    }


def _address(result: Result, origin: str) -> str:
    href = result.mention.href or ""
    return f"{origin}{href}" if href.startswith("/") else href
