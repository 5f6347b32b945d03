"""Both engines behind `Validator`: what each must do, and that they agree."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vises.errors import BadInput
from vises.validation.reference import pyshacl_validator
from vises.validation.report import Result
from vises.validation.rust import shacl_validator
from vises.validation.shapes import ShapesError, package_shapes
from vises.validation.syntax import RdfSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.validation.validator import Validator

    Engine = Callable[[bytes], Validator]

SH = "http://www.w3.org/ns/shacl#"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = b"""
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://e/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
MESSAGES = b"""
ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:S-p .
ex:S-p a sh:PropertyShape ; sh:path ex:p ; sh:datatype xsd:int ; sh:severity sh:Warning ;
  sh:message "Un entier"@fr , "Een geheel getal"@nl , "A \\"whole\\" number"@en , "plain" .
"""
ZOO = b'''
ex:Sub rdfs:subClassOf ex:C .
ex:A a sh:NodeShape ; sh:targetClass ex:C ;
  sh:property ex:A-class , ex:A-count , ex:A-pattern , ex:A-in , ex:A-lang , ex:A-range ,
    ex:A-length , ex:A-inverse , ex:A-sequence , ex:A-alternative , ex:A-star ,
    ex:A-qualified , ex:A-has , ex:A-pair ,
    [ sh:path ex:q ; sh:nodeKind sh:BlankNodeOrIRI ; sh:severity sh:Info ] ;
  sh:not [ sh:path ex:r ; sh:hasValue ex:b ] ;
  sh:or ( [ sh:path ex:q ; sh:maxCount 0 ] [ sh:path ex:p ; sh:minCount 1 ] ) ;
  sh:xone ( ex:HasQ ex:HasR ) ; sh:node ex:Nested ; sh:message "A"@en .
ex:HasQ a sh:NodeShape ; sh:property [ sh:path ex:q ; sh:minCount 1 ] .
ex:HasR a sh:NodeShape ; sh:property [ sh:path ex:r ; sh:minCount 1 ] .
ex:Nested a sh:NodeShape ; sh:and ( [ sh:path ex:p ; sh:maxCount 3 ] [ sh:nodeKind sh:IRI ] ) .
ex:A-class sh:path ex:r ; sh:class ex:C ; sh:message "nl"@nl , "fr"@fr .
ex:A-count sh:path ex:p ; sh:minCount 1 ; sh:maxCount 2 ; sh:severity sh:Warning .
ex:A-pattern sh:path ex:p ; sh:pattern "^[0-9]+$" ; sh:flags "i" .
ex:A-in sh:path ex:q ; sh:in ( ex:a ex:b "1" 1 true ) .
ex:A-lang sh:path ex:p ; sh:uniqueLang true ; sh:languageIn ( "fr" "nl" ) .
ex:A-range sh:path ex:q ; sh:minInclusive 1 ; sh:maxExclusive 10.5 .
ex:A-length sh:path ex:q ; sh:minLength 1 ; sh:maxLength 3 .
ex:A-inverse sh:path [ sh:inversePath ex:r ] ; sh:maxCount 1 .
ex:A-sequence sh:path ( ex:r ex:p ) ; sh:datatype xsd:integer .
ex:A-alternative sh:path [ sh:alternativePath ( ex:p ex:q ) ] ; sh:minCount 2 .
ex:A-star sh:path [ sh:zeroOrMorePath ex:r ] ; sh:maxCount 3 .
ex:A-qualified sh:path ex:r ; sh:qualifiedValueShape ex:HasQ ; sh:qualifiedMaxCount 1 .
ex:A-has sh:path ex:r ; sh:hasValue ex:a .
ex:A-pair sh:path ex:p ; sh:disjoint ex:q .
ex:Closed a sh:NodeShape ; sh:targetSubjectsOf ex:r ; sh:closed true ;
  sh:ignoredProperties ( <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ) ;
  sh:property [ sh:path ex:r ] , [ sh:path ex:p ; sh:datatype xsd:int ] .
ex:Objects a sh:NodeShape ; sh:targetObjectsOf ex:r ; sh:nodeKind sh:IRI .
ex:Query a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql [
  sh:message "{?value} twice"@en , "{?value} deux fois"@fr ;
  sh:select """SELECT $this ?value WHERE {
    $this <http://e/p> ?value ; <http://e/q> ?value . FILTER (!isBlank(?value)) }""" ] .
'''

engines = pytest.mark.parametrize("engine", [shacl_validator, pyshacl_validator])


def judged(engine: Engine, shapes: bytes, *lines: str) -> list[Result]:
    data = "".join(f"{line} .\n" for line in lines).encode()
    return list(engine(PREFIXES + shapes).validate(data).results)


