"""The quality checks: queries over the vocabulary, or a release, that return what is wrong."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple

from vises.errors import BadInput
from vises.namespaces import PREFIXES, VOCABULARY_BASE, Iris
from vises.validation.header import split
from vises.validation.syntax import read
from vises.validation.terms import exists, namespace_meant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vises.validation.validator import Term

_PACKAGE = Path(str(files("vises")))
_CHECKS = _PACKAGE / "queries" / "quality"

LEVELS = ("error", "warn", "info")
UNUSED = "exception-unused"
COLUMNS = ("entity", "property", "value")
EACH = "<urn:vises:each>"
"""Stands in a query for each property that the data names in turn (`Check.each`)."""
FUNCTIONS = VOCABULARY_BASE + "function/"
VOCABULARY = tuple(VOCABULARY_BASE + name for name in ("ontology", "code/", "shapes"))


class CheckError(BadInput):
    """A query or the list of exceptions that the checks are made of is not what it should be."""

    kind = "quality-check"
    title = "A quality check is ill-formed"


@dataclass(frozen=True)
class Check:
    """One check: what must hold, in three languages, by which rules, and the query for what fails.

    `level` is one of `LEVELS`; `sources` are ids of published checklists such as ``OOPS! P08``.
    A path in SPARQL has no variable, so a query about the properties that the data names has `EACH`
    in their place, and `each` is the path that leads to them; it is asked once for each.
    """

    id: str
    title: Mapping[str, str]
    sources: tuple[str, ...]
    level: str
    sparql: str
    each: str | None = None


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that a check found: the columns of its query, IRIs without angle brackets.

    `reason` is why it is let be, where it is a known exception.
    """

    check: str
    level: str
    entity: str
    property: str
    value: str
    reason: str | None = None


Exceptions = dict[str, dict[str, str]]
"""Reasons by check and entity."""


@cache
def checks() -> tuple[Check, ...]:
    """Return the checks of queries/quality, in the order of their ids. Raises `CheckError`."""
    return tuple(read_check(p.read_text("utf-8"), p.stem) for p in sorted(_CHECKS.glob("*.rq")))


@cache
def exceptions() -> Exceptions:
    """Return the known exceptions of queries/quality/exceptions.toml."""
    found: Exceptions = tomllib.loads((_CHECKS / "exceptions.toml").read_text("utf-8"))
    return found


def read_check(text: str, name: str) -> Check:
    """Read a file of queries/quality; raises `CheckError` where its header lacks something."""
    header, query = split(text)
    level = header.values.get("level", "")
    sources = tuple(filter(None, header.values.get("source", "").split(", ")))
    title = header.mapping("title")
    if header.values.get("id") != name or level not in LEVELS or not sources or "en" not in title:
        raise CheckError(
            "The header is not complete.",
            place=f"queries/quality/{name}.rq",
            remedy=f"Give it the id {name}, a title, a source, and one of the levels {LEVELS}.",
        )
    each = header.values.get("each")
    if (each is None) == (EACH in query):
        raise CheckError(
            f"The header and the query do not agree on {EACH}.",
            place=f"queries/quality/{name}.rq",
            remedy=f"Say in the header, as “each”, what {EACH} stands for, and use it.",
        )
    return Check(name, title, sources, level, query, each)


def check_package() -> list[Finding]:
    """Run every check on the vocabulary of the package; known exceptions carry their reason.

    An exception for what is not found any more is a finding itself.
    """
    store = package_store()
    found = examine(store, checks(), exceptions())
    return found + list(_unused(found, exceptions()))


def check_release(store: Store) -> list[Finding]:
    """Run every check on an open release, vocabulary and data together, in its own memory."""
    return examine(store, checks(), exceptions())


def failed(findings: Sequence[Finding]) -> bool:
    """Tell whether there is a finding of level error that is no known exception."""
    return any(f.level == "error" and f.reason is None for f in findings)


def examine(store: Store, asked: Sequence[Check], known: Exceptions) -> list[Finding]:
    """Ask each check of all graphs of a store together; return the findings in order.

    Raises `CheckError` where a query does not parse or has other columns.
    """
    return sorted(
        replace(finding, reason=known.get(check.id, {}).get(finding.entity))
        for check in asked
        for finding in _findings(store, check)
    )


def package_store() -> Store:
    """Return the ontology, code lists, alignments and shapes of the package, a graph per folder.

    Raises `RdfSyntaxError` with the name of the file and the line.
    """
    store = Store()
    for path in sorted(
        [*(_PACKAGE / "ontology").rglob("*.ttl"), *(_PACKAGE / "shapes").glob("*.ttl")]
    ):
        graph = Iris(VOCABULARY_BASE).graph(path.parent.name)
        statements = read(
            path.read_bytes(), RdfFormat.TURTLE, place=str(path), rename_blank_nodes=True
        )
        store.extend(Quad(s.subject, s.predicate, s.object, graph) for s in statements)
    return store


def _findings(store: Store, check: Check) -> Iterator[Finding]:
    for query in _queries(store, check):
        for entity, prop, value in _rows(store, check, query, COLUMNS):
            yield Finding(check.id, check.level, _text(entity), _text(prop), _text(value))


def _queries(store: Store, check: Check) -> Iterator[str]:
    """Yield what a check asks of a store: its query, or one for each property that is named."""
    if check.each is None:
        yield check.sparql
        return
    named = (
        f"SELECT DISTINCT ?each {{ ?any {check.each} ?each FILTER(isIRI(?each)) }} ORDER BY ?each"
    )
    for row in _rows(store, check, named, ("each",)):
        yield check.sparql.replace(EACH, str(row["each"]))


def _rows(store: Store, check: Check, query: str, columns: tuple[str, ...]) -> QuerySolutions:
    place = f"queries/quality/{check.id}.rq"
    try:
        rows = store.query(
            query,
            prefixes=PREFIXES,
            use_default_graph_as_union=True,
            custom_functions=_FUNCTIONS,
        )
    except SyntaxError as error:
        raise CheckError(f"{error}.", place=place, remedy="Correct the query.") from None
    if not isinstance(rows, QuerySolutions) or tuple(v.value for v in rows.variables) != columns:
        raise CheckError(
            "The query has other columns.", place=place, remedy=f"Select {', '.join(columns)}."
        )
    return rows


def _text(term: Term | None) -> str:
    if term is None:
        return ""
    return str(term) if isinstance(term, BlankNode | Triple) else term.value


def _unused(found: Sequence[Finding], known: Exceptions) -> Iterator[Finding]:
    """Yield the exceptions for the vocabulary that nothing was excepted by."""
    used = {(finding.check, finding.entity) for finding in found}
    for check, reasons in known.items():
        for entity, reason in reasons.items():
            if (check, entity) not in used and entity.startswith(VOCABULARY):
                yield Finding(UNUSED, "error", entity, check, reason)


def _exists(iri: Term) -> Literal | None:
    known = exists(iri.value) if isinstance(iri, NamedNode) else None
    return None if known is None else Literal(known)


def _namespace_meant(iri: Term) -> Literal | None:
    meant = namespace_meant(iri.value) if isinstance(iri, NamedNode) else None
    return None if meant is None else Literal(meant)


_FUNCTIONS: dict[NamedNode, Callable[..., Term | None]] = {
    NamedNode(FUNCTIONS + "exists"): _exists,
    NamedNode(FUNCTIONS + "namespaceMeant"): _namespace_meant,
}
"""What the queries may call beside SPARQL's own functions (SPARQL 1.1, section 17.6)."""
