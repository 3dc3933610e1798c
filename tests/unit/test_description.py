"""What a document says of itself: regulations by their heading, dates, titles, authors, languages, with evidence."""

from __future__ import annotations

import subprocess
import sys

import pytest

from holdings.model import DocumentField, Page, PageUnit, Source, Statement
from ingest import media_types as types
from ingest.description import Excerpts, describe
from ingest.description.authors import looks_like_author
from ingest.description.capitals import title_case
from ingest.description.dates import iso_date
from ingest.description.junk import is_junk
from ingest.description.language import by_small_words
from ingest.model import FileMetadata

NOTHING = FileMetadata()


def page(text: str, number: int = 1) -> Page:
    return Page(number, PageUnit.PAGE, text)


def described(
    *pages: str, metadata: FileMetadata = NOTHING, name: str = "x.pdf", media_type: str = types.PDF
) -> list[Statement]:
    excerpts = Excerpts()
    for number, text in enumerate(pages, 1):
        excerpts.add(page(text, number))
    return describe(excerpts, metadata, name=name, media_type=media_type)


def value(statements: list[Statement], document_field: DocumentField) -> str | None:
    values = [statement.value for statement in statements if statement.field is document_field]
    assert len(values) <= 1
    return values[0] if values else None


def title(*pages: str, metadata: FileMetadata = NOTHING, name: str = "x.pdf") -> str | None:
    return value(described(*pages, metadata=metadata, name=name), DocumentField.TITLE)


def date(*pages: str, metadata: FileMetadata = NOTHING) -> str | None:
    return value(described(*pages, metadata=metadata), DocumentField.DATE)


END = "\n\nDENGAN RAHMAT TUHAN YANG MAHA ESA\n\nPRESIDEN REPUBLIK INDONESIA,\n\nMenimbang : a. bahwa"

