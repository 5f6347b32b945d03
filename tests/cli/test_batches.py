"""`vises quarantine` and `vises batches`, as an officer uses them."""

from __future__ import annotations

import csv
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Run

BAD = "000000042,COOPÉRATIVE FAUSSE,5460,O\n"


@pytest.mark.parametrize(
    "command",
    [
        *(
            ["quarantine"],
            ["quarantine", "show"],
            ["quarantine", "export"],
            ["quarantine", "retry"],
        ),
        *(["batches"], ["batches", "list"], ["batches", "show"], ["batches", "withdraw"]),
    ],
)
def test_help_teaches_by_example(run: Run, command: list[str]) -> None:
    status, out, _ = run(*command, "--help")
    assert status == 0
    assert f"vises {command[0]} " in out.partition("Examples")[2]


def test_refused_rows_are_shown_corrected_and_ingested_and_the_batch_taken_back(
    run: Run, units: Path, tmp_path: Path
) -> None:
    with units.open("a", encoding="utf-8") as file:
        file.write(BAD.replace("000000042", "000000043"))
    status, out, err = run("ingest", "sirene", units, "--fictitious", "--max-refused", "1")
    assert status == 0, err
    assert "vises quarantine show sirene" in out

    status, out, _ = run("quarantine", "show", "sirene", "--language", "fr")
    assert status == 0
    assert "1 x siren-check-digit: Le SIREN n\u2019a pas neuf chiffres" in out
    assert "units.csv, line 5 (000000043)" in out
    assert "Annuaire des entreprises" in out

    export = tmp_path / "refused.csv"
    assert run("quarantine", "export", "sirene", "--language", "nl", "-o", export)[0] == 0
    with export.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file, delimiter=";")
    assert row["denominationUniteLegale"] == "", "it may name a person"
    assert row["_reason"].startswith("De SIREN heeft geen negen cijfers")
    assert run("quarantine", "retry", export)[0] == 2
    status, _, err = run("quarantine", "export", "sirene", "-o", tmp_path / "refused.ods")
    assert (status, ".csv, .jsonl, .xlsx" in err) == (2, True)
    assert not (tmp_path / "refused.ods").exists()
    written = export.read_bytes()
    status, _, err = run("quarantine", "export", "sirene", "-o", export)
    assert (status, "somebody may have filled it in" in err) == (2, True)
    assert export.read_bytes() == written

    text = export.read_text("utf-8-sig").replace(";000000043", ";000000042")
    export.write_text(text, encoding="utf-8-sig")
    status, out, err = run("quarantine", "retry", export)
    assert status == 0, err
    assert out.splitlines()[1] == "units.csv\t4\t3\t0\t1"

    status, out, _ = run("batches", "list", "sirene")
    states = [line.split("\t")[2] for line in out.splitlines()[1:]]
    assert states == ["replaced", "current"]
    first, second = (line.split("\t")[1] for line in out.splitlines()[1:])
    status, _, err = run("batches", "withdraw", first)
    assert (status, second in err) == (1, True)
    status, out, _ = run("batches", "withdraw", second, "--reason", "a trial")
    assert status == 0
    assert f"sirene holds {first} again" in out
    assert "withdrawn before" in run("batches", "withdraw", second)[1]
    _, out, _ = run("quarantine", "show", "sirene")
    assert out.startswith(f"Batch sirene/{first}, current: 1 refused row.")
    status, out, _ = run("batches", "show", second)
    assert "state            withdrawn 20" in out
    assert f"corrects         {first}" in out
    assert "made by          sirene/mapping.ttl  sha256:" in out
    assert run("batches", "show", second, "--json")[0] == 0


def test_nothing_was_refused_or_there_is_no_such_batch(run: Run, units: Path) -> None:
    assert run("ingest", "sirene", units, "--fictitious")[0] == 0
    assert run("quarantine", "show", "sirene")[0] == 4
    assert run("quarantine", "show", "nothing")[0] == 4
    assert run("batches", "show", "nothing")[0] == 4
    assert run("batches", "withdraw", "nothing")[0] == 4


