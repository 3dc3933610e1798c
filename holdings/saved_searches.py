"""Searches that people keep, and of what each has told them. Functions over a session.

`desk.searches` saves and changes them, `desk.alerts` tells of new matches.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from holdings.accounts import AccountStatus
from holdings.errors import UnknownIdError
from holdings.identifiers import new_identifier
from holdings.inserting import insert_missing
from holdings.portions import portions
from holdings.tables_desk import AlertedRow, MailRow, SavedSearchRow
from holdings.tables_people import AccountRow


class Frequency(StrEnum):
    """When a person hears of new matches by mail."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that a person keeps. `parameters` are those of its address; `due_at` is when it is looked at next."""

    id: str
    account_id: str
    name: str
    parameters: Mapping[str, Any]
    frequency: Frequency
    has_feed: bool
    created_at: datetime
    due_at: datetime | None

    @property
    def is_followed(self) -> bool:
        """Say whether new matches are told of at all."""
        return self.frequency is not Frequency.NEVER or self.has_feed


def add(
    session: Session,
    account_id: str,
    *,
    name: str,
    parameters: Mapping[str, Any],
    frequency: Frequency,
    feed_sha256: str | None,
    due_at: datetime | None,
    now: datetime,
) -> SavedSearch:
    """Record a search that a person keeps."""
    row = SavedSearchRow(
        id=new_identifier(),
        account_id=account_id,
        name=name,
        parameters=dict(parameters),
        frequency=frequency.value,
        feed_sha256=feed_sha256,
        created_at=now,
        due_at=due_at,
    )
    session.add(row)
    session.flush()
    return _search(row)


def get(session: Session, search_id: str) -> SavedSearch:
    """Return a saved search, whosever it is. Raises UnknownIdError."""
    return _search(_row(session, search_id))


def of(session: Session, account_id: str) -> list[SavedSearch]:
    """Return the searches that a person keeps, by name."""
    rows = session.scalars(
        select(SavedSearchRow)
        .where(SavedSearchRow.account_id == account_id)
        .order_by(SavedSearchRow.name, SavedSearchRow.id)
    )
    return [_search(row) for row in rows]


def with_feed(session: Session, feed_sha256: str) -> SavedSearch:
    """Return the search whose private feed has this secret, of a person who may sign in. Raises UnknownIdError."""
    row = session.scalar(
        select(SavedSearchRow)
        .join(AccountRow, AccountRow.id == SavedSearchRow.account_id)
        .where(SavedSearchRow.feed_sha256 == feed_sha256, AccountRow.status == AccountStatus.ACTIVE.value)
    )
    if row is None:
        raise UnknownIdError("There is no such feed")
    return _search(row)


def change(
    session: Session, search_id: str, *, name: str, frequency: Frequency, due_at: datetime | None
) -> SavedSearch:
    """Put another name and another frequency in the place of the former ones."""
    row = _row(session, search_id)
    row.name, row.frequency, row.due_at = name, frequency.value, due_at
    return _search(row)


def set_feed(session: Session, search_id: str, feed_sha256: str | None, due_at: datetime | None) -> SavedSearch:
    """Give a search a private feed, another address for it, or none."""
    row = _row(session, search_id)
    row.feed_sha256, row.due_at = feed_sha256, due_at
    return _search(row)


def remove(session: Session, search_id: str) -> None:
    """Forget a search, and of what it told."""
    session.execute(delete(AlertedRow).where(AlertedRow.search_id == search_id))
    session.execute(delete(SavedSearchRow).where(SavedSearchRow.id == search_id))


def due(session: Session, now: datetime) -> list[SavedSearch]:
    """Return the searches that are to be looked at, of people who may sign in, the longest due first."""
    rows = session.scalars(
        select(SavedSearchRow)
        .join(AccountRow, AccountRow.id == SavedSearchRow.account_id)
        .where(SavedSearchRow.due_at <= now, AccountRow.status == AccountStatus.ACTIVE.value)
        .order_by(SavedSearchRow.due_at, SavedSearchRow.id)
    )
    return [_search(row) for row in rows]


def hold(session: Session, search: SavedSearch) -> bool:
    """Lock a search to the end of the transaction; False when it was looked at, changed or removed meanwhile."""
    row = session.get(SavedSearchRow, search.id, with_for_update=True, populate_existing=True)
    return row is not None and _search(row) == search


def set_due(session: Session, search_id: str, due_at: datetime | None) -> None:
    """Say when a search is looked at next."""
    _row(session, search_id).due_at = due_at


def put_behind(session: Session, search_ids: Sequence[str], now: datetime) -> None:
    """Put those of these searches that are still due behind all others that are."""
    for some in portions(search_ids):
        session.execute(
            update(SavedSearchRow)
            .where(SavedSearchRow.id.in_(some), SavedSearchRow.due_at <= now)
            .values(due_at=now)
            .execution_options(synchronize_session=False)
        )


def told(session: Session, search_id: str) -> dict[str, datetime]:
    """Return when a search has told of which documents; of what was there when it was saved, when that was."""
    rows = session.execute(select(AlertedRow.record_id, AlertedRow.at).where(AlertedRow.search_id == search_id))
    return {row.record_id: row.at for row in rows}


def told_ids(session: Session, search_id: str) -> list[str]:
    """Return of which documents a search has told, or which were there when it was saved."""
    return list(session.scalars(select(AlertedRow.record_id).where(AlertedRow.search_id == search_id)))


def tell(
    session: Session, search_id: str, document_ids: Collection[str], *, mail_id: str | None, now: datetime
) -> None:
    """Record that a search has told of these documents, of each once: by a letter, or, without one, in its feed."""
    rows = [
        {"search_id": search_id, "record_id": document_id, "at": now, "mail_id": mail_id}
        for document_id in sorted(document_ids)
    ]
    insert_missing(session, AlertedRow, rows, [AlertedRow.search_id, AlertedRow.record_id])


def untell(session: Session, mail_id: str, now: datetime) -> None:
    """Note that a letter will not be sent: its search is due again, and has not told of what stood in it."""
    searches = list(session.scalars(select(AlertedRow.search_id).where(AlertedRow.mail_id == mail_id).distinct()))
    session.execute(delete(AlertedRow).where(AlertedRow.mail_id == mail_id))
    session.execute(
        update(SavedSearchRow)
        .where(SavedSearchRow.id.in_(searches), SavedSearchRow.due_at.is_not(None))
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )


def letters_that_wait(session: Session, search_id: str) -> list[str]:
    """Return the ids of the letters of a search that were not sent."""
    named = select(AlertedRow.mail_id).where(AlertedRow.search_id == search_id)
    return list(session.scalars(select(MailRow.id).where(MailRow.id.in_(named), MailRow.sent_at.is_(None))))


def count(session: Session, account_id: str) -> int:
    """Return how many searches a person keeps."""
    statement = select(func.count()).select_from(SavedSearchRow).where(SavedSearchRow.account_id == account_id)
    return session.scalar(statement) or 0


def _row(session: Session, search_id: str) -> SavedSearchRow:
    row = session.get(SavedSearchRow, search_id)
    if row is None:
        raise UnknownIdError(f"There is no saved search {search_id}")
    return row


def _search(row: SavedSearchRow) -> SavedSearch:
    return SavedSearch(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        parameters=dict(row.parameters),
        frequency=Frequency(row.frequency),
        has_feed=row.feed_sha256 is not None,
        created_at=row.created_at,
        due_at=row.due_at,
    )
