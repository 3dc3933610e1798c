"""Titles, rule by rule: letterheads, kinds, series, furniture of the page, sheets, slides, statutes, large type."""

from __future__ import annotations

import re

import pytest

from holdings.model import DocumentField, Page, PageUnit, Statement
from ingest import media_types as types
from ingest.description import Excerpts, describe
from ingest.description.findings import squash
from ingest.description.spotting import Words
from ingest.extractors.pdf_heading import largest
from ingest.model import FileMetadata

NOTHING = FileMetadata()


def described(
    *pages: str, metadata: FileMetadata = NOTHING, name: str = "scan0001.pdf", unit: PageUnit = PageUnit.PAGE
) -> list[Statement]:
    excerpts = Excerpts()
    for number, text in enumerate(pages, 1):
        excerpts.add(Page(number, unit, text))
    return describe(excerpts, metadata, name=name, media_type=types.PDF)


def value(statements: list[Statement], document_field: DocumentField) -> str | None:
    return next((s.value for s in statements if s.field is document_field), None)


def title(
    *pages: str, metadata: FileMetadata = NOTHING, name: str = "scan0001.pdf", unit: PageUnit = PageUnit.PAGE
) -> str | None:
    return value(described(*pages, metadata=metadata, name=name, unit=unit), DocumentField.TITLE)


