"""What `indexer` asks of a search engine. Both engines pass one contract suite.

A *generation* is one complete pair of indices (documents, pages), written beside the live one and then switched to
atomically. The catalogue remembers what each generation holds; the engine can be asked, too (`revisions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from indexer.schema import IndexName

# A request body or a response in the form of Elasticsearch's search API.
Body = Mapping[str, Any]
Response = dict[str, Any]

# What a body may hold on both engines. Clauses are counted with those that hold others; the depth is that of clauses
# inside clauses, from 1. Both engines refuse more depth and longer prefixes; Elasticsearch takes some thousand clauses.
MAX_CLAUSES = 1_024
MAX_DEPTH = 30
MAX_PREFIX_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Generation:
    """One pair of indices. `version` is `index_version()` of the code that wrote it."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """A document as it is written: fields of `documents`, and of each of its `pages` (by `schema.SCHEMA`).

    `id`, `revision` and `access_revision` stand in `fields` as well.
    """

    id: str
    revision: int
    access_revision: int
    fields: Mapping[str, Any]
    pages: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Removal:
    """A document that must not be found any more, with all its pages."""

    id: str


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What a write did: ids that are now durable, and why others are not (id to reason)."""

    written: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexedRevision:
    """What an index holds of one document."""

    id: str
    revision: int
    access_revision: int
    pages: int


class Engine(Protocol):
    """A search engine. Every method raises EngineUnavailableError when the engine cannot be reached or is not ready,
    StorageFullError when its disk is full, SearchRefusedError for a body that it does not understand."""

    name: str

    def live(self) -> Generation | None:
        """Return the generation that is searched now, or None when there is none yet."""
        ...

    def generations(self) -> list[Generation]:
        """Return every generation that exists, live or not, oldest first."""
        ...

    def create(self, version: str) -> Generation:
        """Make a new, empty generation beside the live one and return it. It is not searched yet."""
        ...

    def write(self, generation: Generation, batch: Iterable[IndexDocument | Removal]) -> WriteReport:
        """Replace or remove documents and their pages. Durable and visible to `search` when it returns.

        Pages that a former revision had and this one has not are gone afterwards. Repeating a write changes nothing.
        In one batch the last word on a document counts. The batch is read once, and memory does not grow with it.
        A document that the engine refuses is named in the report and does not stop the others. After any other
        failure, or a crash, some of the batch may be written: write it again.

        The engine does not know which revision is newer: who writes holds the catalogue's lock of the generation.
        Raises LockedError where the engine sees that another process is writing it, IndexOutdatedError when there is
        no such generation.
        """
        ...

    def activate(self, generation: Generation) -> None:
        """Switch searches to `generation`, both indices at once. A search sees one or the other, never neither."""
        ...

    def drop(self, generation: Generation) -> None:
        """Delete a generation that is not live; searches that still run on it end normally. It may be gone already.

        Raises UsageError when it is live, LockedError where the engine sees that another process is writing it.
        """
        ...

    def search(self, index: IndexName, bodies: Sequence[Body]) -> list[Response]:
        """Answer each body on the live generation, in order. Raises IndexOutdatedError when there is none.

        The clauses that both engines understand are in `embedded_query`, aggregations in `embedded_facets`. Totals are
        exact unless `track_total_hits` is false; scores mean the same on both engines. One refused body refuses all.
        """
        ...

    def revisions(self, generation: Generation) -> Iterator[IndexedRevision]:
        """Yield what the generation holds of each document, in order of id: what `index check` compares."""
        ...

    def close(self) -> None: ...
