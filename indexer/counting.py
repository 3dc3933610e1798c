"""Counting documents by their words, whoever may read them: for those who run the hub, never for a page of results."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.clauses import documents_body
from indexer.hub import Hub
from indexer.model import Facet, Sort
from indexer.query import Either, Node, Phrase, TextField, Word
from indexer.schema import IndexName


@dataclass(frozen=True, slots=True)
class Counted:
    """How many documents hold the words, and how many of them have the value of the facet."""

    documents: int
    with_value: int


def count_naming(hub: Hub, name: str, facet: Facet, value: str) -> Counted:
    """Return how many documents of the index hold a name, its words in this order, in their title or their text.

    Words are compared as in every search, reduced to stems. Raises EngineUnavailableError, IndexOutdatedError.
    """
    stems = tuple(hub.analyzer.stems(name))
    if not stems:
        return Counted(0, 0)
    root = Either(tuple(_named(stems, name, field) for field in (TextField.TITLE, TextField.BODY)))
    body = documents_body(hub.templates, root, {}, {"match_all": {}}, sort=Sort.RELEVANCE, offset=0, size=0)
    response = hub.engine.search(IndexName.DOCUMENTS, [body])[0]
    buckets = response["aggregations"][facet.value]["buckets"]
    counts = {str(bucket["key"]): int(bucket["doc_count"]) for bucket in buckets}
    return Counted(int(response["hits"]["total"]["value"]), counts.get(value, 0))


def _named(stems: tuple[str, ...], name: str, field: TextField) -> Node:
    return Word(stems[0], name, field) if len(stems) == 1 else Phrase(stems, field)
