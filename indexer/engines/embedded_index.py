"""One tantivy index: its schema, and how it is read while others write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tantivy import Index, Query, Schema, SchemaBuilder, Searcher

from indexer.engines.admission import KINDS
from indexer.schema import LABEL_FIELDS, FieldKind, IndexName

_META = "meta.json"
# As many as tantivy counts in one pass.
_MOST_LABELS = 65_000


def create_index(path: Path, name: IndexName) -> None:
    """Make an empty index in a folder that is made for it."""
    path.mkdir()
    Index(_schema(name), path=str(path), reuse=False)


def _schema(name: IndexName) -> Schema:
    builder = SchemaBuilder()
    for field, kind in KINDS[name].items():
        match kind:
            case FieldKind.STEMS:
                builder.add_text_field(field, tokenizer_name="whitespace", index_option="position")
            case FieldKind.WORDS:
                builder.add_text_field(field, tokenizer_name="whitespace", index_option="basic")
            case FieldKind.KEYWORD:
                builder.add_text_field(
                    field, stored=field == "id", fast=True, tokenizer_name="raw", index_option="basic"
                )
            case FieldKind.INTEGER:
                builder.add_integer_field(field, indexed=True, fast=True)
            case FieldKind.STORED:
                builder.add_bytes_field(field, stored=True)
    return builder.build()


@dataclass(frozen=True, slots=True)
class View:
    """What had been committed to an index at one moment."""

    index: Index
    kinds: Mapping[str, FieldKind]
    searcher: Searcher
    _labels: dict[str, frozenset[str] | None]

    def labels_in_use(self, field: str) -> frozenset[str] | None:
        """Return the values of a field of labels that some document has; None for other fields, and for too many."""
        if field not in LABEL_FIELDS:
            return None
        if field not in self._labels:
            terms = {"field": field, "size": _MOST_LABELS, "segment_size": _MOST_LABELS}
            counted = self.searcher.aggregate(Query.all_query(), {"labels": {"terms": terms}})["labels"]
            few = frozenset(bucket["key"] for bucket in counted["buckets"])
            self._labels[field] = few if not counted["sum_other_doc_count"] else None
        return self._labels[field]


class ReadableIndex:
    """An index that is open for searching in this process. Shared by threads."""

    def __init__(self, path: Path, name: IndexName) -> None:
        self.kinds: Mapping[str, FieldKind] = KINDS[name]
        self._meta = path / _META
        self._seen = self._state()
        self.index = Index.open(str(path))
        # The hub reloads at each request; tantivy's own watching would be half a second late.
        self.index.config_reader("manual")
        self._view = self._new_view()

    def view(self) -> View:
        """Return what has been committed by now. Raises FileNotFoundError when the index is gone."""
        state = self._state()
        if state != self._seen:
            self._view = self._new_view()
            self._seen = state
        return self._view

    def _new_view(self) -> View:
        self.index.reload()
        return View(self.index, self.kinds, self.index.searcher(), {})

    def _state(self) -> tuple[int, int, int]:
        # tantivy replaces the file at each commit and merge.
        status = self._meta.stat()
        return status.st_ino, status.st_mtime_ns, status.st_size
