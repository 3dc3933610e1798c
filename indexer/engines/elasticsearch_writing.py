"""Writing into a generation of the Elasticsearch engine, a few megabytes at a time.

Pages are written before the documents that they belong to: whatever happens between the two, the document still has
its old revision, and writing it again puts everything right. Pages that a document has no more are deleted by their
ids, which are looked up before (where `_delete_by_query` is missing, this works as well).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from indexer.engines.admission import NotAdmittedError, admit
from indexer.engines.base import IndexDocument, Removal, WriteReport
from indexer.engines.elasticsearch_errors import elasticsearch_errors, meaning
from indexer.model import MAX_WINDOW

# What is sent together, and at the same time: one portion is prepared here while the server works on another.
_PORTION_BYTES = 4 * 1024 * 1024
_PORTION_DOCUMENTS = 500
_AT_THE_SAME_TIME = 2
_REQUEST_ACTIONS = 2_000
_REQUEST_BYTES = 10 * 1024 * 1024
_RETRIES = 3
_RETRY_SECONDS = 0.5
# Too large for the server, or not fitting the mapping: the document's own fault, and trying again changes nothing.
_OWN_FAULT = (400, 413)

# The operation and the index entry as JSON, as the bulk API has them in two lines; None for a deletion.
Action = tuple[dict[str, Any], bytes | None]


@dataclass(frozen=True, slots=True)
class _Written:
    """A document as it is sent: its fields, and those of its pages by their ids, as JSON."""

    fields: bytes
    pages: dict[str, bytes]

    @classmethod
    def of(cls, document: IndexDocument) -> _Written:
        entry, pages = admit(document)
        return cls(entry.all_fields(), {page.id: page.all_fields() for page in pages})


@dataclass(slots=True)
class _Portion:
    """What is sent together: documents by id, None for one that is removed. The last word on an id counts."""

    entries: dict[str, _Written | None] = field(default_factory=dict)
    size: int = 0

    def add(self, document_id: str, written: _Written | None) -> None:
        self.entries[document_id] = written
        if written is not None:
            self.size += len(written.fields) + sum(map(len, written.pages.values()))

    @property
    def is_full(self) -> bool:
        return self.size >= _PORTION_BYTES or len(self.entries) >= _PORTION_DOCUMENTS


def write_batch(
    client: Elasticsearch, documents: str, pages: str, batch: Iterable[IndexDocument | Removal]
) -> WriteReport:
    """Write into the two indices, and return when everything is durable and can be searched."""
    sender = _Sender(client, documents, pages)
    # What a write that crashed has left unseen is looked up, too.
    sender.refresh()
    failed: dict[str, str] = {}
    sent: dict[str, None] = {}
    with ThreadPoolExecutor(_AT_THE_SAME_TIME, thread_name_prefix="elasticsearch-write") as pool:
        under_way: deque[Future[dict[str, str]]] = deque()
        for portion in _portions(batch, failed):
            comes_again = not sent.keys().isdisjoint(portion.entries)
            while under_way and (comes_again or len(under_way) >= _AT_THE_SAME_TIME):
                failed |= under_way.popleft().result()
            if comes_again:
                sender.refresh()
            sent |= dict.fromkeys(portion.entries)
            under_way.append(pool.submit(sender.send, portion))
        for future in under_way:
            failed |= future.result()
    sender.refresh()
    return WriteReport(tuple(document_id for document_id in sent if document_id not in failed), failed)


def _portions(batch: Iterable[IndexDocument | Removal], failed: dict[str, str]) -> Iterator[_Portion]:
    """Yield what `batch` holds in portions; note in `failed` what is not admitted."""
    portion = _Portion()
    for entry in batch:
        try:
            portion.add(entry.id, None if isinstance(entry, Removal) else _Written.of(entry))
        except NotAdmittedError as reason:
            failed[entry.id] = str(reason)
        if portion.is_full:
            yield portion
            portion = _Portion()
    if portion.entries:
        yield portion


@dataclass(frozen=True, slots=True)
class _Sender:
    """Sends portions to the two indices of a generation."""

    client: Elasticsearch
    documents: str
    pages: str

    def refresh(self) -> None:
        """Make what was written visible, pages first."""
        with elasticsearch_errors():
            self.client.indices.refresh(index=self.pages)
            self.client.indices.refresh(index=self.documents)

    def send(self, portion: _Portion) -> dict[str, str]:
        """Write a portion; return why documents were refused, by id."""
        with elasticsearch_errors():
            owners = self._indexed_pages(list(portion.entries))
            actions = self._page_actions(portion, owners)
            refused = {owners[page_id]: reason for page_id, reason in self._bulk(actions).items()}
            return refused | self._bulk(self._document_actions(portion, refused))

    def _page_actions(self, portion: _Portion, owners: dict[str, str]) -> list[Action]:
        """Return what to do about pages; `owners` are the indexed ones with their documents, and get the new ones."""
        stale = set(owners)
        actions: list[Action] = []
        for document_id, written in portion.entries.items():
            for page_id, fields in written.pages.items() if written else ():
                owners[page_id] = document_id
                stale.discard(page_id)
                actions.append(({"index": {"_index": self.pages, "_id": page_id}}, fields))
        actions += [({"delete": {"_index": self.pages, "_id": page_id}}, None) for page_id in sorted(stale)]
        return actions

    def _document_actions(self, portion: _Portion, refused: Container[str]) -> Iterator[Action]:
        for document_id, written in portion.entries.items():
            target = {"_index": self.documents, "_id": document_id}
            if written is None:
                yield {"delete": target}, None
            elif document_id not in refused:
                yield {"index": target}, written.fields

    def _indexed_pages(self, document_ids: list[str]) -> dict[str, str]:
        """Return the pages that the index holds of documents: the id of the page, and of its document."""
        found: dict[str, str] = {}
        after: list[Any] | None = None
        while True:
            answer = self.client.search(
                index=self.pages,
                query={"terms": {"document": document_ids}},
                sort=[{"id": "asc"}],
                search_after=after,
                size=MAX_WINDOW,
                source=False,
                docvalue_fields=[{"field": "document"}],
                track_total_hits=False,
            )
            hits = answer["hits"]["hits"]
            found |= {hit["_id"]: hit["fields"]["document"][0] for hit in hits}
            if len(hits) < MAX_WINDOW:
                return found
            after = hits[-1]["sort"]

    def _bulk(self, actions: Iterable[Any]) -> dict[str, str]:
        """Do these (each an Action); return why some were refused, by `_id`. Raises what is nobody's own fault."""
        refused: dict[str, str] = {}
        for done, result in streaming_bulk(
            self.client,
            actions,
            expand_action_callback=_as_it_is,
            chunk_size=_REQUEST_ACTIONS,
            max_chunk_bytes=_REQUEST_BYTES,
            raise_on_error=False,
            raise_on_exception=False,
            max_retries=_RETRIES,
            initial_backoff=_RETRY_SECONDS,
        ):
            ((verb, answer),) = result.items()
            status = answer.get("status", 500)
            if done or (verb == "delete" and status == 404):
                continue
            if status not in _OWN_FAULT:
                raise meaning(status, answer)
            refused[answer["_id"]] = str(meaning(status, answer))
        return refused


def _as_it_is(action: Any) -> Any:
    return action
