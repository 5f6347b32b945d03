"""Judging what a partner sent before the engine reads any of it.

The engine takes an XML document that ends too early for a whole answer, and lets an error in the
middle of a document end a query whose SERVICE is SILENT. So a document is read to its end here,
and only a whole one goes on. Its parser calls itself for each triple term within another one, until
the stack of the process is used up (docs/upstream.md); so how deep a document is comes first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from pyoxigraph import BlankNode, QueryResultsFormat, QuerySolutions, parse_query_results

from vises.errors import sentence
from vises.store.federation.failures import printable
from vises.store.nesting import MOST_NESTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.errors import Sentence

ACCEPT = "application/sparql-results+json, application/sparql-results+xml"

_FORMATS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/xml": QueryResultsFormat.XML,
}
_PIECE = 1 << 16
_MOST_DEEP = 8 + 2 * MOST_NESTED
"""How deep brackets or elements may stand: those of every answer, and two for each triple term."""

_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b'"{}[]'))
_TYPE_FIRST = re.compile(
    rb'("type"\s*:\s*"bnode"\s*,\s*"value"\s*:\s*")(?:nodeID://)?',
)
_VALUE_FIRST = re.compile(
    rb'("value"\s*:\s*")(?:nodeID://)?((?:[^"\\]|\\.)*"\s*,\s*"type"\s*:\s*"bnode")'
)
_IN_XML = re.compile(
    rb"(<(?:[A-Za-z_][\w.-]*:)?bnode(?:\s[^<>]*)?(?<!/)>\s*)(?:nodeID://)?",
)


class UnusableAnswer(Exception):
    """The answer is not what SPARQL 1.1 lets an endpoint answer to SELECT; `why` says so."""

    def __init__(self, why: Sentence) -> None:
        """Take the sentence, which goes into another one and so has no full stop."""
        super().__init__(why)
        self.why = why


def solutions_type(header: str) -> str:
    """Return the media type of solutions that a Content-Type header names.

    Raises `UnusableAnswer` for one in which the engine cannot read solutions.
    """
    media_type = header.partition(";")[0].strip().lower()
    form = _FORMATS.get(media_type)
    if form is None:
        raise UnusableAnswer(
            sentence(
                "partner-type",
                "its answer is of the type {type}",
                type=printable(media_type[:80]),
            )
            if media_type
            else sentence("partner-no-type", "its answer does not say of what type it is")
        )
    return form.media_type


def judged(media_type: str, body: bytes, mark: str) -> tuple[bytes, Sentence | None]:
    """Read an answer to its end; return it with blank nodes of its own, and what is wrong with it.

    Blank nodes of an answer are no others' (SPARQL 1.1 Query Results JSON Format, section 3.1.1),
    while the engine takes equal labels for the same node: each label gets the mark in front. This
    takes long for a large answer. It returns what others would raise: an error would take
    pyoxigraph's results along, which must not leave the thread that reads them.
    """
    form = QueryResultsFormat.from_media_type(media_type)
    try:
        if form == QueryResultsFormat.XML:
            _check_xml(body)
        else:
            check_json(body)
        body = _marked(form, body, mark)
        results = parse_query_results(body, form)
        if not isinstance(results, QuerySolutions):
            return body, sentence("partner-boolean", "its answer is a boolean")
        for solution in results:
            if any(isinstance(v, BlankNode) and not v.value.startswith(mark) for v in solution):
                return body, sentence(
                    "partner-blank", "its answer writes a blank node in an unusual way"
                )
    except UnusableAnswer as error:
        return body, error.why
    except expat.ExpatError as error:
        return body, sentence(
            "partner-no-xml", "its answer is not whole XML: {why}", why=str(error)
        )
    except (SyntaxError, ValueError, OSError) as error:
        said = printable(str(error)[:200]).rstrip(".")
        return body, sentence("partner-unread", "its answer cannot be read: {why}", why=said)
    return body, None


def _marked(form: QueryResultsFormat | None, body: bytes, mark: str) -> bytes:
    """Put the mark in front of the labels of blank nodes.

    Virtuoso writes them as IRIs that begin with ``nodeID://``, which no label may.
    """
    if b"bnode" not in body:
        return body
    label = mark.encode()

    def xml(piece: bytes) -> bytes:
        return _IN_XML.sub(lambda found: found[1] + label, piece)

    def json(piece: bytes) -> bytes:
        piece = _TYPE_FIRST.sub(lambda found: found[1] + label, piece)
        return _VALUE_FIRST.sub(lambda found: found[1] + label + found[2], piece)

    if form == QueryResultsFormat.XML:
        return b"".join(map(xml, _pieces(body, b"<")))
    return b"".join(map(json, _pieces(body, b"}")))


def _pieces(body: bytes, before: bytes) -> Iterator[bytes]:
    """Cut a body before some of the bytes given, which no label has, so that others get a turn.

    A thread that looks for an expression lets no other one run until it is done.
    """
    start = 0
    while start < len(body):
        end = body.find(before, start + _PIECE)
        end = len(body) if end < 0 else end
        yield body[start:end]
        start = end


def check_json(body: bytes) -> None:
    """Raise `UnusableAnswer` where brackets stand too deep, before a parser reads the body.

    Pairs are taken away from within, outside of texts.
    """
    left, within = b"", 0
    for piece in _pieces(body, b"}"):
        parts = _ESCAPED.sub(b"", piece).translate(None, _NO_BRACKETS).split(b'"')
        left += b"".join(parts[within::2])
        within ^= (len(parts) - 1) & 1
        for _ in range(_MOST_DEEP):
            left = left.replace(b"{}", b"").replace(b"[]", b"")
        if len(left) > _MOST_DEEP or b"{}" in left or b"[]" in left:
            raise _deep()


def _check_xml(body: bytes) -> None:
    """Refuse a document type, whose entities could multiply, what is deep, and not well-formed."""
    depth = 0

    def begun(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > _MOST_DEEP:
            raise _deep()

    def ended(_: object) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler, parser.EndElementHandler = begun, ended
    for start in range(0, len(body), _PIECE):
        parser.Parse(body[start : start + _PIECE])
    parser.Parse(b"", True)  # noqa: FBT003 (expat's interface: that was all)


def _deep() -> UnusableAnswer:
    return UnusableAnswer(
        sentence(
            "partner-deep",
            "its answer nests more deeply than {most} triple terms in one another do",
            most=MOST_NESTED,
        )
    )


def _refuse_doctype(*_: object) -> None:
    raise UnusableAnswer(
        sentence("partner-doctype", "its answer has a document type, which no results format has")
    )
