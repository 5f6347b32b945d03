"""What CIDS 3.2.1 defines: the names of its terms, where its contexts are, what is often wrong."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from vises.ingest.jsonld import package_context

BRIDGE = "cids-bridge"
FILE = Path(__file__).parent / "standard.json"


@cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return facts


def context_iris() -> list[str]:
    """Return the IRIs under which the contexts of CIDS have been published."""
    iris: list[str] = _facts()["contexts"]
    return iris


def prefixes() -> dict[str, str]:
    """Return the prefixes of CIDS; its `org` is TOVE's organisation ontology, not W3C ORG."""
    return {
        name: value
        for name, value in package_context(BRIDGE).items()
        if isinstance(value, str) and value[-1] in "#/"
    }


def iri(name: str) -> str:
    """Return the IRI of a prefixed name of CIDS such as ``org:hasName``."""
    prefix, _, local = name.partition(":")
    return prefixes()[prefix] + local


@cache
def terms() -> frozenset[str]:
    """Return the IRIs of the terms that CIDS declares or uses, in its own namespaces."""
    return frozenset(
        iri(f"{prefix}:{local}") for prefix, names in _facts()["terms"].items() for local in names
    )


@cache
def namespaces() -> tuple[str, ...]:
    """Return the namespaces whose terms are those of `terms` and no others."""
    return tuple(prefixes()[prefix] for prefix in _facts()["terms"])


@cache
def instead() -> dict[str, str]:
    """Return, for terms that are often written for others, the IRI of the other."""
    return {iri(wrong): iri(right) for wrong, right in _facts()["instead"].items()}


@cache
def near_namespaces() -> dict[str, str]:
    """Return, for namespaces that are almost those of CIDS, the right one."""
    near: dict[str, str] = _facts()["namespaces"]
    return near
