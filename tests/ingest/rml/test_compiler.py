from __future__ import annotations

import pickle

import pytest
from pyoxigraph import RdfFormat, parse

from vises.ingest.rml import (
    DataError,
    MappingError,
    RowMapper,
    compile_mapping,
    load_mapping,
)

BASE = "http://example.org/"
PREFIXES = """@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
A = 'rml:logicalSource [ rml:source "a.csv" ; rml:referenceFormulation ql:CSV ]'
B = A.replace("a.csv", "b.csv")
SUBJECT = 'rr:subjectMap [ rr:template "{id}" ]'


def _compile(turtle: str, columns: list[str], source: str = "a.csv") -> RowMapper:
    mapping = load_mapping((PREFIXES + turtle).encode(), base_iri=BASE, place="m.ttl")
    return compile_mapping(mapping, source, columns, base_iri=BASE)


def _objects(described: str, columns: list[str]) -> RowMapper:
    return _compile(
        f"<map> {A} ; rr:subject <s> ; rr:predicateObjectMap [ rr:predicate <p> ; {described} ] .",
        columns,
    )


def _object(described: str, value: str) -> str:
    """Return what one value becomes as an object."""
    line = _objects(f"rr:objectMap [ {described} ]", ["a"])([value])
    return line.removeprefix("<http://example.org/s> <http://example.org/p> ").removesuffix(" .\n")


@pytest.mark.parametrize(
    ("described", "value", "expected"),
    [
        ('rml:reference "a"', "Élan", '"Élan"'),
        ('rml:reference "a"', 'a"\\\n\t\x00\x7f\u2028', '"a\\"\\\\\\n\\t\\u0000\\u007F\u2028"'),
        ('rml:reference "a" ; rr:language "nl-BE"', "x", '"x"@nl-BE'),
        (
            'rml:reference "a" ; rr:datatype xsd:date',
            "2024-02-31",
            f'"2024-02-31"^^<{"{xsd}"}date>',
        ),
        ('rml:reference "a" ; rr:datatype xsd:decimal', "01.50", f'"01.50"^^<{"{xsd}"}decimal>'),
        ('rml:reference "a" ; rr:datatype xsd:string', "x", '"x"'),
        ('rml:reference "a" ; rr:termType rr:IRI', "http://e/é", "<http://e/é>"),
        ('rml:reference "a" ; rr:termType rr:IRI', "b/c", "<http://example.org/b/c>"),
        ('rml:reference "a" ; rr:termType rr:BlankNode', "b c", "_:bb_20_c"),
        ('rr:template "x/{a}"', "94.99Z", "<http://example.org/x/94.99Z>"),
        ('rr:template "x/{a}"', "é/ ?ñ\ue000", "<http://example.org/x/é%2F%20%3Fñ%EE%80%80>"),
        ('rr:template "urn:x:{a}"', "a:b", "<urn:x:a%3Ab>"),
        ('rr:template "{a}:x"', "urn", "<urn:x>"),
        ('rr:template "{a}:x"', "1", "<http://example.org/1:x>"),
        ('rr:template "http://{a}/"', "h", "<http://h/>"),
        ('rr:template "http://h/{a}"', "..", "<http://h/..>"),
        ('rr:template "{a}-{a}" ; rr:termType rr:Literal', '"', '"\\"-\\""'),
        ('rr:template "{a} é" ; rr:language "fr"', "x y", '"x y é"@fr'),
        ('rr:template "\\"\\\\\\\\{a}\\n" ; rr:termType rr:Literal', "x", '"\\"\\\\x\\n"'),
        ('rr:template "{a}_" ; rr:termType rr:BlankNode', "x", "_:bx_5f_"),
        ("rr:constant <c>", "x", "<http://example.org/c>"),
        ("rr:constant true", "x", '"true"^^<{xsd}boolean>'),
    ],
)
def test_terms(described: str, value: str, expected: str) -> None:
    expected = expected.replace("{xsd}", "http://www.w3.org/2001/XMLSchema#")
    assert _object(described, value) == expected


@pytest.mark.parametrize(
    "described",
    [
        'rml:reference "a"',
        'rml:reference "a" ; rr:termType rr:IRI',
        'rml:reference "a" ; rr:termType rr:BlankNode',
        'rr:template "x{a}"',
        'rr:template "{a}:x"',
        'rr:template "x{a}" ; rr:termType rr:Literal',
    ],
)
def test_an_empty_cell_makes_no_term(described: str) -> None:
    assert _object(described, "") == ""


def test_a_row_without_a_subject_makes_nothing() -> None:
    mapper = _compile(
        f'<map> {A} ; rr:subjectMap [ rr:template "{{a}}-{{b}}" ; rr:class <C> ] .', ["a", "b"]
    )
    assert mapper(["1", ""]) == mapper(["", "2"]) == ""
    assert mapper(["1", "2"]).startswith("<http://example.org/1-2> ")


@pytest.mark.parametrize(
    ("described", "value", "reason"),
    [
        ('rml:reference "a" ; rr:termType rr:IRI', "two words", "does not make a valid IRI"),
        ('rr:template "http://h:{a}/"', "port", "does not make a valid IRI"),
        ('rml:reference "a"', "\udce9", "is not valid Unicode text"),
        ('rr:template "{a}"', "\udce9", "is not valid Unicode text"),
    ],
)
def test_a_value_that_makes_no_term_is_named(described: str, value: str, reason: str) -> None:
    mapper = _objects(f"rr:objectMap [ {described} ]", ["a"])
    with pytest.raises(DataError) as caught:
        mapper([value])
    assert (caught.value.column, caught.value.reason) == ("a", reason)
    assert value in caught.value.value
    assert pickle.loads(pickle.dumps(caught.value)).__dict__ == caught.value.__dict__


@pytest.mark.parametrize("row", [[], ["1"], ["1", "2", "3"]])
def test_a_row_of_another_width_is_refused(row: list[str]) -> None:
    mapper = _objects('rr:objectMap [ rml:reference "a" ]', ["a", "b"])
    with pytest.raises(DataError, match=f"in a row of {len(row)} cells, not 2"):
        mapper(row)


def test_every_combination_of_predicates_objects_and_graphs() -> None:
    mapper = _compile(
        f"""<map> {A} ; rr:subjectMap [ rr:constant <s> ; rr:class <C> ; rr:graph <g> ] ;
        rr:predicateObjectMap [ rr:predicate <p>, <q> ; rr:object 1 ;
          rr:objectMap [ rml:reference "a" ] ;
          rr:graphMap [ rr:template "g/{{b}}" ] ; rr:graph rr:defaultGraph ] .""",
        ["a", "b"],
    )
    assert len(set(mapper(["x", "y"]).splitlines())) == 1 + 2 * 2 * 3
    assert len(set(mapper(["x", ""]).splitlines())) == 1 + 2 * 2 * 2
    assert len(set(mapper(["", ""]).splitlines())) == 1 + 2 * 1 * 2
    graphs = {str(quad.graph_name) for quad in parse(mapper(["", "y"]), format=RdfFormat.N_QUADS)}
    assert graphs == {"DEFAULT", "<http://example.org/g>", "<http://example.org/g/y>"}


def test_a_graph_that_is_named_twice_gets_a_quad_once() -> None:
    mapper = _compile(
        f"""<map> {A} ; rr:subjectMap [ rr:constant <s> ; rr:graph <g> ] ;
        rr:predicateObjectMap [ rr:predicate <p> ; rr:object 1 ; rr:graph <g> ] .""",
        ["a"],
    )
    assert mapper(["x"]).count("\n") == 1


def test_only_graph_maps_that_give_nothing_leave_nothing() -> None:
    mapper = _compile(
        f"""<map> {A} ; rr:subjectMap [ rr:constant <s> ; rr:class <C> ;
          rr:graphMap [ rr:template "g/{{a}}" ] ] .""",
        ["a"],
    )
    assert mapper([""]) == ""


def test_without_graph_maps_the_lines_are_ntriples() -> None:
    text = _objects('rr:objectMap [ rml:reference "a" ]', ["a"])(["x"])
    assert [str(triple.object) for triple in parse(text, format=RdfFormat.N_TRIPLES)] == ['"x"']


def test_a_parent_over_the_same_row() -> None:
    mapper = _compile(
        f"""<child> {A} ; {SUBJECT} ; rr:predicateObjectMap [ rr:predicate <p> ;
          rr:objectMap [ rr:parentTriplesMap <parent> ] ] .
        <parent> {A} ; rr:subjectMap [ rr:template "b/{{b}}" ] .""",
        ["id", "b"],
    )
    assert mapper(["1", ""]) == ""
    assert mapper(["1", "2"]) == (
        "<http://example.org/1> <http://example.org/p> <http://example.org/b/2> .\n"
    )


JOIN = f"""<child> {A} ; {SUBJECT} ; rr:predicateObjectMap [ rr:predicate <p> ;
  rr:objectMap [ rr:parentTriplesMap <parent> ;
    rr:joinCondition [ rr:child "x" ; rr:parent "k" ], [ rr:child "y" ; rr:parent "l" ] ] ] .
