"""Bad input gets one clear message with place and way out, and loses nothing."""

from __future__ import annotations

import gzip
import os
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from vises.errors import BadInput, VisesError
from vises.ingest.finding import WhichTable, choose, find
from vises.ingest.tables import header
from vises.ingest.tables.table import BadTable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

House = Any
"""The class in conftest.py, which a test module cannot import."""

GOOD = (
    "siren,denominationUniteLegale,categorieJuridiqueUniteLegale,"
    "economieSocialeSolidaireUniteLegale\n000000018,LA MAISON DE BRUMEVAL,9220,O\n"
)


def test_a_name_that_is_not_in_utf_8(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"f\xe9.csv")
    path.write_text(GOOD)
    for named in (path, tmp_path):
        with pytest.raises(BadInput, match="not in UTF-8") as caught:
            find([named])
        assert str(caught.value.place).endswith("f\ufffd.csv")


def test_what_can_be_read_once_only_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "units.csv"
    os.mkfifo(pipe)
    for named in (pipe, tmp_path):
        with pytest.raises(BadInput, match=r"units\.csv: It is a pipe.*into a file"):
            find([named])


def packed(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, GOOD)
    return path


def make_truncated(folder: Path) -> Path:
    path = folder / "u.csv"
    path.write_text(GOOD[:-10])
    return path


def make_truncated_in_quotes(folder: Path) -> Path:
    path = folder / "u.csv"
    path.write_text(GOOD + '000000026,"LES JARDI')
    return path


def make_latin_1(folder: Path) -> Path:
    path = folder / "u.csv"
    path.write_bytes(GOOD.replace("MAISON", "FÊTE").encode("latin-1"))
    return path


def make_two_in_a_zip(folder: Path) -> Path:
    return packed(folder / "u.zip", "first.csv", "second.csv")


def make_truncated_zip(folder: Path) -> Path:
    path = packed(folder / "u.zip", "u.csv")
    path.write_bytes(path.read_bytes()[:-10])
    return path


def make_missing_column(folder: Path) -> Path:
    path = folder / "u.csv"
    path.write_text(GOOD.replace("categorieJuridiqueUniteLegale", "forme"))
    return path


def make_empty(folder: Path) -> Path:
    path = folder / "u.csv"
    path.touch()
    return path


def make_absent(folder: Path) -> Path:
    return folder / "u.csv"


def make_another_table(folder: Path) -> Path:
    path = folder / "u.csv"
    path.write_text("name,age\nx,1\n")
    return path


def make_duplicate_header(folder: Path) -> Path:
    path = folder / "u.csv"
    path.write_text(GOOD.replace("siren,", "siren,SIREN,", 1))
    return path


def make_blank_lines(folder: Path) -> Path:
    path = folder / "u.csv"
    path.write_text("\n;;;\n" + GOOD)
    return path


def make_title(folder: Path) -> Path:
    path = folder / "u.csv"
    path.write_text("Unités légales, au 30 septembre\n\n" + GOOD.replace(",", ";"))
    return path


def make_titled_sheet(folder: Path) -> Path:
    path = folder / "u.xlsx"
    book = Workbook()
    for row in ["Unités légales", "", *GOOD.splitlines()]:
        book.active.append(row.split(","))
    book.save(path)
    return path


CASES = [
    (make_blank_lines, 3, "u.csv, line 1", "is blank", "Delete the lines above"),
    (make_title, 3, "u.csv, line 1", "None of its columns", "seem to stand in line 3: delete"),
    (make_titled_sheet, 3, "u.xlsx/Sheet, line 1", "None", "seem to stand in line 3: delete"),
    (make_truncated, 3, "u.csv, line 2", "truncated", "Download it again"),
    (make_truncated_in_quotes, 3, "u.csv, line 3", "never closed", "Download the file again"),
    (make_latin_1, 3, "u.csv, line 2, byte 15", "not UTF-8", "iconv"),
    (make_two_in_a_zip, 3, "u.zip", "first.csv, second.csv", "name the file"),
    (make_truncated_zip, 3, "u.zip", "truncated or damaged", "Download it again"),
    (make_missing_column, 3, "u.csv, line 1", "'categorieJuridiqueUniteLegale'", "export it"),
    (make_empty, 3, "u.csv", "is empty", "Download or export it again"),
    (make_absent, 4, "u.csv", "no such file", "Check the name"),
    (make_another_table, 3, "u.csv, line 1", "name, age", "the source you mean"),
    (make_duplicate_header, 3, "u.csv, line 1", "comes twice", "Remove or rename"),
]


