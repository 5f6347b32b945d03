"""A partner as the inbox knows it: a name, a graph, a state."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.errors import sentence
from vises.ingest.cids import standard
from vises.namespaces import Iris
from vises.service.inbox.errors import NoSuchPartner
from vises.service.inbox.ledger import Ledger

if TYPE_CHECKING:
    from vises.service.access.rights import Rights
    from vises.service.inbox.ledger import Record
    from vises.service.site import Site
    from vises.store.record import Release

PATH = "/inbox"
PREFIX = "partner/"
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""The names of partners."""


@dataclass(frozen=True)
class Partner:
    """A partner: its name, its graph, and its deliveries."""

    name: str
    graph: NamedNode
    ledger: Ledger

    @property
    def path(self) -> str:
        """The address of its inbox."""
        return f"{PATH}/{self.name}"

    def current(self, state: str | None) -> Record | None:
        """Return the delivery that a state (digest) of the graph comes from, where it is known."""
        return next((r for r in self.ledger.read() if r.taken and r.state == state), None)


def partner_of(name: str, site: Site) -> Partner:
    """Return the partner of a name in an address. Raises `NoSuchPartner` for what is no name."""
    if not NAME.fullmatch(name):
        raise NoSuchPartner(
            sentence("not-a-partner", "That is not the name of a partner."),
            place="address",
            remedy=sentence(
                "partner-names", "Names have small letters, digits and hyphens, at most 63."
            ),
        )
    graph = Iris(site.settings.base_iri).graph(f"{PREFIX}{name}")
    return Partner(name, graph, Ledger(site.settings.data, name))


def standards_met(site: Site, release: Release) -> dict[str, list[NamedNode]]:
    """Return the tiers of CIDS that the graphs of partners meet in a release, by their IRIs.

    Only what the official shapes judged is told. Raises `OSError`.
    """
    beginning = Iris(site.settings.base_iri).graph(PREFIX).value
    found = {}
    for graph, state in release.digests.items():
        name = graph.removeprefix(beginning)
        if graph.startswith(beginning) and NAME.fullmatch(name):
            record = partner_of(name, site).current(state)
            met = [t["name"] for t in record.tiers if t["met"] and t["official"]] if record else []
            found[graph] = [NamedNode(standard.iri(f"cids:{tier}Tier")) for tier in met]
    return found


def demand_known(partner: Partner, rights: Rights, state: str | None) -> None:
    """Raise `NoSuchPartner` for a graph that the request may not know of, or that never was."""
    graph = partner.graph.value
    hidden = graph in rights.hidden
    if not rights.may_write(graph) and (hidden or state is None):
        raise NoSuchPartner(
            sentence(
                "no-partner",
                "No partner {partner!r} has delivered anything.",
                partner=partner.name,
            ),
            place="address",
            remedy=sentence(
                "partner-known",
                "A partner is known by its first delivery; the operator of the service gives out"
                " its token: `vises tokens create --write --graph {graph}`.",
                graph=graph,
            ),
        )