@engines
def test_a_result_has_all_its_parts(engine: Engine) -> None:
    lines = (f"<http://e/1> {TYPE} <http://e/C>", f'<http://e/1> <http://e/p> "01"^^<{XSD}integer>')
    assert judged(engine, MESSAGES, *lines) == [
        Result(
            focus="<http://e/1>",
            path="<http://e/p>",
            value=f'"01"^^<{XSD}integer>',
            component=f"{SH}DatatypeConstraintComponent",
            severity="Warning",
            shape="http://e/S-p",
            messages={
                "fr": "Un entier",
                "nl": "Een geheel getal",
                "en": 'A "whole" number',
                "": "plain",
            },
        )
    ]


@engines
@pytest.mark.parametrize(
    ("datatype", "lexical", "results"),
    [
        ("integer", "01", 0),
        ("integer", "1.0", 1),
        ("int", "5", 0),
        ("int", "3000000000", 1),
        ("byte", "300", 1),
        ("decimal", "4.0", 0),
        ("boolean", "1", 0),
        ("boolean", "yes", 1),
        ("gYear", "2023", 0),
        ("gYear", "abc", 0),  # SHACL judges the lexical forms of SPARQL 1.1's suffixes only
        ("date", "2023-02-30", 1),
    ],
)
def test_lexical_forms_are_judged_as_written(
    engine: Engine, datatype: str, lexical: str, results: int
) -> None:
    constraint = f"[ sh:path ex:p ; sh:datatype xsd:{datatype} ]"
    shapes = f"ex:S sh:targetSubjectsOf ex:p ; sh:property {constraint} ."
    line = f'<http://e/1> <http://e/p> "{lexical}"^^<{XSD}{datatype}>'
    assert len(judged(engine, shapes.encode(), line)) == results


@engines
def test_blank_nodes_keep_their_labels(engine: Engine) -> None:
    shapes = b"ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:in ( [] [] ) ] ."
    results = judged(
        engine,
        shapes,
        "<http://e/1> <http://e/q> _:first",
        "_:z <http://e/p> _:a",
        "_:first <http://e/p> _:z",
    )
    assert [(r.focus, r.value) for r in results] == [("_:first", "_:z"), ("_:z", "_:a")]


@engines
def test_a_shape_without_iri_is_known_by_the_one_around_it(engine: Engine) -> None:
    shapes = b"""
        ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:q ; sh:minCount 1 ] .
        [] sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:r ; sh:minCount 1 ] .
    """
    results = judged(engine, shapes, "<http://e/1> <http://e/p> <http://e/2>")
    assert [(r.shape, r.path) for r in results] == [
        ("[]", "<http://e/r>"),
        ("http://e/S", "<http://e/q>"),
    ]


@engines
def test_a_query_has_its_own_messages_with_the_values_filled_in(engine: Engine) -> None:
    shapes = b"""ex:S sh:targetSubjectsOf ex:p ; sh:message "of the shape"@en ; sh:sparql [
        sh:message "{?value} is not good"@en , "{$value} n'est pas bon"@fr , "plain"@nl ;
        sh:select "SELECT $this ?value WHERE { $this <http://e/p> ?value }" ] ."""
    [result] = judged(engine, shapes, '<http://e/1> <http://e/p> "a{}"')
    assert result.messages == {
        "en": "a{} is not good",
        "fr": "a{} n'est pas bon",
        "nl": "plain",
    }


@engines
def test_a_custom_severity_is_its_iri_and_refuses(engine: Engine) -> None:
    shapes = b"ex:S sh:targetSubjectsOf ex:p ; sh:severity ex:Grave ; sh:nodeKind sh:Literal ."
    data = b"<http://e/1> <http://e/p> <http://e/2> .\n"
    report = engine(PREFIXES + shapes).validate(data)
    assert [r.severity for r in report.results] == ["http://e/Grave"]
    assert not report.accepted


@engines
@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b'<http://e/1> <http://e/p> "a" .\n<http://e/1> <http://e/p> "trunc', "line 2"),
        (b'<http://e/1> <http://e/p> "a" .\n<http://e/1> <http://e/p> "\xe9" .\n', "line 2"),
        ("<http://e/1> <http://e/p> <http://e/2> .".encode("utf-16"), "line 1"),
        (b"<http://e/1> <http://e/p> <relative> .\n", "line 1, column 27"),
    ],
)
def test_data_that_does_not_parse(engine: Engine, data: bytes, place: str) -> None:
    with pytest.raises(RdfSyntaxError) as caught:
        engine(PREFIXES + MESSAGES).validate(data)
    assert place in str(caught.value.place)


