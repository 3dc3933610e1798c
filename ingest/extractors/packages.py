"""Before an office package is opened: is it a zip that unpacks to a document, and nothing that a document never has.

A bomb declares what it likes, so the declared sizes are looked at first, then each part is unpacked under a cap, and
thrown away. A DOCTYPE is refused: office programs write none, and what it defines would be dropped in silence.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from holdings.errors import ArchiveBombError, CorruptError, EncryptedError, UnsafeFileError

MAX_ENTRIES = 5_000
MAX_PART_BYTES = 100_000_000
MAX_TOTAL_BYTES = 200_000_000
_CHUNK = 1 << 18
_ENCRYPTED = 0x1

# What zipfile and the decompressors raise on a damaged archive.
ZIP_ERRORS = (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, LookupError, zlib.error)
_DOCTYPE = re.compile(rb"<!DOCTYPE|<\0!\0D\0O\0C\0T\0Y\0P\0E|\0<\0!\0D\0O\0C\0T\0Y\0P\0E")
_LONGEST_MARK = 20
_XML_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe<\0|\xfe\xff\0<|<\0|\0<")
_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']*)["']""")
# In others, such as UTF-7, a DOCTYPE could be written so that it is not seen here and is by the parser.
_XML_ENCODINGS = re.compile(rb"utf-?8|utf-?16|us-ascii|ascii|iso-8859-\d+|windows-125\d", re.IGNORECASE)


def check_package(path: Path) -> None:
    """Make sure that an office package may be opened.

    Raises CorruptError for what is no readable zip, EncryptedError, ArchiveBombError, UnsafeFileError.
    """
    try:
        with ZipFile(path) as package:
            entries = package.infolist()
            _check_declared(entries)
            total = 0
            for entry in entries:
                total += _measure(package, entry, MAX_TOTAL_BYTES - total)
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


def _measure(package: ZipFile, entry: ZipInfo, left: int) -> int:
    """Unpack a part, look at it if it is XML, and return its true size."""
    check: Callable[[bytes, bytes], None] = _check_xml if entry.filename.endswith((".xml", ".rels")) else _look_away
    size = 0
    before = b""
    try:
        with package.open(entry) as part:
            while chunk := part.read(_CHUNK):
                size += len(chunk)
                if size > min(left, MAX_PART_BYTES):
                    raise ArchiveBombError(f"{entry.filename!r} unpacks to more than it declares and than is read")
                check(before, chunk)
                before = chunk[-_LONGEST_MARK:]
    except ZIP_ERRORS:
        # A damaged picture costs nobody a word; a damaged part with text is met again when it is read.
        if entry.filename.endswith((".xml", ".rels")):
            raise
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
