"""Who reads a PDF page: pdfium, pdfminer.six where that is better, OCR later where the page is a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image

from holdings.errors import CorruptError
from ingest.extractors import pdf, pdf_pdfium
from ingest.extractors.cleaning import cleaned
from ingest.model import ExtractionEvent, Page, ReadingOptions
from tests.files import pdf as pdf_files
from tests.files import scans
from tests.files.events import left_out

Choice = Literal["auto", "pdfminer", "pdfium"]
Read = Callable[..., list[ExtractionEvent]]
LINES = "\n".join(
    [
        "Undang-Undang Nomor 15 Tahun 2003 tentang pemberantasan tindak pidana",
        "bahwa untuk memberikan landasan hukum yang kuat perlu diatur dengan",
        "peraturan yang berlaku bagi semua orang di seluruh wilayah Indonesia",
    ]
)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def _read(content: bytes, reader: Choice = "auto") -> list[ExtractionEvent]:
        path = tmp_path / "berkas.pdf"
        path.write_bytes(content)
        return list(cleaned(pdf.extract(path, ReadingOptions(pdf_reader=reader))))

    return _read


def pages(events: list[ExtractionEvent]) -> list[Page]:
    return [event for event in events if isinstance(event, Page)]


def test_pdfium_reads_and_is_not_named(read: Read) -> None:
    (page,) = pages(read(pdf_files.pdf([LINES])))
    assert (page.text.split(), page.reader, page.scan) == (LINES.split(), None, False)


def test_the_reader_that_the_settings_ask_for_reads(read: Read) -> None:
    (page,) = pages(read(pdf_files.pdf([LINES]), "pdfminer"))
    assert page.text.split() == LINES.split()
    assert page.reader is not None
    assert page.reader.startswith("pdfminer.six 2")
    (page,) = pages(read(pdf_files.pdf([LINES]), "pdfium"))
    assert page.reader is None


def test_a_page_that_pdfium_reads_badly_is_read_by_the_other(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_pdfium, "_in_lines", lambda drawn: drawn.replace("a", "\ufffd").replace("\r\n", "\n"))
    good = "".join(letter for letter in LINES if letter != "a")
    first, second = pages(read(pdf_files.pdf([LINES, good])))
    assert first.text.split() == LINES.split()
    assert first.reader is not None
    assert (second.text.split(), second.reader) == (good.split(), None)
    (forced,) = pages(read(pdf_files.pdf([LINES]), "pdfium"))
    assert "\ufffd" in forced.text


def test_a_file_that_pdfium_cannot_open_is_read_by_the_other(read: Read) -> None:
    made = pdf_files.start([LINES])
    made.objects[1] = b"<< /Type /Catalog /Pages 99 0 R >>"
    content = made.build(with_table=False)
    (page,) = pages(read(content))
    assert page.text.split() == LINES.split()
    assert page.reader is not None
    with pytest.raises(CorruptError):
        read(content, "pdfium")


def test_hyphens_at_line_ends_stay_as_they_stand(read: Read) -> None:
    (page,) = pages(read(pdf_files.pdf(["kebijakan pemba-\nngunan daerah"])))
    assert page.text == "kebijakan pemba-\nngunan daerah"


def test_what_is_filled_in_and_commented_is_in_the_text(read: Read) -> None:
    made = pdf_files.start([])
    field = made.add(
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (nama) /V (Siti Aminah) /Rect [72 600 300 620] /P 9 0 R >>"
    )
    note = made.add(b"<< /Type /Annot /Subtype /FreeText /Contents (tolong diperiksa) /Rect [72 500 300 520] >>")
    link = made.add(b"<< /Type /Annot /Subtype /Link /Contents (bukan teks) /Rect [72 400 300 420] >>")
    page = pdf_files.add_page(made, "Nama:")
    made.objects[page] = made.objects[page].replace(
        b"/Parent", b"/Annots [%d 0 R %d 0 R %d 0 R] /Parent" % (field, note, link)
    )
    made.objects[1] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [%d 0 R] >> >>" % field
    made.objects[2] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % page
    for reader in ("auto", "pdfminer"):
        (read_page,) = pages(read(made.build(), reader))
        assert [line for line in read_page.text.split("\n") if line] == ["Nama:", "Siti Aminah", "tolong diperiksa"]


@pytest.mark.parametrize("reader", ["auto", "pdfminer"])
def test_scans_are_told_from_blank_pages_and_from_text(read: Read, reader: Choice) -> None:
    image = scans.picture(LINES)
    assert [page.scan for page in pages(read(scans.scanned([image, image]), reader))] == [True, True]
    assert [page.scan for page in pages(read(pdf_files.pdf([LINES, "", "7"]), reader))] == [False, False, False]


@pytest.mark.parametrize(
    ("strips", "share", "text", "scan"),
    [
        (1, 1.0, "", True),
        (1, 1.0, "cap: 12/X/2020", True),
        (12, 1.0, "", True),
        (1, 0.3, "", False),
        (1, 0.3, LINES, False),
        # An electronic signature is more than a stamp.
        (1, 1.0, "Dokumen ini telah ditandatangani secara elektronik oleh Balai Sertifikasi Elektronik", True),
    ],
)
def test_a_page_is_a_scan_when_pictures_cover_it(read: Read, strips: int, share: float, text: str, scan: bool) -> None:
    (page,) = pages(read(scans.over(scans.picture(LINES), text, strips=strips, share=share)))
    assert page.scan is scan
    assert page.text.split() == text.split(), "the text that there is stays until OCR has read the page"


def test_a_bad_text_under_a_picture_is_read_again_and_a_good_one_is_not(read: Read) -> None:
    image = scans.picture(LINES)
    long = "\n".join([LINES] * 3)
    assert [page.scan for page in pages(read(scans.over(image, long)))] == [False]
    assert [page.scan for page in pages(read(scans.over(image, long.replace("2003", "2OO3"))))] == [True]
    assert [page.scan for page in pages(read(pdf_files.pdf([long.replace("2003", "2OO3")])))] == [False]


def test_letters_drawn_as_outlines_are_a_picture_of_text(read: Read) -> None:
    outlines = b" ".join(
        b"%d %d m %d %d l %d %d l f" % (x, y, x + 4, y, x, y + 6)
        for x in range(72, 500, 8)
        for y in range(100, 700, 60)
    )
    assert [page.scan for page in pages(read(pdf_files.pdf([outlines])))] == [True]


def test_pages_that_are_only_counted_are_told_and_those_between_are_empty(read: Read) -> None:
    made = pdf_files.start([LINES, LINES, LINES])
    kids = made.objects[2].split(b"[")[1].split(b"]")[0].split(b" 0 R")
    made.objects[2] = b"<< /Type /Pages /Kids [%s 0 R 99 0 R%s 0 R] /Count 3 >>" % (kids[0], kids[2])
    events = read(made.build())
    assert [bool(page.text) for page in pages(events)] == [True, False, True]
    assert left_out(events) == ["Page 2 cannot be read"]


def test_memory_does_not_grow_with_the_document(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is opened anew now and then, and no page is lost or read twice at the seams."""
    monkeypatch.setattr(pdf_pdfium, "_PAGES_AT_A_TIME", 3)
    texts = [f"halaman {number}" for number in range(1, 12)]
    assert [page.text for page in pages(read(pdf_files.pdf(texts)))] == texts


def test_an_image_of_a_page_is_found_inside_a_form(read: Read) -> None:
    image = Image.new("L", (400, 560), 200)
    made = pdf_files.start([])
    inner = made.add_stream(
        image.tobytes(),
        b"/Type /XObject /Subtype /Image /Width 400 /Height 560 /ColorSpace /DeviceGray /BitsPerComponent 8",
    )
    form = made.add_stream(
        b"q 1 0 0 1 0 0 cm /I0 Do Q",
        b"/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /I0 %d 0 R >> >>" % inner,
    )
    page = pdf_files.add_page(made, b"q 595 0 0 842 0 0 cm /X0 Do Q", b"/XObject << /X0 %d 0 R >>" % form)
    made.objects[2] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % page
    assert [each.scan for each in pages(read(made.build()))] == [True]
