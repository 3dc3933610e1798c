"""What an embedded index holds of each document, read from its columns a few thousand at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tantivy import Query, Searcher

from indexer.engines.base import IndexedRevision
from indexer.engines.revisions import merged

_AT_ONCE = 10_000


def revisions_of(documents: Searcher, pages: Searcher) -> Iterator[IndexedRevision]:
    """Yield an entry for each id that either index holds, in order of id."""
    held = (
        (key["id"], key["revision"], key["access_revision"])
        for key, _ in _groups(documents, "id", "revision", "access_revision")
    )
    return merged(held, ((key["document"], count) for key, count in _groups(pages, "document")))


def _groups(searcher: Searcher, *fields: str) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Yield each combination of values of fields that no document lacks, in order, and how many documents have it."""
    composite: dict[str, Any] = {
        "size": _AT_ONCE,
        "sources": [{field: {"terms": {"field": field}}} for field in fields],
    }
    while True:
        answer = searcher.aggregate(Query.all_query(), {"groups": {"composite": composite}})["groups"]
        for bucket in answer["buckets"]:
            yield bucket["key"], int(bucket["doc_count"])
        if not answer["buckets"] or "after_key" not in answer:
            return
        composite["after"] = answer["after_key"]
