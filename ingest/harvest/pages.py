"""The pages of a harvest: each one is fetched, judged and kept, so that a killed one goes on."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
    serialize,
)

from vises.errors import BadRequest
from vises.ingest.harvest.description import (
    KEY,
    Harvest,
    construct_query,
    count_query,
    seek_query,
    things_query,
)
from vises.ingest.harvest.pacing import Pacer
from vises.ingest.harvest.transport import Transport
from vises.store.federation.answers import UnusableAnswer, check_json
from vises.store.files import write_durably
from vises.store.nesting import nests_too_deeply, xml_nests_too_deeply

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vises.ingest.harvest.transport import Answer
    from vises.progress import Progress
    from vises.store.federation.partners import Partner

SOLUTIONS = ("application/sparql-results+json",)
TRIPLES = {
    "application/n-triples": RdfFormat.N_TRIPLES,
    "text/turtle": RdfFormat.TURTLE,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
MOST_BYTES = 1 << 28
"""How much a harvest may hold; it is judged as a whole."""


@dataclass(frozen=True)
class Page:
    """A page that is kept: the things on it, and what is said of them as N-Triples."""

    things: tuple[str, ...]
    triples: Path


def partner_for(endpoint: str, partners: Sequence[Partner]) -> Partner:
    """Return the partner with this endpoint. Raises `BadRequest` where none is listed."""
    for partner in partners:
        if partner.endpoint == endpoint:
            return partner
    raise BadRequest(
        "The endpoint is not one of the partners that may be called.",
        place=endpoint,
        remedy="List it in the file that VISES_PARTNERS names, letter by letter.",
    )


class Pages:
    """The pages of one harvest in a folder of the data folder, named by what decides on them."""

    def __init__(self, harvest: Harvest, data_folder: Path) -> None:
        """Name the folder."""
        made_of = [
            *(harvest.endpoint, harvest.key, harvest.things, harvest.construct),
            *(harvest.page, harvest.paging),
        ]
        name = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]
        self._folder = data_folder / "harvest" / name
        self._harvest = harvest

    def fetch(self, partner: Partner, progress: Progress) -> Path:
        """Fetch the pages that are not kept yet; return one file of all. Raises `HarvestFailed`.

        Each page begins with the last thing of the one before. So an endpoint whose order moves
        while it is read, and one that gives the same page again, are found out. Where pages go by
        their last thing, one that orders otherwise than it compares would leave things out: their
        order is judged, and their number at the end.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        transport = Transport(partner)
        pacer = Pacer(transport, self._harvest.pause)
        pages = self._kept()
        if pages:
            progress.note(f"{len(pages)} pages are there already.")
        seen = {thing for page in pages for thing in page.things}
        last = pages[-1].things[-1] if pages else ""
        while things := self._things(pacer, transport, len(seen), last):
            if seen.intersection(things) or len(set(things)) < len(things):
                raise transport.failed(*_REPEATED)
            pages.append(self._page(pacer, transport, len(pages) + 1, things))
            seen.update(things)
            last = things[-1]
            if sum(page.triples.stat().st_size for page in pages) > MOST_BYTES:
                raise transport.failed(
                    f"it has more than {MOST_BYTES >> 20} MiB of what is asked for",
                    "Ask for fewer things, in several datasets.",
                )
            progress.note(f"Page {len(pages)}: {len(seen):,} things.")
        if not pages:
            raise transport.failed("it lists nothing", "Try the query for the things by hand.")
        if self._harvest.paging == KEY:
            self._demand_all(pacer, transport, len(seen))
        return self._joined(pages)

    def close(self) -> None:
        """Let the next harvest ask for all of it anew; what was said of the things stays there."""
        for listed in self._folder.glob("page-*.json"):
            listed.unlink()

    def forget(self) -> None:
        """Remove what is kept."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _things(self, pacer: Pacer, transport: Transport, count: int, last: str) -> tuple[str, ...]:
        """Return the things of the next page, none after the last one."""
        overlap = 1 if last else 0
        limit = self._harvest.page + overlap
        by_key = self._harvest.paging == KEY
        query = (
            seek_query(self._harvest, last[1:-1], limit)
            if by_key
            else things_query(self._harvest, count - overlap, limit)
        )
        answer = pacer.ask(query, SOLUTIONS)
        things = _listed(transport, answer, self._harvest.key)
        if overlap and (not things or things[0] != last):
            raise transport.failed(*_REPEATED)
        if len(things) > limit:
            raise transport.failed("it gives more things than LIMIT allows")
        if by_key and any(a[1:-1] > b[1:-1] for a, b in pairwise(things)):
            raise transport.failed(
                "it does not order IRIs by their characters", "Write paging: offset."
            )
        return things[overlap:]

    def _demand_all(self, pacer: Pacer, transport: Transport, count: int) -> None:
        """Raise `HarvestFailed` where the endpoint counts another number of things."""
        answer = pacer.ask(count_query(self._harvest), SOLUTIONS)
        told = _solutions(transport, answer, "count")
        number = told[0].value if len(told) == 1 and isinstance(told[0], Literal) else "no number"
        if number != str(count):
            raise transport.failed(
                f"its pages have {count:,} things, and it counts {number[:20]}: what it holds has"
                " changed while it was read, or it orders otherwise than it compares",
                "Start afresh with --fresh; if it happens again, write paging: offset.",
            )

    def _page(
        self, pacer: Pacer, transport: Transport, number: int, things: tuple[str, ...]
    ) -> Page:
        answer = pacer.ask(construct_query(self._harvest, list(things)), tuple(TRIPLES))
        triples = _ntriples(transport, answer)
        if not triples:
            raise transport.failed(f"it says nothing of {len(things)} things that it lists")
        page = Page(things, self._folder / f"page-{number:06}.nt")
        write_durably(page.triples, triples)
        write_durably(page.triples.with_suffix(".json"), json.dumps(things).encode())
        return page

    def _joined(self, pages: Sequence[Page]) -> Path:
        """Write the pages into one file, which has the name of the endpoint's host."""
        host = urlsplit(self._harvest.endpoint).hostname or ""
        path = self._folder / f"{host}.nt"
        write_durably(path, b"".join(page.triples.read_bytes() for page in pages))
        return path

    def _kept(self) -> list[Page]:
        """Return the pages that were fetched and written whole, in their order."""
        pages: list[Page] = []
        while (listed := self._folder / f"page-{len(pages) + 1:06}.json").exists():
            things = tuple(json.loads(listed.read_text("utf-8")))
            pages.append(Page(things, listed.with_suffix(".nt")))
        return pages


