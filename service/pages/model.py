"""What a page shows: plain values that templates only have to lay out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vises.service.pages.labels import Name


@dataclass(frozen=True)
class Mention:
    """A thing or a literal as it appears in a sentence or a list.

    `href` is None where there is nothing to follow; `code` is the short code of a classification;
    `fictitious` says that the thing is made up.
    """

    name: Name
    href: str | None = None
    external: bool = False
    code: str | None = None
    fictitious: bool = False


@dataclass(frozen=True)
class Value:
    """The value of a statement, with the numbers of the sources that make it.

    `parts` are the statements about the value itself, where it has no life of its own.
    """

    mention: Mention
    sources: tuple[int, ...]
    parts: tuple[Property, ...] = ()


@dataclass(frozen=True)
class Property:
    """A property with its values: those to read first, those in other languages, how many more.

    `help` explains the property, in the language of the page.
    """

    mention: Mention
    values: tuple[Value, ...]
    other_languages: tuple[Value, ...] = ()
    left_out: int = 0
    help: str | None = None


@dataclass(frozen=True)
class Group:
    """Properties under a heading, None where the shapes give none."""

    heading: str | None
    properties: tuple[Property, ...]


@dataclass(frozen=True)
class Item:
    """A thing that refers to the one of the page, its place among the others, and what it says."""

    mention: Mention
    position: float
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True)
class Incoming:
    """Things of one class that refer to the one of the page by one property."""

    heading: Name
    by: Mention
    items: tuple[Item, ...]


@dataclass(frozen=True)
class ResourcePage:
    """Everything on the page of a resource.

    `incoming_cut` says that more things refer to it than are listed. `sources` are the graphs that
    the statements come from; `Value.sources` counts them from 1.
    """

    iri: str
    title: Name
    types: tuple[Mention, ...]
    definition: Name | None
    fictitious: bool
    groups: tuple[Group, ...]
    incoming: tuple[Incoming, ...]
    incoming_cut: bool
    sources: tuple[Mention, ...]
