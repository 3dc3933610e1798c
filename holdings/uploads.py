"""Uploads in the catalogue: files that contributors send, piece by piece, until they are handed to the pipeline.

Functions over a session of `holdings.database`. The bytes lie under `FOLDER`; the row counts those that are safely on
the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from holdings.errors import FileOutcome, UnknownIdError
from holdings.identifiers import new_identifier
from holdings.portions import portions
from holdings.tables import ArrivalRow, DocumentFileRow, FileRow, OrganisationRow, RecordRow
from holdings.tables_desk import UploadRow

# In the data folder, which the workers see as well, wherever it lies on their machine.
FOLDER = "uploads"
_IN_THE_HUB = (FileOutcome.INGESTED.value, FileOutcome.UNCHANGED.value, FileOutcome.DUPLICATE.value)
_OPEN = UploadRow.arrival_id.is_(None), UploadRow.cancelled_at.is_(None)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a contributor sends. `name` is as its browser gave it: it is shown and used only cleaned.

    `arrival_id` is None until all of it is there and it was handed to the pipeline.
    """

    id: str
    account_id: str
    space: str
    batch_id: str
    name: str
    size: int
    received: int
    created_at: datetime
    updated_at: datetime
    modified_ms: int | None = None
    arrival_id: int | None = None
    cancelled_at: datetime | None = None
    replaces_id: str | None = None

    @property
    def is_open(self) -> bool:
        """Say whether bytes of it are still awaited."""
        return self.arrival_id is None and self.cancelled_at is None


def add(
    session: Session,
    *,
    account_id: str,
    space: str,
    batch_id: str,
    name: str,
    size: int,
    modified_ms: int | None = None,
    replaces_id: str | None = None,
) -> Upload:
    """Record that a file is going to be sent."""
    now = datetime.now(UTC)
    row = UploadRow(
        id=new_identifier(),
        account_id=account_id,
        organisation_id=space,
        batch_id=batch_id,
        name=name,
        size=size,
        modified_ms=modified_ms,
        received=0,
        created_at=now,
        updated_at=now,
        replaces_id=replaces_id,
    )
    session.add(row)
    session.flush()
    return _upload(row)


def get(session: Session, upload_id: str) -> Upload:
    """Return an upload. Raises UnknownIdError."""
    row = session.get(UploadRow, upload_id)
    if row is None:
        raise UnknownIdError(f"There is no upload {upload_id}")
    return _upload(row)


def of_account(session: Session, account_id: str, *, only_open: bool = False) -> list[Upload]:
    """Return what a person sent or is sending and did not cancel, newest first."""
    conditions = _OPEN if only_open else (UploadRow.cancelled_at.is_(None),)
    rows = session.scalars(
        select(UploadRow)
        .where(UploadRow.account_id == account_id, *conditions)
        .order_by(UploadRow.created_at.desc(), UploadRow.id)
    )
    return [_upload(row) for row in rows]


def listed(session: Session, account_id: str, *, on_the_way: bool, limit: int, offset: int = 0) -> list[Upload]:
    """Return what a person sent or is sending and did not cancel: what is still sent first, then the newest first.

    `on_the_way` leaves out files that have become documents, archives where all that was in them has.
    """
    rows = session.scalars(
        select(UploadRow)
        .where(*_of(account_id, on_the_way))
        .order_by(UploadRow.arrival_id.is_(None).desc(), UploadRow.created_at.desc(), UploadRow.id)
        .limit(limit)
        .offset(offset)
    )
    return [_upload(row) for row in rows]


def count(session: Session, account_id: str, *, on_the_way: bool) -> int:
    """Return how many `listed` has in all."""
    return session.scalar(select(func.count()).select_from(UploadRow).where(*_of(account_id, on_the_way))) or 0


def _of(account_id: str, on_the_way: bool) -> list[ColumnElement[bool]]:
    conditions = [UploadRow.account_id == account_id, UploadRow.cancelled_at.is_(None)]
    return [*conditions, ~_has_become_documents()] if on_the_way else conditions


def _has_become_documents() -> ColumnElement[bool]:
    """Return the clause of uploads whose file, or all that was in it, is in the hub. What was tried again counts by
    its last arrival."""
    first, last, member, again = (aliased(ArrivalRow) for _ in range(4))
    inside = exists().where(member.archive_id == last.id)
    came_in = exists().where(
        again.location == member.location,
        again.id >= member.id,
        again.outcome.in_([*_IN_THE_HUB, FileOutcome.UNPACKED.value]),
    )
    is_unpacked = and_(last.outcome == FileOutcome.UNPACKED.value, inside, ~inside.where(~came_in))
    return exists().where(
        first.id == UploadRow.arrival_id,
        last.location == first.location,
        or_(last.outcome.in_(_IN_THE_HUB), is_unpacked),
    )


def of_document(session: Session, document_id: str) -> Upload | None:
    """Return the upload that a document came from, None where it came otherwise; an archive's for what was in it."""
    row = session.scalar(
        select(UploadRow)
        .join(ArrivalRow, func.coalesce(ArrivalRow.archive_id, ArrivalRow.id) == UploadRow.arrival_id)
        .where(ArrivalRow.document_id == document_id)
        .order_by(UploadRow.created_at)
        .limit(1)
    )
    return _upload(row) if row is not None else None


