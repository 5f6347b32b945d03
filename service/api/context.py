"""The names of properties and classes in JSON: those of our JSON-LD context (JSON-LD 1.1)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from vises.namespaces import PREFIXES, compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Name:
    """What a term is called in JSON: `coerced` is what its values are taken for without saying.

    That is ``@id``, the IRI of a datatype, ``@language`` for a map of languages, or None.
    """

    key: str
    iri: str
    coerced: str | None = None


class Context:
    """The terms of ontology/contexts/vises.jsonld, both ways."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        """Read the object under ``@context``."""
        self._definitions = definitions
        self._prefixes = {
            name: value
            for name, value in definitions.items()
            if isinstance(value, str) and value.endswith(("#", "/"))
        }
        terms = (self._name(k, v) for k, v in definitions.items() if k not in self._prefixes)
        self._by_iri = {name.iri: name for name in terms if name}
        self._iris = {name.key: name.iri for name in self._by_iri.values()}

    def iri(self, key: str) -> str | None:
        """Return what a term or a name with a prefix stands for, None where it is neither."""
        return self._iris.get(key) or self._from_prefix(key)

    def _from_prefix(self, key: str) -> str | None:
        prefix, colon, local = key.partition(":")
        namespaces = {**PREFIXES, **self._prefixes}
        return namespaces[prefix] + local if colon and prefix in namespaces else None

    def name(self, iri: str) -> Name:
        """Return what a property or class is called: its term, else its name with a prefix."""
        return self._by_iri.get(iri) or Name(compact(iri), iri)

    @property
    def keys(self) -> list[str]:
        """The terms."""
        return list(self._iris)

    def of(self, iris: Iterable[str]) -> dict[str, Any]:
        """Return a context that defines the names of some properties and classes, and no more."""
        wanted: dict[str, Any] = {"@version": 1.1, "id": "@id", "type": "@type"}
        for iri in sorted(set(iris)):
            found = self._by_iri.get(iri)
            if found:
                wanted[found.key] = self._written(found)
            else:
                prefix, colon, local = compact(iri).partition(":")
                if colon and not local.startswith("//"):
                    wanted[prefix] = iri.removesuffix(local)
        return wanted

    def _name(self, key: str, definition: object) -> Name | None:
        if key.startswith("@") or definition in ("@id", "@type"):
            return None
        if isinstance(definition, str):
            return Name(key, self._expanded(definition))
        assert isinstance(definition, dict)
        coerced = definition.get("@type") or definition.get("@container")
        if coerced and not coerced.startswith("@"):
            coerced = self._expanded(coerced)
        return Name(key, self._expanded(definition["@id"]), coerced)

    def _expanded(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        return self._prefixes[prefix] + local

    @staticmethod
    def _written(name: Name) -> object:
        if name.coerced is None:
            return name.iri
        kind = "@container" if name.coerced == "@language" else "@type"
        return {"@id": name.iri, kind: name.coerced}


@cache
def context() -> Context:
    """Return the context of the package."""
    text = (files("vises") / "ontology" / "contexts" / "vises.jsonld").read_text("utf-8")
    return Context(json.loads(text)["@context"])
