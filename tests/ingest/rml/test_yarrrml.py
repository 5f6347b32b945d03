"""YARRRML: what it stands for, and files that are wrong or hostile."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from tests.ingest.rml.yarrrml_of import yarrrml_of
from vises.ingest.rml import (
    DataError,
    Mapping,
    MappingError,
    RowMapper,
    compile_mapping,
    load_mapping,
)
from vises.ingest.rml.yarrrml import translate
from vises.ingest.rml.yarrrml.translation import MOST_BYTES
from vises.ingest.sources import SOURCES

BASE = "http://example.org/"


def _load(text: str) -> Mapping:
    made = translate(text.encode(), place="m.yml")
    return load_mapping(
        made.turtle.encode(), base_iri=BASE, place="m.yml", made_from=made.made_from
    )


def _document(po: str, more: str = "") -> str:
    return f"""prefixes:
  ex: http://e/
{more}
mappings:
  one:
    sources: [[a.csv~csv]]
    s: ex:s
    po:
      - {po}
"""


def _lines(text: str, row: list[str], source: str = "a.csv") -> set[str]:
    mapper = compile_mapping(_load(text), source, ["a", "b", "c"], base_iri=BASE)
    return {line.removesuffix(" .") for line in mapper(row).splitlines()}


def _objects(po: str, *row: str) -> set[str]:
    found = _lines(_document(po), [*row, "", "", ""][:3])
    return {line.removeprefix("<http://e/s> <http://e/p> ") for line in found}


NESTED = """{p: ex:p, o: {function: idlab-fn:concat, parameters: [[idlab-fn:otherStr, '!'],
        [idlab-fn:str, {f: idlab-fn:slugify, pms: [{parameter: idlab-fn:str, value: $(a)}]}]]}}"""


@pytest.mark.parametrize(
    ("po", "expected"),
    [
        ("[ex:p, $(a)]", {'"x y"'}),
        ("[ex:p, text]", {'"text"'}),
        ("[ex:p, 1]", {'"1"'}),
        ("[ex:p, 'no $(a), \\$(a) {a} \\\\']", {'"no x y, $(a) {a} \\\\"'}),
        ("[ex:p, ex:$(a)~iri]", {"<http://e/x%20y>"}),
        ("[ex:p, ex:o~iri]", {"<http://e/o>"}),
        ("[ex:p, ex:o]", {'"ex:o"'}),
        ("[ex:p, path/$(a)~iri]", {"<http://example.org/path/x%20y>"}),
        ("[ex:p, $(a), nl~lang]", {'"x y"@nl'}),
        ("[ex:p, [$(a), b], nl~lang]", {'"x y"@nl', '"b"@nl'}),
        ("[ex:p, $(a), ex:type]", {'"x y"^^<http://e/type>'}),
        ("[ex:p, 2, xsd:integer]", {'"2"^^<http://www.w3.org/2001/XMLSchema#integer>'}),
        ("{p: ex:p, o: {value: $(a), language: fr}}", {'"x y"@fr'}),
        (
            "{predicates: ex:p, objects: [[$(a), fr~lang], [z, ex:t]]}",
            {'"x y"@fr', '"z"^^<http://e/t>'},
        ),
        ("{predicate: ex:p, object: {v: 'b$(a)', type: blank}}", {"_:bbx_20_y"}),
        ("{p: ex:p, o: $(a), g: [ex:g, ex:h]}", {'"x y" <http://e/g>', '"x y" <http://e/h>'}),
        (
            "{p: ex:p, o: {f: grel:toUpperCase, pms: [[grel:valueParam, $(a)]], language: fr}}",
            {'"X Y"@fr'},
        ),
        (
            NESTED,
            {'"x-y!"'},
        ),
        ("{p: ex:p, o: {mapping: one}}", {"<http://e/s>"}),
    ],
)
def test_objects(po: str, expected: set[str]) -> None:
    assert _objects(po, "x y") == expected


def test_types_and_several_predicates() -> None:
    found = _lines(
        _document("[a, [ex:C, ex:D]]\n      - [[ex:p, rdfs:label], $(a)]"), ["x", "", ""]
    )
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    assert found == {
        f"<http://e/s> <{rdf}> <http://e/C>",
        f"<http://e/s> <{rdf}> <http://e/D>",
        '<http://e/s> <http://e/p> "x"',
        '<http://e/s> <http://www.w3.org/2000/01/rdf-schema#label> "x"',
    }


def test_several_sources_subjects_and_graphs() -> None:
    mapping = _load("""
