"""The figures of a benchmark, printed as a table."""

from __future__ import annotations


def row(name: str, value: str, bound: str = "") -> None:
    """Print a figure beside its bound."""
    print(f"{name:<44}{value:>18}  {bound}", flush=True)
