"""The keys of a YARRRML collection: each known by its names, the others refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.ingest.yamltree import Entries, Items, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vises.ingest.yamltree import Value, YamlReader

NAMES = {
    "mappings": ("mappings", "mapping", "m"),
    "sources": ("sources", "source"),
    "subjects": ("subjects", "subject", "s"),
    "predicateobjects": ("predicateobjects", "predicateobject", "po"),
    "predicates": ("predicates", "predicate", "p"),
    "objects": ("objects", "object", "o"),
    "graphs": ("graphs", "graph", "g"),
    "value": ("value", "v"),
    "function": ("function", "fn", "f"),
    "parameters": ("parameters", "pms"),
    "parameter": ("parameter", "pm"),
    "condition": ("condition", "conditions"),
    "prefixes": ("prefixes", "prefix"),
    "authors": ("authors", "author", "a"),
}
"""The names that some keys have besides their own."""


def opened(reader: YamlReader, value: Value, kind: str, *known: str) -> Mapping[str, Value]:
    """Return the values of a collection by the first name of each key.

    Raises `MappingError` where it is no collection, or has a key that is not known or comes under
    two of its names.
    """
    if not isinstance(value, Entries):
        raise reader.error(value, f"A {kind} is a collection of keys here.")
    first = {name: key for key in known for name in NAMES.get(key, (key,))}
    found: dict[str, Value] = {}
    for name, (key, content) in value.entries.items():
        if name not in first:
            raise reader.error(
                key,
                f"The key {name!r} is not supported in a {kind}.",
                f"Supported here: {', '.join(known)}.",
            )
        if first[name] in found:
            raise reader.error(key, f"{name!r} is another name of a key that came before.")
        found[first[name]] = content
    return found


def text(reader: YamlReader, value: Value, what: str) -> Text:
    """Return a value that must be a text with something in it."""
    if not isinstance(value, Text) or value.null:
        raise reader.error(value, f"{what} is a text here.")
    return value


def listed(value: Value) -> Iterator[Value]:
    """Give the items of a list, or the one value that stands in place of a list of one."""
    if isinstance(value, Items):
        yield from value.items
    else:
        yield value