@engines
def test_a_constraint_that_is_deactivated_has_no_results(engine: Engine) -> None:
    shapes = (
        PREFIXES
        + b"""ex:S sh:targetNode ex:1 ; sh:class ex:C ; sh:sparql
        [ sh:deactivated true ; sh:select "SELECT $this { $this ?p ?o }" ] ,
        [ sh:deactivated false ; sh:select "SELECT $this { $this ?p ?o }" ] ."""
    )
    found = engine(shapes).validate(b"<http://e/1> <http://e/p> <http://e/2> .").results
    assert sorted(r.component.removeprefix(SH) for r in found) == [
        "ClassConstraintComponent",
        "SPARQLConstraintComponent",
    ]


@engines
@pytest.mark.parametrize(
    "shapes",
    [
        b"ex:S sh:targetNode ex:1 ; sh:property [ sh:minCount 1 ] .",
        b"ex:S sh:targetNode ex:1 ; sh:property [ sh:path ex:p , ex:q ; sh:minCount 1 ] .",
        b"ex:S sh:targetNode ex:1 ; sh:property ex:nowhere .",
        b"ex:S a sh:PropertyShape ; sh:targetNode ex:1 ; sh:minCount 1 .",
        b"ex:S sh:targetNode ex:1 ; sh:path ex:p , ex:q ; sh:minCount 1 .",
        b'ex:S sh:targetNode ex:1 ; sh:property [ sh:path ex:p ; sh:minCount "many" ] .',
        b'ex:S sh:targetNode ex:1 ; sh:property [ sh:path ex:p ; sh:pattern "(" ] .',
        b'ex:S sh:targetNode ex:1 ; sh:sparql [ sh:select "SELECT nothing" ] .',
        b'ex:S sh:targetNode ex:1 ; sh:sparql [ sh:select "SELECT $this { $this no:p 1 }" ] .',
    ],
)
def test_ill_formed_shapes(engine: Engine, shapes: bytes) -> None:
    with pytest.raises(ShapesError, match="mine") as caught:
        engine(PREFIXES + shapes, "mine.ttl").validate(b'<http://e/1> <http://e/p> "a" .\n')
    assert isinstance(caught.value, BadInput)


@engines
def test_shapes_that_do_not_parse(engine: Engine) -> None:
    with pytest.raises(RdfSyntaxError) as caught:
        engine(b"@prefix sh: <http://www.w3.org/ns/shacl#> .\n\nsh:a sh:b .", "mine.ttl")
    assert caught.value.place == "mine.ttl, line 3, column 11"


@engines
def test_nothing_is_fetched(engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        there = f"http://127.0.0.1:{server.getsockname()[1]}/x.ttl"
        shapes = MESSAGES + f"ex: owl:imports <{there}> ; sh:shapesGraph <{there}> .".encode()
        imports = f"<http://e/> <http://www.w3.org/2002/07/owl#imports> <{there}>"
        graph = f"<http://e/> <{SH}shapesGraph> <{there}>"
        assert judged(engine, shapes, imports, graph) == []
        with pytest.raises(TimeoutError):
            server.accept()


@engines
def test_our_shapes_compile(engine: Engine) -> None:
    assert engine(package_shapes()).validate(b"").conforms


@engines
def test_names_and_versions(engine: Engine) -> None:
    name, _, version = engine(PREFIXES).name.partition(" ")
    assert name in {"shacl", "pyshacl"}
    assert version[0].isdigit()


def quoted(text: str, suffix: str = "") -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(escapes.get(c, c) for c in text) + '"' + suffix


subjects = st.sampled_from([f"<http://e/{name}>" for name in "abcdé"] + ["_:x", "_:y"])
texts = ["1", "01", "5", "11", "abc", "", "true", 'q"\\\n\t', "é", "😀", "4.0"]
suffixes = ["", "@fr", "@nl", "@FR", "@nl-be"]
suffixes += [f"^^<{XSD}{name}>" for name in ("integer", "int", "decimal", "string")]
literals = st.builds(quoted, st.sampled_from(texts), st.sampled_from(suffixes))
statements = st.one_of(
    st.tuples(subjects, st.just(TYPE), st.sampled_from(["<http://e/C>", "<http://e/Sub>"])),
    st.tuples(
        subjects,
        st.sampled_from(["<http://e/p>", "<http://e/q>", "<http://e/r>"]),
        st.one_of(subjects, literals),
    ),
)


@given(st.lists(statements, max_size=12, unique=True))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_the_engines_agree(data: list[tuple[str, str, str]]) -> None:
    """Not generated, because pyshacl differs there: values that cannot be compared.

    Such a value breaks sh:lessThan and sh:maxExclusive (SHACL, sections 4.3 and 4.5.3). pyshacl
    gives up on a blank node, and passes over dates and booleans beside numbers.
    """
    document = "".join(f"{' '.join(statement)} .\n" for statement in data).encode()
    fast, slow = (ENGINE.validate(document) for ENGINE in AGREEING)
    assert fast == slow


AGREEING = (shacl_validator(PREFIXES + ZOO), pyshacl_validator(PREFIXES + ZOO))
