"""What stands on a cover and above a text: title, kind, date, authors, who issued it, in any order."""

from __future__ import annotations

import pytest

from holdings.model import Page, PageUnit
from ingest import media_types as types
from ingest.description import Excerpts, describe
from ingest.model import FileMetadata


def card(*pages: str) -> dict[str, str]:
    """Return what is found of a document, several values joined by semicolons."""
    excerpts = Excerpts()
    for number, text in enumerate(pages, 1):
        excerpts.add(Page(number, PageUnit.PAGE, text))
    found: dict[str, str] = {}
    for statement in describe(excerpts, FileMetadata(), name="x.pdf", media_type=types.PDF):
        key = statement.field.value
        found[key] = f"{found[key]}; {statement.value}" if key in found else statement.value
        assert 0 < statement.confidence <= 1
    return found


COVERS = {
    "letterhead, title in two lines, date": (
        "KEMENTERIAN SOSIAL REPUBLIK INDONESIA\n\nPANDUAN PENERIMAAN DEPORTAN\nDI BALAI REHABILITASI\n\nAgustus 2019",
        ("Panduan Penerimaan Deportan di Balai Rehabilitasi", "guideline", "2019-08", "kemensos", None),
    ),
    "title, subtitle, authors, body with date": (
        "Walking Away\nWhy Men Left Their Groups\n\nNadia Siregar\nPaul Whitaker\n\nWahid Foundation, March 2016\n"
        "\nAbstract\nThis study asks why people leave. We interviewed thirty-one men.",
        ("Walking Away: Why Men Left Their Groups", "research", "2016-03", "wahid-foundation",
         "Nadia Siregar; Paul Whitaker"),
    ),
    "the kind stands over the title": (
        "KERANGKA ACUAN KEGIATAN\n\nPemulihan Warga di Sigi\n\nYayasan Karampuang\nJanuari 2021",
        ("Kerangka Acuan Kegiatan Pemulihan Warga di Sigi", "programme-document", "2021-01", "Yayasan Karampuang",
         None),
    ),
    "a series with its year": (
        "Meeting the Man\n\nby Helen Marsh and Yusuf Anwar\n\nPusat Studi Damai, Working Paper 14, 2019\n\nAbstract.",
        ("Meeting the Man", "research", "2019", "Pusat Studi Damai", "Helen Marsh; Yusuf Anwar"),
    ),
    "a brief": (
        "Hak Korban\nKertas kebijakan tentang masa lalu\n\nAliansi Indonesia Damai, September 2023\n\nMasalah",
        (None, "policy-paper", "2023-09", "aida", None),
    ),
    "a report with place and day": (
        "National Cyber and Crypto Agency\n\nTabletop Exercise\nAfter-Action Report\n\nJakarta, 22 March 2023",
        ("Tabletop Exercise: After-Action Report", "report", "2023-03-22", "bssn", None),
    ),
    "of a regent": (
        "PERATURAN BUPATI POSO\nNOMOR 21 TAHUN 2022\nTENTANG\nRENCANA AKSI DAERAH\nBUPATI POSO,\nMenimbang : a.",
        (None, "regulation", "2022", "Pemerintah Kabupaten Poso", None),
    ),
    "of an agency's head": (
        "PERATURAN KEPALA BADAN NASIONAL PENANGGULANGAN TERORISME\nNOMOR 3 TAHUN 2020\nTENTANG\nPENGAMANAN\n"
        "DENGAN RAHMAT TUHAN YANG MAHA ESA",
        (None, "regulation", "2020", "bnpt", None),
    ),
    "of the republic": (
        "UNDANG-UNDANG REPUBLIK INDONESIA\nNOMOR 39 TAHUN 1999\nTENTANG\nHAK ASASI MANUSIA\nDENGAN RAHMAT TUHAN",
        (None, "regulation", "1999", "republik-indonesia", None),
    ),
    "a story": (
        "Malang Benar Nasibnya\n\noleh Sutan Mahmud\n\nMalang benar nasibnya, kata orang, sejak pohon itu roboh.",
        ("Malang Benar Nasibnya", "other", None, None, "Sutan Mahmud"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", COVERS)
def test_covers(case: str) -> None:
    text, (title, kind, date, organisation, authors) = COVERS[case]
    found = card(text)
    assert title is None or found["title"] == title
    assert found["kind"] == kind
    assert found.get("date") == date
    assert found.get("organisation") == organisation
    assert found.get("authors") == authors


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Laporan Tahunan\n\nKegiatan telah dilaksanakan.", "report"),
        ("Rencana Strategis 2020-2024\n\nTujuan\nKegiatan\nAnggaran", "programme-document"),
        ("Pedoman Pelayanan\n\nPedoman ini berlaku.", "guideline"),
        ("Training Manual\n\nSession 1", "guideline"),
        ("Effects of Exercise on Sleep\n\nAbstract\nWe measured the sleep of 40 students.", "research"),
        ("Policy Brief No. 9\n\nOptions for the Camps\n\nWe recommend the second option.", "policy-paper"),
        ("An Act to improve things\n\nBe it enacted by the Senate and House of Representatives", "regulation"),
        ("Menu\n\nNasi goreng 20.000\nEs teh 5.000", "other"),
    ],
)
def test_kinds(text: str, expected: str) -> None:
    assert card(text)["kind"] == expected


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        (("Inventory\nDate: 20-10-2009\nisi",), "2009-10-20"),
        (("Report of the Workgroup", "Hospital Workgroup April 2003\nContents"), "2003-04"),
        (
            ("A Study of Rain\n\nReceived 3 May 2004 after much delay in the post; published 22 July 2005.",),
            "2005-07-22",
        ),
        (("Notes\n\nConverted: 2026-02-18",), None),
        (("during\nthe October-November 2003 solar proton",), None),
        (("Laporan Bengkel\n\nKuala Lumpur, Ogos 2019",), "2019-08"),
    ],
)
def test_dates_that_are_said_to_be_its_own(pages: tuple[str, ...], expected: str | None) -> None:
    assert card(*pages).get("date") == expected


def test_authors_that_stand_under_a_title_with_marks() -> None:
    text = "Diurnal variation\nPekka T. Verronen,1 Mark A. Clilverd,2 Craig J. Rodger,3\nand Esa Turunen4\nReceived"
    assert card(text)["authors"] == "Pekka T. Verronen; Mark A. Clilverd; Craig J. Rodger; Esa Turunen"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dina ieu laporan aya carita ngeunaan pamuda nu keur diajar jeung babaturan ti désa Cibodas. " * 3, "su"),
        ("Laporan iki isine kegiatan sing wis ditindakake karo warga ing desa kanggo para pemuda lan ibu. " * 3, "jv"),
        (
            "Прейскурант на канцелярские товары и книги для школы и сада. 12 https://a.example/kantselyarskie",
            "ru",
        ),
        ("Laporan ini memuat kegiatan yang telah dilaksanakan oleh warga di desa untuk pemuda dan ibu. " * 3, "id"),
    ],
)
def test_languages_near_and_far(text: str, expected: str) -> None:
    assert card(text)["language"] == expected
