"""Contracts: what a source promises of its columns.

A contract is a Frictionless Table Schema (https://datapackage.org/standard/table-schema/) beside
the mapping. Of the standard we read `fields` with `name`, `type`, `format`, `example` and the
constraints `required`, `pattern`, `enum`, `minimum` and `maximum`, and `primaryKey`. Ours are, on a
field: `optional` (the column may be absent), `rule` (a check digit), `codeList` (the scheme whose
notations it must be one of), `personal` (its value may name a person and is never written down)
and `byHand` (people write its numbers, so a point before three digits may group thousands).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vises.errors import BadInput, Sentence, sentence
from vises.ingest.checks import (
    DECIMAL,
    INTEGER,
    YEAR,
    is_ambiguous,
    is_date,
    is_datetime,
    is_day_first_date,
    is_kbo_number,
    is_siren,
    iso_date,
    moment,
)
from vises.ingest.keys import KeySet, NumberSet, TextSet

if TYPE_CHECKING:
    from pathlib import Path

Row = tuple[str, ...]
Test = Callable[[str], object]

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no text can hold (XML 1.0, section 2.2), half a surrogate pair too."""
DAY_FIRST = "%d-%m-%Y"
DAY_FIRST_EXAMPLE = "14-03-2005"
LONGEST_SHOWN = 200
NUMBER_RULES: Mapping[str, Test] = {
    "siren-check-digit": is_siren,
    "kbo-check-digit": is_kbo_number,
}
WHOLE_NUMBER = "1234"
"""How a refusal shows what it expects."""
TYPES: Mapping[str, tuple[str, str, Test]] = {
    "date": ("date", "2005-03-14", is_date),
    "datetime": ("date", "2005-03-14T10:30:00", is_datetime),
    "year": ("year", "2024", YEAR.fullmatch),
    "integer": ("number", WHOLE_NUMBER, INTEGER.fullmatch),
    "number": ("number", "1234.5", DECIMAL.fullmatch),
}


class MissingColumn(BadInput):
    """A table lacks a column that its contract requires."""

    kind = "missing-column"
    title = "A column is missing"


@dataclass(frozen=True)
class Field:
    """One column of a contract."""

    name: str
    type: str
    format: str
    example: str
    optional: bool
    personal: bool
    required: bool
    pattern: str | None
    enum: tuple[str, ...]
    rule: str | None
    code_list: str | None
    by_hand: bool = False
    minimum: str = ""
    maximum: str = ""

    def tests(self, codes: Mapping[str, frozenset[str]]) -> list[tuple[str, str, Test]]:
        """Return the rule, what it expects and its test, for values that are not empty."""
        tests: list[tuple[str, str, Test]] = []
        if self.rule:
            tests.append((self.rule, self.example, NUMBER_RULES[self.rule]))
        if self.pattern:
            tests.append(("pattern", self.example, re.compile(self.pattern).fullmatch))
        if self.enum:
            tests.append(("enum", ", ".join(self.enum), frozenset(self.enum).__contains__))
        if self.type == "date" and self.format == DAY_FIRST:
            tests.append(("date", DAY_FIRST_EXAMPLE, is_day_first_date))
        elif self.type in TYPES:
            tests.append(TYPES[self.type])
        if self.by_hand:
            tests.append(("grouped-number", "", lambda text: not is_ambiguous(text)))
        if self.minimum or self.maximum:
            tests.append(("range", bounds(self.minimum, self.maximum), self.is_within))
        if self.code_list:
            tests.append(("unknown-code", self.code_list, codes[self.code_list].__contains__))
        return tests

    def is_within(self, text: str) -> bool:
        """Tell whether a value is neither below the minimum nor above the maximum.

        What is no number, or no moment, is within them, as another rule refuses it.
        """
        if self.type in {"integer", "number"}:
            return not DECIMAL.fullmatch(text) or self._holds(Decimal, text)
        if self.type == "datetime":
            return not is_datetime(text) or self._holds(moment, text)
        return self._holds(str, iso_date(text) if self.format == DAY_FIRST else text)

    def _holds(self, read: Callable[[str], Any], text: str) -> bool:
        """Tell whether a value is within the limits by the order of what `read` makes of texts."""
        value = read(text)
        return (not self.minimum or read(self.minimum) <= value) and (
            not self.maximum or value <= read(self.maximum)
        )


