"""What a draft has to do with other documents, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.i18n import current_language
from app.site.links import link
from app.site.reading import RelationView, relation_view
from desk import alike
from holdings.accounts import Account
from holdings.model import Document
from holdings.states import State
from indexer.hub import Hub
from indexer.related import Related


@dataclass(frozen=True, slots=True)
class AlikeView:
    """Another document, what the draft has to do with it, and where both are looked at side by side."""

    document: Document
    relation: RelationView
    compare_address: str


def alike_views(hub: Hub, by: Account, document: Document) -> list[AlikeView]:
    """Return what a draft has to do with documents that a person may know of."""
    return [_view(hub, document, related) for related in alike.alike(hub, by, document)]


def address_of(other: Document) -> str:
    """Return where a person of the desk looks at a document: what is not published has no page for readers."""
    endpoint = "document" if other.state is State.PUBLISHED else "draft"
    return link(endpoint, document_id=other.id)


def _view(hub: Hub, document: Document, related: Related) -> AlikeView:
    other = related.document
    view = relation_view(hub, document, replace(related, pages=()), current_language())
    return AlikeView(
        document=other,
        relation=replace(view, address=address_of(other)),
        compare_address=link("compared", document_id=document.id, other_id=other.id),
    )
