"""The domain model: what the hub knows of a document, with where each statement comes from.

Plain frozen values. `holdings.tables` stores them, `holdings.documents` and `holdings.arrivals` read and write them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from holdings.access import Access
from holdings.errors import FileOutcome
from holdings.states import State

# How the name of the reader begins that recognises text in pictures.
OCR_READER = "tesseract"
# Stands where a reader would for a text that was destroyed: it has no pages, and all documents without text share it.
NO_READER = "removed"


class PageUnit(StrEnum):
    """What people call one part of a document when they cite it."""

    PAGE = "page"
    SLIDE = "slide"
    SHEET = "sheet"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of text, in reading order. `number` counts from 1 without gaps.

    `reader` is who read the page, with version, where it was another than the text's own reader. `scan` says that the
    page is a picture of text, or one under an old bad text, that waits for character recognition (OCR).
    """

    number: int
    unit: PageUnit
    text: str
    reader: str | None = None
    scan: bool = False

    @property
    def by_ocr(self) -> bool:
        """Say whether the text was recognised from a picture, and may hold its mistakes."""
        return self.reader is not None and self.reader.startswith(OCR_READER)


class Source(StrEnum):
    """Who says so: a person, or the hub itself."""

    DECLARED = "declared"
    INFERRED = "inferred"


class DocumentField(StrEnum):
    """What can be stated of a document; the values are the words of the JSON and of `document edit`."""

    TITLE = "title"
    KIND = "kind"
    DATE = "date"
    AUTHOR = "authors"
    ORGANISATION = "organisation"
    NUMBER = "number"
    LANGUAGE = "language"
    THEME = "themes"
    PROVINCE = "provinces"
    PRIORITY = "priorities"
    ABSTRACT = "abstract"
    LICENCE = "licence"


