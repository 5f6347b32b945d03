"""What things are called in the visitor's language, and what else a mention of them shows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.languages import LANGUAGES
from vises.namespaces import compact, term
from vises.service.iris import last_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vises.service.graph import Row, Term

LABEL_PROPERTIES = tuple(
    term(name)
    for name in (
        "skos:prefLabel",
        "legal:legalName",
        "dcterms:title",
        "rdfs:label",
        "foaf:name",
        "sh:name",
    )
)
TYPE = term("rdf:type")
NOTATION = term("skos:notation")
UNIT = term("vises:unit")
FICTITIOUS = term("vises:fictitious")


@dataclass(frozen=True)
class Name:
    """A text and the language it is in, None where the data do not say."""

    text: str
    language: str | None = None


@dataclass
class Known:
    """What a query found out about a thing in order to mention it."""

    labels: list[tuple[NamedNode, Literal]] = field(default_factory=list)
    types: list[NamedNode] = field(default_factory=list)
    notation: str | None = None
    unit: str | None = None
    fictitious: bool = False

    def add(self, prop: Term, value: Term) -> None:
        """Take in one statement about the thing."""
        if prop in LABEL_PROPERTIES and isinstance(value, Literal):
            assert isinstance(prop, NamedNode)
            self.labels.append((prop, value))
        elif prop == TYPE and isinstance(value, NamedNode):
            self.types.append(value)
        elif prop == NOTATION and isinstance(value, Literal):
            self.notation = value.value
        elif prop == UNIT and isinstance(value, NamedNode):
            self.unit = value.value
        elif prop == FICTITIOUS:
            self.fictitious = is_true(value)


class Labels:
    """The names of many things in one language."""

    def __init__(self, language: str, known: Mapping[str, Known]) -> None:
        """Keep what is known of each IRI."""
        self.language = language
        self._known = known

    @classmethod
    def read(cls, language: str, rows: Iterable[Row]) -> Labels:
        """Collect the solutions of queries/pages/labels.rq (?resource ?property ?value)."""
        known: dict[str, Known] = {}
        for row in rows:
            resource = row["resource"]
            if isinstance(resource, NamedNode):
                known.setdefault(resource.value, Known()).add(row["property"], row["value"])
        return cls(language, known)

    def unmarked(self) -> Labels:
        """Return the same names without the marks of what is made up."""
        known = {iri: replace(about, fictitious=False) for iri, about in self._known.items()}
        return Labels(self.language, known)

    def known(self, iri: str) -> Known:
        """Return what is known of an IRI, an empty `Known` for a stranger."""
        return self._known.get(iri) or Known()

    def label(self, iri: str) -> Name | None:
        """Return what an IRI is called, in the visitor's language where it is; None if nameless."""
        return best_label(self.known(iri).labels, self.language)

    def name(self, iri: str) -> Name:
        """Return what to call an IRI whatever happens: label, prefixed name, or last part."""
        found = self.label(iri)
        if found:
            return found
        short = compact(iri)
        return Name(short if short != iri else last_part(iri))


def best_label(labels: Iterable[tuple[NamedNode, Literal]], language: str) -> Name | None:
    """Return the label to show: the visitor's language first, then no language, then another.

    A variety (`nl-BE`) stands in for its language (`nl`) where that has none. Within one language
    the order of `LABEL_PROPERTIES` decides, then the alphabet, so that the same data always show
    the same name.
    """
    order = [language, None, *LANGUAGES]

    def rank(item: tuple[NamedNode, Literal]) -> tuple[int, bool, int, str]:
        prop, value = item
        spoken = main_language(value)
        place = order.index(spoken) if spoken in order else len(order)
        return place, spoken != value.language, LABEL_PROPERTIES.index(prop), value.value

    filled = [item for item in labels if item[1].value.strip()]
    if not filled:
        return None
    best = min(filled, key=rank)[1]
    return Name(best.value, best.language)


def main_language(text: Literal) -> str | None:
    """Return the language of a text without its variety, None where the data do not say."""
    return text.language.partition("-")[0] if text.language else None


def is_true(value: Term) -> bool:
    """Tell whether a term is the boolean true."""
    return isinstance(value, Literal) and value.value in {"true", "1"}
