"""The lines that the store would give back for a file of N-Triples, without asking the store.

Reading a large graph back costs the store several times what reading the file does. Most lines of
a file are already as the store writes them (canonical N-Triples, RDF 1.2 N-Triples section 4, with
numbers and times in canonical form); a run of such lines is recognised by a regular expression, and
each other line goes through the store's own parser and literals.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from vises.errors import BadInput, sentence
from vises.store.nesting import NAME_INNER, TOO_NESTED, too_deep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

Term = NamedNode | BlankNode | Literal | Triple

_BLOCK_BYTES = 1 << 18
_MOST_LITERALS = 100_000

MOST_FORMS = 200_000
"""How many values are remembered as they were written; one takes about 500 bytes."""

_IRI = rb'<[^\x00-\x20<>"{}|\\^`]++>'
_NODE = rb"(?:" + _IRI + rb"|_:[A-Za-z0-9]++)"
_TEXT = rb'"(?:[^"\\\x00-\x1f\x7f\xef]|\\[tbnrf"\\])*+"'
_XSD = rb"\^\^<http://www\.w3\.org/2001/XMLSchema#"
_STABLE = (
    rb'"(?:0|-?[1-9][0-9]{0,16}+)"' + _XSD + rb"integer>",
    rb'"[1-9][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"' + _XSD + rb"date>",
    rb'"[1-9][0-9]{3}"' + _XSD + rb"gYear>",
    rb'"(?:true|false)"' + _XSD + rb"boolean>",
)
_OBJECT = rb"|".join([_NODE, *_STABLE, _TEXT + rb"(?:@[a-z]{1,8}+(?:-[a-z0-9]{1,8}+)*+)?+(?= )"])
_RUN = re.compile(rb"(?:%b %b (?:%b) \.\n)++" % (_NODE, _IRI, _OBJECT))

_ANY_IRI = rb"<[^>]*+>"
_PARSED_RUN = re.compile(_RUN.pattern.replace(_IRI, _ANY_IRI))
"""A run in a file that a parser accepts as a whole, where no line has a backslash.

What stands between angle brackets then is an IRI without escapes, and need not be looked at; this
takes a third of the time.
"""

_ENDING = b" .\n"


class UnreadableTriples(BadInput):
    """A file is not N-Triples, or uses too many blank nodes."""

    kind = "triples"
    title = "The triples cannot be read"


class Forms:
    """The values of triples as they were written, where the store writes them otherwise.

    They are kept in memory, those of `wanted` triples alone where these are given, else while there
    are at most `MOST_FORMS`; after that `complete` is false.
    """

    def __init__(self, wanted: AbstractSet[Triple] | None = None) -> None:
        """Begin with none."""
        self.complete = True
        self._wanted = wanted
        self._written: dict[Triple, list[Term]] = {}

    def note(self, stored: Triple, written: Term) -> None:
        """Remember how the value of a triple was written."""
        if self._wanted is not None and stored not in self._wanted:
            return
        if self._wanted is not None or len(self._written) < MOST_FORMS:
            self._written.setdefault(stored, []).append(written)
        else:
            self.complete = False

    def of(self, triples: Iterable[Triple]) -> Mapping[Triple, Sequence[Term]]:
        """Return the forms of those triples that have other ones."""
        written = self._written
        if not written:
            return {}
        return {triple: written[triple] for triple in triples if triple in written}


def unreadable(path: Path, error: SyntaxError, line: int | None = None) -> UnreadableTriples:
    """Return the error for a file that does not parse; `line` goes before the error's own."""
    return UnreadableTriples(
        f"{error.msg}.",
        place=f"{path}:{line or error.lineno or 1}",
        remedy=sentence("correct-line", "Correct that line."),
    )


def canonical_lines(
    triples: Path,
    graph: NamedNode,
    *,
    parsed: bool = False,
    forms: Forms | None = None,
    parts: Iterable[tuple[int, bytes]] | None = None,
) -> Iterator[list[bytes]]:
    """Yield the lines of canonical N-Quads of a file of N-Triples in a graph, many at a time.

    They are those that a store gives back for the graph, in the order of the file; a line that
    stands twice in the file comes twice. Blank nodes keep their labels. Memory is that of a
    block of the file. `parsed` says that a parser reads the whole file too, and that the lines
    are of no use where it refuses it: not all is checked again then. Where `parts` are given,
    whole lines with the number of the first, only these are read. Raises `UnreadableTriples`
    with the line, `OSError`.
    """
    reader = _Reader(triples, parsed=parsed, forms=Forms() if forms is None else forms)
    ending = f" {graph} .\n".encode()
    for number, part in _blocks(triples) if parts is None else parts:
        lines = reader.canonical(number, part).split(_ENDING)
        lines.pop()  # what comes after the last ending: nothing
        yield [line + ending for line in lines]


