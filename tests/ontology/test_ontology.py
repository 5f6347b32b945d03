"""The terms: labels, definitions, names (SEMIC GC-R4, GC-R5, SC-R2, SC-R3, SC-R5; FOOPS!)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from vises.namespaces import PREFIXES, term

ROOT = Path(__file__).resolve().parents[2]
VISES = PREFIXES["vises"]
ONTOLOGY = NamedNode("https://w3id.org/vises/ontology")
LANGUAGES = {"fr", "nl", "en"}
TYPE = term("rdf:type")
PROPERTY_KINDS = {"owl:ObjectProperty", "owl:DatatypeProperty"}
# SEMIC SC-R2 wants no domain or range; RDF Data Cube IC-4 wants the range of each dimension.
COMPONENT_KINDS = {"qb:DimensionProperty", "qb:MeasureProperty"}


def of_kind(quads: frozenset[Quad], *kinds: str) -> set[NamedNode]:
    wanted = {term(kind) for kind in kinds}
    return {q.subject for q in quads if q.predicate == TYPE and q.object in wanted}


def of_ours(quads: frozenset[Quad], *kinds: str) -> set[NamedNode]:
    return {iri for iri in of_kind(quads, *kinds) if iri.value.startswith(VISES)}


def classes(quads: frozenset[Quad]) -> set[NamedNode]:
    return of_ours(quads, "owl:Class")


def properties(quads: frozenset[Quad]) -> set[NamedNode]:
    return of_ours(quads, *PROPERTY_KINDS)


def texts(quads: frozenset[Quad], predicate: str) -> dict[NamedNode, dict[str, list[str]]]:
    found: dict[NamedNode, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for q in quads:
        if q.predicate == term(predicate):
            found[q.subject][q.object.language].append(q.object.value)
    return found


def values(quads: frozenset[Quad], predicate: str) -> dict[NamedNode, set[NamedNode | Literal]]:
    found: dict[NamedNode, set[NamedNode | Literal]] = defaultdict(set)
    for q in quads:
        if q.predicate == term(predicate):
            found[q.subject].add(q.object)
    return found


def test_there_are_terms_and_every_typed_subject_is_one(ontology: frozenset[Quad]) -> None:
    terms = classes(ontology) | properties(ontology)
    components = of_kind(ontology, "qb:DataStructureDefinition", "qb:ComponentSpecification")
    subjects = {q.subject for q in ontology if q.subject.value.startswith(VISES)}
    assert len(classes(ontology)) >= 25
    assert len(properties(ontology)) >= 50
    assert subjects == terms | components


def test_each_term_has_one_label_and_one_definition_in_each_language(
    ontology: frozenset[Quad],
) -> None:
    for predicate in ("rdfs:label", "skos:definition"):
        found = texts(ontology, predicate)
        for subject in classes(ontology) | properties(ontology):
            assert {k: len(v) for k, v in found[subject].items()} == dict.fromkeys(LANGUAGES, 1), (
                predicate,
                subject,
            )


def test_scope_notes_come_in_all_languages(ontology: frozenset[Quad]) -> None:
    for subject, found in texts(ontology, "skos:scopeNote").items():
        assert set(found) == LANGUAGES, subject


def test_each_class_has_an_example_or_a_scope_note(ontology: frozenset[Quad]) -> None:
    explained = texts(ontology, "skos:scopeNote").keys() | texts(ontology, "skos:example").keys()
    own = {cls for cls in classes(ontology) if cls.value.startswith(VISES)}
    assert own
    assert own - explained == set()


def test_no_two_terms_share_a_label_or_a_definition(ontology: frozenset[Quad]) -> None:
    for predicate in ("rdfs:label", "skos:definition"):
        counts = Counter(
            (language, text)
            for found in texts(ontology, predicate).values()
            for language, parts in found.items()
            for text in parts
        )
        assert [key for key, count in counts.items() if count > 1] == []


def test_definitions_are_sentences_that_do_not_start_with_the_label(
    ontology: frozenset[Quad],
) -> None:
    labels = texts(ontology, "rdfs:label")
    for subject, found in texts(ontology, "skos:definition").items():
        for language, parts in found.items():
            text = parts[0]
            assert re.match(r"^[A-ZÀ-Ý].*[^.]\.$", text), (subject, text)
            for label in labels[subject][language]:
                starts = rf"^{re.escape(label)}\b"
                assert not re.match(starts, text, re.IGNORECASE), (subject, text)
            assert not re.search(r"\b(?:not an?|is not)\b|e\.g\.|p\. ?ex\.|\bbv\.", text), text


def test_no_text_has_stray_white_space(everything: frozenset[Quad]) -> None:
    for q in everything:
        if isinstance(q.object, Literal):
            assert not re.search(r"^\s|\s$|\s\s|[^\S \u00a0]", q.object.value), q


def test_french_has_spaces_that_do_not_break(everything: frozenset[Quad]) -> None:
    for q in everything:
        if isinstance(q.object, Literal) and q.object.language == "fr":
            assert not re.search(r"\S [;:?!»%](?!\w)|« |\d \d{3}\b", q.object.value), q


def test_names_are_camel_case_without_version_or_conjunction(ontology: frozenset[Quad]) -> None:
    for pattern, terms in (
        (r"[A-Z][A-Za-z0-9]*", classes(ontology)),
        (r"[a-z][A-Za-z0-9]*", properties(ontology)),
    ):
        for subject in terms:
            name = subject.value.removeprefix(VISES)
            assert re.fullmatch(pattern, name), name
            assert not re.search(r"[A-Z]{2}|[a-z](?:And|Or)[A-Z]|[0-9]", name), name


def test_each_term_says_where_it_is_defined_and_how_stable_it_is(
    ontology: frozenset[Quad],
) -> None:
    status = NamedNode("http://www.w3.org/2003/06/sw-vocab-status/ns#term_status")
    for subject in classes(ontology) | properties(ontology):
        about = {q.predicate: q.object for q in ontology if q.subject == subject}
        assert about[term("rdfs:isDefinedBy")] == ONTOLOGY
        assert about[status] == Literal("testing")


def test_only_limited_owl_is_used(ontology: frozenset[Quad]) -> None:
    owl = {q.predicate.value for q in ontology if q.predicate.value.startswith(PREFIXES["owl"])}
    names = ("versionIRI", "versionInfo", "priorVersion")
    assert owl == {term(f"owl:{name}").value for name in names}
    assert not [q for q in ontology if q.predicate == term("rdfs:comment")]
    assert not [q for q in ontology if q.predicate == term("rdfs:domain")]
    ranged = {q.subject for q in ontology if q.predicate == term("rdfs:range")}
    assert ranged == of_kind(ontology, *COMPONENT_KINDS)


def test_every_entity_is_declared_as_one_kind_and_used_as_that(
    ontology: frozenset[Quad],
) -> None:
    """OWL 2, sections 5.8 and 5.9: what has to hold for OWL 2 DL, as far as it concerns kinds."""
    kinds = {
        kind: of_kind(ontology, f"owl:{kind}")
        for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
    }
    counts = Counter(iri for found in kinds.values() for iri in found)
    assert [iri for iri, count in counts.items() if count > 1] == []
    built_in = tuple(PREFIXES[prefix] for prefix in ("rdf", "rdfs", "owl"))
    classes_used = {q.object for q in ontology if q.predicate == TYPE}
    classes_used |= {q.object for q in ontology if q.predicate == term("rdfs:subClassOf")}
    named = {iri for iri in classes_used if not iri.value.startswith(built_in)}
    assert named - kinds["Class"] == set()
    for q in ontology:
        if q.predicate == term("rdfs:subPropertyOf"):
            alike = [kind for kind, found in kinds.items() if {q.subject, q.object} <= found]
            assert alike, q
        elif not q.predicate.value.startswith(built_in):
            literal = "DatatypeProperty" if isinstance(q.object, Literal) else "ObjectProperty"
            assert q.predicate in kinds[literal] | kinds["AnnotationProperty"], q


def test_no_name_is_both_a_class_and_a_property(everything: frozenset[Quad]) -> None:
    individuals = {
        q.subject
        for q in everything
        if q.predicate == TYPE and q.object.value.startswith((VISES, PREFIXES["skos"]))
    }
    objects = of_kind(everything, "owl:ObjectProperty")
    assert not classes(everything) & properties(everything)
    assert not objects & of_kind(everything, "owl:DatatypeProperty")
    assert not individuals & (classes(everything) | properties(everything))


def test_hierarchies_have_no_cycle_and_every_class_a_superclass(
    ontology: frozenset[Quad],
) -> None:
    for predicate in ("rdfs:subClassOf", "rdfs:subPropertyOf"):
        parents = values(ontology, predicate)
        for start in list(parents):
            seen, todo = set(), list(parents[start])
            while todo:
                node = todo.pop()
                assert node != start, start
                if node not in seen:
                    seen.add(node)
                    todo.extend(parents.get(node, ()))
    assert classes(ontology) == set(values(ontology, "rdfs:subClassOf"))


def test_hints_of_use_name_what_exists(ontology: frozenset[Quad]) -> None:
    known = classes(ontology)
    domains = values(ontology, "schema:domainIncludes")
    ranges = values(ontology, "schema:rangeIncludes")
    assert set(domains) == set(ranges) == properties(ontology)
    for found in (*domains.values(), *ranges.values()):
        for hint in found:
            assert not hint.value.startswith(VISES) or hint in known, hint


def test_ranges_agree_with_the_kind_of_property(ontology: frozenset[Quad]) -> None:
    literal = (PREFIXES["xsd"], term("rdf:langString").value)
    ranges = values(ontology, "schema:rangeIncludes")
    for subject in of_ours(ontology, "owl:DatatypeProperty"):
        assert all(hint.value.startswith(literal) for hint in ranges[subject]), subject
    for subject in of_ours(ontology, "owl:ObjectProperty"):
        assert not any(hint.value.startswith(literal) for hint in ranges[subject]), subject


def test_the_version_is_that_of_its_changelog_and_of_the_data_model(
    ontology: frozenset[Quad],
) -> None:
    said = {q.predicate: q.object.value for q in ontology if q.subject == ONTOLOGY}
    version = said[term("owl:versionInfo")]
    changes = (ROOT / "ontology/CHANGELOG.md").read_text("utf-8")
    listed, before, *_ = re.findall(r"^## (\S+)", changes, re.MULTILINE)
    assert listed == version
    assert said[term("owl:priorVersion")] == f"{ONTOLOGY.value}/{before}"
    assert f", version {version}.\n" in (ROOT / "docs/data-model.md").read_text("utf-8")


def test_header_is_complete(ontology: frozenset[Quad]) -> None:
    header = [q for q in ontology if q.subject == ONTOLOGY]
    wanted = {
        *("dcterms:title", "dcterms:description", "dcterms:abstract", "dcterms:license"),
        *("dcterms:creator", "dcterms:publisher", "dcterms:created", "dcterms:issued"),
        *("dcterms:modified", "dcterms:bibliographicCitation", "bibo:status"),
        *("owl:versionIRI", "owl:versionInfo"),
        *("vann:preferredNamespacePrefix", "vann:preferredNamespaceUri"),
    }
    one = {q.predicate: q.object for q in header}
    assert {term(name) for name in wanted} <= set(one)
    assert one[term("dcterms:license")].value == "https://creativecommons.org/licenses/by/4.0/"
    version = one[term("owl:versionInfo")].value
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert one[term("owl:versionIRI")].value == f"{ONTOLOGY.value}/{version}"
    citation = one[term("dcterms:bibliographicCitation")].value
    assert citation.endswith(f"version {version}. {ONTOLOGY.value}/{version}")
    assert one[term("vann:preferredNamespaceUri")].value == VISES
    for predicate in ("dcterms:title", "dcterms:description", "dcterms:abstract"):
        assert set(texts(ontology, predicate)[ONTOLOGY]) == LANGUAGES
