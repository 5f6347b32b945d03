"""The lines of a JSON-LD document at which its nodes are named, which its parser does not tell."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LEXEME = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,\n]')
_CONTEXT, _ID = "@context", "@id"


@dataclass
class _Object:
    """A JSON object: where it stands, its keys, and the members that are strings, with lines."""

    name: str
    in_context: bool
    keys: set[str] = field(default_factory=set)
    strings: dict[str, tuple[str, int]] = field(default_factory=dict)
    key: str = ""
    awaits_key: bool = True


def node_lines(text: str, base_iri: str) -> dict[str, int]:
    """Return the lines, counted from 1, of the node objects of a JSON-LD document that parses.

    They are those of ``@id``, or an alias of it, by the node in N-Triples; of several node objects
    for a node it is the first. Objects that name a node and say nothing of it do not count. A term
    that contexts define in several ways is not known here, so nodes that are named with it are
    left out.
    """
    objects = [*_objects(text)]
    terms = _terms(objects)
    aliases = {_ID} | {term for term, meaning in terms.items() if meaning == _ID}
    base = urljoin(base_iri, terms.get("@base") or "")
    found: dict[str, int] = {}
    for each in objects:
        if each.in_context or not each.keys - aliases - {_CONTEXT}:
            continue
        for alias in aliases & each.strings.keys():
            value, line = each.strings[alias]
            node = _expanded(value, terms, base)
            if node is not None:
                found.setdefault(node if node.startswith("_:") else f"<{node}>", line)
    return found


def _objects(text: str) -> Iterator[_Object]:
    """Yield the objects of a document in the order in which they end."""
    within: list[_Object] = []
    is_object: list[bool] = []
    line = 1
    for match in _LEXEME.finditer(text):
        lexeme = match.group()
        around = within[-1] if within else None
        here = around if is_object and is_object[-1] else None
        if lexeme == "\n":
            line += 1
        elif lexeme in "{[":
            is_object.append(lexeme == "{")
            if lexeme == "{":
                name = around.key if around else ""
                inside = name == _CONTEXT or (around is not None and around.in_context)
                within.append(_Object(name, inside))
        elif lexeme in "}]":
            if is_object.pop():
                yield within.pop()
        elif here and lexeme in ":,":
            here.awaits_key = lexeme == ","
        elif here and here.awaits_key:
            here.key = json.loads(lexeme)
            here.keys.add(here.key)
        elif here:
            here.strings[here.key] = json.loads(lexeme), line


def _terms(objects: list[_Object]) -> Mapping[str, str | None]:
    """Return what terms stand for in contexts, None for one that is defined in several ways."""
    found: dict[str, str | None] = {}
    for each in objects:
        if each.in_context and each.name == _CONTEXT:
            defined = {term: value for term, (value, _) in each.strings.items()}
        elif each.in_context and _ID in each.strings:
            defined = {each.name: each.strings[_ID][0]}
        else:
            continue
        for term, value in defined.items():
            found[term] = value if found.get(term, value) == value else None
    return found


def _expanded(value: str, terms: Mapping[str, str | None], base: str) -> str | None:
    """Return the IRI or the blank node that an ``@id`` names (JSON-LD 1.1, API, section 5.2)."""
    prefix, colon, rest = value.partition(":")
    if not colon:
        return urljoin(base, value)
    if prefix == "_" or rest.startswith("//") or prefix not in terms:
        return value
    meaning = terms[prefix]
    return None if meaning is None else meaning + rest
