from __future__ import annotations

import pytest

from vises.ingest.rml import Mapping, MappingError, load_mapping

BASE = "http://example.org/"
OLD = """@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
NEW = "@prefix rml: <http://w3id.org/rml/> .\n"
SOURCE = 'rml:logicalSource [ rml:source "a.csv" ; rml:referenceFormulation ql:CSV ]'
SUBJECT = 'rr:subjectMap [ rr:template "{id}" ]'


def _load(turtle: str) -> Mapping:
    return load_mapping(turtle.encode(), base_iri=BASE, place="m.ttl")


def _old(body: str) -> Mapping:
    return _load(f"{OLD}<map> {body} .")


def _object(described: str) -> Mapping:
    return _old(
        f"{SOURCE} ; {SUBJECT} ; "
        f"rr:predicateObjectMap [ rr:predicate <p> ; rr:objectMap [ {described} ] ]"
    )


def test_both_vocabularies_say_the_same() -> None:
    body = """
<map> a X:TriplesMap ;
  rml:logicalSource [ rml:source SOURCE ; rml:referenceFormulation CSV ] ;
  X:subjectMap [ X:template "person/{id}" ; X:class <Person> ; X:graph X:defaultGraph, <g> ] ;
  X:predicateObjectMap [
    X:predicate <p>, <q> ;
    X:objectMap [ rml:reference "name" ; X:language "fr" ], [ X:parentTriplesMap <other> ] ;
    X:object "constant"
  ] .
<other> rml:logicalSource [ rml:source SOURCE ; rml:referenceFormulation CSV ] ;
  X:subject <it> ;
  X:predicateObjectMap [ X:predicateMap [ X:constant <p> ] ; X:graphMap [ X:constant <g> ] ;
    X:objectMap [ X:parentTriplesMap <map> ; X:joinCondition [ X:child "a" ; X:parent "b" ] ] ] .
"""
    old = _load(
        OLD + body.replace("X:", "rr:").replace("SOURCE", '"a.csv"').replace(" CSV", " ql:CSV")
    )
    described = (
        '[ a rml:RelativePathSource ; rml:path "a.csv" ; rml:root rml:CurrentWorkingDirectory ]'
    )
    new = _load(
        NEW
        + "\n\n\n"
        + body.replace("X:", "rml:").replace("SOURCE", described).replace(" CSV", " rml:CSV")
    )
    assert old == new
    assert old.sources == {"a.csv"}
    assert old.columns("a.csv") == {"id", "name", "a", "b"}
    assert [join.parent.name for join in old.joins("a.csv")] == ["<http://example.org/map>"]


def test_the_long_forms_of_the_current_vocabulary() -> None:
    def load(setting: str, join: str) -> Mapping:
        return _load(f"""{NEW}
<map> rml:logicalSource [ rml:source "a" ; rml:referenceFormulation rml:CSV ] ;
  rml:subject <s> ;
  rml:predicateObjectMap [ rml:predicate <p> ; rml:objectMap [ rml:reference "x" ; {setting} ],
    [ rml:parentTriplesMap <map> ; rml:joinCondition [ {join} ] ] ] .""")

    short = load('rml:language "nl-BE"', 'rml:child "a" ; rml:parent "b"')
    join = 'rml:childMap [ rml:reference "a" ] ; rml:parentMap [ rml:reference "b" ]'
    assert load('rml:languageMap [ rml:constant "nl-BE" ]', join) == short
    assert short.columns("a") == {"x", "a", "b"}


def test_an_empty_cell_may_be_declared_to_be_null() -> None:
    def load(null: str) -> Mapping:
        return _load(f"""{NEW} <map> rml:subject <s> ; rml:logicalSource [
  rml:referenceFormulation rml:CSV ;
  rml:source [ a rml:FilePath ; rml:path "x.csv" ; rml:null {null} ] ] .""")

    assert load('"" ; rml:encoding rml:UTF-8 ; rml:compression rml:gzip').sources == {"x.csv"}
    with pytest.raises(MappingError, match="UTF-16> as the encoding of a file is not supported"):
        load('"" ; rml:encoding rml:UTF-16')
    assert load('""').sources == {"x.csv"}
    with pytest.raises(MappingError, match=r'line 4: "NA" as a null value is not supported'):
        load('"NA"')


def test_documentation_is_allowed_everywhere() -> None:
    mapping = _old(f'{SOURCE} ; rdfs:label "A map"@en ; {SUBJECT} . <> rdfs:comment "A file"@en')
    assert [each.name for each in mapping.triples_maps] == ["<http://example.org/map>"]


def test_columns_of_a_parent_belong_to_its_own_source() -> None:
    mapping = _load(f"""{OLD}