MANY_VALUED = frozenset(
    {
        DocumentField.AUTHOR,
        DocumentField.ORGANISATION,
        DocumentField.THEME,
        DocumentField.PROVINCE,
        DocumentField.PRIORITY,
    }
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a statement is read from: a page (None for the file's own metadata or its name) and the words there."""

    page: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One value of one field. `confidence` runs from 0 to 1 and is 1 for what a person declared."""

    field: DocumentField
    value: str
    source: Source
    confidence: float = 1.0
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes that the hub keeps, and the names under which they came."""

    sha256: str
    size: int
    media_type: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a file, as it stands in the file store.

    `reader` is who reads the format, with versions; `readers` are all who read a page of it, with how many they read.
    `scans` are the numbers of the pages that wait for OCR. `file_sha256` is the file that it was read from.
    """

    sha256: str
    pages: int
    pages_without_text: int
    characters: int
    reader: str
    truncated: tuple[str, ...] = ()
    file_sha256: str | None = None
    readers: tuple[tuple[str, int], ...] = ()
    scans: tuple[int, ...] = ()

    @property
    def was_destroyed(self) -> bool:
        """Say whether this stands in the place of a text that was destroyed on purpose."""
        return self.reader == NO_READER

    @property
    def pages_by_ocr(self) -> int:
        return sum(number for reader, number in self.readers if reader.startswith(OCR_READER))


@dataclass(frozen=True, slots=True)
class Document:
    """One edition in one language, as the catalogue knows it."""

    id: str
    work_id: str
    statements: tuple[Statement, ...]
    files: tuple[StoredFile, ...]
    text: Text
    access: Access
    revision: int
    access_revision: int
    created_at: datetime
    updated_at: datetime
    removed_at: datetime | None = None
    published_at: datetime | None = None
    contributor_id: str | None = None

    @property
    def state(self) -> State:
        return self.access.state

    @property
    def edition(self) -> str:
        """Return what changes whenever somebody saves the document: a form gives it back as it was opened with."""
        return f"{self.revision}.{self.access_revision}"

    def stated(self, field: DocumentField) -> tuple[Statement, ...]:
        """Return the statements that count for a field: what a person declared, else what the hub inferred.

        An empty value is how a person declares that there is none, whatever was inferred.
        """
        declared = tuple(s for s in self.statements if s.field is field and s.source is Source.DECLARED)
        return tuple(s for s in declared or self.statements if s.field is field and s.value)

    def values(self, field: DocumentField) -> tuple[str, ...]:
        return tuple(statement.value for statement in self.stated(field))

    def value(self, field: DocumentField) -> str | None:
        """Return the value of a field that has one: the surest statement, the first of equals."""
        stated = self.stated(field)
        return max(stated, key=lambda s: s.confidence).value if stated else None

    @property
    def title(self) -> str:
        return self.value(DocumentField.TITLE) or (
            self.files[0].names[0] if self.files and self.files[0].names else self.id
        )

    @property
    def language(self) -> str:
        return self.value(DocumentField.LANGUAGE) or "und"


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation of the field. `group` is a stakeholder group's id, None while nobody has said."""

    id: str
    name_id: str
    name_en: str
    acronym: str | None = None
    group: str | None = None
    description_id: str = ""
    description_en: str = ""
    website: str = ""
    quota_mb: int | None = None

    def description(self, language: str) -> str:
        """Return who the organisation is, in the language if it was written in it, else in the other."""
        both = (self.description_id, self.description_en)
        first, second = both if language == "id" else reversed(both)
        return first or second

    def label(self, language: str) -> str:
        name = self.name_en if language == "en" else self.name_id
        return f"{name} ({self.acronym})" if self.acronym and self.acronym != name else name


@dataclass(frozen=True, slots=True)
class FailureReport:
    """Why a file is not in the hub, for machines (`code`) and people."""

    code: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Declared:
    """What the one who adds a file states of it, from the command line or a row of a metadata file.

    `unreadable` says why it cannot be known who may read the file: then it must not be ingested. `state` is where its
    document begins, `space` the organisation whose space keeps it, `contributor` the account that put it in. What has a
    contributor always becomes a document of its own: whether it is a copy is for the contributor to decide.
    """

    statements: tuple[Statement, ...] = ()
    access: tuple[str, ...] = ()
    embargo_until: datetime | None = None
    unreadable: str | None = None
    state: State = State.PUBLISHED
    space: str | None = None
    contributor: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file's way into the hub: recorded before anything else happens to it, and its receipt when it has ended.

    `path` is the path as it was walked from what was given, `location` the absolute one. A file that was in an archive
    has `archive.zip!/inner.pdf` for both, and `archive_id` is the arrival of the outermost archive.
    """

    id: int
    path: str
    location: str
    declared: Declared
    received_at: datetime
    sha256: str | None = None
    media_type: str | None = None
    text: Text | None = None
    outcome: FileOutcome | None = None
    document_id: str | None = None
    seconds: float = 0.0
    error: FailureReport | None = None
    attempts: int = 0
    finished_at: datetime | None = None
    archive_id: int | None = None


def receipt_line(arrival: Arrival) -> Mapping[str, object]:
    """Return a file's line as the contract has it: one JSON object for each file."""
    text = arrival.text
    return {
        "path": arrival.path,
        "sha256": arrival.sha256,
        "outcome": arrival.outcome.value if arrival.outcome else None,
        "document_id": arrival.document_id,
        "pages": text.pages if text else 0,
        "pages_without_text": text.pages_without_text if text else 0,
        "pages_by_ocr": text.pages_by_ocr if text else 0,
        "pages_awaiting_ocr": len(text.scans) if text else 0,
        "readers": dict(text.readers) if text else {},
        "truncated": list(text.truncated) if text else [],
        "seconds": round(arrival.seconds, 3),
        "error": (
            {"code": arrival.error.code, "message": arrival.error.message, "advice": arrival.error.advice}
            if arrival.error
            else None
        ),
    }
