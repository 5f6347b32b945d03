"""From an engine's answer to ours: what a form cannot say is refused, as it is here."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, cast

import pytest

from vises.store.engine import NotAcceptable
from vises.store.remote.conversion import conversion

if TYPE_CHECKING:
    from vises.store.remote.transfer import Transfer

RESULTS_JSON, RESULTS_XML = "application/sparql-results+json", "application/sparql-results+xml"
CONTROL = (
    b'{"head":{"vars":["o"]},"results":{"bindings":[{"o":{"type":"literal","value":"\\u0001"}}]}}'
)


class Passing:
    """What `conversion` reads from and writes to, in memory."""

    def __init__(self, theirs: bytes) -> None:
        self.read = BytesIO(theirs).read
        self.ours = BytesIO()
        self.write = self.ours.write
        self.flush = self.ours.flush


def converted(form: str, theirs: str, body: bytes, ours: str) -> bytes:
    passing = Passing(body)
    conversion(form, theirs, ours)(cast("Transfer", passing))
    return passing.ours.getvalue()


@pytest.mark.parametrize(
    ("triple", "ours", "why"),
    [
        ("<x:s> <x:p> <<( <x:a> <x:b> <x:c> )>>", "application/ld+json", "triple terms"),
        ("<x:s> <x:p> '\\u0001'", "application/rdf+xml", r"U\+0001"),
        ("<x:s> <x:2026> <x:o>", "application/rdf+xml", "without a name"),
    ],
)
def test_a_graph_that_a_form_cannot_say_is_refused(triple: str, ours: str, why: str) -> None:
    body = f"{triple.replace(chr(39), chr(34))} .\n".encode()
    assert converted("graph", "application/n-triples", body, "text/turtle")
    with pytest.raises(NotAcceptable, match=why):
        converted("graph", "application/n-triples", body, ours)


def test_a_table_that_xml_cannot_say_is_refused() -> None:
    assert converted("table", RESULTS_JSON, CONTROL, "text/csv")
    with pytest.raises(NotAcceptable, match=r"U\+0001"):
        converted("table", RESULTS_JSON, CONTROL, RESULTS_XML)
