"""The alignments of the ontology: mappings read from the package's Turtle, and written as SSSOM."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from vises.ingest.vocabulary import files
from vises.namespaces import VOCABULARY_BASE, term

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pyoxigraph import Quad

SSSOM = "https://w3id.org/sssom/"
_SLOTS = {
    "mapping_set_title": term("dcterms:title").value,
    "mapping_set_description": term("dcterms:description").value,
    "mapping_set_version": term("owl:versionInfo").value,
    "license": term("dcterms:license").value,
    "subject_source": f"{SSSOM}subject_source",
    "object_source": f"{SSSOM}object_source",
    "object_source_version": f"{SSSOM}object_source_version",
}
"""The metadata of a set, by SSSOM name, with the properties that state them."""

COLUMNS = (
    *("subject_id", "predicate_id", "object_id", "mapping_justification", "confidence"),
    "comment",
)
_ENTITIES = ("subject_source", "object_source")
"""The slots of a set that are entity references, which SSSOM/TSV writes as CURIEs."""


@dataclass(frozen=True, order=True)
class Correspondence:
    """One mapping axiom with its annotations (SSSOM 1.0, class Mapping).

    All but `confidence` (0 to 1, as written) and `comment` are IRIs; `iri` is that of the mapping.
    """

    subject: str
    predicate: str
    object: str
    justification: str
    confidence: str
    comment: str
    iri: str


@dataclass(frozen=True)
class Alignment:
    """The mappings to one vocabulary (SSSOM 1.0, class Mapping Set).

    `slots` are the metadata of the set by SSSOM name; `asserted` are the mapping axioms that the
    file states, annotated or not: axioms of OWL, and SKOS between codes or indicators. SKOS between
    classes and properties is an annotation alone, since what has a mapping relation of SKOS is a
    skos:Concept (SKOS S19 and S39).
    """

    name: str
    prefixes: Mapping[str, str]
    slots: Mapping[str, str]
    correspondences: tuple[Correspondence, ...]
    asserted: frozenset[tuple[str, str, str]]

    def sssom(self) -> str:
        """Return the alignment as SSSOM in TSV: metadata as comments of YAML, then a table."""
        slots = {n: self._curie(v) if n in _ENTITIES else v for n, v in self.slots.items()}
        curies = [slots[name] for name in _ENTITIES if name in slots]
        curies += [curie for row in self._rows() for curie in row[:4]]
        used = {curie.partition(":")[0] for curie in curies}
        head = [f"{name}: {json.dumps(text)}" for name, text in slots.items()]
        head.append("curie_map:")
        head += [f"  {p}: {json.dumps(iri)}" for p, iri in self.prefixes.items() if p in used]
        table = io.StringIO()
        writer = csv.writer(table, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(self._rows())
        return "".join(f"# {line}\n" for line in head) + table.getvalue()

    def _rows(self) -> list[list[str]]:
        return [
            [
                *map(self._curie, (c.subject, c.predicate, c.object, c.justification)),
                c.confidence,
                c.comment,
            ]
            for c in self.correspondences
        ]

    def _curie(self, iri: str) -> str:
        """Return an IRI as a CURIE, with something after its prefix where that can be."""
        fitting = [(p, ns) for p, ns in self.prefixes.items() if iri.startswith(ns)]
        prefix, namespace = max(fitting, key=lambda pair: (pair[1] != iri, len(pair[1])))
        return f"{prefix}:{iri.removeprefix(namespace)}"


@cache
def alignment(name: str) -> Alignment:
    """Return the alignment of the package with a name such as ``cids``.

    The name is that of its file in ontology/alignments.
    """
    (path,) = (path for path in files("alignments") if path.stem == name)
    return read(path)


def read(path: Path) -> Alignment:
    """Read an alignment from its Turtle file: each mapping is an owl:Axiom with an IRI."""
    parser = parse(path=str(path), format=RdfFormat.TURTLE, base_iri=VOCABULARY_BASE)
    quads = list(parser)
    return of_statements(path.stem, quads, parser.prefixes)


def of_statements(name: str, quads: Iterable[Quad], prefixes: Mapping[str, str]) -> Alignment:
    """Return the alignment of a name from the statements that make it up.

    What is in no namespace of `prefixes` gets one by its IRI, called `ns1` and so on.
    """
    annotations: dict[str, dict[str, str]] = {}
    mapping_set = f"{VOCABULARY_BASE}alignments/{name}"
    asserted = set()
    slots: dict[str, Quad] = {}
    for quad in quads:
        subject = _text(quad.subject)
        if subject.startswith(f"{mapping_set}#"):
            annotations.setdefault(subject, {})[quad.predicate.value] = _text(quad.object)
        elif subject != mapping_set:
            asserted.add((subject, quad.predicate.value, _text(quad.object)))
        elif not isinstance(quad.object, Literal) or quad.object.language in {None, "en"}:
            slots[quad.predicate.value] = quad
    found = sorted(_correspondence(iri, about) for iri, about in annotations.items())
    told = _slots(mapping_set, slots)
    terms = ((each.subject, each.predicate, each.object, each.justification) for each in found)
    sources = (told[slot] for slot in _ENTITIES if slot in told)
    return Alignment(
        name,
        _with_namespaces(prefixes, chain(*terms, sources)),
        told,
        tuple(found),
        frozenset(asserted),
    )


def _with_namespaces(prefixes: Mapping[str, str], iris: Iterable[str]) -> dict[str, str]:
    """Return prefixes in their order, with one for the namespace of each IRI that has none."""
    whole = dict(sorted(prefixes.items()))
    for iri in iris:
        if not any(iri.startswith(namespace) for namespace in whole.values()):
            end = max(iri.rfind(sign, 0, -1) for sign in "#/:") + 1
            whole[f"ns{len(whole) - len(prefixes) + 1}"] = iri[:end]
    return whole


def _correspondence(iri: str, about: Mapping[str, str]) -> Correspondence:
    return Correspondence(
        about[term("owl:annotatedSource").value],
        about[term("owl:annotatedProperty").value],
        about[term("owl:annotatedTarget").value],
        about[f"{SSSOM}mapping_justification"],
        about[f"{SSSOM}confidence"],
        about.get(term("rdfs:comment").value, ""),
        iri,
    )


def _slots(mapping_set: str, said: Mapping[str, Quad]) -> dict[str, str]:
    slots = {"mapping_set_id": mapping_set}
    for name, prop in _SLOTS.items():
        if prop in said:
            slots[name] = _text(said[prop].object)
    return slots


def _text(node: object) -> str:
    assert isinstance(node, (NamedNode, Literal))
    return node.value
