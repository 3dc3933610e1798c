"""Whether a document may be named to a person: in a notice that they look at, in a letter that is about to be sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from desk.looking import may_look
from holdings import accounts, documents, mails
from holdings.access import Viewer, may_read, may_see_tombstone
from holdings.accounts import Account, AccountStatus
from holdings.database import Session
from holdings.mails import Mail
from holdings.model import Document
from holdings.readable import readable


def may_name(document: Document, account: Account | None, now: datetime) -> bool:
    """Say whether a person reads a document, or looks at it at the desk, now. None is who has no account."""
    if document.removed_at is not None:
        return False
    viewer = account.viewer if account is not None else Viewer()
    if may_read(document.access, viewer, now) or may_see_tombstone(document.access, viewer, now):
        return True
    return account is not None and may_look(account, document)


def nameable(found: Iterable[Document], account: Account, now: datetime) -> dict[str, str]:
    """Return the titles of those of the documents that may be named to a person now, by their ids."""
    return {document.id: document.title for document in found if may_name(document, account, now)}


def is_for_its_reader(session: Session, mail: Mail, now: datetime) -> bool:
    """Say whether a letter may still be sent for what it names. One that names nothing is for who it is written to.

    An alert says what stands in a document: that is for those who may read it, not for who may know that it is there.
    """
    if not mail.names:
        return True
    account = accounts.get(session, mail.account_id) if mail.account_id else None
    if account is not None and account.status is not AccountStatus.ACTIVE:
        return False
    viewer = account.viewer if account is not None else Viewer()
    others = set(mail.names) - readable(session, mail.names, viewer, now).keys()
    if not others or mail.kind == mails.LAST_KIND:
        return not others
    found = documents.get_many(session, sorted(others))
    return len(found) == len(others) and all(may_name(document, account, now) for document in found)
