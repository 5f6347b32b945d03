"""Rows held against their contract, many at once: nearly all of them are sound.

A column is judged by the values in it that differ, and most of these came before. Only a row with a
value that breaks a rule is looked at by itself, for the first rule that it breaks.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from vises.ingest.contract import CONTROL, Row
from vises.ingest.rules import DUPLICATE, KEY_SEPARATOR, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.ingest.contract import Contract, Field
    from vises.ingest.keys import KeySet

Refusals = dict[int, Refusal]
"""The first refusal of each row that has one, by its place among the rows judged with it."""

Check = Callable[[Sequence[Row]], Refusals]

SHEET_ERRORS = frozenset(
    (
        *("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"),
        *("#VALEUR!", "#NOM?", "#NOMBRE!", "#NUL!"),
        *("#N/B", "#VERW!", "#WAARDE!", "#NAAM?", "#DEEL/0!", "#GETAL!", "#LEEG!"),
    )
)
"""What a spreadsheet writes where a formula fails, in English, French and Dutch."""

_MOST_SOUND = 10_000
"""How many sound values of a column are remembered."""


def compile_check(contract: Contract, codes: Mapping[str, frozenset[str]], seen: KeySet) -> Check:
    """Return a function from rows (cells in the order of `contract.names`) to their refusals.

    `codes` are the notations of each code list by scheme; `seen` collects the primary keys, and a
    key that it holds already is a duplicate, be it of a row that is refused for something else.
    """
    columns = [_Column(n, field, codes) for n, field in enumerate(contract.fields)]
    key = _Key(contract, columns, seen) if contract.key else None

    def check(rows: Sequence[Row]) -> Refusals:
        refusals = {n: _refusal(columns, rows[n]) for n in sorted(_broken(columns, rows))}
        if key is not None:
            refusals.update(key.duplicates(rows, refusals))
        return refusals

    return check


class _Column:
    """The rules of a column, in their order: what each is called, what it expects, its test."""

    def __init__(self, position: int, field: Field, codes: Mapping[str, frozenset[str]]) -> None:
        self._position = position
        self._field = field
        self._tests = field.tests(codes)
        self._sound: set[str] = set() if field.required else {""}

    def broken(self, columns: Sequence[Sequence[str]]) -> Iterator[int]:
        """Yield the places of the values that break a rule."""
        if not (self._tests or self._field.required):
            return
        values = columns[self._position]
        new = set(values) - self._sound
        wrong = new & {""}
        wrong |= {v for _, _, test in self._tests for v in new - wrong if not test(v)}
        if len(self._sound) < _MOST_SOUND:
            self._sound |= new - wrong
        if wrong:
            yield from (n for n, value in enumerate(values) if value in wrong)

    def refusal(self, row: Row) -> Refusal | None:
        """Return the refusal of a row for its value; one of a person is not told."""
        value = row[self._position]
        found = self._first_broken(value)
        if found is None:
            return None
        rule, expected = found
        return Refusal(rule, self._field.name, "" if self._field.personal else value, expected)

    def _first_broken(self, value: str) -> tuple[str, str] | None:
        """Return the first rule that a value breaks, and what that expects."""
        if not value:
            return ("required", "") if self._field.required else None
        if value in SHEET_ERRORS:
            return "sheet-error", value
        broken = next((each[:2] for each in self._tests if not each[2](value)), None)
        bare = value.strip()
        if broken and bare not in {"", value} and all(test(bare) for _, _, test in self._tests):
            return "spaces", ""
        return broken


class _Key:
    """The primary key of a contract, and those that were `seen`."""

    def __init__(self, contract: Contract, columns: Sequence[_Column], seen: KeySet) -> None:
        places = [contract.names.index(name) for name in contract.key]
        self._name, self._is_one = KEY_SEPARATOR.join(contract.key), len(places) == 1
        self._cells = operator.itemgetter(*places)
        self._told = [at for at in places if not contract.fields[at].personal]
        self._columns = [columns[at] for at in places]
        self._seen = seen

    def duplicates(self, rows: Sequence[Row], refusals: Refusals) -> Iterator[tuple[int, Refusal]]:
        """Add the keys of rows that have a right one; yield what refuses those that are not new."""
        without = {n for n, refusal in refusals.items() if not self._is_right(rows[n], refusal)}
        keyed = [n for n in range(len(rows)) if n not in without]
        keys = [self._cells(rows[n]) for n in keyed]
        if not self._is_one:
            keys = ["\x1f".join(key) for key in keys]
        if self._seen.add_together(keys):
            return
        for n, key in zip(keyed, keys, strict=True):
            if not self._seen.add(key) and n not in refusals:
                yield n, Refusal(DUPLICATE, self._name, self._value(rows[n]), "")

    def _is_right(self, row: Row, refusal: Refusal) -> bool:
        """Tell whether the key of a refused row is right, whatever else is wrong with the row."""
        return bool(refusal.column) and not any(column.refusal(row) for column in self._columns)

    def _value(self, row: Row) -> str:
        """Return the cells of the key for people: those that are filled, and name no person."""
        return KEY_SEPARATOR.join(filter(None, (row[at] for at in self._told)))


def _broken(columns: Sequence[_Column], rows: Sequence[Row]) -> set[int]:
    """Return the places of the rows that break a rule."""
    values = [*zip(*rows, strict=True)]
    found = {n for column in columns for n in column.broken(values)} if values else set()
    text = "".join(map("".join, rows))
    if not text.isprintable() and CONTROL.search(text):
        found.update(n for n, row in enumerate(rows) if CONTROL.search("".join(row)))
    if "#" in text:
        found.update(n for n, row in enumerate(rows) if not SHEET_ERRORS.isdisjoint(row))
    return found


def _refusal(columns: Sequence[_Column], row: Row) -> Refusal:
    if CONTROL.search("".join(row)):
        return Refusal("control-character", "", "", "")
    return next(refusal for column in columns if (refusal := column.refusal(row)))
