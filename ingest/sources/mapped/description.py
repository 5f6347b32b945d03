"""What a YAML description says of tables with a mapping of their own: their columns and rules.

The words for a column are those of a contract (ingest/contract.py), that is of Table Schema.
"""

from __future__ import annotations

import fnmatch
import json
import re
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from vises.errors import sentence
from vises.ingest.cataloguing import read_dataset
from vises.ingest.checks import is_day_first_date, iso_date
from vises.ingest.contract import (
    DAY_FIRST,
    DAY_FIRST_EXAMPLE,
    NUMBER_RULES,
    TYPES,
    parse_contract,
    parse_field,
)
from vises.ingest.rml.errors import MappingError, reads, reads_not
from vises.ingest.rml.files import read_mapping
from vises.ingest.rml.model import Formulation
from vises.ingest.source import BATCH_COLUMNS, Part
from vises.ingest.vocabulary import code_lists
from vises.ingest.yamlfile import read_yaml
from vises.namespaces import VOCABULARY_BASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from vises.ingest.contract import Contract, Field
    from vises.ingest.provenance import DatasetDescription
    from vises.ingest.rml import Mapping as RmlMapping
    from vises.ingest.yamlfile import Value

KEYS = ("title", "description", "licence", "publisher", "mapping", "tables")
TABLE_KEYS = ("title", "files", "key", "optional", "columns")
LIMITS = ("minimum", "maximum")
WORDS = ("type", "format", "example", "rule", "codeList", "pattern", "enum", *LIMITS)
FLAGS = ("required", "optional", "personal")
_NO_RULE = sentence("no-rule", "What is empty is no rule; an empty cell breaks none.")
_WRITE_RULE = sentence("write-rule", "Write what the cells must be, or leave it out.")
_CONSTRAINTS = frozenset({"required", "pattern", "enum", *LIMITS})


@dataclass(frozen=True)
class MappedDescription:
    """Tables, the mapping that they share, and what a catalogue says of what they become."""

    description: DatasetDescription
    mapping: Path
    parts: tuple[Part, ...]


def read_mapped(path: Path) -> MappedDescription:
    """Read a description and the mapping that it names, which stands beside it.

    Raises `InputMissing`, `BadDescription` with line and column, and `MappingError` for a mapping
    that is wrong, names a graph, or reads JSON by paths.
    """
    root = read_yaml(path)
    given = root.fields(KEYS, ("title", "mapping", "tables"))
    name = given["mapping"].text(
        r"[^/\\]+", sentence("write-file-name", "Write the name of a file in the same folder.")
    )
    place = path.parent / name
    if not place.is_file():
        given["mapping"].fail(
            sentence("no-file-beside", "There is no file {name!r} beside this one.", name=name),
            sentence("give-or-correct", "Give it too, or correct the name."),
        )
    mapping = read_mapping(place, VOCABULARY_BASE)
    _judge(mapping)
    tables = given["tables"].pairs()
    for source, value in tables.items():
        if source not in mapping.sources:
            value.fail(reads_not(source), reads(mapping.sources))
    for source in sorted(mapping.sources):
        if source not in tables:
            given["tables"].fail(
                sentence(
                    "source-unsaid",
                    "The mapping reads {source!r}, and nothing is said of it.",
                    source=source,
                ),
                sentence("add-source", "Add a line '{source}: {{}}' at least.", source=source),
            )
    return MappedDescription(
        read_dataset(given, themes=("SOCI",)),
        place,
        tuple(
            _part(number, source, value, mapping)
            for number, (source, value) in enumerate(tables.items(), 1)
        ),
    )


def _judge(mapping: RmlMapping) -> None:
    """Refuse what cannot become one dataset out of tables."""
    for each in mapping.triples_maps:
        line = each.logical_source.line
        if each.logical_source.formulation is not Formulation.CSV:
            raise MappingError(
                sentence(
                    "read-by-jsonpath",
                    "{source!r} is read by JSONPath; an ingest reads tables.",
                    source=each.source,
                ),
                place=f"{mapping.place}, line {line}",
                remedy=sentence(
                    "read-as-csv",
                    "Read it as rml:CSV if it is JSON Lines or an array of flat objects; else"
                    " make a table of it, or RDF by `vises mapping run`.",
                ),
            )
        for graph in (
            *each.graphs,
            *(g for pair in each.predicate_object_maps for g in pair.graphs),
        ):
            raise MappingError(
                sentence(
                    "mapping-names-graph",
                    "The mapping names a graph; an ingest fills that of its dataset.",
                ),
                place=f"{mapping.place}, line {graph.line}",
                remedy=sentence(
                    "leave-graph-out", "Leave the graph out; the dataset is named with the files."
                ),
            )


def _part(number: int, source: str, value: Value, mapping: RmlMapping) -> Part:
    given = value.fields(TABLE_KEYS) if value.is_given else {}
    stem = PurePath(source).stem.lower()
    files = given["files"].text().lower() if "files" in given else stem
    pattern = fnmatch.translate(files)
    contract = _contract(source, given, mapping)
    optional = _flag(given, "optional")
    words = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")
    return Part(
        name=f"{words}-{number}",
        file_name=pattern,
        contract=contract,
        columns=contract.names,
        optional=optional,
        inserted=pattern,
        logical_source=source,
        may_be_empty=optional,
    )


