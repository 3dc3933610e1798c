"""OLE compound files for tests: a header, one sector of allocation table, one directory."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound_file(*streams: str, embedded: Sequence[str] = ()) -> bytes:
    """Return a compound file with these entries in its root, and others within a storage there."""
    entries = [_entry("Root Entry", 5, child=1)]
    names = [*streams, *(["ObjectPool"] if embedded else [])]
    for number, name in enumerate(names, 1):
        last = number == len(names)
        inner = len(names) + 1 if name == "ObjectPool" else _FREE
        entries.append(_entry(name, 1 if name == "ObjectPool" else 2, right=_FREE if last else number + 1, child=inner))
    for number, name in enumerate(embedded, len(names) + 1):
        last = number == len(names) + len(embedded)
        entries.append(_entry(name, 2, right=_FREE if last else number + 1))
    directory = b"".join(entries)
    sectors = -(-len(directory) // 512)
    # The table is sector 0, the directory follows.
    table = [_TABLE, *(number + 1 for number in range(1, sectors)), _END]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H6x3I4x5I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    return header + struct.pack("<128I", *table, *[_FREE] * (128 - len(table))) + directory.ljust(sectors * 512, b"\0")


def _entry(name: str, kind: int, *, right: int = _FREE, child: int = _FREE) -> bytes:
    encoded = name.encode("utf-16-le")
    entry = encoded.ljust(64, b"\0") + struct.pack("<HBB3I", len(encoded) + 2, kind, 1, _FREE, right, child)
    return entry.ljust(128, b"\0")
