"""A query as text to paste into Python, R, a shell or DuckDB, pinned to a release.

Whoever opens a link brings a query that somebody else wrote, so what is pasted must stay a string
in every language: see `_visible` and the functions named `_in_*`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vises.store.keywords import Kind


_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters and those that change the direction of text: a terminal obeys the first."""


@dataclass(frozen=True)
class PinnedQuery:
    """A query, its dataset (SPARQL 1.1 Protocol, section 2.1.4) and the release that answers it."""

    endpoint: str
    release: str
    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    @property
    def link(self) -> str:
        """The address of the query page with the query, always answered from the same release."""
        return f"{self.endpoint}?{urlencode([*self.parameters, ('query', self.query)])}"

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """All parameters but the query; the release is the last, where SPARQLWrapper needs it."""
        return (
            *(("default-graph-uri", graph) for graph in self.default_graphs),
            *(("named-graph-uri", graph) for graph in self.named_graphs),
            ("release", self.release),
        )


@dataclass(frozen=True)
class Snippet:
    """Some code: its language with the library it needs, and its text."""

    name: str
    code: str


def snippets(pinned: PinnedQuery, kind: Kind) -> list[Snippet]:
    """Return the code that asks a query, for those languages that can hold what it answers."""
    made: Mapping[str, Callable[[PinnedQuery], str]] = {
        "table": {
            "Python, pandas": _pandas,
            "Python, SPARQLWrapper": _sparqlwrapper,
            "R": _r_table,
            "curl": _curl_table,
            "DuckDB": _duckdb,
            "DuckDB, curl": _duckdb_and_curl,
        },
        "graph": {"Python, rdflib": _rdflib, "R": _r_lines_turtle, "curl": _curl_graph},
        "boolean": {
            "Python, SPARQLWrapper": _sparqlwrapper_ask,
            "R": _r_lines_csv,
            "curl": _curl_boolean,
        },
    }[kind]
    return [Snippet(name, write(pinned)) for name, write in made.items()]


def _visible(text: str) -> str:
    r"""Return a query that means the same and has none of `_UNSEEN`.

    SPARQL 1.1 Query Language, section 19.2: a codepoint escape may stand for any character.

    >>> _visible("ASK {}\r\n# \x1b[2J")
    'ASK {}\n# \\u001B[2J'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04X}", lines)


def _in_python(query: str) -> str:
    text = _visible(query)
    for quotes in ('"""', "'''"):
        if quotes not in text:
            return f"r{quotes}\n{text}\n{quotes}"
    return repr(text)


def _in_r(query: str) -> str:
    """Return a raw string (R 4.0 and newer) with more dashes than any of its ends in the query."""
    text = _visible(query)
    dashes = "-" * (1 + max(map(len, re.findall(r'\)(-*)"', text)), default=0))
    return f'r"{dashes}(\n{text}\n){dashes}"'


def _in_shell(text: str) -> str:
    """Return a word of a POSIX shell (Shell Command Language, section 2.2.2)."""
    quoted = _visible(text).replace("'", "'\\''")
    return f"'{quoted}'"


def _in_quotes(text: str) -> str:
    """Return a string of Python and of R; `text` is an IRI or an address, percent-encoded."""
    escaped = _visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _address(pinned: PinnedQuery) -> str:
    return f"{pinned.endpoint}?{urlencode(pinned.parameters)}"


def _pandas(pinned: PinnedQuery) -> str:
    return f"""\
# pip install pandas
from urllib.parse import urlencode
from urllib.request import urlopen

import pandas as pd

query = {_in_python(pinned.query)}
form = urlencode({{"query": query, "download": "csv"}}).encode()
answer = urlopen({_in_quotes(_address(pinned))}, form)
# Everything is text, so that codes keep their zeros; pd.to_numeric makes numbers of a column.
rows = pd.read_csv(answer, dtype=str, keep_default_na=False, na_values=[""])
print(rows)
"""


