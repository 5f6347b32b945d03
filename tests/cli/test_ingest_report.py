"""`vises ingest --report`: what the shapes found, as a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

Run = Callable[..., tuple[int, str, str]]
LINKS = "enterprise,matches,basis\nfr-000000018,be-0000002671,declared\n"
PLACE = {"document": "links.csv", "line": 2, "column": "enterprise"}


@pytest.fixture
def links(tmp_path: Path, vocabularies: Path) -> Path:
    shutil.copytree(vocabularies, tmp_path / "data")
    path = tmp_path / "links.csv"
    path.write_text(LINKS, encoding="utf-8")
    return path


def test_refused_rows_are_named_in_every_form(run: Run, links: Path, tmp_path: Path) -> None:
    for ending in ("json", "html", "ttl", "jsonld"):
        path = tmp_path / f"found.{ending}"
        status, _, errors = run("ingest", "identity", links, "--fictitious", "--report", path)
        assert status == 1
        assert "links.csv, line 2, column enterprise" in errors
        text = path.read_text("utf-8")
        if ending == "json":
            (found,) = json.loads(text)["results"]
            assert found["place"] == PLACE
        elif ending == "html":
            assert "links.csv, line 2, column enterprise" in text
        else:
            form = RdfFormat.from_extension(ending)
            assert form is not None
            lines = [q for q in parse(text.encode(), form) if "lineNumber" in q.predicate.value]
            assert len(lines) == 1


def test_published_data_has_its_report_too(run: Run, units: Path, tmp_path: Path) -> None:
    path = tmp_path / "found.json"
    assert run("ingest", "sirene", units, "--report", path)[0] == 0
    told = json.loads(path.read_text("utf-8"))
    assert (told["accepted"], told["results"]) == (True, [])
    path.unlink()
    assert run("ingest", "sirene", units, "--report", path)[0] == 0
    assert not path.exists(), "nothing had to be done, so there is nothing to tell"


@pytest.mark.parametrize("name", ["found.txt", "found", ".html"])
def test_a_name_that_tells_no_form_is_refused_first(run: Run, units: Path, name: str) -> None:
    status, _, errors = run("ingest", "sirene", units, "--report", name)
    assert status == 2
    assert "--report" in errors
    assert ".jsonld" in errors
    assert not Path("data").exists()


def test_a_file_that_cannot_be_written(run: Run, links: Path) -> None:
    status, _, errors = run(
        *("ingest", "identity", links, "--fictitious", "--report", "nowhere/found.ttl")
    )
    assert status == 5
    assert "nowhere/found.ttl" in errors
