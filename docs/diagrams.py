"""Draws the diagrams and term tables of docs/data-model.md from the ontology.

Each section of the page that names its module, as in "(`indicator.ttl`)", gets two things between
two markers: a Mermaid class diagram (the classes with their literal properties, and an arrow for
each property whose values are things) and a table of all terms with their English definitions. A
test fails when the page is not what `python docs/diagrams.py` writes.
"""

from __future__ import annotations

import re
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from vises.namespaces import compact

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "data-model.md"
VOCABULARY = "https://w3id.org/vises/ontology#"
DATATYPES = ("rdf", "rdfs", "xsd")
SUBCLASS = NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")
SUBPROPERTY = NamedNode("http://www.w3.org/2000/01/rdf-schema#subPropertyOf")
DEFINITION = NamedNode("http://www.w3.org/2004/02/skos/core#definition")
DOMAIN = NamedNode("https://schema.org/domainIncludes")
RANGE = NamedNode("https://schema.org/rangeIncludes")
LITERALS = ("xsd:", "rdf:langString", "rdfs:Literal")
MOST_ARROWS = 2
"""A property with more classes in its range than this is written, not drawn."""

SECTION = re.compile(r"^## .*\(`(\w+)\.ttl`\)$", re.MULTILINE)
BEGIN, END = "<!-- diagram: {} -->", "<!-- end of diagram -->"


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), encoding="utf-8")


def drawn(page: str) -> str:
    """Return the page with the diagram of each module after its heading."""
    page = re.sub(rf"\n{BEGIN.format(r'[a-z]+')}\n.*?{END}\n", "", page, flags=re.DOTALL)
    return SECTION.sub(lambda heading: f"{heading[0]}\n\n{_block(heading[1])}", page)


def _block(module: str) -> str:
    drawing = ["```mermaid", "classDiagram", *diagram(module), "```"]
    return "\n".join([BEGIN.format(module), *drawing, "", *terms(module), END])


def diagram(module: str) -> list[str]:
    """Return the lines of a module's class diagram, in alphabetical order."""
    quads = _module(module)
    lines = {
        f"    {_name(q.object)} <|-- {_name(q.subject)}"
        for q in quads
        if q.predicate == SUBCLASS and _ours(q.subject) and _ours(q.object)
    }
    for prop in sorted({q.subject for q in quads if q.predicate == DOMAIN}, key=str):
        values = _objects(quads, prop, RANGE)
        for subject in _objects(quads, prop, DOMAIN):
            if len(values) > MOST_ARROWS:
                lines.add(f"    {_name(subject)} : {_name(prop)} {' or '.join(_names(values))}")
            else:
                lines |= {_line(subject, prop, value) for value in values}
    return sorted(lines)


def terms(module: str) -> list[str]:
    """Return the lines of a Markdown table of a module's terms, in alphabetical order."""
    quads = _module(module)
    rows = ["| Term | Definition | Specialises |", "|---|---|---|"]
    for subject in sorted({q.subject for q in quads if q.predicate == DEFINITION}, key=str):
        definition = next(
            q.object.value
            for q in quads
            if q.subject == subject
            and q.predicate == DEFINITION
            and isinstance(q.object, Literal)
            and q.object.language == "en"
        )
        above = _objects(quads, subject, SUBCLASS) + _objects(quads, subject, SUBPROPERTY)
        names = ", ".join(sorted(f"`{_prefixed(node)}`" for node in above))
        rows.append(f"| `{_prefixed(subject)}` | {definition} | {names} |")
    return rows


def _module(module: str) -> list[Quad]:
    return list(parse(path=str(ROOT / "ontology" / f"{module}.ttl"), format=RdfFormat.TURTLE))


def _prefixed(node: object) -> str:
    assert isinstance(node, NamedNode)
    return compact(node.value)


def _line(subject: object, prop: object, value: object) -> str:
    if _name(value).startswith(LITERALS):
        return f"    {_name(subject)} : {_name(prop)} {_name(value)}"
    return f"    {_name(subject)} --> {_name(value).rpartition(':')[2]} : {_name(prop)}"


def _objects(quads: list[Quad], subject: object, predicate: NamedNode) -> list[object]:
    return [q.object for q in quads if q.subject == subject and q.predicate == predicate]


def _names(nodes: list[object]) -> list[str]:
    return sorted(_name(node) for node in nodes)


def _ours(node: object) -> bool:
    return isinstance(node, NamedNode) and node.value.startswith(VOCABULARY)


def _name(node: object) -> str:
    """Return the local name of a term, with its prefix where it is a literal's datatype."""
    name = _prefixed(node)
    prefix, _, local = name.rpartition(":")
    return name if prefix in DATATYPES else re.split("[/#]", local)[-1]


if __name__ == "__main__":
    main()
