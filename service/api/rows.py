"""Solutions as plain JSON: a list of objects that a program uses without knowing RDF."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from vises.namespaces import PREFIXES, compact
from vises.service.questions import heading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from vises.service.graph import Row, Term
    from vises.service.iris import Addresses
    from vises.service.texts import Texts

Json = str | int | float | bool | None | dict[str, "Json"] | list["Json"]

to_json: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
"""Writes a value as JSON."""

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]+/[A-Za-z0-9_.~/-]+")
"""The local part of an IRI that has a page of its own, and stands in its address as it is."""

_XSD = PREFIXES["xsd"]
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?[0-9]{0,15}(?:\.[0-9]{0,15})?(?:[eE][+-]?[0-9]{1,3})?")
_DECIMAL = _XSD + "decimal"
_NUMBERS = {_DECIMAL, _XSD + "double", _XSD + "float"}


@dataclass(frozen=True)
class Writer:
    """Writes terms for one request: `origin` is the address of the service."""

    origin: str
    addresses: Addresses

    def row(self, columns: Sequence[str], row: Row) -> dict[str, Json]:
        """Return a solution as an object; what is unbound is null."""
        return {name: self.value(row[name]) if name in row else None for name in columns}

    def value(self, term: Term) -> Json:
        """Return a term.

        A number, a boolean and a text are what they are in JSON; a text in a language is an object
        of `value` and `lang`; an IRI is one of `id` and, where this service has an address for it,
        `href`. Other literals (dates, years) are their lexical form, which `columns` names the type
        of.
        """
        if isinstance(term, NamedNode):
            return self.thing(term.value)
        if isinstance(term, Literal):
            return self._literal(term)
        return {"blank": term.value} if isinstance(term, BlankNode) else {"triple": str(term)}

    def thing(self, iri: str) -> dict[str, Json]:
        """Return an IRI, with the address at which this service describes it."""
        href = self.addresses.href(iri) if self.addresses.is_ours(iri) else None
        return {"id": iri} if href is None else {"id": iri, "href": self.origin + href}

    def members(self, iri: str) -> str:
        """Return the same as the text of the members of an object."""
        base = self.addresses.base
        local = iri[len(base) :]
        if not (iri.startswith(base) and _PLAIN.fullmatch(local)):
            return to_json(self.thing(iri))[1:-1]
        before, between, after = self._like
        return f"{before}{iri}{between}{local}{after}"

    @cached_property
    def _like(self) -> tuple[str, str, str]:
        """What stands before an IRI of a page that needs no escapes, and round its local part."""
        local = "a/a"
        iri = f"{self.addresses.base}{local}"
        before, _, rest = to_json(self.thing(iri)).partition(iri)
        between, _, after = rest.rpartition(local)
        return before[1:], between, after[:-1]

    def _literal(self, literal: Literal) -> Json:
        if literal.language is not None:
            return {"value": literal.value, "lang": literal.language}
        return plain(literal)


def plain(literal: Literal) -> str | int | float | bool:
    """Return a literal as JSON has it; a number only where that is the same one."""
    datatype, lexical = literal.datatype.value, literal.value
    if datatype == _XSD + "boolean" and lexical in {"true", "false"}:
        return lexical == "true"
    if datatype == _XSD + "integer" and _WHOLE.fullmatch(lexical):
        return int(lexical)
    if datatype in _NUMBERS and any(c.isdigit() for c in lexical) and _NUMBER.fullmatch(lexical):
        number = float(lexical)
        exact = datatype != _DECIMAL or Decimal(repr(number)) == Decimal(lexical)
        return number if exact and abs(number) < float("inf") else lexical
    return lexical


def columns(names: Iterable[str], rows: Sequence[Row], words: Texts) -> list[Json]:
    """Return what each column holds in some rows: name, title, and the types of its values there.

    The title is in the language of `words`. A type is `iri`, `text` in a language, or the datatype
    with its prefix.
    """
    return [
        _column(name, heading(name, words), {_kind(row[name]) for row in rows if name in row})
        for name in names
    ]


def _column(name: str, title: str, kinds: set[str]) -> dict[str, Json]:
    shown: list[Json] = [*sorted(kinds)]
    return {"name": name, "title": title, "types": shown}


def _kind(term: Term) -> str:
    if isinstance(term, NamedNode):
        return "iri"
    if isinstance(term, Literal):
        return "text" if term.language is not None else compact(term.datatype.value)
    return "blank" if isinstance(term, BlankNode) else "triple"
