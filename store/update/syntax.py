"""Taking an update apart into its operations (SPARQL 1.1 Update, section 3; grammar in 19.8).

The engine's own parser decides what is an update. What is taken apart here is handed to the engine
in pieces: patterns as queries, templates as data. So a text that was taken apart wrongly reads and
writes no more than any other one may.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from vises.errors import sentence
from vises.store.update.request import UpdateSyntaxError

TOKEN = re.compile(
    r"""
    (?P<blank>\s+|\#[^\r\n]*)
    |(?P<iri><(?:[^\x00-\x20<>"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)
    |(?P<text>\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''
             |"(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*')
    |(?P<variable>[?$][\w\u00b7\u203f\u2040\u0300-\u036f]+)
    |(?P<name>[\w.\-\u00b7]*+:(?:[\w.\-:\u00b7]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*)
    |(?P<word>\w+)
    |(?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Using(NamedTuple):
    """A USING clause: the graph as it is written, and whether it is USING NAMED."""

    graph: str
    named: bool


@dataclass(frozen=True)
class Data:
    """INSERT DATA or DELETE DATA (sections 3.1.1 and 3.1.2); `quads` with its braces."""

    prologue: str
    insert: bool
    quads: str


@dataclass(frozen=True)
class Modify:
    """DELETE/INSERT, and DELETE WHERE (section 3.1.3); each part with its braces."""

    prologue: str
    graph: str | None
    delete: str | None
    insert: str | None
    using: tuple[Using, ...]
    where: str


@dataclass(frozen=True)
class Clear:
    """CLEAR and DROP (sections 3.1.5 and 3.2.2): DEFAULT, NAMED, ALL, or a graph as written."""

    prologue: str
    silent: bool
    target: str


@dataclass(frozen=True)
class Create:
    """CREATE (section 3.2.1)."""

    prologue: str
    silent: bool
    graph: str


@dataclass(frozen=True)
class Transfer:
    """ADD, COPY and MOVE (sections 3.2.3 to 3.2.5), from and to DEFAULT or a graph as written."""

    prologue: str
    silent: bool
    kind: str
    source: str
    target: str


@dataclass(frozen=True)
class Load:
    """LOAD (section 3.1.4)."""

    prologue: str


Operation = Data | Modify | Clear | Create | Transfer | Load


class Part(NamedTuple):
    """An operation, and where it stands in the text of the update."""

    operation: Operation
    start: int
    end: int


def operations(update: str) -> list[Part]:
    """Return the operations of an update that parses. Raises `UpdateSyntaxError`."""
    reader = _Reader(update)
    found: list[Part] = []
    reader.prologue()
    while not reader.at_end():
        start = reader.start()
        operation = reader.operation()
        found.append(Part(operation, start, reader.end()))
        if not reader.at_end():
            reader.expect(";")
            reader.prologue()
    return found


def first_operation(update: str) -> int:
    """Return where the first operation begins in a text that may be no update."""
    reader = _Reader(update)
    try:
        reader.prologue()
    except UpdateSyntaxError:
        return 0
    return len(update) if reader.at_end() else reader.start()


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


class _Reader:
    def __init__(self, text: str) -> None:
        matches = TOKEN.finditer(text)
        self._tokens = [
            _Token(str(m.lastgroup), m[0], m.start(), m.end())
            for m in matches
            if m.lastgroup != "blank"
        ]
        self._text = text
        self._at = 0
        self._prologue: list[str] = []

    def at_end(self) -> bool:
        return self._at == len(self._tokens)

    def start(self) -> int:
        """Return where the next token begins."""
        return self._tokens[self._at].start

    def end(self) -> int:
        """Return where the last token ended."""
        return self._tokens[self._at - 1].end

    def prologue(self) -> None:
        """Take BASE and PREFIX, which hold for all that comes after them."""
        while self._next() in {"BASE", "PREFIX"}:
            length = 2 if self._next() == "BASE" else 3
            tokens = [self._take() for _ in range(length)]
            self._prologue.append(" ".join(token.text for token in tokens))

    def operation(self) -> Operation:
        word = self._take().text.upper()
        prologue = "\n".join(self._prologue)
        if word in {"INSERT", "DELETE"} and self._skip("DATA"):
            return Data(prologue, word == "INSERT", self._block())
        if word == "DELETE" and self._skip("WHERE"):
            block = self._block()
            return Modify(prologue, None, block, None, (), block)
        if word in {"WITH", "DELETE", "INSERT"}:
            return self._modify(prologue, word)
        return self._management(prologue, word)

    def _management(self, prologue: str, word: str) -> Operation:
        silent = self._skip("SILENT")
        target = self._target()
        if word in {"CLEAR", "DROP"}:
            return Clear(prologue, silent, target)
        if word == "CREATE":
            return Create(prologue, silent, target)
        if word == "LOAD":
            if self._skip("INTO"):
                self._target()
            return Load(prologue)
        if word not in {"ADD", "COPY", "MOVE"}:
            raise _unclear()
        self.expect("TO")
        return Transfer(prologue, silent, word, target, self._target())

    def _modify(self, prologue: str, word: str) -> Modify:
        graph = delete = insert = None
        if word == "WITH":
            graph = self._take().text
            word = self._take().text.upper()
        if word == "DELETE":
            delete = self._block()
            word = "INSERT" if self._skip("INSERT") else ""
        if word == "INSERT":
            insert = self._block()
        using = []
        while self._skip("USING"):
            named = self._skip("NAMED")
            using.append(Using(self._take().text, named))
        self.expect("WHERE")
        return Modify(prologue, graph, delete, insert, tuple(using), self._block())

    def _target(self) -> str:
        """Take a graph, or one of the words DEFAULT, NAMED and ALL."""
        self._skip("GRAPH")
        token = self._take()
        return token.text.upper() if token.kind == "word" else token.text

    def _block(self) -> str:
        """Take what stands in braces, with them."""
        self.expect("{")
        start = self._tokens[self._at - 1].start
        depth = 1
        while depth:
            token = self._take()
            if token.kind == "sign":
                depth += (token.text == "{") - (token.text == "}")
        return self._text[start : self.end()]

    def expect(self, text: str) -> None:
        if not self._skip(text):
            raise _unclear()

    def _skip(self, text: str) -> bool:
        found = self._next() == text
        self._at += found
        return found

    def _next(self) -> str:
        return "" if self.at_end() else self._tokens[self._at].text.upper()

    def _take(self) -> _Token:
        if self.at_end():
            raise _unclear()
        self._at += 1
        return self._tokens[self._at - 1]


def _unclear() -> UpdateSyntaxError:
    return UpdateSyntaxError(
        sentence("update-unclear", "The update cannot be taken apart into its operations."),
        remedy=sentence(
            "space-operations",
            "Put spaces around the comparison signs, and each operation on a line of its own.",
        ),
    )
