"""The ontology, code lists, alignments and shapes: the package's Turtle files, and graphs."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from vises.ingest.provenance import (
    LICENCE,
    PROVENANCE,
    DatasetDescription,
    content_iri,
    describe,
    described,
)
from vises.ingest.rdf import write_ntriples
from vises.namespaces import PREFIXES, VOCABULARY_BASE, Iris, term
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vises.store.transaction import Transaction

DERIVED = term("prov:wasDerivedFrom")
DESCRIPTIONS = {
    "ontology": DatasetDescription(
        title={
            "fr": "L'ontologie VISES",
            "nl": "De VISES-ontologie",
            "en": "The VISES ontology",
        },
        description={
            "fr": "Les classes et propriétés avec lesquelles les données sont décrites.",
            "nl": "De klassen en eigenschappen waarmee de gegevens beschreven zijn.",
            "en": "The classes and properties that the data is described with.",
        },
        licence=LICENCE,
    ),
    "codes": DatasetDescription(
        title={"fr": "Les listes de codes", "nl": "De codelijsten", "en": "The code lists"},
        description={
            "fr": "Formes juridiques, familles, périmètres, régions, activités et autres codes.",
            "nl": "Rechtsvormen, families, afbakeningen, regio's, activiteiten en andere codes.",
            "en": "Legal forms, families, perimeters, regions, activities and other codes.",
        },
        licence=LICENCE,
    ),
    "alignments": DatasetDescription(
        title={"fr": "Les alignements", "nl": "De afstemmingen", "en": "The alignments"},
        description={
            "fr": "Correspondances avec d'autres vocabulaires, avec justification et certitude.",
            "nl": "Overeenkomsten met andere vocabularia, met verantwoording en zekerheid.",
            "en": "Correspondences with other vocabularies, with justification and confidence.",
        },
        licence=LICENCE,
    ),
    "shapes": DatasetDescription(
        title={
            "fr": "Les règles de qualité (SHACL)",
            "nl": "De kwaliteitsregels (SHACL)",
            "en": "The quality rules (SHACL)",
        },
        description={
            "fr": "Les règles que toute donnée doit respecter pour être publiée.",
            "nl": "De regels waaraan alle gegevens moeten voldoen om gepubliceerd te worden.",
            "en": "The rules that all data must keep to be published.",
        },
        licence=LICENCE,
    ),
}


def files(graph: str) -> list[Path]:
    """Return the Turtle files of a graph: `ontology`, `codes`, `alignments` or `shapes`."""
    package = Path(str(resources.files("vises")))
    folder = {
        "ontology": package / "ontology",
        "codes": package / "ontology" / "codes",
        "alignments": package / "ontology" / "alignments",
        "shapes": package / "shapes",
    }[graph]
    return sorted(folder.glob("*.ttl"))


def ontology_version() -> str:
    """Return the version of the ontology in the package (owl:versionInfo)."""
    document = next(path for path in files("ontology") if path.name == "vises.ttl")
    said = parse(path=str(document), format=RdfFormat.TURTLE, base_iri=VOCABULARY_BASE)
    stated = (q.object for q in said if q.predicate == term("owl:versionInfo"))
    return next(version.value for version in stated if isinstance(version, Literal))


def digest(graph: str) -> str:
    """Return the SHA-256 over the files of a vocabulary graph, in hexadecimal."""
    sha = hashlib.sha256()
    for path in files(graph):
        sha.update(hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()


def synchronise(transaction: Transaction, base_iri: str, folder: Path) -> None:
    """Make the graphs of `DESCRIPTIONS` what the package holds.

    Each graph's description in graph/provenance names the digest of the files that it was made
    from; where that is the digest of today's files, the graph stays as it is. `folder` is one to
    work in; what is written there must stay until the transaction ends.
    """
    iris = Iris(base_iri)
    provenance = iris.graph(PROVENANCE)
    for name, description in DESCRIPTIONS.items():
        graph = iris.graph(name)
        made_from = Quad(graph, DERIVED, content_iri(digest(name)), provenance)
        if made_from in transaction.store:
            continue
        target = folder / f"{name}.nt"
        write_ntriples(files(name), VOCABULARY_BASE, target)
        transaction.replace_graph(graph, target)
        before = described(transaction.store, iris, name)
        now = {made_from, *describe(iris, name, description)}
        transaction.apply(Change(before, frozenset(now)))


class CodeLists:
    """The code lists as row checks and sources need them."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        """Index the notations of each scheme, the families of legal forms, and the regions."""
        notations: dict[str, set[str]] = {}
        families: dict[str, set[str]] = {}
        departments: dict[str, str] = {}
        for quad in quads:
            scheme, _, notation = _code(quad.subject).partition("/")
            value = quad.object.value if isinstance(quad.object, Literal) else ""
            if quad.predicate == term("skos:notation"):
                notations.setdefault(scheme, set()).add(value)
            elif quad.predicate == term("vises:inFamily"):
                families.setdefault(scheme, set()).add(notation)
            elif quad.predicate == term("vises:departementCode"):
                departments[value] = notation
        self.notations: Mapping[str, frozenset[str]] = _frozen(notations)
        self.in_a_family: Mapping[str, frozenset[str]] = _frozen(families)
        self.departments: Mapping[str, str] = departments


def _frozen(sets: Mapping[str, set[str]]) -> Mapping[str, frozenset[str]]:
    return {name: frozenset(members) for name, members in sets.items()}


def _code(node: object) -> str:
    value = node.value if isinstance(node, NamedNode) else ""
    return value.removeprefix(PREFIXES["code"]) if value.startswith(PREFIXES["code"]) else ""


@cache
def code_lists() -> CodeLists:
    """Return the package's code lists, read once."""
    return CodeLists(
        quad
        for path in files("codes")
        for quad in parse(path=str(path), format=RdfFormat.TURTLE, base_iri=VOCABULARY_BASE)
    )
