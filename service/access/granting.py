"""Giving out tokens and taking them back; closing graphs to reading and opening them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.errors import BadRequest, NotFound
from vises.service.access.rights import covers
from vises.service.access.tokens import TOKEN, Token, digest, new_id, new_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from vises.service.access.file import AccessFile

LONGEST_NAME = 100


class GrantRefused(BadRequest):
    """A token may not have these rights."""

    kind = "grant"
    title = "No token was created"


class UnknownToken(NotFound):
    """No token has this id."""

    kind = "unknown-token"
    title = "There is no such token"


@dataclass(frozen=True)
class Grant:
    """What a token is to be good for, as `Token` has it."""

    name: str
    graphs: tuple[str, ...]
    read: bool
    write: bool
    expires: datetime | None = None
    ingest: bool = False


def create(
    file: AccessFile, grant: Grant, managed: Iterable[str], now: datetime
) -> tuple[str, str]:
    """Keep a new token; return its id and the token itself, which is not kept.

    `managed` are the graphs that may not be written over HTTP. Raises `GrantRefused`, and what
    `AccessFile.changing` does.
    """
    _judge(grant, managed, now)
    secret = new_secret()
    with file.changing() as change:
        tokens = change.state.tokens
        identifier = next(i for i in iter(new_id, "") if i not in tokens)
        token = Token(
            id=identifier,
            name=grant.name,
            sha256=digest(secret),
            graphs=grant.graphs,
            read=grant.read,
            write=grant.write,
            created=now,
            expires=grant.expires,
            ingest=grant.ingest,
        )
        change.state = replace(change.state, tokens={**tokens, identifier: token})
    return identifier, f"vises_{identifier}_{secret}"


def revoke(file: AccessFile, identifier: str, now: datetime) -> Token:
    """Take a token back for good; return it as it was before.

    Raises `UnknownToken`, `BadRequest` for a whole token in place of its id, and what
    `AccessFile.changing` does.
    """
    if TOKEN.fullmatch(identifier):
        raise BadRequest(
            "That is a whole token, and it now stands in the history of your shell.",
            remedy="Give its id alone: the 8 digits after vises_.",
        )
    with file.changing() as change:
        tokens = change.state.tokens
        token = tokens.get(identifier)
        if token is None:
            raise UnknownToken(
                f"No token has the id {identifier[:40]!r}.",
                place=str(file.path),
                remedy="`vises tokens list` shows all of them.",
            )
        if token.revoked is None:
            gone = replace(token, revoked=now)
            change.state = replace(change.state, tokens={**tokens, identifier: gone})
    return token


def close(file: AccessFile, graphs: Sequence[str]) -> None:
    """Close graphs to reading. Raises `BadRequest`, and what `AccessFile.changing` does."""
    for graph in graphs:
        if graph.endswith("*"):
            raise BadRequest(
                f"{graph[:200]!r} ends with a star, and graphs are closed one by one.",
                place="graph",
                remedy="Name each graph by its whole IRI; nothing was closed.",
            )
    named = {_graph(graph) for graph in graphs}
    with file.changing() as change:
        change.state = replace(change.state, closed=change.state.closed | named)


def reopen(file: AccessFile, graphs: Sequence[str]) -> None:
    """Open graphs that were closed. Raises `NotFound`, and what `AccessFile.changing` does."""
    with file.changing() as change:
        for graph in graphs:
            if graph not in change.state.closed:
                raise NotFound(
                    f"<{graph}> is not closed.",
                    place=str(file.path),
                    remedy="`vises access list` shows what is.",
                )
        change.state = replace(change.state, closed=change.state.closed - {*graphs})


def _judge(grant: Grant, managed: Iterable[str], now: datetime) -> None:
    name = grant.name
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise GrantRefused(
            f"The name must be 1 to {LONGEST_NAME} characters on one line.",
            place="--name",
            remedy="Say who the token is for, such as --name 'Observatoire wallon'.",
        )
    if not (grant.read or grant.write or grant.ingest):
        raise GrantRefused(
            "A token without a right is good for nothing.",
            remedy="Add --write, --ingest, or --read for graphs that are closed to reading.",
        )
    if not grant.graphs:
        raise GrantRefused("No graph is named.", place="--graph", remedy="Name one with --graph.")
    for graph in grant.graphs:
        _pattern(graph)
    if grant.expires is not None and grant.expires <= now:
        raise GrantRefused("The token would have expired already.", place="--expires")
    found = sorted(graph for graph in managed if covers(grant.graphs, graph))
    if grant.write and found:
        raise GrantRefused(
            f"Graphs that ingest or the system itself writes are closed to writing over HTTP, such "
            f"as <{found[0]}>.",
            place="--graph",
            remedy="Name a graph of its own, or a beginning (IRI*) that none of these has.",
        )


def _pattern(text: str) -> None:
    """Raise `BadRequest` for what is no IRI, beginning of one that ends in ``*``, or ``*``."""
    start = text.removesuffix("*")
    if "*" in start:
        raise GrantRefused(
            f"{text[:200]!r} has a star that is not at its end.",
            place="--graph",
            remedy="Name a graph by its IRI, or several by how they begin: IRI*.",
        )
    if text != "*":
        _graph(start)


def _graph(text: str) -> str:
    try:
        return NamedNode(text).value
    except ValueError as error:
        raise BadRequest(
            f"{text[:200]!r} is not an IRI: {error}.",
            place="graph",
            remedy="Name a graph by its whole IRI, such as https://w3id.org/vises/graph/figures.",
        ) from error
