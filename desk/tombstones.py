"""What is left of a withdrawn document at its address, for those who could read it: that it was there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from holdings import documents, reviews
from holdings.access import Viewer, may_see_tombstone
from holdings.errors import UnknownIdError
from holdings.model import Document, DocumentField
from holdings.purges import Purge
from holdings.reviews import Withdrawal
from indexer.hub import Hub
from indexer.reading import removed_originals
from indexer.related import place_among_versions


@dataclass(frozen=True, slots=True)
class Tombstone:
    """`title` is empty where not even that may be named. `newest` supersedes the document, and the viewer may read it.

    `purged` are its originals that were destroyed.
    """

    document_id: str
    title: str
    language: str
    organisations: tuple[str, ...]
    withdrawal: Withdrawal
    purged: tuple[Purge, ...] = ()
    newest: Document | None = None


def tombstone(hub: Hub, document_id: str, viewer: Viewer) -> Tombstone:
    """Return what `viewer` may know of a withdrawn document. Raises UnknownIdError for what they could not read."""
    with hub.catalogue.read() as session:
        document = documents.get(session, document_id)
        if document.removed_at is not None or not may_see_tombstone(document.access, viewer, datetime.now(UTC)):
            raise UnknownIdError(f"There is no document {document_id}")
        withdrawal = reviews.withdrawal(session, document_id)
    return Tombstone(
        document_id=document_id,
        title="" if withdrawal.hides_title else document.title,
        language=document.language,
        organisations=document.values(DocumentField.ORGANISATION),
        withdrawal=withdrawal,
        purged=tuple(removed_originals(hub, document).values()),
        newest=place_among_versions(hub, document, viewer).newest,
    )
