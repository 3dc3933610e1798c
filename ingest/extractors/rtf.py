"""Extraction of RTF, complete, with striprtf's tables of encodings and signs.

The library's own walk loses footnotes, headers, comments, text boxes and characters outside the base encoding, and
keeps deleted and hidden text; so the groups are walked in `rtf_story`. Sections begin at page breaks and at headings of
the first level.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from holdings.errors import CorruptError
from ingest.extractors.rtf_story import Story
from ingest.extractors.sections import sections
from ingest.model import ExtractionEvent, FileMetadata, Page, PageUnit, Truncation


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the sections of an RTF file and what it says of itself.

    Raises CorruptError when there is no RTF in the file.
    """
    content = path.read_bytes()
    start = content.find(b"{\\rtf")
    if start < 0:
        raise CorruptError("The file has no beginning of an RTF document")
    story = Story()
    # Every byte is a character for now; which one it means depends on the font.
    story.read(content[start:].decode("latin-1"))
    yield FileMetadata(
        title=story.stated.get("title"),
        authors=tuple(filter(None, [story.stated.get("author")])),
        created=story.stated.get("creatim"),
        modified=story.stated.get("revtim"),
        heading=story.heading,
    )
    for number, section in enumerate(sections(block for block in story.blocks() if block.text or block.breaks), 1):
        yield Page(number, PageUnit.SECTION, section)
    if story.unclosed:
        yield Truncation("The file ends in the middle: what follows is not in it")
