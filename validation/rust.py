"""The engine of every gate: the wheel `shacl` (Rust)."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, cast

import shacl
from pyoxigraph import BlankNode, Literal, Quad

from vises.namespaces import PREFIXES
from vises.validation.report import Report, Result
from vises.validation.shapes import ShapesError, well_formed
from vises.validation.syntax import n_triples, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vises.validation.validator import Validator

MOST_VIOLATIONS = 100_000
"""Where counting stops: the engine keeps about 10 kB for each result (measured)."""

_MESSAGE = re.compile(rf"^_:r\d+ <{PREFIXES['sh']}resultMessage> .*$", re.MULTILINE)


def shacl_validator(
    shapes: bytes, place: str = "shapes", *, most_violations: int = MOST_VIOLATIONS
) -> Validator:
    """Compile shapes (Turtle) with the `shacl` wheel.

    Its reports stop at `most_violations` and say so; sh:pattern is matched in time linear in the
    text, without look-around and back-references. Nothing is fetched. Raises `RdfSyntaxError`
    and `ShapesError`, naming `place`.
    """
    statements = well_formed(shapes, place)
    document = n_triples(statements).decode()
    try:
        compiled = shacl.Shapes.from_text(document, "ntriples")
    except ValueError as error:
        raise ShapesError(_sentence(error), place=place, remedy="Correct the shapes.") from None
    return _Shacl(compiled, place, most_violations, len(_blank_nodes(statements)))


class _Shacl:
    """Shapes as the wheel compiled them."""

    name = f"shacl {shacl.__version__}"

    def __init__(
        self, shapes: shacl.Shapes, place: str, most_violations: int, blank_nodes: int
    ) -> None:
        self._shapes = shapes
        self._blank_nodes = blank_nodes
        self._place = place
        self._most = most_violations

    def validate(self, data: bytes) -> Report:
        """Judge N-Triples, as `Validator` says."""
        try:
            found = self._shapes.validate_text(
                data.decode(), "ntriples", max_results=self._most, allow_warnings=True
            )
        except ValueError as error:
            for _ in read(data):
                pass  # the parser of our own says where, where it is the syntax
            raise ShapesError(_sentence(error), place=self._place) from None
        messages = _messages(found) if len(found) else {}
        labels = self._labels(data) if _has_blank_nodes(found) else {}
        results = [
            _result(result, messages.get(number, {}), labels)
            for number, result in enumerate(found.results, start=1)
        ]
        blocking = sum(result.severity not in {"Warning", "Info"} for result in results)
        return Report.of(results, complete=blocking < self._most)

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


def _sentence(error: ValueError) -> str:
    text = " ".join(str(error).split())
    return f"The engine does not accept them: {text.removeprefix('invalid shapes graph: ')}."
