"""The commands on access rights: the tokens, and the graphs that are closed to reading."""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from vises import console
from vises.errors import BadRequest
from vises.namespaces import Iris
from vises.service.access import granting
from vises.service.access.file import AccessFile
from vises.service.access.managed import managed_graphs, system_graphs
from vises.service.access.rights import covers
from vises.service.access.tokens import Token
from vises.settings import Settings
from vises.store.releases import Release, ReleaseStore

tokens_app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)
access_app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)

Graphs = Annotated[list[str], typer.Argument(metavar="GRAPH...", help="IRIs of graphs.")]

_SPAN = re.compile(r"([0-9]{1,4})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}


@tokens_app.callback()
def tokens() -> None:
    """Give out access tokens for the HTTP service, list them, and take them back.

    Everything is open to reading without a token, but for the graphs that `vises access close`
    names. A token writes to the graphs it was made for (`--write`), ingests files as these datasets
    (`--ingest`), or reads those of them that are closed (`--read`). A running service takes notice
    within a second.

    A client sends it in a header, never in an address:

        curl -H "Authorization: Bearer $TOKEN" ...

    **Examples**

        vises tokens create --name "Observatoire" --write --graph https://w3id.org/vises/graph/obs
        vises tokens list
        vises tokens revoke 1f0c9a3e
    """


@tokens_app.command()
def create(
    *,
    name: Annotated[str, typer.Option(help="Who gets it, as `list` and releases show it.")],
    graph: Annotated[
        list[str], typer.Option(help="The IRI of a graph, or how IRIs begin: IRI*. Repeatable.")
    ],
    write: Annotated[
        bool, typer.Option("--write", help="Lets write to the graphs over HTTP.")
    ] = False,
    ingest: Annotated[
        bool, typer.Option("--ingest", help="Lets ingest files as these datasets over HTTP.")
    ] = False,
    read: Annotated[
        bool, typer.Option("--read", help="Lets read those of the graphs that are closed.")
    ] = False,
    expires: Annotated[
        str | None,
        typer.Option(
            help="When it ends: 12h, 90d, 4w, or a day such as 2027-01-31 (UTC).",
            show_default="never",
        ),
    ] = None,
) -> None:
    """Create a token and write it on standard output: this once, it is kept nowhere.

    The data folder keeps only what it can be recognised by. Whoever has the token has its rights,
    so hand it over as you would a password. Graphs that `vises ingest` or the system itself writes
    cannot be written over HTTP.

    **Examples**

        vises tokens create --name "Observatoire" --write --graph https://w3id.org/vises/graph/obs
        vises tokens create --name "CRESS" --ingest --graph https://w3id.org/vises/graph/figures
        vises tokens create --name "Partners" --read --graph 'https://w3id.org/vises/graph/draft-*'
        vises tokens create --name "Trial" --read --write --expires 90d --graph URL > token.txt
    """
    settings, now = Settings.from_env(os.environ), _now()
    grant = granting.Grant(name, tuple(graph), read, write, _end(expires, now), ingest)
    file = AccessFile(settings.data)
    identifier, token = granting.create(file, grant, _managed(settings), now)
    sys.stdout.write(f"{token}\n")
    until = f", until {_day(grant.expires)}" if grant.expires else ""
    console.note(f"This is the token {identifier} of {name}{until}. It is shown this once.")


@tokens_app.command("list")
def list_tokens() -> None:
    """List the tokens: id, whose it is, what it is good for, and whether it still is.

    **Examples**

    ```
    vises tokens list
    ```
    """
    file, now = _file(), _now()
    found = file.read().tokens.values()
    console.table(
        ("id", "name", "rights", "graphs", "created", "state"),
        [
            (t.id, t.name, _rights(t), " ".join(t.graphs), _day(t.created), _state(t, now))
            for t in sorted(found, key=lambda t: t.created)
        ],
    )
    _warn(file)


@tokens_app.command()
def revoke(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="As `list` shows them.")],
) -> None:
    """Take tokens back for good. A running service refuses them within a second.

    **Examples**

    ```
    vises tokens revoke 1f0c9a3e
    ```
    """
    file, now = _file(), _now()
    for identifier in ids:
        token = granting.revoke(file, identifier, now)
        before = " before" if token.revoked else ""
        console.say(f"The token {token.id} of {token.name} was revoked{before}.")


