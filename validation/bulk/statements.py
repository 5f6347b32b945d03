"""What a piece says, in the spelling of N-Triples: a term is made of few of its words."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from vises.validation.incremental.readings import TYPE
from vises.validation.syntax import n_triples, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyoxigraph import NamedNode

    from vises.validation.incremental.readings import Outgoing
    from vises.validation.validator import Resource, Term

    Said = Sequence[tuple[bytes, bytes]]

TYPE_WORD = str(TYPE).encode()

_SPACES = rb" \t\n\r\f\v"  # a class of characters without \s is matched a third faster
_IRI = rb"<[^>\\%b]*+>" % _SPACES
_NODE = rb'%b|_:[^%b<"]++' % (_IRI, _SPACES)
_LITERAL = rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"(?:@[A-Za-z0-9-]++|\^\^%b)?+' % _IRI
_LINE = re.compile(
    rb"^(%b) (%b) (%b|%b|<<\([^\n]*\)>>) \.$" % (_NODE, _IRI, _NODE, _LITERAL), re.MULTILINE
)


class Statements:
    """The statements of some N-Triples, by subject; each IRI is spelt in one way.

    `data` is what was given where each line of it is as RDF 1.2 N-Triples, section 4, has it, and
    else the same written anew.
    """

    def __init__(self, data: bytes, place: str) -> None:
        """Take them apart. Raises `RdfSyntaxError`, naming `place`, for what is no such line."""
        found = _LINE.findall(data)
        if len(found) != data.count(b"\n") + (not data.endswith(b"\n")):
            data = n_triples(read(data, place=place))
            found = _LINE.findall(data)
            assert len(found) == data.count(b"\n")
        self.data = data
        self.said: defaultdict[bytes, list[tuple[bytes, bytes]]] = defaultdict(list)
        once: dict[bytes, bytes] = {}  # words that come again are hashed once and compared at once
        for subject, predicate, value in found:
            said = self.said[once.setdefault(subject, subject)]
            said.append((once.setdefault(predicate, predicate), once.setdefault(value, value)))
        self._place = place
        self._terms: dict[bytes, Term] = {}
        self._outgoing: dict[Resource, Outgoing] = {}

    def __contains__(self, node: object) -> bool:
        """Tell whether something is said of a node."""
        return str(node).encode() in self.said

    def get(self, node: Resource) -> Outgoing | None:
        """Return what is said of a node by predicate, as terms; None where nothing is."""
        outgoing = self._outgoing.get(node)
        if outgoing is None and (said := self.said.get(str(node).encode())):
            values: defaultdict[NamedNode, list[Term]] = defaultdict(list)
            for predicate, value in said:
                values[self.term(predicate)].append(self.term(value))  # type: ignore[index]
            outgoing = self._outgoing[node] = dict(values)
        return outgoing

    def term(self, word: bytes) -> Term:
        """Return the term of a word. Raises `RdfSyntaxError`."""
        term = self._terms.get(word)
        if term is None:
            [quad] = read(b"<urn:s> <urn:p> %b ." % word, place=self._place)
            term = self._terms[word] = quad.object
        return term

    def alike(self) -> Iterable[Sequence[bytes]]:
        """Return the subjects, those together that have the same types and properties."""
        kinds: defaultdict[tuple[bytes, ...], list[bytes]] = defaultdict(list)
        for subject, said in self.said.items():
            kinds[tuple([p + o if p == TYPE_WORD else p for p, o in said])].append(subject)
        return kinds.values()

    def values(self, nodes: Iterable[bytes], predicates: Mapping[bytes, set[bytes]]) -> None:
        """Add the values that some properties have at some nodes to the sets that are given."""
        for node in nodes:
            for predicate, value in self.said[node]:
                if (found := predicates.get(predicate)) is not None:
                    found.add(value)
