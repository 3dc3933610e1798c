"""Recognition of text in pictures (OCR): scanned pages of a PDF, or pictures that are documents, read by tesseract.

A stage of its own after extraction: it is given the pages to read. The module is imported by the parent process, which
only asks for the version: what draws pages is loaded when they are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from holdings.errors import OcrUnavailableError
from holdings.model import OCR_READER
from ingest.extractors import tesseract
from ingest.model import ExtractionEvent, Page, PageUnit, ReadingOptions, Truncation

ocr_version = tesseract.version


def ocr_reader(languages: str) -> str | None:
    """Return under which name OCR reads pages in these languages, with its version; None where it cannot."""
    installed = ocr_version(languages)
    return None if installed is None else f"{OCR_READER} {installed}"


def extract(path: Path, options: ReadingOptions) -> Iterator[ExtractionEvent]:
    """Yield the pages that `options.pages` names, in that order, as tesseract reads them.

    A page without words has an empty text, and so has one of which the text that lies under its picture is better. One
    that cannot be read is empty and says why, and the next goes on.

    Raises OcrUnavailableError, EncryptedError, CorruptError.
    """
    reader = ocr_reader(options.ocr_languages)
    if reader is None:
        raise OcrUnavailableError(f"tesseract is not installed, or not with the languages {options.ocr_languages}")
    drawn_pages = import_module("ingest.extractors.drawn_pages")
    with drawn_pages.opened(path) as document:
        for number in options.pages:
            text, trouble = "", None
            try:
                drawn = document.draw(number, options.ocr_dpi)
                found = tesseract.recognise(drawn.picture, options.ocr_languages, drawn.dpi)
                text = _better(found.text, drawn.old_text)
                if drawn.scale < 1:
                    trouble = f"Page {number} is so large that it was recognised at {drawn.dpi} dots per inch"
            except (drawn_pages.CannotBeDrawnError, tesseract.UnreadablePictureError) as error:
                trouble = f"Page {number} could not be recognised: {error}"
            yield Page(number, PageUnit.PAGE, text, reader)
            if trouble is not None:
                yield Truncation(trouble)


def _better(text: str, old_text: str) -> str:
    """Return what was recognised, or nothing where the text under the picture is better."""
    if not old_text.strip():
        return text
    # Word lists take memory and time that only these pages need.
    from ingest.extractors.pdf_quality import recognition_score

    old, new = recognition_score(old_text), recognition_score(text)
    return "" if old > new or (old == new and len(old_text) >= len(text)) else text
