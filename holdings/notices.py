"""What people are told of on the site. Functions over a session.

`desk.notices` tells, `app.members.notices` puts it into words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from holdings.errors import UnknownIdError
from holdings.tables_desk import NoticeRow


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person is told of: what kind of thing it is, the document that it is about, and details."""

    id: int
    kind: str
    document_id: str | None
    details: Mapping[str, str]
    created_at: datetime
    read_at: datetime | None


def add(session: Session, account_id: str, kind: str, document_id: str | None, details: Mapping[str, str]) -> None:
    """Record that a person is to be told of something."""
    session.add(
        NoticeRow(
            account_id=account_id,
            kind=kind,
            record_id=document_id,
            details=dict(details),
            created_at=datetime.now(UTC),
        )
    )
    session.flush()


def of(session: Session, account_id: str, *, limit: int, offset: int = 0) -> list[Notice]:
    """Return what a person was told of, newest first."""
    rows = session.scalars(
        select(NoticeRow)
        .where(NoticeRow.account_id == account_id)
        .order_by(NoticeRow.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [Notice(row.id, row.kind, row.record_id, dict(row.details), row.created_at, row.read_at) for row in rows]


def count(session: Session, account_id: str, *, unread: bool = False) -> int:
    """Return of how many things a person was told, or how many of these they have not read."""
    statement = select(func.count()).select_from(NoticeRow).where(NoticeRow.account_id == account_id)
    return session.scalar(statement.where(NoticeRow.read_at.is_(None)) if unread else statement) or 0


def note_read(session: Session, account_id: str, notice_id: int | None = None, *, now: datetime) -> None:
    """Note that a person has read one notice, or all. Raises UnknownIdError for a notice that is not theirs."""
    statement = update(NoticeRow).where(NoticeRow.account_id == account_id, NoticeRow.read_at.is_(None))
    if notice_id is not None:
        row = session.get(NoticeRow, notice_id)
        if row is None or row.account_id != account_id:
            raise UnknownIdError(f"There is no notice {notice_id}")
        statement = statement.where(NoticeRow.id == notice_id)
    session.execute(statement.values(read_at=now).execution_options(synchronize_session=False))


def forget_read(session: Session, before: datetime, *, limit: int) -> int:
    """Delete notices that were read before a moment, and return how many."""
    old = select(NoticeRow.id).where(NoticeRow.read_at < before).limit(limit)
    done = session.execute(delete(NoticeRow).where(NoticeRow.id.in_(old)).execution_options(synchronize_session=False))
    assert isinstance(done, CursorResult)
    return done.rowcount