HEADINGS = {
    "a law": (
        "PRESIDEN\nREPUBLIK INDONESIA\n\nUNDANG-UNDANG REPUBLIK INDONESIA\n\nNOMOR 39 TAHUN 1999\n\nTENTANG\n\n"
        "HAK ASASI MANUSIA" + END,
        "Undang-Undang Nomor 39 Tahun 1999 tentang Hak Asasi Manusia",
        "UU 39/1999",
    ),
    "as a scan has it": (
        "SALINAN\n\nPRES  I DEN\nREPUBLIK  INDONESIA\n\nUNDANG-UNDANG  REPUBLIK INDONESIA\n\nNOMOR 5  TAHUN  2.0T8\n\n"
        "TENTANG\n\nPERUBAHAN  ATAS  UNDANG-UNDANG  NOMOR  15 TAHUN  2OO3\n\nTENTANG  PENETAPAN  PERATURAN PEMERINTAH  "
        "PENGGANTI\nUNDANG-UNDANG  NOMOR  1 TAHUN 2OO2 TENTANG  PEMBERANTASAN\nTINDAK  PIDANA  TERORISME MENJADI  "
        "UNDANG-UNDANG" + END,
        "Undang-Undang Nomor 5 Tahun 2018 tentang Perubahan atas Undang-Undang Nomor 15 Tahun 2003 tentang Penetapan "
        "Peraturan Pemerintah Pengganti Undang-Undang Nomor 1 Tahun 2002 tentang Pemberantasan Tindak Pidana Terorisme "
        "menjadi Undang-Undang",
        "UU 5/2018",
    ),
    "letter-spaced": (
        "U N D A N G - U N D A N G   R E P U B L I K   I N D O N E S I A\nN O M O R  8  T A H U N  1 9 8 5\n"
        "T E N T A N G\n"
        "ORGANISASI KEMASYARAKATAN" + END,
        "Undang-Undang Nomor 8 Tahun 1985 tentang Organisasi Kemasyarakatan",
        "UU 8/1985",
    ),
    "the kind is lost": (
        "PRESIDEN\nREPUBLIK INDONESIA\n\nNOMOR 1 TAHUN 2003\n\nTENTANG\n\nPEMBENTUKAN KABUPATEN HALMAHERA UTARA" + END,
        "Undang-Undang Nomor 1 Tahun 2003 tentang Pembentukan Kabupaten Halmahera Utara",
        "UU 1/2003",
    ),
    "half of the kind is lost": (
        "UNDANG- REPUBLIK INDONESIA\nNOMOR 8 TAHUN 1965\nTENTANG\nPEMBENTUKAN DAERAH TINGKAT II TANAH LAUT" + END,
        "Undang-Undang Nomor 8 Tahun 1965 tentang Pembentukan Daerah Tingkat II Tanah Laut",
        "UU 8/1965",
    ),
    "in lieu of a law": (
        "PERATURAN PEMERINTAH PENGGANTI UNDANG-UNDANG\nREPUBLIK INDONESIA\nNOMOR 1 TAHUN 2002\nTENTANG\n"
        "PEMBERANTASAN TINDAK PIDANA TERORISME" + END,
        "Peraturan Pemerintah Pengganti Undang-Undang Nomor 1 Tahun 2002 tentang Pemberantasan Tindak Pidana Terorisme",
        "Perppu 1/2002",
    ),
    "of the president, with acronyms": (
        "PERATURAN PRESIDEN REPUBLIK INDONESIA\nNOMOR 7 TAHUN 2021\nTENTANG\nRENCANA AKSI NASIONAL PENCEGAHAN DAN "
        "PENANGGULANGAN\nEKSTREMISME BERBASIS KEKERASAN YANG MENGARAH\nPADA TERORISME TAHUN 2020-2024 OLEH BNPT" + END,
        "Peraturan Presiden Nomor 7 Tahun 2021 tentang Rencana Aksi Nasional Pencegahan dan Penanggulangan Ekstremisme "
        "Berbasis Kekerasan yang Mengarah pada Terorisme Tahun 2020-2024 oleh BNPT",
        "Perpres 7/2021",
    ),
    "its annex": (
        "LAMPIRAN\nPERATURAN PRESIDEN REPUBLIK INDONESIA\nNOMOR 7 TAHUN 2021\nTENTANG\nRENCANA AKSI NASIONAL" + END,
        "Lampiran Peraturan Presiden Nomor 7 Tahun 2021 tentang Rencana Aksi Nasional",
        "Perpres 7/2021",
    ),
    "of an authority": (
        "OTORITAS JASA KEUANGAN\nREPUBLIK INDONESIA\nSALINAN\n"
        "PERATURAN OTORITAS JASA KEUANGAN\nNOMOR 12 /POJK.01/2017\n"
        "TENTANG\nPENERAPAN PROGRAM ANTI PENCUCIAN UANG\nDENGAN RAHMAT TUHAN YANG MAHA ESA",
        "Peraturan Otoritas Jasa Keuangan Nomor 12/POJK.01/2017 tentang Penerapan Program Anti Pencucian Uang",
        "Peraturan Otoritas Jasa Keuangan 12/POJK.01/2017",
    ),
    "of a minister, glued by a scan": (
        "MENTERIPERHUBUNGAN\nREPUBUK INDONE.SIA\n"
        "PERATURANMENTER! PERHUBUNGAN REPUBLIK INDONESIA\nNOMO-R PM 9 TAHUN 2025\n"
        "TENTANG\nKAWASAN TANPA ROKOK\nDENGANRAHMATTUHANYANGMAHAESA",
        "Peraturan Menteri Perhubungan Nomor PM 9 Tahun 2025 tentang Kawasan Tanpa Rokok",
        "Peraturan Menteri Perhubungan PM 9/2025",
    ),
    "of a regent": (
        "BUPATI POSO\nPROVINSI SULAWESI TENGAH\n"
        "PERATURAN BUPATI POSO\nNOMOR 21 TAHUN 2022\nTENTANG\nRENCANA AKSI DAERAH\n"
        "BUPATI POSO,\nMenimbang : a.",
        "Peraturan Bupati Poso Nomor 21 Tahun 2022 tentang Rencana Aksi Daerah",
        "Peraturan Bupati Poso 21/2022",
    ),
    "in English": (
        "LAW OF THE REPUBLIC OF INDONESIA\nNUMBER 13 OF 2003\nCONCERNING\nMANPOWER\nBY THE GRACE OF GOD THE ALMIGHTY",
        "Law Number 13 of 2003 concerning Manpower",
        "UU 13/2003",
    ),
}


