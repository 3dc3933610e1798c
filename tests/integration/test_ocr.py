"""Recognition of text in scans by the real tesseract, upright and turned, page by page."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from holdings.errors import CorruptError, OcrUnavailableError
from ingest.extractors import drawn_pages, image, ocr, tesseract
from ingest.extractors.cleaning import cleaned
from ingest.media_types import OCR
from ingest.model import ExtractionEvent, Page, ReadingOptions
from ingest.sandbox import Sandbox
from tests.files import pdf as pdf_files
from tests.files import scans
from tests.files.events import left_out
from tests.fixtures_services import require
from tests.services.components import TESSERACT

LINES = """Undang-Undang Nomor 15 Tahun 2003 tentang pemberantasan
tindak pidana terorisme menjadi dasar bagi peraturan ini
bahwa untuk memberikan landasan hukum yang kuat perlu diatur
dengan peraturan yang berlaku bagi semua orang di Indonesia
Pasal 7 ayat 2 huruf b berbunyi sebagai berikut"""
Read = Callable[..., list[ExtractionEvent]]


@pytest.fixture(autouse=True)
def _tesseract() -> None:
    require(TESSERACT.path)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def _read(content: bytes, *pages: int, languages: str = "ind+eng") -> list[ExtractionEvent]:
        path = tmp_path / "berkas"
        path.write_bytes(content)
        return list(cleaned(ocr.extract(path, ReadingOptions(pages=pages, ocr_languages=languages))))

    return _read


def pages(events: list[ExtractionEvent]) -> list[Page]:
    return [event for event in events if isinstance(event, Page)]


def test_the_version_tells_what_is_installed() -> None:
    version = ocr.ocr_version("ind+eng")
    assert version is not None
    assert version.endswith(" ind+eng")
    assert version[0].isdigit()
    assert ocr.ocr_version("ind+tlh") is None


def test_pages_that_are_asked_for_are_read_in_that_order(read: Read) -> None:
    content = scans.scanned([scans.picture(f"{LINES}\nHalaman nomor {word}") for word in ("satu", "dua", "tiga")])
    events = read(content, 3, 1)
    assert [page.number for page in pages(events)] == [3, 1]
    assert [page.text.split()[-1] for page in pages(events)] == ["tiga", "satu"]
    assert [page.reader for page in pages(events)] == [f"tesseract {ocr.ocr_version('ind+eng')}"] * 2
    assert all(page.by_ocr and not page.scan for page in pages(events))
    assert left_out(events) == []


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_page_is_read_however_it_lies(read: Read, turned: int) -> None:
    (page,) = pages(read(scans.scanned([scans.picture(LINES, turned=turned)]), 1))
    found = page.text.split()
    assert sum(word in found for word in LINES.split()) > 0.9 * len(LINES.split())


def test_a_picture_without_words_is_an_empty_page(read: Read) -> None:
    photograph = Image.radial_gradient("L").resize((900, 1200))
    (page,) = pages(read(scans.scanned([photograph]), 1))
    assert page.text == ""


def test_a_page_that_cannot_be_read_does_not_stop_the_next(read: Read) -> None:
    events = read(scans.scanned([scans.picture(LINES)]), 9, 1)
    assert [(page.number, bool(page.text)) for page in pages(events)] == [(9, False), (1, True)]
    assert [reason.split(":")[0] for reason in left_out(events)] == ["Page 9 could not be recognised"]


def test_a_failure_of_tesseract_is_told(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "_PAGE_SECONDS", 0.01)
    events = read(scans.scanned([scans.picture(LINES)]), 1)
    assert [page.text for page in pages(events)] == [""]
    assert "longer than" in left_out(events)[0]


def test_a_page_that_is_too_large_is_drawn_smaller_and_says_so(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn_pages, "MAX_PIXELS", 1_500_000)
    events = read(scans.scanned([scans.picture(LINES)]), 1)
    assert "terorisme" in pages(events)[0].text
    assert left_out(events) == ["Page 1 is so large that it was recognised at 125 dots per inch"]


def test_of_an_old_text_and_the_recognised_one_the_better_is_kept(read: Read) -> None:
    """An empty page says that the text which lies under the picture is to be kept."""
    (page,) = pages(read(scans.over(scans.picture(LINES), LINES.replace("2003", "2OO3").replace("n", "m")), 1))
    assert "2003" in page.text
    blurred = scans.picture(LINES).resize((180, 254)).resize((1240, 1754))
    (page,) = pages(read(scans.over(blurred, LINES), 1))
    assert page.text == ""


def test_without_tesseract_the_error_says_what_to_install(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OcrUnavailableError) as caught:
        read(scans.scanned([scans.picture(LINES)]), 1)
    assert "apt-get install tesseract-ocr" in caught.value.advice_given


def test_recognition_works_within_the_limits_of_the_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "pindaian.pdf"
    path.write_bytes(scans.scanned([scans.picture(LINES, turned=180)]))
    with Sandbox() as sandbox:
        (page,) = sandbox.extract(path, OCR, ReadingOptions(pages=(1,)))
    assert isinstance(page, Page)
    assert "terorisme" in page.text


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_images_are_documents_whose_pages_wait_and_are_read(tmp_path: Path, form: str) -> None:
    first, second = scans.picture(LINES), scans.picture(f"{LINES}\nHalaman kedua")
    path = tmp_path / f"pindaian.{form.lower()}"
    first.save(path, form, **({"save_all": True, "append_images": [second]} if form == "TIFF" else {}))
    numbers = [1, 2] if form == "TIFF" else [1]
    waiting = pages(list(image.extract(path)))
    assert [(page.number, page.text, page.scan) for page in waiting] == [(number, "", True) for number in numbers]
    read = pages(list(cleaned(ocr.extract(path, ReadingOptions(pages=tuple(numbers))))))
    assert all("terorisme" in page.text for page in read)
    assert read[-1].text.endswith("kedua") is (form == "TIFF")


def test_an_image_that_cannot_be_opened_is_corrupt_and_a_cut_one_says_so(tmp_path: Path) -> None:
    path = tmp_path / "rusak.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    with pytest.raises(CorruptError):
        list(image.extract(path))
    content = io.BytesIO()
    scans.picture(LINES).save(content, "PNG")
    path.write_bytes(content.getvalue()[: len(content.getvalue()) // 3])
    events = list(ocr.extract(path, ReadingOptions(pages=(1,))))
    assert [page.text for page in pages(events)] == [""]
    assert "cannot be unpacked" in left_out(events)[0]


def test_an_image_of_absurd_size_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn_pages, "_MAX_IMAGE_PIXELS", 1_000)
    path = tmp_path / "besar.png"
    drawn = Image.new("L", (100, 100), 255)
    ImageDraw.Draw(drawn).text((5, 5), "a")
    drawn.save(path)
    events = list(ocr.extract(path, ReadingOptions(pages=(1,))))
    assert "100 by 100 pixels" in left_out(events)[0]


def test_text_pages_can_be_read_as_pictures_too(read: Read) -> None:
    (page,) = pages(read(pdf_files.pdf([pdf_files.lines_at("Laporan tahunan 2019", size=20)]), 1))
    assert page.text == "", "the text of the page itself is as good"
