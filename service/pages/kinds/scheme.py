"""The page of a code list: its tree, its names in the order of the alphabet, or what was sought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.citation import citation
from vises.service.codes.finding import MOST_FOUND, letters, names, search
from vises.service.codes.scheme import Scheme
from vises.service.codes.tree import tree
from vises.service.iris import PAGE
from vises.service.language import language
from vises.service.pages.compose import compose
from vises.service.pages.description import Description
from vises.service.pages.subject import Laid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.codes.finding import Found
    from vises.service.codes.tree import Node
    from vises.service.graph import Row
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.pages.subject import Subject

MOST_SOUGHT = 200
"""How many characters of what is sought are looked at."""

MOST_LISTED = 400
"""How many names under one letter a page lists."""

_LISTS = {term("skos:hasTopConcept"), term("skos:prefLabel")}


@dataclass(frozen=True)
class View:
    """What of a list a page shows; `sought` is the text, `letter` the letter that was asked for."""

    sought: str = ""
    found: Sequence[Found] = ()
    letters: Mapping[str, Sequence[Found]] | None = None
    letter: str | None = None
    nodes: Sequence[Node] = ()
    left_out: int = 0

    @property
    def entries(self) -> Sequence[Found]:
        """The codes that are listed by name."""
        if self.letters is None:
            return self.found[:MOST_FOUND]
        return self.letters.get(self.letter or "", ())[:MOST_LISTED]

    @property
    def more(self) -> int:
        """How many there are besides."""
        if self.letters is None:
            return len(self.found) - len(self.entries)
        return len(self.letters.get(self.letter or "", ())) - len(self.entries)

    def shown(self) -> set[str]:
        """Return the codes that are shown."""
        in_tree = {n.concept.iri for root in self.nodes for n in root.all()}
        return in_tree | {entry.iri for entry in self.entries}


@dataclass(frozen=True)
class Crosswalk:
    """How many codes of the list are said to stand in a relation to codes of another one."""

    relation: str
    other: Mention
    concepts: int


async def lay_out_scheme(subject: Subject) -> Laid:
    """Return the page of a code list. Raises what `Graph.select` does."""
    graph, iri = subject.visit.graph, subject.iri
    scheme = Scheme.read(await graph.select("scheme", resources=[iri]))
    view = await _view(subject, scheme)
    crosswalks = await graph.select("scheme-mappings", resources=[iri])
    about = [q for q in subject.quads if q.subject == iri and q.predicate not in _LISTS]
    title = [q for q in subject.quads if q.subject == iri and q.predicate == term("skos:prefLabel")]
    parts = [q for q in subject.quads if iri not in {q.subject, q.object}]
    described = Description(iri, [*about, *title], parts, ())
    mentioned = described.mentioned() | {NamedNode(i) for i in view.shown()}
    mentioned |= {r["other"] for r in crosswalks if isinstance(r["other"], NamedNode)}
    speaker = await subject.speaker(mentioned)
    own = Description(iri, about, parts, ())
    page = compose(described, speaker)
    context = {
        "page": page,
        "cited": citation(subject, speaker),
        "groups": compose(own, speaker).groups,
        "scheme": scheme,
        "view": view,
        "speaker": speaker,
        "crosswalks": list(_crosswalks(crosswalks, speaker)),
        "path": subject.visit.request.url.path,
        "stem": subject.visit.request.url.path.removesuffix(f".{PAGE}"),
    }
    return Laid("scheme.html", context)


async def _view(subject: Subject, scheme: Scheme) -> View:
    asked = subject.visit.request.query_params
    sought = asked.get("q", "").strip()[:MOST_SOUGHT]
    by_letter = asked.get("letter")
    if not sought and by_letter is None:
        nodes, left_out = tree(scheme, scheme.top)
        return View(nodes=nodes, left_out=left_out)
    rows = await subject.visit.graph.select("scheme-labels", resources=[subject.iri])
    called, spoken = names(rows), language(subject.visit.request)
    if sought:
        return View(sought=sought, found=search(sought, scheme, called, spoken))
    found = letters(called, spoken)
    letter = by_letter if by_letter in found else next(iter(found), None)
    return View(letters=found, letter=letter)


def _crosswalks(rows: Iterable[Row], speaker: Speaker) -> Iterable[Crosswalk]:
    for row in rows:
        relation, other, number = row["relation"], row["other"], row["concepts"]
        if isinstance(relation, NamedNode) and isinstance(number, Literal):
            name = relation.value.rpartition("#")[2]
            yield Crosswalk(name, speaker.value(other), int(number.value))
