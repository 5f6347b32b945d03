"""However a file is cut and whoever reads it, the same comes of it."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vises.ingest.finding import find
from vises.ingest.parallel.pieces import cut
from vises.ingest.sources.kbo.sample import write_sample as write_kbo
from vises.ingest.sources.sirene.sample import write_sample as write_sirene
from vises.progress import Silence

if TYPE_CHECKING:
    from pathlib import Path

Mapper = Any
Engine = Any

WHOLE = 1 << 40
SAMPLES = {"sirene": (write_sirene, "units"), "kbo": (write_kbo, "enterprises")}
HEADER = (
    "siren,dateDernierTraitementUniteLegale,denominationUniteLegale,"
    "categorieJuridiqueUniteLegale,economieSocialeSolidaireUniteLegale"
)
NUMBERS = ["000000018", "000000026", "000000034", "000000042", "000000019", "x", ""]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


NAMES = st.text(st.sampled_from('AÉ œ,"\n\r;😀='), max_size=8)
SOUND = st.builds(
    "{},{},{},{},{}".format,
    st.sampled_from(NUMBERS),
    st.sampled_from(["2025-01-02", "2025-03-04", "2025-02-30", ""]),
    st.one_of(NAMES.map(quoted), st.sampled_from(["LA MAISON", "LE JARDIN", "[ND]", ""])),
    st.sampled_from(["9220", "1000", "5499", "0000"]),
    st.sampled_from(["O", "N", "", "X"]),
)
DIRTY = st.sampled_from(
    [
        *('"a"b,c', "000000018,2025", "", ",,,,,,", '5" pipe,a,b,c,d', '""', "a\rb", "\x00"),
        *('"one\ntwo"x', "000000026,2025-01-02,LES 3\u2028B,9220,O", '"', 'x,"y'),
    ]
)
LINES = st.lists(st.one_of(SOUND, SOUND, SOUND, DIRTY), max_size=30)
NOT_UTF8 = b"000000059,2025-01-02,F\xcaTE,9220,O"


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """Draw a table: mostly rows that are sound, with doubles, and what people do to files."""
    end = draw(st.sampled_from(["\n", "\r\n"]))
    lines = [line.encode() for line in draw(LINES)]
    if draw(st.integers(0, 9)) == 0:
        lines.insert(draw(st.integers(0, len(lines))), NOT_UTF8)
    start = b"\xef\xbb\xbf" if draw(st.booleans()) else b""
    last = end if draw(st.integers(0, 4)) else ""
    return start + end.encode().join([HEADER.encode(), *lines]) + last.encode()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=texts(), size=st.integers(1, 400))
def test_pieces_give_what_the_whole_gives(
    tmp_path: Path, mapped: Mapper, ahead: Engine, text: bytes, size: int
) -> None:
    path = tmp_path / "u.csv"
    path.write_bytes(text)
    whole = mapped("sirene", path, piece_bytes=WHOLE)
    assert mapped("sirene", path, piece_bytes=size) == whole
    assert mapped("sirene", path, piece_bytes=size, engine=ahead) == whole


@pytest.mark.parametrize("source", ["sirene", "kbo"])
@pytest.mark.parametrize("size", [300, 5000])
def test_samples_of_registers(
    tmp_path: Path, mapped: Mapper, ahead: Engine, source: str, size: int
) -> None:
    folder = tmp_path / "sample"
    folder.mkdir()
    write, count = SAMPLES[source]
    files = write(folder, **{count: 150}, dirty=0.1).files
    whole = mapped(source, *files, piece_bytes=WHOLE)
    assert whole.triples
    assert whole.quarantine
    assert mapped(source, *files, piece_bytes=size, engine=ahead) == whole


@pytest.mark.parametrize("size", [1, 150, WHOLE])
def test_duplicates_are_told_their_own_fault_first(
    tmp_path: Path, mapped: Mapper, ahead: Engine, size: int
) -> None:
    """A unit that is not taken is known by its number all the same, and its establishments not."""
    units = tmp_path / "u.csv"
    day = "2025-01-02"
    units.write_text(
        f"{HEADER}\n000000018,{day},UN,9220,O\n000000018,{day},,9220,O\n"
        f"000000026,{day},,9220,O\n000000026,{day},DEUX,9220,O\n"
        f"000000034,{day},TROIS,5499,N\n000000034,{day},TROIS,9220,O\n"
    )
    places = tmp_path / "e.csv"
    names = "siren,etablissementSiege,codePostalEtablissement,libelleCommuneEtablissement"
    rows = "".join(f"{siren},true,59000,LILLE,59350\n" for siren in ("000000018", "000000034"))
    places.write_text(f"{names},codeCommuneEtablissement\n{rows}")
    found = mapped("sirene", units, places, piece_bytes=size, engine=ahead)
    told = [json.loads(line) for line in found.quarantine.splitlines()]
    assert [(each["line"], each["rule"]) for each in told] == [
        *((3, "no-name"), (4, "no-name"), (5, "duplicate"), (7, "duplicate"))
    ]
    assert [file.published for file in found.files] == [1, 1]
    assert mapped("sirene", units, places, piece_bytes=WHOLE) == found


NAMED = HEADER.split(",")
OBJECTS = [
    *(
        json.dumps(dict(zip(NAMED, cells, strict=True)))
        for cells in (
            ("000000018", "2025-01-02", "É\u2028B", "9220", "O"),
            ("000000026", "2025-01-02", 'a "b"\n', "9220", "O"),
            ("000000018", "2025-01-02", "AGAIN", "9220", "O"),
            ("x", "2025-01-02", "", "9220", "O"),
        )
    ),
    *("", "no json", "[]", '{"siren": "000000042", "unknown": 1}', "  "),
    json.dumps(
        {"siren": "000000042", NAMED[1]: "2025-01-02", NAMED[2]: "😀" * 40, NAMED[3]: "9220"}
    ),
]


@pytest.mark.parametrize("size", [1, 90, 300])
@pytest.mark.parametrize("end", ["", "\n"])
def test_json_lines(tmp_path: Path, mapped: Mapper, ahead: Engine, size: int, end: str) -> None:
    path = tmp_path / "u.jsonl"
    path.write_text("\n".join([*OBJECTS, OBJECTS[0].replace("18", "34")]) + end, encoding="utf-8")
    whole = mapped("sirene", path, piece_bytes=WHOLE)
    assert whole.files[0].rows_in == 9
    assert whole.files[0].quarantined == 6
    assert mapped("sirene", path, piece_bytes=size, engine=ahead) == whole
    packed = tmp_path / "u.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert mapped("sirene", packed, piece_bytes=size).triples == whole.triples


def test_json_lines_are_cut_between_lines(tmp_path: Path) -> None:
    path = tmp_path / "u.jsonl"
    path.write_text("\n".join(OBJECTS), encoding="utf-8")
    (file,) = find([path])
    pieces = [p.stretch for p in cut(file, tmp_path, 100, Silence()) if p.stretch]
    data = path.read_bytes()
    assert len(pieces) > 3
    assert b"".join(data[p.start : p.stop] for p in pieces) == data
    assert all(data[p.start - 1 : p.start] == b"\n" for p in pieces[1:])


def test_a_json_array_is_one_piece(tmp_path: Path) -> None:
    path = tmp_path / "u.json"
    path.write_text("[{}\n, {}]", encoding="utf-8")
    (file,) = find([path])
    assert [piece.stretch for piece in cut(file, tmp_path, 1, Silence())] == [None]
