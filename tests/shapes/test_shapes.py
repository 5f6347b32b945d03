"""Every shape refuses what its name says, and nothing else, by both engines alike."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    parse,
    serialize,
)

import vises
from vises.namespaces import PREFIXES, VOCABULARY_BASE, term
from vises.validation.reference import pyshacl_validator
from vises.validation.rust import shacl_validator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vises.validation.report import Report
    from vises.validation.validator import Validator

HERE = Path(__file__).parent
PACKAGE = Path(vises.__file__).parent
FILES = sorted((PACKAGE / "shapes").glob("*.ttl"))
VALID = sorted(HERE.glob("*/valid.*.ttl"))
INVALID = sorted(HERE.glob("*/invalid.*.ttl"))
LANGUAGES = {"fr", "nl", "en"}
LOGIC = ("sh:and", "sh:node", "sh:not", "sh:or", "sh:qualifiedValueShape", "sh:xone")
TARGETS = ("sh:targetClass", "sh:targetSubjectsOf")
CLASSES = """
    adms:Identifier dcat:Dataset locn:Address org:Organization skos:Concept skos:ConceptScheme
    vises:Claim vises:CountClaim vises:EconomicActivity vises:Enterprise vises:Indicator
    vises:IndicatorResult vises:IngestActivity vises:KeyPrinciple vises:LegalForm vises:Method
    vises:MethodVersion vises:Participation vises:Perimeter vises:Project vises:ProjectPhase
    vises:Publication vises:QualitativeAccount vises:Region vises:RegionalFigure vises:SizeBand
    vises:SseFamily vises:SseStatusClaim vises:Stage vises:Step vises:ValorisationEffect
