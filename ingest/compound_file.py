"""The directory of an OLE compound file (doc, xls, ppt, msg, encrypted office documents): names of its root's entries.

After [MS-CFB]. Only what lies directly in the root tells what the file is: embedded objects lie deeper.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_END_OF_CHAIN = 0xFFFFFFFE
_NO_STREAM = 0xFFFFFFFF
_ENTRY_BYTES = 128
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
