"""A graph as N-Quads, Turtle and JSON-LD, from its sorted lines."""

from __future__ import annotations

import shutil
from mmap import ACCESS_READ, mmap
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse, serialize

from vises.namespaces import PREFIXES
from vises.store.dumps.output import compressed, described

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyoxigraph import Quad, Triple

    from vises.store.dumps.output import DumpFile

NAMES = "iris.txt.gz"
"""The form that lists what a graph describes."""

_BUFFER = 1 << 20


def quads_of(lines: Path) -> Iterator[Quad]:
    """Yield the quads of a file of N-Quads in its order, in constant memory. Raises `OSError`."""
    with lines.open("rb") as file:
        yield from parse(file, RdfFormat.N_QUADS)


def _triples_of(lines: Path) -> Iterator[Triple]:
    return (quad.triple for quad in quads_of(lines))


def write_graph(lines: Path, folder: Path) -> Iterator[DumpFile]:
    """Write a graph in each form of RDF, and yield what is said of each file. Raises `OSError`.

    One with triple terms has no JSON-LD, which cannot say them (JSON-LD 1.1).
    """
    for ending in ("gz", "zst"):
        form = f"nq.{ending}"
        with lines.open("rb") as plain, compressed(folder / form) as output:
            shutil.copyfileobj(plain, output, _BUFFER)
        yield described(folder / form, "application/n-quads")
    for ending in ("gz", "zst"):
        form = f"ttl.{ending}"
        with compressed(folder / form) as output:
            serialize(_triples_of(lines), output, RdfFormat.TURTLE, prefixes=PREFIXES)
        yield described(folder / form, "text/turtle")
    if _has_triple_terms(lines):
        return
    form = "jsonld.gz"
    with compressed(folder / form) as output:
        serialize(_triples_of(lines), output, RdfFormat.JSON_LD)
    yield described(folder / form, "application/ld+json")


def _has_triple_terms(lines: Path) -> bool:
    """Tell whether an object of canonical N-Quads is a triple; nearly none is, in no file."""
    if not lines.stat().st_size:
        return False
    with lines.open("rb") as plain, mmap(plain.fileno(), 0, access=ACCESS_READ) as whole:
        if whole.find(b"> <<(") < 0:
            return False
        return any(line.split(b" ", 2)[2].startswith(b"<<(") for line in plain)


def write_names(lines: Path, folder: Path) -> Iterator[DumpFile]:
    """Write the IRIs of the things that a graph describes, one a line, in order.

    Raises `OSError`.
    """
    form, count, last = NAMES, 0, b""
    with lines.open("rb") as plain, compressed(folder / form) as output:
        for line in plain:
            subject = line[: line.index(b" ")]
            if subject != last and subject.startswith(b"<"):
                output.write(subject[1:-1] + b"\n")
                count += 1
            last = subject
    yield described(folder / form, "text/plain", lines=count)
