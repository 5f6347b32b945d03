"""What a validation found: results, counts, and the report as RDF and JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import Literal

from vises.errors import Sentence
from vises.namespaces import PREFIXES
from vises.validation.paths import turtle_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SH = PREFIXES["sh"]
_EARL = "http://www.w3.org/ns/earl#"
_PTR = "http://www.w3.org/2009/pointers#"
_CSVW = "http://www.w3.org/ns/csvw#"
_DCTERMS = PREFIXES["dcterms"]
_TOLD = ("focus", "path", "value", "component", "severity", "shape")
SEVERITIES = ("Violation", "Warning", "Info")
_CHUNK = 1 << 16
"""How many characters a report is given out in."""

MOST_VIOLATIONS = 100_000
"""Where counting stops: engines keep about 10 kB for each result (measured)."""


@dataclass(frozen=True)
class Place:
    """Where a statement was written: the name of the document, and the line, counted from 1.

    `column` is the title of the column of a table that says it, empty where that is not known.
    """

    document: str
    line: int
    column: str = ""

    def __str__(self) -> str:
        """Write it for people."""
        column = f", column {self.column}" if self.column else ""
        return f"{self.document}, line {self.line}{column}"


@dataclass(frozen=True)
class Result:
    """One validation result (SHACL, section 3.6.2).

    `focus` and `value` are in N-Triples syntax; `path` is in SPARQL property path syntax;
    `component` is the IRI of the constraint component; `severity` is the local name of the
    severity; `shape` is the IRI of the shape, or of the nearest shape around it that has one, or
    ``[]`` where none has; `messages` are the messages of the shape by language tag, the empty tag
    for plain strings. `place` is where the data says it, None where that is not known; it does not
    tell results apart.
    """

    focus: str
    path: str | None
    value: str | None
    component: str
    severity: str
    shape: str
    messages: Mapping[str, str] = field(default_factory=dict, hash=False)
    place: Place | None = field(default=None, compare=False)

    @property
    def is_violation(self) -> bool:
        """Whether it refuses the data, as do severities that SHACL does not define."""
        return self.severity not in {"Warning", "Info"}

    def message(self, language: str = "en") -> str:
        """Return what to tell a reader: in their language, else in English, else as it comes.

        A shape without a message gives the name of the component.
        """
        for wanted in (language, "en", ""):
            for tag, text in sorted(self.messages.items()):
                if tag == wanted or tag.startswith(f"{wanted}-"):
                    return text
        spare = self.component.removeprefix(SH).removesuffix("ConstraintComponent")
        return next(iter(self.messages.values()), spare)


@dataclass(frozen=True)
class Report:
    """All results of one validation, in a fixed order, and what they amount to.

    `complete` is false where the engine stopped counting: there are more results than these.
    `notes` are sentences on how they were found.
    """

    results: tuple[Result, ...] = ()
    complete: bool = True
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, results: Iterable[Result], *, complete: bool = True) -> Report:
        """Put results in order: by severity, shape, path, component, focus node and value."""
        return cls(tuple(sorted(results, key=_order)), complete)

    @property
    def conforms(self) -> bool:
        """Whether there is no result at all, of whatever severity (SHACL, section 3.6.1.1)."""
        return self.complete and not self.results

    @property
    def accepted(self) -> bool:
        """Whether the data may be published: no violation, and everything was judged."""
        return self.complete and not self.violations

    @cached_property
    def violations(self) -> int:
        """The number of results that refuse the data."""
        return sum(result.is_violation for result in self.results)

    @cached_property
    def warnings(self) -> int:
        """The number of results of severity sh:Warning, which are published with the data."""
        return self._count("Warning")

    @cached_property
    def infos(self) -> int:
        """The number of results of severity sh:Info."""
        return self._count("Info")

    def summary(self) -> str:
        """Return the outcome in one English sentence."""
        if self.conforms:
            return "Accepted: there is nothing to fix."
        counts = f"{_counted(self.violations, 'violation')}, {_counted(self.warnings, 'warning')}"
        if self.infos:
            counts += f", {_counted(self.infos, 'remark')}"
        if not self.complete:
            counts += " (counting stopped there)"
        if self.accepted:
            return f"Accepted: {counts}."
        numbers = {"violations": self.violations, "warnings": self.warnings, "infos": self.infos}
        return Sentence(f"Refused: {counts}.", "refused-counts", numbers)

    def head(self) -> dict[str, object]:
        """Return what a report says before its results: the outcome, the counts and the notes."""
        return {
            "conforms": self.conforms,
            "accepted": self.accepted,
            "complete": self.complete,
            "violations": self.violations,
            "warnings": self.warnings,
            "infos": self.infos,
            "notes": list(self.notes),
        }

    def members(self) -> dict[str, object]:
        """Return the counts and the results, as report.schema.json describes them."""
        return self.head() | {"results": [members(result) for result in self.results]}

    def json(self) -> Iterator[str]:
        """Yield the same as JSON, a result at a time."""
        return json_pieces(self.head(), self.results)

    def turtle(self) -> Iterator[bytes]:
        """Yield the report as a sh:ValidationReport in Turtle (SHACL, section 3.6), in chunks.

        An incomplete report says so in an rdfs:comment; so do the notes. Where the data says it is
        an earl:pointer (EARL 1.0).
        """
        return in_chunks(turtle_pieces(self.head(), self.results))

    def _count(self, severity: str) -> int:
        return sum(result.severity == severity for result in self.results)


def in_chunks(pieces: Iterable[str]) -> Iterator[bytes]:
    """Yield small pieces of text together, as bytes: whoever sends them does so one by one."""
    waiting: list[str] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= _CHUNK:
            yield "".join(waiting).encode()
            waiting.clear()
            length = 0
    if waiting:
        yield "".join(waiting).encode()


def json_pieces(head: Mapping[str, object], results: Iterable[Result]) -> Iterator[str]:
    """Yield a report in JSON, a result at a time; `head` is that of `Report.head`."""
    yield json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}") + ',\n  "results": ['
    begun = False
    for result in results:
        yield ",\n    " if begun else "\n    "
        yield json.dumps(members(result), ensure_ascii=False)
        begun = True
    yield "\n  ]\n}" if begun else "]\n}"


def turtle_pieces(head: Mapping[str, object], results: Iterable[Result]) -> Iterator[str]:
    """Yield a report in Turtle, a result at a time; `head` is that of `Report.head`."""
    yield "".join(f"@prefix {p}: <{PREFIXES[p]}> .\n" for p in ("rdfs", "sh"))
    yield f"\n[] a sh:ValidationReport ;\n  sh:conforms {str(head['conforms']).lower()}"
    if not head["complete"]:
        yield ' ;\n  rdfs:comment "There are more results: counting stopped."@en'
    notes = head["notes"]
    assert isinstance(notes, list)
    for note in notes:
        yield f" ;\n  rdfs:comment {Literal(note, language='en')}"
    for result in results:
        yield f" ;\n  sh:result {_turtle(result)}"
    yield " .\n"


def members(result: Result) -> dict[str, object]:
    """Return a result as the JSON of a report has it."""
    told: dict[str, object] = {name: getattr(result, name) for name in _TOLD}
    told["messages"] = dict(sorted(result.messages.items()))
    if place := result.place:
        told["place"] = {k: v for k, v in asdict(place).items() if v}
    return told


def _order(result: Result) -> tuple[int, str, str, str, str, str]:
    known = result.severity in SEVERITIES
    rank = SEVERITIES.index(result.severity) if known else -1
    return (
        rank,
        result.shape,
        result.path or "",
        result.component,
        result.focus,
        result.value or "",
    )


def _turtle(result: Result) -> str:
    shape = result.shape if result.shape == "[]" else f"<{result.shape}>"
    severity = SH + result.severity if result.severity in SEVERITIES else result.severity
    statements = [
        "a sh:ValidationResult",
        f"sh:focusNode {result.focus}",
        f"sh:resultSeverity {_compact(severity)}",
        f"sh:sourceConstraintComponent {_compact(result.component)}",
        f"sh:sourceShape {shape}",
    ]
    if result.path is not None:
        statements.append(f"sh:resultPath {turtle_path(result.path)}")
    if result.value is not None:
        statements.append(f"sh:value {result.value}")
    statements += [
        f"sh:resultMessage {Literal(text, language=tag or None)}"
        for tag, text in sorted(result.messages.items())
    ]
    if result.place is not None:
        statements.append(f"<{_EARL}pointer> {_pointer(result.place)}")
    return "[ " + " ;\n    ".join(statements) + " ]"


def _pointer(place: Place) -> str:
    """Return a place as Pointer Methods in RDF 1.0 (W3C) has it, a column as CSVW does."""
    column = f" ; <{_CSVW}title> {Literal(place.column)}" if place.column else ""
    return (
        f"[ a <{_PTR}LineCharPointer> ; <{_PTR}lineNumber> {place.line} ;"
        f" <{_PTR}reference> [ <{_DCTERMS}title> {Literal(place.document)} ]{column} ]"
    )


def _compact(iri: str) -> str:
    local = iri.removeprefix(SH)
    return f"sh:{local}" if local != iri and local.isalpha() else f"<{iri}>"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