base: http://b/
sources:
  first: {access: a.csv, referenceFormulation: csv, encoding: UTF-8, type: localfile}
  people: [p.json~jsonpath, "$.people[*]"]
mapping:
  some thing:
    source: [first, people, b.csv~csv]
    subjects: [x/$(id), {value: $(id), type: blank}]
    graphs: [g, rml:defaultGraph]
    po: {p: q, o: $(name)}
""")
    assert [each.name for each in mapping.triples_maps] == [
        f"<{BASE}#some%20thing{n}>" for n in ("", "/2", "/3", "/4", "/5", "/6")
    ]
    assert mapping.sources == {"a.csv", "b.csv", "p.json people[*]"}
    mapper = compile_mapping(mapping, "b.csv", ["id", "name"], base_iri=BASE)
    assert set(mapper(["1", "n"]).splitlines()) == {
        f'{subject} <http://b/q> "n"{graph} .'
        for subject in ("<http://b/x/1>", "_:b1")
        for graph in ("", " <http://b/g>")
    }


def test_a_join() -> None:
    mapping = _load("""
mappings:
  child:
    sources: [[a.csv~csv]]
    s: http://e/$(id)
    po:
      - p: http://e/p
        o:
          - mapping: parent
            condition:
              function: equal
              parameters: [[str1, $(x)], [str2, $(k)]]
          - mapping: parent
            condition:
              - {function: idlab-fn:equal, parameters: [[any, $(k), o], [other, $(x), s]]}
              - {function: equal, parameters: [[str1, $(y), s], [str2, $(l), o]]}
  parent:
    sources: [[b.csv~csv]]
    s: http://e/b/$(n)
