"""What a validation found: results, counts, and the report as RDF and JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import Literal

from vises.namespaces import PREFIXES
from vises.validation.paths import turtle_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SH = PREFIXES["sh"]
SEVERITIES = ("Violation", "Warning", "Info")


@dataclass(frozen=True)
class Result:
    """One validation result (SHACL, section 3.6.2).

    `focus` and `value` are in N-Triples syntax; `path` is in SPARQL property path syntax;
    `component` is the IRI of the constraint component; `severity` is the local name of the
    severity; `shape` is the IRI of the shape, or of the nearest shape around it that has one, or
    ``[]`` where none has; `messages` are the messages of the shape by language tag, the empty tag
    for plain strings.
    """

    focus: str
    path: str | None
    value: str | None
    component: str
    severity: str
    shape: str
    messages: Mapping[str, str] = field(default_factory=dict, hash=False)

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
        """The number of results of severity sh:Violation, which refuse the data.

        A severity that SHACL does not define counts as a violation.
        """
        return len(self.results) - self.warnings - self.infos

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
        return f"{'Accepted' if self.accepted else 'Refused'}: {counts}."

    def to_json(self) -> str:
        """Return the counts and the results as JSON."""
        content = {
            "conforms": self.conforms,
            "accepted": self.accepted,
            "complete": self.complete,
            "violations": self.violations,
            "warnings": self.warnings,
            "infos": self.infos,
            "notes": list(self.notes),
            "results": [
                asdict(result) | {"messages": dict(sorted(result.messages.items()))}
                for result in self.results
            ],
        }
        return json.dumps(content, ensure_ascii=False, indent=2)

    def turtle(self) -> bytes:
        """Return the report as a sh:ValidationReport in Turtle (SHACL, section 3.6).

        An incomplete report says so in an rdfs:comment; so do the notes.
        """
        statements = ["a sh:ValidationReport", f"sh:conforms {str(self.conforms).lower()}"]
        if not self.complete:
            statements.append('rdfs:comment "There are more results: counting stopped."@en')
        statements += [f"rdfs:comment {Literal(note, language='en')}" for note in self.notes]
        statements += [f"sh:result {_turtle(result)}" for result in self.results]
        used = "".join(f"@prefix {p}: <{PREFIXES[p]}> .\n" for p in ("rdfs", "sh"))
        return (used + "\n[] " + " ;\n  ".join(statements) + " .\n").encode()

    def _count(self, severity: str) -> int:
        return sum(result.severity == severity for result in self.results)


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
    return "[ " + " ;\n    ".join(statements) + " ]"


def _compact(iri: str) -> str:
    local = iri.removeprefix(SH)
    return f"sh:{local}" if local != iri and local.isalpha() else f"<{iri}>"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
