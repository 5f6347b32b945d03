"""Templates of YARRRML, `text $(reference) text`, and the IRIs that prefixes shorten."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.errors import sentence
from vises.ingest.rml.functions import GREL, IDLAB
from vises.ingest.rml.model import Reference
from vises.ingest.rml.vocabulary import RML
from vises.namespaces import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.ingest.yamltree import Text, YamlReader

KNOWN_PREFIXES = {**PREFIXES, "rml": RML, "grel": GREL, "idlab-fn": IDLAB}
"""The prefixes that need not be declared."""

OWN = {name: KNOWN_PREFIXES[name] for name in ("rml", "rdf")}
"""The prefixes that the translation itself uses."""

IRI = "~iri"
"""What stands behind a text that makes IRIs."""

PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
"""What a prefix may be called."""

_TOKEN = re.compile(
    r"\\(?P<escaped>[$\\()])|\$\((?P<reference>(?:\\.|[^\\()]|\([^()]*\))*)\)|(?P<open>\$\()|(?P<text>.)",
    re.DOTALL,
)
_PREFIXED = re.compile(r"(?P<prefix>[A-Za-z_][\w.-]*):(?!//)(?P<local>.*)", re.DOTALL)
_SCHEMES = {"http", "https", "urn", "mailto", "tel", "tag", "data", "geo", "ftp", "file"}
_NO_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_LOCAL = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NEEDS_ESCAPE = re.compile(r"([\\{}])")

Parts = tuple["str | Reference", ...]


@dataclass(frozen=True)
class Templates:
    """Reads the texts of one file, with its prefixes and its base."""

    reader: YamlReader
    prefixes: Mapping[str, str]
    base: str

    def parts(self, text: Text, value: str | None = None) -> Parts:
        """Return the fixed pieces and the references of a text (or of `value`, a part of it)."""
        found: list[str | Reference] = []
        gathered = ""
        for token in _TOKEN.finditer(text.value if value is None else value):
            if token["open"]:
                raise self.reader.error(
                    text,
                    sentence("reference-open", "The reference that $( opens is never closed."),
                )
            if token["reference"] is None:
                gathered += token["escaped"] or token["text"]
                continue
            name = re.sub(r"\\(.)", r"\1", token["reference"])
            if not name:
                raise self.reader.error(text, sentence("reference-empty", "$() refers to nothing."))
            found += [gathered, Reference(name)] if gathered else [Reference(name)]
            gathered = ""
        return (*found, gathered) if gathered or not found else tuple(found)

    def iri(self, text: Text, value: str | None = None) -> Parts:
        """Return the parts of an IRI: its prefix spelt out, the base before a relative one.

        Raises `MappingError` for a prefix that is not known, and for a sign that no IRI has.
        """
        parts = self.parts(text, value)
        first = parts[0]
        if isinstance(first, Reference):
            return (self.base, *parts) if self.base and len(parts) > 1 else parts
        prefixed = _PREFIXED.fullmatch(first)
        if prefixed is None:
            spelt = first if "://" in first else self.base + first
        elif prefixed["prefix"] in self.prefixes:
            spelt = self.prefixes[prefixed["prefix"]] + prefixed["local"]
        elif prefixed["prefix"].lower() in _SCHEMES:
            spelt = first
        else:
            raise self.reader.error(
                text,
                sentence(
                    "prefix-undeclared",
                    "The prefix {prefix!r} is not declared.",
                    prefix=prefixed["prefix"],
                ),
                sentence("declare-prefix", "Declare it under prefixes, or write the IRI out."),
            )
        for part in (spelt, *parts[1:]):
            if isinstance(part, str) and _NO_IRI.search(part):
                raise self.reader.error(
                    text,
                    sentence("sign-of-no-iri", "{text!r} has a sign that no IRI has.", text=part),
                )
        return (spelt, *parts[1:])

    def constant_iri(self, text: Text) -> str:
        """Return an IRI without references, in Turtle."""
        parts = self.iri(text)
        if len(parts) != 1 or isinstance(parts[0], Reference):
            raise self.reader.error(
                text,
                sentence(
                    "not-constant", "{text!r} must be the same for every row.", text=text.value
                ),
            )
        return self.written(parts[0])

    def written(self, iri: str) -> str:
        """Return an IRI in Turtle: with its prefix where what follows needs no escapes."""
        for prefix, namespace in self.prefixes.items():
            if _LOCAL.fullmatch(iri.removeprefix(namespace)) and iri.startswith(namespace):
                return f"{prefix}:{iri.removeprefix(namespace)}"
        return f"<{iri}>"

    def declared(self, turtle: str) -> list[str]:
        """Return the lines that declare the prefixes which Turtle may use."""
        used = {name for name in self.prefixes if re.search(rf"[\s^]{re.escape(name)}:", turtle)}
        return [f"@prefix {name}: <{self.prefixes[name]}> ." for name in sorted(used)]

    def expression(self, parts: Parts, *, iri: bool) -> str:
        """Return the property and value of an expression map, in Turtle."""
        if len(parts) > 1:
            return f"rml:template {Literal(template(parts))}"
        (part,) = parts
        if isinstance(part, Reference):
            return f"rml:reference {Literal(part.column)}"
        return f"rml:constant {self.written(part) if iri else Literal(part)}"


def is_absolute(iri: str) -> bool:
    """Tell whether a text is an absolute IRI."""
    try:
        NamedNode(iri)
    except ValueError:
        return False
    return True


def template(parts: Parts) -> str:
    """Return the template of RML with these parts."""
    return "".join(
        f"{{{_escaped(part.column)}}}" if isinstance(part, Reference) else _escaped(part)
        for part in parts
    )


def _escaped(text: str) -> str:
    return _NEEDS_ESCAPE.sub(r"\\\1", text)