def test_the_refused_rows_of_an_ingest_that_failed_are_told_apart_from_the_published_ones(
    run: Run, units: Path
) -> None:
    with units.open("a", encoding="utf-8") as file:
        file.write(BAD.replace("000000042", "000000043"))
    assert run("ingest", "sirene", units, "--fictitious", "--max-refused", "1")[0] == 0
    _, out, _ = run("quarantine", "show", "sirene")
    published = out.split()[1].rstrip(",")
    assert out.startswith(f"Batch {published}, current: 1 refused row.\n\n")

    with units.open("a", encoding="utf-8") as file:
        file.write(BAD.replace("000000042", "000000044"))
    assert run("ingest", "sirene", units, "--fictitious", "--max-refused", "1")[0] == 1
    _, out, _ = run("quarantine", "show", "sirene")
    first, other = out.splitlines()[:2]
    assert first.endswith(", not published: 2 refused rows.")
    batch = published.partition("/")[2]
    assert other == f"sirene holds {published}: `vises quarantine show {batch}`."
    assert run("quarantine", "show", batch)[1].startswith(f"Batch {published}, current: 1 ")


def test_a_batch_that_was_never_published_is_not_withdrawn(run: Run, units: Path) -> None:
    with units.open("a", encoding="utf-8") as file:
        file.write(BAD.replace("000000042", "000000043"))
    assert run("ingest", "sirene", units, "--fictitious", "--max-refused", "0")[0] == 1
    status, out, _ = run("batches", "list", "sirene")
    assert (status, "not published" in out) == (0, True)
    batch = out.splitlines()[1].split("\t")[1]
    status, out, err = run("batches", "withdraw", batch)
    assert (status, err) == (0, "")
    assert out == f"Nothing to do: sirene/{batch} was never published.\n"
    assert run("releases", "show", "000001")[0] == 4


def test_a_withdrawn_correction_does_not_come_back(run: Run, units: Path, tmp_path: Path) -> None:
    with units.open("a", encoding="utf-8") as file:
        file.write(BAD.replace("000000042", "000000043") + BAD.replace("000000042", "000000044"))
    assert run("ingest", "sirene", units, "--fictitious", "--max-refused", "2")[0] == 0
    export = tmp_path / "refused.csv"
    assert run("quarantine", "export", "sirene", "-o", export)[0] == 0
    text = export.read_text("utf-8-sig")
    export.write_text(text.replace(";000000043", ";000000042"), encoding="utf-8-sig")
    assert run("quarantine", "retry", export)[0] == 0
    second = run("batches", "list", "sirene")[1].splitlines()[-1].split("\t")[1]
    export.unlink()
    assert run("quarantine", "export", second, "-o", export)[0] == 0
    assert run("batches", "withdraw", second)[0] == 0
    text = export.read_text("utf-8-sig")
    export.write_text(text.replace(";000000044", ";000000059"), encoding="utf-8-sig")
    status, _, err = run("quarantine", "retry", export)
    assert (status, "The batch was withdrawn" in err) == (1, True)


def test_a_file_that_cannot_be_written_is_told(run: Run, units: Path, tmp_path: Path) -> None:
    """A report is written last: whether it can be is told before anything is published."""
    with units.open("a", encoding="utf-8") as file:
        file.write(BAD.replace("000000042", "000000043"))
    for report in (tmp_path / "none" / "r.html", tmp_path / "folder.html"):
        (tmp_path / "folder.html").mkdir(exist_ok=True)
        status, _, err = run("ingest", "sirene", units, "--max-refused", "1", "--report", report)
        assert (status, "Name a file that you may write" in err) == (5, True)
    assert run("releases", "show", "000001")[0] == 4
    assert run("ingest", "sirene", units, "--fictitious", "--max-refused", "1")[0] == 0
    for output in (tmp_path / "none" / "x.xlsx", tmp_path):
        status, _, err = run("quarantine", "export", "sirene", "-o", output)
        assert (status, "Traceback" in err) == (5, False)


