"""The kinds of things that the API lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from vises.namespaces import PREFIXES, VOCABULARY_BASE, term
from vises.service.api.parameters import Parameter, parameters_of
from vises.service.api.queries import api_query, filters_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.service.api.cells import Listed
    from vises.service.api.parameters import Value

SORT, AFTER = "sort", "after"
_TRUE = Literal("true", datatype=term("xsd:boolean"))


@dataclass(frozen=True)
class Kind:
    """A kind of things: its name in addresses, its class, and where its IRIs lie.

    `folder` follows the base of the data, or is an absolute IRI. `sorted` says that its things are
    few and always in order; `indexed`, that the list is made from the index of the release and its
    query tells what filters stand for. A list gives its `main` properties (none: all) unless the
    request names others. `implies` are the values of other filters that a filter brings along.
    `example` is the name of one of the demonstration, `fields` some of the properties that it has.
    """

    name: str
    type: NamedNode
    folder: str
    example: str
    fields: str
    sorted: bool = False
    main: tuple[NamedNode, ...] = ()
    implies: Mapping[str, tuple[str, Value]] = field(default_factory=dict)
    query_name: str = ""
    indexed: bool = False

    @property
    def query(self) -> str:
        """The query that lists it."""
        return api_query(self.query_name or self.name)

    @cached_property
    def filters(self) -> dict[str, Parameter]:
        """The parameters of its filters, by name."""
        blocks = filters_in(self.query)
        return {n: p for n, p in parameters_of(self.query).items() if n in blocks}

    def iri(self, base: str, name: str) -> NamedNode | None:
        """Return the IRI of the thing that an address names, None where it cannot be one."""
        start = self.folder if self.folder.startswith("http") else base + self.folder
        try:
            return NamedNode(start + name)
        except ValueError:
            return None


class Found(NamedTuple):
    """A page of a list: its things, the parameters of other pages by relation, and the total.

    The total is that of the whole list, None where it is not known.
    """

    listed: Listed
    pages: Mapping[str, Mapping[str, str]]
    total: int | None


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "enterprises",
            term("vises:Enterprise"),
            "enterprise/",
            "fr-000000018",
            "legalName,region",
            main=tuple(
                term(name)
                for name in (
                    "legal:legalName",
                    "vises:legalForm",
                    "vises:activity",
                    "vises:sizeBand",
                    "vises:region",
                    "vises:operatingStatus",
                    "vises:fictitious",
                )
            ),
            implies={"perimeter": ("sse", _TRUE)},
            indexed=True,
        ),
        Kind(
            "indicators",
            term("vises:Indicator"),
            "indicator/",
            "local-purchases",
            "definition,goal",
            sorted=True,
        ),
        Kind(
            "regions",
            term("vises:Region"),
            f"{VOCABULARY_BASE}code/nuts/",
            "FRE",
            "notation,nutsVintage",
            sorted=True,
        ),
        Kind(
            "datasets",
            term("dcat:Dataset"),
            "graph/",
            "figures",
            "title,license",
            sorted=True,
        ),
        Kind(
            "publications",
            term("vises:Publication"),
            "publication/",
            "vises-first-meeting",
            "title,publisher",
            sorted=True,
        ),
        Kind(
            "results",
            term("vises:IndicatorResult"),
            "result/",
            "e771dbd24e83e7b3",
            "about,indicator",
        ),
        Kind(
            "accounts",
            term("vises:QualitativeAccount"),
            "account/",
            "fr-000003574-4",
            "text,theme",
        ),
        Kind(
            "claims",
            term("vises:SseStatusClaim"),
            "claim/",
            "fr-000004325/insee-flag",
            "about,perimeter",
        ),
        Kind(
            "figures",
            term("vises:RegionalFigure"),
            "figure/",
            "barometre-es-2016/BE1-2010-barometre-es-total-fullTimeEquivalents",
            "refArea,fullTimeEquivalents",
        ),
    )
}
"""The kinds by their name in addresses."""

LISTS = Kind(
    "codes",
    NamedNode(PREFIXES["skos"] + "ConceptScheme"),
    f"{VOCABULARY_BASE}code/",
    "nuts",
    "definition,license",
    sorted=True,
    query_name="lists",
)
"""The code lists."""

CONCEPTS = Kind(
    "codes",
    NamedNode(PREFIXES["skos"] + "Concept"),
    f"{VOCABULARY_BASE}code/",
    "nuts/FRE",
    "notation,prefLabel",
    sorted=True,
    query_name="concepts",
)
"""The codes of a list."""