@pytest.mark.parametrize(("make", "code", "place", "detail", "remedy"), CASES)
def test_bad_input(  # noqa: PLR0913, PLR0917 (a row of the table above)
    house: House,
    tmp_path: Path,
    make: Callable[[Path], Path],
    code: int,
    place: str,
    detail: str,
    remedy: str,
) -> None:
    good = tmp_path / "good.csv"
    good.write_text(GOOD)
    house.ingest("sirene", good)
    with pytest.raises(VisesError) as caught:
        house.ingest("sirene", make(tmp_path))
    error = caught.value
    assert error.exit_code == code
    assert str(tmp_path / place) in str(error.place)
    assert detail in error.detail
    assert remedy in str(error.remedy)
    assert house.releases.current().id == "000002"
    assert house.ask("SELECT ?n { ?e legal:legalName ?n }") == [("LA MAISON DE BRUMEVAL",)]
    assert list((house.data / "incoming").glob("ingest-*")) == []


def test_of_a_zip_of_sirene_the_expected_member_is_taken(house: House, tmp_path: Path) -> None:
    path = packed(tmp_path / "s.zip", "StockUniteLegale_utf8.csv", "LISEZMOI.csv")
    report = house.ingest("sirene", path)
    assert report.files[0].file == "s.zip/StockUniteLegale_utf8.csv"
    assert report.files[0].published == 1


def test_a_data_folder_that_cannot_be_written_to(empty_house: House, tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text(GOOD)
    empty_house.data.touch()
    with pytest.raises(VisesError) as caught:
        empty_house.ingest("sirene", good)
    assert caught.value.exit_code == 5
    assert str(empty_house.data) in str(caught.value.place)


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a workbook of the old kind"),
        (b"%PDF-1.7", "a PDF"),
        (b"<!DOCTYPE html><p>", "a web page"),
        (b"<HTML>", "a web page"),
        (b"\xef\xbb\xbf\r\n  <html>", "a web page"),
        (b'<?xml version="1.0"?>\n<Workbook>', "an XML document"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, start: bytes, what: str) -> None:
    path = tmp_path / "units.csv"
    path.write_bytes(start)
    with pytest.raises(BadTable, match=f"It is no table but {what}"):
        find([path])


def test_empty_sheets_are_passed_over_and_of_several_none_is_guessed(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = Workbook()
    book.create_sheet("Membres").append(["siren"])
    book.save(path)
    assert [file.member for file in find([path])] == ["Membres"]
    book.create_sheet("Notes").append(["x"])
    book.save(path)
    with pytest.raises(WhichTable, match=r"2 sheets that are not empty.*: Membres, Notes.*Hide"):
        choose(find([path]), ["units"])


def test_a_sheet_that_is_hidden_is_named_where_the_others_are_empty(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = Workbook()
    hidden = book.create_sheet("Membres")
    hidden.append(["siren"])
    hidden.sheet_state = "hidden"
    book.save(path)
    with pytest.raises(BadTable, match=r"hidden ones are not read: Membres.*Show the sheet"):
        find([path])


def test_a_sheet_of_libre_office_is_named(tmp_path: Path) -> None:
    path = tmp_path / "members.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "")
    with pytest.raises(BadTable, match=r"document of LibreOffice \(\.ods.*Save it as \.xlsx"):
        find([path])


def test_a_workbook_within_an_archive_is_told_as_that(tmp_path: Path) -> None:
    book = tmp_path / "units.xlsx"
    Workbook().save(book)
    with zipfile.ZipFile(tmp_path / "units.zip", "w") as archive:
        archive.write(book, "units.xlsx")
    (file,) = find([tmp_path / "units.zip"])
    with pytest.raises(BadTable, match=r"within a zip is not read.*Unpack"):
        header(file)
    packed = tmp_path / "units.xlsx.gz"
    packed.write_bytes(gzip.compress(book.read_bytes()))
    with pytest.raises(BadTable, match=r"with gzip is not read.*Unpack"):
        find([packed])


def test_a_workbook_in_the_binary_form_is_named(tmp_path: Path) -> None:
    path = tmp_path / "members.xlsb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", "")
    with pytest.raises(BadTable, match=r"binary form \(\.xlsb.*Save it as \.xlsx"):
        find([path])


def test_cells_between_other_signs_are_told(house: House, tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text("siren|name\n1|x\n")
    with pytest.raises(BadInput, match=r"It has: siren\|name.*separated by commas"):
        house.ingest("sirene", path)
