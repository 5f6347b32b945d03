"""Laying out the portrait of an enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.namespaces import term
from vises.service.citation import citation
from vises.service.pages.compose import compose
from vises.service.pages.kinds.enterprise.claims import claims_of
from vises.service.pages.kinds.enterprise.gathering import gather
from vises.service.pages.kinds.enterprise.identity import identity_of
from vises.service.pages.kinds.enterprise.impact import impact_of
from vises.service.pages.kinds.enterprise.path import trials_of
from vises.service.pages.kinds.enterprise.region import figures_of
from vises.service.pages.rest import rest
from vises.service.pages.sources import Sources
from vises.service.pages.subject import Laid
from vises.service.pages.telling import Telling

if TYPE_CHECKING:
    from vises.service.pages.kinds.enterprise.gathering import Gathered
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.pages.subject import Subject

_IN_A_LINE = ("vises:legalForm", "vises:region", "vises:activity", "vises:operatingStatus")
_MORE = {
    "claims": "enterprise-claims",
    "results": "enterprise-results",
    "accounts": "enterprise-accounts",
    "memberships": "enterprise-memberships",
    "links": "enterprise-links",
    "neighbours": "enterprise-neighbours",
}


async def enterprise(subject: Subject) -> Laid:
    """Return the portrait of an enterprise. Raises what `Graph.select` does."""
    gathered = await gather(subject)
    speaker = await subject.speaker(gathered.mentioned())
    sources = Sources()
    page = compose(gathered.own, speaker, sources=sources)
    around = Telling(speaker, sources)
    telling = Telling(speaker.unmarked(), sources) if page.fictitious else around
    others = compose(gathered.others, telling.speaker, sources=sources)
    context: dict[str, object] = {
        "page": page,
        "line": _line(gathered, speaker),
        "identity": identity_of(gathered, telling, fictitious=page.fictitious),
        "claims": claims_of(gathered, telling),
        "impact": impact_of(gathered, telling),
        "trials": trials_of(gathered, telling),
        "figures": figures_of(gathered, around),
        "neighbours": [telling.speaker.thing(n.value) for n in gathered.neighbours],
        "neighbours_cut": gathered.neighbours_cut,
        "incoming": others.incoming,
        "incoming_cut": others.incoming_cut,
        "more_links": {name: rest(query, subject.iri) for name, query in _MORE.items()},
        "cited": citation(subject, speaker),
    }
    return Laid("enterprise.html", context | {"sources": sources.mentions(speaker)})


def _line(gathered: Gathered, speaker: Speaker) -> list[Mention]:
    """Return what tells in one line what it is: form, region, activity, and its status."""
    said = {
        quad.predicate: quad.object
        for quad in reversed(gathered.own.own)
        if isinstance(quad.object, NamedNode)
    }
    found = (said.get(term(name)) for name in _IN_A_LINE)
    return [speaker.value(value) for value in found if value is not None]
