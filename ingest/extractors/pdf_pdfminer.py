"""Reading PDF by pdfminer.six, page by page, in the order of the content stream.

The library's own ordering of boxes takes quadratic time and memory on scattered labels; the order in which the page
draws its boxes is as good or better on real documents, and linear. Vector graphics are not built at all.
"""

from __future__ import annotations

import logging
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser

from holdings.errors import CorruptError, EncryptedError, FileError
from ingest.extractors.pdf_properties import stated_by
from ingest.extractors.pdf_reading import PARSER_ERRORS, PageReader
from ingest.extractors.pdf_repair import Document, RebuiltDocument, declared_pages
from ingest.model import ExtractionEvent, Page, PageUnit, Truncation

# The whole of a library in one file has fewer.
_MAX_PAGES = 100_000


_PAGE = re.compile(rb"/Type\s*/Page\b")

NAME = f"pdfminer.six {metadata.version('pdfminer.six')}"


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the pages of a PDF, numbered as they stand in the file, and what it says of itself.

    What a damaged page or file still holds is read, and what was left out is stated.

    Raises EncryptedError, CorruptError.
    """
    with path.open("rb") as file:
        opened = _open(file)
        reader = PageReader()
        pages = islice(PDFPage.create_pages(opened.document), opened.pages)
        for number, page in enumerate(pages, 1):
            left_out = reader.read(page, wants_heading=number == 1)
            if number == 1:
                yield stated_by(opened.document, heading=reader.heading)
            yield Page(number, PageUnit.PAGE, reader.text, NAME)
            if left_out is not None:
                yield Truncation(f"Page {number} was not read completely: {left_out}")
            opened.document.forget()
        if opened.damage is not None:
            yield Truncation(opened.damage)


class SecondReader:
    """Reads single pages of a PDF that another reader reads, in growing order. A context manager.

    `pages` is how many pages the other reader has found: where this one would count others, it has no say.
    """

    def __init__(self, path: Path, pages: int) -> None:
        self._path = path
        self._expected = pages
        self._file: BinaryIO | None = None
        self._pages: Iterator[tuple[int, PDFPage]] | None = None
        self._document: Document | None = None
        self._reader = PageReader()
        self._wants_heading = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def read(self, number: int) -> tuple[str, str | None] | None:
        """Return a page's text and what was left out of it, in words; None when this reader cannot read the page."""
        if self._file is None:
            self._open()
        if self._pages is None or self._document is None:
            return None
        try:
            page = next((page for at, page in self._pages if at == number), None)
        except PARSER_ERRORS:
            self._pages = None
            return None
        if page is None:
            return None
        left_out = self._reader.read(page, wants_heading=self._wants_heading)
        self._document.forget()
        return self._reader.text, left_out

    def heading(self) -> str | None:
        """Return what stands in the largest type on the first page. Nothing must have been read before."""
        self._wants_heading = True
        return self._reader.heading if self.read(1) is not None else None

    def _open(self) -> None:
        self._file = self._path.open("rb")
        try:
            opened = _open(self._file)
        except FileError:
            return
        if opened.pages == self._expected:
            self._document = opened.document
            self._pages = enumerate(PDFPage.create_pages(opened.document), 1)


def finds_more_pages(path: Path, than: int) -> bool:
    """Say whether this reader, with its repair, finds more pages in a damaged PDF than so many."""
    with path.open("rb") as file:
        try:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                # Those of earlier versions of the file are among them, and those within compressed objects are not.
                if sum(1 for _ in islice(_PAGE.finditer(content), than + 1)) <= than:
                    return False
            return _open(file).pages > than
        except (FileError, OSError, ValueError):
            return False


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
    # The library's warnings are about the file, which the truncations are about in words for a person.
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
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
