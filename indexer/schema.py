"""The fields of the two indices, declared once for both engines.

`documents` answers what and how many; `pages` answers where. Text is analysed before it gets here (`indexer.analysis`):
engines split it at white space and do nothing else to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from indexer.analysis import ANALYSIS_VERSION

# Raised when a field, also one of what is stored, is added or changes its kind: a generation written under another
# number is rebuilt.
SCHEMA_VERSION = 3


def index_version(analysis_version: str = ANALYSIS_VERSION) -> str:
    """Return what a generation must have been written with to be searched by this code.

    `analysis_version` is that of the analyzer in use: other root words give other stems.
    """
    return f"{SCHEMA_VERSION}-{analysis_version}"


class FieldKind(StrEnum):
    STEMS = "stems"  # space-joined stems, with positions: ranked, phrases
    WORDS = "words"  # space-joined folded words, no positions, no norms: prefixes and suggestions
    KEYWORD = "keyword"  # exact strings, one or several: filters, facets, sorting
    INTEGER = "integer"  # signed 64 bits: filters, facets, sorting
    STORED = "stored"  # a JSON object returned with a hit, not searchable


class IndexName(StrEnum):
    DOCUMENTS = "documents"
    PAGES = "pages"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: FieldKind


def _fields(kind: FieldKind, *names: str) -> tuple[Field, ...]:
    return tuple(Field(name, kind) for name in names)


# Fields of access labels: a viewer may have some hundreds of them, most of which no document has.
LABEL_FIELDS = ("access", "keeper", "newer_access", "newer_embargoed")

# Every index has a KEYWORD field `id` (unique) and a STORED field `stored`.
SCHEMA: dict[IndexName, tuple[Field, ...]] = {
    IndexName.DOCUMENTS: (
        *_fields(FieldKind.KEYWORD, "id"),
        *_fields(FieldKind.STEMS, "title", "body", "abstract", "subjects", "authors", "issuer", "number"),
        *_fields(FieldKind.WORDS, "title_words", "body_words"),
        *_fields(FieldKind.KEYWORD, "kind", "theme", "province", "organisation", "group", "priority", "language"),
        *_fields(FieldKind.INTEGER, "year"),
        # Who may read it, and who may read what supersedes it, and so finds that instead (indexer.supersession).
        *_fields(FieldKind.KEYWORD, *LABEL_FIELDS),
        *_fields(FieldKind.INTEGER, "embargo_until", "revision", "access_revision"),
        *_fields(FieldKind.INTEGER, "newer_embargo_until"),
        # Sort keys end in the id, so that one key orders everything; documents without a date come last both ways.
        *_fields(FieldKind.KEYWORD, "newest_key", "oldest_key", "title_key"),
        *_fields(FieldKind.STORED, "stored"),
    ),
    IndexName.PAGES: (
        *_fields(FieldKind.KEYWORD, "id", "document"),
        *_fields(FieldKind.INTEGER, "page_number"),
        *_fields(FieldKind.STEMS, "body", "across"),
        *_fields(FieldKind.WORDS, "body_words"),
        *_fields(FieldKind.STORED, "stored"),
    ),
}