_REPEATED = (
    (
        "a page does not begin where the one before it ended: it gives the same page again, or what"
        " it holds has changed while it was read"
    ),
    (
        "Start afresh with --fresh; if it happens again, the endpoint does not honour ORDER BY and"
        " OFFSET: write paging: key in the description."
    ),
)


def _listed(transport: Transport, answer: Answer, key: str) -> tuple[str, ...]:
    """Return the things of a page of solutions, as N-Triples writes them."""
    found = _solutions(transport, answer, key)
    wrong = [str(each) for each in found if not isinstance(each, NamedNode)]
    if wrong:
        raise transport.failed(
            f"it lists {wrong[0][:80]}, which is no IRI",
            f"Let the query for the things list IRIs alone: FILTER(isIRI(?{key})).",
        )
    return tuple(map(str, found))


def _solutions(transport: Transport, answer: Answer, key: str) -> list[object]:
    """Return the values of the one variable of an answer."""
    try:
        check_json(answer.body)
        solutions = parse_query_results(answer.body, QueryResultsFormat.JSON)
        if not isinstance(solutions, QuerySolutions) or [v.value for v in solutions.variables] != [
            key
        ]:
            raise transport.failed(f"its answer has not the one variable ?{key}")
        return [solution[0] for solution in solutions]
    except UnusableAnswer as error:
        raise transport.failed(error.why) from None
    except (SyntaxError, ValueError) as error:
        raise transport.failed(f"its answer is no JSON results: {str(error)[:200]}") from None


def _ntriples(transport: Transport, answer: Answer) -> bytes:
    """Return the triples of an answer, read to its end, as N-Triples.

    Its blank nodes get labels that no other page has.
    """
    form = TRIPLES[answer.media_type]
    deep = xml_nests_too_deeply if form == RdfFormat.RDF_XML else nests_too_deeply
    if deep(answer.body):
        raise transport.failed("its answer has triple terms in one another too often")
    try:
        base = transport.partner.endpoint
        quads = parse(answer.body, format=form, base_iri=base, rename_blank_nodes=True)
        text = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError) as error:
        raise transport.failed(f"its answer is no {form.name}: {str(error)[:200]}") from None
    assert text is not None
    return text
