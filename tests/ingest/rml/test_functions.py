"""Functions (RML-FNML): what they return, how they nest, and what is refused."""

from __future__ import annotations

import pickle

import pytest

from vises.ingest.rml import DataError, MappingError, RowMapper, compile_mapping, load_mapping
from vises.ingest.rml.functions import FUNCTIONS

BASE = "http://example.org/"
PREFIXES = """@prefix rml: <http://w3id.org/rml/> .
@prefix grel: <http://users.ugent.be/~bjdmeest/function/grel.ttl#> .
@prefix fn: <https://w3id.org/imec/idlab/function#> .
"""


def _input(parameter: str, value: str) -> str:
    return f"rml:input [ rml:parameter {parameter} ; rml:inputValueMap [ {value} ] ]"


def _call(function: str, *inputs: str) -> str:
    return f"rml:functionExecution [ {' ; '.join([f'rml:function {function}', *inputs])} ]"


def _compile(described: str, subject: str = "rml:constant <s>") -> RowMapper:
    turtle = f"""{PREFIXES}
<map> rml:logicalSource [ rml:source "a.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ {subject} ] ;
  rml:predicateObjectMap [ rml:predicate <p> ; rml:objectMap [ {described} ] ] .
"""
    mapping = load_mapping(turtle.encode(), base_iri=BASE, place="m.ttl")
    return compile_mapping(mapping, "a.csv", ["a", "b"], base_iri=BASE)


def _object(described: str, a: str, b: str = "") -> str:
    line = _compile(described)([a, b])
    return line.removeprefix(f"<{BASE}s> <{BASE}p> ").removesuffix(" .\n")


A, B = 'rml:reference "a"', 'rml:reference "b"'
VALUE = _input("grel:valueParam", A)
STR = _input("fn:str", A)
REPLACE = _call(
    "grel:string_replace",
    VALUE,
    _input("grel:p_string_find", 'rml:constant "."'),
    _input("grel:p_string_replace", 'rml:constant ""'),
)
DATE = _call("fn:normalizeDate", _input("fn:strDate", A), _input("fn:pattern", B))
EQUAL = _call("fn:equal", VALUE, _input("grel:valueParam2", B))
IF = _call(
    "grel:controls_if",
    _input("grel:bool_b", EQUAL),
    _input("grel:any_true", 'rml:constant "same"'),
    _input("grel:any_false", 'rml:template "{a}, not {b}"'),
)
SUBSTRING = _call(
    "grel:string_substring",
    VALUE,
    _input("grel:param_int_i_from", 'rml:constant "0"'),
    _input("grel:param_int_i_opt_to", B),
)
CONCAT = _call(
    "fn:concat", STR, _input("fn:otherStr", B), _input("fn:delimiter", 'rml:constant " / "')
)


@pytest.mark.parametrize(
    ("described", "a", "b", "expected"),
    [
        (_call("grel:toUpperCase", VALUE), 'été "x"', "", '"ÉTÉ \\"X\\""'),
        (_call("grel:toLowerCase", VALUE), "ÉTÉ", "", '"été"'),
        (_call("grel:toLowerCase", VALUE) + ' ; rml:language "fr"', "É", "", '"é"@fr'),
        (_call("grel:string_trim", VALUE), " \t x y\n", "", '"x y"'),
        (REPLACE, "0123.456.789", "", '"0123456789"'),
        (SUBSTRING, "59350", "2", '"59"'),
        (_call("fn:slugify", STR), "L'Œuvre & Élan: n°1 ", "", '"l-oeuvre-elan-n-1"'),
        (_call("fn:slugify", STR) + " ; rml:termType rml:IRI", "É t", "", f"<{BASE}e-t>"),
        (_call("fn:slugify", STR) + " ; rml:termType rml:BlankNode", "a b", "", "_:ba_2d_b"),
        (_call("fn:toUpperCaseURL", STR), "example.com/a", "", '"HTTP://EXAMPLE.COM/A"'),
        (DATE, "31/01/2026", "dd/MM/yyyy", '"2026-01-31"'),
        (DATE, "20260131", "yyyyMMdd", '"2026-01-31"'),
        (DATE, "31-1-2026 7:05:09", "dd-MM-yyyy HH:mm:ss", '"2026-01-31T07:05:09"'),
        (DATE, "1/2/2026 0905", "dd/MM/yyyy HHmm", '"2026-02-01T09:05:00"'),
        (DATE, "01012026 9:05", "ddMMyyyy HH:mm", '"2026-01-01T09:05:00"'),
        (DATE, "09990101", "yyyyMMdd", '"0999-01-01"'),
        (DATE, "2026-01-31T07:05", "yyyy-MM-dd'T'HH:mm", '"2026-01-31T07:05:00"'),
        (EQUAL, "x", "x", '"true"'),
        (EQUAL, "x", "X", '"false"'),
        (EQUAL.replace("fn:equal", "fn:notEqual"), "x", "X", '"true"'),
        (_call("fn:isNull", STR), "", "", '"true"'),
        (_call("fn:isNull", STR), "x", "", '"false"'),
        (IF, "x", "x", '"same"'),
        (IF, "x", "y", '"x, not y"'),
        (CONCAT, "x", "y", '"x / y"'),
        (CONCAT, "", "y", '"y"'),
        (_call("fn:trueCondition", _input("fn:strBoolean", EQUAL), STR), "x", "x", '"x"'),
    ],
)
def test_what_functions_return(described: str, a: str, b: str, expected: str) -> None:
    assert _object(described, a, b) == expected


