"""Sums of results as statements: sums, and places without their sum (RDF Data Cube)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from vises.ingest.derived.figures import Kind, true, withheld
from vises.ingest.derived.reading import local
from vises.ingest.disclosure.rules import Reason
from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vises.ingest.derived.figures import Publishing, Term
    from vises.ingest.derived.reported import Series, Topic
    from vises.ingest.disclosure.table import Amount, Cell, Key, Table

SUMS = Kind(
    {
        "en": "Sums of results in {names}",
        "fr": "Sommes des résultats de {names}",
        "nl": "Sommen van resultaten in {names}",
    },
    {
        "en": "Sums of the attested results of enterprises by indicator, period, region and"
        " family. Sums of fewer than three enterprises, those of which one enterprise makes up"
        " more than 85 %, and those that such a sum could be computed with, have no number.",
        "fr": "Sommes des résultats attestés des entreprises par indicateur, période, territoire"
        " et famille. Les sommes de moins de trois entreprises, celles dont une entreprise fait"
        " plus de 85 %, et celles dont une telle somme se calculerait, n'ont pas de nombre.",
        "nl": "Sommen van de bevestigde resultaten van ondernemingen per indicator, periode,"
        " gebied en familie. Sommen van minder dan drie ondernemingen, sommen waarvan één"
        " onderneming meer dan 85 % uitmaakt, en sommen waarmee zo'n som te berekenen is, hebben"
        " geen getal.",
    },
    "vises:AggregateResultStructure",
    (Reason.FEW, Reason.DOMINANCE, Reason.SECONDARY),
)
DATE = term("xsd:date")
DECIMAL = term("xsd:decimal")


def sums(
    publishing: Publishing, series: Series, table: Table, suppressed: Mapping[Key, Reason]
) -> Iterator[Triple]:
    """Yield each published cell of a table: a sum with its number, or the rule that withholds it.

    A withheld sum says neither its number nor of how many enterprises it is.
    """
    for cell in table.cells:
        if cell.published:
            subject = _sum(publishing, series.topic, cell)
            reason = suppressed.get(cell.key)
            said = (
                withheld("vises:AggregateSuppression", publishing, reason)
                if reason
                else _told(publishing, series.topic, cell)
            )
            for predicate, value in (*_place(publishing, series.topic, cell), *said):
                yield Triple(subject, term(predicate), value)


def _sum(publishing: Publishing, topic: Topic, cell: Cell) -> NamedNode:
    area, family = map(local, cell.key)
    place = f"{area}-{topic.start}-{topic.end}-{local(topic.indicator)}-{family}"
    return publishing.iris.of(f"figure/{publishing.dataset}/{place}")


def _place(publishing: Publishing, topic: Topic, cell: Cell) -> Iterator[tuple[str, Term]]:
    area, family = cell.key
    yield "sdmx-dimension:refArea", NamedNode(area)
    yield "vises:indicator", NamedNode(topic.indicator)
    yield "vises:periodStart", Literal(topic.start, datatype=DATE)
    yield "vises:periodEnd", Literal(topic.end, datatype=DATE)
    yield "vises:family", NamedNode(family)
    yield "vises:publication", publishing.publication
    if publishing.fictitious:
        yield "vises:fictitious", true()


def _told(publishing: Publishing, topic: Topic, cell: Cell) -> Iterator[tuple[str, Term]]:
    yield "rdf:type", term("vises:AggregateResult")
    yield "rdf:type", term("qb:Observation")
    yield "qb:dataSet", publishing.graph
    yield "vises:resultSum", Literal(_decimal(cell.value), datatype=DECIMAL)
    yield "vises:reportingCount", Literal(len(cell.enterprises))
    yield "sdmx-attribute:unitMeasure", NamedNode(topic.unit)
    yield "sdmx-attribute:obsStatus", term("sdmx-code:obsStatus-A")
    for one in publishing.registers:
        yield "prov:wasDerivedFrom", one.graph


def _decimal(value: Amount) -> str:
    """Return a sum of decimal numbers in the canonical form of xsd:decimal, with all its digits.

    >>> from fractions import Fraction
    >>> _decimal(1200), _decimal(Fraction("0.1") + Fraction("0.23")), _decimal(Fraction("1e-7"))
    ('1200', '0.33', '0.0000001')
    """
    decimals = 0
    while (value * 10**decimals).denominator != 1:
        decimals += 1
    digits = str(int(value * 10**decimals)).zfill(decimals + 1)
    whole = len(digits) - decimals
    return f"{digits[:whole]}.{digits[whole:]}".removesuffix(".")