<parent> {B} ; rr:subjectMap [ rr:template "b/{{n}}" ] .
"""


def test_what_a_join_makes_of_a_row_is_judged_with_that_row() -> None:
    columns = ["id", "x", "y"]
    assert _compile(JOIN, columns)(["1", "k", "l"]) == ""
    mapper = _compile(JOIN.replace("predicate <p>", 'predicateMap [ rml:reference "x" ]'), columns)
    assert mapper(["1", "k", "l"]) == mapper(["1", "", "l"]) == mapper(["", "u v", "l"]) == ""
    with pytest.raises(DataError, match="'u v' of column 'x' does not make a valid IRI"):
        mapper(["1", "u v", "l"])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["b"], "m.ttl, line 5: 'a.csv' has no column 'denomination'. It has: 'b'."),
        (["x", "Dénomination"], "has no column 'denomination'. Nearest: 'Dénomination'."),
        (["DENOMINATION"], "has no column 'denomination'. Nearest: 'DENOMINATION'."),
        (["denomination", "b", "denomination"], "has 2 columns named 'denomination'"),
        ([], "'a.csv' has no columns"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(columns: list[str], message: str) -> None:
    with pytest.raises(MappingError) as caught:
        _objects('rr:objectMap [ rml:reference "denomination" ]', columns)
    assert message in str(caught.value)


def test_columns_that_are_not_used_may_share_a_name() -> None:
    assert _objects('rr:objectMap [ rml:reference "a" ]', ["a", "", ""])(["1", "2", "3"])


def test_a_source_that_the_mapping_does_not_read_is_refused() -> None:
    with pytest.raises(MappingError, match=r"reads no source 'c\.csv'.*It reads 'a\.csv'"):
        _compile(f"<map> {A} ; {SUBJECT} .", ["id"], source="c.csv")


def test_the_code_can_be_read_and_does_not_change() -> None:
    turtle = (
        f'<map> {A} ; {SUBJECT} ; rr:predicateObjectMap [ rr:predicate <p> ; rr:object "it\'s" ].'
    )
    code = _compile(turtle, ["id"]).code
    assert code == _compile(turtle, ["id"]).code
    assert "        s0 = f'<http://example.org/{c0_iri}>'\n" in code
    assert "        out += f'{s0} <http://example.org/p> \"it\\'s\" .\\n'\n" in code
