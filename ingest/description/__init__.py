"""Description: what a document says of itself when nobody states it: title, number, kind, date, authors, language.

Each statement is marked as inferred and carries its confidence and its evidence: the page and the words there. It is
read from the first and the last pages, and from the one on which a regulation was enacted; memory stays bounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from holdings.model import DocumentField, Evidence, Page, Source, Statement
from ingest.description.authors import authors_of
from ingest.description.dates import date_of, tells_enactment
from ingest.description.findings import Finding
from ingest.description.language import language_of
from ingest.description.regulations import Regulation, regulation_of
from ingest.description.titles import title_of
from ingest.model import FileMetadata

OPENING_PAGES = 3
CLOSING_PAGES = 3
# Enactment stands between a law and its elucidation, which may be long: such pages are kept wherever they are.
_ENACTMENT_PAGES = 3
# An opening page is a page or a section; of one without end, this much is enough.
_PAGE_CHARACTERS = 20_000


@dataclass(slots=True)
class Excerpts:
    """The pages that a description is read from, gathered while all pages stream by."""

    opening: list[Page] = field(default_factory=list)
    _enacting: list[Page] = field(default_factory=list)
    _last: deque[Page] = field(default_factory=lambda: deque(maxlen=CLOSING_PAGES))

    def add(self, page: Page) -> None:
        """Take a page into account; pages come in order."""
        if len(page.text) > 2 * _PAGE_CHARACTERS:
            text = f"{page.text[:_PAGE_CHARACTERS]}\n{page.text[-_PAGE_CHARACTERS:]}"
            page = Page(page.number, page.unit, text)
        if len(self.opening) < OPENING_PAGES:
            self.opening.append(page)
        else:
            self._last.append(page)
            if len(self._enacting) < _ENACTMENT_PAGES and tells_enactment(page.text):
                self._enacting.append(page)

    @property
    def closing(self) -> list[Page]:
        """The last pages and those before them that tell of an enactment, in order, without the opening ones."""
        by_number = {page.number: page for page in (*self._enacting, *self._last)}
        return [by_number[number] for number in sorted(by_number)]


def describe(
    opening: Sequence[Page], closing: Sequence[Page], metadata: FileMetadata, *, name: str, media_type: str
) -> list[Statement]:
    """Return what can be inferred of a document, at most one statement a field but for authors.

    `opening` are its first pages, `closing` others that may tell its date (`Excerpts` gathers both), `name` is the
    file's. A field of which nothing is known has no statement, but language, which then is `und`.
    """
    opening = tuple(opening)
    closing = tuple(page for page in closing if page not in opening)
    regulation = regulation_of(opening)
    authors = authors_of(regulation, opening, metadata, media_type)
    return [
        *_statements(DocumentField.TITLE, title_of(regulation, opening, metadata, name)),
        *_regulation(regulation),
        *_statements(DocumentField.DATE, date_of(regulation, (*opening, *closing), metadata)),
        *(statement for author in authors for statement in _statements(DocumentField.AUTHOR, author)),
        *_statements(DocumentField.LANGUAGE, language_of((*opening, *closing))),
    ]


def _regulation(regulation: Regulation | None) -> Iterator[Statement]:
    if regulation is None:
        return
    yield from _statements(DocumentField.NUMBER, regulation.number)
    yield from _statements(DocumentField.KIND, regulation.kind)


def _statements(document_field: DocumentField, finding: Finding | None) -> Iterator[Statement]:
    if finding is not None:
        evidence = (Evidence(finding.page, finding.words),) if finding.words else ()
        yield Statement(document_field, finding.value, Source.INFERRED, finding.confidence, evidence)
