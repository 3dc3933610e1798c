"""What the hub inferred of a document, field by field, with the places where it reads it."""

from __future__ import annotations

from dataclasses import dataclass

from app.i18n import current_language, day
from app.site.links import link
from holdings.model import Document, DocumentField, Source, Statement
from indexer.facets import facet_label
from indexer.hub import Hub
from indexer.model import Facet

_FACETS = {
    DocumentField.KIND: Facet.KIND,
    DocumentField.THEME: Facet.THEME,
    DocumentField.PROVINCE: Facet.PROVINCE,
    DocumentField.PRIORITY: Facet.PRIORITY,
    DocumentField.ORGANISATION: Facet.ORGANISATION,
    DocumentField.LANGUAGE: Facet.LANGUAGE,
}
_MOST_PLACES = 3


@dataclass(frozen=True, slots=True)
class PlaceView:
    """Words by which the hub inferred something; `page` is None for the name and the properties of the file."""

    words: str
    page: int | None
    address: str | None


@dataclass(frozen=True, slots=True)
class FoundView:
    """A value that the hub inferred."""

    label: str
    confidence: float
    places: tuple[PlaceView, ...]


@dataclass(frozen=True, slots=True)
class Basis:
    """What a field of the form rests on: what the hub found, and whether a person has stated something since."""

    found: tuple[FoundView, ...]
    is_declared: bool

    @property
    def can_be_confirmed(self) -> bool:
        return bool(self.found) and not self.is_declared


def bases(hub: Hub, document: Document) -> dict[str, Basis]:
    """Return what each field rests on, by the name that it has in the form."""
    return {field.value: _basis(hub, document, field) for field in DocumentField}


def label_of(hub: Hub, field: DocumentField, value: str) -> str:
    """Return the name of a value in the language of the page."""
    if field is DocumentField.DATE:
        return day(value)
    facet = _FACETS.get(field)
    return facet_label(hub, facet, value, current_language()) if facet is not None else value


def _basis(hub: Hub, document: Document, field: DocumentField) -> Basis:
    inferred = [s for s in document.statements if s.field is field and s.source is Source.INFERRED]
    return Basis(
        found=tuple(_found(hub, document, statement) for statement in inferred),
        is_declared=any(s.field is field and s.source is Source.DECLARED for s in document.statements),
    )


def _found(hub: Hub, document: Document, statement: Statement) -> FoundView:
    return FoundView(
        label=label_of(hub, statement.field, statement.value),
        confidence=statement.confidence,
        places=tuple(
            PlaceView(
                words=one.words,
                page=one.page,
                address=(
                    link("draft_page", document_id=document.id, number=one.page, words=one.words[:200])
                    if one.page is not None
                    else None
                ),
            )
            for one in statement.evidence[:_MOST_PLACES]
        ),
    )
