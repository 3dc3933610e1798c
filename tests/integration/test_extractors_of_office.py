"""The extractors of OpenDocument texts and slides, of RTF, and of what LibreOffice converts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pptx
import pytest
from docx.document import Document

from holdings.errors import CorruptError, EncryptedError, FileError, UnsafeFileError, UnsupportedFormatError
from holdings.model import PageUnit
from ingest import media_types
from ingest.extractors import legacy, opendocument, rtf
from ingest.extractors.cleaning import cleaned
from ingest.model import ExtractionEvent, Extractor, FileMetadata, Page
from ingest.sandbox import Sandbox
from ingest.sniffing import sniff
from tests.files import word
from tests.files.events import metadata, texts
from tests.files.ole import compound_file
from tests.files.open_document import content, open_document
from tests.fixtures_services import require
from tests.services.components import LIBREOFFICE

Read = Callable[[Extractor, bytes | str], list[ExtractionEvent]]
Convert = Callable[[bytes, str, str], bytes]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return what an extractor finds in a file of this content."""

    def _read(extractor: Extractor, content: bytes | str) -> list[ExtractionEvent]:
        path = tmp_path / "file"
        path.write_bytes(content.encode("latin-1") if isinstance(content, str) else content)
        return list(cleaned(extractor(path)))

    return _read


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    """Return what LibreOffice makes of a file."""
    require(LIBREOFFICE.path)

    def _convert(content: bytes, source: str, target: str) -> bytes:
        path = tmp_path / f"original.{source}"
        path.write_bytes(content)
        with legacy.converted(path, source, target) as made:
            return made.read_bytes()

    return _convert


def p(words: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{words}</text:p>' if style else f"<text:p>{words}</text:p>"


# OpenDocument


def test_a_text_is_read_completely_and_deletions_are_left_out(read: Read) -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>dihapus</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        '<text:h text:outline-level="1">Pen<text:span>dahuluan</text:span></text:h>'
        + p("satu<text:s text:c='2'/>dua<text:tab/>tiga<text:line-break/>empat")
        + p(
            "isi<text:note text:note-class='footnote'><text:note-citation>1</text:note-citation><text:note-body>"
            "<text:p>catatan kaki</text:p></text:note-body></text:note> lanjut"
            "<office:annotation><dc:creator>Sari</dc:creator><dc:date>2018</dc:date><text:p>komentar</text:p>"
            "</office:annotation>"
            "<draw:frame><draw:text-box><text:p>kotak</text:p></draw:text-box></draw:frame>"
            "<text:change-start/>disisipkan<text:change-end/>"
        )
        + "<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>a</text:p>"
        "</table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table-header-rows>"
        "<table:table-row><table:table-cell table:number-columns-spanned='2'><text:p>c</text:p></table:table-cell>"
        "<table:covered-table-cell/></table:table-row></table:table>"
    )
    masters = (
        '<style:master-page style:name="S"><style:header><text:p>Kepala <text:title>Judul</text:title></text:p>'
        "</style:header><style:footer><text:p>Kaki</text:p></style:footer><style:footer-left><text:p>Kaki</text:p>"
        "</style:footer-left></style:master-page>"
    )
    properties = (
        "<dc:title>Laporan</dc:title><meta:initial-creator>Sari</meta:initial-creator>"
        "<dc:creator>Budi</dc:creator><meta:creation-date>2018-06-22T10:00:00</meta:creation-date>"
        "<dc:date>2019-01-02</dc:date><dc:language>id</dc:language>"
    )
    events = read(opendocument.extract, open_document("text", body, masters=masters, properties=properties))
    assert texts(events) == [
        "Kepala Judul\nPendahuluan\nsatu  dua\ttiga\nempat\nisi lanjutdisisipkan\nkotak\na\tb\nc\nKaki\n"
        "catatan kaki\nkomentar"
    ]
    assert metadata(events) == FileMetadata(
        "Laporan", ("Sari",), "2018-06-22T10:00:00", "2019-01-02", "id", None, "Pendahuluan"
    )


def test_a_text_is_cut_at_page_breaks_and_headings(read: Read) -> None:
    styles = (
        '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="P0"/>'
        '<style:style style:name="P0" style:family="paragraph"><style:paragraph-properties fo:break-before="page"/>'
        "</style:style>"
    )
    long = "kata " * 100
    body = p(f"awal {long}") + p(f"kedua {long}", "P1") + f"<text:h>Ketiga</text:h>{p(long)}"
    pages = [e for e in read(opendocument.extract, open_document("text", body, styles=styles)) if isinstance(e, Page)]
    assert [page.text.split()[0] for page in pages] == ["awal", "kedua", "Ketiga"]
    assert {page.unit for page in pages} == {PageUnit.SECTION}


