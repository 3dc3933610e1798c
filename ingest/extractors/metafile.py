"""The words of Windows metafiles (WMF, EMF): pictures of tables and drawings whose text is still text.

[MS-WMF] and [MS-EMF] say what the records are; only those that write text are looked at. Pieces that stand on one line
of the picture are one line here; programs write a line in pieces when they justify it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

_PLACEABLE = b"\xd7\xcd\xc6\x9a"
_PLACEABLE_BYTES = 22
_WMF_HEADER_BYTES = 18
_EMF_SIGNATURE = b" EMF"
_EMF_SIGNATURE_AT = 40

_WMF_TEXT_OUT = 0x0521
_WMF_EXT_TEXT_OUT = 0x0A32
_WMF_CREATE_FONT = 0x02FB
_WMF_FONT_CHARSET_AT = 13
_WMF_WITH_RECTANGLE = 0x0006
_EMF_EXT_TEXT_OUT_W = 84
_EMF_SMALL_TEXT_OUT = 108
_EMF_WITHOUT_RECTANGLE = 0x100
_EMF_ONE_BYTE = 0x200
# The glyphs of a font, not characters.
_BY_GLYPHS = 0x0010
_SYMBOLS = 2
# A line of so many single letters was written letter by letter.
_BY_LETTERS = 0.6
_ENCODINGS = {
    128: "cp932", 129: "cp949", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255",
    178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip


class _Piece(NamedTuple):
    y: int
    text: str


def metafile_lines(content: bytes) -> list[str]:
    """Return the lines of text of a metafile, in the order in which it draws them; none for any other content."""
    if content[_EMF_SIGNATURE_AT : _EMF_SIGNATURE_AT + 4] == _EMF_SIGNATURE:
        pieces = _emf_pieces(content)
    else:
        start = _PLACEABLE_BYTES if content.startswith(_PLACEABLE) else 0
        pieces = _wmf_pieces(content, start + _WMF_HEADER_BYTES)
    lines: list[list[str]] = []
    last: int | None = None
    for y, text in pieces:
        if last is None or y != last:
            lines.append([])
        lines[-1].append(text)
        last = y
    found: list[str] = []
    for line in map(_joined, lines):
        # A shadow is the same text once more.
        if line and (not found or line != found[-1]):
            found.append(line)
    return found


def _joined(pieces: list[str]) -> str:
    """Return the pieces of a line as one text: where each is a letter, they are no words of their own."""
    letters = sum(len(piece) <= 1 for piece in pieces) > len(pieces) * _BY_LETTERS
    return " ".join(("" if letters else " ").join(pieces).split())


def _wmf_pieces(content: bytes, at: int) -> Iterator[_Piece]:
    charset = 0
    while at + 6 <= len(content):
        words, function = struct.unpack_from("<IH", content, at)
        record = content[at + 6 : at + 2 * words]
        at += 2 * words
        if words < 3:
            return
        if function == _WMF_CREATE_FONT and len(record) > _WMF_FONT_CHARSET_AT:
            charset = record[_WMF_FONT_CHARSET_AT]
        elif function == _WMF_TEXT_OUT and len(record) >= 2:
            (length,) = struct.unpack_from("<H", record)
            place = 2 + length + length % 2
            if place + 2 <= len(record):
                (y,) = struct.unpack_from("<h", record, place)
                yield _Piece(y, _decoded(record[2 : 2 + length], charset))
        elif function == _WMF_EXT_TEXT_OUT and len(record) >= 8:
            y, _, length, options = struct.unpack_from("<hhHH", record)
            start = 16 if options & _WMF_WITH_RECTANGLE else 8
            if not options & _BY_GLYPHS:
                yield _Piece(y, _decoded(record[start : start + length], charset))


def _emf_pieces(content: bytes) -> Iterator[_Piece]:
    at = 0
    while at + 8 <= len(content):
        kind, size = struct.unpack_from("<II", content, at)
        record = content[at : at + size]
        at += size
        if size < 8:
            return
        if kind == _EMF_EXT_TEXT_OUT_W and len(record) >= 56:
            _, y, characters, start, options = struct.unpack_from("<iiIII", record, 36)
            if not options & _BY_GLYPHS:
                yield _Piece(y, record[start : start + 2 * characters].decode("utf-16-le", "replace"))
        elif kind == _EMF_SMALL_TEXT_OUT and len(record) >= 36:
            _, y, characters, options = struct.unpack_from("<iiII", record, 8)
            start = 36 if options & _EMF_WITHOUT_RECTANGLE else 52
            if options & _EMF_ONE_BYTE:
                yield _Piece(y, record[start : start + characters].decode("cp1252", "replace"))
            else:
                yield _Piece(y, record[start : start + 2 * characters].decode("utf-16-le", "replace"))


def _decoded(text: bytes, charset: int) -> str:
    return "" if charset == _SYMBOLS else text.decode(_ENCODINGS.get(charset, "cp1252"), "replace")
