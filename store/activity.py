"""A release as RDF: what made it, from what, when and by whom (PROV-O)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from vises.namespaces import PREFIXES, date_time, term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.namespaces import Iris
    from vises.store.record import Release


def release_description(release: Release, iris: Iris) -> bytes:
    """Return the Turtle that describes a release.

    It is a prov:Entity (a revision of its parent, with the graphs of its datasets as members) that
    the activity of its transaction generated (PROV-O, section 3).
    """
    prefixes = {name: PREFIXES[name] for name in ("dcterms", "prov", "xsd")}
    turtle = serialize(_statements(release, iris), format=RdfFormat.TURTLE, prefixes=prefixes)
    assert turtle is not None  # it is written to no file
    return turtle


def _statements(release: Release, iris: Iris) -> Iterator[Triple]:
    entity = iris.of(f"release/{release.id}")
    activity = iris.of(f"activity/release-{release.id}")
    parent = iris.of(f"release/{release.parent}") if release.parent else None
    agent = BlankNode("agent")
    yield Triple(entity, term("rdf:type"), term("prov:Entity"))
    yield Triple(entity, term("dcterms:identifier"), Literal(release.id))
    yield Triple(entity, term("dcterms:description"), Literal(release.message))
    yield Triple(entity, term("dcterms:issued"), date_time(release.created))
    if parent:
        yield Triple(entity, term("prov:wasRevisionOf"), parent)
    for graph in release.counts:
        yield Triple(entity, term("prov:hadMember"), NamedNode(graph))
    yield Triple(entity, term("prov:wasGeneratedBy"), activity)
    yield Triple(activity, term("rdf:type"), term("prov:Activity"))
    if parent:
        yield Triple(activity, term("prov:used"), parent)
    yield Triple(activity, term("prov:startedAtTime"), date_time(release.started))
    yield Triple(activity, term("prov:endedAtTime"), date_time(release.created))
    yield Triple(activity, term("prov:wasAssociatedWith"), agent)
    yield Triple(agent, term("rdf:type"), term("prov:Agent"))
    yield Triple(agent, term("dcterms:title"), Literal(release.author))
