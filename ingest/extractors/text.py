"""Extraction of plain text: pages at form feeds, else sections at ends of paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.extractors.decoding import Decoded, decode
from ingest.extractors.sections import Block, sections
from ingest.model import ExtractionEvent, Page, PageUnit, Truncation

_PARAGRAPH_END = re.compile(r"\n[ \t]*\n\s*")


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the pages or sections of a plain text.

    Raises CorruptError when the content is not text.
    """
    decoded = decode(path.read_bytes())
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    pages = text.strip("\f\n ").split("\f")
    if len(pages) > 1:
        for number, page in enumerate(pages, 1):
            yield Page(number, PageUnit.PAGE, page)
    else:
        for number, section in enumerate(sections(paragraphs(text), separator="\n\n"), 1):
            yield Page(number, PageUnit.SECTION, section)
    yield from losses(decoded)


def paragraphs(text: str) -> Iterator[Block]:
    """Yield what empty lines part."""
    for paragraph in _PARAGRAPH_END.split(text.strip()):
        yield Block(paragraph)


def losses(decoded: Decoded) -> Iterator[Truncation]:
    """Yield what could not be decoded, if anything."""
    if decoded.binary:
        yield Truncation(f"The last {decoded.binary:,} characters are no text and were left out")
    if decoded.replaced:
        yield Truncation(f"{decoded.replaced} places hold bytes that are no character in {decoded.encoding}")
