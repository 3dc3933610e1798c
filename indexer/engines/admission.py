"""What an index may hold: checked before either engine sees a document, so that both refuse the same and say why.

The engines alone would differ: tantivy drops a field that it does not know without a word, Elasticsearch takes "2018"
for a number.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from indexer.engines.base import IndexDocument
from indexer.schema import SCHEMA, FieldKind, IndexName

# Lucene's longest term, in bytes; tantivy's is twice that.
MAX_KEYWORD_BYTES = 32_766
# Elasticsearch's longest `_id`, in bytes.
MAX_ID_BYTES = 512
# Elasticsearch's whitespace analyzer cuts longer words in pieces: here they are cut off for both engines.
MAX_WORD_CHARACTERS = 255
# Stands alone in a ranked field of a document that has no such text. Lucene counts for its statistics only documents
# that have the field, tantivy all of them: with this, both count all, and scores are equal. Analysis never yields it.
NO_TEXT = "\u2205"

KINDS: dict[IndexName, dict[str, FieldKind]] = {
    index: {field.name: field.kind for field in fields} for index, fields in SCHEMA.items()
}
_STEMS = {index: [name for name, kind in kinds.items() if kind is FieldKind.STEMS] for index, kinds in KINDS.items()}
_TEXT_KINDS = (FieldKind.STEMS, FieldKind.WORDS)
_TEXTS = {index: {name for name, kind in kinds.items() if kind in _TEXT_KINDS} for index, kinds in KINDS.items()}
_INTEGERS = range(-(2**63), 2**63)
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class NotAdmittedError(Exception):
    """A document cannot be indexed; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an index, complete and checked."""

    fields: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.fields["id"])

    def stored(self) -> bytes:
        """Return `stored` alone as JSON. Raises NotAdmittedError."""
        return _as_json(self.fields.get("stored", {}))

    def all_fields(self) -> bytes:
        """Return everything as JSON. Raises NotAdmittedError."""
        return _as_json(self.fields)


def admit(document: IndexDocument) -> tuple[Entry, list[Entry]]:
    """Return a document and its pages as both engines write them. Raises NotAdmittedError."""
    fields = document.fields
    if fields.get("id") != document.id:
        raise NotAdmittedError("the field id is not the id of the document")
    for name in ("revision", "access_revision"):
        if fields.get(name) != getattr(document, name):
            raise NotAdmittedError(f"the field {name} is not the {name} of the document")
    entry = _admitted(IndexName.DOCUMENTS, fields)
    pages = []
    for page in document.pages:
        if page.get("document") != document.id:
            raise NotAdmittedError("the field document of a page is not the id of the document")
        pages.append(_admitted(IndexName.PAGES, page))
    if len({page.id for page in pages}) < len(pages):
        raise NotAdmittedError("two pages have the same id")
    return entry, pages


def _admitted(index: IndexName, fields: Mapping[str, Any]) -> Entry:
    checks = _CHECKS[index]
    for name, value in fields.items():
        check = checks.get(name)
        if check is None:
            raise NotAdmittedError(f"the index {index.value} has no field {name}")
        reason = check(value)
        if reason is not None:
            raise NotAdmittedError(f"the field {name} {reason}")
    document_id = fields.get("id")
    if not isinstance(document_id, str) or not 0 < len(document_id.encode()) <= MAX_ID_BYTES:
        raise NotAdmittedError(f"the field id is not one string of 1 to {MAX_ID_BYTES} bytes")
    complete = dict(fields)
    for name in _TEXTS[index] & fields.keys():
        if _has_long_word(fields[name]):
            complete[name] = " ".join(word[:MAX_WORD_CHARACTERS] for word in fields[name].split())
    for name in _STEMS[index]:
        if not complete.get(name, "").strip():
            complete[name] = NO_TEXT
    return Entry(complete)


def _as_json(value: Any) -> bytes:
    try:
        return _JSON.encode(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        # Everything else was checked: only what is stored can be at fault.
        raise NotAdmittedError(f"the field stored cannot be written as JSON: {error}") from error


def _refused_text(value: Any) -> str | None:
    if not isinstance(value, str):
        return "is not a string"
    if value.isascii():
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return "holds a character that is not Unicode"
    return None


def _has_long_word(text: str) -> bool:
    """Say whether a word of a text is too long, looking only for the last space of each stretch of that length."""
    start, last = 0, len(text) - MAX_WORD_CHARACTERS
    while start < last:
        space = text.rfind(" ", start, start + MAX_WORD_CHARACTERS + 1)
        if space < 0:
            return True
        start = space + 1
    return False


def _refused_keywords(value: Any) -> str | None:
    for keyword in value if isinstance(value, list | tuple) else (value,):
        reason = _refused_text(keyword)
        if reason is not None:
            return reason
        # A character takes at most 4 bytes: only long values need to be counted.
        if len(keyword) > MAX_KEYWORD_BYTES // 4 and len(keyword.encode()) > MAX_KEYWORD_BYTES:
            return f"is longer than {MAX_KEYWORD_BYTES} bytes"
    return None


def _refused_integers(value: Any) -> str | None:
    for number in value if isinstance(value, list | tuple) else (value,):
        # A bool is an int to Python and to tantivy, not to Elasticsearch.
        if type(number) is not int or number not in _INTEGERS:
            return "is not an integer of 64 bits"
    return None


def _refused_object(value: Any) -> str | None:
    return None if isinstance(value, Mapping) else "is not an object"


_CHECKS_BY_KIND: dict[FieldKind, Callable[[Any], str | None]] = {
    FieldKind.STEMS: _refused_text,
    FieldKind.WORDS: _refused_text,
    FieldKind.KEYWORD: _refused_keywords,
    FieldKind.INTEGER: _refused_integers,
    FieldKind.STORED: _refused_object,
}
_CHECKS = {index: {name: _CHECKS_BY_KIND[kind] for name, kind in kinds.items()} for index, kinds in KINDS.items()}
