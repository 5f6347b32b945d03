"""Judging what a partner sent before the engine reads any of it.

The engine takes an XML document that ends too early for a whole answer, and lets an error in the
middle of a document end a query whose SERVICE is SILENT. So a document is read to its end here,
and only a whole one goes on.
"""

from __future__ import annotations

from xml.parsers import expat

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

ACCEPT = "application/sparql-results+json, application/sparql-results+xml"

_FORMATS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/xml": QueryResultsFormat.XML,
}
_PIECE = 1 << 16


class UnusableAnswer(Exception):
    """The answer is not what SPARQL 1.1 lets an endpoint answer to SELECT; the text says why."""


def solutions_type(header: str) -> str:
    """Return the media type of solutions that a Content-Type header names.

    Raises `UnusableAnswer` for one in which the engine cannot read solutions.
    """
    media_type = header.partition(";")[0].strip().lower()
    form = _FORMATS.get(media_type)
    if form is None:
        raise UnusableAnswer(
            f"its answer is of the type {media_type[:80] or 'that it does not name'}"
        )
    return form.media_type


def flaw(media_type: str, body: bytes) -> str | None:
    """Read an answer to its end and return what is wrong with it; takes long for a large one.

    It returns what others would raise: an error would take pyoxigraph's results along, which must
    not leave the thread that reads them.
    """
    form = QueryResultsFormat.from_media_type(media_type)
    try:
        if form == QueryResultsFormat.XML:
            _check_xml(body)
        results = parse_query_results(body, form)
        if not isinstance(results, QuerySolutions):
            return "its answer is a boolean"
        for _ in results:
            pass
    except UnusableAnswer as error:
        return str(error)
    except expat.ExpatError as error:
        return f"its answer is not whole XML: {error}"
    except (SyntaxError, ValueError, OSError) as error:
        return f"its answer cannot be read: {str(error)[:200]}"
    return None


def _check_xml(body: bytes) -> None:
    """Refuse a document type, whose entities could multiply, and what is not well-formed."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    for start in range(0, len(body), _PIECE):
        parser.Parse(body[start : start + _PIECE])
    parser.Parse(b"", True)  # noqa: FBT003 (expat's interface: that was all)


def _refuse_doctype(*_: object) -> None:
    raise UnusableAnswer("its answer has a document type, which no results format has")