@pytest.mark.parametrize("case", HEADINGS)
def test_a_regulation_is_known_by_its_heading(case: str) -> None:
    heading, expected, number = HEADINGS[case]
    statements = described(heading)
    assert value(statements, DocumentField.TITLE) == expected
    assert value(statements, DocumentField.NUMBER) == number
    assert value(statements, DocumentField.KIND) == "regulation"


def test_the_heading_may_stand_after_a_cover() -> None:
    assert title("SALINAN\n\nGARUDA", HEADINGS["a law"][0]) == HEADINGS["a law"][1]


def test_a_draft_is_no_regulation_yet() -> None:
    statements = described("RANCANGAN\nUNDANG-UNDANG REPUBLIK INDONESIA\nNOMOR 1 TAHUN 2030\nTENTANG\nPANGAN" + END)
    assert value(statements, DocumentField.TITLE) == "Rancangan Undang-Undang Nomor 1 Tahun 2030 tentang Pangan"
    assert value(statements, DocumentField.NUMBER) is None
    assert value(statements, DocumentField.KIND) != "regulation"


@pytest.mark.parametrize(
    "text",
    [
        "Kajian Dampak\n\nUndang-Undang Nomor 5 Tahun 2018 tentang Terorisme mengatur bahwa\n\nDENGAN RAHMAT",
        "KAJIAN\n" + "kata " * 400 + "\nUNDANG-UNDANG REPUBLIK INDONESIA\nNOMOR 5 TAHUN 2018\nTENTANG\nX" + END,
        "PERATURAN TATA TERTIB\nNOMOR SATU\nTENTANG KITA",
    ],
)
def test_what_only_speaks_of_a_law_is_none(text: str) -> None:
    statements = described(text)
    assert value(statements, DocumentField.NUMBER) is None
    assert value(statements, DocumentField.KIND) != "regulation"


def test_evidence_says_where_a_statement_is_read() -> None:
    statements = described("SALINAN", HEADINGS["a law"][0])
    (found,) = [s for s in statements if s.field is DocumentField.NUMBER]
    assert found.source is Source.INFERRED
    assert found.confidence == 0.95
    assert found.evidence[0].page == 2
    assert found.evidence[0].words.startswith("UNDANG-UNDANG REPUBLIK INDONESIA NOMOR 39 TAHUN 1999")


LAW = HEADINGS["a law"][0]


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("Disahkan di Jakarta\npada tanggal 23 September 1999\nPRESIDEN", "1999-09-23"),
        ("D i s a h k a n di Jakarta\npada tanggal 23 September I999", "1999-09-23"),
        ("Disahkan di Djakarta\npada tanggal 8 Nopember 1999.", "1999-11-08"),
        ("Diundangkan di Jakarta\npada tanggal 24 September 1999\n\nDisahkan di Jakarta pada tanggal 23 September 1999",
         "1999-09-23"),
        ("Diundangkan di Jakarta pada tanggal 24 Pebruari 1999", "1999-02-24"),
        ("Disahkan di Jakarta pada tanggal 31 Februari 1999", "1999"),
        ("Ditetapkan di Jakarta pada tanggal 2 Mei 1945", "1999"),
        ("tanpa tanggal", "1999"),
    ],
)  # fmt: skip
def test_a_law_is_dated_by_its_enactment(ending: str, expected: str) -> None:
    assert date(LAW, "Pasal 1", ending) == expected


