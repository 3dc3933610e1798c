"""The extractors of PDF and Word documents, on files made for it: nothing a person could read is left out."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_BREAK

from holdings.errors import ArchiveBombError, CorruptError, EncryptedError, FileError, UnsafeFileError
from holdings.model import PageUnit
from ingest.extractors import EXTRACTORS, docx, pdf, pdf_pdfminer, reader_of
from ingest.extractors.cleaning import cleaned
from ingest.model import ExtractionEvent, Extractor, FileMetadata, Page
from tests.files import pdf as pdf_files
from tests.files import word
from tests.files.events import left_out, metadata, texts

Read = Callable[[Extractor, bytes], list[ExtractionEvent]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return what an extractor finds in a file of this content."""

    def _read(extractor: Extractor, content: bytes) -> list[ExtractionEvent]:
        path = tmp_path / "file"
        path.write_bytes(content)
        return list(cleaned(extractor(path)))

    return _read


def words(events: list[ExtractionEvent]) -> list[str]:
    return " ".join(texts(events)).split()


def test_every_reader_names_its_library_and_version() -> None:
    for media_type, reader in EXTRACTORS.items():
        assert callable(import_module(reader.module).extract)
        assert reader.library in reader_of(media_type)
        assert any(character.isdigit() for character in reader_of(media_type))


# PDF


def test_pages_are_numbered_as_they_stand_in_the_file(read: Read) -> None:
    events = read(pdf.extract, pdf_files.pdf(["Halaman satu", "", "Halaman tiga"]))
    pages = [event for event in events if isinstance(event, Page)]
    assert [(page.number, page.unit, page.text) for page in pages] == [
        (1, PageUnit.PAGE, "Halaman satu"),
        (2, PageUnit.PAGE, ""),
        (3, PageUnit.PAGE, "Halaman tiga"),
    ]
    assert left_out(events) == []


def test_text_comes_in_the_order_in_which_it_is_drawn(read: Read) -> None:
    right = pdf_files.lines_at("kolom kanan", left=350, top=700)
    left = pdf_files.lines_at("kolom kiri", left=72, top=500)
    (text,) = texts(read(pdf.extract, pdf_files.pdf([right + b"\n" + left])))
    assert text.split("\n") == ["kolom kanan", "kolom kiri"]


def test_figures_are_read_where_they_stand_among_the_text(read: Read) -> None:
    made = pdf_files.start([])
    form = made.add_stream(
        pdf_files.lines_at("di dalam gambar", top=600),
        b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>",
    )
    content = b"%s q /X1 Do Q %s" % (pdf_files.lines_at("sebelum"), pdf_files.lines_at("sesudah", top=400))
    page = pdf_files.add_page(made, content, b"/XObject << /X1 %d 0 R >>" % form)
    made.objects[2] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % page
    assert words(read(pdf.extract, made.build())) == ["sebelum", "di", "dalam", "gambar", "sesudah"]


def test_properties_are_read_with_iso_dates(read: Read) -> None:
    information = {
        "Title": "Laporan – akhir",
        "Author": "Siti Aminah; Budi Santoso",
        "CreationDate": "D:20180621101500+07'00'",
        "ModDate": "D:2019",
    }
    stated = metadata(read(pdf.extract, pdf_files.pdf(["isi"], information=information)))
    assert stated.title == "Laporan – akhir"
    assert stated.authors == ("Siti Aminah", "Budi Santoso")
    assert (stated.created, stated.modified) == ("2018-06-21T10:15:00+07:00", "2019")


