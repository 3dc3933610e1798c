"""What a document is about: themes by names and telling words, on many pages, and none for what is of another field."""

from __future__ import annotations

import sys

import pytest

from holdings.model import DocumentField, Page, PageUnit, Statement
from holdings.vocabularies import load_vocabularies
from ingest import media_types as types
from ingest.description import Excerpts, describe
from ingest.description.spotting import Lexicon, Words, excerpt
from ingest.model import FileMetadata

VOCABULARIES = load_vocabularies()


def described(*pages: str) -> list[Statement]:
    excerpts = Excerpts(VOCABULARIES)
    for number, text in enumerate(pages, 1):
        excerpts.add(Page(number, PageUnit.PAGE, text))
    return describe(excerpts, FileMetadata(), name="x.pdf", media_type=types.PDF)


def values(statements: list[Statement], document_field: DocumentField) -> list[str]:
    return [s.value for s in statements if s.field is document_field]


def themes(*pages: str) -> set[str]:
    return set(values(described(*pages), DocumentField.THEME))


PRISONS = (
    "Pembinaan Narapidana Terorisme di Lapas\n\nNarapidana terorisme ditempatkan di lapas dengan pengamanan maksimum. "
    "Petugas pemasyarakatan menyusun asesmen, dan Balai Pemasyarakatan membimbing klien yang memperoleh pembebasan "
    "bersyarat."
)
FINANCE = (
    "Following the Money\n\nTerrorist financing in Indonesia moves through alms boxes and crowdfunding. Banks report "
    "suspicious transactions to the financial intelligence unit, and assets of listed terrorists are frozen."
)


def test_themes_in_either_language() -> None:
    assert "prisons" in themes(PRISONS)
    assert "terrorist-financing" in themes(FINANCE)
    assert "terrorist-financing" not in themes(PRISONS)


@pytest.mark.parametrize(
    "name", ["deradicalisation", "deradicalization", "DERADIKALISASI", "foreign fighter", "pelindungan korban"]
)
def test_names_in_usual_spellings(name: str) -> None:
    assert themes(f"Catatan tentang {name}\n\nIndonesia, terorisme: {name} sekali lagi {name} dan {name}, {name}.")


def test_forms_of_a_word_tell_as_one() -> None:
    text = "Catatan dari desa tentang terorisme. {} " + "Kata lain di antaranya. " * 30
    one, another = Excerpts(VOCABULARIES), Excerpts(VOCABULARIES)
    one.add(Page(1, PageUnit.PAGE, text.format("Penyintas dan korban")))
    another.add(Page(1, PageUnit.PAGE, text.format("Penyintasnya dan korbannya")))
    assert one.themes.masses()["victims-and-witnesses"] == another.themes.masses()["victims-and-witnesses"]
    both = Excerpts(VOCABULARIES)
    both.add(Page(1, PageUnit.PAGE, text.format("Penyintas dan penyintasnya, korban dan korbannya")))
    # More often, but no more different words.
    assert both.themes.masses()["victims-and-witnesses"] < 2 * one.themes.masses()["victims-and-witnesses"]


def test_a_document_that_only_mentions_a_theme_is_not_about_it() -> None:
    other = "Anggaran pendapatan dan belanja negara ditetapkan menurut ketentuan peraturan. " * 40
    assert themes("Nota Keuangan\n\n" + other, other + PRISONS, other, other, other, other, other, other) == set()


def test_what_is_said_on_most_pages_of_a_long_document_decides() -> None:
    pages = [f"Laporan tahunan {number}\n\n{PRISONS}" for number in range(60)]
    statements = described("Laporan Tahunan Direktorat", *pages)
    (found,) = [s for s in statements if s.field is DocumentField.THEME and s.value == "prisons"]
    assert found.confidence > 0.8
    assert 1 <= len(found.evidence) <= 3
    assert all(e.page and e.page > 1 and e.words for e in found.evidence)
    assert any("apas" in e.words for e in found.evidence)