def test_the_enactment_is_found_between_law_and_elucidation() -> None:
    pages = [LAW, *["Pasal"] * 20, "Disahkan di Jakarta\npada tanggal 23 September 1999", *["Penjelasan Pasal"] * 20]
    statements = described(*pages)
    (found,) = [s for s in statements if s.field is DocumentField.DATE]
    assert found.value == "1999-09-23"
    assert found.evidence[0].page == 22


def test_excerpts_keep_few_pages_of_a_long_document() -> None:
    excerpts = Excerpts()
    for number in range(1, 5_000):
        excerpts.add(page(f"Ditetapkan di Jakarta pada tanggal {number}", number))
    kept = [*excerpts.opening, *excerpts.closing]
    assert [p.number for p in kept] == [1, 2, 3, 4, 5, 6, 4997, 4998, 4999]
    excerpts.add(page("x" * 900_000, 5_000))
    assert len(excerpts.closing[-1].text) < 50_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Laporan Tahunan\n\nJakarta, 21 Juni 2018\n\nisi", "2018-06-21"),
        ("Annual Report\nJune 21st, 2018", "2018-06-21"),
        ("Annual Report\n21 June 2018", "2018-06-21"),
        ("Annual Report\nSeptember 2001\nrevised 3 May 2002", "2002-05-03"),
        ("Laporan\nSeptember 2001", "2001-09"),
        ("Laporan\n2001", "2001"),
        ("Laporan\n\nPada tanggal 21 Juni 2018 telah dilaksanakan rapat koordinasi di Jakarta", None),
        ("Laporan\n31 Juni 2018", "2018-06"),
        ("Laporan\n1 Januari 2999", None),
    ],
)
def test_other_documents_are_dated_by_a_line_of_the_first_page(text: str, expected: str | None) -> None:
    assert date(text) == expected


def test_a_published_date_beats_the_page_and_when_the_file_was_made_says_nothing() -> None:
    created = FileMetadata(created="2020-02-02T10:00:00Z")
    assert date("Laporan", metadata=created) is None
    assert date("Laporan\n21 Juni 2018", metadata=created) == "2018-06-21"
    published = FileMetadata(published="2019-03-04")
    assert date("Laporan\n21 Juni 2018", metadata=published) == "2019-03-04"
    (found,) = [s for s in described("Laporan", metadata=published) if s.field is DocumentField.DATE]
    assert found.evidence[0].page is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-06-21T10:00:00+07:00", "2018-06-21"),
        ("2018-06", "2018-06"),
        ("2018", "2018"),
        ("21 Juni 2018", "2018-06-21"),
        ("June 2018", "2018-06"),
        ("2018-13-01", None),
        ("20180", None),
        ("kemarin", None),
        ("1899-01-01", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_of_properties(text: str | None, expected: str | None) -> None:
    assert iso_date(text) == expected


@pytest.mark.parametrize(
    "junk",
    [
        "Microsoft Word - laporan.doc", "untitled", "Document1", "1..12", "2014", "laporan_final2", "x",
        "PowerPoint Presentation", "C:\\Users\\hp\\laporan", "Laporan Akhir.docx", "Normal.dot", "RANCANGAN", "Slide 1",
        "November 2006 Volume 47", "-", "",
    ],
)  # fmt: skip
def test_junk_titles(junk: str) -> None:
    assert is_junk(junk)
    assert (
        title("Kajian Pencegahan Terorisme\n\nisi", metadata=FileMetadata(title=junk)) == "Kajian Pencegahan Terorisme"
    )


@pytest.mark.parametrize(
    "good", ["Rencana Aksi Nasional 2020-2024", "Pengantar", "9.10. Cadangan", "Преступление и наказание"]
)
def test_titles_that_are_none_of_it(good: str) -> None:
    assert not is_junk(good)


def test_where_a_title_comes_from() -> None:
    text = "Badan Nasional\n\nKAJIAN PENCEGAHAN TERORISME\n\nisi"
    stated = FileMetadata(title="Kajian Lain", heading="KAJIAN PENCEGAHAN TERORISME")
    # The page shows the heading; of the property nothing is to be seen.
    assert title(text, metadata=stated) == "Kajian Pencegahan Terorisme"
    assert title(text + "\nKajian Lain", metadata=stated) == "Kajian Lain"
    assert title(text) == "Kajian Pencegahan Terorisme"
    # A property of which nothing is to be seen does not beat what stands on a cover, but a line of running text.
    assert title(text, metadata=FileMetadata(title="Kajian Lain")) == "Kajian Pencegahan Terorisme"
    assert title("isi saja", metadata=FileMetadata(title="Kajian Lain")) == "Kajian Lain"
    # A property is often only the first line of the heading.
    stated = FileMetadata(title="KAJIAN PENCEGAHAN", heading="KAJIAN PENCEGAHAN TERORISME")
    assert title(text, metadata=stated) == "Kajian Pencegahan Terorisme"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("laporan_akhir-2018.pdf", "Laporan akhir 2018"), ("RAD+PE.final.docx", "RAD PE final"), ("123.pdf", None)],
)
def test_without_a_word_of_text_the_name_is_the_title(name: str, expected: str | None) -> None:
    assert title("", "", name=name) == expected
    assert title(name=name) == expected


