"""A CIDS document: what its contexts leave out or get wrong is named, and what can be read is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vises.ingest.cids import standard
from vises.ingest.cids.defects import defect
from vises.ingest.jsonld import (
    localise,
    package_context,
    package_contexts,
    read_json,
    statements,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyoxigraph import Quad

    from vises.validation.report import Result

CLOSED = {"@value", "@context"}
EXAMPLES = ("example.org", "example.com", "example.net")
NOT_TERMS = {"@language", "@index", "@id", "@type", "@graph"}
"""Containers whose keys are languages, names or indexes."""


def read_document(data: bytes, place: str, base_iri: str) -> tuple[list[Quad], list[Result]]:
    """Return the triples of a CIDS document in JSON-LD, and what is wrong with its contexts.

    The context of CIDS is that of the package, whichever of its published IRIs is given. A term
    that the contexts of the document lack and CIDS has is read as CIDS defines it. Raises
    `BadJsonLd` and `RemoteContext`, naming `place`.
    """
    bridge = package_context(standard.BRIDGE)
    known = package_contexts() | dict.fromkeys(standard.context_iris(), bridge)
    document = localise(read_json(data, place), known, place)
    own = _definitions(document)
    found = [*_context_defects(own, place), *_key_defects(document, own, place)]
    return statements(_with_bridge(document, bridge), place, base_iri), found


def _definitions(document: object) -> dict[str, Any]:
    """Return the term definitions of all contexts of a document, those of inner ones too."""
    found: dict[str, Any] = {}
    for context in _contexts(document):
        found |= context
        for value in context.values():
            found |= _definitions(value)
    return found


def _contexts(document: object) -> Iterator[dict[str, Any]]:
    for item in _objects(document):
        given = item.get("@context", [])
        for context in given if isinstance(given, list) else [given]:
            if isinstance(context, dict):
                yield context


def _objects(document: object) -> Iterator[dict[str, Any]]:
    if isinstance(document, list):
        for item in document:
            yield from _objects(item)
    elif isinstance(document, dict):
        yield document
        for key, value in document.items():
            if key not in CLOSED:
                yield from _objects(value)


def _with_bridge(document: object, bridge: Mapping[str, Any]) -> object:
    """Put the context of CIDS before that of each top object, which then has the last word."""
    if isinstance(document, list):
        return [_with_bridge(item, bridge) for item in document]
    if not isinstance(document, dict):
        return document
    own = document.get("@context", [])
    return document | {"@context": [bridge, *(own if isinstance(own, list) else [own])]}


def _context_defects(own: Mapping[str, Any], place: str) -> Iterator[Result]:
    if not own:
        yield defect("no-context", place)
    base = own.get("@base")
    if isinstance(base, str) and (urlsplit(base).hostname or "").endswith(EXAMPLES):
        yield defect("example-base", place, given=base)
    bridge = package_context(standard.BRIDGE)
    for name, value in sorted(own.items()):
        if name.startswith("@") or name not in bridge:
            continue
        given, expected = _iri(value, own), _iri(bridge[name], bridge)
        if given != expected:
            kind = "other-namespace" if name in standard.prefixes() else "redefined-term"
            yield defect(kind, place, term=name, given=given, expected=expected)


def _iri(definition: object, context: Mapping[str, Any]) -> str:
    """Return what a term definition stands for, with its prefix written out."""
    given = definition.get("@id") if isinstance(definition, dict) else definition
    if not isinstance(given, str):
        return str(given)
    prefix, colon, local = given.partition(":")
    namespace = context.get(prefix)
    return namespace + local if colon and isinstance(namespace, str) else given


def _key_defects(document: object, own: Mapping[str, Any], place: str) -> Iterator[Result]:
    bridge = package_context(standard.BRIDGE)
    if isinstance(own.get("@vocab"), str):
        return
    for name, count in sorted(Counter(_keys(document, own)).items()):
        prefix, colon, local = name.partition(":")
        if name in own or prefix == "_":
            continue
        if colon and not local.startswith("//"):
            if prefix not in own:
                kind = "undeclared-term" if prefix in bridge else "undeclared-prefix"
                expected = _iri(name, bridge)
                yield defect(kind, place, term=name, count=count, expected=expected)
        elif not colon and name in bridge:
            expected = _iri(bridge[name], bridge)
            yield defect("undeclared-term", place, term=name, count=count, expected=expected)
        elif not colon:
            yield defect("unknown-term", place, term=name, count=count)


def _keys(document: object, own: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys and the types that stand for terms, as often as they are used."""
    aliases = {name for name, value in own.items() if value == "@type"} | {"@type"}
    for item in _nodes(document, own):
        for key, value in item.items():
            if key in aliases:
                types = value if isinstance(value, list) else [value]
                yield from (each for each in types if isinstance(each, str))
            elif not key.startswith("@") and not str(own.get(key)).startswith("@"):
                yield key


def _nodes(document: object, own: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the objects whose keys are terms: not values, contexts, and maps of languages."""
    if isinstance(document, list):
        for item in document:
            yield from _nodes(item, own)
    elif isinstance(document, dict) and "@value" not in document:
        yield document
        for key, value in document.items():
            definition = own.get(key)
            how = definition if isinstance(definition, dict) else {}
            container = how.get("@container", [])
            maps = NOT_TERMS & set(container if isinstance(container, list) else [container])
            if key == "@context" or how.get("@type") == "@json" or "@language" in maps:
                continue
            inner = list(value.values()) if maps and isinstance(value, dict) else value
            yield from _nodes(inner, own)