@access_app.callback()
def access() -> None:
    """Close graphs to reading over HTTP, open them again, list them.

    Without a token for it a closed graph is not there: no query, page or count shows it, in any
    release. What other graphs say of it stays readable; graph/provenance has its title and history.

    **Examples**

        vises access close https://w3id.org/vises/graph/draft
        vises tokens create --name "Partner" --read --graph https://w3id.org/vises/graph/draft
        vises access open https://w3id.org/vises/graph/draft
    """


@access_app.command("close")
def close_graphs(graphs: Graphs) -> None:
    """Close graphs to reading, at best before there is anything in them.

    A running service takes notice within a second. What caches or readers hold, they keep.

    **Examples**

        vises access close https://w3id.org/vises/graph/draft
    """
    settings = Settings.from_env(os.environ)
    granting.close(AccessFile(settings.data), graphs)
    release = ReleaseStore(settings.data).current()
    for graph in graphs:
        console.say(f"Closed to reading: {graph}")
        if release is None or graph not in release.counts:
            console.note(f"  The current release has no graph {graph}; it is closed when it comes.")
    provenance = Iris(settings.base_iri).graph("provenance").value
    if provenance not in graphs:
        console.note(f"  What {provenance} says of it (title, files, counts of rows) stays open.")


@access_app.command("open")
def open_graphs(graphs: Graphs) -> None:
    """Open graphs that were closed to reading.

    **Examples**

    ```
    vises access open https://w3id.org/vises/graph/draft
    ```
    """
    granting.reopen(_file(), graphs)
    for graph in graphs:
        console.say(f"Open to reading: {graph}")


@access_app.command("list")
def list_graphs() -> None:
    """List the graphs that are closed to reading, and the valid tokens that read them.

    **Examples**

    ```
    vises access list
    ```
    """
    settings, now = Settings.from_env(os.environ), _now()
    file = AccessFile(settings.data)
    state, release = file.read(), ReleaseStore(settings.data).current()
    readers = [t for t in state.tokens.values() if t.read and _state(t, now).startswith("valid")]
    console.table(
        ("closed graph", "statements", "tokens that read it"),
        [
            (
                graph,
                _statements(release, graph),
                ", ".join(f"{t.id} ({t.name})" for t in readers if covers(t.graphs, graph)),
            )
            for graph in sorted(state.closed)
        ],
    )
    _warn(file)


def _file() -> AccessFile:
    return AccessFile(Settings.from_env(os.environ).data)


def _managed(settings: Settings) -> frozenset[str]:
    releases = ReleaseStore(settings.data)
    release = releases.current()
    if release is None:
        return system_graphs(settings.base_iri)
    with releases.open(release.id) as store:
        return managed_graphs(store, settings.base_iri)


def _end(text: str | None, now: datetime) -> datetime | None:
    """Return the moment that --expires names. Raises `BadRequest`."""
    if text is None:
        return None
    span = _SPAN.fullmatch(text)
    if span:
        return now + timedelta(hours=int(span[1]) * _HOURS[span[2]])
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise BadRequest(
            f"{text!r} is neither a time nor a day.",
            place="--expires",
            remedy="Write 12h, 90d, 4w, or a day such as 2027-01-31.",
        ) from None


def _rights(token: Token) -> str:
    given = (("read", token.read), ("write", token.write), ("ingest", token.ingest))
    return ", ".join(name for name, has in given if has)


def _state(token: Token, now: datetime) -> str:
    if token.revoked is not None:
        return f"revoked {_day(token.revoked)}"
    if token.expires is None:
        return "valid"
    return f"{'expired' if token.expired(now) else 'valid until'} {_day(token.expires)}"


def _statements(release: Release | None, graph: str) -> str:
    return f"{release.counts.get(graph, 0):,}" if release else "0"


def _warn(file: AccessFile) -> None:
    if file.exposed():
        console.note(f"Others may read {file.path}: chmod 600 takes that from them.")


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
