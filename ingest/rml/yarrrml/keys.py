"""The keys of a YARRRML collection: each known by its names, the others refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.rml.errors import supported
from vises.ingest.yamltree import Entries, Items, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vises.errors import BadInput
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


def keys_wanted(reader: YamlReader, value: Value) -> BadInput:
    """Return the error for a value that is no collection of keys."""
    return reader.error(value, sentence("keys-wanted", "A collection of keys must stand here."))


def opened(reader: YamlReader, value: Value, *known: str) -> Mapping[str, Value]:
    """Return the values of a collection by the first name of each key.

    Raises `MappingError` where it is no collection, or has a key that is not known or comes under
    two of its names.
    """
    if not isinstance(value, Entries):
        raise keys_wanted(reader, value)
    first = {name: key for key in known for name in NAMES.get(key, (key,))}
    found: dict[str, Value] = {}
    for name, (key, content) in value.entries.items():
        if name not in first:
            raise reader.error(
                key,
                sentence("key-unsupported", "The key {name!r} is not supported here.", name=name),
                supported(known),
            )
        if first[name] in found:
            raise reader.error(
                key,
                sentence(
                    "key-renamed", "{name!r} is another name of a key that came before.", name=name
                ),
            )
        found[first[name]] = content
    return found


def lacks(reader: YamlReader, value: Value, needed: str) -> BadInput:
    """Return the error for a collection without a key that it needs."""
    return reader.error(value, sentence("key-missing", "{name!r} is missing here.", name=needed))


def no_such_type(reader: YamlReader, value: Value, known: Iterable[str]) -> BadInput:
    """Return the error for a type of terms that may not stand there."""
    return reader.error(
        value, sentence("types-are", "The type is one of {known}.", known=", ".join(known))
    )


def text(reader: YamlReader, value: Value) -> Text:
    """Return a value that must be a text with something in it."""
    if not isinstance(value, Text) or value.null:
        raise reader.error(value, sentence("text-wanted", "A text must stand here."))
    return value


def listed(value: Value) -> Iterator[Value]:
    """Give the items of a list, or the one value that stands in place of a list of one."""
    if isinstance(value, Items):
        yield from value.items
    else:
        yield value
