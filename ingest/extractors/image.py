"""Extraction of image files: each picture is a page that waits for OCR."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.extractors.drawn_pages import count_pages, opened_image
from ingest.model import ExtractionEvent, Page, PageUnit, Truncation

# A TIFF of more was not made by a scanner.
_MAX_PAGES = 10_000


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield a page for each picture of a PNG, JPEG or TIFF file. Raises CorruptError."""
    with opened_image(path) as image:
        pages = count_pages(image)
    for number in range(1, min(pages, _MAX_PAGES) + 1):
        yield Page(number, PageUnit.PAGE, "", scan=True)
    if pages > _MAX_PAGES:
        yield Truncation(f"{pages - _MAX_PAGES} of {pages} pages were left out")
