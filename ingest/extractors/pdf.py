"""Extraction of PDF by pdfminer.six, page by page, in the order of the content stream.

The library's own ordering of boxes takes quadratic time and memory on scattered labels; the order in which the page
draws its boxes is as good or better on real documents, and linear. Vector graphics are not built at all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser

from holdings.errors import CorruptError, EncryptedError
from ingest.extractors.pdf_properties import stated_by
from ingest.extractors.pdf_reading import PARSER_ERRORS, PageReader
from ingest.extractors.pdf_repair import Document, RebuiltDocument, declared_pages
from ingest.model import ExtractionEvent, Page, PageUnit, Truncation

# The whole of a library in one file has fewer.
_MAX_PAGES = 100_000


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the pages of a PDF, numbered as they stand in the file, and what it says of itself.

    What a damaged page or file still holds is read, and what was left out is stated.

    Raises EncryptedError, CorruptError.
    """
    # Its warnings are about the file, which the truncations are about in words for a person.
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    with path.open("rb") as file:
        opened = _open(file)
        reader = PageReader()
        pages = islice(PDFPage.create_pages(opened.document), opened.pages)
        for number, page in enumerate(pages, 1):
            left_out = reader.read(page, wants_heading=number == 1)
            if number == 1:
                yield stated_by(opened.document, heading=reader.heading)
            yield Page(number, PageUnit.PAGE, reader.text)
            if left_out is not None:
                yield Truncation(f"Page {number} was not read completely: {left_out}")
            opened.document.forget()
        if opened.damage is not None:
            yield Truncation(opened.damage)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A PDF, how many pages were found in it, and what is to be said of those that were not."""

    document: Document
    pages: int
    damage: str | None

    @property
    def is_whole(self) -> bool:
        return self.damage is None and self.pages > 0


def _open(file: BinaryIO) -> _Opened:
    """Open a PDF; one that has no pages or not all is opened again with its objects searched for."""
    try:
        opened = _opened(file, Document)
        if opened.is_whole:
            return opened
    except CorruptError:
        opened = None
    rebuilt = _opened(file, RebuiltDocument)
    best = rebuilt if opened is None or rebuilt.pages > opened.pages else opened
    if best.pages == 0:
        raise CorruptError("This is not a readable PDF: it has no page that can be found")
    if best is rebuilt and rebuilt.damage is None:
        return replace(rebuilt, damage="The PDF is damaged: its objects were searched for, and some may be lost")
    return best


def _opened(file: BinaryIO, kind: type[Document]) -> _Opened:
    file.seek(0)
    try:
        document = kind(PDFParser(file))
    except PDFPasswordIncorrect as error:
        raise EncryptedError("The PDF asks for a password") from error
    except PDFEncryptionError as error:
        raise EncryptedError(f"The PDF is encrypted in a way that the hub does not know: {error}") from error
    except PARSER_ERRORS as error:
        raise CorruptError(f"This is not a readable PDF: {type(error).__name__}: {error}") from error
    pages = 0
    damage = None
    try:
        # They are counted now and read one by one later, so that only one is held at a time.
        for _ in islice(PDFPage.create_pages(document), _MAX_PAGES):
            pages += 1
    except PARSER_ERRORS as error:
        damage = f"Pages after {pages} cannot be found: {type(error).__name__}: {error}"
    declared = declared_pages(document)
    if damage is None and pages < declared:
        damage = f"{declared - pages} of {declared} pages cannot be found"
    document.forget()
    return _Opened(document, pages, damage)
