"""What a YAML description says of tables with a mapping of their own: their columns and rules.

The words for a column are those of a contract (ingest/contract.py), that is of Table Schema.
"""

from __future__ import annotations

import fnmatch
import json
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from vises.ingest.cataloguing import read_dataset
from vises.ingest.contract import DAY_FIRST, NUMBER_RULES, TYPES, parse_contract
from vises.ingest.files import open_file
from vises.ingest.rml.errors import MappingError
from vises.ingest.rml.files import read_mapping
from vises.ingest.rml.model import Formulation
from vises.ingest.source import BATCH_COLUMNS, Part
from vises.ingest.vocabulary import code_lists
from vises.ingest.yamlfile import read_yaml
from vises.namespaces import VOCABULARY_BASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from vises.ingest.contract import Contract
    from vises.ingest.provenance import DatasetDescription
    from vises.ingest.rml import Mapping as RmlMapping
    from vises.ingest.yamlfile import Value

KEYS = ("title", "description", "licence", "publisher", "mapping", "tables")
TABLE_KEYS = ("title", "files", "key", "optional", "columns")
LIMITS = ("minimum", "maximum")
WORDS = ("type", "format", "example", "rule", "codeList", "pattern", "enum", *LIMITS)
FLAGS = ("required", "optional", "personal")
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
    name = given["mapping"].text(r"[^/\\]+", "the name of a file in the same folder")
    if name in {".", ".."}:
        given["mapping"].fail("It is no file.", "Name the mapping, such as members.rml.ttl.")
    place = path.parent / name
    open_file(place).close()
    mapping = read_mapping(place, VOCABULARY_BASE)
    _judge(mapping)
    tables = given["tables"].pairs()
    for source, value in tables.items():
        if source not in mapping.sources:
            value.fail(
                f"The mapping reads no source {source!r}.",
                f"It reads {', '.join(map(repr, sorted(mapping.sources)))}.",
            )
    for source in sorted(mapping.sources):
        if source not in tables:
            given["tables"].fail(
                f"The mapping reads {source!r}, and nothing is said of it.",
                f"Add a line '{source}: {{}}' at least.",
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
                f"{each.source!r} is read by JSONPath; an ingest reads tables.",
                place=f"{mapping.place}, line {line}",
                remedy="Read it as rml:CSV if it is JSON Lines or an array of flat objects; else"
                " make a table of it, or RDF by `vises mapping run`.",
            )
        for graph in (
            *each.graphs,
            *(g for pair in each.predicate_object_maps for g in pair.graphs),
        ):
            raise MappingError(
                "The mapping names a graph; an ingest fills that of its dataset.",
                place=f"{mapping.place}, line {graph.line}",
                remedy="Leave the graph out, and name the dataset with --dataset.",
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
            given["key"].fail(f"There is no column {name!r}.", f"Use of: {', '.join(names)}.")
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
            f"{name!r} is what every row of a batch has, whatever the file says.",
            "Leave the column out.",
        )
    given = value.fields((*WORDS, *FLAGS)) if value.is_given else {}
    said: dict[str, Any] = dict(_words(given))
    said |= {flag: True for flag in FLAGS if _flag(given, flag)}
    constraints = {word: said.pop(word) for word in _CONSTRAINTS & said.keys()}
    return {"name": name, **said, "constraints": dict(sorted(constraints.items()))}


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
            yield word, value.texts()
        elif word == "pattern":
            try:
                re.compile(value.text())
            except re.error as error:
                value.fail(f"It is no regular expression: {error}.", "Correct it.")
            yield word, value.text()
        elif word in LIMITS:
            yield word, _limit(given, value)
        elif word == "example":
            yield word, value.text()


def _limit(given: Mapping[str, Value], value: Value) -> str:
    """Return the least or the greatest value of a column, which is one of its type."""
    kind = given["type"].text() if "type" in given else "string"
    if kind not in TYPES:
        value.fail("Only numbers, years and dates have limits.", f"Add type: {', '.join(TYPES)}.")
    _, example, is_right = TYPES[kind]
    if not is_right(value.text()):
        value.fail(f"{value.text()!r} is no {kind}.", f"Write it as in the cells: {example}.")
    return value.text()


def _flag(given: Mapping[str, Value], name: str) -> bool:
    return name in given and given[name].one_of(("true", "false")) == "true"
