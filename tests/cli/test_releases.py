"""`vises releases`: what each command says, does, and ends with."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from rdflib import PROV, Graph, URIRef

from tests.cli.conftest import UNITS
from vises.cli.common import gate
from vises.ingest.options import IngestOptions
from vises.ingest.pipeline import ingest
from vises.ingest.quarantine import parse_threshold
from vises.ingest.sources import SOURCES
from vises.progress import Silence
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

BASE = "https://w3id.org/vises/"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with three releases of one register: two units, one, two."""
    folder = tmp_path_factory.mktemp("published")
    shorter = "".join(line for line in UNITS.splitlines(keepends=True) if "COOP" not in line)
    for text in (UNITS, shorter, UNITS):
        units = folder / "units.csv"
        units.write_text(text, encoding="utf-8")
        options = IngestOptions(
            dataset="sirene",
            base_iri=BASE,
            author="t",
            max_refused=parse_threshold("100%"),
            data_folder=folder / "data",
        )
        ingest(
            SOURCES["sirene"], [units], ReleaseStore(folder / "data"), gate(), options, Silence()
        )
    return folder / "data"


@pytest.fixture
def three(run: Run, published: Path, tmp_path: Path) -> Run:
    """Give the command a copy of the three releases."""
    shutil.copytree(published, tmp_path / "data")
    return run


def test_show_has_every_form(three: Run) -> None:
    status, out, _ = three("releases", "show", "000002")
    assert status == 0
    assert f"{BASE}graph/sirene" in out
    record = json.loads(three("releases", "show", "000002", "--format", "json")[1])
    assert (record["id"], record["parent"], record["author"]) == ("000002", "000001", "t")
    turtle = Graph().parse(data=three("releases", "show", "000002", "--format", "turtle")[1])
    release, parent = (URIRef(f"{BASE}release/00000{n}") for n in (2, 1))
    assert turtle.value(release, PROV.wasRevisionOf) == parent
    activity = turtle.value(release, PROV.wasGeneratedBy)
    assert turtle.value(activity, PROV.startedAtTime) <= turtle.value(activity, PROV.endedAtTime)
    report = three("releases", "show", "000002", "--format", "report")[1]
    assert len(Graph().parse(data=report)) > 0


def test_diff_by_dataset_and_entity_and_as_a_patch(three: Run) -> None:
    status, out, _ = three("releases", "diff", "000001", "000002")
    rows = dict(line.split("\t", 1) for line in out.splitlines())
    assert status == 0
    assert rows["dataset"] == "added\tremoved"
    assert int(rows[f"{BASE}graph/sirene"].split("\t")[1]) > 5
    entities = three("releases", "diff", "000001", "000002", "--by", "entity")[1]
    assert f"{BASE}enterprise/fr-000000026\t0\t" in entities
    patch = three("releases", "diff", "000001", "000002", "--by", "patch")[1].splitlines()
    assert patch[:3] == ['H id "000002" .', 'H prev "000001" .', "TX ."]
    assert patch[-1] == "TC ."
    assert {line[:2] for line in patch[3:-1]} == {"A ", "D "}
    same = three("releases", "diff", "000001")[1]
    assert "graph/sirene\t" not in same, "the third release has the rows of the first again"


def test_a_tag_is_a_name_for_a_release_everywhere(three: Run) -> None:
    assert three("releases", "tag", "first", "000001") == (0, "Release 000001 is first.\n", "")
    assert three("releases", "tag", "now")[1] == "Release 000003 is now.\n"
    listed = three("releases")[1].splitlines()
    assert [line.split("\t")[1:3] for line in listed[1:]] == [["→", "now"], ["", ""], ["", "first"]]
    assert three("releases", "show", "first")[1] == three("releases", "show", "000001")[1]
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert three("query", query, "--release", "first")[0] == 0
    assert three("releases", "tag", "first", "000002")[0] == 2
    assert three("releases", "tag", "--remove", "first")[0] == 0
    assert three("releases", "tag", "--remove", "first")[0] == 4
    assert three("releases", "tag", "--remove", "now", "000003")[0] == 2
    assert three("releases", "show", "first")[0] == 4


@pytest.mark.parametrize("author", ["caf\udce9", "a\nb", "\x1b[31m"])
def test_who_does_it_is_a_line_of_text(three: Run, author: str) -> None:
    """A release of an author in Latin-1 was no page of the service any more, nor was their list."""
    status, _, err = three("releases", "rollback", "000001", "--author", author)
    assert (status, "where: --author" in err) == (2, True)
    assert "000004" not in three("releases")[1]
    real = "Café\N{NO-BREAK SPACE}Arras"
    assert three("releases", "rollback", "000001", "--author", real)[0] == 0


def test_a_tag_whose_release_is_gone_says_so(three: Run, tmp_path: Path) -> None:
    assert three("releases", "tag", "first", "000001")[0] == 0
    shutil.rmtree(tmp_path / "data" / "releases" / "000001")
    status, _, err = three("releases", "show", "first")
    assert (status, "first names release '000001', which is not there" in err) == (4, True)
    assert "tag --remove first" in err


def test_current_is_no_tag_because_it_moves_on(three: Run) -> None:
    status, _, err = three("releases", "tag", "current", "000001")
    assert (status, "it means the newest release" in err) == (2, True)
    status, _, err = three("releases", "tag", "2026", "000001")
    assert (status, "Begin with a letter" in err) == (2, True)


def test_rollback_and_forward_again(three: Run) -> None:
    status, out, _ = three("releases", "rollback", "000002", "--author", "me")
    assert status == 0
    assert out.startswith("Release 000004 equals release 000002: ")
    assert three("releases", "rollback", "000004")[1].startswith("Nothing to do")
    assert three("releases", "rollback", "000003")[1].startswith("Release 000005 equals")
    assert three("releases", "rollback", "000099")[0] == 4


