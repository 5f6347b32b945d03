"""What a YAML description says of a table: where its numbers are and what they count."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vises import languages
from vises.errors import sentence
from vises.ingest.cataloguing import WRITE_LICENCE
from vises.ingest.checks import YEARS
from vises.ingest.sources.figures import FIGURES_TABLE, LANGUAGES, NOTES
from vises.ingest.yamlfile import WRITE_TEXT, Value, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

IDENTIFIER = r"[a-z0-9]+(-[a-z0-9]+)*"
DIMENSIONS = ("area", "period", "measure", "perimeter", "family", "sector")
ATTRIBUTES = ("unit", "status", "note", *NOTES)
STATUSES = {"normal": "A", "estimated": "E", "provisional": "P"}
DISCLOSURE_RULES = ("fewer-than-three", "dominance", "secondary", "few-or-secondary")
KEYS = (
    *("title", "description", "licence", "source", "revision_of", "sheet", "header", "last"),
    *("decimal", "thousands", "missing", "flags", "constants", "dimensions", "values"),
)
_WRITE_LINE = sentence("write-line", "Write the number of a line, from 1.")
_NEEDED = ("area", "period", "measure", "perimeter", "family")
_REQUIRED = ("title", "source", "values")
_SOURCE_KEYS = ("id", "title", "language", "publisher", "publisher_name", "issued", "page")
_MEASURES = next(f for f in FIGURES_TABLE.contract.fields if f.name == "measure").enum


@dataclass(frozen=True)
class Column:
    """A column of the table: by its name, or by its number, counted from 1."""

    name: str = ""
    number: int = 0


@dataclass(frozen=True)
class Dimension:
    """A column that holds a dimension or attribute; `codes` are by what stands in its cells."""

    column: Column
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Numbers:
    """A column that holds numbers, what is the same for all of them, and what they are times."""

    column: Column
    fixed: Mapping[str, str]
    factor: int = 1


@dataclass(frozen=True)
class Publication:
    """The publication that a table comes from; with a title, the description describes it."""

    identifier: str
    title: str
    language: str
    publisher: str
    publisher_name: str
    issued: str
    page: str
    line: int


@dataclass(frozen=True)
class TableDescription:
    """A statistical table.

    `header` is the line or row with the names of the columns, `last` the last one that belongs to
    the table (0: the end of the file); `flags` are the signs that may stand beside a number, with
    the status or disclosure rule that they mean; `missing` what stands in a cell without a number.
    `declares_signs` says whether `decimal` or `thousands` were given, and so what 210.800 means.
    """

    path: Path
    title: Mapping[str, str]
    description: Mapping[str, str]
    licence: str
    source: Publication
    revision_of: str
    sheet: str
    header: int
    last: int
    decimal: str
    thousands: str
    declares_signs: bool
    missing: frozenset[str]
    flags: Mapping[str, str]
    constants: Mapping[str, str]
    dimensions: Mapping[str, Dimension]
    values: tuple[Numbers, ...]


def read_description(path: Path) -> TableDescription:
    """Read a description. Raises `InputMissing`, and `BadDescription` with line and column."""
    root = read_yaml(path)
    given = root.fields(KEYS, _REQUIRED)

    def text(name: str, pattern: str, wanted: str, default: str = "") -> str:
        return given[name].text(pattern, wanted) if name in given else default

    constants = _fixed(given.get("constants"))
    dimensions = _dimensions(given.get("dimensions"))
    values = tuple(_numbers(each) for each in given["values"].items())
    if not values:
        given["values"].fail(
            sentence("no-numbers", "No column of numbers is named."),
            sentence("name-at-least-one", "Name at least one."),
        )
    described = TableDescription(
        path=path,
        title=_languages(given["title"]),
        description=_languages(given["description"]) if "description" in given else {},
        licence=text("licence", r"https?://\S+", WRITE_LICENCE),
        source=_source(given["source"]),
        revision_of=text(
            "revision_of",
            IDENTIFIER,
            sentence("write-publication", "Write the id of a publication."),
        ),
        sheet=text("sheet", r".+", sentence("write-sheet", "Write the name of a sheet.")),
        header=int(text("header", r"[1-9][0-9]{0,5}", _WRITE_LINE, "1")),
        last=int(text("last", r"[1-9][0-9]{0,8}", _WRITE_LINE, "0")),
        decimal=text(
            "decimal",
            r"[.,]",
            sentence("write-decimal", 'Write a point "." or a comma ",".'),
            ".",
        ),
        thousands=text(
            "thousands",
            r"[ .,'\u00a0\u202f\u2019]",
            sentence("write-sign", "Write one sign, such as ' '."),
        ),
        declares_signs=not given.keys().isdisjoint(("decimal", "thousands")),
        missing=frozenset(given["missing"].texts()) if "missing" in given else frozenset(),
        flags=_flags(given.get("flags")),
        constants=constants,
        dimensions=dimensions,
        values=values,
    )
    _judge(root, described)
    return described


def _judge(root: Value, described: TableDescription) -> None:
    """Refuse a description that leaves a dimension open, or says one twice."""
    if described.decimal == described.thousands:
        root.fail(
            sentence("same-sign", "decimal and thousands are the same sign."),
            sentence("give-different", "Give two different ones."),
        )
    if described.last and described.last <= described.header:
        root.fail(
            sentence("last-before-header", "last is no line after header."),
            sentence("give-last-line", "Give the number of the last line of the table."),
        )
    for number, column in enumerate(described.values, 1):
        for name in (*DIMENSIONS, *ATTRIBUTES):
            places = (described.constants, described.dimensions, column.fixed)
            _demand_said(root, name, number, sum(name in place for place in places))


def _demand_said(root: Value, name: str, number: int, times: int) -> None:
    """Refuse what is said more than once for a column of numbers, or must be said and is not."""
    if times > 1:
        root.fail(
            sentence(
                "said-in-two-ways",
                "{name} is said in two ways for column {number} of values.",
                name=name,
                number=number,
            ),
            sentence("say-once", "Say it once: under constants, dimensions, or with the column."),
        )
    if name in _NEEDED and not times:
        root.fail(
            sentence(
                "nothing-says",
                "Nothing says the {name} of column {number} of values.",
                name=name,
                number=number,
            ),
            sentence(
                "name-under",
                "Name it under constants or dimensions, or with the column: {name}: ...",
                name=name,
            ),
        )


def _fixed(value: Value | None) -> dict[str, str]:
    """Return dimensions and attributes that are the same for many cells."""
    if value is None:
        return {}
    return {
        name: _one(name, each) for name, each in value.fields((*DIMENSIONS, *ATTRIBUTES)).items()
    }


def _one(name: str, value: Value) -> str:
    if name == "measure":
        return value.one_of(_MEASURES)
    if name == "status":
        return STATUSES[value.one_of(tuple(STATUSES))]
    if name == "period":
        year = value.text(r"[0-9]{4}", sentence("write-year", "Write a year of four digits."))
        if not YEARS[0] <= year <= YEARS[1]:
            value.fail(
                sentence(
                    "no-year-from",
                    "{year} is no year from {first} to {last}.",
                    year=year,
                    first=YEARS[0],
                    last=YEARS[1],
                ),
                sentence("correct-year", "Correct the year."),
            )
        return year
    return value.text(r".+", sentence("write-code", "Write a code for {name}.", name=name))


def _dimensions(value: Value | None) -> dict[str, Dimension]:
    if value is None:
        return {}
    found = {}
    for name, each in value.fields((*DIMENSIONS, *ATTRIBUTES)).items():
        given = each.fields(("column", "number", "codes"))
        codes = given["codes"].pairs() if "codes" in given else {}
        found[name] = Dimension(_column(each, given), {k: _one(name, v) for k, v in codes.items()})
    return found


def _numbers(value: Value) -> Numbers:
    given = value.fields(("column", "number", "factor", *DIMENSIONS, *ATTRIBUTES))
    fixed = {
        name: _one(name, each)
        for name, each in given.items()
        if name in DIMENSIONS or name in ATTRIBUTES
    }
    wanted = sentence(
        "write-factor",
        "Write a whole number above 0, such as 1000 where the table counts thousands.",
    )
    factor = given["factor"].text(r"[1-9][0-9]{0,8}", wanted) if "factor" in given else "1"
    return Numbers(_column(value, given), fixed, int(factor))


def _column(value: Value, given: Mapping[str, Value]) -> Column:
    if ("column" in given) == ("number" in given):
        value.fail(
            sentence("column-or-number", "A column is named by one of column and number."),
            sentence(
                "write-column",
                "Write column: its name in the header, or number: 3 for the third one.",
            ),
        )
    if "column" in given:
        wanted = sentence("write-column-name", "Write the name of a column.")
        return Column(name=given["column"].text(r"(?s).*\S.*", wanted).strip())
    wanted = sentence("write-from-1", "Write a number from 1.")
    return Column(number=int(given["number"].text(r"[1-9][0-9]{0,4}", wanted)))


def _source(value: Value) -> Publication:
    given = value.fields(_SOURCE_KEYS, ("id",))
    described = {name for name in given if name != "id"}
    if described:
        value.fields(_SOURCE_KEYS, ("id", "title", "language", "publisher"))

    def text(name: str, pattern: str = r".+", wanted: str = WRITE_TEXT) -> str:
        return given[name].text(pattern, wanted) if name in given else ""

    identifier = sentence("write-id", "Write small letters, digits and hyphens, such as oes-2024.")
    return Publication(
        identifier=text("id", IDENTIFIER, identifier),
        title=text("title"),
        language=given["language"].one_of(LANGUAGES) if "language" in given else "",
        publisher=text("publisher", IDENTIFIER, identifier),
        publisher_name=text("publisher_name"),
        issued=text("issued"),
        page=text(
            "page", r"https?://\S+", sentence("write-page", "Write the address of a web page.")
        ),
        line=value.line,
    )


def _flags(value: Value | None) -> dict[str, str]:
    if value is None:
        return {}
    known = (*STATUSES, *DISCLOSURE_RULES)
    flags = {}
    for sign, meaning in value.pairs().items():
        if not sign.strip() or re.fullmatch(r"[0-9.,+-]+", sign):
            meaning.fail(
                sentence("like-a-number", "{sign!r} cannot be told from a number.", sign=sign),
                sentence("write-brackets", "Write it with its brackets."),
            )
        flags[sign.strip()] = meaning.one_of(known)
    return flags


def _languages(value: Value) -> dict[str, str]:
    return {
        language: each.text(r"(?s).*\S.*")
        for language, each in value.fields(LANGUAGES, languages.LANGUAGES).items()
    }
