"""What a partner may say: nothing in the name of others, and of sameness a claim, not a merge."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from vises.errors import sentence
from vises.ingest.partners.errors import ForgedProvenance
from vises.namespaces import PREFIXES, Iris, term

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet
    from datetime import date

SAME = {term("owl:sameAs"), term("skos:exactMatch"), term("skos:closeMatch")}
DECLARED = NamedNode(f"{PREFIXES['code']}match-basis/declared")
ENTERPRISE = "enterprise/"
ACTIVITY = term("vises:IngestActivity")
MADE = {term("prov:generated"), term("prov:wasGeneratedBy")}
TYPE = term("rdf:type")


def demand_own_voice(
    triples: Iterable[Triple], graph: NamedNode, base_iri: str, place: str
) -> None:
    """Raise `ForgedProvenance` for statements that only the service itself may make.

    These are statements about a dataset other than the partner's own, about an activity of the
    service, and those that make something an activity of ingest or the outcome of one of ours.
    """
    datasets, activities = Iris(base_iri).graph("").value, Iris(base_iri).of("activity/").value

    def of_others(node: object) -> bool:
        iri = node.value if isinstance(node, NamedNode) else ""
        own = iri == graph.value or iri.startswith((f"{graph.value}/", f"{graph.value}#"))
        return iri.startswith((datasets, activities)) and not own

    for triple in triples:
        made = triple.predicate in MADE and of_others(triple.object)
        if of_others(triple.subject) or made or triple.object == ACTIVITY:
            raise ForgedProvenance(
                sentence(
                    "for-others",
                    "{triple} is for others to say.",
                    triple=f"{triple.subject} {triple.predicate} {triple.object}",
                ),
                place=place,
                remedy=sentence(
                    "leave-others-out",
                    "Leave out what the delivery says of other datasets and of the activities "
                    "of the service; describe your own dataset at will.",
                ),
            )


def links_as_claims(
    triples: AbstractSet[Triple], graph: NamedNode, base_iri: str, day: date
) -> frozenset[Triple]:
    """Return triples with each owl:sameAs and match of an enterprise of ours as a claim.

    A claim is a vises:IdentityLink: which enterprise, which other record, declared by the partner,
    on `day`, with the partner's graph as its source. What it replaces is left out, so that nothing
    merges two things. Statements of sameness between other things stay as they are, except
    owl:sameAs, which becomes skos:closeMatch.
    """
    ours = Iris(base_iri).of(ENTERPRISE).value
    out: set[Triple] = set()
    for triple in triples:
        if triple.predicate not in SAME:
            out.add(triple)
            continue
        enterprise, other = _in_order(triple, ours)
        if enterprise is None or not isinstance(other, NamedNode):
            predicate = term("skos:closeMatch")
            weaker = Triple(triple.subject, predicate, triple.object)
            out.add(weaker if triple.predicate == term("owl:sameAs") else triple)
        elif enterprise != other:
            out |= _claim(enterprise, other, graph, day)
    return frozenset(out)


def _in_order(triple: Triple, ours: str) -> tuple[NamedNode | None, object]:
    """Return which end of a link is an enterprise of ours (None: neither), and the other end."""
    for one, other in ((triple.subject, triple.object), (triple.object, triple.subject)):
        if isinstance(one, NamedNode) and one.value.startswith(ours):
            return one, other
    return None, triple.object


def _claim(
    enterprise: NamedNode, other: NamedNode, graph: NamedNode, day: date
) -> frozenset[Triple]:
    pair = f"{enterprise.value} {other.value}".encode()
    name = hashlib.sha256(pair).hexdigest()[:16]
    link = NamedNode(f"{graph.value}/identity/{name}")
    return frozenset(
        {
            Triple(link, TYPE, term("vises:IdentityLink")),
            Triple(link, term("vises:about"), enterprise),
            Triple(link, term("vises:matches"), other),
            Triple(link, term("vises:matchBasis"), DECLARED),
            Triple(link, term("vises:asOf"), Literal(day.isoformat(), datatype=term("xsd:date"))),
            Triple(link, term("dcterms:source"), graph),
        }
    )
