"""The house as the design draws it: imports run one way, and every folder is in the wheel."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GROUND = {
    *("errors", "namespaces", "progress", "settings", "waiting", "compressed", "contexts"),
    *("decimals", "languages"),
}
MAY_IMPORT = {
    "errors": set(),
    "namespaces": set(),
    "progress": set(),
    "settings": {"errors", "namespaces"},
    "waiting": set(),
    "contexts": {"errors"},
    "decimals": {"namespaces"},
    "languages": set(),
    "compressed": set(),
    "client": {"errors", "waiting"},
    "store": GROUND,
    "validation": GROUND,
    "ingest": GROUND | {"store", "validation"},
    "demo": GROUND | {"ingest", "store", "validation"},
    "service": GROUND | {"ingest", "store", "validation"},
    "console": GROUND | {"ingest", "store", "validation"},
    "cli": GROUND | {"console", "demo", "ingest", "service", "store", "validation"},
    "__main__": {"cli"},
}


def modules() -> list[Path]:
    rooms = [ROOT / name for name in MAY_IMPORT if (ROOT / name).is_dir()]
    files = [f for room in rooms for f in room.rglob("*.py")]
    return files + [ROOT / f"{name}.py" for name in MAY_IMPORT if (ROOT / f"{name}.py").exists()]


def imported(path: Path) -> set[str]:
    """Return the rooms of `vises` that a module imports, wherever in the file it does so."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("vises.")}


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    assert imported(path) <= MAY_IMPORT[room(path)] | {room(path)}


def test_every_python_file_belongs_to_a_known_room() -> None:
    outside = {"tests", "benchmarks", "docs", "build", ".venv", "node_modules"}
    files = [p for p in ROOT.rglob("*.py") if p.relative_to(ROOT).parts[0] not in outside]
    assert {room(p) for p in files} == set(MAY_IMPORT) | {"__init__"}


def test_every_package_is_listed_for_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {p.parent for name in MAY_IMPORT for p in (ROOT / name).rglob("__init__.py")}
    packages = {".".join(("vises", *f.relative_to(ROOT).parts)) for f in folders}
    assert set(project["tool"]["setuptools"]["packages"]) == packages | {"vises"}
