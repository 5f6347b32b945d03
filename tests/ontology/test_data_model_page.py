"""The page docs/data-model.md names what exists, all of it, and its examples are sound Turtle."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import Quad, RdfFormat, parse

from vises.namespaces import PREFIXES
from vises.validation.terms import NAMESPACES, exists

VISES = PREFIXES["vises"]
PAGE = (Path(__file__).parents[2] / "docs" / "data-model.md").read_text("utf-8")
EXAMPLES = [
    block for block in re.findall(r"(?:^    .*\n|^\n)+", PAGE, re.MULTILINE) if "@prefix" in block
]


def test_every_term_is_explained_and_every_term_explained_exists(
    ontology: frozenset[Quad],
) -> None:
    declared = {
        q.subject.value.removeprefix(VISES)
        for q in ontology
        if q.subject.value.startswith(VISES) and "-" not in q.subject.value
    }
    assert set(re.findall(r"\bvises:([A-Za-z]+)", PAGE)) == declared


def test_every_term_of_others_that_is_named_exists() -> None:
    names = set(re.findall(r"`([a-z-]+:[A-Za-z]\w*)`", PAGE))
    others = {name for name in names if name.partition(":")[0] in NAMESPACES}
    others -= {name for name in others if name.startswith(("vises:", "code:", "shapes:"))}
    assert len(others) > 20
    iris = {name: NAMESPACES[name.partition(":")[0]] + name.partition(":")[2] for name in others}
    assert [name for name, iri in sorted(iris.items()) if not exists(iri)] == []


def test_every_list_is_named(codes: frozenset[Quad]) -> None:
    schemes = {q.object.value for q in codes if q.predicate.value.endswith("#inScheme")}
    assert {f"`{iri.removeprefix(PREFIXES['code'])}`" for iri in schemes} <= set(
        re.findall(r"`[a-z0-9.-]+`", PAGE)
    )


def test_every_module_has_its_examples() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    modules = [text for text in sections if re.match(r".*\(`\w+\.ttl`\)$", text, re.MULTILINE)]
    assert len(modules) == 5
    assert [text.splitlines()[0] for text in modules if "@prefix" not in text] == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_use_declared_terms_and_codes(example: str, everything: frozenset[Quad]) -> None:
    known = {q.subject.value for q in everything}
    quads = list(
        parse(example.encode(), format=RdfFormat.TURTLE, base_iri="https://example.org/base/")
    )
    assert len(quads) > 10
    for quad in quads:
        for node in (quad.predicate, quad.object):
            if node.value.startswith((VISES, PREFIXES["code"])):
                assert node.value in known, node