def test_numbers_of_lists_are_written_out(read: Read) -> None:
    def level(number: int, form: str, suffix: str, prefix: str = "", shown: int = 1) -> str:
        return (
            f'<text:list-level-style-number text:level="{number}" style:num-format="{form}" '
            f'style:num-prefix="{prefix}" style:num-suffix="{suffix}" text:display-levels="{shown}"/>'
        )

    styles = (
        f'<text:list-style style:name="L1">{level(1, "1", ".")}{level(2, "a", ")", "", 2)}</text:list-style>'
        f'<text:list-style style:name="L2">{level(1, "i", ")", "(")}</text:list-style>'
    )

    def item(words: str, inner: str = "") -> str:
        return f"<text:list-item>{p(words)}{inner}</text:list-item>"

    body = (
        '<text:list text:style-name="L1">'
        + item("satu", f"<text:list>{item('anak')}{item('adik')}</text:list>")
        + item("dua")
        + "</text:list>"
        + p("sela")
        + f'<text:list text:style-name="L1" text:continue-numbering="true">{item("tiga")}</text:list>'
        + f'<text:list text:style-name="L2">{item("x")}{item("y")}</text:list>'
        + f'<text:list text:style-name="L2">{item("z")}</text:list>'
        + f'<text:list text:style-name="tak ada">{item("butir")}</text:list>'
    )
    (text,) = texts(read(opendocument.extract, open_document("text", body, styles=styles)))
    assert text.split("\n") == [
        "1. satu", "1.a) anak", "1.b) adik", "2. dua", "sela", "3. tiga", "(i) x", "(ii) y", "(i) z", "butir"
    ]  # fmt: skip


def test_slides_are_read_with_notes_and_footers_and_without_what_is_filled_in(read: Read) -> None:
    body = (
        '<presentation:footer-decl presentation:name="f1">BNPT</presentation:footer-decl>'
        '<draw:page draw:name="p1" presentation:use-footer-name="f1">'
        '<draw:frame presentation:class="title"><draw:text-box><text:p>Judul</text:p></draw:text-box></draw:frame>'
        "<draw:g><draw:custom-shape><text:p>bentuk</text:p></draw:custom-shape></draw:g>"
        "<draw:frame><table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table></draw:frame>"
        '<draw:frame><draw:object xlink:href="./Object 1"/><draw:image xlink:href="x"/></draw:frame>'
        "<presentation:notes><draw:page-thumbnail/><draw:frame presentation:class='notes'><draw:text-box>"
        "<text:p>catatan pembicara</text:p></draw:text-box></draw:frame><draw:frame><draw:text-box>"
        "<text:p><text:page-number>&lt;number&gt;</text:page-number></text:p></draw:text-box></draw:frame>"
        '</presentation:notes></draw:page><draw:page draw:name="p2"/>'
    )
    chart = content(
        "chart",
        "<chart:chart><chart:title><text:p>Jumlah kasus</text:p></chart:title><table:table><table:table-rows>"
        '<table:table-row><table:table-cell office:value-type="string"><text:p>Aceh</text:p></table:table-cell>'
        '<table:table-cell office:value-type="float" office:value="3"><text:p>3</text:p></table:table-cell>'
        "</table:table-row></table:table-rows></table:table></chart:chart>",
    )
    events = read(opendocument.extract, open_document("presentation", body, parts={"Object 1/content.xml": chart}))
    assert texts(events) == ["Judul\nbentuk\na\tb\nJumlah kasus\nAceh\nBNPT\ncatatan pembicara", ""]
    assert {event.unit for event in events if isinstance(event, Page)} == {PageUnit.SLIDE}
    assert metadata(events).heading == "Judul"


def test_an_encrypted_text_is_told_by_its_manifest(read: Read) -> None:
    manifest = '<m:manifest xmlns:m="urn:m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    with pytest.raises(EncryptedError):
        read(opendocument.extract, open_document("text", p("a"), parts={"META-INF/manifest.xml": manifest}))


def test_a_doctype_is_refused_where_words_are_read_and_not_in_macros(read: Read) -> None:
    doctype = "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"
    assert texts(read(opendocument.extract, open_document("text", p("a"), parts={"Basic/a.xml": doctype}))) == ["a"]
    with pytest.raises(UnsafeFileError):
        read(opendocument.extract, open_document("text", p("a"), parts={"Object 1/content.xml": doctype}))


