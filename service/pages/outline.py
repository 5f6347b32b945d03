"""How a page orders, names, explains and groups properties: as the shapes say, per class."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.languages import LANGUAGES
from vises.service.iris import last_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vises.service.graph import Row, Term

LAST = 1_000_000.0


@dataclass
class Entry:
    """A property or a group in the outline: its place, its name and its explanation by language."""

    iri: str
    order: float = LAST
    names: dict[str, str] = field(default_factory=dict)
    group: Entry | None = None
    helps: dict[str, str] = field(default_factory=dict)

    def name(self, language: str) -> str | None:
        """Return the name in a language, in another one where it has none there."""
        found = (self.names.get(tag) for tag in (language, *LANGUAGES))
        return next((name for name in found if name), None)

    def help(self, language: str) -> str | None:
        """Return what explains the property (sh:description), in this language alone."""
        return self.helps.get(language)


@dataclass(frozen=True)
class Outline:
    """The entries of each class, by class IRI and property IRI."""

    classes: Mapping[str, Mapping[str, Entry]]

    @classmethod
    def read(cls, rows: Iterable[Row]) -> Outline:
        """Collect the solutions of queries/pages/outline.rq."""
        classes: dict[str, dict[str, Entry]] = {}
        groups: dict[str, Entry] = {}
        for row in sorted(rows, key=_precedence):
            class_iri, path = row["class"], row["path"]
            if not (isinstance(class_iri, NamedNode) and isinstance(path, NamedNode)):
                continue
            entries = classes.setdefault(class_iri.value, {})
            order = _number(row.get("order"))
            entry = entries.setdefault(path.value, Entry(path.value, order))
            _take_name(entry, row.get("name"))
            explained = row.get("help")
            if isinstance(explained, Literal):
                entry.helps.setdefault(explained.language or "en", explained.value)
            group = row.get("group")
            if isinstance(group, NamedNode):
                heading = groups.setdefault(group.value, Entry(group.value))
                heading.order = _number(row.get("groupOrder"))
                _take_name(heading, row.get("groupName"))
                entry.group = entry.group or heading
        return cls(classes)

    def entry(self, types: Iterable[str], prop: str) -> Entry | None:
        """Return the entry of a property for a thing of these classes, the first that has one."""
        found = (self.classes.get(t, {}).get(prop) for t in types)
        return next((entry for entry in found if entry), None)

    def any_name(self, prop: str, language: str) -> str | None:
        """Return a name that some class gives a property."""
        found = (entries.get(prop) for entries in self.classes.values())
        return next((entry.name(language) for entry in found if entry), None)


def _precedence(row: Row) -> tuple[bool, float, str]:
    """Put the shape first that a property of a class is named, placed and grouped after.

    That is the one of the class's own shape (shapes:EnterpriseShape for vises:Enterprise), before
    those of shapes that only add a condition; within a shape the one of the lowest order.
    """
    own = last_part(_iri(row["class"])) + "Shape"
    other = last_part(_iri(row["shape"])) != own
    return other, _number(row.get("order")), str(row["property"])


def _iri(term: Term) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def _number(value: Term | None) -> float:
    return float(value.value) if isinstance(value, Literal) else LAST


def _take_name(entry: Entry, name: Term | None) -> None:
    if isinstance(name, Literal):
        entry.names.setdefault(name.language or "en", name.value)
