"""A delivery of a partner, read, translated and judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.ingest.cids import translation
from vises.ingest.cids.exchange import document_results, judged
from vises.ingest.cids.tiers import Tier, speaks_cids, tiers
from vises.ingest.partners.claims import demand_own_voice, links_as_claims
from vises.ingest.partners.reading import read_delivery
from vises.validation.report import Report

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from pyoxigraph import NamedNode, Triple

CIDS, VISES = "cids", "vises"


@dataclass(frozen=True)
class Delivery:
    """What is to be judged: bytes of a media type that a partner sends for its graph on a day.

    `place` names the document in the report; `shapes` is the folder with the official shapes of
    CIDS.
    """

    data: bytes
    media_type: str
    graph: NamedNode
    base_iri: str
    day: date
    place: str = "body"
    shapes: Path | None = None


@dataclass(frozen=True)
class Judged:
    """A delivery in VISES terms, as it was `given`, in which vocabulary, its reports and tiers.

    `document` has what is wrong with the document itself, whatever is published beside it; `whole`
    has besides what the shapes of VISES find in it alone. `taken` has that without violations,
    which things that are published already resolve where the gate lets the graph through.
    """

    triples: frozenset[Triple]
    given: frozenset[Triple]
    vocabulary: str
    document: Report
    whole: Report
    taken: Report
    tiers: tuple[Tier, ...]


def judge_delivery(delivery: Delivery) -> Judged:
    """Judge a delivery. Raises what `read_delivery` and `demand_own_voice` do.

    The tiers are those of what came, where it came in CIDS; else of its translation to CIDS.
    """
    graph, place = delivery.graph, delivery.place
    given, defects = read_delivery(delivery.data, delivery.media_type, graph, place)
    demand_own_voice(given, graph, delivery.base_iri, place)
    claimed = links_as_claims(given, graph, delivery.base_iri, delivery.day)
    cids = speaks_cids(claimed)
    triples = translation.to_vises(claimed) if cids else claimed
    found = [*defects, *document_results(claimed, place)] if cids else []
    ours = judged(triples, place)
    remarks = [result for result in ours.results if not result.is_violation]
    return Judged(
        triples,
        claimed,
        CIDS if cids else VISES,
        Report.of(found),
        Report.of([*found, *ours.results], complete=ours.complete),
        Report.of([*found, *remarks], complete=ours.complete),
        tiers(claimed if cids else translation.to_cids(triples), delivery.shapes),
    )
