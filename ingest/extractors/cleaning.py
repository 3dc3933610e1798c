"""Between extractor and sandbox: text as the rest of the hub may rely on it.

Encodable as UTF-8, in normal form C, lines ended by a line feed, without control characters, of bounded size a page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ingest.model import ExtractionEvent, FileMetadata, Member, Page, Truncation

# No page of a book has a hundredth of this; a log file or a spreadsheet may.
MAX_PAGE_CHARACTERS = 1_000_000
_MAX_METADATA_CHARACTERS = 2_000
_MAX_AUTHORS = 100
# A file that leaves out something on each of its pages says so for the first of them.
_MAX_TRUNCATIONS = 50

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls other than tab and line feed, the byte order mark, lone surrogates, and code points that are no characters.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ud800-\udfff\ufffe\uffff]")
_TRAILING_BLANKS = re.compile(r"[ \t\u00a0]+$", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """Return the text without what the hub does not keep; words and their order are not touched."""
    text = _LINE_ENDS.sub("\n", text)
    text = FORBIDDEN.sub("", text)
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    text = _TRAILING_BLANKS.sub("", text)
    return _EMPTY_LINES.sub("\n\n", text).strip("\n")


def cleaned(events: Iterable[ExtractionEvent]) -> Iterator[ExtractionEvent]:
    """Pass an extractor's events on with clean text; pages that are too large are cut, and say so."""
    truncations = 0
    for event in events:
        match event:
            case Page():
                text = clean(event.text)
                yield replace(event, text=text[:MAX_PAGE_CHARACTERS])
                if len(text) > MAX_PAGE_CHARACTERS:
                    name = f"{event.unit.value.capitalize()} {event.number}"
                    yield Truncation(f"{name} was cut after {MAX_PAGE_CHARACTERS:,} characters")
            case FileMetadata():
                yield _clean_metadata(event)
            case Member():
                refused = event.refused and (event.refused[0], one_line(event.refused[1]))
                yield replace(event, name=one_line(event.name), refused=refused)
            case Truncation(reason):
                truncations += 1
                if truncations <= _MAX_TRUNCATIONS:
                    yield Truncation(one_line(reason))
    if truncations > _MAX_TRUNCATIONS:
        yield Truncation(f"{truncations - _MAX_TRUNCATIONS} more of this kind are not listed")


def one_line(text: str) -> str:
    """Return the text as one clean line of bounded length."""
    return " ".join(clean(text[: 2 * _MAX_METADATA_CHARACTERS]).split())[:_MAX_METADATA_CHARACTERS]


def _clean_metadata(stated: FileMetadata) -> FileMetadata:
    def line(text: str | None) -> str | None:
        return (one_line(text) if text else None) or None

    return FileMetadata(
        title=line(stated.title),
        authors=tuple(filter(None, map(one_line, stated.authors[:_MAX_AUTHORS]))),
        created=line(stated.created),
        modified=line(stated.modified),
        language=line(stated.language),
        published=line(stated.published),
        heading=line(stated.heading),
    )