def _blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file, many at a time, with the number of the first."""
    number, rest = 1, b""
    with path.open("rb") as file:
        while data := file.read(_BLOCK_BYTES):
            whole, newline, rest = (rest + data).rpartition(b"\n")
            if newline:
                yield number, whole + newline
                number += whole.count(b"\n") + 1
        if rest:
            yield number, rest + b"\n"


class _Reader:
    """Makes whole lines of a file of N-Triples canonical."""

    def __init__(self, triples: Path, *, parsed: bool, forms: Forms) -> None:
        self._path = triples
        self._forms = forms
        self._stretches = _stretches if parsed else _one_stretch
        self._literals: dict[Literal, Literal] = {}

    def canonical(self, first: int, block: bytes) -> bytes:
        parts = []
        at = 0
        for pattern, stop in self._stretches(block):
            while at < stop:
                if run := pattern.match(block, at, stop):
                    end = run.end()
                    parts.append(run.group())
                else:
                    end = block.index(b"\n", at) + 1
                    number = first + block.count(b"\n", 0, at)
                    parts.append(self._parsed(block[at:end], number))
                at = end
        return b"".join(parts)

    def _parsed(self, line: bytes, number: int) -> bytes:
        """Return one line as the store would; nothing where it holds no triple."""
        try:
            quads = [q.triple for q in parse(line, RdfFormat.N_TRIPLES)]
        except SyntaxError as error:
            raise unreadable(self._path, error, number) from error
        if any(too_deep(triple.object) for triple in quads):
            raise UnreadableTriples(
                TOO_NESTED,
                place=f"{self._path}:{number}",
                remedy=NAME_INNER,
            )
        return "".join(f"{self._noted(triple)} .\n" for triple in quads).encode()

    def _noted(self, triple: Triple) -> Triple:
        stored = self._stored(triple)
        if stored != triple:
            self._forms.note(stored, triple.object)
        return stored

    def _stored(self, triple: Triple) -> Triple:
        target = triple.object
        if isinstance(target, Literal):
            target = self._literal(target)
        elif isinstance(target, Triple):
            target = self._stored(target)
        return Triple(triple.subject, triple.predicate, target)

    def _literal(self, literal: Literal) -> Literal:
        """Return the literal in the form that the store gives it."""
        found = self._literals.get(literal)
        if found is None:
            if len(self._literals) >= _MOST_LITERALS:
                self._literals.clear()
            found = self._literals[literal] = stored_literals([literal])[literal]
        return found


def _one_stretch(block: bytes) -> Iterator[tuple[re.Pattern[bytes], int]]:
    yield _RUN, len(block)


def _stretches(block: bytes) -> Iterator[tuple[re.Pattern[bytes], int]]:
    """Yield where lines with and without a backslash end, and what recognises a run of them."""
    at = 0
    while (escape := block.find(b"\\", at)) >= 0:
        yield _PARSED_RUN, block.rfind(b"\n", at, escape) + 1 or at
        at = block.index(b"\n", escape) + 1
        yield _RUN, at
    yield _PARSED_RUN, len(block)


def stored_quads(quads: Iterable[Quad]) -> frozenset[Quad]:
    """Return quads as the store gives them back."""
    store = Store()
    store.extend(quads)
    return frozenset(store)


def stored_literals(literals: Iterable[Literal]) -> Mapping[Literal, Literal]:
    """Return for each literal the form that the store gives it."""
    given = list(dict.fromkeys(literals))
    node = NamedNode("urn:x")
    store = Store()
    store.extend(Quad(NamedNode(f"urn:{n}"), node, literal) for n, literal in enumerate(given))
    found = {int(quad.subject.value[4:]): quad.object for quad in store}
    return {literal: found[number] for number, literal in enumerate(given)}