def idle_since(session: Session, moment: datetime) -> list[Upload]:
    """Return the open uploads of which nothing has come since a moment."""
    rows = session.scalars(select(UploadRow).where(*_OPEN, UploadRow.updated_at < moment))
    return [_upload(row) for row in rows]


def complete(session: Session) -> list[Upload]:
    """Return those of which all is there and that were not handed to the pipeline: a crash came between."""
    rows = session.scalars(select(UploadRow).where(*_OPEN, UploadRow.received == UploadRow.size))
    return [_upload(row) for row in rows]


def known(session: Session, upload_ids: Iterable[str]) -> set[str]:
    """Return those of these ids that name an upload, whatever became of it."""
    found: set[str] = set()
    for some in portions(sorted(set(upload_ids))):
        found |= set(session.scalars(select(UploadRow.id).where(UploadRow.id.in_(some))))
    return found


def needed(session: Session, upload_ids: Iterable[str]) -> set[str]:
    """Return those whose bytes are still needed: they are open, or the pipeline has not finished them."""
    found: set[str] = set()
    for some in portions(sorted(set(upload_ids))):
        found |= set(
            session.scalars(
                select(UploadRow.id)
                .outerjoin(ArrivalRow, ArrivalRow.id == UploadRow.arrival_id)
                .where(UploadRow.id.in_(some), UploadRow.cancelled_at.is_(None), ArrivalRow.outcome.is_(None))
            )
        )
    return found


def note_received(session: Session, upload_id: str, received: int) -> Upload:
    """Record how many bytes are on the disk."""
    row = _row(session, upload_id)
    row.received, row.updated_at = received, datetime.now(UTC)
    session.flush()
    return _upload(row)


def note_arrival(session: Session, upload_id: str, arrival_id: int) -> Upload:
    """Record that all of it is there and was handed to the pipeline."""
    row = _row(session, upload_id)
    row.arrival_id, row.received, row.updated_at = arrival_id, row.size, datetime.now(UTC)
    session.flush()
    return _upload(row)


def cancel(session: Session, upload_id: str) -> None:
    """Record that it is not wanted any more."""
    row = _row(session, upload_id)
    row.cancelled_at = row.cancelled_at or datetime.now(UTC)


def bytes_used(session: Session, space: str) -> int:
    """Return how much room an organisation takes: the files of what it keeps, and what is on its way there."""
    kept = (
        select(DocumentFileRow.sha256)
        .join(RecordRow, RecordRow.id == DocumentFileRow.record_id)
        .where(RecordRow.keeper_id == space, RecordRow.removed_at.is_(None))
    )
    files = _sum(session, FileRow.size, FileRow.sha256.in_(kept))
    open_ones = _sum(session, UploadRow.size, UploadRow.organisation_id == space, *_OPEN)
    waiting = session.scalar(
        select(func.coalesce(func.sum(UploadRow.size), 0))
        .join(ArrivalRow, ArrivalRow.id == UploadRow.arrival_id)
        .where(UploadRow.organisation_id == space, UploadRow.cancelled_at.is_(None), ArrivalRow.outcome.is_(None))
    )
    return files + open_ones + int(waiting or 0)


def quota_mb(session: Session, space: str) -> int | None:
    """Return what the organisation may hold, None where the configuration says it.

    Its row stays locked until the transaction ends, so that two files that begin at once do not both take the room
    that there is for one. Raises UnknownIdError.
    """
    found = session.execute(
        select(OrganisationRow.quota_mb).where(OrganisationRow.id == space).with_for_update()
    ).one_or_none()
    if found is None:
        raise UnknownIdError(f"There is no organisation {space}")
    quota: int | None = found.quota_mb
    return quota


def latest_arrivals(session: Session, arrival_ids: Sequence[int]) -> dict[int, int]:
    """Return, by arrival, the last one of the same file: another where an administrator had it tried again."""
    found: dict[int, int] = {}
    for some in portions(arrival_ids):
        first = select(ArrivalRow.id, ArrivalRow.location).where(ArrivalRow.id.in_(some)).subquery()
        rows = session.execute(
            select(first.c.id, func.max(ArrivalRow.id))
            .join(ArrivalRow, ArrivalRow.location == first.c.location)
            .group_by(first.c.id)
        )
        found |= {row[0]: row[1] for row in rows}
    return found


def _sum(session: Session, column: InstrumentedAttribute[int], *conditions: ColumnElement[bool]) -> int:
    return int(session.scalar(select(func.coalesce(func.sum(column), 0)).where(*conditions)) or 0)


def _row(session: Session, upload_id: str) -> UploadRow:
    return session.get_one(UploadRow, upload_id, with_for_update=True)


def _upload(row: UploadRow) -> Upload:
    return Upload(
        id=row.id,
        account_id=row.account_id,
        space=row.organisation_id,
        batch_id=row.batch_id,
        name=row.name,
        size=row.size,
        received=row.received,
        created_at=row.created_at,
        updated_at=row.updated_at,
        modified_ms=row.modified_ms,
        arrival_id=row.arrival_id,
        cancelled_at=row.cancelled_at,
        replaces_id=row.replaces_id,
    )
