"""Finding the SERVICE clauses of a query, and turning them to the way out of a sealed process.

A clause is found by a strict reading of the specification and then proved with the engine's parser,
whose grammar is wider: what the two do not agree about is refused. That is about right answers. It
is not what keeps a query from reaching something: the process has no network but the way out, and
there the service looks only for the number of a partner.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, QuerySolutions, Store

from vises.errors import sentence
from vises.store.engine import FederationRefused
from vises.store.federation.path import MOST_SERVICES
from vises.store.keywords import uses_keyword

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_CLAUSES = 16
"""How many SERVICE clauses a query may have."""

NOT_LISTED = "http://not-listed.invalid/"
"""What a partner is given in place of an endpoint that is not listed: no name ends in .invalid."""

_IRI = r"<(?:[^\x00-\x20<>\"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>"
_SPACE = r"(?:[ \t\r\n]|#[^\r\n]*(?=[\r\n]|\Z))*"
_ESCAPE = r"%[0-9A-Fa-f]{2}|\\[-_~.!$&'()*+,;=/?#@%]"
_NAME = rf"(?:[^\W\d_](?:[\w.-]*[\w-])?)?:(?:(?:[\w:]|{_ESCAPE})(?:[\w:.-]|{_ESCAPE})*)?"
_TOKEN = re.compile(
    r"#[^\r\n]*"
    r'|"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\r\n]|\\.)*"'
    r"|'(?:[^'\\\r\n]|\\.)*'"
    rf"|{_IRI}"
    r"|[?$]\w+"
    r"|@[A-Za-z]+(?:-[A-Za-z0-9-]+)*"
    rf"|_?{_NAME}"
    r"|(?P<word>\w+)"
    r"|(?P<brace>[{}])",
    re.DOTALL,
)
_CLAUSE = re.compile(
    rf"(?P<keyword>SERVICE){_SPACE}(?P<silent>\bSILENT\b{_SPACE})?"
    rf"(?P<target>{_IRI}|{_NAME}|[?$]\w+){_SPACE}(?={{)",
    re.IGNORECASE,
)
_PROLOGUE = re.compile(
    rf"{_SPACE}(?:(?:BASE{_SPACE}{_IRI}|PREFIX{_SPACE}{_NAME}{_SPACE}{_IRI}){_SPACE})*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class WayOut:
    """Where a sealed process finds the service: the port, and whom it may be asked to call."""

    port: int
    partners: tuple[str, ...]

    def address(self, partner: int | None, *, silent: bool) -> str:
        """Return the IRI that stands for a partner, or for one that is not listed."""
        number = "none" if partner is None else partner
        return f"http://127.0.0.1:{self.port}/{number}{'/silent' if silent else ''}"


@dataclass(frozen=True)
class _Clause:
    """A SERVICE clause: where its keyword and its target are, and how it stands in the query."""

    start: int
    target: tuple[int, int]
    silent: bool
    inside: bool
    iri: str = ""


def redirected(query: str, way_out: WayOut, hops: int = 0) -> str:
    """Return a query whose SERVICE clauses call the way out; one without any as it is.

    `hops` says through how many services it came, each calling the next with SERVICE.

    A clause inside another one belongs to the partner that gets it, and has to name a listed
    endpoint too. SERVICE SILENT with one that is not listed gives what the standard says of an
    endpoint that fails (SPARQL 1.1 Federated Query, section 2.3.1): a solution without bindings.
    Raises `FederationRefused`.
    """
    if not uses_keyword(query, "SERVICE"):
        return query
    if hops >= MOST_SERVICES:
        raise FederationRefused(
            sentence(
                "many-hops",
                "The query came through {hops} services and calls another one.",
                hops=hops,
            ),
            remedy=sentence(
                "ask-directly",
                "See whether a partner's partner is the service itself, and ask it directly.",
            ),
        )
    clauses = _found(query)
    _prove(query, clauses)
    prologue = _PROLOGUE.match(query)
    assert prologue is not None
    resolved = [replace(c, iri=_resolved(prologue[0], query[slice(*c.target)])) for c in clauses]
    text = query
    for clause in reversed(resolved):
        start, end = clause.target
        text = f"{text[:start]}<{_called(clause, way_out)}>{text[end:]}"
    return text


def _called(clause: _Clause, way_out: WayOut) -> str:
    """Return what is called in place of the endpoint. Raises `FederationRefused`."""
    listed = clause.iri in way_out.partners
    if not listed and not clause.silent:
        raise FederationRefused(
            sentence(
                "endpoint-unlisted",
                "<{endpoint}> is not one of the endpoints that this service calls.",
                endpoint=clause.iri,
            ),
            remedy=sentence(
                "name-listed",
                "Name one of those that the service description lists, letter by letter, bring "
                "the values along with VALUES, or have the operator list it in the file of "
                "VISES_PARTNERS.",
            ),
        )
    if clause.inside:
        return clause.iri if listed else NOT_LISTED
    number = way_out.partners.index(clause.iri) if listed else None
    return way_out.address(number, silent=clause.silent)


def _found(query: str) -> list[_Clause]:
    """Return the clauses in their order. Raises `FederationRefused`."""
    clauses: list[_Clause] = []
    opened: list[int] = []
    depth = position = 0
    while token := _TOKEN.search(query, position):
        position = token.end()
        if token["brace"] == "{":
            depth += 1
        elif token["brace"] == "}":
            depth -= 1
            opened = [d for d in opened if d <= depth]
        elif (token["word"] or "").upper() == "SERVICE":
            clauses.append(_clause(query, token.start(), inside=bool(opened)))
            opened.append(depth + 1)
            position = clauses[-1].target[1]
    if len(clauses) > MOST_CLAUSES:
        raise FederationRefused(
            sentence("many-services", "The query has {count} SERVICE clauses.", count=len(clauses)),
            remedy=sentence(
                "fewer-services", "Use {most} at most, or split the query.", most=MOST_CLAUSES
            ),
        )
    return clauses


def _clause(query: str, start: int, *, inside: bool) -> _Clause:
    found = _CLAUSE.match(query, start)
    if found is None:
        raise _unclear()
    if found["target"][0] in "?$":
        raise FederationRefused(
            sentence(
                "service-variable",
                "SERVICE calls whatever {variable} is bound to.",
                variable=found["target"],
            ),
            remedy=sentence(
                "name-endpoint",
                "Name the endpoint, so that it can be found in the list of partners.",
            ),
        )
    return _Clause(start, found.span("target"), found["silent"] is not None, inside)


def _prove(query: str, clauses: Sequence[_Clause]) -> None:
    """Let the engine's parser say that these are the SERVICE clauses and that there is no other.

    With GRAPH for SERVICE in all of them the query has to parse and to have no SERVICE left; with
    one of them kept it has to have one. Raises `FederationRefused`.
    """
    masked = _masked(query, clauses)
    others = (_masked(query, [c for c in clauses if c is not kept]) for kept in clauses)
    proved = (
        uses_keyword(masked, "GRAPH")
        and not uses_keyword(masked, "SERVICE")
        and all(uses_keyword(other, "SERVICE") for other in others)
    )
    if not proved:
        raise _unclear()


def _masked(query: str, clauses: Sequence[_Clause]) -> str:
    """Return the query with GRAPH for SERVICE in some clauses."""
    for clause in reversed(clauses):
        query = f"{query[: clause.start]}GRAPH {query[clause.target[0] :]}"
    return query


def _resolved(prologue: str, target: str) -> str:
    """Return the absolute IRI of a target, as the engine reads it. Raises `FederationRefused`."""
    try:
        found = Store().query(f"{prologue}\nSELECT ({target} AS ?target) {{}}")
    except (SyntaxError, ValueError, RuntimeError):
        raise _unclear() from None
    assert isinstance(found, QuerySolutions)
    value = next(found)["target"]
    if not isinstance(value, NamedNode):
        raise _unclear()
    return value.value


def _unclear() -> FederationRefused:
    return FederationRefused(
        sentence(
            "service-unclear",
            "Which endpoint the query calls with SERVICE cannot be read with certainty.",
        ),
        remedy=sentence(
            "write-service",
            "Write SERVICE <iri> {{ ... }} with spaces around it and without \\u escapes, and "
            "spaces around the sign < in a FILTER.",
        ),
    )
