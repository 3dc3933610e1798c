"""What passes between the steps of ingestion: pages, and what a file says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from holdings.model import Page as Page
from holdings.model import PageUnit as PageUnit


@dataclass(frozen=True, slots=True)
class FileMetadata:
    """What the file states of itself in its properties, cleaned of nothing: strings as they stand there.

    `created` and `modified` are ISO 8601 dates or date-times where the format gives them, else None.
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    created: str | None = None
    modified: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Truncation:
    """Something that was left out of the text, and why, in words for a person. Recorded on the receipt."""

    reason: str


# What an extractor yields, in order: metadata and truncations wherever they become known, pages in reading order.
# A stream, so that memory does not grow with the document, and so that what was read before a parser died is kept.
ExtractionEvent = Page | FileMetadata | Truncation
Extractor = Callable[[Path], Iterator[ExtractionEvent]]
