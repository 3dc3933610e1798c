"""How a document was read, and what it has to do with others, as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.contract_documents import DocumentObject
from app.i18n import gettext
from app.site.hits import field_name, page_name, text_language
from app.site.links import link
from holdings.model import OCR_READER, Document, DocumentField, PageUnit, Source, Text
from holdings.relations import Relation
from indexer.facets import facet_label
from indexer.hub import Hub
from indexer.model import Facet, Language
from indexer.projection import inferred_fields
from indexer.reading import title_is_by_ocr, unit_of
from indexer.related import Direction, Related


@dataclass(frozen=True, slots=True)
class ReaderView:
    """Who read pages of a document."""

    name: str
    pages: int
    is_ocr: bool


@dataclass(frozen=True, slots=True)
class PagePair:
    """Two pages with the same passage: names and addresses, of this document and of the other."""

    name: str
    address: str
    other_name: str
    other_address: str


@dataclass(frozen=True, slots=True)
class RelationView:
    """Another document, and what the one that is shown has to do with it."""

    what: str
    address: str
    title: str
    title_inferred: bool
    title_by_ocr: bool
    text_language: str
    kind: str
    kind_inferred: bool
    date: str | None
    date_inferred: bool
    shared: float | None
    is_inferred: bool
    pairs: tuple[PagePair, ...]


def reader_views(text: Text) -> list[ReaderView]:
    """Return who read the pages of a text, those who read most first."""
    views = [ReaderView(name, pages, name.startswith(OCR_READER)) for name, pages in text.readers]
    return sorted(views, key=lambda view: (-view.pages, view.name))


def relation_views(hub: Hub, document: Document, found: Sequence[Related], language: Language) -> list[RelationView]:
    """Return what a document has to do with others."""
    unit = unit_of(hub, document) if any(relation.pages for relation in found) else PageUnit.PAGE
    return [relation_view(hub, document, relation, language, unit) for relation in found]


def relation_view(
    hub: Hub, document: Document, relation: Related, language: Language, unit: PageUnit = PageUnit.PAGE
) -> RelationView:
    """Return what a document, whose parts are called `unit`, has to do with another."""
    other = relation.document
    kind, inferred = other.value(DocumentField.KIND), inferred_fields(other)
    other_unit = unit_of(hub, other) if relation.pages else PageUnit.PAGE
    return RelationView(
        what=_what(relation),
        address=link("document", document_id=other.id),
        title=other.title,
        title_inferred=DocumentField.TITLE in inferred,
        title_by_ocr=title_is_by_ocr(hub, other),
        text_language=text_language(other.language),
        kind=facet_label(hub, Facet.KIND, kind, language) if kind else "",
        kind_inferred=DocumentField.KIND in inferred,
        date=other.value(DocumentField.DATE),
        date_inferred=DocumentField.DATE in inferred,
        shared=relation.shared,
        is_inferred=relation.source is Source.INFERRED,
        pairs=tuple(
            PagePair(
                name=page_name(unit, page),
                address=link("page", document_id=document.id, number=page),
                other_name=page_name(other_unit, other_page),
                other_address=link("page", document_id=other.id, number=other_page),
            )
            for page, other_page in relation.pages
        ),
    )


def _what(relation: Related) -> str:
    match relation.relation, relation.direction:
        case Relation.NEW_VERSION, Direction.TO:
            return gettext("New version of")
        case Relation.NEW_VERSION, _:
            return gettext("There is a newer version")
        case Relation.EXCERPT, Direction.TO:
            return gettext("Excerpt of")
        case Relation.EXCERPT, _:
            return gettext("There is an excerpt of this document")
        case Relation.TRANSLATION, Direction.TO:
            return gettext("Translation of")
        case Relation.TRANSLATION, _:
            return gettext("There is a translation of this document")
        case Relation.IDENTICAL, _:
            return gettext("Has the same text as")
        case _:
            return gettext("Shares passages with")


def inferred_in_head(described: DocumentObject, *, with_language: bool) -> tuple[tuple[str, ...], bool]:
    """Return what in the line above the title the hub inferred, and whether that is all that the line says."""
    shown = [
        (DocumentField.KIND, described["kind"]),
        (DocumentField.NUMBER, described["number"]),
        (DocumentField.DATE, described["date"]),
        (DocumentField.LANGUAGE, described["language"] if with_language else None),
    ]
    inferred = tuple(field_name(field) for field, stated in shown if stated and stated["source"] is Source.INFERRED)
    return inferred, 1 < len(inferred) == sum(stated is not None for _, stated in shown)


def inferred_in_citation(described: DocumentObject) -> tuple[str, ...]:
    """Return what of a citation the hub inferred: who cites it should look."""
    issuers = described["organisation"] or described["authors"]
    issuer = DocumentField.ORGANISATION if described["organisation"] else DocumentField.AUTHOR
    cited = [(issuer, issuers[0] if issuers else None), (DocumentField.DATE, described["year"])]
    cited.append((DocumentField.TITLE, described["title"]))
    return tuple(field_name(field) for field, stated in cited if stated and stated["source"] is Source.INFERRED)
