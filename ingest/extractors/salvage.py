"""Parts of a zip whose directory is lost or whose checks fail: found by the header that stands before each.

An upload that broke off has lost the directory at its end; the parts before the break are mostly whole.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED

_SIGNATURE = b"PK\x03\x04"
_HEADER = struct.Struct("<4s5H3I2H")
_ENCRYPTED, _SIZES_FOLLOW, _UTF_8 = 0x1, 0x8, 0x800
# What stands behind a damage within so many packed bytes is lost with it.
_CHUNK = 1 << 10
# A part that is found but not read, such as a picture, is unpacked only to find its end.
_READ = (".xml", ".rels")
_MAX_PARTS = 5_000
_MAX_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class _Part:
    """A part as it was found. `content` is what of it could be unpacked; `end` is where the file goes on after it."""

    name: str
    content: bytes
    end: int


def salvaged(path: Path) -> dict[str, bytes]:
    """Return the XML parts that a damaged zip still holds, by name, each as far as it goes.

    What is beyond the bounds of a document is left where it is.
    """
    parts: dict[str, bytes] = {}
    left = _MAX_BYTES
    tried = 0
    with path.open("rb") as file:
        if not file.seek(0, 2):
            return parts
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            at = content.find(_SIGNATURE)
            while at >= 0 and tried < _MAX_PARTS and left > 0:
                tried += 1
                part = _part_at(content, at, left)
                if part is not None:
                    left -= len(part.content)
                    if part.name.endswith(_READ):
                        parts.setdefault(part.name, part.content)
                at = content.find(_SIGNATURE, part.end if part is not None else at + 1)
    return parts


def _part_at(content: mmap.mmap | bytes, at: int, limit: int) -> _Part | None:
    """Return the part whose header begins there, unpacked to at most `limit` bytes, whatever its checksum says.

    None where there is no such header, and for what is encrypted or packed in a way that documents are not.
    """
    start = at + _HEADER.size
    if len(content) < start or content[at : at + 4] != _SIGNATURE:
        return None
    _, _, flags, method, _, _, _, packed, size, name_length, extra_length = _HEADER.unpack(content[at:start])
    if flags & _ENCRYPTED or method not in (ZIP_STORED, ZIP_DEFLATED):
        return None
    name = content[start : start + name_length].decode("utf-8" if flags & _UTF_8 else "cp437", "replace")
    start += name_length + extra_length
    if method == ZIP_STORED:
        end = start + size
        if flags & _SIZES_FOLLOW and not size:
            end = content.find(_SIGNATURE, start)
        end = len(content) if end < 0 else min(end, len(content))
        return _Part(name, content[start : min(end, start + limit)], end)
    text, end = _inflated(content, start, limit)
    return _Part(name, text, end if flags & _SIZES_FOLLOW or not packed else min(start + packed, len(content)))


def _inflated(content: mmap.mmap | bytes, start: int, limit: int) -> tuple[bytes, int]:
    """Unpack from there to the end of the stream, to its damage, or to the limit; return that place too."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    chunks: list[bytes] = []
    while not stream.eof and start < len(content) and limit > 0:
        packed = content[start : start + _CHUNK]
        try:
            chunks.append(stream.decompress(packed, limit))
        except zlib.error:
            break
        limit -= len(chunks[-1])
        start += len(packed) - len(stream.unused_data) - len(stream.unconsumed_tail)
    return b"".join(chunks), start
