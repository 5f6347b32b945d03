"""A test that needs the folder `shared` is skipped where that is absent, and CI fails for it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MARKED = """
import pytest

@pytest.fixture(scope="session")
def service():
    assert False

@pytest.mark.shared
def test_of_a_service(service): ...

@pytest.mark.shared
@pytest.mark.parametrize("case", [])
def test_of_a_suite(case): ...

@pytest.mark.shared
def test_of_a_file(shared):
    assert shared.is_dir()
"""
REASON = "the folder 'shared' (W3C suites, real data) is not beside the project"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a project that has what all tests share here, and nothing beside it."""
    folder = tmp_path / "project"
    (folder / "tests").mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("conftest.py"), folder / "tests")
    return folder


def run(project: Path, tests: str, *options: str) -> tuple[int, str]:
    (project / "tests" / "test_it.py").write_text(tests, "utf-8")
    command = [sys.executable, "-m", "pytest", "-rs", *options, "tests"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--no-skips"], 1)])
def test_what_is_marked_is_skipped(project: Path, options: list[str], status: int) -> None:
    ended, said = run(project, MARKED, *options)
    assert re.search(rf"SKIPPED \[3\] .*{re.escape(REASON)}", said)
    assert ended == status


def test_what_is_marked_is_run_where_the_folder_is(project: Path) -> None:
    project.with_name("shared").mkdir()
    _, said = run(project, MARKED, "-k", "file")
    assert "= 1 passed" in said


def test_what_asks_for_the_folder_has_the_mark(project: Path) -> None:
    project.with_name("shared").mkdir()
    ended, said = run(project, "def test_of_a_file(shared): ...")
    assert "it needs the mark `shared`" in said
    assert ended == 1