def test_half_an_export_does_not_stay(
    run: Run, units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with units.open("a", encoding="utf-8") as file:
        file.write(BAD.replace("000000042", "000000043"))
    assert run("ingest", "sirene", units, "--fictitious", "--max-refused", "1")[0] == 0
    monkeypatch.setattr("vises.ingest.exporting.MOST_ROWS", 0)
    export = tmp_path / "refused.xlsx"
    status, _, err = run("quarantine", "export", "sirene", "-o", export)
    assert (status, "no workbook can hold" in err, export.exists()) == (2, True, False)


def test_an_export_goes_to_a_device_or_a_pipe(run: Run, units: Path, tmp_path: Path) -> None:
    with units.open("a", encoding="utf-8") as file:
        file.write(BAD.replace("000000042", "000000043"))
    assert run("ingest", "sirene", units, "--fictitious", "--max-refused", "1")[0] == 0
    pipe = tmp_path / "refused.csv"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as beside:
        read = beside.submit(pipe.read_text, "utf-8")
        status = run("quarantine", "export", "sirene", "-o", pipe)[0]
    assert status == 0
    assert "000000043" in read.result()


def test_the_refused_rows_of_a_dry_run_are_shown(run: Run, units: Path) -> None:
    with units.open("a", encoding="utf-8") as file:
        file.write(BAD.replace("000000042", "000000043"))
    _, out, _ = run("ingest", "sirene", units, "--fictitious", "--max-refused", "1", "--dry-run")
    assert "vises quarantine show sirene" in out
    status, out, _ = run("quarantine", "show", "sirene")
    assert (status, ", not published: 1 refused row." in out) == (0, True)


def test_where_all_rows_are_refused_it_says_so(run: Run, units: Path) -> None:
    head = units.read_text("utf-8").splitlines()[0]
    units.write_text(f"{head}\n{BAD.replace('000000042', '000000043')}", "utf-8")
    status, _, err = run("ingest", "sirene", units, "--fictitious", "--max-refused", "100%")
    assert status == 1
    assert "none is in scope (1 refused)" in err
    assert "quarantine show sirene" in " ".join(err.split())


def test_a_backup_has_the_refused_rows_and_a_folder_without_them_says_so(
    run: Run, units: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with units.open("a", encoding="utf-8") as file:
        file.write(BAD.replace("000000042", "000000043"))
    assert run("ingest", "sirene", units, "--max-refused", "1")[0] == 0
    shown = run("quarantine", "show", "sirene")[1]
    delivery = tmp_path / "data" / "inbox" / "partner" / "1" / "record.json"
    delivery.parent.mkdir(parents=True)
    delivery.write_text("{}")
    assert run("releases", "backup", "copy")[0] == 0
    monkeypatch.setenv("VISES_DATA", "restored")
    assert run("releases", "restore", "copy")[0] == 0
    assert run("quarantine", "show", "sirene") == (0, shown, "")
    assert (tmp_path / "restored" / delivery.relative_to(tmp_path / "data")).read_text() == "{}"
    (given,) = (tmp_path / "restored" / "batches").glob("*/*")
    assert given.stat().st_mode & 0o777 == 0o600, "it may tell of persons"
    export = tmp_path / "refused.csv"
    assert run("quarantine", "export", "sirene", "-o", export)[0] == 0
    text = export.read_text("utf-8-sig").replace(";000000043", ";000000042")
    export.write_text(text, encoding="utf-8-sig")
    assert run("quarantine", "retry", export)[0] == 0

    monkeypatch.setenv("VISES_DATA", "copy")
    shutil.rmtree("copy/quarantine")
    status, _, err = run("quarantine", "show", "sirene")
    assert status == 4
    assert "are not in this folder (1 were refused)" in err
    assert "vises releases restore" in err


@pytest.mark.usefixtures("ingested")
def test_a_backup_takes_again_what_has_changed_and_a_restore_replaces_nothing(run: Run) -> None:
    kept, copied = Path("data/quarantine/x/1.jsonl"), Path("copy/quarantine/x/1.jsonl")
    kept.parent.mkdir(parents=True)
    kept.write_text("one")
    kept.with_name("2.jsonl.tmp").write_text("half a fi")
    assert run("releases", "backup", "copy")[0] == 0
    assert [path.name for path in copied.parent.iterdir()] == ["1.jsonl"]
    kept.write_text("another")
    assert run("releases", "backup", "copy")[0] == 0
    assert copied.read_text() == "another"
    kept.write_text("a third")
    assert run("releases", "restore", "copy")[0] == 0
    assert kept.read_text() == "a third"
    kept.unlink()
    assert run("releases", "restore", "copy")[0] == 0
    assert kept.read_text() == "another"
