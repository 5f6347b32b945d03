"""The commands that make and serve a data folder: demo, serve."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Annotated

import typer

from vises import console
from vises.cli.common import gate
from vises.demo.build import build
from vises.settings import Settings
from vises.store.releases import ReleaseStore


def demo() -> None:
    """Build the demonstration graph in the data folder.

    It holds the VISES method and the official regional figures as their sources tell them, and a
    few thousand fictitious enterprises in the formats of the French and Belgian registers, with
    fictitious results and stories. Building it again changes nothing.

    **Examples**

        vises demo
        VISES_DATA=try vises demo
    """
    settings = Settings.from_env(os.environ)
    releases = ReleaseStore(settings.data)
    with console.Steps() as steps:
        built = build(releases, gate(), settings.base_iri, settings.data, steps)
    release = releases.current()
    assert release is not None
    count = sum(release.counts.values())
    verb = "built" if built else "already there"
    console.say(f"Demonstration graph {verb}: release {release.id}, {count:,} statements.")


def serve(
    host: Annotated[str | None, typer.Option(show_default="VISES_HOST or 127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(show_default="VISES_PORT or 8000")] = None,
) -> None:
    """Serve the data folder: the SPARQL endpoint, pages and RDF of every resource.

    Ctrl-C ends it. Releases published while it runs are served at once.

    **Examples**

        vises serve
        vises serve --port 8080
        VISES_DATA=/srv/vises VISES_HOST=0.0.0.0 vises serve
    """
    from vises.service.server import serve as run_service  # noqa: PLC0415 (1.3 s to import)

    environ = dict(os.environ)
    if host is not None:
        environ["VISES_HOST"] = host
    if port is not None:
        environ["VISES_PORT"] = str(port)
    run_service(Settings.from_env(environ), ready=_addresses)


def _addresses(addresses: Sequence[tuple[str, str]]) -> None:
    for what, address in addresses:
        console.say(f"{what:<14} {address}")
    console.say("Ctrl-C ends the service.")
