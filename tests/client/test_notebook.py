"""The notebook of the documentation runs from top to bottom."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "notebooks" / "vises.ipynb"

RUN = """
import ast, json, sys
space = {"__name__": "__main__"}
for number, source in enumerate(json.load(sys.stdin), start=1):
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, f"cell {number}", "exec"), space)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), space)
        if value is not None:
            print(value)
"""


def test_the_notebook_runs_and_ends_with_a_citation(demonstration: str) -> None:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    assert notebook["nbformat"] == 4
    cells = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    assert all(cell["outputs"] == [] for cell in cells), "clear the outputs"
    environ = {**os.environ, "VISES_URL": demonstration, "MPLBACKEND": "agg"}
    found = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:vises", "-c", RUN],
        input=json.dumps(["".join(cell["source"]) for cell in cells]),
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert found.returncode == 0, found.stderr
    assert f"{demonstration}/api/v1/questions/S2?area=nuts:BE3&release=0000" in found.stdout
    assert "The bars below do not make a series" in found.stdout
    assert "parameter area" in found.stdout