def test_a_damaged_part_beside_the_content_costs_only_itself(read: Read) -> None:
    damaged = word.changed(open_document("text", p("isi")), {"styles.xml": lambda _: b"\0"})
    events = read(opendocument.extract, damaged)
    assert texts(events) == ["isi"]
    assert any("styles.xml" in getattr(event, "reason", "") for event in events)
    with pytest.raises(CorruptError):
        read(opendocument.extract, word.changed(open_document("text", p("a")), {"content.xml": None}))


def test_content_that_is_cut_off_is_read_so_far_and_says_so(read: Read) -> None:
    whole = open_document("text", p("satu") + p("dua") + p("tiga"))
    events = read(opendocument.extract, word.changed(whole, {"content.xml": lambda part: part[: part.index(b"tiga")]}))
    assert texts(events) == ["satu\ndua"]
    assert any("damaged" in getattr(event, "reason", "") for event in events)


# RTF

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset128 MS;}}"
    r"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}{\s9 Title;}}"
)


def test_rtf_is_read_completely_without_deleted_and_hidden_text(read: Read) -> None:
    source = (
        HEAD + r"{\info{\title Lapor\'e1n}{\author Sari}{\creatim\yr2018\mo6\dy22\hr9\min5}{\*\company X}}"
        r"{\header\pard Kepala\par}{\footer\pard Kaki\par}"
        "\n"
        r"\pard\s9 Judul\par\pard\s0 isi{\footnote\pard {\chftn} catatan kaki} lanjut{\deleted hilang}{\v rahasia}"
        r"{\*\annotation\pard komentar}\par"
        r"{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt\pard kotak\par}}{\shprslt{\*\do{\dptxbxtext\pard kotak\par}}}}"
        r"{\field{\*\fldinst HYPERLINK x}{\fldrslt tautan}}{\listtext 1.\tab}butir\par"
        r"\trowd\pard\intbl a\cell b\par c\cell\row\pard{\*\unknown tak terbaca}{\pict\bin5 }}}}}}akhir\~kata"
        r"\emdash\par}sesudah"
    )
    events = read(rtf.extract, source)
    assert texts(events) == [
        "Kepala\nJudul\nisi lanjut\ntautan1.\tbutir\nkotak\na\tb\nc\nakhir\u00a0kata—\nKaki\ncatatan kaki\nkomentar"
    ]
    assert metadata(events) == FileMetadata("Laporán", ("Sari",), "2018-06-22T09:05", heading="Judul")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (r"\'e9\'80", "é€"),
        (r"{\f1 \'cc\'ee\'f1\'ea\'e2\'e0}", "Москва"),
        (r"{\f2 \'93\'fa\'96\{}", "日本"),
        (r"\uc1\u1052?\u-10179?\u-8704?", "М\U0001f600"),
        (r"\uc2\u233\'c3\'a9x", "éx"),
        (r"{\uc0\u233}\u234?", "éê"),
        (r"{\upr{salah}{\*\ud{\u1041?enar}}}", "Бenar"),
        (r"a\-b\_c\~d\{\}\\", "ab-c\u00a0d{}\\"),
    ],
)
def test_characters_of_rtf_in_every_encoding(read: Read, source: str, words: str) -> None:
    assert texts(read(rtf.extract, HEAD + r"\pard " + source + r"\par}")) == [words]


def test_rtf_is_cut_at_page_breaks_sections_and_headings(read: Read) -> None:
    long = "kata " * 100
    source = HEAD + rf"\pard satu {long}\par\page dua {long}\sect tiga {long}\par\pard\s1 Empat\par\pard {long}\par}}"
    assert [text.split()[0] for text in texts(read(rtf.extract, source))] == ["satu", "dua", "tiga", "Empat"]


def test_rtf_that_ends_in_the_middle_is_read_so_far_and_says_so(read: Read) -> None:
    events = read(rtf.extract, HEAD + r"\pard isi {\b terpot")
    assert texts(events) == ["isi terpot"]
    assert any("ends in the middle" in getattr(event, "reason", "") for event in events)
    with pytest.raises(CorruptError):
        read(rtf.extract, "bukan")


def test_rtf_of_libreoffice_says_what_its_source_says(read: Read, convert: Convert) -> None:
    source = convert(_sample(), "docx", "rtf")
    (text,) = texts(read(rtf.extract, source))
    assert set(text.split()) >= _WORDS


