"""The command that holds a copy of another instance's data."""

from __future__ import annotations

import os
import time
from typing import Annotated

import typer

from vises import console
from vises.cli.common import gate as package_gate
from vises.ingest.replication.fetching import Fetcher
from vises.ingest.replication.replicate import Applied, Goal, Replication
from vises.ingest.replication.trust import trusting
from vises.settings import Settings
from vises.store.releases import ReleaseStore

_LEAST_SECONDS, _MOST_SECONDS = 1.0, 3600.0


def replicate(
    url: Annotated[str, typer.Argument(help="Where the stream begins: https://.../ldes.")],
    dataset: Annotated[
        str, typer.Option(help="The name or IRI of one dataset.", show_default="all of them")
    ] = "",
    *,
    follow: Annotated[
        bool, typer.Option("--follow", help="Keep asking, as often as the stream says.")
    ] = False,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Make the graphs of the stream anew.")
    ] = False,
    trust: Annotated[
        bool,
        typer.Option("--trust", help="Do not judge by the shapes here what was judged there."),
    ] = False,
) -> None:
    """Hold a copy of another instance's datasets, by following its event stream.

    Each release there becomes a release in the data folder here, of the same graphs, and is
    published only if each has the digest that the stream states. Run it again to keep up; it goes
    on where it stopped, whatever it was stopped by. Naming the address is the consent to call it.

    **Examples**

        vises replicate https://vises.example/ldes
        vises replicate https://vises.example/ldes --dataset sirene --trust --follow
        vises replicate https://vises.example/ldes --from-start
    """
    settings = Settings.from_env(os.environ)
    gate = (lambda: trusting) if trust else package_gate
    goal = Goal(settings.data, ReleaseStore(settings.data), gate, dataset)
    fetcher = Fetcher(url)
    replication = Replication(fetcher, goal)
    try:
        _once(replication, from_start=from_start)
        while follow:
            time.sleep(min(max(replication.polling, _LEAST_SECONDS), _MOST_SECONDS))
            _once(replication, from_start=False)
    finally:
        fetcher.close()


def _once(replication: Replication, *, from_start: bool) -> None:
    count = 0

    def told(applied: Applied) -> None:
        nonlocal count
        count += 1
        here = f"release {applied.here} here" if applied.here else "nothing to change"
        console.note(f"Release {applied.release} there: {here}")

    graphs = replication.run(told, from_start=from_start)
    for graph in replication.gone:
        console.note(f"<{graph}> is closed there now, or gone; here it is as it was.")
    console.say(f"{count} releases followed; {len(graphs)} datasets equal those of the stream.")
