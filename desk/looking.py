"""Looking at a record at the desk, whatever its state, and what else somebody may do with it.

Whom a record concerns is said by `holdings.workflow`. For all others it does not exist: what is refused to those who
may look is refused in words, what is refused to others cannot be told from an id that names nothing.
"""

from __future__ import annotations

from holdings import audit, documents
from holdings.accounts import Account
from holdings.database import Session
from holdings.errors import NotAllowedError, UnknownIdError
from holdings.model import Document
from holdings.workflow import Action, allowed, destination
from indexer.hub import Hub


def look(hub: Hub, by: Account, document_id: str) -> Document:
    """Return a document for whom it concerns at the desk. What is seen by privilege is put on record.

    Raises UnknownIdError for all others, and where there is none or it was removed.
    """
    with hub.catalogue.read() as session:
        document = documents.get(session, document_id)
    require(by, document, Action.LOOK)
    if is_privileged(by, document):
        with hub.catalogue.write() as session:
            note_privileged_read(session, by, document)
    return document


def note_privileged_read(session: Session, by: Account, document: Document) -> None:
    """Put on record that somebody looked at a document by what they are for the hub."""
    audit.append(session, by, "document.look", "document", document.id, state=document.state.value)


def actions(by: Account | None, document: Document) -> frozenset[Action]:
    """Return what somebody may do with a document now. None is the command line: all that its state allows."""
    if document.removed_at is not None:
        return frozenset()
    if by is None:
        return frozenset(action for action in Action if destination(document.state, action) is not None)
    return allowed(document.state, by.parties(document))


def may_look(by: Account | None, document: Document) -> bool:
    """Say whether somebody may look at a document at the desk."""
    return Action.LOOK in actions(by, document)


def require(by: Account | None, document: Document, action: Action) -> None:
    """Raise UnknownIdError unless somebody may look at a document, and NotAllowedError unless they may do this."""
    possible = actions(by, document)
    if Action.LOOK not in possible:
        raise UnknownIdError(f"There is no document {document.id}")
    if action not in possible:
        raise NotAllowedError(f"{action.value!r} is not for you, or not for what is {document.state.value}")


def is_privileged(by: Account, document: Document) -> bool:
    """Say whether somebody sees a document at the desk only by what they are for the hub, not for its space."""
    return by.hub_role is not None and not by.puts_into(document.access.keeper)
