"""Reports that ask for a document to be taken down, and what came of them. Functions over a session."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from holdings.accounts import Account
from holdings.errors import ChangedMeanwhileError, UnknownIdError
from holdings.identifiers import new_identifier
from holdings.reasons import Reason
from holdings.tables import RecordRow
from holdings.tables_desk import TakedownReportRow


class ReportStatus(StrEnum):
    """What came of a report."""

    OPEN = "open"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    PURGED = "purged"


@dataclass(frozen=True, slots=True)
class Report:
    """That somebody asks for a document to be taken down. `name` and `email` are empty where they were not given."""

    id: str
    document_id: str
    reason: Reason
    text: str
    name: str
    email: str
    language: str
    created_at: datetime
    status: ReportStatus = ReportStatus.OPEN
    handled_by: str | None = None
    handled_at: datetime | None = None
    resolution: str = ""


def add(
    session: Session, document_id: str, reason: Reason, text: str, *, name: str = "", email: str = "", language: str
) -> Report:
    """Record a report and return it."""
    row = TakedownReportRow(
        id=new_identifier(),
        record_id=document_id,
        reason=reason.value,
        text=text,
        name=name,
        email=email,
        language=language,
        created_at=datetime.now(UTC),
        status=ReportStatus.OPEN.value,
        resolution="",
    )
    session.add(row)
    session.flush()
    return _report(row)


def get(session: Session, report_id: str, *, for_change: bool = False) -> Report:
    """Return a report; locked to the end of the transaction where it is to be changed. Raises UnknownIdError."""
    row = session.get(TakedownReportRow, report_id, with_for_update=for_change or None, populate_existing=for_change)
    if row is None:
        raise UnknownIdError(f"There is no report {report_id}")
    return _report(row)


def listed(
    session: Session, spaces: Collection[str] | None, *, is_open: bool, limit: int, offset: int = 0
) -> list[Report]:
    """Return reports on what these spaces keep, oldest first, those that wait or the others; None stands for all."""
    rows = session.scalars(
        select(TakedownReportRow)
        .join(RecordRow, RecordRow.id == TakedownReportRow.record_id)
        .where(_kept_by(spaces), _is(is_open))
        .order_by(
            TakedownReportRow.created_at if is_open else TakedownReportRow.handled_at.desc(), TakedownReportRow.id
        )
        .limit(limit)
        .offset(offset)
    )
    return [_report(row) for row in rows]


def count(session: Session, spaces: Collection[str] | None, *, is_open: bool) -> int:
    """Return how many reports `listed` has."""
    statement = (
        select(func.count())
        .select_from(TakedownReportRow)
        .join(RecordRow, RecordRow.id == TakedownReportRow.record_id)
        .where(_kept_by(spaces), _is(is_open))
    )
    return session.scalar(statement) or 0


def close(session: Session, report_id: str, by: Account, status: ReportStatus, resolution: str) -> Report:
    """Record what came of a report and return it.

    Raises UnknownIdError, and ChangedMeanwhileError when somebody has dealt with it.
    """
    report = get(session, report_id, for_change=True)
    if report.status is not ReportStatus.OPEN:
        raise ChangedMeanwhileError(f"The report {report_id} was dealt with meanwhile")
    row = session.get_one(TakedownReportRow, report_id)
    row.status, row.resolution = status.value, resolution
    row.handled_by, row.handled_at = by.id, datetime.now(UTC)
    session.flush()
    return _report(row)


def _kept_by(spaces: Collection[str] | None) -> ColumnElement[bool]:
    return true() if spaces is None else RecordRow.keeper_id.in_(sorted(spaces))


def _is(is_open: bool) -> ColumnElement[bool]:
    waits = TakedownReportRow.status == ReportStatus.OPEN.value
    return waits if is_open else ~waits


def _report(row: TakedownReportRow) -> Report:
    return Report(
        id=row.id,
        document_id=row.record_id,
        reason=Reason(row.reason),
        text=row.text,
        name=row.name,
        email=row.email,
        language=row.language,
        created_at=row.created_at,
        status=ReportStatus(row.status),
        handled_by=row.handled_by,
        handled_at=row.handled_at,
        resolution=row.resolution,
    )
