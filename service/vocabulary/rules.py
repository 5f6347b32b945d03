"""What a shape demands, in words (SHACL, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from vises.namespaces import compact, term
from vises.service.vocabulary.terms import told

if TYPE_CHECKING:
    from vises.service.graph import Term
    from vises.service.pages.labels import Name
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.vocabulary.about import About

MOST_DEEP = 4
"""How deep shapes within shapes are put into words."""

_MIN, _MAX = term("sh:minCount"), term("sh:maxCount")
_PATH, _NAME = term("sh:path"), term("sh:name")
_NUMBERS = {
    "minInclusive": "rule.min-inclusive",
    "maxInclusive": "rule.max-inclusive",
    "minExclusive": "rule.min-exclusive",
    "maxExclusive": "rule.max-exclusive",
    "minLength": "rule.min-length",
    "maxLength": "rule.max-length",
    "pattern": "rule.pattern",
}
_LISTS = {"in": "rule.in", "languageIn": "rule.language-in"}
_PROPERTIES = {
    "equals": "rule.equals",
    "disjoint": "rule.disjoint",
    "lessThan": "rule.less-than",
    "lessThanOrEquals": "rule.less-or-equal",
    "class": "rule.class",
    "hasValue": "rule.has-value",
}
_SHAPES = {
    "and": "rule.and",
    "or": "rule.or",
    "xone": "rule.xone",
    "not": "rule.not",
    "node": "rule.node",
    "qualifiedValueShape": "rule.qualified",
}
_KINDS = {
    "IRI": "rule.iri",
    "Literal": "rule.literal",
    "BlankNode": "rule.blank",
    "IRIOrLiteral": "rule.iri-or-literal",
    "BlankNodeOrIRI": "rule.blank-or-iri",
    "BlankNodeOrLiteral": "rule.blank-or-literal",
}


@dataclass(frozen=True)
class Rule:
    """One demand: a sentence, what it names, and the shapes that it puts together."""

    words: str
    named: tuple[Mention, ...] = ()
    shapes: tuple[Demand, ...] = ()


@dataclass(frozen=True)
class Demand:
    """What one of several shapes demands: by its name where it has one, else by its rules."""

    name: Name | None
    href: str | None
    rules: tuple[Rule, ...] = ()


class Wording:
    """Puts shapes into the words of a visitor's language."""

    def __init__(self, about: About, speaker: Speaker) -> None:
        """Take the shapes and who names things."""
        self._about = about
        self._speaker = speaker
        self._t = speaker.words

    def rules(self, shape: Term, deep: int = 0) -> tuple[Rule, ...]:
        """Return what a shape demands of each value."""
        found = list(self._counts(shape))
        for kind in self._about.iris(shape, term("sh:nodeKind")):
            key = _KINDS.get(kind.value.rpartition("#")[2])
            found += [Rule(self._t(key))] if key else []
        for datatype in self._about.iris(shape, term("sh:datatype")):
            found.append(Rule(self._t("rule.datatype", name=compact(datatype.value))))
        for name, key in _PROPERTIES.items():
            values = self._about.values(shape, term(f"sh:{name}"))
            found += [Rule(self._t(key), (self._mention(value),)) for value in values]
        for name, key in _NUMBERS.items():
            values = self._about.values(shape, term(f"sh:{name}"))
            found += [Rule(self._t(key, value=_plain(value))) for value in values]
        for name, key in _LISTS.items():
            for head in self._about.values(shape, term(f"sh:{name}")):
                members = self._about.members(head)
                found.append(Rule(self._t(key), tuple(map(self._mention, members))))
        if _plain(self._about.value(shape, term("sh:uniqueLang"))) == "true":
            found.append(Rule(self._t("rule.unique-lang")))
        if _plain(self._about.value(shape, term("sh:closed"))) == "true":
            found.append(Rule(self._t("rule.closed")))
        if self._about.values(shape, term("sh:sparql")):
            found.append(Rule(self._t("rule.sparql")))
        return (*found, *self._composed(shape, deep))

    def _mention(self, value: Term) -> Mention:
        if isinstance(value, NamedNode):
            return told(self._speaker, value.value)
        return self._speaker.value(value)

    def _counts(self, shape: Term) -> list[Rule]:
        least = _count(self._about.value(shape, _MIN)) or 0
        most = _count(self._about.value(shape, _MAX))
        if most is not None and least == most:
            return [Rule(self._t("rule.exactly", n=least))]
        found = [Rule(self._t("rule.at-least", n=least))] if least else []
        return found + ([Rule(self._t("rule.at-most", n=most))] if most is not None else [])

    def _composed(self, shape: Term, deep: int) -> list[Rule]:
        if deep >= MOST_DEEP:
            return []
        found = []
        for name, key in _SHAPES.items():
            for value in self._about.values(shape, term(f"sh:{name}")):
                members = self._about.members(value) if name in {"and", "or", "xone"} else [value]
                demands = tuple(self._demand(member, deep + 1) for member in members)
                found.append(Rule(self._t(key), (), demands))
        return found

    def _demand(self, shape: Term, deep: int) -> Demand:
        name = self._about.text(shape, _NAME, self._t.language)
        if isinstance(shape, NamedNode) and name:
            return Demand(name, shape_page(shape.value))
        path = self._about.value(shape, _PATH)
        of = self._speaker.property(path.value, ()).name if isinstance(path, NamedNode) else name
        inner = [rule for p in self._inside(shape) for rule in (self._of_property(p, deep),)]
        return Demand(of, None, (*self.rules(shape, deep), *inner))

    def _inside(self, shape: Term) -> list[Term]:
        return self._about.values(shape, term("sh:property"))

    def _of_property(self, shape: Term, deep: int) -> Rule:
        return Rule(self._t("rule.property"), (), (self._demand(shape, deep),))


def shape_page(iri: str) -> str | None:
    """Return the address of the page that explains a shape of ours, None for another one.

    A property shape is explained on the page of the shape that its name begins with.
    """
    document, mark, name = iri.partition("#")
    if not mark or not document.endswith("/shapes"):
        return None
    owner, dash, _ = name.partition("-")
    return f"/vocabulary/shapes/{owner}{f'#{name}' if dash else ''}"


def _count(value: Term | None) -> int | None:
    text = _plain(value)
    return int(text) if text.isdecimal() else None


def _plain(value: Term | None) -> str:
    if isinstance(value, Literal | NamedNode | BlankNode):
        return value.value
    return ""
