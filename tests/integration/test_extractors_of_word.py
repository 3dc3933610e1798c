"""Word documents: numbers that stand nowhere, what lies in other parts, and what is left of a damaged file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from docx.document import Document

from holdings.errors import CorruptError
from ingest.extractors import docx
from ingest.extractors.cleaning import cleaned
from ingest.model import ExtractionEvent, FileMetadata
from tests.files import slides, word
from tests.files.events import left_out, texts
from tests.files.word import changed, paragraph

Read = Callable[[bytes], list[ExtractionEvent]]

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_RELATIONS = "word/_rels/document.xml.rels"
LAW = f"""<w:numbering {_W}><w:abstractNum w:abstractNumId="0">
  <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:pStyle w:val="Heading1"/>
    <w:lvlText w:val="BAB %1"/></w:lvl>
  <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlRestart w:val="0"/>
    <w:lvlText w:val="Pasal %2"/></w:lvl>
  <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="(%3)"/></w:lvl>
</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return what the extractor finds in a file of this content."""

    def _read(content: bytes) -> list[ExtractionEvent]:
        path = tmp_path / "file.docx"
        path.write_bytes(content)
        return list(cleaned(docx.extract(path)))

    return _read


def numbered(text: str, level: int, more: str = "") -> str:
    return paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>{more}')


def _number_headings(part: bytes) -> bytes:
    """Give the style Heading 1 the numbers of the list."""
    at = part.index(b'w:styleId="Heading1"')
    end = part.index(b"</w:pPr>", at)
    return part[:end] + b'<w:numPr><w:numId w:val="1"/></w:numPr>' + part[end:]


def law(xml: str) -> bytes:
    """Return a document with this body, whose headings and paragraphs are numbered as those of a law."""
    return changed(
        word.with_body(xml), {"word/numbering.xml": lambda _: LAW.encode(), "word/styles.xml": _number_headings}
    )


def heading(text: str) -> str:
    return paragraph(text, '<w:pStyle w:val="Heading1"/>')


def test_a_law_has_the_numbers_of_its_chapters_articles_and_paragraphs(read: Read) -> None:
    events = read(
        law(
            heading("KETENTUAN UMUM")
            + numbered("", 1)
            + numbered("Dalam Undang-Undang ini", 2)
            + numbered("Ketentuan lain", 2)
            + heading("ASAS")
            + numbered("", 1)
            + numbered("Penanggulangan bencana", 2)
        )
    )
    assert texts(events)[0].split("\n") == [
        "BAB I KETENTUAN UMUM",
        "Pasal 1",
        "(1) Dalam Undang-Undang ini",
        "(2) Ketentuan lain",
        "BAB II ASAS",
        "Pasal 2",
        "(1) Penanggulangan bencana",
    ]
    # The number is no part of the title.
    assert next(e for e in events if isinstance(e, FileMetadata)).heading == "KETENTUAN UMUM"


def test_a_number_stands_before_the_first_words_of_a_paragraph_that_breaks_the_page(read: Read) -> None:
    broken = '<w:p><w:pPr><w:numPr><w:numId w:val="1"/><w:ilvl w:val="2"/></w:numPr></w:pPr><w:r><w:br w:type="page"/>'
    assert texts(read(law(f"{broken}<w:t>isi</w:t></w:r></w:p>"))) == ["(1) isi"]


def test_deleted_paragraphs_rows_and_cells_are_not_read_nor_counted(read: Read) -> None:
    row = "<w:tr>{}<w:tc>{}<w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr>"
    deleted_end = "<w:rPr><w:del/></w:rPr>"
    rows = (
        row.format("", "", "sel")
        + row.format("<w:trPr><w:del/></w:trPr>", "", "baris lama")
        + row.format("", "<w:tcPr><w:cellDel/></w:tcPr>", "sel lama")
    )
    xml = numbered("satu", 2) + numbered("", 2, deleted_end) + numbered("dua", 2) + f"<w:tbl>{rows}</w:tbl>"
    assert texts(read(law(xml))) == ["(1) satu\n(2) dua\nsel"]


def test_lists_in_text_boxes_count_for_themselves(read: Read) -> None:
    inner = f"<v:textbox><w:txbxContent>{numbered('di kotak', 2)}</w:txbxContent></v:textbox>"
    box = f"<w:p><w:r><w:pict>{inner}</w:pict></w:r></w:p>"
    assert texts(read(law(numbered("satu", 2) + box + numbered("dua", 2) + box))) == [
        "(1) satu\n(1) di kotak\n(2) dua\n(2) di kotak"
    ]


def test_letters_drawn_along_a_line_are_read(read: Read) -> None:
    xml = '<w:p><w:r><w:pict><v:shape><v:textpath string="RANCANGAN"/></v:shape></w:pict></w:r></w:p>'
    assert texts(read(word.with_body(xml))) == ["RANCANGAN"]


def test_the_first_of_several_alternatives_is_read(read: Read) -> None:
    xml = (
        "<mc:AlternateContent><mc:Choice><w:p><w:r><w:t>satu</w:t></w:r></w:p></mc:Choice>"
        "<mc:Choice><w:p><w:r><w:t>dua</w:t></w:r></w:p></mc:Choice></mc:AlternateContent>"
    )
    assert texts(read(word.with_body(xml))) == ["satu"]


def _with_parts(xml: str, *parts: tuple[str, str, str]) -> bytes:
    """Return a document with this body, which refers to parts: id and kind of the relation, XML."""
    relations = "".join(
        f'<Relationship Id="{identifier}" Type="http://example.org/{kind}" Target="/word/{identifier}.xml"/>'
        for identifier, kind, _ in parts
    ).encode()
    body = word.with_body(f'<w:wrapper xmlns:r="r" xmlns:c="c" xmlns:dgm="dgm" {_W}>{xml}</w:wrapper>')
    return changed(
        body,
        {_RELATIONS: lambda part: part.replace(b"</Relationships>", relations + b"</Relationships>")},
        added={f"word/{identifier}.xml": part.encode() for identifier, _, part in parts},
    )


def test_charts_and_diagrams_follow_the_paragraph_that_holds_them(read: Read) -> None:
    chart = (
        f"<c:chartSpace {slides.NAMESPACES}><c:ser><c:tx><c:v>Anggaran</c:v></c:tx><c:val><c:numLit><c:pt><c:v>5</c:v>"
        "</c:pt></c:numLit></c:val></c:ser></c:chartSpace>"
    )
    data = slides.diagram({"0": slides.point("Alur")}, [])
    xml = (
        "<w:p><w:r><w:t>Gambar 1</w:t></w:r><w:r><w:drawing><c:chart r:id='chart1'/></w:drawing></w:r>"
        "<w:r><w:drawing><dgm:relIds r:dm='data1'/></w:drawing></w:r></w:p>" + paragraph("lanjut")
    )
    content = _with_parts(xml, ("chart1", "chart", chart), ("data1", "diagramData", data))
    assert texts(read(content)) == ["Gambar 1\nAnggaran\t5\nAlur\nlanjut"]


def test_a_file_of_another_format_within_the_document_is_told(read: Read) -> None:
    content = _with_parts('<w:altChunk r:id="html"/>' + paragraph("isi"), ("html", "aFChunk", "<html/>"))
    events = read(content)
    assert texts(events) == ["isi"]
    assert left_out(events) == ["The file word/html.xml within the document was not read"]


# What is damaged


def test_of_a_damaged_body_what_stands_before_the_damage_is_read(read: Read) -> None:
    content = changed(
        word.with_notes(paragraph("sebelum") + paragraph("sesudah"), comments={0: "komentar"}),
        {"word/document.xml": lambda part: part[: part.index(b"sesudah")]},
    )
    events = read(content)
    assert texts(events)[0].split("\n") == ["sebelum", "komentar"]
    assert "what could be read of it was read" in left_out(events)[0]


def test_a_lost_part_costs_no_other(read: Read) -> None:
    content = word.with_notes(paragraph("isi"), footnotes={2: "catatan kaki"}, comments={0: "komentar"})
    events = read(changed(content, {"word/comments.xml": None}))
    assert texts(events) == ["isi\ncatatan kaki"]
    assert "word/comments.xml" in left_out(events)[0]


def test_a_file_whose_end_is_missing_is_read_as_far_as_it_goes(read: Read) -> None:
    def fill(made: Document) -> None:
        for number in range(2_000):
            made.add_paragraph(f"paragraf {number} dari laporan ini")

    content = word.document(fill)
    at = content.index(b"word/document.xml")
    events = read(content[: at + 4_000])
    found = "\n".join(texts(events))
    assert found.startswith("paragraf 0 ")
    assert "paragraf 500 " in found
    assert "paragraf 1999 " not in found
    assert "damaged" in left_out(events)[0]


@pytest.mark.parametrize("depth", [20, 600])
def test_tables_within_tables_are_read_however_deep_they_are(read: Read, depth: int) -> None:
    xml = paragraph("di dalam")
    for _ in range(depth):
        xml = f"<w:tbl><w:tr><w:tc>{xml}</w:tc></w:tr></w:tbl>"
    events = read(word.with_body(paragraph("sebelum") + xml + paragraph("sesudah")))
    assert "\n".join(texts(events)).split() == ["sebelum", "di", "dalam", "sesudah"]
    assert bool(left_out(events)) == (depth > 100)


def test_a_document_without_a_body_is_a_coded_failure(read: Read) -> None:
    with pytest.raises(CorruptError):
        read(changed(word.document(), {"word/document.xml": lambda _: b"<other/>"}))
