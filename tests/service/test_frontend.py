"""Fetching the editor's files, with npm replaced by a function that makes a package."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from vises.service import frontend
from vises.service.frontend import FILES, LICENCES, STAMP, FrontendFailed, fetch

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in frontend.MANIFESTS:
        (tmp_path / name).write_text("{}", "utf-8")
    return tmp_path


def installed(content: str = "x") -> object:
    calls: list[Path] = []

    def install(folder: Path) -> None:
        calls.append(folder)
        for source in FILES.values():
            file = folder / "node_modules" / source
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")
        package = folder / "node_modules" / "other"
        package.mkdir()
        about = '{"name": "other", "version": "1.0.0", "license": "ISC"}'
        (package / "package.json").write_text(about, "utf-8")
        (package / "LICENSE.md").write_text("Do as you like.", "utf-8")

    install.calls = calls  # type: ignore[attr-defined]
    return install


def test_it_copies_once_and_again_only_when_the_lock_file_changes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install = installed()
    monkeypatch.setattr(frontend, "_install", install)
    vendor = project / "vendor"
    assert fetch(project, vendor) is True
    assert {p.name for p in vendor.iterdir()} == {*FILES, LICENCES, STAMP}
    assert "other 1.0.0, licence ISC\n\nDo as you like." in (vendor / LICENCES).read_text("utf-8")
    assert fetch(project, vendor) is False
    (project / "package-lock.json").write_text("{ }", "utf-8")
    assert fetch(project, vendor) is True
    (vendor / "leaflet.js").unlink()
    assert fetch(project, vendor) is True
    assert len(install.calls) == 3  # type: ignore[attr-defined]


def test_an_empty_file_is_not_taken(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontend, "_install", installed(""))
    with pytest.raises(FrontendFailed, match=r"yasgui\.min\.js"):
        fetch(project, project / "vendor")
    assert not (project / "vendor" / STAMP).exists()


def test_an_installed_package_has_nothing_to_fetch(tmp_path: Path) -> None:
    with pytest.raises(FrontendFailed, match="package-lock"):
        fetch(tmp_path, tmp_path / "vendor")


def test_npm_failing_is_an_error_with_a_way_out(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontend, "npm", lambda: ["false"])
    with pytest.raises(FrontendFailed) as caught:
        fetch(project, project / "vendor")
    assert "registry" in str(caught.value)


def test_a_machine_without_node_uses_the_one_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frontend.shutil, "which", lambda _: None)
    command = [*frontend.npm(), "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip()


def test_the_lock_file_names_no_registry_host() -> None:
    text = (ROOT / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in text
    assert '"integrity"' in text
