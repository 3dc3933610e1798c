"""Where the embedded engine keeps its generations, which of them is live, and who may write.

    CURRENT                       the name of the live generation, replaced atomically
    <generation>/documents, pages the two tantivy indices
    <generation>/generation.json  what it was made with; written last: without it a generation is unfinished
    <generation>/write.lock       held by the one process that writes

Readers in other processes look at CURRENT and at the indices' own `meta.json` at each request, and so see what was
written without being told. A generation that is dropped may still be read: its files are mapped into memory.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from holdings.errors import IndexOutdatedError, LockedError
from indexer.engines.base import Generation
from indexer.engines.embedded_errors import storage_errors
from indexer.engines.naming import is_generation_name, new_generation_name

_CURRENT = "CURRENT"
_DESCRIPTION = "generation.json"
_LOCK = "write.lock"
_DROPPED = ".dropped-"


class GenerationFolder:
    """The generations in one folder. What is not for readers may raise OSError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> str | None:
        """Return the name of the live generation, None when there is none yet."""
        with storage_errors(self.folder):
            try:
                name = (self.folder / _CURRENT).read_bytes().decode("ascii", "replace").strip()
            except FileNotFoundError:
                return None
        return name if is_generation_name(name) else None

    def switch_to(self, name: str) -> None:
        """Make a generation the live one, at once and durably."""
        if not self.is_complete(name):
            raise IndexOutdatedError(f"There is no generation {name} of the embedded index to switch to")
        _write_durably(self.folder / _CURRENT, f"{name}\n")

    def names(self) -> list[str]:
        """Return the names of all generations, oldest first, unfinished ones too."""
        if not self.folder.is_dir():
            return []
        return sorted(
            entry.name for entry in self.folder.iterdir() if is_generation_name(entry.name) and entry.is_dir()
        )

    def generation(self, name: str) -> Generation:
        """Return a generation; one that was never finished has an empty version."""
        try:
            described = json.loads((self.folder / name / _DESCRIPTION).read_text(encoding="utf-8"))
            return Generation(name, str(described["version"]))
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
            return Generation(name, "")

    def is_complete(self, name: str) -> bool:
        return (self.folder / name / _DESCRIPTION).is_file()

    def path(self, name: str, index: str) -> Path:
        return self.folder / name / index

    @contextmanager
    def new(self, version: str) -> Iterator[Generation]:
        """Make the folder of a new generation. It can be written and searched when the block has filled it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        generation = Generation(new_generation_name(), version)
        (self.folder / generation.name).mkdir()
        try:
            yield generation
            description = json.dumps({"name": generation.name, "version": version})
            _write_durably(self.folder / generation.name / _DESCRIPTION, description)
            _sync_folder(self.folder)
        except BaseException:
            shutil.rmtree(self.folder / generation.name, ignore_errors=True)
            raise

    def remove(self, name: str) -> None:
        """Delete a generation that nobody is writing. It is gone at once, its files a moment later."""
        if not (self.folder / name).is_dir():
            return
        gone = self.folder / f"{_DROPPED}{name}-{secrets.token_hex(4)}"
        with self._locked(name):
            (self.folder / name).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    @contextmanager
    def writing(self, name: str) -> Iterator[None]:
        """Hold the right to write a generation. Raises LockedError when another process or thread has it."""
        if not self.is_complete(name):
            raise IndexOutdatedError(f"There is no generation {name} of the embedded index to write to")
        with self._locked(name):
            yield

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        # A new object each time: a FileLock object is re-entrant, and threads must exclude each other as well.
        lock = FileLock(self.folder / name / _LOCK, timeout=0, thread_local=False)
        with storage_errors(self.folder):
            try:
                lock.acquire()
            except Timeout as error:
                raise LockedError(f"Generation {name} of the embedded index is being written elsewhere") from error
        try:
            yield
        finally:
            lock.release()

    def _sweep(self) -> None:
        """Delete what an interrupted `remove` left."""
        for entry in self.folder.glob(f"{_DROPPED}*"):
            shutil.rmtree(entry, ignore_errors=True)


def _write_durably(file: Path, text: str) -> None:
    """Write a small file so that a reader, and a machine that loses power, finds the old content or the new one."""
    draft = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
    try:
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