# What LibreOffice converts

_WORDS = {"Pendahuluan", "ketahanan", "Jawa", "kepala-surat", "kaki-surat"}


def _sample() -> bytes:
    def fill(document: Document) -> None:
        document.add_heading("Pendahuluan", 1)
        document.add_paragraph("Program ketahanan masyarakat")
        document.add_table(1, 1).cell(0, 0).text = "Jawa Tengah"
        document.sections[0].header.paragraphs[0].text = "kepala-surat"
        document.sections[0].footer.paragraphs[0].text = "kaki-surat"

    return word.document(fill, title="Laporan", author="Sari")


def test_an_old_word_document_is_read_through_libreoffice_in_the_sandbox(tmp_path: Path, convert: Convert) -> None:
    path = tmp_path / "lama.doc"
    path.write_bytes(convert(_sample(), "docx", "doc"))
    assert sniff(path) == media_types.DOC
    # In the store a file has no suffix.
    stored = path.rename(tmp_path / "abcdef")
    with Sandbox() as sandbox:
        events = list(sandbox.extract(stored, media_types.DOC))
    assert set(" ".join(texts(events)).split()) >= _WORDS
    assert metadata(events).title == "Laporan"
    assert metadata(events).authors == ("Sari",)


def test_old_slides_are_read_through_libreoffice(tmp_path: Path, convert: Convert) -> None:
    slides = pptx.Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[0])
    slide.shapes.title.text = "Ketahanan"
    slide.notes_slide.notes_text_frame.text = "catatan pembicara"
    slides.save(str(tmp_path / "baru.pptx"))
    path = tmp_path / "lama"
    path.write_bytes(convert((tmp_path / "baru.pptx").read_bytes(), "pptx", "ppt"))
    assert sniff(path) == media_types.PPT
    with Sandbox() as sandbox:
        events = list(sandbox.extract(path, media_types.PPT))
    assert [event.unit for event in events if isinstance(event, Page)] == [PageUnit.SLIDE]
    assert "Ketahanan" in texts(events)[0]
    assert "catatan pembicara" in texts(events)[0]


def test_a_document_does_not_name_the_file_that_libreoffice_was_given(read: Read, convert: Convert) -> None:
    body = p("nama: <text:file-name text:display='full'>lama</text:file-name> selesai")
    source = convert(open_document("text", body), "odt", "doc")
    (text,) = texts(read(legacy.extract, source))
    assert "conversion-" not in text
    assert text.split() == ["nama:", "selesai"]


def test_without_libreoffice_an_old_document_is_rejected_with_advice(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UnsupportedFormatError) as raised:
        read(legacy.extract, compound_file("WordDocument"))
    assert "apt-get install libreoffice-writer" in raised.value.advice_given


def test_an_old_document_that_libreoffice_cannot_read_is_corrupt(read: Read) -> None:
    require(LIBREOFFICE.path)
    with pytest.raises(CorruptError):
        read(legacy.extract, compound_file("WordDocument"))


@pytest.mark.parametrize("suffix", ["odt", "doc"])
def test_links_to_other_files_are_not_followed(tmp_path: Path, convert: Convert, suffix: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("rahasia negara", encoding="utf-8")
    source = open_document(
        "text",
        f'<text:section text:name="S"><text:section-source xlink:href="{secret.as_uri()}" xlink:type="simple" '
        f'xlink:show="embed" text:filter-name="Text"/>{p("lama")}</text:section>',
    )
    if suffix == "doc":
        source = convert(source, "odt", "doc")
    assert b"rahasia" not in convert(source, suffix, "fodt")


def test_hostile_office_files_end_with_pages_or_a_code(corpus: Path) -> None:
    read_here = {
        media_types.DOC, media_types.PPT, media_types.XLS, media_types.XLSX, media_types.ODT, media_types.ODS,
        media_types.RTF, media_types.EML, media_types.ZIP, media_types.CSV,
    }  # fmt: skip
    require(LIBREOFFICE.path)
    seen, codes = 0, set[str]()
    with Sandbox() as sandbox:
        for path in sorted((corpus / "hostile" / "files").iterdir()):
            try:
                media_type = sniff(path)
                if media_type not in read_here:
                    continue
                seen += 1
                assert list(sandbox.extract(path, media_type)), path.name
            except FileError as error:
                codes.add(error.code)
    assert seen > 40
    assert codes <= {"encrypted", "corrupt", "unsupported_format", "unsafe", "empty"}
