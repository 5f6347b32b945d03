"""Laying out the page of a dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode

from vises.namespaces import Iris, term
from vises.service.citation import citation
from vises.service.graphstore.target import GRAPHS
from vises.service.iris import in_release, last_part
from vises.service.pages.compose import compose
from vises.service.pages.kinds.dataset import batches, contents
from vises.service.pages.kinds.dataset.jsonld import Described, Download, dataset_jsonld
from vises.service.pages.sources import Sources
from vises.service.pages.subject import Laid
from vises.service.pages.telling import Telling
from vises.service.pages.things import described, found
from vises.service.public import origin_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.iris import Addresses
    from vises.service.pages.labels import Name
    from vises.service.pages.model import Mention, ResourcePage, Value
    from vises.service.pages.subject import Subject
    from vises.service.pages.things import Thing

MOST_VALUES = 20
MOST_WARNINGS = 30
_ELSEWHERE = {term(name) for name in ("dcat:distribution", "prov:wasGeneratedBy")}
_FIRST_ROWS = "SELECT * WHERE { ?subject ?property ?value } LIMIT 100\n"


@dataclass(frozen=True)
class Warned:
    """A warning: the shape that gives it, what it says, and how often it was met."""

    shape: Value
    message: Name | None
    times: Mention | None


@dataclass(frozen=True)
class Form:
    """A download: its name, its address here, and its media type."""

    name: str
    href: str
    media_type: str


async def dataset(subject: Subject) -> Laid:
    """Return the page of a dataset. Raises what `Graph.select` does."""
    graph, iri, visit = subject.visit.graph, subject.iri, subject.visit
    own = subject.portrait(MOST_VALUES, without=_ELSEWHERE)
    itself = (await described(graph, [iri])).get(iri)
    ingests = await batches.gather(graph, iri)
    warnings = await found(graph, "dataset-warnings", [iri], MOST_WARNINGS)
    shapes = await described(graph, [s for s in map(_shape, warnings.things) if s])
    parts = _objects(itself, "dcat:distribution")[:MOST_VALUES]
    distributions = await described(graph, parts)
    held = await contents.counted(visit, iri)
    speaker = await subject.speaker(
        {
            *own.mentioned(),
            *ingests.activities.mentioned(),
            *warnings.mentioned(),
            *held.mentioned(),
        }
    )
    sources = Sources()
    page = compose(own, speaker, sources=sources)
    telling = Telling(speaker, sources)
    forms = _forms(list(distributions.values()), telling)
    context: dict[str, object] = {
        "page": page,
        "is_described": bool(own.own),
        "statements": visit.reading.counts.get(iri.value),
        "held": held,
        "classes": contents.lines(held, speaker.unmarked() if page.fictitious else speaker),
        "modified": telling.mention(itself, "dcterms:modified") if itself else None,
        "batches": batches.batches_of(ingests, itself, telling),
        "batches_cut": ingests.activities.cut,
        "warnings": [_warned(thing, shapes, telling) for thing in warnings.things],
        "warnings_cut": warnings.cut,
        "forms": forms,
        "dumps": visit.facts.files(iri.value),
        "graph_address": _graph_address(subject),
        "origin": origin_of(visit.request),
        "query": "/sparql?" + urlencode({"default-graph-uri": iri.value, "query": _FIRST_ROWS}),
        "jsonld": dataset_jsonld(_told(subject, page, itself, forms, telling, period=held.period)),
        "cited": citation(subject, speaker),
        "section": "/datasets",
    }
    return Laid("dataset.html", context | {"sources": sources.mentions(speaker)})


def _warned(thing: Thing, shapes: Mapping[NamedNode, Thing], telling: Telling) -> Warned:
    shape = _shape(thing)
    known = shapes.get(shape) if shape else None
    return Warned(
        shape=telling.cited(thing, telling.mention(thing, "sh:sourceShape")),
        message=telling.text(known, "sh:message") if known else None,
        times=telling.mention(thing, "vises:occurrences"),
    )


def _forms(distributions: Sequence[Thing], telling: Telling) -> list[Form]:
    """Return the downloads that have an address on the web or here."""
    found_ = []
    for thing in distributions:
        address = thing.thing("dcat:accessURL")
        href = _web_address(address.value, telling.speaker.addresses) if address else None
        if href:
            media_type = thing.thing("dcat:mediaType")
            kind = media_type.value.partition("/media-types/")[2] if media_type else ""
            name = telling.text(thing, "dcterms:title")
            found_.append(
                Form(name.text if name else kind or last_part(thing.iri.value), href, kind)
            )
    return sorted(found_, key=lambda form: form.name)


def _web_address(address: str, addresses: Addresses) -> str | None:
    """Return where an address of the catalogue is: here, where it is under our base, or elsewhere.

    It is no name of a thing, so a query in it stays a query.
    """
    if address.startswith(addresses.base):
        local = "/" + address.removeprefix(addresses.base)
        return in_release(local, addresses.release, addresses.language)
    return addresses.href(address)


def _graph_address(subject: Subject) -> str:
    """Return where the graph store gives the graph."""
    base, iri = Iris(subject.addresses.base).graph("").value, subject.iri.value
    name = iri.removeprefix(base)
    plain = iri.startswith(base) and name and "/" not in name and "?" not in name
    address = f"{GRAPHS}/{name}" if plain else f"{GRAPHS}?{urlencode({'graph': iri})}"
    return in_release(address, subject.addresses.release)


def _told(  # noqa: PLR0913 (what the page has in hand)
    subject: Subject,
    page: ResourcePage,
    itself: Thing | None,
    forms: Sequence[Form],
    telling: Telling,
    *,
    period: tuple[str, str] | None,
) -> Described:
    origin = origin_of(subject.visit.request)
    href = subject.addresses.href(subject.iri.value) or ""

    def names(name: str) -> list[str]:
        return [m.name.text for m in telling.mentions(itself, name)] if itself else []

    licence = itself.thing("dcterms:license") if itself else None
    modified = itself.value("dcterms:modified") if itself else None
    return Described(
        iri=subject.iri.value,
        address=origin + href,
        home=origin + "/",
        name=page.title.text,
        description=page.definition.text if page.definition else None,
        publisher=next(iter(names("dcterms:publisher")), None),
        licence=licence.value if licence else None,
        modified=modified.value if isinstance(modified, Literal) else None,
        release=subject.visit.reading.release.id,
        keywords=names("dcat:theme"),
        places=names("dcterms:spatial"),
        downloads=[
            *(
                Download(f.media_type, origin + f.href if f.href.startswith("/") else f.href)
                for f in forms
            ),
            *_files(subject, origin),
        ],
        period=period,
    )


def _files(subject: Subject, origin: str) -> list[Download]:
    """Return the dumps of the dataset."""
    release = subject.visit.reading.release.id
    return [
        Download(d.file.sent_as, f"{origin}/dumps/{release}/{d.name}", d.file.size, d.file.sha256)
        for d in subject.visit.facts.files(subject.iri.value)
    ]


def _shape(thing: Thing) -> NamedNode | None:
    return thing.thing("sh:sourceShape")


def _objects(thing: Thing | None, name: str) -> list[NamedNode]:
    return [v for v in thing.values(name) if isinstance(v, NamedNode)] if thing else []
