"""Letters that wait to be sent, were sent, or could not be: the outbox. Functions over a session.

A letter is put in with the change that it tells of, in one transaction. `desk.sending` takes it out: `begun_at` is
committed before the mail server is asked and `sent_at` after it has taken the letter, so that a letter that has the one
without the other is one of which nobody knows whether it went. Such a letter is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Result, and_, func, select, update
from sqlalchemy.orm import Session

from holdings.errors import UnknownIdError
from holdings.identifiers import new_identifier
from holdings.inserting import insert_missing
from holdings.tables_desk import MailRow

# Letters of this kind are sent after all others: there may be many, and somebody waits for a new password.
LAST_KIND = "alert"


class MailState(StrEnum):
    """Where a letter is. The values stand in the address of the administration's list."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    """It is not tried again by itself."""
    UNKNOWN = "unknown"
    """The sender ended, or the connection, before it was known whether the mail server took it."""
    BEGUN = "begun"
    """It is being sent, or its sender died and nobody has looked since."""


_CONDITIONS: Mapping[MailState, ColumnElement[bool]] = {
    MailState.SENT: MailRow.sent_at.is_not(None),
    MailState.WAITING: and_(MailRow.sent_at.is_(None), MailRow.begun_at.is_(None), MailRow.due_at.is_not(None)),
    MailState.FAILED: and_(MailRow.sent_at.is_(None), MailRow.begun_at.is_(None), MailRow.due_at.is_(None)),
    MailState.UNKNOWN: and_(MailRow.sent_at.is_(None), MailRow.begun_at.is_not(None), MailRow.due_at.is_(None)),
    MailState.BEGUN: and_(MailRow.sent_at.is_(None), MailRow.begun_at.is_not(None), MailRow.due_at.is_not(None)),
}


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter. `names` are the ids of the documents that its text names; `error` is why it did not go, the last time.

    The text is kept until the letter was sent, and no longer: it may hold a secret, such as the link of a new password.
    Who it was for, and what it was about, is kept for some time (`forget`).
    """

    id: str
    kind: str
    address: str
    language: str
    subject: str
    text: str
    created_at: datetime
    account_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    due_at: datetime | None = None
    attempts: int = 0
    begun_at: datetime | None = None
    sent_at: datetime | None = None
    error: str | None = None

    @property
    def state(self) -> MailState:
        if self.sent_at is not None:
            return MailState.SENT
        if self.begun_at is not None:
            return MailState.BEGUN if self.due_at is not None else MailState.UNKNOWN
        return MailState.WAITING if self.due_at is not None else MailState.FAILED


def put(session: Session, mail: Mail, key: str | None = None) -> bool:
    """Put a letter into the outbox. Return False, and put in nothing, where one with this key was put in before."""
    row = {
        "id": mail.id,
        "key": key,
        "account_id": mail.account_id,
        "address": mail.address,
        "kind": mail.kind,
        "language": mail.language,
        "subject": mail.subject,
        "text": mail.text,
        "headers": dict(mail.headers),
        "names": list(mail.names),
        "created_at": mail.created_at,
        "due_at": mail.due_at,
        "attempts": 0,
    }
    return insert_missing(session, MailRow, [row], [MailRow.key]) == 1


def new_id() -> str:
    """Return an id for a new letter."""
    return new_identifier()


def due(session: Session, now: datetime, *, limit: int) -> list[str]:
    """Return the ids of letters that are due, those that somebody waits for first."""
    rows = session.scalars(
        select(MailRow.id)
        .where(_CONDITIONS[MailState.WAITING], MailRow.due_at <= now)
        .order_by(MailRow.kind == LAST_KIND, MailRow.due_at, MailRow.id)
        .limit(limit)
    )
    return list(rows)


def begin(session: Session, mail_id: str, now: datetime) -> Mail | None:
    """Note that the mail server is asked next to take a letter; None where another process was faster."""
    done = session.execute(
        update(MailRow)
        .where(MailRow.id == mail_id, _CONDITIONS[MailState.WAITING], MailRow.due_at <= now)
        .values(begun_at=now, attempts=MailRow.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    return get(session, mail_id) if _number(done) == 1 else None


def note_sent(session: Session, mail_id: str, now: datetime) -> None:
    """Note that the mail server took a letter. Its text goes."""
    _note(session, mail_id, sent_at=now, error=None, due_at=None, text="", headers={})


def note_refused(session: Session, mail_id: str, error: str, due_at: datetime | None) -> None:
    """Note that a letter did not go, and when it is tried again: None for never by itself."""
    _note(session, mail_id, begun_at=None, error=error, due_at=due_at)


def note_waiting(session: Session, mail_id: str, error: str, now: datetime) -> None:
    """Note that the mail server went away before a letter was its own: that was no attempt, and it is due again.

    After all others: where it is the letter that the server goes away from, they do not wait for it.
    """
    _note(session, mail_id, begun_at=None, error=error, attempts=MailRow.attempts - 1, due_at=now)


def note_unknown(session: Session, mail_id: str, error: str) -> None:
    """Note that nobody can say whether the mail server took a letter."""
    _note(session, mail_id, error=error, due_at=None)


def note_abandoned(session: Session, error: str) -> int:
    """Note of letters whose sender is gone that nobody can say whether they went; return how many.

    Only for who holds the lock of the senders.
    """
    done = session.execute(
        update(MailRow)
        .where(_CONDITIONS[MailState.BEGUN])
        .values(due_at=None, error=error)
        .execution_options(synchronize_session=False)
    )
    return _number(done)


def note_server_away(session: Session, error: str, now: datetime) -> None:
    """Note on all letters that are due why they wait. It does not count as an attempt: they stay due."""
    session.execute(
        update(MailRow)
        .where(_CONDITIONS[MailState.WAITING], MailRow.due_at <= now)
        .values(error=error)
        .execution_options(synchronize_session=False)
    )


def send_again(session: Session, mail_id: str, now: datetime) -> Mail:
    """Make a letter due that failed, waits, or of which nobody knows whether it went, if its text is still there.

    Raises UnknownIdError.
    """
    row = _held_row(session, mail_id)
    if row.text and _mail(row).state in {MailState.FAILED, MailState.UNKNOWN, MailState.WAITING}:
        row.begun_at, row.due_at, row.attempts = None, now, 0
    return _mail(row)


def drop(session: Session, mail_id: str, reason: str) -> Mail:
    """Give up a letter that is neither sent nor being sent: it is not tried again. Raises UnknownIdError."""
    row = _held_row(session, mail_id)
    if _mail(row).state in {MailState.FAILED, MailState.UNKNOWN, MailState.WAITING}:
        withhold(session, mail_id, reason)
    return _mail(row)


def withhold(session: Session, mail_id: str, reason: str) -> None:
    """Note that a letter, perhaps one that was begun, is not to be sent. Its text goes."""
    _note(session, mail_id, begun_at=None, due_at=None, error=reason, text="", headers={})


def forget(session: Session, before: datetime, *, limit: int) -> int:
    """Take from letters that were sent, or did not go, before a moment what they say of a person; return of how many.

    Their rows and keys stay: what was told of once is not told of again. What is due, or being sent, is not touched.
    """
    old = and_(
        MailRow.due_at.is_(None),
        MailRow.address != "",
        func.coalesce(MailRow.sent_at, MailRow.begun_at, MailRow.created_at) < before,
    )
    done = session.execute(
        update(MailRow)
        # The condition stands twice: a letter that is made due meanwhile is found by the one and left by the other.
        .where(MailRow.id.in_(select(MailRow.id).where(old).limit(limit)), old)
        .values(address="", subject="", text="", headers={}, names=[], error=None)
        .execution_options(synchronize_session=False)
    )
    return _number(done)


def get(session: Session, mail_id: str) -> Mail:
    """Return a letter. Raises UnknownIdError."""
    row = session.get(MailRow, mail_id)
    if row is None:
        raise UnknownIdError(f"There is no letter {mail_id}")
    return _mail(row)


def listed(session: Session, state: MailState, *, limit: int = 100, offset: int = 0) -> list[Mail]:
    """Return letters in this state, newest first."""
    rows = session.scalars(
        select(MailRow)
        .where(_CONDITIONS[state])
        .order_by(MailRow.created_at.desc(), MailRow.id)
        .limit(limit)
        .offset(offset)
    )
    return [_mail(row) for row in rows]


def count(session: Session, state: MailState) -> int:
    """Return how many letters are in this state."""
    return session.scalar(select(func.count()).select_from(MailRow).where(_CONDITIONS[state])) or 0


def counts(session: Session) -> dict[MailState, int]:
    """Return how many letters there are in each state."""
    return {state: count(session, state) for state in _CONDITIONS}


def count_undecided(session: Session) -> int:
    """Return how many letters failed, or are such of which nobody knows whether they went, and can still be sent again
    or given up: those that were given up, or of which nothing is kept, have no text."""
    stopped = _CONDITIONS[MailState.FAILED] | _CONDITIONS[MailState.UNKNOWN]
    return session.scalar(select(func.count()).select_from(MailRow).where(stopped, MailRow.text != "")) or 0


def sent_within(session: Session, now: datetime, span: timedelta) -> int:
    """Return how many letters were sent in the time up to now."""
    return session.scalar(select(func.count()).select_from(MailRow).where(MailRow.sent_at > now - span)) or 0


def _number(done: Result[Any]) -> int:
    """Return how many rows a statement has changed."""
    assert isinstance(done, CursorResult)
    return done.rowcount


def _note(session: Session, mail_id: str, **values: Any) -> None:
    """Write what became of a letter, if it is still there: its person may have been erased while it was sent."""
    session.execute(
        update(MailRow).where(MailRow.id == mail_id).values(values).execution_options(synchronize_session="fetch")
    )


def _held_row(session: Session, mail_id: str) -> MailRow:
    """Return a row as it is now, locked: of two who have a letter sent again, the second finds it sent."""
    row = session.get(MailRow, mail_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise UnknownIdError(f"There is no letter {mail_id}")
    return row


def _mail(row: MailRow) -> Mail:
    return Mail(
        id=row.id,
        kind=row.kind,
        address=row.address,
        language=row.language,
        subject=row.subject,
        text=row.text,
        created_at=row.created_at,
        account_id=row.account_id,
        headers=row.headers,
        names=tuple(row.names),
        due_at=row.due_at,
        attempts=row.attempts,
        begun_at=row.begun_at,
        sent_at=row.sent_at,
        error=row.error,
    )
