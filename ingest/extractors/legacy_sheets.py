"""What an XLS says besides its cells: comments and text boxes, titles in charts, headers and footers, sheet by sheet.

After [MS-XLS]. The workbook is a stream of records; each sheet is a part of it, charts in a sheet are parts of that.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from holdings.errors import EncryptedError
from ingest.compound_file import stream
from ingest.extractors.tables import margin_text

_BOF, _EOF = 0x0809, 0x000A
_BOUND_SHEET, _CONTINUE, _TEXT_OBJECT = 0x0085, 0x003C, 0x01B6
_FILE_PASS = 0x002F
_HEADER, _FOOTER, _SERIES_TEXT = 0x0014, 0x0015, 0x100D
_BIFF_8 = 0x0600
# The record stands among the first of the workbook, if it does.
_PASS_WITHIN = 50
_MAX_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class LegacyAsides:
    """Asked by the name of a sheet."""

    lines: dict[str, list[str]] = field(default_factory=dict)

    def of(self, sheet: str) -> Sequence[str]:
        return self.lines.get(sheet, ())


def asides(path: Path) -> LegacyAsides:
    """Return what is beside the cells of a workbook; of one that is damaged or of an older kind, nothing.

    Raises EncryptedError.
    """
    with path.open("rb") as file:
        content = stream(file, "Workbook", _MAX_BYTES) or stream(file, "Book", _MAX_BYTES)
    found = LegacyAsides()
    try:
        refuse_encrypted(content)
        if len(content) < 8 or struct.unpack_from("<2H", content, 4)[0] != _BIFF_8:
            return found
        for place, name in _sheets(content):
            found.lines[name] = list(_asides_at(content, place))
    except (struct.error, IndexError):
        pass
    return found


def refuse_encrypted(content: bytes) -> None:
    """Raises EncryptedError for the stream of a workbook that asks for a password."""
    if any(kind == _FILE_PASS for kind, _ in islice(_records(content, 0), _PASS_WITHIN)):
        raise EncryptedError("The spreadsheet asks for a password")


def _records(content: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records from a place to the end of what begins there."""
    depth = 0
    while place + 4 <= len(content):
        kind, size = struct.unpack_from("<2H", content, place)
        yield kind, content[place + 4 : place + 4 + size]
        place += 4 + size
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return


def _sheets(content: bytes) -> Iterator[tuple[int, str]]:
    for kind, record in _records(content, 0):
        if kind == _BOUND_SHEET:
            yield struct.unpack_from("<I", record)[0], _characters(record[8:], record[6], wide=bool(record[7] & 1))


def _asides_at(content: bytes, place: int) -> Iterator[str]:
    left = 0
    words: list[str] = []
    for kind, record in _records(content, place):
        if kind == _CONTINUE and left > 0 and record:
            part = _characters(record[1:], left, wide=bool(record[0] & 1))
            words.append(part)
            left -= len(part)
            if left <= 0 or not part:
                left = 0
                yield from _line("".join(words))
            continue
        left = 0
        if kind == _TEXT_OBJECT and len(record) >= 12:
            left, words = struct.unpack_from("<H", record, 10)[0], []
        elif kind in (_HEADER, _FOOTER) and len(record) > 3:
            size, flags = struct.unpack_from("<HB", record)
            yield from _line(margin_text(_characters(record[3:], size, wide=bool(flags & 1))))
        elif kind == _SERIES_TEXT and len(record) > 4:
            yield from _line(_characters(record[4:], record[2], wide=bool(record[3] & 1)))


def _characters(content: bytes, count: int, *, wide: bool) -> str:
    return content[: 2 * count].decode("utf-16-le", "replace") if wide else content[:count].decode("latin-1")


def _line(words: str) -> Iterator[str]:
    if text := words.strip():
        yield text
