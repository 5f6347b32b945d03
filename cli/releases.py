"""The commands on releases: what was published, what changed, going back, keeping safe."""

from __future__ import annotations

import getpass
import os
import sys
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vises import console
from vises.cli.common import current
from vises.errors import BadRequest
from vises.namespaces import Iris, compact
from vises.service.access.access import Access
from vises.service.access.file import AccessFile
from vises.settings import Settings
from vises.store.activity import release_description
from vises.store.difference import graph_of
from vises.store.dumps.kept import KeptDumps
from vises.store.dumps.make import remove_dumps
from vises.store.releases import Release, ReleaseStore
from vises.store.retention import Retention
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


def _store() -> ReleaseStore:
    return ReleaseStore(Settings.from_env(os.environ).data)


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
    store = _store()
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

        vises releases show 000003
        vises releases show report-2026 --format turtle
        vises releases show 000003 --format report
    """
    settings = Settings.from_env(os.environ)
    store = ReleaseStore(settings.data)
    found = store.resolve(release)
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
    console.output().print(
        f"release {release.id}, parent {release.parent or 'none'}, "
        f"{release.created:%Y-%m-%d %H:%M:%S} UTC\nby {release.author}: {release.message}\n"
        f"{release.added:,} statements added, {release.removed:,} removed, "
        f"{release.warnings:,} warnings of the shapes",
        markup=False,
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
    after: Annotated[str, typer.Argument(show_default="the current release")] = "",
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
    old = store.resolve(before)
    new = store.resolve(after) if after else current(store, settings)
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
    release: Annotated[str, typer.Argument(show_default="the current release")] = "",
    *,
    remove: Annotated[bool, typer.Option(help="Take the name away.")] = False,
) -> None:
    """Give a release a name that can be cited, and that keeps it from being pruned.

    **Examples**

        vises releases tag report-2026
        vises releases tag before-reform 000003
        vises releases tag --remove before-reform
    """
    settings = Settings.from_env(os.environ)
    store = ReleaseStore(settings.data)
    if remove:
        if release:
            raise BadRequest("A tag is removed by its name alone.", remedy="Leave the id out.")
        store.untag(name)
        console.output().print(f"The tag {name} is gone.", markup=False)
        return
    named = store.resolve(release) if release else current(store, settings)
    store.tag(name, named.id)
    console.output().print(f"Release {named.id} is {name}.", markup=False)


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
    store = _store()
    target = store.resolve(release)
    made = store.rollback(target.id, author=author or getpass.getuser())
    console.output().print(
        f"Release {made.id} equals release {target.id}: {made.added:,} statements came back, "
        f"{made.removed:,} went."
        if made
        else f"Nothing to do: the current release equals release {target.id}.",
        markup=False,
    )


@app.command()
def prune(
    *,
    last: Annotated[int, typer.Option(min=0, help="Keep the last N.")] = Retention.last,
    hourly: Annotated[int, typer.Option(min=0, help="Keep one an hour.")] = Retention.hourly,
    daily: Annotated[int, typer.Option(min=0, help="Keep one a day.")] = Retention.daily,
    monthly: Annotated[int, typer.Option(min=0, help="Keep one a month.")] = Retention.monthly,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for the readers of each.")
    ] = 60,
    dry_run: Annotated[bool, typer.Option(help="Only say what would go.")] = False,
) -> None:
    """Take away the snapshots of old releases: those that no rule keeps.

    The current release and those with a tag always stay. Each rule keeps the newest release of as
    many hours, days or months in which something was published. The record, the report and the
    change of a pruned release stay, so it can be compared and rolled back to, but not queried. Its
    dumps go with it, unless another release has them too.

    **Examples**

        vises releases prune --dry-run
        vises releases prune --last 5 --hourly 0 --daily 14 --monthly 24
    """
    settings = Settings.from_env(os.environ)
    store = ReleaseStore(settings.data)
    retention = Retention(last=last, hourly=hourly, daily=daily, monthly=monthly)
    if dry_run:
        going = [release.id for release in store.to_prune(retention)]
        _say(f"Would prune {len(going)}: {' '.join(going)}" if going else "Nothing to prune.")
        return
    before = store.disk_use().total
    pruned = store.prune(retention, reader_seconds=wait)
    closed = Access(settings.data).rights(None).hidden
    if not remove_dumps(KeptDumps(settings.data, settings.base_iri), store, closed):
        _say("Their dumps go when those that are being made are done, with the next making.")
    freed = before - store.disk_use().total
    _say(f"Pruned {len(pruned.gone)} releases, {console.mebibytes(max(freed, 0))} freed.")
    if pruned.held:
        _say(f"Still read, and kept for now: {' '.join(pruned.held)}. Run the command again.")


@app.command()
def disk() -> None:
    """Say how much room the data folder takes, and what each release alone holds of it."""
    store = _store()
    use = store.disk_use()
    rows = [(name, console.mebibytes(size)) for name, size in sorted(use.alone.items())]
    console.table(("what", "alone"), [*rows, ("all", console.mebibytes(use.total))])


@app.command("compact")
def merge_files() -> None:
    """Merge the files of the current release, so that small changes after it take little room.

    A large ingest does it by itself. It can run beside the service and beside other changes.
    """
    done = _store().compact()
    _say("Merged." if done else "Nothing to do: merged already, or another release came meanwhile.")


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Ids or tags.", show_default="all releases")
    ] = None,
    *,
    files_only: Annotated[
        bool, typer.Option(help="Compare the files with their SHA-256 only, which is faster.")
    ] = False,
) -> None:
    """Compare releases with their records: every file, every statement, every change.

    The files of a release can also be checked by `sha256sum --check SHA256SUMS` in its folder. Ends
    with 1 where something differs; `vises releases repair` then sees to the current release.

    **Examples**

        vises releases verify
        vises releases verify 000003 report-2026 --files-only
    """
    store = _store()
    chosen = [store.resolve(name) for name in names] if names else store.list()
    faults = 0
    with console.Steps() as steps:
        for release in chosen:
            found = store.verify(release.id, steps, content=not files_only)
            faults += len(found)
            for sentence in found:
                _say(f"{release.id}: {sentence}.")
    _say(f"{len(chosen)} releases verified, {faults} faults.")
    if faults:
        raise typer.Exit(1)


@app.command()
def repair(
    again: Annotated[
        str | None,
        typer.Argument(help="A release in damaged/.", show_default="look at the current one"),
    ] = None,
    author: Annotated[str, typer.Option(help="Who does it.", show_default="your login")] = "",
) -> None:
    """Read every file of the current release, and serve a whole one again if it is damaged.

    A damaged release is moved to the folder damaged/ and the newest whole one becomes current. Then
    what was set aside is published again from the change that it keeps, if that is undamaged and
    leads to the very same content. With an id only that is done, for one that was set aside before.

    **Examples**

        vises releases repair
        vises releases repair 000008
    """
    store = _store()
    author = author or getpass.getuser()
    if again is not None:
        made = store.redo(again, author=author)
        _say(f"Release {made.id} has the content of {again} again, from its change.")
        return
    with console.Steps() as steps:
        aside = store.recover(thorough=True, progress=steps)
    if not aside:
        _say("The current release is whole.")
    for release_id in reversed(aside):
        _say(f"Release {release_id} is damaged and was set aside.")
        made = store.redo(release_id, author=author)
        _say(f"Release {made.id} has its content again, from its change.")


@app.command()
def backup(folder: Annotated[Path, typer.Argument(help="Made where it is not there.")]) -> None:
    """Copy to another folder the releases that it does not have yet, with tags and access rights.

    Every file is compared with its digest on the way. The copy is a data folder like any other, and
    the command can be run at any time, also while the service runs and others publish.

    **Examples**

        vises releases backup /mnt/backup/vises
        VISES_DATA=/mnt/backup/vises vises query --question M1
    """
    settings = Settings.from_env(os.environ)
    AccessFile(folder).copy(AccessFile(settings.data))
    with console.Steps() as steps:
        copied = ReleaseStore(settings.data).backup(folder, steps)
    _say(f"{len(copied)} releases copied to {folder}.")


@app.command()
def restore(folder: Annotated[Path, typer.Argument(help="A folder that backup wrote.")]) -> None:
    """Copy the releases of a backup into the data folder, which has none or some of the same.

    Where the data folder has no access rights yet (tokens, closed graphs), it gets those, too;
    tokens that were revoked after the backup are then valid again.

    **Examples**

        VISES_DATA=/srv/vises vises releases restore /mnt/backup/vises
    """
    settings = Settings.from_env(os.environ)
    rights = AccessFile(settings.data)
    if not rights.path.exists():
        rights.copy(AccessFile(folder))
    with console.Steps() as steps:
        copied = ReleaseStore(settings.data).restore(folder, steps)
    _say(f"{len(copied)} releases copied from {folder}.")


def _say(sentence: str) -> None:
    console.output().print(sentence, markup=False)