""")
    first, second = mapping.joins("a.csv")
    assert [(c.child, c.parent) for c in first.reference.conditions] == [("x", "k")]
    assert [(c.child, c.parent) for c in second.reference.conditions] == [("x", "k"), ("y", "l")]
    assert (first.reference.line, second.reference.line) == (9, 13)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_mappings_of_ours_survive_the_way_through_yarrrml(name: str) -> None:
    """Each compiles to functions that give the same lines for rows of many kinds of values."""
    text = SOURCES[name].mapping.read_bytes()
    ours = load_mapping(text, base_iri=BASE, place="m.ttl")
    back = _load(yarrrml_of(ours))
    assert back.sources == ours.sources
    values = random.Random(name)
    for source in sorted(ours.sources):
        columns = sorted(ours.columns(source))
        mappers = [compile_mapping(each, source, columns, base_iri=BASE) for each in (ours, back)]
        for _ in range(50):
            row = [values.choice(["", "x", "a b/é", "2026-01-31", "1"]) for _ in columns]
            wanted, found = (_outcome(mapper, row) for mapper in mappers)
            assert found == wanted


def _outcome(mapper: RowMapper, row: list[str]) -> set[str] | str:
    try:
        return set(mapper(row).splitlines())
    except DataError as error:
        return error.detail


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The file is empty"),
        ("a: [", "line 1, column 5: The file is not valid YAML"),
        ("a: \x00", "The file is not valid YAML"),
        ("- 1", "line 1, column 1: A collection of keys must stand here"),
        ("prefixes: {}", "line 1, column 1: 'mappings' is missing here"),
        ("mappings: {}", "line 1, column 11: A collection of keys must stand here"),
        ("mappings: 1", "line 1, column 11: A collection of keys must"),
        ("mappings: {}\ntargets: 1", "line 2, column 1: The key 'targets' is not supported"),
        ("mappings: {}\nm: 1", "line 2, column 1: 'm' is another name of a key"),
        ("mappings: {}\nmappings: {}", "line 2, column 1: The key 'mappings' comes twice"),
        ("mappings: {a: {s: x}}", "line 1, column 12: 'sources' is missing here"),
        ("mappings: {a: {sources: x}}", "line 1, column 12: 'subjects' is missing here"),
        ("mappings: {a: {s: x, sources: x}}\nsources: [x]", "column 10: A collection of keys must"),
        ("mappings: {a: {s: x, sources: x}}", "There is no source 'x'"),
        ("mappings: {a: {s: x, sources: [[x~xpath]]}}", "formulation 'xpath' is not supported"),
        ("mappings: {a: {s: x, sources: [[x~csv, a, b]]}}", "A source is [file~formulation"),
        ("mappings: {a: {s: , sources: [[x~csv]]}}", "line 1, column 18: A text must stand here"),
        ("mappings: {a: {s: {type: iri}, sources: [[x~csv]]}}", "neither a value nor a function"),
        (
            "mappings: {a: {s: x, sources: {access: d, type: mysql, referenceFormulation: csv}}}",
            "This type is not supported. Supported here: localfile",
        ),
        (
            "mappings: {a: {s: x, sources: {access: d, delimiter: ;, referenceFormulation: csv}}}",
            "The key 'delimiter' is not supported here",
        ),
        ("prefixes: {'a b': http://e/}\nmappings: {}", "'a b' cannot be a prefix"),
        ("prefixes: {rml: http://e/}\nmappings: {}", "'rml' cannot be a prefix"),
        ("prefixes: {a: 'http://e/> .'}\nmappings: {}", "is not an IRI"),
        (_document("[ex:p]"), "line 9, column 9: It is [predicates, objects"),
        (_document("[no:p, x]"), "line 9, column 10: The prefix 'no' is not declared"),
        (_document("[ex:p, 'http://e/a b~iri']"), "has a sign that no IRI has"),
        (_document("[ex:p, 'ex:> <x> <y> .~iri']"), "has a sign that no IRI has"),
        (_document("[ex:p, $(a]"), "The reference that $( opens is never closed"),
        (_document("[ex:p, $()]"), "$() refers to nothing"),
        (_document("[ex:p, x, ex:$(a)]"), "must be the same for every row"),
        (_document("{p: ex:p}"), "'objects' is missing here"),
        (_document("{p: ex:p, o: x, inversepredicates: ex:q}"), "'inversepredicates' is not supp"),
        (
            _document("{p: ex:p, o: x, condition: {}}"),
            "'condition' is not supported here",
        ),
        (_document("{p: ex:p, o: {value: x, condition: {}}}"), "condition without a function or"),
        (_document("{p: ex:p, o: {mapping: two}}"), "There is no mapping 'two'"),
        (_document("{p: ex:p, o: {mapping: one, value: x}}"), "value does not go with mapping"),
        (_document("{p: ex:p, o: {mapping: one, condition: {function: ex:f, pms: []}}}"), "'ex:f'"),
        (
            _document(
                "{p: ex:p, o: {mapping: one, condition: {f: equal, pms: [[str1, x], [str2, y]]}}}"
            ),
            "A join compares one reference str1",
        ),
        (
            _document("{p: ex:p, o: {mapping: one, condition: {f: equal, pms: [[str1, $(x)]]}}}"),
            "A join compares str1 with str2",
        ),
        (_document("{p: ex:p, o: {f: 'grel:toUpperCase(x = $(a))'}}"), "A call in one line"),
        (_document("{p: ex:p, o: {f: grel:toUpperCase}}"), "m.yml, line 9: <http://users"),
        (_document("{p: ex:p, o: {f: ex:no}}"), "m.yml, line 9: The function <http://e/no>"),
        (_document("[ex:p, x, 'fr . <a> <b> <c>~lang']"), "m.yml, line 9, column 19: 'fr . <a>"),
        (
            _document("[ex:p, $(a), elvish~lang]"),
            "m.yml, line 9, column 22: 'elvish' is not a language tag",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        _load(text)
    assert message in str(caught.value)
    assert str(caught.value).startswith("m.yml")


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "line 2, column 10: An alias (*name) is not supported"),
        ("mappings: &m {a: *m}", "An alias (*name) is not supported"),
        ("a: !!python/object/apply:os.system ['true']", "The tag tag:yaml.org,2002:python/obj"),
        ("a: !include /etc/passwd", "The tag !include is not supported"),
        ("mappings: !!binary AAAA", "The tag tag:yaml.org,2002:binary is not supported"),
        ("[" * 100_000, "It is nested more than 30 deep"),
        ("{a: " * 1000 + "1" + "}" * 1000, "It is nested more than 30 deep"),
        ("a: 1\n" * 2_500_000, f"more than {MOST_BYTES:,}"),
        ("<<: {a: 1}", "A key is a plain name here"),
        ("? [a, b]\n: 1", "A key is a plain name here"),
        ('m: "\\ud800"', "line 1, column 4: The text is not valid Unicode"),
        ("--- {}\n--- {}", "The file is not valid YAML"),
    ],
)
def test_hostile_yaml_is_refused_at_once(text: str, message: str) -> None:
    before = time.process_time()
    with pytest.raises(MappingError) as caught:
        _load(text)
    assert message in str(caught.value)
    assert time.process_time() - before < 5


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(MappingError, match="The file is not valid YAML"):
        translate(b"a: \xff\xfe\xff", place="m.yml")


def test_text_cannot_leave_its_literal() -> None:
    hostile = 'x" ] . <http://evil/> <http://evil/> "'
    made = translate(_document(f"[ex:p, {hostile!r}]").encode(), place="m.yml")
    quads = list(parse(made.turtle, format=RdfFormat.TURTLE, base_iri=BASE))
    assert not any("evil" in str(quad.subject) for quad in quads)
    assert _objects(f"[ex:p, {hostile!r}]") == {'"x\\" ] . <http://evil/> <http://evil/> \\""'}


def test_the_turtle_can_be_read_by_people() -> None:
    made = translate(_document("[ex:p, $(a), xsd:date]").encode(), place="m.yml")
    assert made.turtle == (Path(__file__).parent / "translated.ttl").read_text("utf-8")
    assert len(made.made_from) == made.turtle.count("\n")


HOSTILE = "ab'\"\\{}()[]<>#:/?;,.$%&|^`@~ \n\t\x85\u2028é\U0001f600_N0-"
ANY = st.text(HOSTILE, min_size=1, max_size=12) | st.sampled_from(
    ["x~iri", "fr~lang", "a.csv~csv", "$(a)", "ex:$(a)~iri", "xsd:date", "ex:x", "a", "http://e/"]
)


@settings(deadline=None, max_examples=100)
@given(st.tuples(*[ANY] * 12))
def test_no_text_makes_turtle_that_is_none(texts: tuple[str, ...]) -> None:
    """Whatever stands in its places, a file is refused by its line or becomes a mapping."""
    name, source, path, subject, graph, predicate, *more = texts
    value, setting, parameter, kind, language, base = more
    document = {
        "prefixes": {"ex": "http://e/"},
        "base": base,
        "mappings": {
            name: {
                "sources": [[source], {"access": path, "referenceFormulation": "csv"}],
                "s": subject,
                "g": graph,
                "po": [
                    [predicate, value, setting],
                    {"p": "ex:p", "o": {"value": value, "type": kind}},
                    {"p": "ex:p", "o": {"value": value, "language": language}},
                    {
                        "p": "ex:p",
                        "o": {"f": "grel:toUpperCase", "pms": [["grel:valueParam", parameter]]},
                    },
                ],
            }
        },
    }
    for _ in range(4):  # what is refused most often is put right, one after the other
        text = json.dumps(document, ensure_ascii=False)
        refusal = _refusal(text)
        if refusal is None:
            break
        assert "not valid Turtle" not in refusal.detail
        assert (refusal.place or "").startswith("m.yml")
        mapping = document["mappings"][name]
        if mapping["sources"] != SOUND:
            mapping["sources"] = SOUND
        elif document["base"] != "http://b/":
            document["base"] = "http://b/"
        else:
            mapping["g"] = "ex:g"
            mapping["po"][0] = ["ex:p", value]


SOUND = [["a.csv~csv"]]


def _refusal(text: str) -> MappingError | None:
    try:
        _load(text)
    except MappingError as error:
        return error
    return None
