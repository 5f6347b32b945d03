"""From RDF terms to what a page shows of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from vises.namespaces import PREFIXES, compact
from vises.service.iris import Addresses, last_part
from vises.service.pages.labels import Labels, Name
from vises.service.pages.model import Mention
from vises.service.pages.values import NUMBERS, shown

if TYPE_CHECKING:
    from vises.service.graph import Term
    from vises.service.pages.outline import Outline
    from vises.service.texts import Texts

_ANY_URI = PREFIXES["xsd"] + "anyURI"
_DATE = NamedNode(PREFIXES["xsd"] + "date")


@dataclass(frozen=True)
class Speaker:
    """Names things for one visitor."""

    words: Texts
    labels: Labels
    outline: Outline
    addresses: Addresses

    def thing(self, iri: str) -> Mention:
        """Return the mention of an IRI."""
        known = self.labels.known(iri)
        name = self.labels.label(iri)
        code = known.notation if name and known.notation and _is_code(known.notation) else None
        if name is None and known.notation:
            name = Name(known.notation)
        return Mention(
            name=name or self.unnamed(iri),
            href=self.addresses.href(iri),
            external=not self.addresses.is_ours(iri),
            code=code,
            fictitious=known.fictitious,
        )

    def unmarked(self) -> Speaker:
        """Return one who does not mark what is made up, for a page that says so of all of it."""
        return replace(self, labels=self.labels.unmarked())

    def marked(self, title: str, *, invented: bool) -> str:
        """Return the title of a picture, with the mark where something in it is made up."""
        return f"{title} ({self.words('fictitious.chip')})" if invented else title

    def is_named(self, iri: str) -> bool:
        """Tell whether the data give an IRI a label or a code."""
        return self.labels.label(iri) is not None or self.labels.known(iri).notation is not None

    def unnamed(self, iri: str) -> Name:
        """Return what to show of an IRI without a label."""
        if self.addresses.is_ours(iri):
            return Name(last_part(iri))
        if (
            iri.startswith(PREFIXES["unit"])
            and self.words.find(f"unit.{last_part(iri)}") is not None
        ):
            bare = "value.ratio" if last_part(iri) == "UNITLESS" else "value.count"
            return Name(self.unit(iri).strip() or self.words(bare), self.words.language)
        short, bare = compact(iri), iri.partition("://")[2].rstrip("/")
        words = self.words.find(f"class.{short}") or self.words.find(f"licence.{bare}")
        if words:
            return Name(words, self.words.language)
        return Name(short if short != iri else bare or iri)

    def property(self, iri: str, types: tuple[str, ...]) -> Mention:
        """Return the mention of a property, as the shape of the class names it or by its label."""
        return Mention(
            name=self._property_name(iri, types),
            href=self.addresses.href(iri),
            external=not self.addresses.is_ours(iri),
        )

    def _property_name(self, iri: str, types: tuple[str, ...]) -> Name:
        language = self.words.language
        entry = self.outline.entry(types, iri)
        if entry and (name := entry.name(language)):
            return Name(name, language)
        if label := self.labels.label(iri):
            return label
        words = self.words.find(f"property.{compact(iri)}")
        name = words or self.outline.any_name(iri, language)
        return Name(name, language) if name else self.labels.name(iri)

    def value(self, term: Term, unit: str | None = None) -> Mention:
        """Return the mention of a value; a number carries its unit (a QUDT IRI)."""
        if isinstance(term, NamedNode):
            return self.thing(term.value)
        if isinstance(term, Literal):
            return self._literal(term, unit)
        if isinstance(term, BlankNode):
            return Mention(Name(self.words("value.unnamed"), self.words.language))
        return Mention(Name(str(term)))

    def _literal(self, literal: Literal, unit: str | None) -> Mention:
        text = shown(literal, self.words)
        if literal.datatype.value in NUMBERS and unit:
            text += self.unit(unit)
        href = self.addresses.href(literal.value) if literal.datatype.value == _ANY_URI else None
        external = href is not None and not self.addresses.is_ours(literal.value)
        return Mention(Name(text, literal.language), href, external)

    def day(self, lexical: str) -> str:
        """Return a date as the language writes it; what is none as it stands."""
        return shown(Literal(lexical, datatype=_DATE), self.words)

    def unit(self, iri: str) -> str:
        """Return what follows a number of this unit, nothing for plain counts."""
        key = last_part(iri)
        known = self.words.find(f"unit.{key}")
        return f" {self.labels.name(iri).text}" if known is None else known


def _is_code(notation: str) -> bool:
    """Tell codes (94, FRE11) from names (insee-flag): a code has no lower case."""
    return notation == notation.upper()