def _sparqlwrapper(pinned: PinnedQuery) -> str:
    return (
        _asked_by_sparqlwrapper(pinned)
        + """\
for row in answer["results"]["bindings"]:
    print({name: term["value"] for name, term in row.items()})
"""
    )


def _sparqlwrapper_ask(pinned: PinnedQuery) -> str:
    return _asked_by_sparqlwrapper(pinned) + 'print(answer["boolean"])\n'


def _asked_by_sparqlwrapper(pinned: PinnedQuery) -> str:
    return f"""\
# pip install SPARQLWrapper
from SPARQLWrapper import JSON, POST, SPARQLWrapper

query = {_in_python(pinned.query)}
service = SPARQLWrapper({_in_quotes(_address(pinned))})
service.setMethod(POST)
service.setReturnFormat(JSON)
service.setQuery(query)
answer = service.query().convert()
"""


def _rdflib(pinned: PinnedQuery) -> str:
    return f"""\
# pip install rdflib
from urllib.parse import urlencode
from urllib.request import urlopen

from rdflib import Graph

query = {_in_python(pinned.query)}
form = urlencode({{"query": query, "download": "ttl"}}).encode()
answer = urlopen({_in_quotes(_address(pinned))}, form)
graph = Graph().parse(answer, format="turtle")
print(len(graph), "statements")
"""


def _r_table(pinned: PinnedQuery) -> str:
    return f"""\
{_asked_by_r(pinned, "csv")}
# Everything is text, so that codes keep their zeros; as.numeric makes numbers of a column.
rows <- read.csv(address, colClasses = "character", na.strings = "",
                 check.names = FALSE, encoding = "UTF-8")
print(rows)
"""


def _r_lines_turtle(pinned: PinnedQuery) -> str:
    return f"""\
{_asked_by_r(pinned, "ttl")}
turtle <- readLines(address, encoding = "UTF-8")
writeLines(turtle, "graph.ttl", useBytes = TRUE)
"""


def _r_lines_csv(pinned: PinnedQuery) -> str:
    return f"""\
{_asked_by_r(pinned, "csv")}
answer <- suppressWarnings(readLines(address)) == "true"
print(answer)
"""


def _asked_by_r(pinned: PinnedQuery, form: str) -> str:
    return f"""\
# R 4.0 or newer, no package
query <- {_in_r(pinned.query)}
address <- paste0({_in_quotes(_address(pinned) + f"&download={form}&query=")},
                  URLencode(enc2utf8(query), reserved = TRUE, repeated = TRUE))"""


def _curl_table(pinned: PinnedQuery) -> str:
    return _curl(pinned, "csv", "--output rows.csv")


def _curl_graph(pinned: PinnedQuery) -> str:
    return _curl(pinned, "ttl", "--output graph.ttl")


def _curl_boolean(pinned: PinnedQuery) -> str:
    return _curl(pinned, "json")


def _curl(pinned: PinnedQuery, form: str, *more: str) -> str:
    options = ["--fail-with-body", "--silent", "--show-error", *more, f"--data download={form}"]
    lines = [
        f"curl {' '.join(options)}",
        f"--data-urlencode {_in_shell('query=' + _visible(pinned.query))}",
    ]
    return " \\\n  ".join([*lines, _in_shell(_address(pinned))]) + "\n"


def _duckdb(pinned: PinnedQuery) -> str:
    form = [*pinned.parameters, ("download", "csv"), ("query", _visible(pinned.query))]
    address = f"{pinned.endpoint}?{urlencode(form)}".replace("'", "''")
    return f"""\
INSTALL httpfs;
LOAD httpfs;
-- Everything is text, so that codes keep their zeros; TRY_CAST makes numbers of a column.
SELECT * FROM read_csv(
  '{address}',
  header = true, all_varchar = true
);
"""  # noqa: S608 (the quotes of the address are doubled)


def _duckdb_and_curl(pinned: PinnedQuery) -> str:
    read = "SELECT * FROM read_csv('rows.csv', header = true, all_varchar = true)"
    return f'{_curl_table(pinned)}duckdb -c "{read}"\n'