def test_xmp_tells_what_the_information_does_not(read: Read) -> None:
    xmp = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">
        <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Kajian tahunan</rdf:li></rdf:Alt></dc:title>
      </rdf:Description></rdf:RDF></x:xmpmeta>"""
    assert metadata(read(pdf.extract, pdf_files.pdf(["isi"], xmp=xmp))).title == "Kajian tahunan"
    both = pdf_files.pdf(["isi"], xmp=xmp, information={"Title": "Judul lain"})
    assert metadata(read(pdf.extract, both)).title == "Judul lain"


@pytest.mark.parametrize(
    ("title", "heading"),
    [("Laporan Tahunan", "Laporan Tahunan"), ("L A P O R A N   A K H I R", "LAPORAN AKHIR")],
)
def test_what_is_largest_on_the_first_page_is_its_heading(read: Read, title: str, heading: str) -> None:
    page = pdf_files.lines_at(title, size=24) + b"\n" + pdf_files.lines_at("Teks biasa\ndi bawahnya", top=600)
    assert metadata(read(pdf.extract, pdf_files.pdf([page]))).heading == heading


def test_characters_without_a_letter_are_left_out_and_counted(read: Read) -> None:
    made = pdf_files.start([])
    descendant = made.add(
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor << /Type /FontDescriptor >> >>"
    )
    font = made.add(
        b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [%d 0 R] >>" % descendant
    )
    made.objects[3] = made.objects.pop(font)
    page = pdf_files.add_page(made, b"BT /F1 12 Tf 72 700 Td <004100420043> Tj ET")
    made.objects[2] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % page
    events = read(pdf_pdfminer.extract, made.build())
    assert texts(events) == [""]
    assert left_out(events) == ["Page 1 was not read completely: of 3 characters no font says which letter they are"]


@pytest.mark.parametrize(
    "damaged",
    [
        # Text in place of a sequence of texts, then good text.
        b"BT /F1 12 Tf 72 700 Td 7 TJ (terbaca) Tj ET",
        b"/Unknown Do BT /F1 12 Tf 72 700 Td (terbaca) Tj (x) 7 8 TJ ET",
        # The stream breaks off within a dictionary.
        b"BT /F1 12 Tf 72 700 Td (terbaca) Tj ET /Span << /A /B /C >> BDC",
    ],
)
def test_a_damaged_page_loses_neither_its_good_part_nor_other_pages(read: Read, damaged: bytes) -> None:
    events = read(pdf.extract, pdf_files.pdf(["satu", damaged, "tiga"]))
    assert texts(events) == ["satu", "terbaca", "tiga"]
    assert [reason.split(":")[0] for reason in left_out(events)] == ["Page 2 was not read completely"]


def test_what_a_damaged_stream_still_holds_is_unpacked(read: Read) -> None:
    packed = zlib.compress(pdf_files.lines_at("\n".join(f"baris {n}" for n in range(500)), top=9000), level=9)
    made = pdf_files.start([""])
    content = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream"
    broken = packed[: len(packed) // 2] + b"\xff" * 40
    made.objects[4] = content % (len(broken), broken)
    (text,) = texts(read(pdf.extract, made.build()))
    assert text.split()[:4] == ["baris", "0", "baris", "1"]
    assert len(text.split()) > 200


def test_a_pdf_with_wrong_offsets_is_read_all_the_same(read: Read) -> None:
    assert texts(read(pdf.extract, pdf_files.pdf(["satu", "dua"], with_table=False))) == ["satu", "dua"]


@pytest.mark.parametrize("damage", ["the end is cut off", "a first trailer, as files for the web have"])
def test_a_pdf_whose_table_of_objects_is_lost_is_read_all_the_same(read: Read, damage: str) -> None:
    content = pdf_files.pdf(["satu", "dua"], with_table=False)
    if damage.startswith("the end"):
        content = content[: content.index(b"xref")]
    else:
        content = content.replace(b"1 0 obj", b"trailer\n<< /Size 9 >>\n1 0 obj", 1)
    events = read(pdf.extract, content)
    assert texts(events) == ["satu", "dua"]
    assert "damaged" in left_out(events)[0]


def test_pages_that_cannot_be_found_are_told(read: Read) -> None:
    made = pdf_files.start(["satu", "dua"])
    made.objects[2] = made.objects[2].replace(b"/Count 2", b"/Count 5")
    events = read(pdf.extract, made.build())
    assert texts(events) == ["satu", "dua"]
    assert left_out(events) == ["3 of 5 pages cannot be found"]


def test_a_pdf_that_asks_for_a_password_is_told_as_such(read: Read) -> None:
    with pytest.raises(EncryptedError):
        read(pdf.extract, pdf_files.pdf(["rahasia"], user_password="sandi"))


def test_a_pdf_that_only_forbids_printing_is_read(read: Read) -> None:
    assert texts(read(pdf.extract, pdf_files.pdf(["terbuka"], user_password=""))) == ["terbuka"]


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.4\n", b"%PDF-1.4\n" + b"\0\xff" * 500, pdf_files.pdf([]), b"%PDF-1.4\ntrailer\n<< /Root 1 0 R >>\n%%EOF"],
)
def test_a_pdf_without_pages_is_corrupt(read: Read, content: bytes) -> None:
    with pytest.raises(CorruptError):
        read(pdf.extract, content)


def test_scattered_labels_are_read_in_linear_time(read: Read) -> None:
    labels = b" ".join(
        b"BT /F1 4 Tf 1 0 0 1 %d %d Tm (%d) Tj ET" % (16 * (n % 36), 835 - 7 * (n // 36), n) for n in range(4_000)
    )
    began = time.process_time()
    assert sorted(map(int, words(read(pdf.extract, pdf_files.pdf([labels]))))) == list(range(4_000))
    # The library's own order takes 40 seconds for these.
    assert time.process_time() - began < 10


# Word


def test_a_word_document_is_read_in_order_with_its_margins(read: Read) -> None:
    def fill(made: Document) -> None:
        made.sections[0].header.paragraphs[0].text = "kepala"
        made.sections[0].footer.paragraphs[0].text = "kaki"
        made.add_paragraph("pembuka")
        table = made.add_table(2, 2)
        for number, cell in enumerate(c for row in table.rows for c in row.cells):
            cell.text = f"sel{number}"
        table.cell(1, 1).add_table(1, 1).cell(0, 0).text = "bersarang"
        made.add_paragraph("penutup")

    (text,) = texts(read(docx.extract, word.document(fill)))
    assert text.split() == ["kepala", "pembuka", "sel0", "sel1", "sel2", "sel3", "bersarang", "penutup", "kaki"]
    assert "sel0\tsel1\nsel2\tsel3" in text


def test_a_header_that_repeats_stands_once(read: Read) -> None:
    def fill(made: Document) -> None:
        made.sections[0].header.paragraphs[0].text = "sama"
        made.add_paragraph("satu " * 100)
        other = made.add_section(WD_SECTION.NEW_PAGE)
        other.header.is_linked_to_previous = False
        other.header.paragraphs[0].text = "sama"
        made.add_paragraph("dua " * 100)
        third = made.add_section(WD_SECTION.NEW_PAGE)
        third.header.is_linked_to_previous = False
        third.header.paragraphs[0].text = "lain"
        made.add_paragraph("tiga " * 100)

    sections = texts(read(docx.extract, word.document(fill)))
    assert [section.split()[0] for section in sections] == ["sama", "dua", "lain"]
    assert sum(section.count("sama") for section in sections) == 1


XML_CASES = {
    "insertions": ("<w:p><w:ins><w:r><w:t>baru</w:t></w:r></w:ins></w:p>", "baru"),
    "deletions": ("<w:p><w:del><w:r><w:delText>lama</w:delText></w:r></w:del><w:r><w:t>kini</w:t></w:r></w:p>", "kini"),
    "moves": (
        "<w:p><w:moveFrom><w:r><w:t>dari</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>ke</w:t></w:r></w:moveTo></w:p>",
        "ke",
    ),
    "fields": (
        '<w:p><w:fldSimple w:instr="PAGE"><w:r><w:t>7</w:t></w:r></w:fldSimple>'
        "<w:r><w:instrText>HYPERLINK x</w:instrText></w:r>"
        "<w:hyperlink><w:r><w:t>tautan</w:t></w:r></w:hyperlink></w:p>",
        "7tautan",
    ),
    "signs": (
        "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:cr/><w:t>d</w:t><w:noBreakHyphen/>"
        "<w:t>e</w:t></w:r></w:p>",
        "a\tb\nc\nd-e",
    ),
    "content controls": (
        "<w:sdt><w:sdtPr><w:alias/></w:sdtPr><w:sdtContent><w:p><w:sdt><w:sdtContent><w:r><w:t>isian</w:t></w:r>"
        "</w:sdtContent></w:sdt></w:p></w:sdtContent></w:sdt>",
        "isian",
    ),
    "text boxes": (
        "<w:p><w:r><w:t>jangkar</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><wps:txbx><w:txbxContent><w:p><w:r>"
        "<w:t>kotak</w:t></w:r></w:p></w:txbxContent></wps:txbx></mc:Choice><mc:Fallback><w:pict><v:textbox>"
        "<w:txbxContent><w:p><w:r><w:t>kotak</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>",
        "jangkar\nkotak",
    ),
    "old text boxes": (
        "<w:p><w:r><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>kotak</w:t></w:r></w:p></w:txbxContent>"
        "</v:textbox></w:pict></w:r></w:p>",
        "kotak",
    ),
    "formulas": ("<w:p><m:oMath><m:r><m:t>E=mc</m:t></m:r></m:oMath></w:p>", "E=mc"),
    "rows within controls": (
        "<w:tbl><w:sdt><w:sdtContent><w:tr><w:tc><w:p><w:r><w:t>baris</w:t></w:r></w:p></w:tc></w:tr></w:sdtContent>"
        "</w:sdt></w:tbl>",
        "baris",
    ),
    "comments of XML": ("<w:p><!-- catatan --><w:r><w:t>teks</w:t></w:r></w:p>", "teks"),
}


@pytest.mark.parametrize("case", XML_CASES)
def test_what_word_can_hold_is_read_and_what_is_deleted_is_not(read: Read, case: str) -> None:
    xml, expected = XML_CASES[case]
    assert texts(read(docx.extract, word.with_body(xml))) == [expected]


def test_notes_and_comments_stand_at_the_end_of_the_section_that_refers_to_them(read: Read) -> None:
    def referring(text: str, *references: str) -> str:
        return f"<w:p><w:r><w:t>{text}</w:t></w:r>{''.join(f'<w:r>{r}</w:r>' for r in references)}</w:p>"

    xml = (
        referring("isi " * 100, '<w:footnoteReference w:id="2"/>', '<w:commentReference w:id="0"/>')
        + word.paragraph("lanjut")
        + '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
        + referring("halaman dua " * 50, '<w:endnoteReference w:id="5"/>')
    )
    content = word.with_notes(
        xml, footnotes={2: "catatan kaki", 9: "yatim"}, endnotes={5: "catatan akhir"}, comments={0: "komentar"}
    )
    first, second = texts(read(docx.extract, content))
    assert first.split("\n")[-3:] == ["lanjut", "catatan kaki", "komentar"]
    assert second.split("\n")[-2:] == ["yatim", "catatan akhir"]
    assert "----" not in first + second


def test_sections_begin_at_page_breaks_and_headings_of_the_first_level(read: Read) -> None:
    body = "kata " * 60

    def fill(made: Document) -> None:
        made.add_heading("Pendahuluan", 1)
        made.add_paragraph(body)
        made.add_heading("Rincian", 2)
        made.add_paragraph(body)
        made.add_heading("Metode", 1)
        made.add_paragraph(body).add_run().add_break(WD_BREAK.PAGE)
        made.add_paragraph("Sesudah " + body)
        made.add_paragraph("Baru " + body).paragraph_format.page_break_before = True

    events = read(docx.extract, word.document(fill))
    assert [text.split()[0] for text in texts(events)] == ["Pendahuluan", "Metode", "Sesudah", "Baru"]
    assert {event.unit for event in events if isinstance(event, Page)} == {PageUnit.SECTION}
    assert metadata(events).heading == "Pendahuluan"


def test_headings_are_known_by_their_style_whatever_its_name(read: Read) -> None:
    def fill(made: Document) -> None:
        style = made.styles.add_style("Judul Bab", 1)
        style.base_style = made.styles["Heading 1"]
        made.add_paragraph("isi " * 80)
        made.add_paragraph("Bab Dua", style="Judul Bab")
        made.add_paragraph("isi " * 80)

    assert [text.split()[0] for text in texts(read(docx.extract, word.document(fill)))] == ["isi", "Bab"]


def test_a_bare_title_page_is_joined_to_what_follows(read: Read) -> None:
    def fill(made: Document) -> None:
        made.add_paragraph("Laporan Akhir", style="Title").add_run().add_break(WD_BREAK.PAGE)
        made.add_paragraph("isi " * 100)

    events = read(docx.extract, word.document(fill))
    assert len(texts(events)) == 1
    assert metadata(events).heading == "Laporan Akhir"


def test_a_long_document_without_breaks_is_cut_at_ends_of_paragraphs(read: Read) -> None:
    paragraphs = [f"paragraf{n} " + "kata " * 60 for n in range(100)]

    def fill(made: Document) -> None:
        for text in paragraphs:
            made.add_paragraph(text)

    sections = texts(read(docx.extract, word.document(fill)))
    assert all(1_000 < len(section) < 6_500 for section in sections)
    assert all(section.startswith("paragraf") for section in sections)
    assert "\n".join(sections).split() == " ".join(paragraphs).split()


def test_word_properties_are_read(read: Read) -> None:
    stated = metadata(read(docx.extract, word.document(title="Rencana Aksi", author="Siti Aminah; Budi")))
    assert (stated.title, stated.authors) == ("Rencana Aksi", ("Siti Aminah", "Budi"))
    assert stated.created is not None
    assert stated.created.startswith("20")


def test_a_document_without_properties_states_none(read: Read) -> None:
    content = word.changed(
        word.document(lambda made: made.add_paragraph("isi")),
        {
            "docProps/core.xml": None,
            "_rels/.rels": lambda part: part.replace(b"metadata/core-properties", b"metadata/other"),
        },
        added={"docProps/core.xml": b"<other/>"},
    )
    assert metadata(read(docx.extract, content)) == FileMetadata()


def test_documents_with_macros_and_templates_are_read(read: Read) -> None:
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    for kind in (
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
        main.replace(b"document.main", b"template.main"),
    ):
        content = word.changed(
            word.with_body(word.paragraph("isi")),
            {"[Content_Types].xml": lambda part, kind=kind: part.replace(main, kind)},  # type: ignore[misc]
        )
        assert texts(read(docx.extract, content)) == ["isi"]


def test_a_missing_part_does_not_cost_the_words(read: Read) -> None:
    events = read(docx.extract, word.changed(word.with_body(word.paragraph("isi")), {"word/styles.xml": None}))
    assert texts(events) == ["isi"]
    assert "damaged" in left_out(events)[0]


DOCTYPE = b'<!DOCTYPE x [<!ENTITY e "kejutan">]>'


def _with_doctype(part: bytes) -> bytes:
    return part.replace(b"?>", b"?>" + DOCTYPE, 1)


def _in_utf_16(part: bytes) -> bytes:
    text = _with_doctype(part).decode().replace("UTF-8", "UTF-16")
    return text.encode("utf-16")


def _in_utf_7(part: bytes) -> bytes:
    return part.replace(b"UTF-8", b"UTF-7")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (word.document()[:700], CorruptError),
        (b"PK\x03\x04", CorruptError),
        (word.changed(word.document(), {"word/document.xml": None}), CorruptError),
        (word.changed(word.document(), {"word/document.xml": lambda _: b"<w:document"}), CorruptError),
        (word.changed(word.document(), {"word/document.xml": _with_doctype}), UnsafeFileError),
        (word.changed(word.document(), {"word/styles.xml": _with_doctype}), UnsafeFileError),
        (word.changed(word.document(), {"_rels/.rels": _with_doctype}), UnsafeFileError),
        (word.changed(word.document(), {"word/document.xml": _in_utf_16}), UnsafeFileError),
        (word.changed(word.document(), {"word/document.xml": _in_utf_7}), UnsafeFileError),
    ],
)
def test_what_is_no_sound_package_is_a_coded_failure(read: Read, content: bytes, error: type[FileError]) -> None:
    with pytest.raises(error):
        read(docx.extract, content)


def test_a_bomb_is_recognised_by_what_it_declares(read: Read) -> None:
    content = word.changed(word.document(), {}, added={"word/media/bomb.xml": b" " * 101_000_000})
    began = time.process_time()
    with pytest.raises(ArchiveBombError):
        read(docx.extract, content)
    assert time.process_time() - began < 1


def test_a_bomb_that_declares_little_is_recognised_while_it_unpacks(read: Read) -> None:
    content = bytearray(word.changed(word.document(), {}, added={"word/bomb.xml": b" " * 101_000_000}))
    true_size, small = (101_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    assert content.count(true_size) == 2
    with pytest.raises((ArchiveBombError, CorruptError)):
        read(docx.extract, bytes(content.replace(true_size, small)))


def test_a_package_of_thousands_of_parts_is_no_document(read: Read) -> None:
    parts = {f"word/{number}.bin": b"" for number in range(5_001)}
    with pytest.raises(ArchiveBombError):
        read(docx.extract, word.changed(word.document(), {}, added=parts))


def test_a_package_with_a_password_is_told_as_such(read: Read) -> None:
    content = bytearray(word.document())
    at = content.rindex(b"PK\x01\x02")
    # Bit 0 of the flags in the central directory says that a part is encrypted.
    content[at + 8] |= 1
    with pytest.raises(EncryptedError):
        read(docx.extract, bytes(content))
