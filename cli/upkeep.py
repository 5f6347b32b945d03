"""The commands that keep releases: pruning, room on the disk, verifying, repairing, copying."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from vises import console
from vises.cli.common import named, who
from vises.cli.output import demand_folder
from vises.ingest import ledger as batches
from vises.service.access.access import Access
from vises.service.access.file import AccessFile
from vises.service.inbox import SHAPES
from vises.service.inbox import ledger as inbox
from vises.settings import Settings
from vises.store.copies import demand_apart
from vises.store.dumps.kept import KeptDumps
from vises.store.dumps.make import remove_dumps
from vises.store.releases import ReleaseStore
from vises.store.retention import Retention

BESIDE = (batches.FOLDER, batches.QUARANTINE, inbox.FOLDER, SHAPES)
"""The folders that a copy has with the releases, because nothing can make them again."""

app = typer.Typer(rich_markup_mode="markdown")


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
        console.say(
            f"Would prune {len(going)}: {' '.join(going)}" if going else "Nothing to prune."
        )
        return
    before = store.disk_use().total
    pruned = store.prune(retention, reader_seconds=wait)
    closed = Access(settings.data).rights(None).hidden
    if not remove_dumps(KeptDumps(settings.data, settings.base_iri), store, closed):
        console.say("Their dumps go when those that are being made are done, with the next making.")
    freed = before - store.disk_use().total
    console.say(f"Pruned {len(pruned.gone)} releases, {console.mebibytes(max(freed, 0))} freed.")
    if pruned.held:
        console.say(
            f"Still read, and kept for now: {' '.join(pruned.held)}. Run the command again."
        )


@app.command()
def disk() -> None:
    """Say how much room the data folder takes, and what each release alone holds of it."""
    store = ReleaseStore(Settings.from_env(os.environ).data)
    use = store.disk_use()
    rows = [(name, console.mebibytes(size)) for name, size in sorted(use.alone.items())]
    console.table(("what", "alone"), [*rows, ("all", console.mebibytes(use.total))])


@app.command("compact")
def merge_files() -> None:
    """Merge the files of the current release, so that small changes after it take little room.

    A large ingest does it by itself. It can run beside the service and beside other changes.
    """
    done = ReleaseStore(Settings.from_env(os.environ).data).compact()
    console.say(
        "Merged." if done else "Nothing to do: merged already, or another release came meanwhile."
    )


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
    settings = Settings.from_env(os.environ)
    store = ReleaseStore(settings.data)
    chosen = [named(store, settings, name) for name in names] if names else store.list()
    faults = 0
    with console.Steps() as steps:
        for release in chosen:
            found = store.verify(release.id, steps, content=not files_only)
            faults += len(found)
            for sentence in found:
                console.say(f"{release.id}: {sentence}.")
    console.say(f"{len(chosen)} releases verified, {faults} faults.")
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
    store = ReleaseStore(Settings.from_env(os.environ).data)
    author = who(author)
    if again is not None:
        made = store.redo(again, author=author)
        console.say(f"Release {made.id} has the content of {again} again, from its change.")
        return
    with console.Steps() as steps:
        aside = store.recover(thorough=True, progress=steps)
    if not aside:
        console.say("The current release is whole.")
    for release_id in reversed(aside):
        console.say(f"Release {release_id} is damaged and was set aside.")
        made = store.redo(release_id, author=author)
        console.say(f"Release {made.id} has its content again, from its change.")


@app.command()
def backup(folder: Annotated[Path, typer.Argument(help="Made where it is not there.")]) -> None:
    """Copy to another folder what it does not have yet of the data folder.

    That is the releases and their tags, the access rights, the refused rows (quarantine/), what
    each ingest was given (batches/), what partners delivered (inbox/) and the official shapes of
    CIDS (cids-shapes/). Every file of a release is compared with its digest on the way. The copy is
    a data folder like any other, and the command can be run at any time, also while the service
    runs and others publish.

    Left out is what is made again from the releases (cache/, dumps/, streams/) or from a partner
    (harvest/, replication/), what is under way (incoming/, staging/, updating/, compacting/) or
    kept for a while only (jobs/, reports/), and what was set aside (damaged/). docs/operations.md
    says what follows from that.

    **Examples**

        vises releases backup /mnt/backup/vises
        VISES_DATA=/mnt/backup/vises vises query --question M1
    """
    settings = Settings.from_env(os.environ)
    demand_folder(folder)
    demand_apart(settings.data, folder)
    releases = ReleaseStore(settings.data)
    releases.demand_same(folder)
    AccessFile(folder).copy(AccessFile(settings.data))
    with console.Steps() as steps:
        copied = releases.backup(folder, steps, beside=BESIDE)
    console.say(f"{len(copied)} releases copied to {folder}.")


@app.command()
def restore(folder: Annotated[Path, typer.Argument(help="A folder that backup wrote.")]) -> None:
    """Copy a backup into the data folder, which has no releases or some of the same.

    Nothing that is there is replaced: refused rows, batches and deliveries that are missing come
    back with the releases. Where the data folder has no access rights yet (tokens, closed graphs),
    it gets those, too; tokens that were revoked after the backup are then valid again.

    **Examples**

        VISES_DATA=/srv/vises vises releases restore /mnt/backup/vises
    """
    settings = Settings.from_env(os.environ)
    demand_apart(folder, settings.data)
    ReleaseStore(folder).demand_same(settings.data)
    rights = AccessFile(settings.data)
    if not rights.path.exists():
        rights.copy(AccessFile(folder))
    with console.Steps() as steps:
        copied = ReleaseStore(settings.data).restore(folder, steps, beside=BESIDE)
    console.say(f"{len(copied)} releases copied from {folder}.")
