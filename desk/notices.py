"""Telling people of what happened: a notice on the site and a letter of the same kind, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from desk import addresses, letters
from holdings import notices
from holdings.accounts import Account, AccountStatus
from holdings.database import Session
from holdings.model import Document
from holdings.settings import Settings


def tell(
    session: Session,
    settings: Settings,
    to: Iterable[Account],
    kind: str,
    *,
    document: Document | None = None,
    **details: str,
) -> None:
    """Tell each of these people of something, once: on the site, and by a letter in their language.

    `details` are what the sentence and the letter say besides the document; of these, `path` is the page on which the
    reader can do something about it, as of the Indonesian site (`/…`); without it that is the document's own page, and
    without a document the list of notices. The text `desk/texts/<kind>.<language>.txt` may use `name` (of the reader),
    `title` (of the document, empty without one), `link` (absolute) and the details. People who may not sign in are told
    nothing. Whether the document may still be named is looked at again when the notice is read and the letter sent.
    """
    path = details.get("path") or (f"/documents/{document.id}" if document is not None else "/notices")
    said: dict[str, Any] = {name: value for name, value in details.items() if name != "path"}
    for account in {account.id: account for account in to}.values():
        if account.status is not AccountStatus.ACTIVE:
            continue
        notices.add(session, account.id, kind, document.id if document else None, {**said, "path": path})
        letters.write(
            session,
            settings,
            kind,
            address=account.email,
            language=account.language,
            account_id=account.id,
            names=[document.id] if document else (),
            name=account.name,
            title=document.title if document else "",
            link=addresses.address(settings, path, account.language),
            **said,
        )
