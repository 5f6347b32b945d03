"""CSV tables as they really come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vises.ingest.finding import find
from vises.ingest.rules import Refusal
from vises.ingest.tables import header, rows
from vises.ingest.tables.encodings import NotUtf8
from vises.ingest.tables.table import LONGEST_CELL, BadTable
from vises.progress import Silence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def read(path: Path, *wanted: str) -> list[tuple[int, Sequence[str]]]:
    (file,) = find([path])
    return list(rows(file, wanted, Silence()))


def test_columns_by_name_in_any_case_and_order(table: Path) -> None:
    table.write_text("b,A,c\n2,1,3\n")
    assert read(table, "a", "B") == [(2, ("1", "2"))]
    assert read(table, "c", "absent") == [(2, ("3", ""))]
    assert read(table, "c") == [(2, ("3",))]
    assert read(table, "absent") == [(2, ("",))]


def test_line_numbers_are_physical(table: Path) -> None:
    table.write_text('a,b\n1,"x\ny\n\nz"\n2,q\n\n3,"r\r\ns"\n4,t\n', newline="")
    assert [line for line, _ in read(table, "a")] == [2, 6, 8, 10]
    assert read(table, "b")[0][1] == ("x\ny\n\nz",)


def test_a_byte_order_mark_is_no_part_of_a_name(table: Path) -> None:
    table.write_bytes(b"\xef\xbb\xbfa,b\n1,2\n")
    assert read(table, "a") == [(2, ("1",))]


def test_rows_of_another_width_are_refused_with_their_line(table: Path) -> None:
    table.write_text("a,b\n1\n1,2\n1,2,3\n")
    assert read(table, "a", "b") == [
        (2, Refusal("cells", "", "1", "2")),
        (3, ("1", "2")),
        (4, Refusal("cells", "", "3", "2")),
    ]


def test_a_quote_in_the_wrong_place_is_one_bad_row(table: Path) -> None:
    table.write_text('a,b\n"x"y,2\n3,4\n')
    assert read(table, "a") == [(2, Refusal("quoting", "", "", "")), (3, ("3",))]


def test_a_long_cell_is_data(table: Path) -> None:
    table.write_text(f"a,b\n{'x' * 100_000},2\n")
    assert len(read(table, "a")[0][1][0]) == 100_000


def test_a_cell_without_end_is_a_quote_that_is_not_closed(table: Path) -> None:
    table.write_text('a,b\n1,2\n"' + "x,y\n" * LONGEST_CELL + '"\n')
    with pytest.raises(BadTable, match="never closed") as caught:
        read(table, "a")
    assert str(caught.value.place).endswith("table.csv, line 3")


def test_an_empty_file(table: Path) -> None:
    table.write_text("")
    with pytest.raises(BadTable, match="is empty"):
        read(table, "a")


def test_a_file_that_ends_within_quotes(table: Path) -> None:
    table.write_text('a,b\n1,2\n3,"four')
    with pytest.raises(BadTable, match="truncated") as caught:
        read(table, "a")
    assert str(caught.value.place).endswith("line 3")


def test_a_file_that_ends_within_a_row(table: Path) -> None:
    table.write_text("a,b,c\n1,2,3\n4,5")
    with pytest.raises(BadTable, match=r"truncated.*2 of 3 cells") as caught:
        read(table, "a")
    assert str(caught.value.place).endswith("line 3")
    assert "Download it again" in str(caught.value.remedy)


def test_a_last_row_without_end_of_line_is_whole(table: Path) -> None:
    table.write_text("a,b\n1,2")
    assert read(table, "a") == [(2, ("1",))]


def test_latin_1_names_line_byte_and_way_out(table: Path) -> None:
    table.write_bytes("a,b\n1,2\n3,école\n".encode("latin-1"))
    with pytest.raises(NotUtf8, match=r"0xE9.*Latin-1") as caught:
        read(table, "a")
    assert str(caught.value.place).endswith("table.csv, line 3, byte 3")
    assert "iconv -f WINDOWS-1252" in str(caught.value.remedy)


def test_latin_1_far_into_the_file(table: Path) -> None:
    table.write_bytes(b"a,b\n" + b"1,2\n" * 400_000 + b"3,\xe9\n")
    with pytest.raises(NotUtf8) as caught:
        read(table, "a")
    assert str(caught.value.place).endswith("line 400002, byte 3")


def test_utf_16_is_said_to_be(table: Path) -> None:
    table.write_text("a,b\n1,2\n", encoding="utf-16")
    with pytest.raises(NotUtf8, match="UTF-16"):
        read(table, "a")


def test_a_file_that_ends_within_a_character(table: Path) -> None:
    table.write_bytes("a,b\n1,é".encode()[:-1])
    with pytest.raises(BadTable, match="truncated"):
        read(table, "a")


def test_a_column_that_comes_twice(table: Path) -> None:
    table.write_text("a,b,A\n1,2,3\n")
    with pytest.raises(BadTable, match="'a' comes twice"):
        read(table, "b")


@pytest.mark.parametrize("sign", [";", "\t", ","])
def test_the_sign_between_cells_is_the_one_that_makes_most(table: Path, sign: str) -> None:
    table.write_text(f"a{sign}b{sign}c\n1,5{sign}2{sign}3\n".replace("1,5", "1.5"))
    assert read(table, "a", "c") == [(2, ("1.5", "3"))]


def test_a_decimal_comma_between_semicolons_is_part_of_its_cell(table: Path) -> None:
    table.write_text("a;b\n1,5;2\n")
    assert read(table, "a", "b") == [(2, ("1,5", "2"))]


@pytest.mark.parametrize("sign", [";", "\t"])
def test_commas_within_the_names_of_columns_are_no_signs_between_them(
    table: Path, sign: str
) -> None:
    table.write_text(f"a{sign}jobs, women, total\n1{sign}2,5\n")
    assert read(table, "a", "jobs, women, total") == [(2, ("1", "2,5"))]


def test_header_keeps_the_names_as_they_stand(table: Path) -> None:
    table.write_text("Siren, Nom \n1,2\n")
    assert header(find([table])[0]) == ("Siren", "Nom")


@pytest.mark.parametrize("head", ['"a"x,b\n1,2\n', 'a,"b\n1,2\n', '"a","b'])
def test_a_broken_quote_in_the_names_of_columns_is_told(table: Path, head: str) -> None:
    table.write_text(head)
    with pytest.raises(BadTable, match="names of the columns"):
        read(table, "a")


def test_a_cell_without_end_is_told_apart_from_a_quote(table: Path) -> None:
    table.write_text(f"a,b\n1,{'x' * (LONGEST_CELL + 1)}\n")
    with pytest.raises(BadTable, match=r"more than [0-9,]+ characters"):
        read(table, "a")