def _contract(source: str, given: Mapping[str, Value], mapping: RmlMapping) -> Contract:
    """Return the contract of a table: its columns, and those that the mapping uses beside them."""
    columns = given["columns"].pairs() if "columns" in given else {}
    fields = [_field(name, value) for name, value in columns.items()]
    used = mapping.columns(source) - columns.keys() - set(BATCH_COLUMNS)
    fields += [{"name": name} for name in sorted(used)]
    key = given["key"].texts() if "key" in given else []
    names = [field["name"] for field in fields]
    for name in key:
        if name not in names:
            given["key"].fail(
                sentence("no-column", "There is no column {name!r}.", name=name),
                sentence("use-one", "Use one of: {known}.", known=", ".join(names)),
            )
    for field in fields:
        if key == [field["name"]]:  # two rows without a key have no key in common
            field.setdefault("constraints", {})["required"] = True
    schema = {
        "title": given["title"].text() if "title" in given else source,
        "primaryKey": key,
        "fields": fields,
    }
    return parse_contract(json.dumps(schema, ensure_ascii=False, indent=1).encode())


def _field(name: str, value: Value) -> dict[str, Any]:
    """Return a column as Table Schema writes it."""
    if name in BATCH_COLUMNS:
        value.fail(
            sentence(
                "column-of-batch",
                "{name!r} is what every row of a batch has, whatever the file says.",
                name=name,
            ),
            sentence("leave-column-out", "Leave the column out."),
        )
    given = value.fields((*WORDS, *FLAGS)) if value.is_given else {}
    said: dict[str, Any] = dict(_words(given))
    said |= {flag: True for flag in FLAGS if _flag(given, flag)}
    constraints = {word: said.pop(word) for word in _CONSTRAINTS & said.keys()}
    field = {"name": name, **said, "constraints": dict(sorted(constraints.items()))}
    _demand_sense(given, parse_field(field))
    return field


def _demand_sense(given: Mapping[str, Value], field: Field) -> None:
    """Refuse rules of which one does not count, or that no value can keep together."""
    if field.format == DAY_FIRST and field.type != "date":
        given["format"].fail(
            sentence("format-of-date", "Only a date has this format."),
            sentence("add-type", "Add type: {types}.", types="date"),
        )
    limits = replace(field, format="default", minimum="")  # they are ISO 8601, whatever cells are
    if field.minimum and not limits.is_within(field.minimum):
        given["minimum"].fail(
            sentence("above-maximum", "It is above the maximum {most}.", most=field.maximum),
            sentence("correct-it", "Correct it."),
        )
    others = replace(field, enum=()).tests(code_lists().notations if field.code_list else {})
    for value in field.enum:
        if broken := next((rule for rule, _, test in others if not test(value)), None):
            given["enum"].fail(
                sentence(
                    "enum-unfit",
                    "{value!r} cannot be a value of this column: another of its rules refuses it"
                    " ({rule}).",
                    value=value,
                    rule=broken,
                ),
                sentence("correct-it", "Correct it."),
            )


def _words(given: Mapping[str, Value]) -> Iterator[tuple[str, Any]]:
    choices = {
        "type": ("string", *TYPES),
        "format": ("default", DAY_FIRST),
        "rule": tuple(NUMBER_RULES),
        "codeList": tuple(sorted(code_lists().notations)) if "codeList" in given else (),
    }
    for word, value in given.items():
        if word in choices:
            yield word, value.one_of(choices[word])
        elif word == "enum":
            if not all(texts := value.texts() or [""]):
                value.fail(_NO_RULE, _WRITE_RULE)
            yield word, texts
        elif word == "pattern":
            if not value.text():
                value.fail(_NO_RULE, _WRITE_RULE)
            try:
                re.compile(value.text())
            except re.error as error:
                value.fail(
                    sentence(
                        "no-expression", "It is no regular expression: {why}.", why=str(error)
                    ),
                    sentence("correct-it", "Correct it."),
                )
            yield word, value.text()
        elif word in LIMITS:
            yield word, _limit(given, value)
        elif word == "example":
            yield word, value.text()


def _limit(given: Mapping[str, Value], value: Value) -> str:
    """Return the least or the greatest value of a column, which is one of its type."""
    kind = given["type"].text() if "type" in given else "string"
    if kind not in TYPES:
        value.fail(
            sentence("no-limits", "Only numbers, years and dates have limits."),
            sentence("add-type", "Add type: {types}.", types=", ".join(TYPES)),
        )
    _, example, is_right = TYPES[kind]
    if kind == "date" and "format" in given and given["format"].text() == DAY_FIRST:
        if is_day_first_date(value.text()):
            return iso_date(value.text())
        example = DAY_FIRST_EXAMPLE
    if not is_right(value.text()):
        value.fail(
            sentence(
                "not-of-type", "{value!r} is not of the type {type}.", value=value.text(), type=kind
            ),
            sentence("write-as-cells", "Write it as in the cells: {example}.", example=example),
        )
    return value.text()


def _flag(given: Mapping[str, Value], name: str) -> bool:
    return name in given and given[name].one_of(("true", "false")) == "true"
