"""The file store: originals and page texts by SHA-256, in the data folder. What is in it is never changed, and leaves
it only by being destroyed on purpose (`ingest.purging`).

    files/ab/cd/abcd…        the bytes as they came
    texts/ab/cd/abcd….gz     a page a line, as JSON; the SHA-256 is that of the lines before compression

Everything is written beside its place, flushed to the disk, and renamed into it: a name that exists is complete.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import stat
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from holdings.errors import EmptyFileError, FileNotFoundInPlaceError, InternalError, TooLargeError
from holdings.failures import translated_errors
from holdings.model import Page, PageUnit, Text

_CHUNK = 1 << 20
_LEFTOVER_SECONDS = 24 * 3600
# Texts of fewer letters say too little to tell that two files are copies of each other (a cover, an empty form).
_FINGERPRINT_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class StoredOriginal:
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredText:
    """A text in the store. `fingerprint` is the same for texts of the same words, None for very short ones."""

    text: Text
    fingerprint: str | None


class FileStore:
    """Originals and page texts under `folder`. Safe for several processes."""

    def __init__(self, folder: Path) -> None:
        self._files = folder / "files"
        self._texts = folder / "texts"

    def add_original(self, path: Path, *, max_bytes: int) -> StoredOriginal:
        """Copy a file into the store and return its checksum and size; copying it again changes nothing.

        Raises FileNotFoundInPlaceError, EmptyFileError, TooLargeError, and StorageFullError.
        """
        with _opened(path) as source, self.original_writer(max_bytes=max_bytes) as writer:
            while chunk := _read(source, path):
                writer.add(chunk)
            return writer.finish()

    @contextmanager
    def original_writer(self, *, max_bytes: int) -> Iterator[OriginalWriter]:
        """Give a writer that takes a file in parts; the file is in the store when its `finish` returns."""
        with _written_beside(self._files) as (target, place):
            yield OriginalWriter(target, place, self._files, max_bytes)

    def has_original(self, sha256: str) -> bool:
        """Say whether the bytes with this checksum are in the store."""
        return _place(self._files, sha256).is_file()

    def original(self, sha256: str) -> Path:
        """Return where the bytes with this checksum stand. Raises InternalError when they are not in the store."""
        path = _place(self._files, sha256)
        if not path.is_file():
            raise InternalError(
                f"The original {sha256} is missing from the file store", advice="Restore the data folder from a backup."
            )
        return path

    @contextmanager
    def text_writer(self) -> Iterator[TextWriter]:
        """Give a writer that takes pages one by one; the text is in the store when its `finish` returns."""
        with _written_beside(self._texts) as (target, place):
            yield TextWriter(target, place, self._texts)

    def pages(self, text_sha256: str) -> Iterator[Page]:
        """Yield the pages of a text, in order. Raises InternalError when it is missing or damaged."""
        path = _place(self._texts, text_sha256, ".gz")
        try:
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                for line in lines:
                    entry = json.loads(line)
                    yield Page(
                        entry["number"],
                        PageUnit(entry["unit"]),
                        entry["text"],
                        entry.get("reader"),
                        entry.get("scan", False),
                    )
        except (OSError, EOFError, ValueError, KeyError) as error:
            raise InternalError(
                f"The text {text_sha256} cannot be read from the file store: {error}",
                advice="Restore the data folder from a backup, or add the file again.",
            ) from error

    def destroy_original(self, sha256: str) -> bool:
        """Delete the bytes with this checksum for good, and say whether they were there."""
        return _destroy(_place(self._files, sha256))

    def destroy_text(self, sha256: str) -> bool:
        """Delete a text for good, and say whether it was there."""
        return _destroy(_place(self._texts, sha256, ".gz"))

    def remove_leftovers(self) -> int:
        """Delete what a crash left half-written, once it is too old to be still at work, and return how many files."""
        removed = 0
        for folder in (self._files, self._texts):
            for leftover in (folder / "incoming").glob("*.part"):
                with suppress(FileNotFoundError):
                    if time.time() - leftover.stat().st_mtime > _LEFTOVER_SECONDS:
                        leftover.unlink()
                        removed += 1
        return removed


class OriginalWriter:
    """Writes a file part by part."""

    def __init__(self, target: BinaryIO, place: _Placer, folder: Path, max_bytes: int) -> None:
        self._target, self._place, self._folder, self._max_bytes = target, place, folder, max_bytes
        self._digest, self._size = hashlib.sha256(), 0

    def add(self, chunk: bytes) -> None:
        """Append a part. Raises TooLargeError, and StorageFullError."""
        self._size += len(chunk)
        if self._size > self._max_bytes:
            raise TooLargeError(f"The file is larger than {self._max_bytes // 1_000_000} MB")
        self._digest.update(chunk)
        self._target.write(chunk)

    def finish(self) -> StoredOriginal:
        """Put the file into its place. Raises EmptyFileError."""
        if not self._size:
            raise EmptyFileError("The file is empty")
        self._place(_place(self._folder, self._digest.hexdigest()))
        return StoredOriginal(self._digest.hexdigest(), self._size)


class TextWriter:
    """Writes a text page by page; memory does not grow with the text."""

    def __init__(self, target: BinaryIO, place: _Placer, folder: Path) -> None:
        # Neither time nor name go into the header: the same text gives the same bytes.
        self._lines = gzip.GzipFile(filename="", mode="wb", fileobj=target, compresslevel=6, mtime=0)
        self._place, self._folder = place, folder
        self._digest, self._words = hashlib.sha256(), hashlib.sha256()
        self._pages = self._empty = self._characters = self._letters = 0
        self._readers: Counter[str | None] = Counter()
        self._scans: list[int] = []

    def add(self, page: Page) -> None:
        """Append a page; its number must follow the last."""
        if page.number != self._pages + 1:
            raise ValueError(f"page {page.number} cannot follow page {self._pages}")
        entry: dict[str, object] = {"number": page.number, "unit": page.unit.value, "text": page.text}
        if page.reader is not None:
            entry["reader"] = page.reader
        if page.scan:
            entry["scan"] = True
            self._scans.append(page.number)
        self._readers[page.reader] += 1
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()
        self._lines.write(line + b"\n")
        self._digest.update(line + b"\n")
        words = "".join(unicodedata.normalize("NFKC", page.text).casefold().split())
        self._words.update(words.encode())
        self._letters += len(words)
        self._pages += 1
        self._empty += not words
        self._characters += len(page.text)

    @property
    def pages(self) -> int:
        return self._pages

    @property
    def has_words(self) -> bool:
        return self._letters > 0

    def finish(self, *, reader: str, truncated: tuple[str, ...], file_sha256: str | None = None) -> StoredText:
        """Put the text into its place and return what it is. `reader` read the pages that name no other."""
        self._lines.close()
        sha256 = self._digest.hexdigest()
        self._place(_place(self._folder, sha256, ".gz"))
        fingerprint = self._words.hexdigest() if self._letters >= _FINGERPRINT_CHARACTERS else None
        text = Text(
            sha256=sha256,
            pages=self._pages,
            pages_without_text=self._empty,
            characters=self._characters,
            reader=reader,
            truncated=truncated,
            file_sha256=file_sha256,
            readers=tuple(sorted((name or reader, number) for name, number in self._readers.items())),
            scans=tuple(self._scans),
        )
        return StoredText(text, fingerprint=fingerprint)


class _Placer:
    """Renames a finished file into its place, once."""

    def __init__(self, handle: BinaryIO, temporary: Path) -> None:
        self._handle, self._temporary = handle, temporary
        self.placed = False

    def __call__(self, place: Path) -> None:
        self._handle.flush()
        os.fsync(self._handle.fileno())
        place.parent.mkdir(parents=True, exist_ok=True)
        self._temporary.chmod(0o640)
        self._temporary.replace(place)
        _flush_folder(place.parent)
        self.placed = True


@contextmanager
def _written_beside(folder: Path) -> Iterator[tuple[BinaryIO, _Placer]]:
    with translated_errors():
        incoming = folder / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(suffix=".part", dir=incoming)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as handle:
                placer = _Placer(cast(BinaryIO, handle), temporary)
                yield cast(BinaryIO, handle), placer
        finally:
            temporary.unlink(missing_ok=True)


def original_place(sha256: str) -> Path:
    """Return where the bytes with this checksum stand, from the data folder."""
    return _place(Path("files"), sha256)


def text_place(sha256: str) -> Path:
    """Return where the text with this checksum stands, from the data folder."""
    return _place(Path("texts"), sha256, ".gz")


def checksum(path: Path) -> str | None:
    """Return the SHA-256 of a file that is not kept, None when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with _opened(path) as source:
            while chunk := _read(source, path):
                digest.update(chunk)
    except FileNotFoundInPlaceError:
        return None
    return digest.hexdigest()


def _place(folder: Path, sha256: str, suffix: str = "") -> Path:
    return folder / sha256[:2] / sha256[2:4] / f"{sha256}{suffix}"


def _destroy(place: Path) -> bool:
    if not place.exists():
        return False
    place.unlink(missing_ok=True)
    _flush_folder(place.parent)
    return True


def _opened(path: Path) -> BinaryIO:
    try:
        # Not to hang on a pipe, not to read a device: only regular files are documents.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise FileNotFoundInPlaceError(f"The file cannot be opened: {error.strerror or error}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundInPlaceError("This is not a regular file")
    return os.fdopen(descriptor, "rb")


def _read(source: BinaryIO, path: Path) -> bytes:
    try:
        return source.read(_CHUNK)
    except OSError as error:
        raise FileNotFoundInPlaceError(f"The file cannot be read to its end: {error.strerror or error}") from error


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
