"""Description: what a document says of itself when nobody states it, from its title to its themes.

Each statement is marked as inferred and carries its confidence and its evidence: pages and the words there. Title,
number, date and the like are read from the first and the last pages, and from the one on which a regulation was
enacted; themes and provinces from all pages as they stream by. Memory stays bounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from holdings.model import DocumentField, Evidence, Page, Source, Statement
from holdings.vocabularies import Vocabularies, load_vocabularies
from holdings.vocabularies.lookup import organisation_ids_by_name
from ingest.description.authors import authors_of
from ingest.description.cover import head_of
from ingest.description.dates import date_of, tells_enactment
from ingest.description.findings import Finding
from ingest.description.kinds import kind_of
from ingest.description.language import language_of
from ingest.description.organisations import organisation_of
from ingest.description.priorities import priorities_of, priority_lexicon
from ingest.description.provinces import Place, PlaceCount, place_lexicon, provinces_of
from ingest.description.regulations import regulation_of
from ingest.description.spotting import Lexicon, Words
from ingest.description.themes import ThemeCount, Told, theme_lexicon, themes_of
from ingest.description.titles import title_of
from ingest.model import FileMetadata

OPENING_PAGES = 3
CLOSING_PAGES = 3
# Enactment stands between a law and its elucidation, which may be long: such pages are kept wherever they are.
_ENACTMENT_PAGES = 3
# An opening page is a page or a section; of one without end, this much is enough.
_PAGE_CHARACTERS = 20_000
_SAMPLE_CHARACTERS = 2_000
_COUNTRY = "indonesia"


@dataclass(frozen=True, slots=True)
class _Lexica:
    """The vocabularies, made ready for spotting their terms."""

    vocabularies: Vocabularies
    themes: Lexicon[Told]
    places: Lexicon[Place]
    priorities: Lexicon[str]
    organisations: Mapping[str, str]


# One set of vocabularies is in use at a time; those of the last call are kept.
_made: list[_Lexica] = []


def _lexica(vocabularies: Vocabularies) -> _Lexica:
    if not _made or _made[0].vocabularies is not vocabularies:
        _made[:] = [
            _Lexica(
                vocabularies,
                theme_lexicon(theme for theme in vocabularies.themes.values() if not theme.retired),
                place_lexicon(vocabularies),
                priority_lexicon(vocabularies.priorities),
                organisation_ids_by_name(vocabularies),
            )
        ]
    return _made[0]


@cache
def _packaged() -> Vocabularies:
    return load_vocabularies()


@dataclass(slots=True)
class Excerpts:
    """What a description is read from, gathered while all pages stream by: a few pages, and counts of terms on all.

    `vocabularies` are the hub's, the packaged ones unless they are given.
    """

    vocabularies: Vocabularies = field(default_factory=_packaged)
    opening: list[Page] = field(default_factory=list)
    themes: ThemeCount = field(init=False)
    places: PlaceCount = field(init=False)
    names_country: bool = field(default=False, init=False)
    _sampled: list[Page] = field(default_factory=list)
    _enacting: list[Page] = field(default_factory=list)
    _last: deque[Page] = field(default_factory=lambda: deque(maxlen=CLOSING_PAGES))

    def __post_init__(self) -> None:
        lexica = _lexica(self.vocabularies)
        self.themes = ThemeCount(lexica.themes)
        self.places = PlaceCount(lexica.places)

    def add(self, page: Page) -> None:
        """Take a page into account; pages come in order."""
        words = Words.of(page.text)
        self.themes.add(page, words)
        self.places.add(page, words)
        self.names_country = self.names_country or _COUNTRY in words.folded
        if len(page.text) > 2 * _PAGE_CHARACTERS:
            text = f"{page.text[:_PAGE_CHARACTERS]}\n{page.text[-_PAGE_CHARACTERS:]}"
            page = Page(page.number, page.unit, text)
        if page.number & (page.number - 1) == 0:
            # Pages 1, 2, 4, 8, …: few, and from all parts.
            self._sampled.append(Page(page.number, page.unit, page.text[:_SAMPLE_CHARACTERS]))
        if len(self.opening) < OPENING_PAGES:
            self.opening.append(page)
        else:
            self._last.append(page)
            if len(self._enacting) < _ENACTMENT_PAGES and tells_enactment(page, words.folded):
                self._enacting.append(page)

    @property
    def sample(self) -> list[Page]:
        """Pages from all parts of the document, each its beginning only."""
        by_number = {page.number: page for page in (*self._sampled, *self.opening, *self._last)}
        return [by_number[number] for number in sorted(by_number)]

    @property
    def closing(self) -> list[Page]:
        """The last pages and those before them that tell of an enactment, in order, without the opening ones."""
        by_number = {page.number: page for page in (*self._enacting, *self._last)}
        return [by_number[number] for number in sorted(by_number)]


def describe(excerpts: Excerpts, metadata: FileMetadata, *, name: str, media_type: str) -> list[Statement]:
    """Return what can be inferred of a document whose pages `excerpts` has seen all; `name` is the file's.

    There is at most one statement a field, but for authors, themes, provinces and priorities. A field of which nothing
    is known has no statement, but language, which then is `und`, and kind, which then is `other`. An organisation is an
    id of the vocabulary, or a name where it is not known there.
    """
    vocabularies = excerpts.vocabularies
    opening, pages = tuple(excerpts.opening), (*excerpts.opening, *excerpts.closing)
    regulation = regulation_of(opening)
    lexica = _lexica(vocabularies)
    # A regulation says itself what it is: nothing else is read from its head.
    head = [] if regulation is not None and regulation.kind is not None else head_of(opening, lexica.organisations)
    title = title_of(regulation, head, opening, metadata, name)
    dated = date_of(regulation, pages, metadata)
    language = language_of(excerpts.sample)
    provinces = provinces_of(
        excerpts.places,
        title,
        dated.value if dated is not None else None,
        vocabularies.provinces,
        regulation=regulation is not None,
    )
    themes = themes_of(
        excerpts.themes,
        title,
        regulation=regulation is not None,
        national=language.value == "id" or excerpts.names_country or bool(provinces),
    )
    priorities = priorities_of(themes, vocabularies.themes, vocabularies.priorities, lexica.priorities, opening)
    return [
        *_statement(DocumentField.TITLE, title),
        *_statement(DocumentField.NUMBER, regulation.number if regulation is not None else None),
        *_statement(DocumentField.KIND, kind_of(regulation, title, head, opening)),
        *_statement(DocumentField.DATE, dated),
        *(
            statement
            for author in authors_of(regulation, head, opening, metadata, media_type)
            for statement in _statement(DocumentField.AUTHOR, author)
        ),
        *_statement(DocumentField.ORGANISATION, organisation_of(regulation, head, opening, lexica.organisations)),
        *_statement(DocumentField.LANGUAGE, language),
        *(_inferred(DocumentField.THEME, one.theme, one.confidence, one.evidence) for one in themes),
        *(_inferred(DocumentField.PROVINCE, one.province, one.confidence, one.evidence) for one in provinces),
        *(_inferred(DocumentField.PRIORITY, one.priority, one.confidence, one.evidence) for one in priorities),
    ]


def _statement(document_field: DocumentField, finding: Finding | None) -> Iterator[Statement]:
    if finding is not None:
        evidence = (Evidence(finding.page, finding.words),) if finding.words else ()
        yield _inferred(document_field, finding.value, finding.confidence, evidence)


def _inferred(
    document_field: DocumentField, value: str, confidence: float, evidence: tuple[Evidence, ...]
) -> Statement:
    return Statement(document_field, value, Source.INFERRED, confidence, evidence)
