"""The engine to compare with: pyshacl, over rdflib."""

from __future__ import annotations

import logging
import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyshacl
from pyoxigraph import BlankNode as OxBlankNode
from pyoxigraph import Literal as OxLiteral
from pyoxigraph import NamedNode, Quad, Triple
from rdflib import RDF, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import IdentifiedNode, Node

from vises.errors import sentence
from vises.validation.graph_paths import sparql_path
from vises.validation.report import Report, Result
from vises.validation.shapes import unaccepted, well_formed
from vises.validation.syntax import RdfSyntaxError, read
from vises.validation.targets import ClassTargets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vises.validation.validator import Focus, Validator

_VARIABLE = re.compile(r"\\\{\\[?$]\w+\\\}")


def pyshacl_validator(
    shapes: bytes, place: str = "shapes", *, meta_shacl: bool = False
) -> Validator:
    """Compile shapes (Turtle) for pyshacl, with the advanced features and owl:imports off.

    `meta_shacl` also judges the shapes by the shapes of SHACL itself. pyshacl matches sh:pattern
    with Python's `re`, whose time on an adversarial expression is exponential, and keeps the
    whole graph as Python objects: it is for tests and comparison, never for the data of strangers.
    Raises `RdfSyntaxError` and `ShapesError`, naming `place`.
    """
    return _Pyshacl(well_formed(shapes, place), place, meta_shacl=meta_shacl)


class _Pyshacl:
    """Shapes as rdflib graphs, in both forms."""

    name = f"pyshacl {pyshacl.__version__}"

    def __init__(self, shapes: Sequence[Quad], place: str, *, meta_shacl: bool) -> None:
        self._targets = ClassTargets.of(shapes)
        self._plain = _graph(shapes)
        self._listed = _graph(self._targets.rewritten(shapes))
        self._place = place
        self._meta_shacl = meta_shacl

    def validate(self, data: bytes, focus: Focus | None = None) -> Report:
        """Judge N-Triples, as `Validator` says."""
        shapes = self._plain
        if focus is not None:
            shapes = self._listed
            data = b"\n".join((data, self._targets.lists(focus)))
        with _quiet():
            graph = _graph(read(data))
            try:
                _, found, _ = pyshacl.validate(
                    graph,
                    shacl_graph=shapes,
                    advanced=False,
                    do_owl_imports=False,
                    inplace=True,
                    meta_shacl=self._meta_shacl,
                )
            except Exception as error:  # rdflib and pyshacl raise bare ones for ill-formed shapes
                raise unaccepted(str(error), self._place) from error
        if not isinstance(found, Graph):
            raise unaccepted(str(found), self._place)
        return Report.of(self._results(found))

    def _results(self, found: Graph) -> Iterator[Result]:
        for node in found.objects(found.value(None, RDF.type, SH.ValidationReport), SH.result):
            path = found.value(node, SH.resultPath)
            value = found.value(node, SH.value)
            yield Result(
                focus=_term(found.value(node, SH.focusNode)),
                path=None if path is None else sparql_path(found, path),
                value=None if value is None else _term(value),
                component=str(found.value(node, SH.sourceConstraintComponent)),
                severity=str(found.value(node, SH.resultSeverity)).removeprefix(str(SH)),
                shape=self._named(found.value(node, SH.sourceShape)),
                messages=self._messages(found, node),
            )

    def _named(self, shape: Node | None) -> str:
        """Return the IRI of a shape or of the nearest one around it."""
        while isinstance(shape, BNode):
            shape = self._plain.value(None, SH.property, shape)
        return "[]" if shape is None else str(shape)

    def _messages(self, found: Graph, node: Node) -> dict[str, str]:
        """Return the messages that the shapes declare, by language.

        pyshacl invents messages where there are none, adds those of the shape to those of a
        SPARQL constraint, and loses the languages where it fills in variables.
        """
        declared = self._declared(found.value(node, SH.sourceConstraint))
        declared = declared or self._declared(found.value(node, SH.sourceShape))
        texts = sorted(str(text) for text in found.objects(node, SH.resultMessage))
        matched = ((tag, _instance(template, texts)) for tag, template in declared.items())
        return {tag: text for tag, text in matched if text is not None}

    def _declared(self, node: Node | None) -> Mapping[str, str]:
        messages = () if node is None else self._plain.objects(node, SH.message)
        return {m.language or "": str(m) for m in messages if isinstance(m, Literal)}


def _instance(template: str, texts: Iterable[str]) -> str | None:
    pattern = re.compile(_VARIABLE.sub(".*", re.escape(template)), re.DOTALL)
    return next((text for text in texts if pattern.fullmatch(text)), None)


def _graph(statements: Iterable[Quad]) -> Graph:
    """Build an rdflib graph that keeps the lexical forms: parsing with rdflib rewrites them."""
    graph = Graph(bind_namespaces="none")
    for statement in statements:
        subject, predicate = _node(statement.subject), URIRef(statement.predicate.value)
        graph.add((subject, predicate, _node(statement.object)))
    return graph


def _node(term: NamedNode | OxBlankNode | OxLiteral | Triple) -> Node:
    match term:
        case NamedNode():
            return URIRef(term.value)
        case OxBlankNode():
            return BNode(term.value)
        case OxLiteral(language=str()):
            return Literal(term.value, lang=term.language)
        case OxLiteral():
            return _literal(term)
        case _:
            raise RdfSyntaxError(
                sentence(
                    "triple-as-term", "A triple is used as a term, which SHACL 1.0 does not know."
                ),
                place=str(term),
            )


def _literal(term: OxLiteral) -> Literal:
    datatype = URIRef(term.datatype.value)
    return Literal(
        term.value, datatype=None if datatype == XSD.string else datatype, normalize=False
    )


def _term(node: Node | None) -> str:
    """Write a term in N-Triples, with the same escapes as the other engine."""
    if not isinstance(node, Literal):
        assert isinstance(node, IdentifiedNode)
        return f"_:{node}" if isinstance(node, BNode) else f"<{node}>"
    if node.language:
        return str(OxLiteral(str(node), language=node.language))
    return str(OxLiteral(str(node), datatype=NamedNode(str(node.datatype or XSD.string))))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib from warning of each ill-typed literal: the report tells of them."""
    logger = logging.getLogger("rdflib.term")
    logger.addFilter(_speaks_of_more)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Parsing weird boolean", UserWarning)
            yield
    finally:
        logger.removeFilter(_speaks_of_more)


def _speaks_of_more(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith("Failed to convert Literal lexical form")
