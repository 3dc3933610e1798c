"""What goes into `discover()` and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from holdings.access import Viewer

Language = Literal["id", "en"]


class Facet(StrEnum):
    """The facets, in the order in which they are shown; the value is also the field's name in the index."""

    KIND = "kind"
    THEME = "theme"
    PROVINCE = "province"
    ORGANISATION = "organisation"
    GROUP = "group"
    PRIORITY = "priority"
    LANGUAGE = "language"
    YEAR = "year"


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"


MAX_SIZE = 100
DEFAULT_SIZE = 10
# How far a list can be paged through, as in Elasticsearch's `index.max_result_window`.
MAX_WINDOW = 10_000


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search. `filters` are values by facet; a value of `year` is `2018` or `2015..2020`, either end may be left out.

    Values of one facet are alternatives (OR), facets narrow each other (AND).
    """

    query: str = ""
    filters: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    size: int = DEFAULT_SIZE
    viewer: Viewer = field(default_factory=Viewer)
    label_language: Language = "id"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the person should know about how the search was understood. `code` is stable."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text that matched: character offsets, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Snippet:
    """A short stretch of a page, white space folded, with the words that matched marked."""

    text: str
    marks: tuple[Mark, ...]
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class PageHit:
    page: int
    unit: str
    snippet: Snippet
    by_ocr: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found. `page_hits` are its best pages, best first, empty where only metadata matched.

    `inferred` are the names of the fields whose values the hub inferred, where no person declared any.
    """

    document_id: str
    title: str
    kind: str | None
    date: str | None
    language: str
    score: float | None
    page_hits: tuple[PageHit, ...]
    pages: int
    organisations: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    abstract: str | None = None
    media_type: str | None = None
    title_marks: tuple[Mark, ...] = ()
    inferred: tuple[str, ...] = ()
    title_by_ocr: bool = False


@dataclass(frozen=True, slots=True)
class FacetValue:
    id: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """The answer. `facets` has every facet, most frequent value first; selected values are always in it."""

    total: int
    took_ms: int
    engine: str
    hits: tuple[Hit, ...]
    facets: Mapping[Facet, tuple[FacetValue, ...]]
    notes: tuple[Note, ...]
    page: int
    size: int
