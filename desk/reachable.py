"""Which pages of a document are open to a person now: what a notice leads to may have been closed to them since."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from desk.looking import actions
from desk.takedowns import decides_of
from holdings import documents
from holdings.access import may_read, may_see_tombstone
from holdings.accounts import Account
from holdings.database import Session
from holdings.model import Document
from holdings.workflow import Action

OF_READERS = "/documents"


def open_pages(
    session: Session, document_ids: Collection[str], account: Account, now: datetime
) -> dict[str, frozenset[str]]:
    """Return the pages of each document that a person can open, by its id: the address without the id at its end."""
    found = documents.get_many(session, sorted(set(document_ids)))
    return {document.id: frozenset(_open(document, account, now)) for document in found}


def _open(document: Document, account: Account, now: datetime) -> set[str]:
    if document.removed_at is not None:
        return set()
    access, pages = document.access, set()
    if may_read(access, account.viewer, now) or may_see_tombstone(access, account.viewer, now):
        pages.add(OF_READERS)
    if Action.LOOK in actions(account, document):
        pages |= {"/work", "/review"}
    if decides_of(account, document):
        pages.add("/review/reports")
    return pages
