"""The columns of the table of a class: found in the data, and how a value becomes a cell.

A table has a column for each property that things of its class have, one for each language where
values are tagged with one. A column has the narrowest type that holds each of its values exactly,
else that of text; it holds lists where a thing has more than one value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
from pyoxigraph import Literal, NamedNode

from vises.namespaces import PREFIXES, term
from vises.store.dumps.labels import local_name
from vises.store.lexical import NUMBER, day_of, tag_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from vises.store.canonical import Term


IRI = "iri"
"""The name of the first column: what the row is about."""

TYPE = term("rdf:type")
_XSD = PREFIXES["xsd"]
_INT64 = 1 << 63
_MOST_DIGITS = 38
_NUMBERS = {"integer", "decimal"}
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?([0-9]*)(?:\.([0-9]*))?", re.ASCII)

Key = tuple[str, str]
"""A property and a language tag, with its direction ("": none)."""


@dataclass
class _Seen:
    """What the values of a column have been so far."""

    kinds: set[str] = field(default_factory=set)
    several: bool = False
    whole: int = 0
    fraction: int = 0


@dataclass(frozen=True)
class Column:
    """A column: its name, property and language ("": none), type, and whether it holds lists."""

    name: str
    property: str
    language: str
    kind: str
    several: bool
    arrow: pa.DataType
    cell: Callable[[Term], object]


class Survey:
    """Learns the columns of each class from its things, one after the other."""

    def __init__(self) -> None:
        """Have seen nothing."""
        self._seen: dict[str, dict[Key, _Seen]] = defaultdict(lambda: defaultdict(_Seen))
        self.rows: dict[str, int] = defaultdict(int)

    def note(self, thing: Mapping[Key, Sequence[Term]]) -> None:
        """Take a thing into account."""
        for name in classes_of(thing):
            self.rows[name] += 1
            for key, values in thing.items():
                seen = self._seen[name][key]
                seen.several |= len(values) > 1
                for value in values:
                    _note(seen, value)

    def tables(self) -> dict[str, list[Column]]:
        """Return the columns of each class, both in a fixed order."""
        return {name: _columns(self._seen[name]) for name in sorted(self._seen)}


def classes_of(thing: Mapping[Key, Sequence[Term]]) -> list[str]:
    """Return the IRIs of the classes of a thing."""
    return [v.value for v in thing.get((TYPE.value, ""), ()) if isinstance(v, NamedNode)]


def grouped(values: Iterable[tuple[NamedNode, Term]]) -> dict[Key, list[Term]]:
    """Return the values of a thing by property and language tag."""
    found: dict[Key, list[Term]] = defaultdict(list)
    for name, value in values:
        tag = tag_of(value) if isinstance(value, Literal) else None
        found[name.value, tag or ""].append(value)
    return found


def _note(seen: _Seen, value: Term) -> None:
    kind = _kind(value)
    seen.kinds.add(kind)
    if kind in _NUMBERS:
        match = _DECIMAL.fullmatch(text_of(value))
        assert match is not None  # it fits its type
        seen.whole = max(seen.whole, len(match[1]))
        seen.fraction = max(seen.fraction, len(match[2] or ""))


def _kind(value: Term) -> str:
    if isinstance(value, NamedNode):
        return "iri"
    if not isinstance(value, Literal):
        return "string"
    kind = value.datatype.value.removeprefix(_XSD)
    narrow = {"boolean", "decimal", "double", "integer", "date"}
    if kind not in narrow or not _fits(kind, value.value):
        return "string"
    return kind


def _fits(kind: str, text: str) -> bool:
    """Tell whether a text is of the lexical forms of its type, and a cell of that type holds it."""
    if kind == "boolean":
        return text in {"true", "false"}
    if kind == "date":
        return day_of(text) is not None
    if kind == "integer":
        return bool(_INTEGER.fullmatch(text)) and -_INT64 <= int(text) < _INT64
    if kind == "double":
        return bool(NUMBER.fullmatch(text))
    return bool(_DECIMAL.fullmatch(text)) and any(c.isdigit() for c in text)


def _columns(seen: Mapping[Key, _Seen]) -> list[Column]:
    keys = sorted(seen)
    names = _names(keys)
    return [_column(names[key], key, seen[key]) for key in keys]


def _names(keys: Sequence[Key]) -> Mapping[Key, str]:
    """Return a name for each column: the local name, with its prefix where two have the same.

    Case does not tell names apart, as in SQL. Where they are still the same, a number does.
    """
    plain = {key: _named(local_name(key[0]), key[1]) for key in keys}
    taken: dict[str, int] = defaultdict(int)
    taken[IRI] += 1
    for name in plain.values():
        taken[name.casefold()] += 1
    names: dict[Key, str] = {}
    given = {IRI}
    for number, key in enumerate(keys):
        name = plain[key]
        if taken[name.casefold()] > 1:
            prefix = next((p for p, space in PREFIXES.items() if key[0].startswith(space)), "")
            name = f"{prefix or number}_{name}"
        while name.casefold() in given:
            name = f"{number}_{name}"
        given.add(name.casefold())
        names[key] = name
    return names


def _named(name: str, language: str) -> str:
    return f"{name}_{language}" if language else name


def _column(name: str, key: Key, seen: _Seen) -> Column:
    kind, arrow, cell = _type(seen)
    return Column(name, *key, kind, seen.several, pa.list_(arrow) if seen.several else arrow, cell)


def _type(seen: _Seen) -> tuple[str, pa.DataType, Callable[[Term], object]]:
    kind = next(iter(seen.kinds)) if len(seen.kinds) == 1 else "string"
    kind = "decimal" if seen.kinds == _NUMBERS else kind
    digits = max(seen.whole + seen.fraction, 1)
    if kind == "decimal" and digits <= _MOST_DIGITS:
        return kind, pa.decimal128(digits, seen.fraction), lambda v: Decimal(text_of(v))
    found: Mapping[str, tuple[pa.DataType, Callable[[Term], object]]] = {
        "boolean": (pa.bool_(), lambda v: text_of(v) == "true"),
        "date": (pa.date32(), lambda v: date.fromisoformat(text_of(v))),
        "double": (pa.float64(), lambda v: float(text_of(v))),
        "integer": (pa.int64(), lambda v: int(text_of(v))),
    }
    arrow, cell = found.get(kind, (pa.string(), text_of))
    return (kind if kind in found or kind == "iri" else "string"), arrow, cell


def text_of(value: Term) -> str:
    """Return a term as text: an IRI, a blank node with `_:`, the text of a literal."""
    return value.value if isinstance(value, NamedNode | Literal) else str(value)
