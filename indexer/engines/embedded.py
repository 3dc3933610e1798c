"""The embedded engine: tantivy, in the data folder, without any server. One machine, one writer at a time, any number
of readers in any number of processes.

It executes the request bodies that the search templates make, as `embedded_query` and `embedded_facets` say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from holdings.errors import UsageError
from indexer.engines.admission import NotAdmittedError
from indexer.engines.base import Body, Generation, IndexDocument, IndexedRevision, Removal, Response, WriteReport
from indexer.engines.embedded_answer import answer
from indexer.engines.embedded_errors import search_errors, storage_errors
from indexer.engines.embedded_index import create_index
from indexer.engines.embedded_query import Translation
from indexer.engines.embedded_readers import Readers
from indexer.engines.embedded_revisions import revisions_of
from indexer.engines.embedded_store import GenerationFolder
from indexer.engines.embedded_writing import GenerationWriter
from indexer.schema import IndexName

# Bounds what deletions take in memory until they are committed; what is written needs no bound, the writer flushes it.
_COMMIT_EVERY = 10_000
_MEGABYTE = 1_000_000


class EmbeddedEngine:
    """Implements `base.Engine`. Thread-safe. Nothing is opened before it is needed, and nothing survives a fork."""

    name: str = "embedded"

    def __init__(self, folder: Path, *, writer_heap_mb: int = 64, writer_threads: int = 1) -> None:
        """Keep the indices in `folder`. Each of the two that are written takes up to the heap, and so many threads."""
        self.folder = folder
        self._folder = GenerationFolder(folder)
        self._heap_bytes = writer_heap_mb * _MEGABYTE
        self._threads = writer_threads
        self._readers = Readers(self._folder)

    def live(self) -> Generation | None:
        with storage_errors(self.folder):
            name = self._folder.current()
            return self._folder.generation(name) if name is not None and self._folder.is_complete(name) else None

    def generations(self) -> list[Generation]:
        with storage_errors(self.folder):
            return [self._folder.generation(name) for name in self._folder.names()]

    def create(self, version: str) -> Generation:
        with storage_errors(self.folder), self._folder.new(version) as generation:
            for index in IndexName:
                create_index(self._folder.path(generation.name, index), index)
        return generation

    def write(self, generation: Generation, batch: Iterable[IndexDocument | Removal]) -> WriteReport:
        written: list[str] = []
        failed: dict[str, str] = {}
        paths = {index: self._folder.path(generation.name, index) for index in IndexName}
        with (
            self._folder.writing(generation.name),
            GenerationWriter(paths, heap_bytes=self._heap_bytes, threads=self._threads) as writer,
        ):
            for number, entry in enumerate(batch, 1):
                try:
                    if isinstance(entry, Removal):
                        writer.remove(entry.id)
                    else:
                        writer.replace(entry)
                    written.append(entry.id)
                except NotAdmittedError as reason:
                    failed[entry.id] = str(reason)
                if number % _COMMIT_EVERY == 0:
                    writer.commit()
            writer.commit()
        return WriteReport(tuple(written), failed)

    def activate(self, generation: Generation) -> None:
        with storage_errors(self.folder):
            self._folder.switch_to(generation.name)

    def drop(self, generation: Generation) -> None:
        if generation.name == self._folder.current():
            raise UsageError(
                f"Generation {generation.name} is live and cannot be deleted",
                advice="Switch to another generation first: `ikhub index rebuild` does both.",
            )
        with storage_errors(self.folder):
            self._folder.remove(generation.name)

    def search(self, index: IndexName, bodies: Sequence[Body]) -> list[Response]:
        view = self._readers.of_live(index)
        with search_errors():
            return [
                answer(view.searcher, Translation(view.index, view.kinds, view.labels_in_use), body) for body in bodies
            ]

    def revisions(self, generation: Generation) -> Iterator[IndexedRevision]:
        documents = self._readers.of(generation.name, IndexName.DOCUMENTS)
        pages = self._readers.of(generation.name, IndexName.PAGES)
        yield from revisions_of(documents, pages)

    def close(self) -> None:
        self._readers.close()
