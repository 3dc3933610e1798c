"""The directory of an OLE compound file (doc, xls, ppt, msg, encrypted office documents): what lies in its root.

After [MS-CFB]. Only what lies directly in the root tells what the file is: embedded objects lie deeper.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_END_OF_CHAIN = 0xFFFFFFFE
_NO_STREAM = 0xFFFFFFFF
_ENTRY_BYTES = 128
_MAX_SMALL = 16_000_000
# Smaller ones lie together in a stream of their own.
_SMALL_STREAM = 4_096
# A document has some hundred entries; what claims more is cut, not followed.
_MAX_SECTORS = 4_096


def root_entries(file: BinaryIO) -> frozenset[str]:
    """Return the names of the streams and storages in the root; empty when the file is too damaged to tell."""
    try:
        directory = _directory(file)
    except (struct.error, ValueError):
        return frozenset()
    if not directory:
        return frozenset()
    names: set[str] = set()
    waiting, seen = [_ids(directory[0])[2]], set[int]()
    while waiting:
        identifier = waiting.pop()
        if identifier in seen or identifier >= len(directory):
            continue
        seen.add(identifier)
        names.add(_name(directory[identifier]))
        left, right, _ = _ids(directory[identifier])
        waiting += [left, right]
    return frozenset(names)


def stream(file: BinaryIO, name: str, most: int) -> bytes:
    """Return a stream of that name, up to `most` bytes; where it is damaged, what can be read of it."""
    content = bytearray()
    try:
        directory = _directory(file)
        entry = next((entry for entry in directory if _name(entry).casefold() == name.casefold()), None)
        if entry is None:
            return b""
        start, size = struct.unpack_from("<II", entry, 116)
        size = min(size, most)
        if size < _SMALL_STREAM and struct.unpack_from("<I", entry, 120)[0] < _SMALL_STREAM:
            return _small_stream(file, directory[0], start, size)
        for sector in _chain(file, start, size):
            content += sector
    except (struct.error, ValueError, IndexError):
        pass
    return bytes(content[:size]) if content else b""


def _small_stream(file: BinaryIO, root: bytes, start: int, size: int) -> bytes:
    """Small streams lie in pieces of 64 bytes in the stream of the root; a table of their own says which follows."""
    within_start, within_size = struct.unpack_from("<II", root, 116)
    within = b"".join(_chain(file, within_start, min(within_size, _MAX_SMALL)))
    file.seek(60)
    (table_start,) = struct.unpack("<I", file.read(4))
    table = b"".join(_chain(file, table_start, _MAX_SMALL // 16))
    content = bytearray()
    while start < _END_OF_CHAIN and len(content) < size:
        content += within[64 * start : 64 * start + 64]
        (start,) = struct.unpack_from("<I", table, 4 * start)
    return bytes(content[:size])


def _chain(file: BinaryIO, sector: int, most: int) -> Iterator[bytes]:
    """Yield the sectors that follow each other from one on, until there are `most` bytes of them."""
    size, table = _allocation(file)
    # The number of a sector's follower, which a table may lead in a circle.
    for _ in range(-(-most // size)):
        if sector >= _END_OF_CHAIN:
            return
        yield _sector(file, sector, size)
        number, place = divmod(sector, size // 4)
        if number >= len(table) or table[number] >= _END_OF_CHAIN:
            return
        (sector,) = struct.unpack("<I", _sector(file, table[number], size)[4 * place : 4 * place + 4])


def _allocation(file: BinaryIO) -> tuple[int, list[int]]:
    """Return the size of a sector, and the sectors of the allocation table: the first 109 stand in the header."""
    file.seek(0)
    header = file.read(512)
    (sector_shift,) = struct.unpack_from("<H", header, 30)
    if sector_shift not in (9, 12):
        raise ValueError("no sector size that the standard has")
    size = 1 << sector_shift
    table = list(struct.unpack_from("<109I", header, 76))
    (more,) = struct.unpack_from("<I", header, 68)
    for _ in range(_MAX_SECTORS):
        if more >= _END_OF_CHAIN:
            break
        entries = struct.unpack(f"<{size // 4}I", _sector(file, more, size))
        table += entries[:-1]
        more = entries[-1]
    return size, table


def _directory(file: BinaryIO) -> list[bytes]:
    file.seek(0)
    header = file.read(512)
    (sector_shift,) = struct.unpack_from("<H", header, 30)
    (sector,) = struct.unpack_from("<I", header, 48)
    if sector_shift not in (9, 12):
        raise ValueError("no sector size that the standard has")
    table_sectors = struct.unpack_from("<109I", header, 76)
    size = 1 << sector_shift
    entries: list[bytes] = []
    for _ in range(_MAX_SECTORS):
        if sector >= _END_OF_CHAIN:
            break
        content = _sector(file, sector, size)
        entries += [content[at : at + _ENTRY_BYTES] for at in range(0, len(content) - _ENTRY_BYTES + 1, _ENTRY_BYTES)]
        # Which sector follows stands in the allocation table; the header lists the table's first 109 sectors.
        table, place = divmod(sector, size // 4)
        if table >= len(table_sectors) or table_sectors[table] >= _END_OF_CHAIN:
            break
        follower = _sector(file, table_sectors[table], size)[4 * place : 4 * place + 4]
        (sector,) = struct.unpack("<I", follower)
    return entries


def _sector(file: BinaryIO, number: int, size: int) -> bytes:
    file.seek((number + 1) * size)
    return file.read(size)


def _name(entry: bytes) -> str:
    (length,) = struct.unpack_from("<H", entry, 64)
    return entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")


def _ids(entry: bytes) -> tuple[int, int, int]:
    left, right, child = struct.unpack_from("<3I", entry, 68)
    return left, right, child