""".split()

Row = dict[str, str | None]


# ------------------------------------------------------------------ the cases


def case_id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def read(path: Path) -> list[Quad]:
    return list(parse(path=str(path), format=RdfFormat.TURTLE, base_iri=VOCABULARY_BASE))


@cache
def engines() -> tuple[Validator, ...]:
    text = b"".join(file.read_bytes() for file in FILES)
    return shacl_validator(text), pyshacl_validator(text)


@cache
def subclasses() -> tuple[Quad, ...]:
    """Return the hierarchy of the ontology, which the gate may lay beside the data."""
    found = [
        statement
        for file in sorted((PACKAGE / "ontology").glob("*.ttl"))
        for statement in read(file)
        if statement.predicate == term("rdfs:subClassOf")
    ]
    above = Quad(
        term("org:FormalOrganization"), term("rdfs:subClassOf"), term("org:Organization")
    )
    return (*found, above)


def judged(case: Path, engine: Validator, beside: Iterable[Quad] = ()) -> list[Row]:
    """Validate a case; keep the results on what it describes, as the gate does.

    What a case only types stands for things described elsewhere.
    """
    data = read(case)
    described = {str(q.subject) for q in data if q.predicate != term("rdf:type")}
    text = serialize((q.triple for q in (*data, *beside)), format=RdfFormat.N_TRIPLES)
    return rows(engine.validate(text), described)


def rows(report: Report, described: set[str]) -> list[Row]:
    found: list[Row] = [
        {
            "focus": focus(result.focus),
            "path": None if result.path is None else compact(result.path[1:-1]),
            "component": compact(result.component),
            "severity": f"sh:{result.severity}",
            "shape": compact(result.shape),
        }
        for result in report.results
        if result.focus in described
    ]
    return sorted(found, key=row_order)


def row_order(row: Row) -> tuple[str, ...]:
    return tuple(row[key] or "" for key in ("focus", "path", "component", "severity", "shape"))


def focus(node: str) -> str:
    return "_:blank" if node.startswith("_:") else node[1:-1].removeprefix(VOCABULARY_BASE)


def compact(iri: str) -> str:
    """Write an IRI with a prefix, or between angle brackets where none fits."""
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and re.fullmatch(r"[\w-]+", local):
            return f"{prefix}:{local}"
    return f"<{iri}>"


def expected(case: Path) -> list[Row]:
    text = case.with_name(f"{case.stem}.expected.json").read_text(encoding="utf-8")
    return cast("list[Row]", json.loads(text))


@pytest.mark.parametrize("case", VALID, ids=case_id)
def test_a_valid_case_has_no_result(case: Path) -> None:
    assert [judged(case, engine) for engine in engines()] == [[], []]


@pytest.mark.parametrize("case", INVALID, ids=case_id)
def test_an_invalid_case_has_the_results_that_its_name_says(case: Path) -> None:
    wanted = expected(case)
    assert wanted
    for engine in engines():
        assert judged(case, engine) == wanted, engine.name


@pytest.mark.parametrize("case", [*VALID, *INVALID], ids=case_id)
def test_the_hierarchy_of_the_ontology_changes_nothing(case: Path) -> None:
    alone, beside = (judged(case, engines()[0], extra) for extra in ((), subclasses()))
    assert alone == beside


def test_each_folder_has_valid_and_invalid_cases() -> None:
    folders = {path.name for path in HERE.iterdir() if path.is_dir() and path.name[0] != "_"}
    with_messages = {file.stem for file in FILES} - {"conditions", "groups", "shapes"}
    assert folders == with_messages
    for folder in folders:
        names = {path.name for path in (HERE / folder).iterdir()}
        assert {"valid.minimal.ttl", "valid.full.ttl"} <= names
        invalid = {name.removesuffix(".ttl") for name in names if name.startswith("invalid.")}
        defects = {name for name in invalid if not name.endswith(".json")}
        assert defects
        assert {f"{name}.expected.json" for name in defects} == invalid - defects


def test_each_shape_has_an_invalid_case(shapes: Store) -> None:
    reported = {row["shape"] for case in INVALID for row in expected(case)}
    exercised = {shape for shape in named(shapes) if compact(shape.value) in reported}
    while more := {s for e in exercised for s in parts(shapes, e)} - exercised:
        exercised |= more
    idle = {s for s in named(shapes) if constrains(shapes, s)} - exercised
    assert not idle


# ------------------------------------------------------------------ the shapes themselves


@pytest.fixture(scope="module")
def shapes() -> Store:
    store = Store()
    for file in FILES:
        store.extend(read(file))
    return store


def objects(shapes: Store, subject: NamedNode, *predicates: str) -> list[NamedNode]:
    return [
        cast("NamedNode", quad.object)
        for name in predicates
        for quad in shapes.quads_for_pattern(subject, term(name), None)
    ]


def texts(shapes: Store, subject: NamedNode, predicate: str) -> list[Literal]:
    return cast("list[Literal]", objects(shapes, subject, predicate))


def of_class(shapes: Store, name: str) -> set[NamedNode]:
    found = shapes.quads_for_pattern(None, term("rdf:type"), term(name))
    return {cast("NamedNode", quad.subject) for quad in found}


def named(shapes: Store) -> set[NamedNode]:
    return of_class(shapes, "sh:NodeShape") | of_class(shapes, "sh:PropertyShape")


def reporting(shapes: Store) -> set[NamedNode]:
    """Return the shapes that report: those with a target, and their properties."""
    targeted = {s for s in named(shapes) if objects(shapes, s, *TARGETS)}
    return targeted | {p for s in targeted for p in objects(shapes, s, "sh:property")}


def parts(shapes: Store, shape: NamedNode) -> set[NamedNode]:
    """Return the conditions that a shape puts together."""
    found: set[NamedNode] = set()
    for value in objects(shapes, shape, *LOGIC):
        node: NamedNode | BlankNode = value
        while isinstance(node, BlankNode):
            found.add(first(shapes, node, "rdf:first"))
            node = first(shapes, node, "rdf:rest")
        found |= {node} & named(shapes)
    return found


def first(shapes: Store, node: BlankNode, name: str) -> NamedNode:
    return cast("NamedNode", next(shapes.quads_for_pattern(node, term(name), None)).object)


def constrains(shapes: Store, shape: NamedNode) -> bool:
    """Whether a shape says more than what it is called, aims at and consists of."""
    quiet = "description group message name order path property severity".split()
    idle = {term(f"sh:{name}") for name in quiet} | {term("rdf:type")} | set(map(term, TARGETS))
    return any(q.predicate not in idle for q in shapes.quads_for_pattern(shape, None, None))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_file_starts_with_what_it_demands(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [line.startswith("# ") for line in lines[:3]] == [True, True, False]
    assert all(line.endswith((".", ",")) for line in lines[:2])


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_has_a_file_with_its_shape(name: str) -> None:
    local = name.partition(":")[2]
    target = (term(f"shapes:{local}Shape"), term("sh:targetClass"), term(name))
    statements = read(PACKAGE / "shapes" / f"{local}.ttl")
    assert target in {(q.subject, q.predicate, q.object) for q in statements}


def test_no_shape_is_blank_and_each_has_one_home(shapes: Store) -> None:
    homes: Counter[str] = Counter()
    for file in FILES:
        homes.update({str(q.subject) for q in read(file) if q.predicate == term("rdf:type")})
    assert set(homes.values()) == {1}
    assert all(isinstance(shape, NamedNode) for shape in named(shapes))
    lists = {term("rdf:first"), term("rdf:rest")}
    assert {q.predicate for q in shapes if isinstance(q.subject, BlankNode)} == lists


def test_names_follow_the_convention(shapes: Store) -> None:
    namespace = PREFIXES["shapes"]
    targeted = {s for s in named(shapes) if objects(shapes, s, *TARGETS)}
    for shape in named(shapes):
        local = shape.value.removeprefix(namespace)
        if shape in targeted:
            assert re.fullmatch(r"[A-Z][A-Za-z]+Shape", local)
        elif shape in of_class(shapes, "sh:PropertyShape"):
            owner, _, name = local.partition("-")
            assert NamedNode(namespace + owner) in targeted
            assert re.fullmatch(r"[a-z][A-Za-z]+", name)
        else:
            assert re.fullmatch(r"[A-Z][A-Za-z]+(?<!Shape)", local)
    for shape in targeted:
        for prop in objects(shapes, shape, "sh:property"):
            assert prop.value.startswith(f"{shape.value}-")


def test_each_shape_speaks_three_languages(shapes: Store) -> None:
    for shape in named(shapes):
        spoken = ["sh:name", "sh:description"]
        spoken += ["sh:message"] if shape in reporting(shapes) else []
        for predicate in spoken:
            said = texts(shapes, shape, predicate)
            assert {text.language for text in said} == LANGUAGES, (shape, predicate)
            assert len(said) == len(LANGUAGES), (shape, predicate)
            assert all(text.value.strip() == text.value for text in said)
            if predicate != "sh:name":
                assert all(text.value.endswith((".", "?", "…")) for text in said), shape


def test_each_reporting_shape_has_one_severity(shapes: Store) -> None:
    known = {term(f"sh:{name}") for name in ("Violation", "Warning", "Info")}
    for shape in reporting(shapes):
        assert len(set(objects(shapes, shape, "sh:severity")) & known) == 1, shape


def test_each_property_has_an_order_and_a_group_with_labels(shapes: Store) -> None:
    groups = of_class(shapes, "sh:PropertyGroup")
    for shape in named(shapes):
        properties = objects(shapes, shape, "sh:property")
        orders = [text.value for p in properties for text in texts(shapes, p, "sh:order")]
        assert len(orders) == len(set(orders)) == len(properties), shape
        assert all(len(set(objects(shapes, p, "sh:group")) & groups) == 1 for p in properties)
    for group in groups:
        assert {text.language for text in texts(shapes, group, "rdfs:label")} == LANGUAGES
    assert len({texts(shapes, group, "sh:order")[0].value for group in groups}) == len(groups)


def test_each_path_is_a_term_of_the_ontology_or_of_a_reused_vocabulary(shapes: Store) -> None:
    ontology = {str(q.subject) for f in (PACKAGE / "ontology").glob("*.ttl") for q in read(f)}
    forbidden = Literal(0)
    for shape in of_class(shapes, "sh:PropertyShape"):
        if forbidden in texts(shapes, shape, "sh:maxCount"):
            continue  # names a term in order to refuse it
        (path,) = objects(shapes, shape, "sh:path")
        prefix = compact(path.value).partition(":")[0]
        assert prefix in PREFIXES, path
        assert prefix != "vises" or str(path) in ontology, path


def test_each_class_and_code_asked_for_is_in_the_ontology(shapes: Store) -> None:
    known = {str(q.subject) for f in (PACKAGE / "ontology").rglob("*.ttl") for q in read(f)}
    ours = re.compile(f"{VOCABULARY_BASE}(ontology#|code/)")
    asked = {q.object for q in shapes if isinstance(q.object, NamedNode)}
    assert {str(node) for node in asked if ours.match(node.value)} <= known


def test_the_shapes_are_shapes_by_the_shapes_of_shacl() -> None:
    text = b"".join(file.read_bytes() for file in FILES)
    assert pyshacl_validator(text, meta_shacl=True).validate(b"").conforms
