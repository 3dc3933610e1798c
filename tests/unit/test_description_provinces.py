"""Which provinces a document is about: names in their surroundings, roll-up, dates; what only looks like a place."""

from __future__ import annotations

from datetime import date

import pytest

from holdings.model import DocumentField, Page, PageUnit, Statement
from holdings.vocabularies import load_vocabularies
from ingest import media_types as types
from ingest.description import Excerpts, describe
from ingest.description.provinces import last_day, province_on
from ingest.model import FileMetadata

VOCABULARIES = load_vocabularies()


def described(*pages: str) -> list[Statement]:
    excerpts = Excerpts(VOCABULARIES)
    for number, text in enumerate(pages, 1):
        excerpts.add(Page(number, PageUnit.PAGE, text))
    return describe(excerpts, FileMetadata(), name="x.pdf", media_type=types.PDF)


def provinces(*pages: str) -> set[str]:
    return {s.value for s in described(*pages) if s.field is DocumentField.PROVINCE}


REPORT = "Laporan Kegiatan\n\nMaret 2021\n\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kegiatan berlangsung di Kabupaten Poso.", {"72"}),
        ("Pelatihan diadakan di Provinsi Kepulauan Riau.", {"21"}),
        ("Kami mewawancarai warga di Cianjur, Garut, dan Lamongan.", {"32", "35"}),
        ("We worked in Bandung and Surakarta with local groups.", {"32", "33"}),
        ("Kota Batu dan Kabupaten Malang menyusun rencana.", {"35"}),
        ("Polres Batang dan Pemkab Batang bekerja sama.", {"33"}),
        ("Kabupaten Banjar menjadi lokasi kegiatan.", {"63"}),
        ("Kota Banjar menjadi lokasi kegiatan.", {"32"}),
        ("The Poso Regency forum met in Poso.", {"72"}),
    ],
)
def test_places_are_rolled_up_to_their_province(text: str, expected: set[str]) -> None:
    assert provinces(REPORT + text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Menu kami: rendang Padang, soto Lamongan, sate Madura, dan coto Makassar. Rendang Padang paling laku.",
        "Air Sungai Musi, Bengawan Solo, Sungai Barito, dan Sungai Asahan naik. Sungai Musi meluap lagi.",
        "Malang nian nasibnya. Batang pohon itu jatuh. Palu dan paku tergeletak. Serang saja, katanya. Batu besar.",
        "Bali United menang atas Persib. Bali United kini memuncaki klasemen.",
        "Ditetapkan di Jakarta pada tanggal 3 Mei 2020. Diundangkan di Jakarta. Jakarta, 4 Mei 2020.",
        "Kantor kami: Jalan Surabaya 12, Jakarta 10310. Universitas Jambi dan Universitas Bengkulu hadir.",
        "Yayasan Lentera Papua menyelenggarakannya bersama Institut Aceh.",
        "A man entered the country through Surabaya under his own name.",
        "the solo artist, a padang of grass, and the lampung of nowhere",
    ],
)
def test_what_is_no_place_or_only_where_something_was_signed(text: str) -> None:
    assert provinces(REPORT + text) == set()


def test_the_title_tells_and_what_is_named_in_passing_does_not() -> None:
    text = (
        "Laporan Dialog di Sulawesi Tengah\n\n2019\n\nPeserta datang dari Palu. Seorang pembicara tinggal di Bandung."
    )
    assert provinces(text) == {"72"}


def test_a_list_of_all_provinces_is_about_none() -> None:
    names = [province.label_id for province in VOCABULARIES.provinces.values()]
    assert provinces(REPORT + "\n".join(f"Provinsi {name}: 12 kegiatan" for name in names)) == set()


LAW = (
    "UNDANG-UNDANG REPUBLIK INDONESIA\nNOMOR {number} TAHUN {year}\nTENTANG\n{subject}\n"
    "DENGAN RAHMAT TUHAN YANG MAHA ESA\nPRESIDEN REPUBLIK INDONESIA,\nMenimbang: bahwa Kabupaten Bogor dan Kota Bogor\n"
    "Disahkan di Jakarta\npada tanggal 20 April {year}"
)


@pytest.mark.parametrize(
    ("subject", "year", "expected"),
    [
        ("PEMBENTUKAN KABUPATEN MUKOMUKO, KABUPATEN SELUMA, DAN KABUPATEN KAUR", 2003, {"17"}),
        ("PEMBENTUKAN KOTAMADYA DAERAH TINGKAT II CILEGON", 1999, {"32"}),
        ("PEMBENTUKAN KOTA TANGERANG SELATAN DI PROVINSI BANTEN", 2008, {"36"}),
        ("PEMBENTUKAN KABUPATEN NDUGA DI PROVINSI PAPUA", 2008, {"91"}),
        ("PEMBENTUKAN PROVINSI KEPULAUAN RIAU", 2003, {"21"}),
        ("PAJAK PENGHASILAN", 2008, set()),
    ],
)
def test_a_law_is_about_what_its_title_says_on_its_date(subject: str, year: int, expected: set[str]) -> None:
    assert provinces(LAW.format(number=3, year=year, subject=subject)) == expected


@pytest.mark.parametrize(
    ("written", "expected"), [("Oktober 2016", {"91"}), ("Juni 2022", {"91"}), ("2023", {"95"}), ("", {"95"})]
)
def test_papua_by_date(written: str, expected: set[str]) -> None:
    text = f"Laporan Pemantauan\n\n{written}\n\nDi Kabupaten Nduga dan Kabupaten Jayawijaya warga mengungsi."
    assert provinces(text) == expected


def test_provinces_before_they_were_split_off() -> None:
    known = VOCABULARIES.provinces
    assert province_on("96", date(2022, 12, 7), known) == "92"
    assert province_on("96", date(1998, 1, 1), known) == "91"
    assert province_on("96", date(2022, 12, 8), known) == "96"
    assert province_on("96", None, known) == "96"
    assert last_day("2022-02") == date(2022, 2, 28)
    assert last_day("2022") == date(2022, 12, 31)
    assert last_day(None) is None


def test_evidence_has_the_page_and_the_words() -> None:
    statements = described("Laporan\n\n2021", "Kegiatan berlangsung di Kabupaten Poso dan Kabupaten\nSigi.")
    (found,) = [s for s in statements if s.field is DocumentField.PROVINCE]
    assert 0.5 < found.confidence < 0.95
    assert {evidence.page for evidence in found.evidence} == {2}
    assert "Kabupaten Poso" in found.evidence[0].words


def test_a_mention_counts_less_the_longer_the_document() -> None:
    filling = "Pasal ini mengatur hal lain yang tidak bertempat. " * 400
    assert provinces(REPORT + "di Kabupaten Poso", filling, filling, filling, filling) == set()
