"""The JSON-LD contexts name every term once, typed as the ontology and CIDS type it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import rdflib
from rdflib import OWL, RDF

from vises.ingest.jsonld import package_context
from vises.namespaces import PREFIXES

ROOT = Path(__file__).parents[2] / "ontology"
RANGE = rdflib.URIRef("https://schema.org/rangeIncludes")
NATIVE = {"string", "boolean", "integer"}
# CIDS 3.2.1 gives its values the datatype owl:Thing, which is a class.
DIFFERENT = {"hasLegalStatus"}


@pytest.fixture(scope="module")
def ontology() -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in ROOT.glob("*.ttl"):
        graph.parse(path)
    return graph


def iri(context: dict[str, Any], name: str) -> str:
    value = context[name]
    prefix, colon, local = (value["@id"] if isinstance(value, dict) else value).partition(":")
    return context[prefix] + local if colon and prefix in context else prefix + colon + local


def test_every_term_of_the_ontology_is_there_with_its_type(ontology: rdflib.Graph) -> None:
    """What this shows as missing is what to write into ontology/contexts/vises.jsonld."""
    due = {
        str(term).removeprefix(PREFIXES["vises"]): expected(ontology, term, kind)
        for kind in (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
        for term in ontology.subjects(RDF.type, kind)
        if str(term).startswith(PREFIXES["vises"])
    }
    context = package_context("vises")
    assert len(due) > 60
    assert {n: d for n, d in due.items() if context.get(n) != d} == {}
    gone = {n for n, d in context.items() if "vises:" in json.dumps(d)} - due.keys()
    assert gone == set()


def expected(ontology: rdflib.Graph, term: rdflib.term.Node, kind: rdflib.URIRef) -> object:
    curie = f"vises:{str(term).removeprefix(PREFIXES['vises'])}"
    ranges = {str(r).rpartition("#")[2] for r in ontology.objects(term, RANGE)}
    if kind == OWL.ObjectProperty:
        return {"@id": curie, "@type": "@id"}
    if kind == OWL.Class or ranges <= NATIVE or len(ranges) > 1:
        return curie
    if ranges == {"langString"}:
        return {"@id": curie, "@container": "@language"}
    return {"@id": curie, "@type": f"xsd:{ranges.pop()}"}


@pytest.mark.parametrize("name", ["vises", "cids-bridge"])
def test_each_file_is_a_context_of_known_prefixes(name: str) -> None:
    text = (ROOT / "contexts" / f"{name}.jsonld").read_text(encoding="utf-8")
    context = json.loads(text)["@context"]
    prefixes = {k: v for k, v in context.items() if isinstance(v, str) and v[-1] in "#/"}
    theirs = {"org", "dc"} if name == "cids-bridge" else set()
    assert all(PREFIXES.get(p, v) == v for p, v in prefixes.items() if p not in theirs)
    names = [k for k in context if k not in prefixes and not k.startswith("@")]
    meant = [(iri(context, k), json.dumps(context[k])) for k in names]
    assert len(set(meant)) == len(meant)
    for definition in context.values():
        if isinstance(definition, dict):
            assert definition.keys() <= {"@id", "@type", "@container"}
            assert definition.get("@container", "@language") == "@language"


@pytest.mark.shared
def test_the_bridge_reads_what_the_context_of_cids_reads(shared: Path) -> None:
    text = (shared / "data" / "cids" / "cidsContext.jsonld").read_text(encoding="utf-8")
    published = json.loads(text)["@context"]
    bridge = package_context("cids-bridge")
    terms = {name for name, value in published.items() if isinstance(value, dict)}
    assert terms == {
        n for n in bridge if not (isinstance(bridge[n], str) and bridge[n][-1] in "#/")
    } - {"@version"}
    for name in terms:
        assert iri(bridge, name) == iri(published, name)
        if name not in DIFFERENT:
            assert bridge[name]["@type"] == published[name]["@type"]
    for name in bridge.keys() & published.keys() - terms:
        assert bridge[name] == published[name], name
