"""Random shapes graphs that use all that the analysis of changes knows, and what it does not."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

PREFIXES = dedent("""\
    @prefix sh: <http://www.w3.org/ns/shacl#> .
    @prefix ex: <http://e/> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://e/"^^xsd:anyURI ] .
""")
CLASSES = ("ex:C", "ex:D", "ex:E")
PREDICATES = ("ex:p", "ex:q", "ex:r")
VALUES = ("1", "2", "7", '"1"', '"x"', '"a"@fr', "true", "ex:n0", "ex:n1", "ex:k", "4.5")
DEEPEST = 3

LOCAL_QUERIES = (
    "SELECT $this ?value WHERE { $this ex:p ?value . FILTER (isLiteral(?value)) }",
    "SELECT $this WHERE { $this ex:p/ex:q ?x . ?x a ex:C }",
    "SELECT $this WHERE { $this ex:q ?x FILTER NOT EXISTS { ?x ex:p ?y } }",
    "SELECT $this WHERE { $this a ?c FILTER EXISTS { $this ex:r ?x . ?x ex:p ?y } }",
    "SELECT $this WHERE { $this ex:p ?v OPTIONAL { ?w ex:r $this } FILTER (!bound(?w)) }",
    "SELECT $this WHERE { $this ex:p ?x } GROUP BY $this HAVING (COUNT(?x) > 2)",
    "SELECT $this WHERE { $this ex:p+ ?x . ?x ^ex:q ?y . FILTER (?y != $this) }",
    "SELECT $this WHERE { { ?x ex:q ?y } UNION { ?x ex:r ?y } $this ex:p ?x }",
    "SELECT $this WHERE { $this ex:p ?x OPTIONAL { ?x ex:q ?y } FILTER EXISTS { ?x ex:r ?z } }",
)
PATH_QUERY = "SELECT $this ?value WHERE { $this $PATH ?value . FILTER (isIRI(?value)) }"
OPAQUE_QUERIES = (
    "SELECT $this WHERE { $this ?any ex:k }",
    "SELECT $this WHERE { $this ex:p ?v . ?other ex:q ?w . FILTER (?v = ?w) }",
    "SELECT $this WHERE { $this a ?c . FILTER NOT EXISTS { ex:k ex:p ?x } }",
    "SELECT $this WHERE { { $this ex:p ex:k } UNION { ?x ex:q ex:k } }",
    "SELECT $this WHERE { OPTIONAL { $this ex:p ?x } OPTIONAL { ?x ex:q ?y } FILTER (bound(?y)) }",
    "SELECT $this WHERE { $this a ?c OPTIONAL { $this ex:p ?x } FILTER EXISTS { ?x ex:q ex:k } }",
    "SELECT $this WHERE { FILTER EXISTS { $this ex:p ?x } FILTER EXISTS { ?x ex:q ?y } }",
    "SELECT $this WHERE { $this ex:p ?x { $this a ?c FILTER NOT EXISTS { ?x ex:q ?y } } }",
)


class ShapesMaker:
    """Writes one shapes graph in Turtle."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.named: list[str] = []
        self.properties: list[str] = []
        self.lines: list[str] = []

    def graph(self) -> str:
        for number in range(self.chance.randint(1, 3)):
            self.lines.append(f"ex:P{number} {self.property_body(1)} .")
            self.properties.append(f"ex:P{number}")
        for number in range(self.chance.randint(0, 2)):
            self.lines.append(f"ex:H{number} a sh:NodeShape ; {self.constraints(1)} .")
            self.named.append(f"ex:H{number}")
        for number in range(self.chance.randint(1, 4)):
            subject = f"ex:S{number}" if self.chance.random() < 0.8 else "[]"
            body = self.constraints(0) if self.chance.random() < 0.8 else self.property_body(0)
            self.lines.append(f"{subject} a sh:NodeShape ; {self.target()} ; {body} .")
        if self.chance.random() < 0.3:
            self.lines.append(f"ex:C a sh:NodeShape , rdfs:Class ; {self.constraints(0)} .")
        return PREFIXES + "\n".join(self.lines).replace("a sh:NodeShape ; sh:path", "sh:path")

    def target(self) -> str:
        kinds = (
            ("sh:targetClass", CLASSES),
            ("sh:targetSubjectsOf", PREDICATES),
            ("sh:targetObjectsOf", PREDICATES),
            ("sh:targetNode", ("ex:n0", "ex:k", '"x"', "ex:never")),
        )
        chosen = self.chance.choices(kinds, weights=(5, 2, 2, 1), k=self.chance.choice((1, 1, 2)))
        return " ; ".join(f"{name} {self.chance.choice(values)}" for name, values in chosen)

    def property_body(self, depth: int) -> str:
        return f"sh:path {self.path(0)} ; {self.constraints(depth, path=True)}"

    def constraints(self, depth: int, *, path: bool = False) -> str:
        count = self.chance.choice((1, 1, 2, 3))
        made = " ; ".join(self.constraint(depth, path=path) for _ in range(count))
        return f"{made} ; sh:deactivated true" if self.chance.random() < 0.05 else made

    def path(self, depth: int) -> str:
        kind = self.chance.random()
        if depth >= 2 or kind < 0.55:
            return self.chance.choice((*PREDICATES, "rdf:type"))
        if kind < 0.7:
            return f"[ sh:inversePath {self.path(depth + 1)} ]"
        if kind < 0.85:
            return f"( {self.path(depth + 1)} {self.path(depth + 1)} )"
        if kind < 0.9:
            return f"[ sh:alternativePath ( {self.path(depth + 1)} {self.path(depth + 1)} ) ]"
        repeated = self.chance.choice(("zeroOrMore", "oneOrMore", "zeroOrOne"))
        return f"[ sh:{repeated}Path {self.path(depth + 1)} ]"

    def shape(self, depth: int) -> str:
        if self.named and self.chance.random() < 0.3:
            return self.chance.choice(self.named)
        if self.chance.random() < 0.5:
            return f"[ {self.property_body(depth + 1)} ]"
        return f"[ {self.constraints(depth + 1)} ]"

    def shapes(self, depth: int) -> str:
        return " ".join(self.shape(depth) for _ in range(self.chance.choice((1, 2, 2))))

    def constraint(self, depth: int, *, path: bool) -> str:
        makers = [self.on_values, self.on_values, self.on_values]
        if depth < DEEPEST:
            makers += [self.nested, self.nested, self.property_of]
        if path:
            makers += [self.on_count, self.on_count, self.pair, self.qualified]
        makers += [self.closed, self.query]
        made = self.chance.choice(makers)
        return made(depth, path=path)

    def on_values(self, _: int, *, path: bool) -> str:  # noqa: ARG002 (all makers take it)
        chosen = self.chance.choice(VALUES)
        listed = " ".join(self.chance.sample(VALUES, 4))
        return self.chance.choice(
            (
                f"sh:class {self.chance.choice(CLASSES)}",
                f"sh:class {self.chance.choice(CLASSES)}",
                "sh:datatype xsd:integer",
                "sh:nodeKind sh:IRI",
                "sh:nodeKind sh:BlankNodeOrIRI",
                "sh:minInclusive 2",
                "sh:maxLength 2",
                'sh:pattern "^[0-9]+$"',
                f"sh:in ( {listed} )",
                f"sh:hasValue {chosen}",
                'sh:languageIn ( "fr" )',
            )
        )

    def on_count(self, _: int, *, path: bool) -> str:  # noqa: ARG002
        return self.chance.choice(
            ("sh:minCount 1", "sh:maxCount 1", "sh:minCount 2", "sh:uniqueLang true")
        )

    def pair(self, _: int, *, path: bool) -> str:  # noqa: ARG002
        kind = self.chance.choice(("equals", "disjoint", "lessThan", "lessThanOrEquals"))
        return f"sh:{kind} {self.chance.choice(PREDICATES)}"

    def nested(self, depth: int, *, path: bool) -> str:  # noqa: ARG002
        kind = self.chance.choice(("node", "not", "and", "or", "xone"))
        if kind in {"node", "not"}:
            return f"sh:{kind} {self.shape(depth)}"
        return f"sh:{kind} ( {self.shapes(depth)} )"

    def property_of(self, depth: int, *, path: bool) -> str:  # noqa: ARG002
        if self.properties and self.chance.random() < 0.4:
            return f"sh:property {self.chance.choice(self.properties)}"
        return f"sh:property [ {self.property_body(depth + 1)} ]"

    def qualified(self, depth: int, *, path: bool) -> str:  # noqa: ARG002
        count = self.chance.choice(("sh:qualifiedMinCount 1", "sh:qualifiedMaxCount 1"))
        disjoint = self.chance.choice(("", " ; sh:qualifiedValueShapesDisjoint true"))
        return f"sh:qualifiedValueShape {self.shape(max(depth, 2))} ; {count}{disjoint}"

    def closed(self, _: int, *, path: bool) -> str:  # noqa: ARG002
        return "sh:closed true ; sh:ignoredProperties ( rdf:type ex:p )"

    def query(self, _: int, *, path: bool) -> str:
        queries = list(LOCAL_QUERIES)
        if path:
            queries.append(PATH_QUERY)
        if self.chance.random() < 0.3:
            queries = list(OPAQUE_QUERIES)
        severity = self.chance.choice(("", " ; sh:severity sh:Warning"))
        text = self.chance.choice(queries)
        return f'sh:sparql [ sh:prefixes ex: ; sh:select """{text}""" ]{severity}'
