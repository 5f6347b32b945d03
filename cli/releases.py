"""The commands on releases: what was published, what changed, going back, keeping safe."""

from __future__ import annotations

import os
import sys
from collections import Counter
from enum import StrEnum
from typing import Annotated

import typer

from vises import console
from vises.cli import upkeep
from vises.cli.common import named, who
from vises.errors import BadRequest
from vises.namespaces import Iris, compact
from vises.settings import Settings
from vises.store.activity import release_description
from vises.store.difference import graph_of
from vises.store.releases import Release, ReleaseStore
from vises.validation.incremental.kept import kept_report

app = typer.Typer(invoke_without_command=True, rich_markup_mode="markdown")

Name = Annotated[str, typer.Argument(help="The id of a release such as 000003, or a tag.")]


class ShowFormat(StrEnum):
    """How a release is shown."""

    table = "table"
    turtle = "turtle"
    json = "json"
    report = "report"


class DiffFormat(StrEnum):
    """How the difference between two releases is shown."""

    dataset = "dataset"
    entity = "entity"
    patch = "patch"


@app.callback()
def releases(context: typer.Context) -> None:
    """Show, compare, name, go back to, prune, verify and copy what was published.

    Without a command they are listed. `vises releases COMMAND --help` teaches each by example.
    """
    if context.invoked_subcommand is None:
        list_releases()


@app.command("list")
def list_releases() -> None:
    """List the releases, the newest first, with their tags.

    → marks the published one; - those whose snapshot was pruned, which can no longer be queried.
    """
    store = ReleaseStore(Settings.from_env(os.environ).data)
    published = store.current()
    tags: dict[str, list[str]] = {}
    for tag_name, release_id in store.tags().items():
        tags.setdefault(release_id, []).append(tag_name)

    def mark(release: Release) -> str:
        if published and release.id == published.id:
            return "→"
        return "-" if store.is_pruned(release.id) else ""

    console.table(
        ("id", "", "tags", "created (UTC)", "statements", "added", "removed", "by whom, why"),
        [
            (
                r.id,
                mark(r),
                " ".join(tags.get(r.id, [])),
                f"{r.created:%Y-%m-%d %H:%M:%S}",
                *(f"{n:,}" for n in (r.size, r.added, r.removed)),
                f"{r.author}: {r.message}",
            )
            for r in store.list()
        ],
    )


@app.command()
def show(
    release: Name,
    form: Annotated[
        ShowFormat,
        typer.Option("--format", help="report: what the shapes say, in Turtle; turtle: PROV-O."),
    ] = ShowFormat.table,
) -> None:
    """Show one release: its record, and the statements and changes of each dataset.

    **Examples**

    ```
    vises releases show 000003
    vises releases show report-2026 --format turtle
    vises releases show 000003 --format report
    ```
    """
    settings = Settings.from_env(os.environ)
    store = ReleaseStore(settings.data)
    found = named(store, settings, release)
    if form is ShowFormat.table:
        _show_table(found)
    elif form is ShowFormat.json:
        sys.stdout.write(found.to_json() + "\n")
    elif form is ShowFormat.turtle:
        sys.stdout.write(release_description(found, Iris(settings.base_iri)).decode())
    else:
        whole = kept_report(store.judgement(found.id))
        with store.report(found.id).open("rb") as published:
            sys.stdout.buffer.writelines(whole.turtle() if whole else published)


def _show_table(release: Release) -> None:
    console.say(
        f"release {release.id}, parent {release.parent or 'none'}, "
        f"{release.created:%Y-%m-%d %H:%M:%S} UTC\nby {release.author}: {release.message}\n"
        f"{release.added:,} statements added, {release.removed:,} removed, "
        f"{release.warnings:,} warnings of the shapes"
    )
    graphs = sorted({*release.counts, *release.changes})
    console.table(
        ("dataset", "statements", "added", "removed", "digest of the content"),
        [
            (
                graph,
                f"{release.counts.get(graph, 0):,}",
                *(f"{n:,}" for n in reversed(release.changes.get(graph, (0, 0)))),
                release.digests.get(graph, ""),
            )
            for graph in graphs
        ],
    )


@app.command()
def diff(
    before: Name,
    after: Annotated[str | None, typer.Argument(show_default="the current release")] = None,
    form: Annotated[
        DiffFormat,
        typer.Option(
            "--by", help="Count by dataset or by entity, or write the quads as an RDF Patch."
        ),
    ] = DiffFormat.dataset,
) -> None:
    """Say what differs between two releases.

    It is read from the changes that releases keep: the cost is that of the changes, not that of the
    data, and a release whose snapshot was pruned can still be compared.

    **Examples**

        vises releases diff 000002
        vises releases diff 000002 000005 --by entity
        vises releases diff 000005 000002 --by patch > back.rdfp
    """
    settings = Settings.from_env(os.environ)
    store = ReleaseStore(settings.data)
    old = named(store, settings, before)
    new = named(store, settings, after)
    parts = store.differences(old.id, new.id)
    if form is DiffFormat.patch:
        sys.stdout.write(f'H id "{new.id}" .\nH prev "{old.id}" .\nTX .\n')
        for part in parts:
            sys.stdout.writelines(f"D {line.decode()}" for line in sorted(part.removed))
            sys.stdout.writelines(f"A {line.decode()}" for line in sorted(part.added))
        sys.stdout.write("TC .\n")
        return
    column = graph_of if form is DiffFormat.dataset else _subject
    removed: Counter[str] = Counter()
    added: Counter[str] = Counter()
    for part in parts:
        removed.update(map(column, part.removed))
        added.update(map(column, part.added))
    console.table(
        (str(form), "added", "removed"),
        [
            (compact(name), f"{added[name]:,}", f"{removed[name]:,}")
            for name in sorted({*added, *removed})
        ],
    )


def _subject(line: bytes) -> str:
    return line[: line.index(b" ")].decode().strip("<>")


@app.command()
def tag(
    name: Annotated[str, typer.Argument(help="Such as report-2026.")],
    release: Annotated[str | None, typer.Argument(show_default="the current release")] = None,
    *,
    remove: Annotated[bool, typer.Option(help="Take the name away.")] = False,
) -> None:
    """Give a release a name that can be cited, and that keeps it from being pruned.

    **Examples**

    ```
    vises releases tag report-2026
    vises releases tag before-reform 000003
    vises releases tag --remove before-reform
    ```
    """
    settings = Settings.from_env(os.environ)
    store = ReleaseStore(settings.data)
    if remove:
        if release:
            raise BadRequest("A tag is removed by its name alone.", remedy="Leave the id out.")
        store.untag(name)
        console.say(f"The tag {name} is gone.")
        return
    target = named(store, settings, release)
    store.tag(name, target.id)
    console.say(f"Release {target.id} is {name}.")


@app.command()
def rollback(
    release: Name,
    author: Annotated[str, typer.Option(help="Who does it.", show_default="your login")] = "",
) -> None:
    """Publish a new release that equals an old one; nothing in between is lost.

    Running services answer from it at once. Going forward again is a rollback too.

    **Examples**

        vises releases rollback 000002
    """
    settings = Settings.from_env(os.environ)
    store = ReleaseStore(settings.data)
    target = named(store, settings, release)
    made = store.rollback(target.id, author=who(author))
    console.say(
        f"Release {made.id} equals release {target.id}: {made.added:,} statements came back, "
        f"{made.removed:,} went."
        if made
        else f"Nothing to do: the current release equals release {target.id}."
    )


app.add_typer(upkeep.app)