<child> {SOURCE} ; {SUBJECT} ; rr:predicateObjectMap [ rr:predicate <p> ; rr:objectMap [
  rr:parentTriplesMap <parent> ; rr:joinCondition [ rr:child "c" ; rr:parent "p" ] ] ] .
<parent> {SOURCE.replace("a.csv", "b.csv")} ; rr:subjectMap [ rr:template "b/{{key}}" ] .""")
    assert mapping.columns("a.csv") == {"id", "c"}
    assert mapping.columns("b.csv") == {"key", "p"}
    assert [join.parent.source for join in mapping.joins("a.csv")] == ["b.csv"]
    assert mapping.joins("b.csv") == ()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (f"{SOURCE} ; rr:predicateObjectMap [ ]", "triples map has no subject / subjectMap"),
        (f"{SOURCE} ; {SUBJECT} ; {SUBJECT}", "at most one subject / subjectMap; here it has 2"),
        (f"{SOURCE} ; {SUBJECT} ; rr:subject <s>", "at most one subject / subjectMap"),
        (SUBJECT, "triples map has no logicalSource"),
        (f"{SUBJECT} ; rml:logicalSource <nowhere>", "<http://example.org/nowhere>, which is not"),
        (f'{SUBJECT} ; rml:logicalSource "a.csv"', 'logical source is "a.csv", which is not'),
        (
            f'{SUBJECT} ; rml:logicalSource [ rml:source "a" ; rml:referenceFormulation ql:XPath ]',
            "formulation <http://semweb.mmlab.be/ns/ql#XPath> is not supported",
        ),
        (
            f'{SUBJECT} ; rml:logicalSource [ rml:source "a" ]',
            "logical source has no referenceFormulation",
        ),
        (
            f'{SUBJECT} ; rml:logicalSource [ rml:source "a" ; rml:iterator "$" ]',
            "logical source has no referenceFormulation",
        ),
        (
            f"{SUBJECT} ; {SOURCE}".replace("ql:CSV", 'ql:CSV ; rml:iterator "$"'),
            "A table has no iterator",
        ),
        (
            f'{SUBJECT} ; rr:logicalTable [ rr:tableName "T" ]',
            "<http://www.w3.org/ns/r2rml#logicalTable> is not supported on the triples map",
        ),
        (f"{SOURCE} ; {SUBJECT} ; a rr:R2RMLView", "r2rml#R2RMLView> is not supported"),
        (f"{SOURCE} ; {SUBJECT} ; <unknown> 1", "<http://example.org/unknown> is not supported"),
        (f"{SOURCE} ; {SUBJECT} . <alone> rr:template 'x'", "which no triples map leads to"),
        (f"{SOURCE} ; {SUBJECT} . <alone> a rr:ObjectMap", "which no triples map leads to"),
        (
            f'{SOURCE} ; rr:subjectMap [ rr:class "C" ; rr:template "x" ]',
            'class is an IRI, not "C"',
        ),
        (f'{SOURCE} ; rr:subject "s"', "subject is of type BlankNode / IRI, not Literal"),
        (f"{SOURCE} ; rr:subjectMap [ ]", "subject map is [], which is not described"),
        (
            f'{SOURCE} ; {SUBJECT} ; rr:predicateObjectMap [ rr:object "x" ]',
            "predicate-object map has no predicate",
        ),
        (
            f"{SOURCE} ; {SUBJECT} ; rr:predicateObjectMap [ rr:predicate <p> ]",
            "predicate-object map has no object",
        ),
        (
            f'{SOURCE} ; {SUBJECT} ; rr:predicateObjectMap [ rr:predicate "p" ; rr:object 1 ]',
            "A predicate is of type IRI, not Literal",
        ),
        (
            f'{SOURCE} ; rr:subjectMap [ rr:template "x" ; rr:graph "g" ]',
            "A graph is of type IRI, not Literal",
        ),
    ],
)
def test_what_is_wrong_with_a_triples_map_is_said_with_its_line(body: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        _old(body)
    assert message in caught.value.detail
    assert caught.value.place == "m.ttl, line 5"


@pytest.mark.parametrize(
    ("described", "message"),
    [
        ('rr:template "a{b"', "In the template 'a{b' the brace { at character 2"),
        ('rr:template "http://e/ {a}"', "can make no valid IRI"),
        ('rr:template "a|{a}"', "can make no valid IRI"),
        ("rr:template <a>", "needs a plain string, not <http://example.org/a>"),
        ('rml:reference ""', 'needs a plain string, not ""'),
        ('rml:reference "a"@en', 'needs a plain string, not "a"@en'),
        (
            'rml:reference "a" ; rr:template "b"',
            "at most one constant / functionExecution / reference / template",
        ),
        (
            'rr:termType rr:IRI ; rr:language "fr"',
            "has no constant / functionExecution / reference / template",
        ),
        ('rr:column "a"', "<http://www.w3.org/ns/r2rml#column> is not supported on the object map"),
        ('rml:reference "a" ; rr:inverseExpression "x"', "inverseExpression> is not supported"),
        ('rml:reference "a" ; rr:class <C>', "r2rml#class> is not supported on the object map"),
        ('rml:reference "a" ; rr:termType rr:URI', "r2rml#URI> is not a term type"),
        ('rml:reference "a" ; rr:termType "IRI"', '"IRI" is not a term type'),
        ('rml:reference "a" ; rr:language "fr" ; rr:datatype <d>', "not both"),
        ('rml:reference "a" ; rr:termType rr:IRI ; rr:datatype <d>', "has no datatype or language"),
        ('rml:reference "a" ; rr:datatype "d"', '"d" is not the IRI of a datatype'),
        (
            "rml:reference 'a' ; rr:datatype <http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>",
            "is not the IRI of a datatype of literals without language",
        ),
        ('rml:reference "a" ; rr:language "english"', "'english' is not a language tag"),
        ('rml:reference "a" ; rr:language "fr_BE"', "'fr_BE' is not a language tag"),
        ('rml:reference "a" ; rr:language "fr", "nl"', "at most one language / languageMap"),
        ('rr:constant "a" ; rr:language "fr"', "A constant is a complete term"),
        ('rr:constant "a" ; rr:termType rr:IRI', "A constant is a complete term"),
        ("rr:constant [ rr:x 1 ]", "An IRI or a literal must stand here, not []"),
        ("rr:parentTriplesMap <nowhere>", "The parent is not a triples map of this file"),
        (
            'rr:parentTriplesMap <map> ; rml:reference "a"',
            "not supported on the referencing object",
        ),
        (
            'rr:parentTriplesMap <map> ; rr:joinCondition [ rr:child "a" ]',
            "join condition has no parent / parentMap",
        ),
        (
            "<http://semweb.mmlab.be/ns/fnml#functionValue> [ ]",
            "<http://semweb.mmlab.be/ns/fnml#functionValue> is not supported",
        ),
    ],
)
def test_what_is_wrong_with_an_object_is_said_with_its_line(described: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        _object(described)
    assert message in caught.value.detail
    assert caught.value.place == "m.ttl, line 5"


def test_a_language_or_datatype_from_a_column_is_refused() -> None:
    with pytest.raises(MappingError, match="rml/reference> is not supported on the language map"):
        _load(f"""{NEW}
