"""Locks between processes, so that one piece of work is done by one of them. They end with their holder.

On SQLite, one machine, they are files in the data folder; on PostgreSQL, where there may be many machines, they are
advisory locks of the database.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Engine, text

from holdings.errors import LockedError
from holdings.failures import translated_errors

_POLL_SECONDS = 0.05


class Locks:
    """Named locks. `hold` raises LockedError when another process or thread has the lock for longer than the wait.

    It raises CatalogueUnavailableError when the database that keeps them goes away.
    """

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder

    @contextmanager
    def hold(self, name: str, *, wait_seconds: float = 0.0) -> Iterator[None]:
        """Hold the lock `name` for the duration of the block."""
        holder = self._advisory if self._engine.dialect.name == "postgresql" else self._file
        with translated_errors(), holder(name, wait_seconds):
            yield

    @contextmanager
    def _file(self, name: str, wait_seconds: float) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        # A new object each time: a FileLock object is re-entrant, and threads must exclude each other as well.
        lock = FileLock(self._folder / f"{_file_name(name)}.lock", thread_local=False)
        try:
            lock.acquire(timeout=wait_seconds, poll_interval=_POLL_SECONDS)
        except Timeout as error:
            raise LockedError(f"{name} is being done by another process") from error
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _advisory(self, name: str, wait_seconds: float) -> Iterator[None]:
        key = int.from_bytes(hashlib.sha256(f"ikhub:{name}".encode()).digest()[:8], signed=True)
        deadline = time.monotonic() + wait_seconds
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
                if time.monotonic() >= deadline:
                    raise LockedError(f"{name} is being done by another process")
                time.sleep(_POLL_SECONDS)
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


def _file_name(name: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in name)
