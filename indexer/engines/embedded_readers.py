"""The generations that a process has open for searching: the live one, as CURRENT says at each request."""

from __future__ import annotations

import os
import threading

from tantivy import Searcher

from holdings.errors import EngineUnavailableError, IndexOutdatedError
from indexer.engines.embedded_index import ReadableIndex, View
from indexer.engines.embedded_store import GenerationFolder
from indexer.schema import IndexName


class Readers:
    """Open indices, shared by the threads of a process. What was opened before a fork is opened again after it."""

    def __init__(self, folder: GenerationFolder) -> None:
        self._folder = folder
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._open: dict[tuple[str, IndexName], ReadableIndex] = {}

    def of_live(self, index: IndexName) -> View:
        """Return a view of what has been committed to the live index by now.

        Raises IndexOutdatedError when no generation is live, EngineUnavailableError when it cannot be read.
        """
        name = self._folder.current()
        while name is not None:
            try:
                return self._view(name, index)
            except (OSError, ValueError) as error:
                # It may have been switched from and deleted since CURRENT was read: then there is another.
                now = self._folder.current()
                if now == name:
                    raise self._unreadable(name, error) from error
                name = now
        raise IndexOutdatedError("There is no embedded index yet")

    def of(self, name: str, index: IndexName) -> Searcher:
        """Return a view of a generation that need not be live. Raises as `of_live` does."""
        try:
            return ReadableIndex(self._folder.path(name, index.value), index).view().searcher
        except (OSError, ValueError) as error:
            raise self._unreadable(name, error) from error

    def close(self) -> None:
        with self._lock:
            self._open.clear()

    def _view(self, name: str, index: IndexName) -> View:
        if self._process != os.getpid():
            self._begin()
        readable = self._open.get((name, index))
        if readable is None:
            with self._lock:
                readable = self._open.get((name, index))
                if readable is None:
                    readable = ReadableIndex(self._folder.path(name, index.value), index)
                    # Threads that still search a former generation hold it themselves.
                    self._open = {key: open_ for key, open_ in self._open.items() if key[0] == name}
                    self._open[name, index] = readable
        return readable.view()

    def _unreadable(self, name: str, error: Exception) -> IndexOutdatedError | EngineUnavailableError:
        if not self._folder.is_complete(name):
            return IndexOutdatedError(f"There is no generation {name} of the embedded index")
        return EngineUnavailableError(
            f"Generation {name} of the embedded index cannot be read: {error}",
            advice="Check the disk and its permissions. If it stays so, `ikhub index rebuild` makes the index again.",
        )
