"""The extractors of spreadsheets and of tables in plain text."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from holdings.errors import CorruptError, EncryptedError, UnsafeFileError
from holdings.model import PageUnit
from ingest import media_types
from ingest.extractors import delimited, legacy, opendocument, spreadsheet
from ingest.extractors.cleaning import cleaned
from ingest.extractors.legacy_sheets import refuse_encrypted
from ingest.extractors.tables import SHEET_PAGE_CHARACTERS, cell_text, margin_text, sheet_pages
from ingest.model import ExtractionEvent, Extractor, Page
from ingest.sniffing import sniff
from tests.files.events import texts
from tests.files.open_document import open_document
from tests.files.sheets import number, text, xlsx
from tests.files.word import changed
from tests.fixtures_services import require
from tests.services.components import LIBREOFFICE

Read = Callable[[Extractor, bytes], list[ExtractionEvent]]
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_X = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return what an extractor finds in a file of this content."""

    def _read(extractor: Extractor, content: bytes) -> list[ExtractionEvent]:
        path = tmp_path / "file"
        path.write_bytes(content)
        return list(cleaned(extractor(path)))

    return _read


def test_a_sheet_is_a_page_with_its_name_on_top_and_empty_rows_are_left_out(read: Read, tmp_path: Path) -> None:
    content = xlsx(
        {
            "Anggaran": [
                text("A1", "Provinsi") + text("B1", "Pagu"),
                text("A2", " "),
                text("A3", "Aceh") + number("B3", "1250000") + number("D3", "0.1"),
            ],
            "Kosong": [],
            "Rahasia": [text("A1", "tersembunyi")],
        },
        hidden=["Rahasia"],
    )
    (tmp_path / "a.xlsx").write_bytes(content)
    assert sniff(tmp_path / "a.xlsx") == media_types.XLSX
    events = read(spreadsheet.extract, content)
    assert texts(events) == ["Anggaran\nProvinsi\tPagu\nAceh\t1250000\t\t0.1", "", "Rahasia\ntersembunyi"]
    assert [(e.number, e.unit) for e in events if isinstance(e, Page)] == [(n, PageUnit.SHEET) for n in (1, 2, 3)]


def test_dates_of_a_spreadsheet_are_iso_dates(read: Read) -> None:
    cells = number("A1", "43273", style=1) + number("B1", "43273.5625", style=2) + number("C1", "43273")
    assert texts(read(spreadsheet.extract, xlsx({"A": [cells]}))) == ["A\n2018-06-22\t2018-06-22 13:30\t43273"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3.0, "3"), (0.1 + 0.2, "0.3"), (1e20, "100000000000000000000"), (0.000025, "0.000025"), (-2.5, "-2.5"),
        (True, "TRUE"), (7, "7"), ("dua\nbaris\t!", "dua baris !"), (None, ""),
        (datetime.date(2018, 6, 22), "2018-06-22"), (datetime.datetime(2018, 6, 22), "2018-06-22"),
        (datetime.time(9, 5), "09:05"), (datetime.timedelta(hours=30, seconds=5), "30:00:05"),
        (datetime.timedelta(minutes=-5), "-0:05:00"),
    ],
)  # fmt: skip
def test_cells_are_written_as_a_person_reads_them(value: object, shown: str) -> None:
    assert cell_text(value) == shown


def test_a_huge_sheet_is_cut_to_pages_at_ends_of_rows() -> None:
    rows = [["baris", str(place), "x" * 500] for place in range(500)]
    pages = list(sheet_pages("Data", rows, lambda: ["catatan"]))
    assert len(pages) == 3
    assert [page.split("\n")[0] for page in pages] == ["Data", "Data (2)", "Data (3)"]
    assert all(len(page) < SHEET_PAGE_CHARACTERS + 100 for page in pages)
    assert [line for page in pages for line in page.split("\n")[1:]] == ["\t".join(row) for row in rows] + ["catatan"]


