"""What a preview shows of a thing: its name, what it is, and a few facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.iris import last_part
from vises.service.pages.labels import (
    FICTITIOUS,
    LABEL_PROPERTIES,
    TYPE,
    Name,
    best_label,
    is_true,
)
from vises.service.reconciliation.terms import FETCHED, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vises.service.graph import Term
    from vises.service.iris import Addresses
    from vises.service.pages.labels import Labels

_FACTS = ("identifier", "legalForm", "activity", "region", "postCode", "town", "status", "homepage")
_MOST = 3
_CLASSES = {term(f"vises:{name}"): text for name, (_, text) in TYPES.items()}


@dataclass(frozen=True)
class Preview:
    """A thing in brief: its name, the address of its page, the text of its kind, its facts.

    A fact is the text that names it and its first values; `definition` what it is said to be.
    """

    name: Name
    href: str
    kind: str | None
    facts: Sequence[tuple[str, Sequence[Name]]]
    definition: Name | None
    fictitious: bool

    @classmethod
    def of(
        cls,
        iri: NamedNode,
        said: Mapping[NamedNode, Sequence[Term]],
        labels: Labels,
        addresses: Addresses,
    ) -> Preview:
        """Return the preview of a thing from what is said of it, and the names of other things."""
        language = labels.language
        own = [(p, v) for p in LABEL_PROPERTIES for v in said.get(p, ()) if isinstance(v, Literal)]
        definition = [
            (LABEL_PROPERTIES[0], v)
            for v in said.get(term("skos:definition"), ())
            if isinstance(v, Literal)
        ]
        classes = [value for value in said.get(TYPE, ()) if isinstance(value, NamedNode)]
        kinds = [_CLASSES[found] for found in classes if found in _CLASSES]
        return cls(
            name=best_label(own, language) or Name(last_part(iri.value)),
            href=addresses.href(iri.value) or iri.value,
            kind=kinds[0] if kinds else None,
            facts=list(_facts(said, labels)),
            definition=best_label(definition, language),
            fictitious=any(is_true(value) for value in said.get(FICTITIOUS, ())),
        )


def _facts(
    said: Mapping[NamedNode, Sequence[Term]], labels: Labels
) -> Iterator[tuple[str, Sequence[Name]]]:
    for name in _FACTS:
        prop = FETCHED[name]
        values = [_named(value, labels) for value in said.get(prop.iri, ())][:_MOST]
        if values:
            yield prop.text, values


def _named(value: Term, labels: Labels) -> Name:
    if isinstance(value, NamedNode):
        return labels.label(value.value) or Name(value.value)
    return Name(value.value if isinstance(value, Literal) else str(value))
