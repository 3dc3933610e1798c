"""Unpacking what was compressed for the way, or before, under a limit: a small answer may unpack to a large one."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from holdings.errors import FileError, NotFetchedError, TooLargeError


def decoded(chunks: Iterable[bytes], encoding: str, max_bytes: int) -> Iterator[bytes]:
    """Yield a body as it was before it was compressed for the way; what unpacks to more than the limit is cut."""
    name = encoding.strip().casefold()
    if name in {"", "identity"}:
        yield from chunks
        return
    if name not in {"gzip", "x-gzip", "deflate"}:
        raise NotFetchedError(f"The server sends the file in the encoding {name[:40]!r}, which it was not asked for")
    yield from unpacked(chunks, max_bytes)


def unpacked(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Yield gzip or zlib data unpacked, piece by piece. Raises TooLargeError beyond `max_bytes`, NotFetchedError."""
    size = 0
    unpacker = _unpacker()
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if unpacker.eof:
                    # Pieces that were compressed one by one may stand behind each other.
                    unpacker = _unpacker()
                piece = unpacker.decompress(rest, 1 << 16)
                size += len(piece)
                if size > max_bytes:
                    raise too_large(max_bytes)
                yield piece
                rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error as error:
        raise NotFetchedError(f"What the server sends cannot be unpacked: {error}") from error
    if not unpacker.eof:
        raise NotFetchedError("What the server sends breaks off")


def _unpacker() -> zlib._Decompress:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)


def too_large(max_bytes: int) -> FileError:
    return TooLargeError(f"What is at this address is larger than {max_bytes / 1_000_000:g} MB")
