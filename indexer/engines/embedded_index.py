"""One tantivy index: its schema, and how it is read while others write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tantivy import Index, Schema, SchemaBuilder, Searcher

from indexer.engines.admission import KINDS
from indexer.schema import FieldKind, IndexName

_META = "meta.json"


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


class ReadableIndex:
    """An index that is open for searching in this process. Shared by threads."""

    def __init__(self, path: Path, name: IndexName) -> None:
        self.kinds: Mapping[str, FieldKind] = KINDS[name]
        self._meta = path / _META
        self._seen = self._state()
        self.index = Index.open(str(path))
        # The hub reloads at each request; tantivy's own watching would be half a second late.
        self.index.config_reader("manual")
        self.index.reload()

    def searcher(self) -> Searcher:
        """Return a view of what has been committed by now. Raises FileNotFoundError when the index is gone."""
        state = self._state()
        if state != self._seen:
            self.index.reload()
            self._seen = state
        return self.index.searcher()

    def _state(self) -> tuple[int, int, int]:
        # tantivy replaces the file at each commit and merge.
        status = self._meta.stat()
        return status.st_ino, status.st_mtime_ns, status.st_size
