"""The commands that try a mapping: check, show, run, translate."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from vises import console
from vises.errors import BadRequest, NotFound
from vises.ingest.files import InputMissing
from vises.ingest.rml import compile_join, compile_mapping
from vises.ingest.rml.files import read_mapping, read_yarrrml
from vises.ingest.rml.model import Call, LogicalSource, Mapping
from vises.ingest.rml.records import Records
from vises.ingest.rml.rows import Rows, files_of, open_rows
from vises.ingest.rml.run import Problem, Run
from vises.ingest.sources import SOURCES
from vises.progress import SILENCE
from vises.settings import Settings

MOST_PROBLEMS = 20
"""How many rows that could not be mapped are told one by one."""

app = typer.Typer(
    name="mapping",
    help="Check, read and try a mapping (RML in Turtle, or YARRRML) without publishing anything.",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(help="RML in Turtle; YARRRML if it ends with .yml or .yaml.")]


@app.command()
def check(file: File) -> None:
    """Read a mapping and tell what it reads and makes; whatever is not understood is refused.

    Each triples map is a line: where it stands, the source that it reads, and the columns (or
    paths into JSON) that the source must have, those that joins compare among them. Joins and
    functions follow.

    **Examples**

        vises mapping check people.rml.ttl
        vises mapping check people.yml
    """
    mapping = read_mapping(file, _base_iri())
    rows = []
    for each in mapping.triples_maps:
        terms = [each.subject, *(t for t in each.term_maps() if t is not each.subject)]
        functions = {t.expression.function.iri for t in terms if isinstance(t.expression, Call)}
        joined = [
            mapping.triples_map(reference.parent).source
            for reference in each.parents()
            if reference.conditions
        ]
        rows.append(
            (
                str(each.line),
                each.name,
                f"{each.source} ({each.logical_source.formulation.value})",
                ", ".join(sorted(mapping.columns_of(each))),
                ", ".join(joined),
                ", ".join(sorted(iri.rpartition("#")[2] for iri in functions)),
            )
        )
    console.table(("line", "triples map", "source", "columns", "joined to", "functions"), rows)


@app.command()
def show(
    mapping: Annotated[
        str, typer.Argument(help="A source of `vises ingest`, or a file as for `check`.")
    ],
) -> None:
    """Print the Python functions that a mapping is compiled to: a row in, N-Quads out.

    There is one for the rows of each source, and one for each join. A column is `c` with its
    number; where it is empty, the lines under its `if` make nothing.

    **Examples**

        vises mapping show sirene
        vises mapping show people.yml
    """
    base_iri = _base_iri()
    if mapping in SOURCES:
        source = SOURCES[mapping]
        read = read_mapping(source.mapping, base_iri)
        columns = source.columns
    elif not Path(mapping).exists():
        raise NotFound(
            f"There is neither a source nor a file {mapping!r}.",
            remedy=f"The sources are: {', '.join(sorted(SOURCES))}.",
        )
    else:
        read = read_mapping(Path(mapping), base_iri)
        columns = {each.name: _columns(read, each.name) for each in read.logical_sources}
    sys.stdout.write("\n\n".join(_code(read, columns, base_iri)))


@app.command()
def run(
    file: File,
    source: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=PATH: the file, zip or folder to read for the source that the mapping calls"
            " NAME, also several; just PATH where it has one source.",
            show_default="the paths in the mapping",
        ),
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(min=1, help="Read so many rows of each source.", show_default="all"),
    ] = None,
) -> None:
    """Map files and write N-Quads on standard output; nothing is published.

    Paths in the mapping start from the current folder, or from that of the mapping where it says
    rml:MappingDirectory. Tables may be CSV, TSV, Excel or Parquet, JSON is read by JSONPath, all
    of them also in a zip or with gzip. Rows of which no term can be made are told on standard
    error, and the command ends with 1. A line may come twice, which means nothing in RDF.

    **Examples**

        vises mapping run people.yml
        vises mapping run people.yml --rows 3
        vises mapping run people.rml.ttl --source people.csv=export-2026.xlsx
        vises mapping run people.rml.ttl --source export.zip | sort -u > people.nq
    """
    base_iri = _base_iri()
    mapping = read_mapping(file, base_iri)
    given = _given(mapping, source or [])
    opened = {
        each.name: _open(mapping, each, given.get(each.path), file.parent)
        for each in mapping.logical_sources
    }
    problems = 0
    with TemporaryDirectory(prefix="vises-mapping-") as folder:
        for made in Run(mapping, opened, base_iri, Path(folder), rows).quads():
            if not isinstance(made, Problem):
                sys.stdout.write(made)
                continue
            problems += 1
            if problems <= MOST_PROBLEMS:
                console.note(f"{made.place}: {made.reason}")
    if problems:
        console.note(f"Rows that could not be mapped: {problems:,}.")
        raise typer.Exit(1)


@app.command()
def translate(file: File) -> None:
    """Print the RML in Turtle that a YARRRML file stands for.

    **Examples**

    ```
    vises mapping translate people.yml > people.rml.ttl
    ```
    """
    sys.stdout.write(read_yarrrml(file).turtle)


def _base_iri() -> str:
    return Settings.from_env(os.environ).base_iri


def _columns(mapping: Mapping, name: str) -> tuple[str, ...]:
    """Return the columns that a mapping needs of a source, as if they were the whole of it."""
    source = next(each for each in mapping.logical_sources if each.name == name)
    used = sorted(mapping.columns(name))
    return Records(source, used, ()).columns if source.typed else tuple(used)


def _code(mapping: Mapping, columns: dict[str, tuple[str, ...]], base_iri: str) -> Iterator[str]:
    for name, names in columns.items():
        yield compile_mapping(mapping, name, names or ("",), base_iri=base_iri).code
        for join in mapping.joins(name):
            parents = columns[join.parent.source]
            yield compile_join(mapping, join, names, parents, base_iri=base_iri).code


def _open(
    mapping: Mapping, source: LogicalSource, given: list[Path] | None, mapping_folder: Path
) -> Rows:
    """Open a source from the files that are given, else from those that the mapping names."""
    try:
        paths = given or files_of(source, Path(), mapping_folder)
        return open_rows(mapping, source, paths, SILENCE)
    except InputMissing as missing:
        raise InputMissing(
            f"{missing.detail} The mapping reads it as {source.path!r}.",
            place=missing.place,
            remedy=f"Correct the name, or name the file: --source {quote(source.path)}=PATH.",
        ) from None


def _given(mapping: Mapping, stated: list[str]) -> dict[str, list[Path]]:
    """Return the files that --source names, by the paths in the mapping."""
    names = list(dict.fromkeys(each.path for each in mapping.logical_sources))
    given: dict[str, list[Path]] = {}
    for each in stated:
        name, equals, path = each.partition("=")
        if not equals and len(names) == 1:
            name, path = names[0], each
        if name not in names or not path:
            raise BadRequest(
                f"The mapping has no source {name!r}.",
                place="--source",
                remedy=f"Write NAME=PATH; its sources are {', '.join(names)}.",
            )
        given.setdefault(name, []).append(Path(path))
    return given
