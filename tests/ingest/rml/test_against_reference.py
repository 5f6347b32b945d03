"""Hostile mappings and rows: the compiled code gives what a plain reading of the standard gives."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from vises.ingest.rml import DataError, RowMapper, compile_mapping, load_mapping

BASE = "http://example.org/"
RR = "http://www.w3.org/ns/r2rml#"
RML = "http://semweb.mmlab.be/ns/rml#"
HOSTILE = "ab'\"\\{}()[]<>#:/?;,.!=%&|^` \n\r\t\x00\x0c\x85\u2028\u00e9\ue000\U0001f600_N0"
TEXT = (
    st.text(HOSTILE, max_size=12)
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "'''\n__import__('os').abort()\n'''",
            "{__import__('os').abort()}",
            "{{x}}",
            '"; raise SystemExit #',
            "\\N{DIGIT ONE}",
            "\\",
            "c0",
        ]
    )
)
NAME = TEXT.filter(bool)


@dataclass(frozen=True)
class Term:
    """A term map, described so that the test can both write it in Turtle and apply it."""

    kind: str
    term_type: str
    parts: tuple[str | int, ...]
    language: str | None = None
    datatype: str | None = None

    def turtle(self, names: list[str]) -> str:
        """Write it as the description of an object map."""
        if self.kind == "constant":
            return f"<{RR}constant> {Literal(str(self.parts[0]))}"
        lines = [f"<{RR}termType> <{RR}{self.term_type}>"]
        if self.kind == "reference":
            lines.append(f"<{RML}reference> {Literal(names[int(self.parts[0])])}")
        else:
            template = "".join(
                f"{{{_escaped(names[part])}}}" if isinstance(part, int) else _escaped(part)
                for part in self.parts
            )
            lines.append(f"<{RR}template> {Literal(template)}")
        if self.language:
            lines.append(f'<{RR}language> "{self.language}"')
        if self.datatype:
            lines.append(f"<{RR}datatype> <{self.datatype}>")
        return " ; ".join(lines)

    def apply(self, row: list[str]) -> NamedNode | BlankNode | Literal | None:
        """Return the term for a row, None without one; raise ValueError for a bad IRI."""
        if self.kind == "constant":
            return Literal(str(self.parts[0]))
        values = [row[part] for part in self.parts if isinstance(part, int)]
        if "" in values:
            return None
        encode = self.kind == "template" and self.term_type == "IRI"
        value = "".join(
            part if isinstance(part, str) else _percent(row[part]) if encode else row[part]
            for part in self.parts
        )
        if self.term_type == "BlankNode":
            return BlankNode("".join(f"{ord(c):06x}" for c in value) or "empty")
        if self.term_type == "IRI":
            absolute = re.match("[A-Za-z][A-Za-z0-9+.-]*:", value)
            return NamedNode(value if absolute else BASE + value)
        if self.language:
            return Literal(value, language=self.language)
        return (
            Literal(value, datatype=NamedNode(self.datatype)) if self.datatype else Literal(value)
        )


def _escaped(text: str) -> str:
    return re.sub(r"[\\{}]", lambda match: "\\" + match[0], text)


def _percent(text: str) -> str:
    def one(character: str) -> str:
        if re.match("[A-Za-z0-9._~-]", character):
            return character
        code = ord(character)
        low, plane = code & 0xFFFF, code >> 16
        in_plane_0 = 0xA0 <= code <= 0xD7FF or 0xF900 <= code <= 0xFDCF or 0xFDF0 <= code <= 0xFFEF
        if in_plane_0 or (0 < plane < 15 and low <= 0xFFFD and not 0xE0000 <= code < 0xE1000):
            return character
        return "".join(f"%{octet:02X}" for octet in character.encode())

    return "".join(map(one, text))


@st.composite
def terms(draw: st.DrawFn, width: int) -> Term:
    """Draw a term map over so many columns."""
    column = st.integers(0, width - 1)
    kind = draw(st.sampled_from(["constant", "reference", "template"]))
    if kind == "constant":
        return Term(kind, "Literal", (draw(TEXT),))
    term_type = draw(st.sampled_from(["Literal", "IRI", "BlankNode"]))
    fixed = st.sampled_from(["a", "b/", "x:", "http://", "é'", "?q=", "#", "/", "-"])
    if kind == "reference":
        parts: tuple[str | int, ...] = (draw(column),)
    else:
        text = fixed if term_type == "IRI" else TEXT.filter(bool)
        parts = tuple(draw(st.lists(column | text, min_size=1, max_size=4)))
    setting = draw(st.sampled_from(["", "language", "datatype"])) if term_type == "Literal" else ""
    return Term(
        kind,
        term_type,
        parts,
        "fr" if setting == "language" else None,
        "http://example.org/it's#(1)" if setting == "datatype" else None,
    )


def _can_be_an_iri(term: Term) -> bool:
    sample = Term(
        term.kind, term.term_type, tuple("0" if isinstance(p, int) else p for p in term.parts)
    )
    try:
        sample.apply([])
    except ValueError:
        return False
    return True


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[str], list[Term], list[list[str]]]:
    """Draw a header, the objects of a mapping, and rows."""
    names = draw(st.lists(NAME, min_size=1, max_size=4, unique=True))
    width = len(names)
    objects = draw(st.lists(terms(width).filter(_can_be_an_iri), min_size=1, max_size=4))
    row = st.lists(TEXT, min_size=width, max_size=width)
    return names, objects, draw(st.lists(row, min_size=1, max_size=3))


def _compiled(names: list[str], objects: list[Term], source: str, place: str) -> RowMapper:
    pairs = "".join(
        f" ; <{RR}predicateObjectMap> [ <{RR}predicate> <p{number}> ; "
        f"<{RR}objectMap> [ {term.turtle(names)} ] ]"
        for number, term in enumerate(objects)
    )
    turtle = (
        f"<it's> <{RML}logicalSource> [ <{RML}source> {Literal(source)} ; "
        f"<{RML}referenceFormulation> <http://semweb.mmlab.be/ns/ql#CSV> ] ; "
        f"<{RR}subject> <s> {pairs} ."
    )
    mapping = load_mapping(turtle.encode(), base_iri=BASE, place=place)
    return compile_mapping(mapping, source, names, base_iri=BASE)


@settings(deadline=None, max_examples=300)
@given(cases(), NAME, TEXT)
def test_compiled_code_does_what_the_standard_says(
    case: tuple[list[str], list[Term], list[list[str]]], source: str, place: str
) -> None:
    names, objects, rows = case
    mapper = _compiled(names, objects, source, place)
    for row in rows:
        try:
            made = [term.apply(row) for term in objects]
        except ValueError:
            with pytest.raises(DataError):
                mapper(row)
            continue
        found = list(parse(mapper(row).encode(), format=RdfFormat.N_QUADS))
        expected = {f"{BASE}p{n}": term for n, term in enumerate(made) if term is not None}
        assert len(found) == len(expected)
        for quad in found:
            wanted = expected[quad.predicate.value]
            assert quad.subject == NamedNode(f"{BASE}s")
            if isinstance(wanted, BlankNode):
                assert isinstance(quad.object, BlankNode)
            else:
                assert quad.object == wanted
        assert _partition(expected) == _partition({q.predicate.value: q.object for q in found})


def _partition(objects: dict[str, object]) -> set[frozenset[str]]:
    """Return which predicates share a blank node, whatever its label is."""
    nodes = {each for each in objects.values() if isinstance(each, BlankNode)}
    return {frozenset(key for key, value in objects.items() if value == node) for node in nodes}
