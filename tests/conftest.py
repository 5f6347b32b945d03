"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of suites and real data that lies beside the project, or skip."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder 'shared' (W3C suites, real data) is not beside the project")
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a skipped test fails the run (CI)")
    parser.addoption(
        "--whole-suite", action="store_true", help="ask the remote engines all of the W3C suite"
    )
    parser.addoption("--fault-runs", default=1, help="kills at random moments of each operation")
    parser.addoption("--fault-points", default=2, help="steps at which each operation is killed")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
