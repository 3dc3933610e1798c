"""What `index check` compares: one entry a document, from what both indices hold."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import groupby

from indexer.engines.base import IndexedRevision


def merged(documents: Iterable[tuple[str, int, int]], pages: Iterable[tuple[str, int]]) -> Iterator[IndexedRevision]:
    """Yield an entry for each id, from revisions and counts of pages that both come in order of id.

    Pages of a document that is not there give an entry of revision 0: the check finds that it differs.
    """
    revisions = ((document_id, revision, access_revision, 0) for document_id, revision, access_revision in documents)
    counts = ((document_id, 0, 0, count) for document_id, count in pages)
    together = heapq.merge(revisions, counts, key=lambda entry: entry[0])
    for document_id, entries in groupby(together, key=lambda entry: entry[0]):
        columns = list(zip(*entries, strict=True))[1:]
        revision, access_revision, page_count = (sum(column) for column in columns)
        yield IndexedRevision(document_id, revision, access_revision, page_count)