@dataclass(frozen=True)
class Contract:
    """What one kind of table promises; `text` is the JSON it was read from."""

    title: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    text: bytes

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are read, in the order in which rows are handed on."""
        return tuple(f.name for f in self.fields)

    def accept(self, header: Sequence[str], place: str) -> None:
        """Raise `MissingColumn` where the header lacks a required column."""
        there = {name.lower() for name in header}
        absent = [f.name for f in self.fields if not f.optional and f.name.lower() not in there]
        if absent:
            remedy = sentence(
                "export-with-columns",
                "A file of {title} must have what is missing: download or export it again with it,"
                " or correct the names.",
                title=self.title,
            )
            raise MissingColumn(
                columns_missing(absent, header), place=f"{place}, line 1", remedy=remedy
            )

    def shown(self, row: Row) -> dict[str, str]:
        """Return the cells of a row by column, as the quarantine keeps them.

        Cells that may name a person are empty; see `shown` for the others.
        """
        return {
            field.name: "" if field.personal else shown(cell)
            for field, cell in zip(self.fields, row, strict=True)
        }

    def keys(self) -> KeySet:
        """Return an empty set for the primary key of this table."""
        return NumberSet() if self.has_number_key else TextSet()

    @property
    def has_number_key(self) -> bool:
        """Whether a row is known by its number in a register."""
        rules = {f.rule for f in self.fields if f.name in self.key}
        return len(self.key) == 1 and rules <= NUMBER_RULES.keys()


def columns_missing(absent: Sequence[str], header: Sequence[str]) -> Sentence:
    """Say which columns a file lacks, and which it has."""
    names, held = ", ".join(map(repr, absent)), ", ".join(header)
    if len(absent) == 1:
        return sentence(
            "column-missing",
            "The column {names} is missing. The file has: {held}.",
            names=names,
            held=held,
        )
    return sentence(
        "columns-missing",
        "The columns {names} are missing. The file has: {held}.",
        names=names,
        held=held,
    )


def shown(cell: str) -> str:
    """Return a cell for people: cut after 200 characters, no character that a file cannot hold."""
    cut = cell if len(cell) <= LONGEST_SHOWN else f"{cell[:LONGEST_SHOWN]}…"
    return CONTROL.sub("\ufffd", cut)


def bounds(minimum: str, maximum: str) -> str:
    """Return what a value must be, in signs that need no language.

    >>> bounds("0", ""), bounds("1900", "2100")
    ('≥ 0', '≥ 1900, ≤ 2100')
    """
    given = ((sign, bound) for sign, bound in (("≥", minimum), ("≤", maximum)) if bound)
    return ", ".join(f"{sign} {bound}" for sign, bound in given)


def load_contract(path: Path) -> Contract:
    """Read a contract from a Table Schema file of the package."""
    return parse_contract(path.read_bytes())


def parse_contract(text: bytes) -> Contract:
    """Return the contract that a Table Schema states, which is right."""
    schema = json.loads(text)
    key = schema.get("primaryKey", [])
    return Contract(
        schema["title"],
        tuple(parse_field(f) for f in schema["fields"]),
        (key,) if isinstance(key, str) else tuple(key),
        text,
    )


def parse_field(field: Mapping[str, Any]) -> Field:
    """Return what a Table Schema states of one column, which is right."""
    constraints = field.get("constraints", {})
    return Field(
        name=field["name"],
        type=field.get("type", "string"),
        format=field.get("format", "default"),
        example=field.get("example", constraints.get("pattern", "")),
        optional=field.get("optional", False),
        personal=field.get("personal", False),
        required=constraints.get("required", False),
        pattern=constraints.get("pattern"),
        enum=tuple(constraints.get("enum", ())),
        rule=field.get("rule"),
        code_list=field.get("codeList"),
        by_hand=field.get("byHand", False),
        minimum=str(constraints.get("minimum", "")),
        maximum=str(constraints.get("maximum", "")),
    )