@pytest.mark.parametrize(
    ("described", "a", "b"),
    [
        (_call("grel:toUpperCase", VALUE), "", ""),
        (DATE, "", "yyyy"),
        (REPLACE, "...", ""),
        (_call("fn:slugify", STR), "?!", ""),
        (CONCAT, "", ""),
        (_call("fn:trueCondition", _input("fn:strBoolean", EQUAL), STR), "x", "y"),
        (_call("grel:toUpperCase", _input("grel:valueParam", 'rml:template "{a}-{b}"')), "x", ""),
    ],
)
def test_null_makes_no_term(described: str, a: str, b: str) -> None:
    assert _object(described, a, b) == ""


def test_every_function_is_tested_here() -> None:
    tested = " ".join(
        case for mark in test_what_functions_return.pytestmark for case, *_ in mark.args[1]
    )
    names = {iri.rpartition("#")[2] for iri in FUNCTIONS}
    assert {name for name in names if f":{name} " in tested} == names


@pytest.mark.parametrize(
    ("described", "a", "b", "message"),
    [
        (
            DATE,
            "31/02/2026",
            "dd/MM/yyyy",
            "'31/02/2026' of column 'a, b' is no date written as dd/MM/yyyy",
        ),
        (DATE, "2026", "%Y", "has a pattern of other fields than yyyy"),
        (DATE, "26", "yy", "has a pattern of other fields than yyyy"),
        (DATE, "01/2026", "MM/yyyy", "has a pattern without a year, a month or a day"),
        (DATE, "10:30", "HH:mm", "has a pattern without a year, a month or a day"),
        (DATE, "2026111", "yyyyMMdd", "is no date written as yyyyMMdd"),
        (SUBSTRING, "x", "y", "has a position that is no whole number"),
        (_call("grel:toUpperCase", VALUE) + " ; rml:termType rml:IRI", "a b", "", "no valid IRI"),
    ],
)
def test_a_value_that_a_function_cannot_take_is_told(
    described: str, a: str, b: str, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        _object(described, a, b)
    assert message.replace("no valid IRI", "does not make a valid IRI") in caught.value.detail


def test_a_function_as_subject_and_twice_is_called_once() -> None:
    upper = _call("grel:toUpperCase", VALUE)
    mapper = pickle.loads(pickle.dumps(_compile(upper, upper)))
    assert mapper(["ab", ""]) == f'<{BASE}AB> <{BASE}p> "AB" .\n'
    assert mapper.code.count("functions.to_upper_case(") == 1


def test_the_long_forms_say_the_same() -> None:
    long = """rml:functionExecution [ a rml:FunctionExecution ;
      rml:functionMap [ a rml:FunctionMap ; rml:constant grel:toUpperCase ] ;
      rml:input [ a rml:Input ; rml:parameterMap [ rml:constant grel:valueParameter ] ;
        rml:inputValueMap [ rml:reference "a" ] ] ] ;
    rml:returnMap [ a rml:ReturnMap ; rml:constant grel:stringOut ]"""
    assert _object(long, "x") == '"X"'
    short = "rml:input [ rml:parameter grel:valueParam ; rml:inputValue 'y' ]"
    assert _object(_call("grel:toUpperCase", short), "x") == '"Y"'


@pytest.mark.parametrize(
    ("described", "message"),
    [
        (
            _call("grel:toUppercase", VALUE),
            "#toUppercase> is not known. Known: http://users.ugent.be",
        ),
        (_call("<http://e/f>", VALUE), "function <http://e/f> is not known"),
        (_call("'toUpperCase'", VALUE), "is not known"),
        (_call("grel:toUpperCase"), "is not given its parameter <http://users.ugent.be"),
        (_call("grel:toUpperCase", VALUE, VALUE), "is given the parameter <"),
        (_call("grel:toUpperCase", _input("grel:other", A)), "has no parameter <http"),
        (_call("grel:toUpperCase", VALUE) + " ; rml:return fn:x", "has no output <https"),
        (_call("grel:toUpperCase", VALUE) + f" ; {A}", "at most one constant / functionExecution"),
        (f"{A} ; rml:return grel:stringOut", "Only a function has an output to return"),
        (_call("grel:toUpperCase", _input("grel:valueParam", "")), "which is not described here"),
        (
            "rml:functionExecution [ rml:condition [ ] ]",
            "condition> is not supported on the function",
        ),
    ],
)
def test_what_is_refused_with_its_line(described: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        _compile(described)
    assert message in str(caught.value)
    assert (caught.value.place or "").startswith("m.ttl, line ")


def test_a_function_that_calls_itself_is_refused() -> None:
    turtle = f"""{PREFIXES}
<map> rml:logicalSource [ rml:source "a.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subject <s> ;
  rml:predicateObjectMap [ rml:predicate <p> ; rml:objectMap [ rml:functionExecution <f> ] ] .
<f> rml:function grel:toUpperCase ;
  rml:input [ rml:parameter grel:valueParam ; rml:inputValueMap [ rml:functionExecution <f> ] ] .
"""
    with pytest.raises(MappingError, match=r"line 9: .*in a circle"):
        load_mapping(turtle.encode(), base_iri=BASE, place="m.ttl")