@pytest.mark.parametrize(
    ("capitals", "expected"),
    [
        ("RENCANA AKSI DI PROVINSI DKI JAKARTA", "Rencana Aksi di Provinsi DKI Jakarta"),
        ("DAERAH TINGKAT II DUMAI", "Daerah Tingkat II Dumai"),
        ("DAERAH-DAERAH DAN PULAU-PULAU", "Daerah-Daerah dan Pulau-Pulau"),
        ("RAN PE, RI DAN PBB", "RAN PE, RI dan PBB"),
        ("DARI DESA", "Dari Desa"),
        ("Sudah Baik dan BNPT", "Sudah Baik dan BNPT"),
        ("JUM'AT KE-2", "Jum'at ke-2"),
    ],
)
def test_title_case(capitals: str, expected: str) -> None:
    assert title_case(capitals) == expected


def test_acronyms_are_learnt_from_the_text() -> None:
    text = "KERJA SAMA LPSK DAN JAKARTA\n\nDalam kerja sama itu LPSK di Jakarta dan JAKARTA membantu korban."
    assert title(text) == "Kerja Sama LPSK dan Jakarta"


@pytest.mark.parametrize(
    "name", ["Siti Aminah", "Dr. Budi Santoso", "Department of Veterans Affairs", "Frédéric Lançon", "M. van Dijk"]
)
def test_authors(name: str) -> None:
    assert looks_like_author(name)


@pytest.mark.parametrize(
    "name",
    [
        "user",
        "Administrator",
        "HP Laptop",
        "fujitsu",
        "egyptian hak",
        "IBAL34 - MBOU",
        "a@b.id",
        "Windows User",
        "PC 12",
        "Siti",
    ],
)
def test_accounts_and_machines_are_no_authors(name: str) -> None:
    assert not looks_like_author(name)


def test_authors_of_a_byline_beat_those_of_the_properties() -> None:
    text = "Kajian Pencegahan\nOleh: Siti Aminah, Budi Santoso,\ndan Ali Imron\n\nisi"
    stated = FileMetadata(authors=("Kepala Biro", "user"))
    assert [s.value for s in described(text, metadata=stated) if s.field is DocumentField.AUTHOR] == [
        "Siti Aminah", "Budi Santoso", "Ali Imron",
    ]  # fmt: skip
    assert [s.value for s in described("isi", metadata=stated) if s.field is DocumentField.AUTHOR] == []
    shown = described("Kepala Biro\nisi", metadata=stated)
    assert [s.value for s in shown if s.field is DocumentField.AUTHOR] == ["Kepala Biro"]


