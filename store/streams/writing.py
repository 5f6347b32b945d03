"""Putting members on pages, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse

from vises.namespaces import PREFIXES
from vises.store.streams.pages import Listed, Page, State
from vises.store.streams.terms import (
    COMPLETED,
    GENID,
    NAMESPACES,
    StreamIris,
    named,
    named_triple,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vises.store.streams.members import Member
    from vises.store.streams.pages import Index, StreamFolder

_TYPE = f"<{PREFIXES['rdf']}type>"
_STATUS = f"<{PREFIXES['adms']}status>"


class PageWriter:
    """Adds the members of releases to the pages of a stream."""

    def __init__(self, folder: StreamFolder, index: Index, base: str) -> None:
        """Take up the last page. Raises `OSError`, `StreamDamaged`."""
        self._folder = folder
        self._index = index
        self._iris = StreamIris(base, index.graph)
        self._genid = base + GENID
        self._ending = len(f" <{index.graph}> .\n".encode())
        self._page = Page()
        self._number = index.last + 1
        if index.pages:
            self._page, self._number = folder.read(index.pages[-1]), index.last
        self._dirty = False

    def add(self, members: Iterable[Member], state: State) -> None:
        """Add the members of a release, which leads to a state of the graph. Raises `OSError`."""
        waiting: Member | None = None
        for member in members:
            if waiting is not None:
                self._put(waiting, state, last=False)
            waiting = member
        if waiting is not None:
            self._put(waiting, state, last=True)

    def close(self) -> None:
        """Write the last page. Raises `OSError`."""
        if self._dirty:
            self._write()

    def _put(self, member: Member, state: State, *, last: bool) -> None:
        body = self._written(member, state, last=last)
        if self._page.full(len(body)):
            self.close()
            self._page, self._number = Page(), self._number + 1
            body = self._written(member, state, last=last)
        page = self._page
        listed = self._index.page(self._number)
        if listed is None:
            self._index.pages.append(Listed(self._number, "", state.time, state.time))
        else:
            listed.last = state.time
        page.members.append(self._iri())
        page.body += body
        if last:
            page.states.append(state)
        self._dirty = True

    def _iri(self) -> str:
        return self._iris.member(self._number, len(self._page.members) + 1)

    def _write(self) -> None:
        listed = self._index.page(self._number)
        assert listed is not None  # it was listed with its first member
        listed.file = self._folder.write(self._number, self._page)
        self._dirty = False

    def _written(self, member: Member, state: State, *, last: bool) -> bytes:
        """Return a member as N-Quads: what it is, then its statements in a graph of its name."""
        iri = f"<{self._iri()}>"
        said = [
            (_TYPE, f"<{NAMESPACES['as']}{member.kind}>"),
            (f"<{PREFIXES['dcterms']}isVersionOf>", self._subject(member.subject)),
            (
                f"<{PREFIXES['prov']}generatedAtTime>",
                f'"{state.time}"^^<{PREFIXES["xsd"]}dateTime>',
            ),
            (f"<{PREFIXES['void']}inDataset>", f"<{self._index.graph}>"),
            (f"<{PREFIXES['dcterms']}isPartOf>", f"<{self._iris.state(state.release)}>"),
            *([(_STATUS, str(COMPLETED))] if last else []),
        ]
        head = "".join(f"{iri} {prop} {value} .\n" for prop, value in said).encode()
        ending = f" {iri} .\n".encode()
        return head + b"".join(self._line(line) + ending for line in member.lines)

    def _subject(self, subject: str) -> str:
        blank = subject.startswith("_:")
        term = BlankNode(subject[2:]) if blank else NamedNode(subject[1:-1])
        return str(named(term, self._genid))

    def _line(self, line: bytes) -> bytes:
        """Return a triple of N-Triples without its end, with IRIs in place of blank nodes."""
        triple = line[: -self._ending]
        if b"_:" not in triple and self._genid.encode() not in triple:
            return triple
        (quad,) = parse(triple + b" .\n", RdfFormat.N_TRIPLES)
        return str(named_triple(quad.triple, self._genid)).encode()
