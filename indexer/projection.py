"""From a document of the catalogue and its page texts to what the two indices hold of it.

The one place that says what is searched: rebuilding and updating both go through `project`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from holdings.access import Access, indexed_embargo
from holdings.model import Document, DocumentField, Organisation, Page, Source
from holdings.vocabularies import Vocabularies
from indexer.analysis import Analyzer
from indexer.continuation import with_continuation
from indexer.engines.base import IndexDocument
from indexer.model import Facet
from indexer.supersession import superseding

# How many words on either side of the end of a page are searched for a phrase that crosses it.
ACROSS_WORDS = 25
_NO_DATE_LAST = ("0000-00-00", "9999-99-99")
# What is shown of a document that was found.
_SHOWN = (
    DocumentField.TITLE,
    DocumentField.KIND,
    DocumentField.DATE,
    DocumentField.LANGUAGE,
    DocumentField.ORGANISATION,
    DocumentField.THEME,
    DocumentField.PROVINCE,
    DocumentField.ABSTRACT,
)


def project(
    document: Document,
    pages: Iterable[Page],
    *,
    analyzer: Analyzer,
    vocabularies: Vocabularies,
    organisations: Mapping[str, Organisation],
    newer: Iterable[Access] = (),
) -> IndexDocument:
    """Return what the indices hold of a document. `pages` are read once, in order; `newer` is the access of what
    supersedes it."""
    listed = list(pages)
    stems = [analyzer.stems(page.text) for page in listed]
    words = [analyzer.words(page.text) for page in listed]
    fields = {
        "id": document.id,
        "revision": document.revision,
        "access_revision": document.access_revision,
        "body": " ".join(" ".join(page_stems) for page_stems in stems),
        "body_words": " ".join(sorted({word for page_words in words for word in page_words})),
        **_described(document, analyzer, vocabularies, organisations),
        **_facets(document, vocabularies, organisations),
        **_access(document),
        **superseding(newer, datetime.now(UTC)),
        **_sort_keys(document, analyzer),
        "stored": _stored(document, listed),
    }
    return IndexDocument(
        id=document.id,
        revision=document.revision,
        access_revision=document.access_revision,
        fields=fields,
        pages=list(_pages(document.id, listed, stems, words)),
    )


def _described(
    document: Document, analyzer: Analyzer, vocabularies: Vocabularies, organisations: Mapping[str, Organisation]
) -> dict[str, str]:
    def stems(*texts: str) -> str:
        return " ".join(analyzer.stems("\n".join(texts)))

    issuers = [organisations[i] for i in document.values(DocumentField.ORGANISATION) if i in organisations]
    names = [name for o in issuers for name in (o.name_id, o.name_en, o.acronym) if name]
    return {
        "title": stems(document.title),
        "title_words": " ".join(analyzer.words(document.title)),
        "abstract": stems(*document.values(DocumentField.ABSTRACT)),
        "authors": stems(*document.values(DocumentField.AUTHOR)),
        "issuer": stems(*names),
        "number": stems(*document.values(DocumentField.NUMBER)),
        # A theme is found under any of its names, in both languages.
        "subjects": stems(
            *(name for theme in document.values(DocumentField.THEME) for name in _names_of_theme(theme, vocabularies))
        ),
    }


def _facets(
    document: Document, vocabularies: Vocabularies, organisations: Mapping[str, Organisation]
) -> dict[str, list[str] | list[int]]:
    issuers = document.values(DocumentField.ORGANISATION)
    year = year_of(document.value(DocumentField.DATE))
    groups = {organisations[i].group for i in issuers if i in organisations}
    return {
        Facet.KIND.value: list(document.values(DocumentField.KIND)[:1]),
        Facet.THEME.value: list(document.values(DocumentField.THEME)),
        Facet.PROVINCE.value: list(document.values(DocumentField.PROVINCE)),
        Facet.ORGANISATION.value: list(issuers),
        Facet.GROUP.value: sorted(group for group in groups if group),
        Facet.PRIORITY.value: priorities_of(document, vocabularies),
        Facet.LANGUAGE.value: [document.language],
        Facet.YEAR.value: [year] if year is not None else [],
    }


def priorities_of(document: Document, vocabularies: Vocabularies) -> list[str]:
    """Return the national priorities of a document: those that were stated, else those that its themes belong to."""
    stated = document.values(DocumentField.PRIORITY)
    if stated:
        return list(vocabularies.priorities_with_broader(stated))
    themes = document.values(DocumentField.THEME)
    return list(dict.fromkeys(p for theme in themes for p in _priorities_of_theme(theme, vocabularies)))


def _names_of_theme(theme: str, vocabularies: Vocabularies) -> tuple[str, ...]:
    return vocabularies.themes[theme].names if theme in vocabularies.themes else (theme,)


def _priorities_of_theme(theme: str, vocabularies: Vocabularies) -> tuple[str, ...]:
    return vocabularies.themes[theme].priorities if theme in vocabularies.themes else ()


def year_of(date: str | None) -> int | None:
    """Return the year of a date as the catalogue has it (`2018`, `2018-06`, `2018-06-21`)."""
    return int(date[:4]) if date and re.match(r"\d{4}", date) else None


def inferred_fields(document: Document) -> tuple[DocumentField, ...]:
    """Return which of the fields that a result shows hold what the hub inferred, or fell back to."""
    return tuple(field for field in _SHOWN if _is_inferred(document, field))


def _is_inferred(document: Document, field: DocumentField) -> bool:
    stated = document.stated(field)
    if not stated:
        # The hub names every document, and says of every one that its language is unknown where it is.
        return field in {DocumentField.TITLE, DocumentField.LANGUAGE}
    return stated[0].source is Source.INFERRED


def pages_of_title(document: Document) -> frozenset[int]:
    """Return the pages on which the title was read, none where a person stated it."""
    title = max(document.stated(DocumentField.TITLE), key=lambda s: s.confidence, default=None)
    return frozenset(e.page for e in title.evidence if e.page is not None) if title else frozenset()


def _access(document: Document) -> dict[str, Any]:
    access = document.access
    return {
        "access": sorted(access.labels),
        "keeper": [access.keeper] if access.keeper else [],
        "embargo_until": indexed_embargo(access.embargo_until),
    }


def _sort_keys(document: Document, analyzer: Analyzer) -> dict[str, str]:
    date = document.value(DocumentField.DATE)
    first, last = (date, date) if date else _NO_DATE_LAST
    title = " ".join(analyzer.words(document.title))[:120]
    return {
        "newest_key": f"{first:-<10} {document.id}",
        "oldest_key": f"{last:-<10} {document.id}",
        "title_key": f"{title} {document.id}",
    }


def _stored(document: Document, pages: list[Page]) -> dict[str, Any]:
    """Return what a result page shows of a document without asking the catalogue."""
    title_pages = pages_of_title(document)
    return {
        "id": document.id,
        "title": document.title,
        "kind": document.value(DocumentField.KIND),
        "date": document.value(DocumentField.DATE),
        "language": document.language,
        "pages": len(pages),
        "organisations": list(document.values(DocumentField.ORGANISATION)),
        "themes": list(document.values(DocumentField.THEME)),
        "provinces": list(document.values(DocumentField.PROVINCE)),
        "abstract": document.value(DocumentField.ABSTRACT),
        "media_type": document.files[0].media_type if document.files else None,
        "recorded_at": document.created_at.astimezone(UTC).isoformat(timespec="seconds"),
        "inferred": [field.value for field in inferred_fields(document)],
        "title_by_ocr": any(page.by_ocr and page.number in title_pages for page in pages),
    }


def _pages(
    document_id: str, pages: list[Page], stems: list[list[str]], words: list[list[str]]
) -> Iterator[dict[str, Any]]:
    # From the last page to the first, so that what follows a page is known however many short pages it runs over.
    following: list[str] = []
    continuations = [continuation for _, continuation in with_continuation(pages)]
    projected: list[dict[str, Any]] = []
    for page, page_stems, page_words, continuation in zip(
        reversed(pages), reversed(stems), reversed(words), reversed(continuations), strict=True
    ):
        tail = page_stems[-ACROSS_WORDS:]
        projected.append(
            {
                "id": f"{document_id}:{page.number}",
                "document": document_id,
                "page_number": page.number,
                "body": " ".join(page_stems),
                "body_words": " ".join(sorted(set(page_words))),
                "across": " ".join((*tail, *following)) if following and tail else "",
                "stored": {
                    "document": document_id,
                    "number": page.number,
                    "unit": page.unit.value,
                    "text": page.text,
                    "continuation": continuation,
                    "by_ocr": page.by_ocr,
                },
            }
        )
        following = [*page_stems[:ACROSS_WORDS], *following][:ACROSS_WORDS]
    yield from reversed(projected)