LAW = (
    "UNDANG-UNDANG REPUBLIK INDONESIA\nNOMOR 5 TAHUN 2009\nTENTANG\n{}\nDENGAN RAHMAT TUHAN YANG MAHA ESA\n"
    "PRESIDEN REPUBLIK INDONESIA,\nMenimbang: "
)
PENALTIES = "Penyidik melakukan penyidikan; penuntut umum melakukan penuntutan; putusan pengadilan dilaksanakan jaksa. "


@pytest.mark.parametrize("subject", ["PAJAK PERTAMBAHAN NILAI", "KESEHATAN", "PERKERETAAPIAN", "INFORMASI GEOSPASIAL"])
def test_ordinary_laws_have_none(subject: str) -> None:
    assert themes(LAW.format(subject), *[PENALTIES * 20] * 5) == set()


@pytest.mark.parametrize(
    ("subject", "body", "expected"),
    [
        ("KEPEMUDAAN", "pemuda dan organisasi kepemudaan ", {"youth"}),
        ("PERLINDUNGAN ANAK", "perlindungan anak dan hak anak ", {"children-and-families"}),
        ("HAK ASASI MANUSIA", "hak asasi manusia dan pelanggaran HAM ", {"human-rights"}),
    ],
)
def test_a_law_is_about_what_its_title_names(subject: str, body: str, expected: set[str]) -> None:
    assert themes(LAW.format(subject) + body * 20, *[(body + PENALTIES) * 20] * 3) >= expected


def test_a_document_of_elsewhere_and_of_another_field_has_none() -> None:
    text = "Parental Involvement in Schools\n\nSchools and teachers work with parents and families of pupils in Ohio. "
    assert themes(text * 3) == set()


def test_priorities_follow_from_themes_with_their_evidence() -> None:
    statements = described(PRISONS, PRISONS)
    assert {"deradicalisation", "law-enforcement"} & set(values(statements, DocumentField.PRIORITY))
    assert all(s.evidence for s in statements if s.field is DocumentField.PRIORITY)
    assert values(described("Laporan Cuaca\n\nHujan turun."), DocumentField.PRIORITY) == []


def test_counts_stay_small_however_long_the_document() -> None:
    excerpts = Excerpts(VOCABULARIES)
    page = f"{PRISONS} Kabupaten Poso, Kota Ambon, di Aceh dan Papua. {FINANCE}"
    for number in range(1, 3_001):
        excerpts.add(Page(number, PageUnit.PAGE, f"{number} {page}"))
    kept = [*excerpts.opening, *excerpts.closing, *excerpts.sample]
    assert len(kept) < 40
    evidence = [e for theme in VOCABULARIES.themes for e in excerpts.themes.evidence(theme)]
    evidence += [e for seen in excerpts.places.seen.values() for e in seen.evidence]
    assert len(evidence) <= 3 * (len(VOCABULARIES.themes) + len(VOCABULARIES.provinces))
    assert sum(sys.getsizeof(e.words) for e in evidence) < 100_000


def test_the_longest_name_wins_and_spots_do_not_overlap() -> None:
    lexicon: Lexicon[str] = Lexicon()
    for name in ("Riau", "Kepulauan Riau", "Riau Archipelago"):
        lexicon.add(name, name)
    lexicon.add("…", "nothing")
    words = Words.of("Kepulauan-Riau, RIAU; Riau\narchipelago kepulauan")
    assert [(s.value, s.start, s.end) for s in lexicon.spots(words)] == [
        ("Kepulauan Riau", 0, 2),
        ("Riau", 2, 3),
        ("Riau Archipelago", 3, 5),
    ]


@pytest.mark.parametrize("text", ["", " \n ", "—", "İstanbul ve Ǆ", "a_b"])
def test_words_are_as_many_as_they_are_written(text: str) -> None:
    words = Words.of(text)
    assert len(words.folded) == len(words.written)


def test_an_excerpt_is_cut_at_words_and_keeps_what_is_written() -> None:
    page = Page(1, PageUnit.PAGE, "x" * 100 + " yang lalu di Kabupaten\nPoso, kata mereka " + "y" * 100)
    words = excerpt(page, ["Kabupaten", "Poso"])
    assert "di Kabupaten\nPoso, kata" in words
    assert "xx" not in words
    assert "yy" not in words
