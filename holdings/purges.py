"""What was destroyed on purpose: originals and texts, by checksum, and why. Functions over a session.

The row is written first, the bytes go when it is committed (`ingest.purging`): whatever stops in between is finished by
the next run of `ikhub ingest run`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from holdings.accounts import Account
from holdings.portions import portions
from holdings.reasons import Reason
from holdings.tables_desk import PurgeRow


class Purged(StrEnum):
    """What was destroyed."""

    ORIGINAL = "original"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Purge:
    """That something was destroyed. `note` is for readers; `lifted_at` is when it was allowed to come in again: an
    original by an administrator, a text as soon as it is destroyed."""

    document_id: str
    sha256: str
    what: Purged
    reason: Reason
    note: str
    account_id: str | None
    at: datetime
    lifted_at: datetime | None = None


def add(
    session: Session, by: Account | None, document_id: str, sha256: str, what: Purged, reason: Reason, note: str
) -> None:
    """Record that something of a document is destroyed; what is recorded already stays as it is."""
    if standing(session, [sha256], what):
        return
    session.add(
        PurgeRow(
            record_id=document_id,
            sha256=sha256,
            what=what.value,
            reason=reason.value,
            note=note,
            account_id=by.id if by is not None else None,
            at=datetime.now(UTC),
        )
    )
    session.flush()


def standing(session: Session, checksums: Collection[str], what: Purged = Purged.ORIGINAL) -> dict[str, Purge]:
    """Return, by checksum, what of these was destroyed and not allowed again."""
    found: dict[str, Purge] = {}
    for some in portions(sorted(set(checksums))):
        rows = session.scalars(
            select(PurgeRow).where(PurgeRow.sha256.in_(some), PurgeRow.what == what.value, PurgeRow.lifted_at.is_(None))
        )
        found |= {row.sha256: _purge(row) for row in rows}
    return found


def of_originals(session: Session, checksums: Collection[str]) -> dict[str, Purge]:
    """Return, by checksum, when each of these originals was destroyed last, also where it was allowed again."""
    rows = session.scalars(
        select(PurgeRow)
        .where(PurgeRow.sha256.in_(sorted(set(checksums))), PurgeRow.what == Purged.ORIGINAL.value)
        .order_by(PurgeRow.id)
    )
    return {row.sha256: _purge(row) for row in rows}


def all_standing(session: Session) -> list[Purge]:
    """Return all that was destroyed and not allowed again, oldest first."""
    rows = session.scalars(select(PurgeRow).where(PurgeRow.lifted_at.is_(None)).order_by(PurgeRow.id))
    return [_purge(row) for row in rows]


def all_purges(session: Session) -> list[Purge]:
    """Return all that was ever destroyed, oldest first."""
    return [_purge(row) for row in session.scalars(select(PurgeRow).order_by(PurgeRow.id))]


def of_document(session: Session, document_id: str) -> list[Purge]:
    """Return what was destroyed of a document, oldest first, also what was allowed again."""
    rows = session.scalars(select(PurgeRow).where(PurgeRow.record_id == document_id).order_by(PurgeRow.id))
    return [_purge(row) for row in rows]


def lift(session: Session, sha256: str, what: Purged = Purged.ORIGINAL) -> bool:
    """Allow what has this checksum to come in again, and say whether anything stood in its way."""
    rows = list(
        session.scalars(
            select(PurgeRow).where(PurgeRow.sha256 == sha256, PurgeRow.what == what.value, PurgeRow.lifted_at.is_(None))
        )
    )
    for row in rows:
        row.lifted_at = datetime.now(UTC)
    return bool(rows)


def _purge(row: PurgeRow) -> Purge:
    return Purge(
        document_id=row.record_id,
        sha256=row.sha256,
        what=Purged(row.what),
        reason=Reason(row.reason),
        note=row.note,
        account_id=row.account_id,
        at=row.at,
        lifted_at=row.lifted_at,
    )
