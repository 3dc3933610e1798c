"""What passes between the steps of ingestion: pages, and what a file says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from holdings.model import Page as Page
from holdings.model import PageUnit as PageUnit


@dataclass(frozen=True, slots=True)
class FileMetadata:
    """What the file states of itself in its properties, cleaned of nothing: strings as they stand there.

    `created` and `modified` are ISO 8601 dates or date-times where the format gives them, else None. `published` is a
    date that the author states as the document's own, such as that of an article. `heading` is not a property but the
    line that the format marks as the document's title: in the style "Title", as the first heading, in the largest type.
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    created: str | None = None
    modified: str | None = None
    language: str | None = None
    published: str | None = None
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Truncation:
    """Something that was left out of the text, and why, in words for a person. Recorded on the receipt."""

    reason: str


@dataclass(frozen=True, slots=True)
class Member:
    """The next part of a file within a file: of an archive, or of what is attached to a mail.

    The parts of one member follow each other, with its name; `last` ends it. `name` is as the archive has it, with
    slashes, cleaned of what cannot be shown, and never leads out of the archive. `refused` is the code of a FileError,
    and its message, where the member is not given out: it then has no content.
    """

    name: str
    content: bytes = b""
    last: bool = True
    refused: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """What the settings say of reading. `pages` are the pages to recognise, for the reader that is OCR."""

    pdf_reader: Literal["auto", "pdfminer", "pdfium"] = "auto"
    ocr_languages: str = "ind+eng"
    ocr_dpi: int = 200
    pages: tuple[int, ...] = ()


# What an extractor yields, in order: metadata and truncations wherever they become known, pages in reading order.
# A stream, so that memory does not grow with the document, and so that what was read before a parser died is kept.
ExtractionEvent = Page | FileMetadata | Truncation | Member
Extractor = Callable[[Path], Iterator[ExtractionEvent]]
ExtractorWithOptions = Callable[[Path, ReadingOptions], Iterator[ExtractionEvent]]
