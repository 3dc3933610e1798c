"""Before an office package is opened: is it a zip that unpacks to a document, and nothing that a document never has.

A bomb declares what it likes, so the declared sizes are looked at first, then each part is unpacked under a cap, and
thrown away. A DOCTYPE is refused: office programs write none, and what it defines would be dropped in silence.
"""

from __future__ import annotations

import os
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from holdings.errors import ArchiveBombError, CorruptError, EncryptedError, UnsafeFileError

MAX_ENTRIES = 5_000
MAX_PART_BYTES = 100_000_000
MAX_TOTAL_BYTES = 200_000_000
_CHUNK = 1 << 18
_ENCRYPTED = 0x1
# In the header that stands before each part.
_NAME_LENGTH_AT = 26

# What zipfile and the decompressors raise on a damaged archive.
ZIP_ERRORS = (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, LookupError, zlib.error)
_DOCTYPE = re.compile(rb"<!DOCTYPE|<\0!\0D\0O\0C\0T\0Y\0P\0E|\0<\0!\0D\0O\0C\0T\0Y\0P\0E")
_LONGEST_MARK = 20
_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']*)["']""")
# In others, such as UTF-7, a DOCTYPE could be written so that it is not seen here and is by the parser.
_XML_ENCODINGS = re.compile(rb"utf-?8|utf-?16|us-ascii|ascii|iso-8859-\d+|windows-125\d", re.IGNORECASE)


def check_package(path: Path, *, unchecked: tuple[str, ...] = ()) -> None:
    """Make sure that an office package may be opened. `unchecked` begin the names of parts that nobody will parse.

    Raises CorruptError for what is no readable zip, EncryptedError, ArchiveBombError, UnsafeFileError.
    """
    try:
        with ZipFile(path) as package:
            entries = package.infolist()
            _check_declared(entries)
            total = 0
            for entry in entries:
                looks = not entry.filename.startswith(unchecked)
                total += _measure(package, entry, MAX_TOTAL_BYTES - total, looks=looks)
    except ZIP_ERRORS as error:
        raise CorruptError(f"This is not a readable package: {type(error).__name__}: {error}") from error


def _check_declared(entries: list[ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise ArchiveBombError(f"The file has {len(entries):,} parts; a document has at most {MAX_ENTRIES:,}")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise EncryptedError("The file asks for a password")
    if sum(entry.file_size for entry in entries) > MAX_TOTAL_BYTES:
        raise ArchiveBombError(f"The file's parts unpack to more than {MAX_TOTAL_BYTES // 1_000_000} MB")
    for entry in entries:
        if entry.file_size > MAX_PART_BYTES:
            raise ArchiveBombError(f"{entry.filename!r} unpacks to more than {MAX_PART_BYTES // 1_000_000} MB")


def _measure(package: ZipFile, entry: ZipInfo, left: int, *, looks: bool) -> int:
    """Unpack a part, look at it if it is XML that is read, and return its true size."""
    is_xml = looks and entry.filename.endswith((".xml", ".rels"))
    check: Callable[[bytes, bytes], None] = _check_xml if is_xml else _look_away
    size = 0
    before = b""
    most = min(left, MAX_PART_BYTES)
    too_large = f"{entry.filename!r} unpacks to more than it declares and than is read"
    try:
        with package.open(entry) as part:
            while chunk := part.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise ArchiveBombError(too_large)
                check(before, chunk)
                before = chunk[-_LONGEST_MARK:]
    except ZIP_ERRORS as error:
        # A damaged picture costs nobody a word; a damaged part with text is met again when it is read. What declares
        # less than it unpacks to looks like damage too.
        size = max(size, _true_size(package, entry, most + 1)) if is_xml else size
        if size > most:
            raise ArchiveBombError(too_large) from error
    return size


def _true_size(package: ZipFile, entry: ZipInfo, most: int) -> int:
    """Return what a part unpacks to, whatever it declares, counted up to `most`."""
    file = package.fp
    if entry.compress_type != ZIP_DEFLATED or file is None:
        return 0
    file.seek(entry.header_offset + _NAME_LENGTH_AT)
    lengths = file.read(4)
    file.seek(sum(struct.unpack(f"<{len(lengths) // 2}H", lengths[: len(lengths) // 2 * 2])), os.SEEK_CUR)
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    try:
        while size < most and not stream.eof and (packed := stream.unconsumed_tail or file.read(_CHUNK)):
            size += len(stream.decompress(packed, min(_CHUNK, most - size)))
    except zlib.error:
        pass
    return size


def _look_away(_: bytes, __: bytes) -> None:
    pass


def _check_xml(before: bytes, chunk: bytes) -> None:
    if not before:
        encoding = _ENCODING.match(chunk)
        if encoding and not _XML_ENCODINGS.fullmatch(encoding[1]):
            raise UnsafeFileError(f"A part is written in the encoding {encoding[1].decode('ascii', 'replace')!r}")
    if _DOCTYPE.search(before + chunk):
        raise UnsafeFileError("A part has a DOCTYPE, which no office program writes")
