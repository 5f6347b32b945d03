"""The commands for a remote engine: push, status, files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from vises import console
from vises.cli.common import named
from vises.cli.output import demand_folder
from vises.errors import BadRequest
from vises.settings import Settings
from vises.store.history import NoCommonHistory
from vises.store.lock import WriterLock
from vises.store.releases import Release, ReleaseStore, UnknownRelease
from vises.store.remote.bulk import write_files
from vises.store.remote.client import RemoteClient
from vises.store.remote.commands import LOADERS, loading_commands
from vises.store.remote.http import Login, RemoteAddress
from vises.store.remote.push import Step
from vises.store.remote.push import push as push_release

app = typer.Typer(rich_markup_mode="markdown", no_args_is_help=True)

PUSHING = "remote.lock"
"""The file of the data folder that a push holds."""

Chosen = Annotated[
    str | None, typer.Option("--release", help="The release.", show_default="the current one")
]


@app.callback()
def remote() -> None:
    """Keep a copy of a release in another SPARQL engine, and let the service ask it.

    VISES_ENGINE, VISES_ENGINE_UPDATE and VISES_ENGINE_GRAPHS are the engine's addresses for
    queries, updates and graphs; VISES_ENGINE_LOGIN names a file with NAME:PASSWORD.

    **Examples**

        vises remote push
        vises remote status
        vises remote files /var/tmp/release-7 --engine virtuoso
    """


@app.command()
def push(release: Chosen = None) -> None:
    """Bring the engine to a release: only what changed since the one that it holds is sent.

    A push that was interrupted goes on where it stopped. Until it is done the engine says that it
    holds no release, and the service does not ask it. One push at a time is made from a data
    folder: two at once would leave a mixture that the engine takes for a release.

    **Examples**

        vises remote push
        vises remote push --release 000007
    """
    settings, store, chosen = _chosen(release)
    with (
        WriterLock(settings.data / PUSHING, 1),
        console.Steps() as steps,
        _client(settings) as client,
        store.open(chosen.id) as opened,
    ):
        step = _step(store, client.replica().release_id, chosen)
        pushed = push_release(client, chosen, opened, steps, step)
    if not (pushed.whole or pushed.changed or pushed.removed):
        console.say(f"Nothing was sent: the engine holds what release {chosen.id} holds.")
        return
    console.say(
        f"The engine holds release {chosen.id}: {len(pushed.whole)} graphs were put, "
        f"{len(pushed.changed)} changed by {pushed.quads:,} quads, {len(pushed.removed)} removed."
    )


@app.command()
def status() -> None:
    """Say which release the engine holds, and compare each graph with the current release.

    **Examples**

    ```
    vises remote status
    ```
    """
    settings, _, chosen = _chosen(None)
    with _client(settings) as client:
        replica = client.replica()
    held = f"release {replica.release_id}" if replica.release_id else "no whole release"
    same = "the same as" if replica.holds(chosen) else "not the same as"
    console.say(f"The engine holds {held}, {same} the current release {chosen.id}.")
    console.table(
        ("dataset", "on the engine"),
        [
            (graph, _compared(replica.graphs.get(graph), chosen.digests.get(graph)))
            for graph in sorted(replica.graphs.keys() | chosen.digests.keys())
        ],
    )


@app.command()
def files(
    folder: Annotated[Path, typer.Argument(help="A folder that is empty or not there yet.")],
    *,
    engine: Annotated[
        str | None, typer.Option(help="Show the commands for virtuoso, qlever, graphdb or neptune.")
    ] = None,
    release: Chosen = None,
) -> None:
    """Write a release as files for an engine's own bulk loader, and show how to load them.

    part-0001.nq.gz and so on hold the data, replica.nq says which release it is, and manifest.json
    has the counts and digests.

    **Examples**

        vises remote files /var/tmp/release-7
        vises remote files /var/tmp/release-7 --engine qlever --release 000007
    """
    if engine is not None and engine not in LOADERS:
        raise BadRequest(
            f"There are no commands for {engine!r}.", remedy=f"Name one of {', '.join(LOADERS)}."
        )
    demand_folder(folder)
    settings, store, chosen = _chosen(release)
    with console.Steps() as steps, store.open(chosen.id) as opened:
        write_files(
            chosen,
            opened,
            folder,
            base_iri=settings.base_iri,
            progress=steps,
        )
    console.say(f"Release {chosen.id} is in {folder}.")
    for name in [engine] if engine else LOADERS:
        console.say(f"\n# {name}\n{loading_commands(name, folder)}")


def _chosen(release: str | None) -> tuple[Settings, ReleaseStore, Release]:
    settings = Settings.from_env(os.environ)
    store = ReleaseStore(settings.data)
    return settings, store, named(store, settings, release)


def _step(store: ReleaseStore, held: str | None, chosen: Release) -> Step | None:
    """Return the change from the release that an engine holds, where the history has it."""
    if held is None:
        return None
    try:
        before = store.get(held)
        next(store.changed_quads(held, chosen.id), None)
    except (UnknownRelease, NoCommonHistory):
        return None
    return Step(before.digests, lambda: store.changed_quads(held, chosen.id))


def _client(settings: Settings) -> RemoteClient:
    login = Login.read(settings.engine_login) if settings.engine_login else None
    address = RemoteAddress(settings.engine, settings.engine_update, settings.engine_graphs, login)
    return RemoteClient(address, settings.base_iri)


def _compared(there: str | None, here: str | None) -> str:
    if there is None:
        return "missing"
    if here is None:
        return "too much"
    if not there:
        return "not known"
    return "the same" if there == here else "another state"
