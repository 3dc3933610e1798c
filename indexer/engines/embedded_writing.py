"""Writing into a generation of the embedded engine: both indices together, so that a crash leaves nothing half done.

Pages are committed before documents: whatever happens between the two, the document still has its old revision, and
writing it again puts everything right.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tantivy import Document, Index, IndexWriter

from indexer.engines.admission import Entry, admit
from indexer.engines.base import IndexDocument
from indexer.engines.embedded_errors import storage_errors
from indexer.schema import IndexName


class GenerationWriter:
    """The writers of both indices. What is not committed when the block ends, or fails, is discarded."""

    def __init__(self, paths: Mapping[IndexName, Path], *, heap_bytes: int, threads: int) -> None:
        self._folder = paths[IndexName.DOCUMENTS]
        with storage_errors(self._folder):
            opened = {name: Index.open(str(path)) for name, path in paths.items()}
            self._documents: IndexWriter = opened[IndexName.DOCUMENTS].writer(heap_bytes, threads)
            self._pages: IndexWriter = opened[IndexName.PAGES].writer(heap_bytes, threads)
            for writer in (self._pages, self._documents):
                # A writer that was killed leaves files whose names the next one would choose again.
                writer.garbage_collect_files()

    def replace(self, document: IndexDocument) -> None:
        """Put a document and its pages in the place of what there is of it. Raises NotAdmittedError."""
        entry, pages = admit(document)
        written, written_pages = _to_tantivy(entry), [_to_tantivy(page) for page in pages]
        with storage_errors(self._folder):
            self._delete(document.id)
            for page in written_pages:
                self._pages.add_document(page)
            self._documents.add_document(written)

    def remove(self, document_id: str) -> None:
        with storage_errors(self._folder):
            self._delete(document_id)

    def commit(self) -> None:
        """Make everything until now durable."""
        with storage_errors(self._folder):
            self._pages.commit()
            self._documents.commit()

    def _delete(self, document_id: str) -> None:
        self._pages.delete_documents_by_term("document", document_id)
        self._documents.delete_documents_by_term("id", document_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        writers = (self._pages, self._documents)
        if error is None:
            with storage_errors(self._folder):
                for writer in writers:
                    # Without it every write would leave a segment, and the index would fall to pieces.
                    writer.wait_merging_threads()
            return
        for writer in writers:
            with suppress(ValueError):  # a writer that has died, of a full disk for example, has nothing to roll back
                writer.rollback()
                writer.garbage_collect_files()


def _to_tantivy(entry: Entry) -> Document:
    # Without a schema: what was admitted fits.
    return Document.from_dict(entry.fields | {"stored": entry.stored()})
