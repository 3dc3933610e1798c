"""Which pages of a document are open to a person now: what a notice leads to may have been closed to them since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from desk.looking import may_look
from desk.takedowns import decides_of
from holdings.access import may_read, may_see_tombstone
from holdings.accounts import Account
from holdings.model import Document

OF_READERS = "/documents"


def open_pages(found: Iterable[Document], account: Account, now: datetime) -> dict[str, frozenset[str]]:
    """Return the pages of each document that a person can open, by its id: the address without the id at its end."""
    return {document.id: frozenset(_open(document, account, now)) for document in found}


def _open(document: Document, account: Account, now: datetime) -> set[str]:
    if document.removed_at is not None:
        return set()
    access, pages = document.access, set()
    if may_read(access, account.viewer, now) or may_see_tombstone(access, account.viewer, now):
        pages.add(OF_READERS)
    if may_look(account, document):
        pages |= {"/work", "/review"}
    if decides_of(account, document):
        pages.add("/review/reports")
    return pages
