"""Extraction of PDF: pdfium reads each page, pdfminer.six those that look doubtful, and the better text is taken.

Pages that are pictures of text are told from empty ones and wait for OCR, and so do those whose text under the picture
is the work of bad recognition. A file that one of the two libraries cannot open is read by the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from holdings.errors import CorruptError, FileError
from ingest.extractors import pdf_pdfminer
from ingest.extractors.pdf_heading import is_letter_spaced, largest
from ingest.extractors.pdf_pdfium import FEW_CHARACTERS, PdfiumDocument, PdfiumPage
from ingest.extractors.pdf_properties import stated_in
from ingest.extractors.pdf_quality import has_mistakes, is_better, is_unreadable, looks_doubtful
from ingest.model import ExtractionEvent, FileMetadata, Page, PageUnit, ReadingOptions, Truncation

# A document in a language of which no word is known looks doubtful on each page: after so many the second reader, which
# takes twenty times as long, is not asked again unless it once had the better text.
_PATIENCE = 5
# Fewer words may be what is left of a damaged page.
_NEARLY_NOTHING = 5
# A page that breaks off has few; one with many is a drawing that was read to its end.
_MANY_OBJECTS = 200


def extract(path: Path, options: ReadingOptions | None = None) -> Iterator[ExtractionEvent]:
    """Yield the pages of a PDF, numbered as they stand in the file, and what it says of itself.

    What a damaged page or file still holds is read, and what was left out is stated as far as it is known.

    Raises EncryptedError, CorruptError.
    """
    chosen = (options or ReadingOptions()).pdf_reader
    if chosen == "pdfminer":
        yield from _by_pdfminer_alone(path)
        return
    try:
        document = PdfiumDocument(path)
    except FileError as error:
        if chosen == "pdfium":
            raise
        yield from _by_the_other(path, error)
        return
    with document:
        none = CorruptError("This is not a readable PDF: it has no page that can be found")
        if chosen == "pdfium":
            if document.pages <= 0:
                raise none
            yield from _Reading(path, document, None).events()
        elif document.pages <= 0 or (document.is_damaged and pdf_pdfminer.finds_more_pages(path, document.pages)):
            yield from _by_the_other(path, none)
        else:
            with pdf_pdfminer.SecondReader(path, document.pages) as second:
                yield from _Reading(path, document, second).events()


def _by_pdfminer_alone(path: Path) -> Iterator[ExtractionEvent]:
    """Yield what pdfminer reads; pdfium only tells which pages are pictures, and what was filled into forms."""
    try:
        document = PdfiumDocument(path)
    except FileError:
        yield from pdf_pdfminer.extract(path)
        return
    with document:
        seen = _Reading(path, document, None)
        for event in pdf_pdfminer.extract(path):
            if isinstance(event, Page) and (page := document.page(event.number)) is not None:
                try:
                    yield seen.completed(event, page)
                finally:
                    page.close()
            else:
                yield event


def _by_the_other(path: Path, error: FileError) -> Iterator[ExtractionEvent]:
    """Yield what pdfminer finds in a file that pdfium cannot open; that says more of why when it cannot either."""
    try:
        yield from pdf_pdfminer.extract(path)
    except CorruptError as other:
        raise error if not isinstance(error, CorruptError) else other from error


class _Reading:
    """The reading of one file; `second` is None when pdfium alone is to read."""

    def __init__(self, path: Path, document: PdfiumDocument, second: pdf_pdfminer.SecondReader | None) -> None:
        self._path = path
        self._document = document
        self._second = second
        self._asked_in_vain = 0
        # Whether a page of this file had a bad text under its picture: the others are by the same hand.
        self._mistaken = False

    def events(self) -> Iterator[ExtractionEvent]:
        unread = 0
        for number in range(1, self._document.pages + 1):
            page = self._document.page(number)
            try:
                if number == 1:
                    yield self._stated(page)
                events = self._read(number, page)
            finally:
                if page is not None:
                    page.close()
            if events is None:
                unread += 1
                continue
            for missing in range(number - unread, number):
                yield Page(missing, PageUnit.PAGE, "")
                yield Truncation(f"Page {missing} cannot be read")
            unread = 0
            yield from events
        if unread == self._document.pages:
            raise CorruptError("This is not a readable PDF: none of its pages can be read")
        if unread:
            # They may be no pages at all, but only be counted.
            yield Truncation(f"{unread} of {self._document.pages} pages cannot be found")
        if self._document.is_damaged:
            yield Truncation("The PDF is damaged: its objects were searched for, and some may be lost")

    def completed(self, read: Page, page: PdfiumPage) -> Page:
        """Return a page that another library has read, with what this one sees on it."""
        scan = self._waits_for_recognition(page, looks_doubtful(read.text))
        return replace(read, text=_with_annotations(read.text, page), scan=scan)

    def _stated(self, page: PdfiumPage | None) -> FileMetadata:
        return stated_in(
            self._path,
            self._document.stated,
            language=self._document.language(),
            heading=self._heading(page) if page is not None else None,
        )

    def _heading(self, page: PdfiumPage) -> str | None:
        lines = page.sized_lines()
        if self._second is not None and any(is_letter_spaced(text) for _, text in lines):
            # pdfium keeps one blank of several: only the other reader knows where such words end.
            with pdf_pdfminer.SecondReader(self._path, self._document.pages) as second:
                return second.heading() or largest(lines)
        return largest(lines)

    def _read(self, number: int, page: PdfiumPage | None) -> list[ExtractionEvent] | None:
        """Return a page and what was left out of it; None when neither library can read it."""
        if page is None:
            other = self._second.read(number) if self._second is not None else None
            return None if other is None else _events(number, *other, pdf_pdfminer.NAME)
        text = page.text
        doubtful = looks_doubtful(text)
        nearly_nothing = len(text) < 8 * FEW_CHARACTERS and len(text.split()) < _NEARLY_NOTHING
        scan = self._waits_for_recognition(page, doubtful)
        reader = left_out = None
        if not scan and self._is_to_be_asked(page, doubtful, nearly_nothing):
            other = self._second.read(number) if self._second is not None else None
            if other is not None and is_better(other[0], text):
                text, left_out = other
                reader = pdf_pdfminer.NAME
                self._asked_in_vain = 0
            else:
                self._asked_in_vain += not nearly_nothing
                left_out = other[1] if other is not None and nearly_nothing else None
            # Neither knows the letters, which a person sees all the same.
            scan = doubtful and is_unreadable(text)
        return _events(number, _with_annotations(text, page), left_out, reader, scan=scan)

    def _waits_for_recognition(self, page: PdfiumPage, doubtful: bool) -> bool:
        """Say whether a page is a picture of text, without text of its own or over one that is bad."""
        if page.is_picture_of_text():
            return True
        if page.has_wide_picture() and (doubtful or self._mistaken or has_mistakes(page.text)):
            self._mistaken = page.lies_under_picture() or self._mistaken
            return page.lies_under_picture()
        return False

    def _is_to_be_asked(self, page: PdfiumPage, doubtful: bool, nearly_nothing: bool) -> bool:
        if nearly_nothing:
            return 0 < page.objects < _MANY_OBJECTS
        return doubtful and self._asked_in_vain < _PATIENCE


def _with_annotations(text: str, page: PdfiumPage) -> str:
    return "\n\n".join([text, *page.annotations()]) if page.has_annotations else text


def _events(
    number: int, text: str, left_out: str | None, reader: str | None, *, scan: bool = False
) -> list[ExtractionEvent]:
    page = Page(number, PageUnit.PAGE, text, reader, scan)
    if left_out is None:
        return [page]
    return [page, Truncation(f"Page {number} was not read completely: {left_out}")]
