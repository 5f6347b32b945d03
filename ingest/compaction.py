"""Compacting triples to JSON-LD nodes by a flat context (JSON-LD 1.1 API, section 6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from vises.errors import BadInput, sentence
from vises.namespaces import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyoxigraph import Quad

XSD = PREFIXES["xsd"]
TYPE = NamedNode(f"{PREFIXES['rdf']}type")
NATIVE = {
    f"{XSD}boolean": re.compile(r"true|false"),
    f"{XSD}integer": re.compile(r"0|-?[1-9][0-9]{0,14}"),
}
"""The lexical forms that a JSON value stands for, and that come back from it unchanged."""
Key = tuple[str, str | None]


class NotCompactable(BadInput):
    """A term that the JSON-LD of a context cannot hold."""

    kind = "not-compactable"
    title = "The data cannot be written as JSON-LD"


class Compactor:
    """Writes triples with the terms of one context, and remembers which it used.

    The context is flat: prefixes, aliases of keywords, and terms with @type or with the container
    @language. RDF lists stay what they are in RDF, chains of blank nodes.
    """

    def __init__(self, context: Mapping[str, Any]) -> None:
        """Index the terms of a context by IRI and by how they take a value."""
        self._context = context
        strings = {name: value for name, value in context.items() if isinstance(value, str)}
        self._aliases = {v: k for k, v in strings.items() if v.startswith("@")}
        self._prefixes = {k: v for k, v in strings.items() if v[-1:] in {"#", "/"}}
        self._terms: dict[Key, str] = {}
        for name, value in context.items():
            definition = value if isinstance(value, dict) else {"@id": value}
            iri = definition["@id"] if not name.startswith("@") else "@"
            if iri.startswith("@") or name in self._prefixes:
                continue
            how = definition.get("@container") or definition.get("@type")
            how = how if how in {None, "@id", "@language"} else self._expand(how)
            self._terms[self._expand(iri), how] = name
        self._used: set[str] = {*self._aliases.values(), "@version"}

    def used(self) -> dict[str, Any]:
        """Return the definitions in use so far, in the order of the context."""
        for name in list(self._used):
            definition = self._context.get(name)
            texts = definition.values() if isinstance(definition, dict) else [definition]
            self._used |= {text.partition(":")[0] for text in texts if isinstance(text, str)}
        return {name: value for name, value in self._context.items() if name in self._used}

    def nodes(self, statements: Iterable[Quad | Triple]) -> list[dict[str, Any]]:
        """Return one node object for each subject, in the order of their names."""
        about: dict[str, dict[str, Any]] = {}
        for statement in sorted(statements, key=_order):
            name = self._iri(statement.subject)
            node = about.setdefault(name, {self._keyword("@id"): name})
            self._add(node, statement.predicate, statement.object)
        return list(about.values())

    def _add(self, node: dict[str, Any], predicate: NamedNode, value: object) -> None:
        if predicate == TYPE and isinstance(value, NamedNode):
            _append(node, self._keyword("@type"), self._symbol(value.value))
            return
        if isinstance(value, NamedNode | BlankNode):
            name = self._iri(value)
            if term := self._term(predicate.value, "@id"):
                _append(node, term, name)
            else:
                _append(node, self._symbol(predicate.value), {self._keyword("@id"): name})
            return
        if not isinstance(value, Literal):
            raise NotCompactable(
                sentence(
                    "no-form-in-json-ld", "JSON-LD has no form for {value}.", value=str(value)
                ),
                remedy=sentence("leave-quoted-out", "Leave quoted triples out."),
            )
        if value.language and (term := self._term(predicate.value, "@language")):
            _append(node.setdefault(term, {}), value.language, value.value)
        elif term := self._term(predicate.value, value.datatype.value):
            _append(node, term, value.value)
        else:
            _append(node, self._symbol(predicate.value), self._literal(value))

    def _literal(self, value: Literal) -> object:
        datatype = value.datatype.value
        if value.language:
            return {"@language": value.language, "@value": value.value}
        if datatype == f"{XSD}string":
            return value.value
        if datatype in NATIVE and NATIVE[datatype].fullmatch(value.value):
            return value.value == "true" if datatype == f"{XSD}boolean" else int(value.value)
        return {self._keyword("@type"): self._symbol(datatype), "@value": value.value}

    def _term(self, iri: str, how: str | None) -> str | None:
        term = self._terms.get((iri, how))
        if term is not None:
            self._used.add(term)
        return term

    def _symbol(self, iri: str) -> str:
        """Return an IRI as a term that says nothing of values, or as a compact IRI."""
        return self._term(iri, None) or self._compact(iri)

    def _iri(self, node: object) -> str:
        if isinstance(node, BlankNode):
            return f"_:{node.value}"
        assert isinstance(node, NamedNode)
        return self._compact(node.value)

    def _compact(self, iri: str) -> str:
        fitting = [
            (len(namespace), prefix)
            for prefix, namespace in self._prefixes.items()
            if iri.startswith(namespace) and not iri.startswith("//", len(namespace))
        ]
        if fitting:
            length, prefix = max(fitting)
            self._used.add(prefix)
            return f"{prefix}:{iri[length:]}"
        scheme, _, rest = iri.partition(":")
        if scheme in self._context and not rest.startswith("//"):
            raise NotCompactable(
                sentence(
                    "read-as-compact",
                    "The IRI {iri} would be read as a compact IRI with the prefix {scheme}.",
                    iri=iri,
                    scheme=scheme,
                ),
                remedy=sentence("other-scheme", "Use an IRI with another scheme."),
            )
        return iri

    def _keyword(self, keyword: str) -> str:
        return self._aliases.get(keyword, keyword)

    def _expand(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        return self._prefixes[prefix] + local if prefix in self._prefixes else name


def _append(node: dict[str, Any], key: str, value: object) -> None:
    """Add a value to those of a key: one stands alone, several in a list."""
    if key not in node:
        node[key] = value
    elif isinstance(node[key], list):
        node[key].append(value)
    else:
        node[key] = [node[key], value]


def _order(statement: Quad | Triple) -> tuple[str, bool, str, str]:
    kind = statement.predicate != TYPE
    return str(statement.subject), kind, str(statement.predicate), str(statement.object)
