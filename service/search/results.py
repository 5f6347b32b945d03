"""The results of a search as a page and a program get them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vises.languages import LANGUAGES
from vises.service.iris import in_release
from vises.service.pages.labels import Name
from vises.service.pages.model import Mention
from vises.service.search.facets import KIND_TEXTS
from vises.service.search.numbers import official_number
from vises.service.search.things import QUESTION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.iris import Addresses
    from vises.service.search.numbers import OfficialNumber
    from vises.service.texts import Texts

_MOST_ALSO = 3


@dataclass(frozen=True)
class Result:
    """One result: how it is mentioned, of what kind, where, what it is, its other names.

    `code` is its IRI without our base, `number` that of an enterprise which has one; `iri` is None
    for a question, which is no thing of the data.
    """

    mention: Mention
    iri: str | None
    code: str
    number: OfficialNumber | None
    kind: str
    kind_name: str
    place: str
    note: Name | None
    also: tuple[Name, ...]


def results(hits: Iterable[Mapping[str, Any]], addresses: Addresses, words: Texts) -> list[Result]:
    """Return what an index gave for one visitor."""
    return [_result(hit, addresses, words) for hit in hits]


def _result(hit: Mapping[str, Any], addresses: Addresses, words: Texts) -> Result:
    iri, language = hit["iri"], words.language
    names = [Name(text, tag) for text, tag in hit["names"]] or [Name(iri)]
    name = _best(names, language)
    others = [Name(text, tag) for text, tag in hit["also"]] + names
    texts = {other.text: other for other in others if other.text.casefold() != name.text.casefold()}
    if iri.startswith(QUESTION):
        code = iri.removeprefix(QUESTION)
        href: str | None = in_release(f"/questions/{code}", addresses.release, addresses.language)
    else:
        code, href = iri.removeprefix(addresses.base), addresses.href(iri)
    external = not addresses.is_ours(iri) and not iri.startswith(QUESTION)
    notes = [Name(text, tag) for text, tag in hit["notes"] if text != name.text]
    return Result(
        mention=Mention(name, href, external, fictitious=hit["fictitious"]),
        iri=None if iri.startswith(QUESTION) else iri,
        code=code,
        number=official_number(code, words),
        kind=hit["kind"],
        kind_name=words(KIND_TEXTS[hit["kind"]]),
        place=_place([Name(text, tag) for text, tag in hit["places"]], language),
        note=_best(notes, language) if notes else None,
        also=tuple(texts.values())[:_MOST_ALSO],
    )


def _place(parts: Sequence[Name], language: str) -> str:
    """Return the parts of an address that have no language, and those in the one to read."""
    spoken = [part for part in parts if part.language]
    chosen = _best(spoken, language).language if spoken else None
    return " ".join(dict.fromkeys(p.text for p in parts if p.language in {None, chosen}))


def _best(names: Sequence[Name], language: str) -> Name:
    """Return the name in a language, else one without a language, else another one."""
    order = [language, None, *LANGUAGES]
    return min(names, key=lambda n: order.index(n.language) if n.language in order else len(order))