def test_comments_text_boxes_and_margins_stand_at_the_end_of_their_sheet(read: Read) -> None:
    comments = (
        f'<comments xmlns="{_X}"><authors><author>Sari</author></authors><commentList>'
        '<comment ref="A1" authorId="0"><text><r><t>angka </t></r><r><t>sementara</t></r></text></comment>'
        '<comment ref="A2" authorId="0"><text><t>[Threaded comment] lama</t></text></comment></commentList></comments>'
    )
    threads = '<T xmlns="urn:t"><threadedComment ref="A2"><text>balasan baru</text></threadedComment></T>'
    box = f"<w xmlns='urn:w' {_A}><a:p><a:r><a:t>kotak teks</a:t></a:r></a:p></w>"
    content = xlsx(
        {"Satu": [text("A1", "satu")], "Dua": [text("A1", "dua")]},
        relations={
            "Satu": [
                ("comments", "../comments1.xml"),
                ("threadedComment", "../threaded1.xml"),
                ("drawing", "../drawings/drawing1.xml"),
            ]
        },
        tails={
            "Dua": '<headerFooter><oddHeader>&amp;L&amp;"Arial,Bold"&amp;12Konsep&amp;CBNPT &amp;&amp; Mitra'
            "</oddHeader><oddFooter>Halaman &amp;P dari &amp;N</oddFooter></headerFooter>"
        },
        parts={"xl/comments1.xml": comments, "xl/threaded1.xml": threads, "xl/drawings/drawing1.xml": box},
    )
    assert texts(read(spreadsheet.extract, content)) == [
        "Satu\nsatu\nbalasan baru\nkotak teks\nangka sementara",
        "Dua\ndua\nKonsep BNPT & Mitra",
    ]


@pytest.mark.parametrize(
    ("code", "words"),
    [("&CPage &P of &N", ""), ("&RHalaman &P", ""), ("&LA&&B &D", "A&B"), ('&K00FF00&"-,Bold"Laporan', "Laporan")],
)
def test_margins_are_read_without_their_codes(code: str, words: str) -> None:
    assert margin_text(code) == words


def test_a_damaged_sheet_costs_only_itself(read: Read) -> None:
    content = changed(
        xlsx({"Satu": [text("A1", "satu")], "Dua": [text("A1", "dua")]}),
        {"xl/worksheets/sheet1.xml": lambda part: part.replace(b"</worksheet>", b"</sheetData></oops>")},
    )
    events = read(spreadsheet.extract, content)
    assert texts(events)[1] == "Dua\ndua"
    assert any("'Satu'" in getattr(event, "reason", "") for event in events)


def test_a_spreadsheet_with_a_doctype_is_refused(read: Read) -> None:
    content = changed(xlsx({"A": []}), {"xl/workbook.xml": lambda part: b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + part})
    with pytest.raises(UnsafeFileError):
        read(spreadsheet.extract, content)


def test_what_is_no_spreadsheet_is_corrupt(read: Read) -> None:
    with pytest.raises(CorruptError):
        read(spreadsheet.extract, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000))


@pytest.fixture
def convert(tmp_path: Path) -> Callable[[bytes, str, str], bytes]:
    """Return what LibreOffice makes of a file."""
    require(LIBREOFFICE.path)

    def _convert(content: bytes, source: str, target: str) -> bytes:
        path = tmp_path / f"original.{source}"
        path.write_bytes(content)
        with legacy.converted(path, source, target) as made:
            return made.read_bytes()

    return _convert


def test_an_old_spreadsheet_is_read_with_its_comments(read: Read, convert: Callable[[bytes, str, str], bytes]) -> None:
    note = "<office:annotation><text:p>komentar lama</text:p></office:annotation>"
    body = (
        '<table:table table:name="Lembar"><table:table-row>'
        f'<table:table-cell office:value-type="string">{note}<text:p>Aceh</text:p></table:table-cell>'
        '<table:table-cell office:value-type="float" office:value="12.5"><text:p>12,5</text:p></table:table-cell>'
        "</table:table-row></table:table>"
    )
    (page,) = texts(read(spreadsheet.extract, convert(open_document("spreadsheet", body), "ods", "xls")))
    assert page == "Lembar\nAceh\t12.5\nkomentar lama"


