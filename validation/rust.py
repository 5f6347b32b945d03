"""The engine of every gate: the wheel `shacl` (Rust)."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, cast

import shacl
from pyoxigraph import BlankNode, Literal, Quad

from vises.namespaces import PREFIXES, term
from vises.validation.report import MOST_VIOLATIONS, Report, Result
from vises.validation.shapes import unaccepted, well_formed
from vises.validation.syntax import n_triples, read
from vises.validation.targets import ClassTargets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.validation.shapes import ShapesError
    from vises.validation.validator import Focus, Validator

_TRUE = Literal(True)  # noqa: FBT003 (the value of a statement)
_MESSAGE = re.compile(rf"^_:r\d+ <{PREFIXES['sh']}resultMessage> .*$", re.MULTILINE)


def shacl_validator(
    shapes: bytes, place: str = "shapes", *, most_violations: int = MOST_VIOLATIONS
) -> Validator:
    """Compile shapes (Turtle) with the `shacl` wheel.

    Its reports stop at `most_violations` and say so; sh:pattern is matched in time linear in the
    text, without look-around and back-references. Nothing is fetched. Raises `RdfSyntaxError`
    and `ShapesError`, naming `place`.
    """
    statements = _active(well_formed(shapes, place))
    return _Shacl(statements, place, most_violations)


def _active(shapes: Sequence[Quad]) -> Sequence[Quad]:
    """Return shapes without SPARQL constraints that are deactivated (section 5.3.2).

    The wheel takes no notice of that.
    """
    off = {q.subject for q in shapes if q.predicate == term("sh:deactivated") and q.object == _TRUE}
    return [q for q in shapes if not (q.predicate == term("sh:sparql") and q.object in off)]


class _Shacl:
    """Shapes as the wheel compiled them, in both forms."""

    name = f"shacl {shacl.__version__}"

    def __init__(self, shapes: Sequence[Quad], place: str, most_violations: int) -> None:
        self._place = place
        self._most = most_violations
        self._targets = ClassTargets.of(shapes)
        self._plain = self._compiled(shapes)
        self._listed = self._compiled(self._targets.rewritten(shapes))
        self._blank_nodes = len(_blank_nodes(shapes))

    def validate(self, data: bytes, focus: Focus | None = None) -> Report:
        """Judge N-Triples, as `Validator` says."""
        shapes = self._plain
        if focus is not None:
            shapes = self._listed
            data = b"\n".join((data, self._targets.lists(focus)))
        try:
            found = shapes.validate_text(
                data.decode(), "ntriples", max_results=self._most, allow_warnings=True
            )
        except ValueError as error:
            for _ in read(data):
                pass  # the parser of our own says where, where it is the syntax
            raise self._refused(error) from None
        messages = _messages(found) if len(found) else {}
        labels = self._labels(data) if _has_blank_nodes(found) else {}
        results = [
            _result(result, messages.get(number, {}), labels)
            for number, result in enumerate(found.results, start=1)
        ]
        blocking = sum(result.is_violation for result in results)
        return Report.of(results, complete=blocking < self._most)

    def _compiled(self, shapes: Iterable[Quad]) -> shacl.Shapes:
        try:
            return shacl.Shapes.from_text(n_triples(shapes).decode(), "ntriples")
        except ValueError as error:
            raise self._refused(error) from None

    def _refused(self, error: ValueError) -> ShapesError:
        said = " ".join(str(error).split()).removeprefix("invalid shapes graph: ")
        return unaccepted(said, self._place)

    def _labels(self, data: bytes) -> dict[str, str]:
        """Map the wheel's names of blank nodes to those of the data.

        The wheel numbers them in the order of the document, after those of the shapes.
        """
        labels = enumerate(_blank_nodes(read(data)), start=self._blank_nodes)
        return {f"_:0_b{number}": f"_:{label}" for number, label in labels}


def _result(found: shacl.Result, messages: Mapping[str, str], labels: Mapping[str, str]) -> Result:
    shape = found.root_shape or found.source_shape or ""
    return Result(
        focus=labels.get(found.focus_node, found.focus_node),
        path=found.path,
        value=labels.get(found.value or "", found.value),
        component=found.component_iri,
        severity=found.severity_iri.removeprefix(PREFIXES["sh"]),
        shape=shape[1:-1] if shape.startswith("<") else "[]",
        messages=messages,
    )


def _messages(report: shacl.Report) -> dict[int, dict[str, str]]:
    """Read the messages with their languages, by the number of the result.

    `shacl.Result.messages` has no language tags; the report as RDF has them, and its node _:r1
    is the first result.
    """
    lines = "\n".join(_MESSAGE.findall(report.serialize("ntriples")))
    messages: dict[int, dict[str, str]] = defaultdict(dict)
    for statement in read(lines.encode()):
        text = cast("Literal", statement.object)
        number = int(cast("BlankNode", statement.subject).value[1:])
        messages[number][text.language or ""] = text.value
    return messages


def _has_blank_nodes(report: shacl.Report) -> bool:
    return any(
        result.focus_node.startswith("_:") or (result.value or "").startswith("_:")
        for result in report.results
    )


def _blank_nodes(statements: Iterable[Quad]) -> list[str]:
    """Return the labels of the blank nodes in the order of the document."""
    labels: dict[str, None] = {}
    for statement in statements:
        for node in (statement.subject, statement.object):
            if isinstance(node, BlankNode):
                labels.setdefault(node.value)
    return list(labels)
