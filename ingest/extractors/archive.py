"""Extraction of ZIP archives: each file in one is handed on as a member, and is then a file like any other.

What the archive declares is looked at before it is opened; each member is unpacked once to measure it, and a second
time to hand it on, so that what is damaged or larger than it says is never handed on by half.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from holdings.errors import (
    ArchiveBombError,
    CorruptError,
    EmptyFileError,
    EncryptedError,
    TooLargeError,
    UnsupportedFormatError,
)
from ingest.extractors.member_names import MemberNames, is_clutter, zip_name
from ingest.extractors.packages import ZIP_ERRORS
from ingest.model import ExtractionEvent, Member

# Whoever keeps the members has limits of its own, which the settings state; these are for what no archive of
# documents is.
MAX_ENTRIES = 100_000
MAX_MEMBER_BYTES = 2_000_000_000
MAX_TOTAL_BYTES = 20_000_000_000
# Text shrinks to a tenth, a drawing to a hundredth; one file may shrink more, a whole archive of this size does not.
MAX_RATIO = 200
RATIO_FROM_BYTES = 100_000_000
PART_BYTES = 1 << 18
_ENCRYPTED = 0x1


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the files of an archive, in parts; folders and what programs leave behind are passed over.

    Raises CorruptError for what is no readable archive, ArchiveBombError, EmptyFileError where no file is in it.
    """
    try:
        archive = ZipFile(path)
    except ZIP_ERRORS as error:
        raise CorruptError(f"This is not a readable archive: {type(error).__name__}: {error}") from error
    with archive:
        entries = archive.infolist()
        _check_declared(entries, path.stat().st_size)
        names = MemberNames()
        left = MAX_TOTAL_BYTES
        found = False
        for entry in entries:
            original = zip_name(entry)
            if entry.is_dir() or original.endswith(("/", "\\")) or is_clutter(original):
                continue
            found = True
            name = names.take(original)
            refused, size = _measure(archive, entry, left)
            left -= size
            if refused is None:
                yield from _parts(archive, entry, name)
            else:
                yield Member(name, refused=refused)
    if not found:
        raise EmptyFileError("The archive holds no files", advice="Check the original: add it again when it has some.")


def _check_declared(entries: list[ZipInfo], archive_bytes: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise ArchiveBombError(f"The archive lists {len(entries):,} entries, and no more than {MAX_ENTRIES:,} are read")
    total = sum(entry.file_size for entry in entries)
    if total > MAX_TOTAL_BYTES or (total > RATIO_FROM_BYTES and total > MAX_RATIO * archive_bytes):
        raise ArchiveBombError(
            f"The archive's {archive_bytes:,} bytes unpack to {total:,}, as those of no archive of documents do"
        )


def _measure(archive: ZipFile, entry: ZipInfo, left: int) -> tuple[tuple[str, str] | None, int]:
    """Return why a member is not handed on, if so, and its true size. Raises ArchiveBombError."""
    if entry.flag_bits & _ENCRYPTED:
        return (EncryptedError.code, "The file asks for a password"), 0
    if stat.S_ISLNK(entry.external_attr >> 16):
        return (UnsupportedFormatError.code, "This is a link to another file, which the archive does not hold"), 0
    if entry.file_size > MAX_MEMBER_BYTES:
        return (TooLargeError.code, f"The file unpacks to more than {MAX_MEMBER_BYTES // 1_000_000:,} MB"), 0
    size = 0
    try:
        with archive.open(entry) as content:
            while chunk := content.read(PART_BYTES):
                size += len(chunk)
                # The library ends at the declared size; this holds whatever it does.
                if size > min(left, MAX_MEMBER_BYTES):
                    raise ArchiveBombError("The archive unpacks to more than it declares and than is read")
    except NotImplementedError as error:
        return (
            UnsupportedFormatError.code,
            f"The file is packed by a method that the hub does not know: {error}",
        ), size
    except ZIP_ERRORS as error:
        return (CorruptError.code, f"The file cannot be unpacked: {type(error).__name__}: {error}"), size
    return None, size


def _parts(archive: ZipFile, entry: ZipInfo, name: str) -> Iterator[Member]:
    with archive.open(entry) as content:
        part = content.read(PART_BYTES)
        while following := content.read(PART_BYTES):
            yield Member(name, part, last=False)
            part = following
        yield Member(name, part)
