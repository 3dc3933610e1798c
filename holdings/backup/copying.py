"""Copies of files of the store, each read once: while it is copied it is seen whether it is what its name says."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

_CHUNK = 1 << 20
# As gzip writes its files.
_GZIP = 31
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a file: its size, its checksum, and whether the content is what the name of the file says."""

    size: int
    sha256: str
    is_whole: bool


def copy(source: Path, target: Path, mode: int = _OWNER_ONLY) -> Read:
    """Copy a file of the store. A copy that is not whole is not put into its place. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f"{target.name}.part")
    try:
        with source.open("rb") as reading, owned(beside) as writing:
            read = _read(reading, source.name, writing)
        if read.is_whole:
            beside.chmod(mode)
            beside.replace(target)
        return read
    finally:
        beside.unlink(missing_ok=True)


def look(path: Path) -> Read:
    """Read a file of the store, or of a copy of it, to its end. Raises OSError."""
    with path.open("rb") as reading:
        return _read(reading, path.name, None)


def checksum(path: Path) -> str:
    """Return the SHA-256 of any file. Raises OSError."""
    with path.open("rb") as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()


@contextmanager
def owned(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write, readable by its owner alone."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        yield cast(BinaryIO, file)


def _read(reading: BinaryIO, name: str, writing: BinaryIO | None) -> Read:
    """Read to the end. Originals are named by their SHA-256, texts by that of their lines before compression."""
    bytes_digest, lines_digest = hashlib.sha256(), hashlib.sha256()
    unzip = zlib.decompressobj(_GZIP) if name.endswith(".gz") else None
    size, is_sound = 0, True
    while chunk := reading.read(_CHUNK):
        size += len(chunk)
        bytes_digest.update(chunk)
        if writing is not None:
            writing.write(chunk)
        if unzip is not None and is_sound:
            is_sound = _add_lines(unzip, chunk, lines_digest)
    if unzip is None:
        return Read(size, bytes_digest.hexdigest(), bytes_digest.hexdigest() == name)
    is_whole = is_sound and unzip.eof and lines_digest.hexdigest() == name.removesuffix(".gz")
    return Read(size, bytes_digest.hexdigest(), is_whole)


def _add_lines(unzip: zlib._Decompress, chunk: bytes, digest: hashlib._Hash) -> bool:
    """Add to a digest what a chunk unpacks to, in portions; say whether it can be unpacked."""
    try:
        while chunk and not unzip.eof:
            digest.update(unzip.decompress(chunk, _CHUNK))
            chunk = unzip.unconsumed_tail
    except zlib.error:
        return False
    return True