<map> rml:logicalSource [ rml:source "a" ; rml:referenceFormulation rml:CSV ] ;
  rml:subject <s> ; rml:predicateObjectMap [ rml:predicate <p> ; rml:objectMap [
  rml:reference "x" ; rml:languageMap [ rml:reference "lang" ] ] ] .""")


def test_a_parent_of_another_source_needs_a_condition() -> None:
    with pytest.raises(MappingError, match="nothing says which rows belong together"):
        _load(f"""{OLD}
<child> {SOURCE} ; {SUBJECT} ;
  rr:predicateObjectMap [ rr:predicate <p> ; rr:objectMap [ rr:parentTriplesMap <parent> ] ] .
<parent> {SOURCE.replace("a.csv", "b.csv")} ; {SUBJECT} .""")


@pytest.mark.parametrize("turtle", ["", "<a> <b> <c> ."])
def test_a_file_without_a_mapping_is_refused(turtle: str) -> None:
    with pytest.raises(MappingError, match=r"m\.ttl: The file holds no triples map"):
        _load(turtle)


@pytest.mark.parametrize("tag", ["fr", "nl-BE", "x-vises", "ast", "zh-Hant-TW", "de-CH-1996"])
def test_language_tags(tag: str) -> None:
    (triples_map,) = _object(f'rml:reference "a" ; rr:language "{tag}"').triples_maps
    assert [each.language for each in triples_map.term_maps()][-1] == tag