def test_an_old_spreadsheet_with_a_password_is_told_by_its_record() -> None:
    begin = struct.pack("<2H", 0x0809, 8) + struct.pack("<4H", 0x0600, 5, 0, 0)
    refuse_encrypted(begin + struct.pack("<2H", 0x000A, 0))
    with pytest.raises(EncryptedError):
        refuse_encrypted(begin + struct.pack("<2H", 0x002F, 6) + bytes(6))


def test_cells_that_lie_far_apart_do_not_need_the_grid_between_them(read: Read) -> None:
    require(LIBREOFFICE.path)
    content = changed(
        xlsx({"A": ['<c r="A1"><v>1</v></c>'], "B": []}),
        {
            "xl/worksheets/sheet1.xml": lambda part: part.replace(
                b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'
            ).replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData>')
        },
    )
    assert texts(read(spreadsheet.extract, content))[0].split() == ["A", "1", "2"]


def test_sheets_of_opendocument_are_read_as_they_are_shown(read: Read) -> None:
    body = (
        "<table:tracked-changes><table:cell-content-change><table:previous><table:change-track-table-cell><text:p>lama"
        "</text:p></table:change-track-table-cell></table:previous></table:cell-content-change></table:tracked-changes>"
        '<table:table table:name="Data"><table:table-header-rows><table:table-row>'
        '<table:table-cell office:value-type="string"><text:p>Judul</text:p><text:p>dua baris</text:p>'
        '</table:table-cell><table:covered-table-cell table:number-columns-repeated="2"/>'
        '<table:table-cell office:value-type="percentage" office:value="0.125"><text:p>12,5%</text:p>'
        "</table:table-cell></table:table-row></table:table-header-rows>"
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="2"><table:table-cell '
        'office:value-type="date" office:date-value="2018-06-22"><text:p>22 Juni 2018</text:p><office:annotation>'
        "<dc:creator>Sari</dc:creator><text:p>periksa</text:p></office:annotation></table:table-cell>"
        "</table:table-row></table:table>"
        '<table:table table:name="Salinan"><table:table-source/><table:table-row><table:table-cell><text:p>luar'
        "</text:p></table:table-cell></table:table-row></table:table>"
    )
    masters = (
        '<style:master-page style:name="D"><style:header><text:p><text:sheet-name>???</text:sheet-name></text:p>'
        "</style:header><style:footer><text:p>Page <text:page-number>1</text:page-number></text:p></style:footer>"
        "<style:header-left><text:p>Badan Nasional</text:p></style:header-left></style:master-page>"
    )
    events = read(opendocument.extract, open_document("spreadsheet", body, masters=masters))
    assert texts(events) == ["Data\nJudul dua baris\t\t\t12,5%\n2018-06-22\n2018-06-22\nperiksa\nBadan Nasional"]


@pytest.mark.parametrize(
    "content", ["a;b\n1;2\n", "a\tb\n1\t2\n", 'a,b\n1,"2"\n', "a|b\n1|2", "\ufeffa;b\r\n1;2\r\n", "a,b\n\n,,\n1,2"]
)
def test_tables_in_plain_text_are_lines_of_cells(read: Read, content: str) -> None:
    assert texts(read(delimited.extract, content.encode())) == ["a\tb\n1\t2"]


def test_a_cell_of_a_table_in_plain_text_may_hold_lines_and_its_separator(read: Read) -> None:
    content = 'nama,catatan\nSari,"satu, dua\ntiga"\nBudi,"tak\u00e9"\n'.encode("cp1252")
    assert texts(read(delimited.extract, content)) == ["nama\tcatatan\nSari\tsatu, dua tiga\nBudi\ttaké"]
