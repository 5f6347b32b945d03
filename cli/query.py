"""The command that asks: query."""

from __future__ import annotations

import asyncio
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vises import console
from vises.cli.common import named, read_file
from vises.errors import BadInput, BadRequest, NotFound
from vises.service import formats
from vises.service.questions import questions
from vises.settings import Settings
from vises.store.comparison import compare
from vises.store.engine import NotAcceptable, QueryRequest
from vises.store.federation.federation import Federation
from vises.store.federation.partners import read_partners
from vises.store.releases import Release, ReleaseStore
from vises.store.workers import WorkerPool

GRAPH_TYPES = {
    "turtle": formats.GRAPH_TYPES["ttl"],
    "ntriples": formats.GRAPH_TYPES["nt"],
    "jsonld": formats.GRAPH_TYPES["jsonld"],
    "rdfxml": formats.GRAPH_TYPES["rdf"],
}
RESULT_TYPES = {"table": formats.RESULT_TYPES["json"], **formats.RESULT_TYPES}


class QueryFormat(StrEnum):
    """How the answer to a query is written."""

    table = "table"
    csv = "csv"
    tsv = "tsv"
    json = "json"
    xml = "xml"
    arrow = "arrow"
    parquet = "parquet"
    turtle = "turtle"
    ntriples = "ntriples"
    jsonld = "jsonld"
    rdfxml = "rdfxml"


_FORMATS = (
    f"SELECT and ASK are written as {', '.join(RESULT_TYPES)}; CONSTRUCT and DESCRIBE as "
    f"{', '.join(GRAPH_TYPES)}."
)
COMPARED_FORMATS = {None, QueryFormat.table, QueryFormat.tsv}


def query(
    text: Annotated[str | None, typer.Argument(help="SPARQL, or - for standard input.")] = None,
    *,
    file: Annotated[Path | None, typer.Option(help="A file that holds the query.")] = None,
    question: Annotated[str | None, typer.Option(help="A competency question, such as E1.")] = None,
    release: Annotated[
        str | None, typer.Option(help="A release, or current.", show_default="the current one")
    ] = None,
    compared_with: Annotated[
        str | None, typer.Option(help="An earlier release: show what was removed and added.")
    ] = None,
    answer_format: Annotated[
        QueryFormat | None, typer.Option("--format", help="A comparison is a table, or tsv.")
    ] = None,
) -> None:
    """Ask the data folder a SPARQL 1.1 query, without a server.

    SELECT and ASK answer as table, csv, tsv, json, xml, arrow or parquet; CONSTRUCT and DESCRIBE as
    turtle, ntriples, jsonld or rdfxml. The default graph is the union of all datasets.

    **Examples**

        vises query --question M1
        vises query "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        vises query --file mine.rq --format csv --release 000003 > answer.csv
        vises query --question I1 --format parquet > answer.parquet
        vises query --question E7 --release 000009 --compared-with 000008
    """
    settings = Settings.from_env(os.environ)
    sparql = _query_text(text, file, question)
    if compared_with is not None and answer_format not in COMPARED_FORMATS:
        raise BadRequest(
            f"A comparison is not written as {answer_format}.",
            place="--format",
            remedy="Write it as table or tsv, or leave the option out.",
        )
    store = ReleaseStore(settings.data)
    asked = named(store, settings, release)
    shown = answer_format or (QueryFormat.table if sys.stdout.isatty() else QueryFormat.tsv)
    request = QueryRequest(
        query=sparql,
        results_type=RESULT_TYPES.get(shown),
        graph_type=GRAPH_TYPES.get(answer_format or QueryFormat.turtle),
        base_iri=settings.base_iri,
    )
    pool = WorkerPool(
        store,
        size=1,
        query_seconds=settings.query_seconds,
        mebibytes=settings.worker_mebibytes,
        federation=Federation.of(read_partners(settings.partners)),
    )
    if compared_with is None:
        asyncio.run(_write_answer(pool, request, asked, as_table=shown is QueryFormat.table))
    else:
        before = named(store, settings, compared_with).id
        asyncio.run(
            _write_comparison(pool, request, before, asked.id, as_table=shown is QueryFormat.table)
        )


async def _write_answer(
    pool: WorkerPool, request: QueryRequest, release: Release, *, as_table: bool
) -> None:
    await pool.start()
    try:
        try:
            answer = await pool.answer(request, release.id)
        except NotAcceptable as error:
            raise NotAcceptable(error.detail, place="--format", remedy=_FORMATS) from None
        if as_table and answer.media_type == RESULT_TYPES["table"]:
            console.solutions(b"".join([chunk async for chunk in answer.chunks]))
            return
        async for chunk in answer.chunks:
            sys.stdout.buffer.write(chunk)
    finally:
        await pool.close()


async def _write_comparison(
    pool: WorkerPool, request: QueryRequest, before: str, after: str, *, as_table: bool
) -> None:
    await pool.start()
    try:
        lines = await compare(pool, request.query, before, after, base_iri=request.base_iri)
    finally:
        await pool.close()
    if as_table:
        head, *rows = (line.split("\t") for line in lines)
        console.table(head, rows)
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines)


def _query_text(text: str | None, file: Path | None, question: str | None) -> str:
    given = [g for g in (text, file, question) if g is not None]
    if len(given) != 1:
        raise BadRequest(
            f"{len(given)} queries are given.",
            remedy="Give one: the text, --file FILE, --question ID, or - for standard input.",
        )
    if question is not None:
        found = questions().get(question.upper())
        if found is None:
            raise NotFound(
                f"There is no question {question!r}.",
                remedy=f"The questions are: {', '.join(sorted(questions()))}.",
            )
        return found.sparql
    try:
        return _bytes(text, file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(
            "The query is not in UTF-8.",
            place=str(file) if file else "standard input" if text == "-" else "command line",
            remedy="Write it in UTF-8.",
        ) from None


def _bytes(text: str | None, file: Path | None) -> bytes:
    """Return a query as it came: from the command line, standard input or a file."""
    if file is not None:
        return read_file(file)
    assert text is not None
    return sys.stdin.buffer.read() if text == "-" else text.encode("utf-8", "surrogateescape")
