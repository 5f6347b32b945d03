from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from vises.namespaces import term
from vises.store.canonical import UnreadableTriples, canonical_lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.conftest import World

GRAPH = NamedNode("https://example.org/graph/a")
SUBJECT = NamedNode("https://example.org/s")
DATATYPES = [
    *("integer", "int", "long", "nonNegativeInteger", "unsignedByte", "decimal", "double", "float"),
    *("boolean", "string", "date", "dateTime", "dateTimeStamp", "time", "gYear", "gYearMonth"),
    *("gMonth", "gMonthDay", "gDay", "duration", "yearMonthDuration", "dayTimeDuration"),
    *("anyURI", "hexBinary"),
]
LEXICAL = st.one_of(
    st.integers().map(str),
    st.integers(0, 3000).map(lambda n: f"{n:04d}"),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.floats().map(repr),
    st.dates().map(str),
    st.datetimes().map(lambda d: d.isoformat()),
    st.times().map(str),
    st.sampled_from(["true", "1", "-0", "+7", "007", "P1Y", "PT60S", "2024-02-30", "24:00:00Z"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
LITERALS = st.one_of(
    LEXICAL.map(Literal),
    st.builds(
        lambda text, language: Literal(text, language=language),
        LEXICAL,
        st.sampled_from(["fr", "nl-BE", "en-US-x-a"]),
    ),
    st.builds(
        lambda text, name: Literal(text, datatype=term(f"xsd:{name}")),
        LEXICAL,
        st.sampled_from(DATATYPES),
    ),
    st.builds(lambda text: Literal(text, datatype=NamedNode("https://example.org/d")), LEXICAL),
)
OBJECTS = st.one_of(
    LITERALS,
    st.sampled_from([NamedNode("https://example.org/é%41"), NamedNode("urn:x")]),
    LITERALS.map(lambda value: Triple(SUBJECT, NamedNode("urn:p"), value)),
)


def stored(path: Path) -> set[bytes]:
    store = Store()
    store.bulk_load(path=path, format=RdfFormat.N_TRIPLES, to_graph=GRAPH)
    return {f"{quad} .\n".encode() for quad in store}


def read(path: Path) -> list[bytes]:
    """Return the lines, which are the same where a parser reads the file too."""
    read, parsed = (
        [line for lines in canonical_lines(path, GRAPH, parsed=parsed) for line in lines]
        for parsed in (False, True)
    )
    assert read == parsed
    return read


@given(st.lists(OBJECTS, min_size=1, max_size=20))
def test_lines_are_those_of_a_store(
    tmp_path_factory: pytest.TempPathFactory, objects: list[Literal | NamedNode | Triple]
) -> None:
    path = tmp_path_factory.mktemp("lines") / "in.nt"
    quads = [Quad(SUBJECT, NamedNode("urn:p"), value) for value in objects]
    path.write_bytes(serialize(quads, format=RdfFormat.N_TRIPLES))
    assert set(read(path)) == stored(path)
    assert len(read(path)) == len(objects)


@pytest.mark.parametrize(
    "written",
    [
        b'<urn:s> <urn:p> "caf\\u00e9" .\n',
        b'  <urn:s>\t<urn:p>   "x"@FR-be.\n',
        b"# a comment\n\n<urn:s> <urn:p> <urn:o> . # another\n",
        b'<urn:s> <urn:p> "a tab\there" .\n',
        b'<urn:s> <urn:p> "\\u0000\\u007F\\b\\f" .\n',
        b'<urn:s> <urn:p> "\xef\xbf\xbe" .\n',
        b'<urn:s> <urn:p> "no newline at the end" .',
        b'<urn:s> <urn:p> "windows" .\r\n',
        b'<urn:s> <urn:p> "x"@en--ltr .\n',
        b'<urn:s> <urn:p> " .\\n<urn:s> <urn:p> <urn:o> ." .\n',
        b"<urn:s> <urn:p> <urn:\\u00e9> .\n<urn:s> <urn:p> <urn:o> .\n",
        b'<urn:s> <urn:p> "a\\"b" .\n<urn:\xc3\xa9> <urn:p> <urn:o> .\n<urn:s> <urn:p> "\\\\" .\n',
        b"<urn:s> <urn:p> <<( <urn:s> <urn:p> <urn:o> )>> .\n",
        b"",
    ],
)
def test_other_ways_to_write_n_triples(world: World, written: bytes) -> None:
    path = world.written(written)
    assert set(read(path)) == stored(path)


def test_long_files_come_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vises.store.canonical._BLOCK_BYTES", 100)
    path = world.written(world.lines(range(50)) + b'<urn:s> <urn:p> "01"^^<urn:x> .\n')
    assert set(read(path)) == stored(path)
    assert len(list(canonical_lines(path, GRAPH))) > 20


def test_literals_are_forgotten_when_there_are_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vises.store.canonical._MOST_LITERALS", 2)
    data = "".join(f'<urn:s> <urn:p> "{n}.0"^^{term("xsd:decimal")} .\n' for n in range(9))
    path = world.written(data.encode())
    assert set(read(path)) == stored(path)


def test_a_line_that_does_not_parse(world: World) -> None:
    path = world.written(world.lines("ab") + b"<urn:s> <urn:p> .\n" + world.lines("c"))
    with pytest.raises(UnreadableTriples) as problem:
        read(path)
    assert problem.value.place == f"{path}:3"
