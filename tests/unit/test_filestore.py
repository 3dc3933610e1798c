"""The file store: what goes in comes out, once, complete, or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from holdings.errors import EmptyFileError, FileNotFoundInPlaceError, InternalError, StorageFullError, TooLargeError
from holdings.filestore import FileStore, StoredText
from holdings.model import Page, PageUnit


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "data")


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "a.pdf"
    path.write_bytes(content)
    return path


def _write(store: FileStore, *texts: str) -> StoredText:
    with store.text_writer() as writer:
        for number, text in enumerate(texts, 1):
            writer.add(Page(number, PageUnit.PAGE, text))
        return writer.finish(reader="test 1", truncated=())


def test_original_comes_out_as_it_went_in(store: FileStore, tmp_path: Path) -> None:
    stored = store.add_original(_file(tmp_path, b"bytes" * 1000), max_bytes=10_000)
    assert store.original(stored.sha256).read_bytes() == b"bytes" * 1000
    assert stored.size == 5000


def test_the_same_bytes_are_kept_once(store: FileStore, tmp_path: Path) -> None:
    path = _file(tmp_path, b"same")
    assert store.add_original(path, max_bytes=10) == store.add_original(path, max_bytes=10)
    assert sum(1 for p in (tmp_path / "data" / "files").rglob("*") if p.is_file()) == 1


@pytest.mark.parametrize(
    ("content", "error"), [(b"", EmptyFileError), (b"12345678901", TooLargeError), (None, FileNotFoundInPlaceError)]
)
def test_what_cannot_be_kept(store: FileStore, tmp_path: Path, content: bytes | None, error: type[Exception]) -> None:
    path = tmp_path / "missing.pdf" if content is None else _file(tmp_path, content)
    with pytest.raises(error):
        store.add_original(path, max_bytes=10)
    assert not [p for p in (tmp_path / "data").rglob("*") if p.is_file()], "nothing half-written stays"


def test_a_pipe_is_refused_and_does_not_hang(store: FileStore, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileNotFoundInPlaceError, match="regular"):
        store.add_original(tmp_path / "pipe", max_bytes=10)


def test_a_full_disk_is_said_and_leaves_nothing(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFullError):
        store.add_original(_file(tmp_path, b"bytes"), max_bytes=10)
    assert not [p for p in (tmp_path / "data").rglob("*") if p.is_file()]


def test_pages_come_out_as_they_went_in(store: FileStore) -> None:
    stored = _write(store, "satu\ndua", "", "ثلاثة 四")
    assert [p.text for p in store.pages(stored.text.sha256)] == ["satu\ndua", "", "ثلاثة 四"]
    assert (stored.text.pages, stored.text.pages_without_text, stored.text.characters) == (3, 1, 15)


def test_the_same_text_has_the_same_checksum(store: FileStore) -> None:
    assert _write(store, "a", "b").text.sha256 == _write(store, "a", "b").text.sha256
    assert _write(store, "a", "b").text.sha256 != _write(store, "ab").text.sha256


def test_fingerprint_is_that_of_the_words(store: FileStore) -> None:
    words = "penanggulangan terorisme di daerah " * 20
    assert _write(store, words).fingerprint == _write(store, words.upper().replace(" ", "\n")).fingerprint
    assert _write(store, words).fingerprint != _write(store, words + "x").fingerprint
    assert _write(store, "too short").fingerprint is None


def test_a_missing_or_damaged_text_is_said(store: FileStore, tmp_path: Path) -> None:
    stored = _write(store, "text")
    (place,) = (tmp_path / "data" / "texts").rglob("*.gz")
    place.write_bytes(place.read_bytes()[:-5])
    with pytest.raises(InternalError, match="cannot be read"):
        list(store.pages(stored.text.sha256))
    with pytest.raises(InternalError):
        list(store.pages("0" * 64))


def test_pages_follow_one_another(store: FileStore) -> None:
    with store.text_writer() as writer, pytest.raises(ValueError, match="cannot follow"):
        writer.add(Page(2, PageUnit.PAGE, ""))


def test_leftovers_go_when_they_are_old(store: FileStore, tmp_path: Path) -> None:
    incoming = tmp_path / "data" / "files" / "incoming"
    incoming.mkdir(parents=True)
    for name, age in (("old.part", 0), ("new.part", None)):
        (incoming / name).touch()
        if age is not None:
            os.utime(incoming / name, (age, age))
    assert store.remove_leftovers() == 1
    assert [p.name for p in incoming.iterdir()] == ["new.part"]