def test_who_typed_a_law_is_not_its_author() -> None:
    stated = FileMetadata(authors=("Claudia Anjani",))
    assert value(described(LAW, metadata=stated), DocumentField.AUTHOR) is None


LANGUAGES = {
    "id": "Pemerintah Indonesia berkomitmen memberantas terorisme dan ekstremisme melalui pendidikan serta kerja sama.",
    "ms": "Kerajaan Malaysia komited untuk membanteras keganasan dan pelampau melalui pendidikan serta kerjasama "
    "antara agensi kerana ia amat penting bagi rakyat. Pihak polis telah menahan beberapa orang suspek.",
    "en": "The government is committed to preventing violent extremism through education and cooperation.",
    "nl": "De regering zet zich in voor het voorkomen van gewelddadig extremisme door middel van onderwijs.",
    "ar": "تلتزم الحكومة بمنع التطرف العنيف من خلال التعليم والتعاون بين المؤسسات الحكومية",
    "ja": "政府は教育と協力を通じて暴力的過激主義の防止に取り組んでいます。国民の安全を守るために努力します。",
    "de": "Die Regierung setzt sich für die Verhütung von gewalttätigem Extremismus durch Bildung ein.",
    "und": "1 2 3 4 5 6 7 8 9 10 — 12,5 % A B C",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_language(language: str) -> None:
    assert value(described(LANGUAGES[language]), DocumentField.LANGUAGE) == language


INDONESIAN = (
    "Pemerintah dan warga desa telah bekerja untuk mencegah kekerasan dengan cara yang dapat diterima oleh semua "
    "pihak. Pada tanggal 3 Mei kantor kepolisian di kabupaten itu mencatat bahwa tidak ada laporan dari warga, karena "
    "para pemuda dari provinsi lain juga ikut menjaga keamanan pada malam hari dan melaporkannya secara teratur. "
)
MALAY = (
    "Kerajaan dan penduduk kampung telah bekerja untuk mencegah keganasan dengan cara yang dapat diterima oleh semua "
    "pihak. Pada tarikh 3 Mei pejabat polis di daerah itu mencatat bahawa tidak ada laporan daripada penduduk, kerana "
    "para belia dari negeri lain juga ikut menjaga keselamatan pada waktu malam dan melaporkannya secara teratur. "
)
ENGLISH = (
    "The government and the people of the village have worked for the prevention of violence in a way that is accepted "
    "by all. It has been noted that there was not one report from the district, and that the young people of other "
    "provinces are on watch at night, which they have reported to their elders. "
)


@pytest.mark.parametrize(("text", "language"), [(INDONESIAN, "id"), (MALAY, "ms"), (ENGLISH, "en")])
def test_small_words_decide_where_they_leave_no_doubt(text: str, language: str) -> None:
    assert value(described(text * 2), DocumentField.LANGUAGE) == language
    clear = {"id": ("id", 0.99), "en": ("en", 0.99), "ms": None}
    assert by_small_words(text * 2) == clear[language]


def test_small_words_decide_nothing_of_two_languages_or_of_few_words() -> None:
    assert by_small_words(INDONESIAN + ENGLISH) is None
    assert by_small_words("Pemerintah dan warga") is None


def test_a_document_without_text_has_no_known_language() -> None:
    assert value(described(""), DocumentField.LANGUAGE) == "und"
    assert value(described(), DocumentField.LANGUAGE) == "und"


def test_who_only_searches_does_not_load_the_models() -> None:
    script = "import sys, ingest.description, ingest.sandbox, ingest.sniffing; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    for heavy in ("lingua", "pdfminer", "docx", "selectolax", "lxml", "charset_normalizer", "numpy"):
        assert f"'{heavy}'" not in loaded
