"""Finding in the audit log: by time, actor, action and subject. Functions over a session of `holdings.database`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from holdings.audit import Entry, entry_of
from holdings.tables_desk import AuditRow

_AT_A_TIME = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are looked for: each condition that is given must hold. `until` is the first moment not wanted."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str = ""
    action: str = ""
    subject_type: str = ""
    subject_id: str = ""


def newest(session: Session, wanted: Wanted, *, limit: int, before: int | None = None) -> list[Entry]:
    """Return up to `limit` entries, the newest first; only those with a number lower than `before`, where it is given.

    So pages do not shift while entries are appended.
    """
    found = _matching(wanted).order_by(AuditRow.sequence.desc()).limit(limit)
    if before is not None:
        found = found.where(AuditRow.sequence < before)
    return [entry_of(row) for row in session.scalars(found)]


def oldest(session: Session, wanted: Wanted) -> Iterator[Entry]:
    """Yield all entries that are wanted, the oldest first, without holding them all."""
    found = _matching(wanted).order_by(AuditRow.sequence).limit(_AT_A_TIME)
    some = [entry_of(row) for row in session.scalars(found)]
    while some:
        yield from some
        some = [entry_of(row) for row in session.scalars(found.where(AuditRow.sequence > some[-1].sequence))]


def last_of(session: Session, action: str) -> Entry | None:
    """Return the newest entry of an action, None when there is none."""
    return next(iter(newest(session, Wanted(action=action), limit=1)), None)


def _matching(wanted: Wanted) -> Select[AuditRow]:
    found = select(AuditRow)
    # Moments are text in UTC of one form, and sort as such.
    if wanted.since is not None:
        found = found.where(AuditRow.at >= _written(wanted.since))
    if wanted.until is not None:
        found = found.where(AuditRow.at < _written(wanted.until))
    for column, value in (
        (AuditRow.actor, wanted.actor),
        (AuditRow.action, wanted.action),
        (AuditRow.subject_type, wanted.subject_type),
        (AuditRow.subject_id, wanted.subject_id),
    ):
        if value:
            found = found.where(column == value)
    return found


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
