"""What a document at the desk has to do with others, and what a person says of it: a new version, a translation, an
excerpt, or a document of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from desk import reviewing
from desk.looking import actions, may_look
from desk.succession import begun_anew
from desk.uploads import may_replace
from holdings import audit, documents, relations, uploads
from holdings.access import may_read
from holdings.accounts import Account
from holdings.database import Session
from holdings.errors import NotAllowedError, UnknownIdError
from holdings.model import Document
from holdings.relations import Relation
from holdings.workflow import Action
from indexer.hub import Hub
from indexer.related import Related, related

_WAIT_SECONDS = 10.0
# What a person may say that a draft is to another document.
CHOICES = (Relation.NEW_VERSION, Relation.TRANSLATION, Relation.EXCERPT, Relation.NONE)


def alike(hub: Hub, by: Account, document: Document) -> list[Related]:
    """Return what a document has to do with others that a person may read, or has at the desk of their own spaces."""
    return [found for found in related(hub, document.id, None) if may_compare(by, found.document)]


def may_compare(by: Account, other: Document) -> bool:
    """Say whether a person may be told of another document: what they see by privilege alone is not told here."""
    if other.removed_at is not None:
        return False
    if may_read(other.access, by.viewer, datetime.now(UTC)):
        return True
    return by.puts_into(other.access.keeper) and may_look(by, other)


def is_compared(hub: Hub, document: Document) -> bool:
    """Say whether the present text of a document was compared with all others."""
    with hub.catalogue.read() as session:
        sketch = relations.sketch(session, document.id)
    return sketch is not None and sketch.finished and sketch.text_sha256 == document.text.sha256


def announced(hub: Hub, by: Account, document: Document) -> Document | None:
    """Return what a draft was announced to be the new version of when it was sent, None where nothing was said or a
    person has settled it since."""
    with hub.catalogue.read() as session:
        return _announced(session, by, document.id)


def settle(hub: Hub, by: Account, document_id: str, other_id: str, relation: Relation, *, edition: str) -> Document:
    """Record what a person says that a document is to another; `NONE`: that the two have nothing to do with each other.

    A new version takes the other's place in searches once it is published; a draft of which nobody has chosen yet who
    may read it begins with those of the other. Returns the document as it is then.

    Raises UnknownIdError for another that they may not see, NotAllowedError where it is not theirs to replace, and as
    `desk.reviewing.take` for the document.
    """
    if relation not in CHOICES:
        raise ValueError(f"{relation} is nothing that a person says of a draft")
    with alone(hub) as session:
        document = reviewing.opened_for(session, by, document_id, Action.EDIT, edition)
        other = documents.get(session, other_id)
        if not may_compare(by, other):
            raise UnknownIdError(f"There is no document {other_id}")
        if relation is Relation.NEW_VERSION and not may_replace(by, other):
            raise NotAllowedError("What another organisation keeps is not yours to replace")
        _settle(session, by, document, other, relation)
        if relation is Relation.NEW_VERSION and Action.SUBMIT in actions(by, document):
            _begin_access(session, hub, by, document, other)
        return documents.get(session, document_id)


def _begin_access(session: Session, hub: Hub, by: Account, document: Document, former: Document) -> None:
    new = begun_anew(document.access, former.access, by.viewer, datetime.now(UTC))
    if new != document.access:
        documents.set_access(session, document.id, new)
        changed = {"before": document.access.as_recorded, "after": new.as_recorded}
        reviewing.record(session, hub, by, document, Action.EDIT, details=changed)


def settle_announced(session: Session, by: Account, document: Document) -> None:
    """Settle that a document is the new version that it was announced to be, unless a person has said otherwise.

    For a transaction of `alone`.
    """
    replaced = _announced(session, by, document.id)
    if replaced is not None:
        _settle(session, by, document, replaced, Relation.NEW_VERSION)


@contextmanager
def alone(hub: Hub) -> Iterator[Session]:
    """Give a transaction to settle a relation in, while no triage records any."""
    with hub.catalogue.locks.hold("relations", wait_seconds=_WAIT_SECONDS), hub.catalogue.write() as session:
        yield session


def _announced(session: Session, by: Account, document_id: str) -> Document | None:
    upload = uploads.of_document(session, document_id)
    if upload is None or upload.replaces_id is None:
        return None
    settled = {
        other
        for pair in relations.of_document(session, document_id)
        if pair.status.settled
        for other in (pair.document_id, pair.other_id)
    }
    replaced = documents.get(session, upload.replaces_id)
    is_possible = may_compare(by, replaced) and may_replace(by, replaced)
    return replaced if is_possible and replaced.id not in settled else None


def _settle(session: Session, by: Account, document: Document, other: Document, relation: Relation) -> None:
    relations.settle(session, document.id, other.id, relation, by=by.pseudonym)
    audit.append(session, by, "relation.settle", "document", document.id, other=other.id, relation=relation.value)
