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
_AXIOM = {term(f"owl:annotated{part}").value for part in ("Source", "Property", "Target")}
_ENTITIES = ("subject_source", "object_source")
"""The slots of a set that are entity references, which SSSOM/TSV writes as CURIEs."""


@dataclass(frozen=True, order=True)
class Correspondence:
    """One mapping axiom with its annotations (SSSOM 1.0, class Mapping).

    All but `confidence` (0 to 1, as written) and `comment` are IRIs; `iri` is that of the mapping.
    What is not said of it is empty: the justification, the confidence, the comment.
    """

    subject: str
    predicate: str
    object: str
    justification: str
    confidence: str
    comment: str
    iri: str

    @property
    def iris(self) -> tuple[str, ...]:
        """What is abbreviated of it in a table: its term, the relation, the other term, and why."""
        found = (self.subject, self.predicate, self.object, self.justification)
        return tuple(filter(None, found))


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
        curies += [self._curie(iri) for each in self.correspondences for iri in each.iris]
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
        """Return an IRI as a CURIE, with something after its prefix where that can be.

        What is empty stays so.
        """
        if not iri:
            return iri
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

    What is in no namespace of `prefixes` gets one by its IRI, called `ns1` and so on. Of a text in
    several languages it is the English one, where there is one. Axioms that do not say what they
    map, by what relation and to what are left out, and so is what has no name.
    """
    said: dict[str, dict[str, Quad]] = {}
    mapping_set = f"{VOCABULARY_BASE}alignments/{name}"
    asserted = set()
    for quad in quads:
        subject, value = quad.subject, quad.object
        if isinstance(subject, NamedNode) and isinstance(value, NamedNode | Literal):
            asserted.add((subject.value, quad.predicate.value, value.value))
            about = said.setdefault(subject.value, {})
            if _is_english(value) or quad.predicate.value not in about:
                about[quad.predicate.value] = quad
    axioms = {iri: about for iri, about in said.items() if about.keys() >= _AXIOM}
    found = sorted(_correspondence(iri, about) for iri, about in axioms.items())
    told = _slots(mapping_set, said.get(mapping_set, {}))
    terms = (each.iris for each in found)
    sources = (told[slot] for slot in _ENTITIES if slot in told)
    return Alignment(
        name,
        _with_namespaces(prefixes, chain(*terms, sources)),
        told,
        tuple(found),
        frozenset(each for each in asserted if each[0] not in {mapping_set, *axioms}),
    )


def _with_namespaces(prefixes: Mapping[str, str], iris: Iterable[str]) -> dict[str, str]:
    """Return prefixes in their order, with one for the namespace of each IRI that has none."""
    whole = dict(sorted(prefixes.items()))
    for iri in iris:
        if not any(iri.startswith(namespace) for namespace in whole.values()):
            end = max(iri.rfind(sign, 0, -1) for sign in "#/:") + 1
            whole[f"ns{len(whole) - len(prefixes) + 1}"] = iri[:end]
    return whole


def _is_english(value: NamedNode | Literal) -> bool:
    return isinstance(value, Literal) and value.language in {None, "en"}


def _correspondence(iri: str, about: Mapping[str, Quad]) -> Correspondence:
    texts = {prop: _text(quad.object) for prop, quad in about.items()}
    return Correspondence(
        texts[term("owl:annotatedSource").value],
        texts[term("owl:annotatedProperty").value],
        texts[term("owl:annotatedTarget").value],
        texts.get(f"{SSSOM}mapping_justification", ""),
        texts.get(f"{SSSOM}confidence", ""),
        texts.get(term("rdfs:comment").value, ""),
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
