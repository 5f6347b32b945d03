"""A table as statements: figures, and cells without their number (RDF Data Cube)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from vises.ingest.derived.reading import local
from vises.ingest.disclosure.rules import Reason
from vises.namespaces import PREFIXES, Iris, term

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vises.ingest.derived.reading import Register
    from vises.ingest.disclosure.table import Cell, Key, Table

YEAR = term("xsd:gYear")
Term = NamedNode | Literal


@dataclass(frozen=True)
class Kind:
    """What is derived: titles and descriptions by language, its structure, and its rules."""

    titles: Mapping[str, str]
    about: Mapping[str, str]
    structure: str
    rules: Sequence[Reason]


COUNTS = Kind(
    {
        "en": "Enterprises counted in {names}",
        "fr": "Entreprises comptées dans {names}",
        "nl": "Ondernemingen geteld in {names}",
    },
    {
        "en": "Counts of active enterprises by region, family and perimeter. Cells of fewer than"
        " three enterprises, and those that such a cell could be computed with, have no number.",
        "fr": "Nombres d'entreprises actives par territoire, famille et périmètre. Les cellules de"
        " moins de trois entreprises, et celles dont une telle cellule se calculerait, n'ont pas"
        " de nombre.",
        "nl": "Aantallen actieve ondernemingen per gebied, familie en afbakening. Cellen van"
        " minder dan drie ondernemingen, en cellen waarmee zo'n cel te berekenen is, hebben geen"
        " getal.",
    },
    "vises:RegionalFigureStructure",
    (Reason.FEW, Reason.SECONDARY),
)

OPEN = {
    "en": "Everybody could read {names} when this was derived. What is withheld of that can be"
    " found there, so that withholding it only shows the method.",
    "fr": "Au moment du calcul, tout le monde pouvait lire {names}. Ce qui en est masqué s\u2019y"
    " trouve\u00a0: ce masquage ne fait que montrer la méthode.",
    "nl": "Toen dit afgeleid werd, kon iedereen {names} lezen. Wat daarvan achtergehouden is, is"
    " daar te vinden: het achterhouden toont alleen de methode.",
}
"""What is said of sources that are open, by language."""


@dataclass(frozen=True)
class Publishing:
    """What the figures of a derived dataset have in common.

    `release` is the id of the one that they are derived from, `year` the year in which they are
    published, and that counts describe; `publisher` a path such as `organisation/concertes`.
    """

    dataset: str
    iris: Iris
    release: str
    year: int
    publisher: str
    registers: Sequence[Register]
    kind: Kind

    @property
    def graph(self) -> NamedNode:
        """The dataset, which is also the name of its graph."""
        return self.iris.graph(self.dataset)

    @property
    def publication(self) -> NamedNode:
        """The publication of the figures."""
        return self.iris.of(f"publication/{self.dataset}")

    @property
    def sources(self) -> Sequence[NamedNode]:
        """What they are derived from: graphs, and the release that these were read in."""
        return [*(one.graph for one in self.registers), self.iris.of(f"release/{self.release}")]

    @property
    def readable(self) -> Sequence[str]:
        """The names of the sources that everybody may read: of these, withholding hides nothing."""
        return [local(one.graph.value) for one in self.registers if one.readable]

    @property
    def fictitious(self) -> bool:
        """Whether a part of it is invented, so that the whole is."""
        return any(one.fictitious for one in self.registers)


def heading(publishing: Publishing) -> Iterator[Triple]:
    """Yield what is said of the dataset and of its publication, the rules among it."""
    graph, publication = publishing.graph, publishing.publication
    year = Literal(str(publishing.year), datatype=YEAR)
    yield Triple(graph, term("rdf:type"), term("qb:DataSet"))
    yield Triple(graph, term("qb:structure"), term(publishing.kind.structure))
    for reason in publishing.kind.rules:
        yield Triple(graph, term("dcterms:conformsTo"), rule(reason))
    for one in publishing.registers:
        yield Triple(graph, term("prov:wasDerivedFrom"), one.graph)
        yield Triple(graph, term("prov:wasInfluencedBy"), one.made_by)
    yield Triple(publication, term("rdf:type"), term("vises:Publication"))
    for language, title in titles(publishing).items():
        yield Triple(publication, term("dcterms:title"), Literal(title, language=language))
    for language, remark in remarks(publishing).items():
        yield Triple(publication, term("skos:note"), Literal(remark, language=language))
    yield Triple(publication, term("dcterms:publisher"), publishing.iris.of(publishing.publisher))
    yield Triple(publication, term("dcterms:issued"), year)
    if publishing.fictitious:
        for thing in (graph, publication):
            yield Triple(thing, term("vises:fictitious"), true())


def titles(publishing: Publishing) -> Mapping[str, str]:
    """Return the title of the dataset by language."""
    names = ", ".join(local(one.graph.value) for one in publishing.registers)
    return {language: text.format(names=names) for language, text in publishing.kind.titles.items()}


def remarks(publishing: Publishing) -> Mapping[str, str]:
    """Return by language that sources are open, and what that means; nothing where none is."""
    names = ", ".join(publishing.readable)
    return {language: text.format(names=names) for language, text in OPEN.items() if names}


def descriptions(publishing: Publishing) -> Mapping[str, str]:
    """Return the description of the dataset by language."""
    said = remarks(publishing)
    return {
        language: " ".join(filter(None, (text, said.get(language))))
        for language, text in publishing.kind.about.items()
    }


def cells(
    publishing: Publishing,
    registers: Sequence[Register],
    perimeter: str,
    table: Table,
    suppressed: Mapping[Key, Reason],
) -> Iterator[Triple]:
    """Yield each published cell: a figure with its number, or a suppression with its rule.

    `registers` are those that count under the perimeter.
    """
    for cell in table.cells:
        if cell.published:
            subject = _figure(publishing, perimeter, cell)
            about = _place(publishing, perimeter, cell)
            reason = suppressed.get(cell.key)
            said = (
                withheld("vises:Suppression", publishing, reason)
                if reason
                else _told(publishing, registers, cell)
            )
            for predicate, value in (*about, *said):
                yield Triple(subject, term(predicate), value)


def _figure(publishing: Publishing, perimeter: str, cell: Cell) -> NamedNode:
    area, family = (local(value) for value in cell.key)
    place = f"{area}-{publishing.year}-{local(perimeter)}-{family}-enterpriseCount"
    return publishing.iris.of(f"figure/{publishing.dataset}/{place}")


def _place(publishing: Publishing, perimeter: str, cell: Cell) -> Iterator[tuple[str, Term]]:
    area, family = cell.key
    yield "sdmx-dimension:refArea", NamedNode(area)
    yield "sdmx-dimension:refPeriod", Literal(str(publishing.year), datatype=YEAR)
    yield "vises:perimeter", NamedNode(perimeter)
    yield "vises:family", NamedNode(family)
    yield "vises:publication", publishing.publication
    yield "qb:measureType", term("vises:enterpriseCount")
    if publishing.fictitious:
        yield "vises:fictitious", true()


def _told(
    publishing: Publishing, registers: Sequence[Register], cell: Cell
) -> Iterator[tuple[str, Term]]:
    yield "rdf:type", term("vises:RegionalFigure")
    yield "rdf:type", term("qb:Observation")
    yield "qb:dataSet", publishing.graph
    yield "vises:enterpriseCount", Literal(len(cell.enterprises))
    yield "sdmx-attribute:unitMeasure", term("unit:NUM")
    yield "sdmx-attribute:obsStatus", term("sdmx-code:obsStatus-A")
    for one in registers:
        yield "prov:wasDerivedFrom", one.graph


def withheld(kind: str, publishing: Publishing, reason: Reason) -> Iterator[tuple[str, Term]]:
    """Yield what is said of a cell without its number, which is of a class."""
    yield "rdf:type", term(kind)
    yield "dcterms:isPartOf", publishing.graph
    yield "vises:disclosureRule", rule(reason)


def rule(reason: Reason) -> NamedNode:
    """Return the entry of the code list `disclosure-rule`."""
    return NamedNode(f"{PREFIXES['code']}disclosure-rule/{reason.value}")


def true() -> Literal:
    """Return the value of what is marked, as fictitious things are."""
    return Literal(True)  # noqa: FBT003 (the value of the statement)
