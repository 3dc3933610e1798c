"""The measures of text and of scans count what they say they count, and the page keeps what is not measured anew."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest

from benchmarks.quality import second_readers, text
from benchmarks.quality.__main__ import HEAD, PAGE, SECTIONS, page
from benchmarks.quality.scans import CLASSES, Label, Measured, read_labels
from benchmarks.quality.scans import report as scans_report
from benchmarks.quality.text import Score, agreement, words
from holdings.filestore import checksum

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


def test_words_are_folded_and_single_letters_left_out() -> None:
    assert words("Pasal 5 ayat (1): UNDANG-undang ﬁnal_kali, é") == [
        "pasal",
        "ayat",
        "undang",
        "undang",
        "final",
        "kali",
    ]
    assert words("Tahun 2003, ke-12b", figures=False) == ["tahun", "ke"]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("satu dua tiga", "satu dua tiga", (3, 2, 2)),
        # As often as a word occurs: once is not twice.
        ("satu dua", "satu satu dua dua", (2, 3, 1)),
        # All the words, none of the neighbours.
        ("tiga dua satu", "satu dua tiga", (3, 2, 0)),
        # What only one of them has parts no neighbours.
        ("satu tambahan dua", "satu dua hilang", (2, 1, 1)),
        ("", "satu dua", (0, 0, 0)),
        ("satu", "", (0, 0, 0)),
    ],
)
def test_recall_counts_words_and_order_counts_neighbours(
    ours: str, theirs: str, expected: tuple[int, int, int]
) -> None:
    assert agreement(ours.split(), theirs.split()) == expected


def test_pages_add_up_and_what_has_no_words_has_no_share() -> None:
    score = Score("a.pdf", "PDF").with_text("satu dua", "satu dua").with_text("tiga", "tiga empat")
    assert (score.pages, score.words, score.found, score.recall, score.order) == (2, 4, 3, 0.75, 1.0)
    assert Score("a.pdf", "PDF").with_text("satu", "").recall is None


def test_the_report_names_the_worst_and_what_was_not_compared() -> None:
    good = Score("baik.docx", "DOCX").with_text("satu dua tiga", "satu dua tiga")
    bad = Score("buruk.docx", "DOCX").with_text("tiga", "satu dua tiga empat")
    written = text.report(
        text.Measured((good, bad), {"pindaian.pdf": 3}, (("rusak.xls", "LibreOffice does not read it"),))
    )
    assert "| DOCX | LibreOffice, as text | 2 | 2 | 7 | 0.625 | 0.250 buruk.docx | 1.000 | 1.000 |" in written
    assert "| buruk.docx | DOCX | 4 | 0.250 |  | not looked at |" in written
    assert "| baik.docx" not in written
    assert "3 pages of PDF (pindaian.pdf 3)" in written
    assert "- rusak.xls: LibreOffice does not read it" in written


def test_notes_are_of_documents_that_there_are(corpus: Path) -> None:
    with text.NOTES.open(encoding="utf-8", newline="") as file:
        notes = list(csv.DictReader(file))
    assert [note for note in notes if not (corpus / "documents" / "files" / note["document"]).is_file()] == []


def test_html_is_read_without_scripts_and_words_of_neighbouring_cells_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        "<html><head><title>Kepala</title></head><body><script>var x;</script><table><tr><td>satu</td><td>dua</td></tr>"
        "</table><p>ti<b>ga</b><!-- catatan --></p><style>p {}</style></body></html>",
        encoding="utf-8",
    )
    assert second_readers.by_lxml(path).split() == ["satu", "dua", "tiga"]


def test_strings_of_sheets_are_counted_as_often_as_cells_have_them(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "xl/sharedStrings.xml",
            f'<sst xmlns="{SHEET}"><si><t>Aceh</t></si>'
            "<si><r><t>Su</t></r><r><t>matra</t></r><rPh><t>x</t></rPh></si></sst>",
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{SHEET}"><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c><v>17</v></c>'
            '<c t="s"><v>0</v></c><c t="inlineStr"><is><t>Riau</t></is></c><c t="str"><v>Jambi</v></c></row>'
            "</sheetData></worksheet>",
        )
        archive.writestr(
            "xl/drawings/drawing1.xml", f'<d xmlns:a="{DRAWING}"><a:p><a:t>Ju</a:t><a:t>dul</a:t></a:p></d>'
        )
    assert second_readers.by_xml_of_sheets(path).split("\n") == ["Aceh", "Sumatra", "Aceh", "Riau", "Jambi", "Judul"]


def test_libreoffice_reads_many_files_in_one_call_and_lacks_what_it_cannot(tmp_path: Path) -> None:
    if second_readers.libreoffice() is None:
        pytest.skip("LibreOffice is not installed")
    # Two files with one stem, which would be converted into one.
    first, second = tmp_path / "a.rtf", tmp_path / "a.RTF"
    first.write_text(r"{\rtf1\ansi Laporan tahunan\par}", encoding="ascii")
    second.write_text(r"{\rtf1\ansi Kedua\par}", encoding="ascii")
    made = second_readers.by_libreoffice([first, second, tmp_path / "a.rtf"], second_readers.TEXT, tmp_path)
    assert {path.name: content.split() for path, content in made.items()} == {
        "a.rtf": ["Laporan", "tahunan"],
        "a.RTF": ["Kedua"],
    }
    broken = tmp_path / "b.docx"
    broken.write_bytes(b"PK\x03\x04")
    assert second_readers.by_libreoffice([broken], second_readers.PDF, tmp_path) == {}


def test_the_hub_reads_a_real_law_as_the_second_reader_does(corpus: Path) -> None:
    path = corpus / "documents" / "files" / "uu-2003-04.pdf"
    compared = text._compared(path, "PDF", {})
    (score,) = compared.scores
    assert score.row == "PDF, pages by pypdfium2"
    assert score.words > 1000
    assert score.recall is not None
    assert score.recall > 0.99


def test_the_labelled_pages_are_those_of_the_corpus(corpus: Path) -> None:
    labels = read_labels()
    assert {label.label for label in labels} <= set(CLASSES)
    other = {
        label.path
        for label in labels
        if not (checksum(corpus / "documents" / label.path) or "").startswith(label.sha256)
    }
    assert other == set()


@pytest.mark.parametrize(
    ("row", "said"), [("files/a.pdf,0,1,picture,", "no class"), ("files/b.pdf,0,1,text,", "twice"), (None, "columns")]
)
def test_labels_of_pages_that_cannot_be_right_are_refused(tmp_path: Path, row: str | None, said: str) -> None:
    path = tmp_path / "scans.csv"
    head = "path,sha256,page,class,notes\n" if row else "path,page,class\n"
    path.write_text(f"{head}files/b.pdf,0,1,scan,\n{row or ''}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        read_labels(path)


def test_scans_are_counted_by_class() -> None:
    said = (
        (Label("files/a.pdf", "", 1, "scan", ""), True),
        (Label("files/a.pdf", "", 2, "scan", "turned"), False),
        (Label("files/b.pdf", "", 1, "bad-text-layer", ""), True),
        (Label("files/b.pdf", "", 2, "text", "scan under a text layer; nothing wrong"), True),
        (Label("files/c.pdf", "", 1, "text", "a title only"), True),
        (Label("files/c.pdf", "", 2, "blank", ""), False),
    )
    written = scans_report(Measured(said, (), (("files/d.pdf", 4),), 90))
    assert "| scan | yes | 2 | 1 | 0.500 |" in written
    assert "| text | no | 2 | 2 | 0.000 |" in written
    assert "| blank | no | 1 | 0 | 1.000 |" in written
    assert "| all that should wait | 0.500 | 0.667 |" in written
    assert "| scans, without the pages of bad text layers | 0.333 | 0.500 |" in written
    assert "- a.pdf, page 2, scan: turned" in written
    assert "1 pages of scans under a text layer that is good enough on them (b.pdf 1)" in written
    assert "- c.pdf, page 1, text: a title only" in written
    assert "d.pdf page 4" in written


def test_a_section_that_is_made_again_leaves_the_others_as_they_are() -> None:
    former = page("", {"text": "## Text\n\nold", "duplicates": "## Duplicates\n\nold\n\n### More\n\nof it"})
    again = page(former.replace("How good", "What"), {"text": "## Text\n\nnew"})
    assert again == f"{HEAD}\n\n## Text\n\nnew\n\n## Duplicates\n\nold\n\n### More\n\nof it\n"


def test_the_page_has_each_section() -> None:
    written = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in written if line.startswith("## ")] == list(SECTIONS.values())
    assert written[: HEAD.count("\n") + 1] == HEAD.splitlines()
