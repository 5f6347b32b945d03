"""The profiles of a description, made from the data: by a fixed query, or by a table of terms."""

from __future__ import annotations

import asyncio
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from vises.ingest import jsonld
from vises.ingest.cids import standard, translation
from vises.ingest.cids.organisation import report_of
from vises.namespaces import PREFIXES, term
from vises.service.formats import GRAPH_TYPES
from vises.service.graph import everything
from vises.service.rdf import written
from vises.store.engine import DescribeRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vises.service.graph import Graph
    from vises.service.resources.links import Links
    from vises.service.resources.profiles import Profile

_ORGANISATIONS = {term("vises:Enterprise").value, term("org:Organization").value}
ALTR = "http://www.w3.org/ns/dx/connegp/altr#"


@cache
def profile_query(name: str) -> str:
    """Return the text of queries/profiles/NAME.rq, a CONSTRUCT of what is about ?resource."""
    return (files("vises") / "queries" / "profiles" / f"{name}.rq").read_text("utf-8")


async def in_cids(
    graph: Graph, iri: str, types: Sequence[str], media_type: str, language: str
) -> bytes:
    """Return what is said of a thing as the Common Impact Data Standard says it.

    What it has no term for keeps ours; of names in several languages, that in `language` is taken.
    An enterprise or an impact model comes with the results, outcomes and indicators around it, as
    the Basic tier asks for; a result with the unit of its indicator.
    """
    request = DescribeRequest((iri,), GRAPH_TYPES["nt"], graph.hidden, documents=graph.documents)
    body = await everything(await graph.engine.answer(request, graph.release_id))
    given = [quad.triple for quad in parse(body, RdfFormat.N_TRIPLES)]
    organisation = _organisation(NamedNode(iri), types, given)
    query = profile_query("cids-unit" if organisation is None else "cids-organisation")
    if organisation is not None or term("vises:IndicatorResult").value in types:
        given += await graph.triples(query.replace("{ }", f"{{ {NamedNode(iri)} }}", 1))

    def translated() -> bytes:
        if organisation is None:
            made = translation.to_cids(given, language)
        else:
            made = report_of(organisation, given, language)
        if media_type == GRAPH_TYPES["jsonld"]:
            return jsonld.write(made, standard.BRIDGE).encode()
        return written(made, media_type, {**PREFIXES, **standard.prefixes()})

    return await asyncio.to_thread(translated)


def _organisation(
    thing: NamedNode, types: Sequence[str], given: Iterable[Triple]
) -> NamedNode | None:
    """Return the organisation that a thing reports on: itself, or the one of an impact model."""
    if _ORGANISATIONS & set(types):
        return thing
    if term("vises:ImpactModel").value not in types:
        return None
    about = (t.object for t in given if t.subject == thing and t.predicate == term("vises:about"))
    return next((node for node in about if isinstance(node, NamedNode)), None)


def alternates(iri: str, links: Links, origin: str, media_type: str) -> bytes:
    """Return which representations there are of a thing, in the terms of ALTR (appendix A)."""
    prefixes = {"altr": ALTR, "dcterms": PREFIXES["dcterms"]}
    return written(_representations(NamedNode(iri), links, origin), media_type, prefixes)


def _representations(iri: NamedNode, links: Links, origin: str) -> Iterator[Triple]:
    first = True
    for profile, media_type, address in links.forms():
        representation = NamedNode(origin + address)
        relation = "hasDefaultRepresentation" if first else "hasRepresentation"
        yield Triple(iri, NamedNode(ALTR + relation), representation)
        yield Triple(representation, term("rdf:type"), NamedNode(f"{ALTR}Representation"))
        yield Triple(representation, term("dcterms:format"), Literal(media_type))
        yield Triple(representation, term("dcterms:conformsTo"), NamedNode(profile.iri))
        first = False


def profile_descriptions(profiles: Iterable[Profile], media_type: str) -> bytes:
    """Return the profiles in the terms of the Profiles Vocabulary, with their tokens."""
    prof = "http://www.w3.org/ns/dx/prof/"

    def triples() -> Iterator[Triple]:
        for profile in profiles:
            iri = NamedNode(profile.iri)
            yield Triple(iri, term("rdf:type"), NamedNode(f"{prof}Profile"))
            yield Triple(iri, NamedNode(f"{prof}hasToken"), Literal(profile.token))

    return written(triples(), media_type, {"prof": prof})