COVERS = {
    "a letterhead that goes on in the next line": (
        "KEMENTERIAN PENDIDIKAN, KEBUDAYAAN,\nRISET DAN TEKNOLOGI\n\nSekolah Tanpa Kekerasan di Ambon\n\nMei 2021",
        "Sekolah Tanpa Kekerasan di Ambon",
    ),
    "an unknown body": (
        "Rumah Bersama\n\nMerawat Tetangga setelah Kerusuhan\n\nPalu, 3 Mei 2021",
        "Merawat Tetangga setelah Kerusuhan",
    ),
    "a title of few words with its author": ("Jalan Pulang\n\nSiti Aminah\n\nMei 2021", "Jalan Pulang"),
    "a title of few words, and then the text": (
        "Jalan Pulang\n\nSurat dari Poso kepada kawan lama\n\nMalam itu kami duduk bersama dan berbicara tentang masa "
        "lalu. Tidak ada yang tidur.",
        "Jalan Pulang",
    ),
    "the name of a series": ("POLICY BRIEF\n\nAfter the Camps\n\nMarch 2020", "After the Camps"),
    "a kind that is part of it": (
        "KERANGKA ACUAN\n\nPelatihan Guru di Bima\n\nMei 2021",
        "Kerangka Acuan Pelatihan Guru di Bima",
    ),
    "the years that it speaks of": (
        "RENCANA AKSI DAERAH KOTA BATAM\n2022-2026\n\nDesember 2021",
        "Rencana Aksi Daerah Kota Batam 2022-2026",
    ),
    "a report of a year": (
        "Yayasan Damai\n\nLaporan Tahunan Tahun 2022\n\nSiti Aminah\n\nMei 2023",
        "Laporan Tahunan Tahun 2022",
    ),
    "names under a byline": (
        "Disusun oleh:\nTim Poso Damai\n\nMenjaga Malam di Poso Pesisir\n\nMei 2021",
        "Menjaga Malam di Poso Pesisir",
    ),
    "how it is passed on": ("CONFIDENTIAL\n\nInside the Network\n\nMay 2020", "Inside the Network"),
    "a word as of a number": ("No Place for Hate\n\nMay 2020", "No Place for Hate"),
    "a word as of a body at its end": ("Yayasan Damai\n\nRadicalisation and Civil Society\n\nMay 2020",
                                       "Radicalisation and Civil Society"),
    "a word as of a body at its beginning": ("Yayasan Damai\n\nKepolisian dalam Krisis Kepercayaan\n\nMei 2020",
                                             "Kepolisian dalam Krisis Kepercayaan"),
    "of the United Nations": (
        "United Nations A/HRC/40/52\nGeneral Assembly Distr.: General\n1 March 2019\nOriginal: English\n\n"
        "Human Rights Council\nFortieth session\nAgenda item 3\n\nImpact of measures to address terrorism\n\nSummary",
        "Impact of measures to address terrorism",
    ),
    "a resolution with its date above": (
        "Resolution 217 A (III) of 10 December 1948\n\nUniversal Declaration of Human Rights\n\nPreamble",
        "Universal Declaration of Human Rights",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", COVERS)
def test_covers(case: str) -> None:
    text, expected = COVERS[case]
    assert title(text) == expected


LINES = {
    "words parted at the ends of lines": (
        "CONGRATULATING ESTONIA ON THE ANNI-\nVERSARY OF ITS INTER-\nNATIONAL INDEPENDENCE\nMARKUP\nBEFORE THE\nHOUSE",
        "Congratulating Estonia on the Anniversary of Its International Independence",
    ),
    "an imprint and a page number above": (
        "74-464PS WASHINGTON : 2001\nPRINTED ON DAY 3 PAGE 1\nSequence for the Week\nItem one",
        "Sequence for the Week",
    ),
    "heads of columns below": ("DAILY SEQUENCE OF EVENTS\nNO\nITEM\nCODE\n1 begin", "Daily Sequence of Events"),
    "a section below": ("STATEMENT OF PRACTICE\nINTRODUCTION\n1. This statement is", "Statement of Practice"),
    "a ministry above": ("MINISTÈRE DE LA JUSTICE\nVisa Application Form\n01 - Full name", "Visa Application Form"),
}


@pytest.mark.parametrize("case", LINES)
def test_first_lines_without_paragraphs(case: str) -> None:
    text, expected = LINES[case]
    assert title(text) == expected


def test_what_begins_with_its_text_has_no_title() -> None:
    text = "Kemarin kami pergi ke pasar dan membeli ikan untuk makan malam bersama keluarga besar. Ibu memasak."
    assert title(text) is None
    assert title(text, name="catatan_perjalanan_poso.docx") == "Catatan perjalanan poso"


SHEETS = {
    "a line alone above the table": (
        "Lembar1\nThe University of Poso\nData Mitra Program 2021\n2021-09-11\nNama\tKota\tJumlah\nA\tPoso\t3",
        "Data Mitra Program 2021",
    ),
    "what is shown of a choice": (
        "Profile\nSELECT a state\nAll States\nAll States Summary by year\nYear\tTotal\tShare\n2000\t4\t5",
        "All States Summary by year",
    ),
    "a cell that runs over others": (
        "Rank\nSelect a State\tSelect a Year\tDEC\nRanking of Counties on Days in Care\t\t\tHighlighted\tRank\nA\t1\t2",
        "Ranking of Counties on Days in Care",
    ),
    "nothing but a table": ("Sheet1\nName\tAge\tGroup\nAnton\t44\t4", None),
}


@pytest.mark.parametrize("case", SHEETS)
def test_sheets(case: str) -> None:
    text, expected = SHEETS[case]
    assert title(text, unit=PageUnit.SHEET, name="ab_ExcelTables.xlsx") == expected


def test_a_slide_that_only_opens_does_not_name_the_deck() -> None:
    stated = FileMetadata(title="3.7.1 Talent review overview", heading="Today’s session")
    assert title("Today’s session\nPurpose", metadata=stated, unit=PageUnit.SLIDE) == "Talent review overview"


def test_a_part_of_a_document_is_no_title() -> None:
    stated = FileMetadata(title="ANNEX D")
    assert title("Guidance for Applicants\nIntroduction", metadata=stated) == "Guidance for Applicants"


def test_the_heading_of_a_later_section_is_that_of_a_chapter() -> None:
    first = "III. ROADSIDE DATA ANALYSIS\nA. Introduction\n" + "kata " * 80
    stated = FileMetadata(heading="B. Disclaimers")
    assert title(first, "B. Disclaimers\nisi", metadata=stated, unit=PageUnit.SECTION) == "III. Roadside Data Analysis"


def test_the_largest_type_may_be_of_a_body_or_a_kind() -> None:
    text = "Mencegah Kekerasan di Sekolah\nKOMISI NASIONAL\nHUBUNGAN ANTARWARGA\nisi"
    assert title(text, metadata=FileMetadata(heading="KOMISI NASIONAL HUBUNGAN ANTARWARGA")) == text.split("\n")[0]
    text = "Mencegah Kekerasan di Sekolah\nLAPORAN AKHIR\nisi"
    assert title(text, metadata=FileMetadata(heading="LAPORAN AKHIR")) == text.split("\n")[0]


def test_a_heading_beats_what_stands_before_it_on_the_cover() -> None:
    text = "CADET SQUADRON OF SAN JOSE\nGLIDER EXPRESS\n\nVolume 1, Issue 2\n\nSeptember 2005"
    assert title(text, metadata=FileMetadata(heading="GLIDER EXPRESS")) == "Glider Express"


def test_a_heading_has_the_years_under_it() -> None:
    text = "RENCANA AKSI NASIONAL\n2020-2024\nisi dan lain-lain"
    assert title(text, metadata=FileMetadata(heading="RENCANA AKSI NASIONAL")) == "Rencana Aksi Nasional 2020-2024"


def test_the_name_of_a_site_is_left_out() -> None:
    stated = FileMetadata(title="Undang-Undang Ketenagakerjaan | Basis Data Peraturan")
    assert title("Undang-Undang Ketenagakerjaan\nJenis", metadata=stated) == "Undang-Undang Ketenagakerjaan"


STATUTE = (
    "H. R. 1904\nOne Hundred Eighth Congress\nAn Act\nBe it enacted by the Senate and House of Representatives,\n"
    "(a) SHORT TITLE.—This Act may be cited as the ‘‘Healthy For-\nests Restoration Act of 2003’’."
)


def test_a_statute_says_how_it_is_cited() -> None:
    statements = described(STATUTE)
    assert value(statements, DocumentField.TITLE) == "Healthy Forests Restoration Act of 2003"
    assert value(statements, DocumentField.KIND) == "regulation"
    assert value(statements, DocumentField.DATE) == "2003"
    # What only speaks of one is none.
    assert title(STATUTE.replace("Be it enacted", "It was enacted")) != "Healthy Forests Restoration Act of 2003"


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        (("Jurnal Damai\nVol. 12 No. 2, 2019 hlm. 1-20\nisi",), "2019"),
        (("J. Peace Stud. 2017, 5(1), 12-20\nWhy Men Leave",), "2017"),
        (("Laporan\nJakarta, 2018",), "2018"),
        (("Laporan\nEdisi kedua, 2018",), "2018"),
        (("Laporan\n16.02.2016",), "2016-02-16"),
        (("Panduan", "Kata Pengantar\n" + "kata " * 70 + "\nJakarta, Desember 2019"), "2019-12"),
        (("Practice Note\n" + "kata " * 70, "isi", "isi", "isi", "isi\nIssued August 1997"), "1997-08"),
        (("Practice Note\n" + "kata " * 70, "isi", "isi", "isi", "isi\nSince August 1997"), None),
    ],
)
def test_dates_of_journals_forewords_and_ends(pages: tuple[str, ...], expected: str | None) -> None:
    assert value(described(*pages), DocumentField.DATE) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Universitas Damai\n\nTetangga yang Tahu\n\nSiti Aminah\nBudi Santoso\n\nMei 2021", "research"),
        ("Owners of Plants\n\nPrepared for\nNuclear Commission\n\n1999", "report"),
        ("FORMULIR PENDAFTARAN\n\nNama: ____\nPeserta: ____", "other"),
        ("Peta Jalan Perundang-undangan\n\nTujuan\nKegiatan", "programme-document"),
    ],
)
def test_kinds_by_who_made_it_and_for_whom(text: str, expected: str) -> None:
    assert value(described(text), DocumentField.KIND) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([(24.0, "RENCANA AKSI"), (10.0, "tentang"), (24.0, "PENCEGAHAN"), (10.0, "isi")],
         "RENCANA AKSI tentang PENCEGAHAN"),
        ([(24.0, "BRIEF"), (10.0, "Jakarta"), (10.0, "Mei 2020"), (24.0, "After the Camps"), (10.0, "isi")],
         "After the Camps"),
        ([(12.0, "kata " * 12)] * 30 + [(8.0, "catatan kaki")], None),
        ([(12.0, "Satu"), (12.0, "Dua")], None),
        ([(20.0, "R I N G  P H Y S I C S"), (10.0, "isi")], "RING PHYSICS"),
        ([], None),
    ],
)  # fmt: skip
def test_the_largest_type(lines: list[tuple[float, str]], expected: str | None) -> None:
    assert largest(lines) == expected


def test_what_is_squashed_keeps_its_place() -> None:
    squashed = squash("– N O M O R\n12  é TAHUN 2O2I")
    assert squashed.text == "NOMOR12TAHUN2O2I"
    match = re.search("OR12", squashed.text)
    assert match is not None
    start, end = squashed.span(match)
    assert squashed.original[start:end] == "O R\n12"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Satu, dua-tiga_empat", ["Satu", "dua", "tiga", "empat"]),
        ("“Désa” – jum’at…", ["Désa", "jum", "at"]),
        ("‘Ini’ saja", ["Ini", "saja"]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    words = Words.of(text)
    assert words.written == expected
    assert words.folded == [word.lower() for word in expected]