def test_prune_says_what_would_go_and_does_it(three: Run) -> None:
    none = ["--last", "1", "--hourly", "0", "--daily", "0", "--monthly", "0"]
    assert three("releases", "prune", *none, "--dry-run")[1] == "Would prune 2: 000001 000002\n"
    assert three("releases", "prune", *none)[1].startswith("Pruned 2 releases, ")
    assert three("releases", "prune", *none, "--dry-run")[1] == "Nothing to prune.\n"
    status, _, err = three("query", "ASK {}", "--release", "000001")
    assert status == 4
    assert "vises releases rollback 000001" in err
    assert three("releases", "diff", "000001", "000002")[0] == 0
    assert three("releases", "verify")[1] == "3 releases verified, 0 faults.\n"
    assert three("releases", "prune", "--last", "-1")[0] == 2


def test_disk_counts_what_is_shared_once(three: Run) -> None:
    rows = dict(line.split("\t") for line in three("releases", "disk")[1].splitlines())
    assert {"000001", "000002", "000003", "all"} < rows.keys()
    assert float(rows["all"].split()[0]) > 0


def test_damage_is_verified_repaired_and_undone(three: Run, tmp_path: Path) -> None:
    assert three("releases", "repair")[1] == "The current release is whole.\n"
    shutil.rmtree(tmp_path / "data" / "releases" / "000003" / "store")
    status, out, _ = three("releases", "verify", "000003", "--files-only")
    assert status == 1
    assert "not the file that was published" in out
    status, _, err = three("query", "ASK {}")
    assert status == 5
    assert "vises releases repair" in err
    status, out, _ = three("releases", "repair", "--author", "me")
    assert status == 0
    assert "Release 000003 is damaged and was set aside." in out
    assert "Release 000004 has its content again" in out
    assert three("releases", "verify")[1] == "3 releases verified, 0 faults.\n"


def test_what_was_set_aside_before_comes_back_by_its_id(three: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.rmtree(data / "releases" / "000003" / "store")
    ReleaseStore(data).recover(thorough=False, progress=Silence())
    assert three("releases", "repair", "000009")[0] == 4
    status, out, _ = three("releases", "repair", "000003")
    assert (status, out) == (
        0,
        "Release 000004 has the content of 000003 again, from its change.\n",
    )


def test_backup_and_restore(three: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = tmp_path / "backup"
    assert three("releases", "backup", backup)[1] == f"3 releases copied to {backup}.\n"
    assert three("releases", "backup", backup)[1] == f"0 releases copied to {backup}.\n"
    monkeypatch.setenv("VISES_DATA", str(tmp_path / "elsewhere"))
    assert three("releases", "restore", backup)[1] == f"3 releases copied from {backup}.\n"
    assert three("releases", "verify")[1] == "3 releases verified, 0 faults.\n"
    assert three("releases", "restore", tmp_path / "nothing")[0] == 4


def test_a_backup_leaves_the_rights_of_a_foreign_folder(three: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(tmp_path / "data", other)
    record = other / "releases" / "000001" / "release.json"
    record.write_text(record.read_text("utf-8").replace('"author": "', '"author": "not '), "utf-8")
    (other / "access.json").write_text("theirs", "utf-8")
    (tmp_path / "data" / "access.json").write_text("ours", "utf-8")
    status, _, err = three("releases", "backup", other)
    assert status != 0
    assert "Release 000001 there is another one." in err
    assert (other / "access.json").read_text("utf-8") == "theirs"


def test_a_backup_of_nothing_leaves_the_rights_of_the_backup(
    three: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, fresh = tmp_path / "backup", tmp_path / "fresh"
    assert three("releases", "backup", backup)[0] == 0
    (backup / "access.json").write_text("kept", "utf-8")
    fresh.mkdir()
    (fresh / "access.json").write_text("new", "utf-8")
    monkeypatch.setenv("VISES_DATA", str(fresh))
    status, _, err = three("releases", "backup", backup)
    assert status == 4
    assert "The folder holds no release." in err
    assert (backup / "access.json").read_text("utf-8") == "kept"


def test_a_folder_that_cannot_be_named_is_told(three: Run) -> None:
    status, _, err = three("releases", "backup", "x" * 300)
    assert status == 5
    assert "File name too long" in err


@pytest.mark.parametrize("command", ["backup", "restore"])
@pytest.mark.parametrize("name", ["data", "data/", "other/../data", "link"])
def test_a_data_folder_is_no_copy_of_itself(
    three: Run, tmp_path: Path, command: str, name: str
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "link").symlink_to("data")
    status, _, err = three("releases", command, name)
    assert status == 2
    assert "A copy needs a folder of its own" in err


@pytest.mark.parametrize("name", ["data/backup", "link/a/b"])
def test_a_backup_does_not_go_into_the_data_folder(three: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "link").symlink_to("data")
    before = sorted((tmp_path / "data").iterdir())
    assert three("releases", "backup", name)[0] == 2
    assert sorted((tmp_path / "data").iterdir()) == before


@pytest.mark.parametrize(
    "command",
    [
        *(
            ["show", "../x"],
            ["diff", "000001", "nothing"],
            ["rollback", ""],
            ["tag", "x", "latest"],
        ),
        ["verify", "000009"],
    ],
    ids=" ".join,
)
def test_names_of_nothing(three: Run, command: list[str]) -> None:
    status, _, err = three("releases", *command)
    assert status == 4
    assert "vises releases" in err
