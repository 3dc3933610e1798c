"""Arrivals: every file that reaches the hub is recorded here before anything else happens to it, with its receipt.

Functions over a session of `holdings.database`; they return values of `holdings.model`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from holdings.errors import FileOutcome
from holdings.filestore import StoredText
from holdings.inserting import insert_missing
from holdings.model import (
    Arrival,
    Declared,
    DocumentField,
    Evidence,
    FailureReport,
    Source,
    Statement,
    StoredFile,
    Text,
)
from holdings.portions import portions
from holdings.states import State
from holdings.tables import ArrivalRow, FileRow, RecordRow
from holdings.texts import record, text_of

# Between the name of an archive and that of a file in it.
MEMBER = "!/"
_IN_THE_HUB = (FileOutcome.INGESTED, FileOutcome.DUPLICATE, FileOutcome.UNCHANGED)


def receive(session: Session, files: Iterable[tuple[str, str, Declared]]) -> list[int]:
    """Record files as received, each with its path, its absolute location and what is declared, and return their ids.

    A file that was received from the same location and has not been finished is not recorded twice: the later
    declaration takes the place of the earlier one.
    """
    unfinished = {row.location: row for row in session.scalars(select(ArrivalRow).where(ArrivalRow.outcome.is_(None)))}
    rows = []
    for path, location, declared in files:
        row = unfinished.get(location)
        if row is None:
            row = ArrivalRow(path=path, location=location, received_at=datetime.now(UTC))
            session.add(row)
            unfinished[location] = row
        row.path, row.declared = path, _declared_to_json(declared)
        rows.append(row)
    session.flush()
    return [row.id for row in rows]


@dataclass(frozen=True, slots=True)
class MemberFile:
    """A file that was in an archive: its name there, and its bytes in the file store, or why it was not taken out."""

    name: str
    sha256: str | None = None
    size: int = 0
    refused: FailureReport | None = None
    outcome: FileOutcome | None = None


def receive_members(session: Session, archive: Arrival, members: Iterable[MemberFile], declared: Declared) -> list[int]:
    """Record what was in an archive as files received, each with the bytes in the file store, and return their ids."""
    now = datetime.now(UTC)
    rows = [
        ArrivalRow(
            path=f"{archive.path}{MEMBER}{member.name}",
            location=f"{archive.location}{MEMBER}{member.name}",
            declared=_declared_to_json(declared),
            received_at=now,
            sha256=member.sha256,
            unpacked_size=member.size,
            archive_id=archive.archive_id or archive.id,
            outcome=member.outcome.value if member.outcome else None,
            finished_at=now if member.outcome else None,
            error_code=member.refused.code if member.refused else None,
            error_message=member.refused.message if member.refused else None,
            error_advice=member.refused.advice if member.refused else None,
        )
        for member in members
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def members_of(session: Session, archive_ids: Sequence[int]) -> list[int]:
    """Return the ids of what was in these archives, archives in archives included."""
    return [
        arrival_id
        for some in portions(archive_ids)
        for arrival_id in session.scalars(
            select(ArrivalRow.id).where(ArrivalRow.archive_id.in_(some)).order_by(ArrivalRow.id)
        )
    ]


def members_in(session: Session, archive: Arrival) -> list[int]:
    """Return the ids of what was in a file itself, without what was in archives in it."""
    inside = archive.location + MEMBER
    rows = session.execute(
        select(ArrivalRow.id, ArrivalRow.location)
        .where(ArrivalRow.archive_id == (archive.archive_id or archive.id))
        .order_by(ArrivalRow.id)
    )
    return [
        arrival_id
        for arrival_id, location in rows
        if location.startswith(inside) and MEMBER not in location.removeprefix(inside)
    ]


def archives_of(session: Session, arrival: Arrival) -> list[str]:
    """Return the checksums of the archives that a file was in, the outermost first; nothing for what was in none."""
    if arrival.archive_id is None:
        return []
    rows = session.execute(
        select(ArrivalRow.location, ArrivalRow.sha256)
        .where(or_(ArrivalRow.id == arrival.archive_id, ArrivalRow.archive_id == arrival.archive_id))
        .order_by(ArrivalRow.id)
    )
    return [sha256 for location, sha256 in rows if sha256 and arrival.location.startswith(location + MEMBER)]


def with_bytes(session: Session, sha256: str) -> list[Arrival]:
    """Return all arrivals of the bytes with this checksum, oldest first."""
    rows = session.scalars(select(ArrivalRow).where(ArrivalRow.sha256 == sha256).order_by(ArrivalRow.id))
    return [arrival_of(row) for row in rows]


def unpacked_from(session: Session, archive_id: int) -> tuple[int, int]:
    """Return how many files, of how many bytes, were taken out of an archive and of those in it so far."""
    number, size = session.execute(
        select(func.count(), func.coalesce(func.sum(ArrivalRow.unpacked_size), 0)).where(
            ArrivalRow.archive_id == archive_id
        )
    ).one()
    return number, size


def unfinished(session: Session) -> list[int]:
    """Return the ids of arrivals without an outcome, oldest first."""
    return list(session.scalars(select(ArrivalRow.id).where(ArrivalRow.outcome.is_(None)).order_by(ArrivalRow.id)))


def all_ids(session: Session) -> list[int]:
    """Return the ids of all arrivals, oldest first."""
    return list(session.scalars(select(ArrivalRow.id).order_by(ArrivalRow.id)))


def get(session: Session, arrival_id: int) -> Arrival:
    return arrival_of(session.get_one(ArrivalRow, arrival_id))


def get_many(session: Session, arrival_ids: Sequence[int]) -> list[Arrival]:
    """Return arrivals in the order of their ids."""
    found: list[Arrival] = []
    for some in portions(arrival_ids):
        rows = session.scalars(select(ArrivalRow).where(ArrivalRow.id.in_(some)).order_by(ArrivalRow.id))
        found.extend(arrival_of(row) for row in rows)
    return found


def receipts_of(session: Session, document_id: str) -> list[Arrival]:
    """Return the finished arrivals that led to a document, oldest first."""
    rows = session.scalars(select(ArrivalRow).where(ArrivalRow.document_id == document_id).order_by(ArrivalRow.id))
    return [arrival_of(row) for row in rows]


def counts(session: Session) -> dict[str, int]:
    """Return how many arrivals there are by outcome; `waiting` counts those without one."""
    rows = session.execute(select(ArrivalRow.outcome, func.count()).group_by(ArrivalRow.outcome))
    return {outcome or "waiting": number for outcome, number in rows}


def kept(session: Session, found: Sequence[Arrival]) -> frozenset[int]:
    """Return the ids of those of these arrivals whose bytes are in the file store."""
    checksums = {one.id: one.sha256 for one in found if one.sha256 is not None}
    # What is taken out of an archive is kept before it is looked at.
    unpacked = {one.id for one in found if one.id in checksums and one.archive_id is not None}
    stored: set[str] = set()
    for some in portions(sorted(set(checksums.values()))):
        stored.update(session.scalars(select(FileRow.sha256).where(FileRow.sha256.in_(some))))
    return frozenset(unpacked | {arrival_id for arrival_id, sha256 in checksums.items() if sha256 in stored})


def receive_again(session: Session, arrival: Arrival) -> int:
    """Record a file as received once more and return the arrival's id; from the file store where it is kept there."""
    stored = session.get(FileRow, arrival.sha256) if arrival.sha256 is not None else None
    row = ArrivalRow(
        path=arrival.path,
        location=arrival.location,
        declared=_declared_to_json(arrival.declared),
        received_at=datetime.now(UTC),
        sha256=arrival.sha256 if kept(session, [arrival]) else None,
        media_type=stored.media_type if stored is not None else None,
        archive_id=arrival.archive_id,
    )
    session.add(row)
    session.flush()
    return row.id


def oldest_waiting(session: Session) -> datetime | None:
    """Return when the file was received that has waited longest, None when none waits."""
    return session.scalar(select(func.min(ArrivalRow.received_at)).where(ArrivalRow.outcome.is_(None)))


def begin_attempt(session: Session, arrival_id: int) -> Arrival:
    row = session.get_one(ArrivalRow, arrival_id)
    row.attempts += 1
    return arrival_of(row)


def note_stored(session: Session, arrival_id: int, file: StoredFile) -> None:
    """Record that the bytes of an arrival are in the file store."""
    known = {"size": file.size, "media_type": file.media_type, "stored_at": datetime.now(UTC)}
    # Two workers may have stored the same bytes at once.
    insert_missing(session, FileRow, [{"sha256": file.sha256, **known}], [FileRow.sha256])
    row = session.get_one(ArrivalRow, arrival_id)
    row.sha256, row.media_type = file.sha256, file.media_type


def note_checksum(session: Session, arrival_id: int, sha256: str | None) -> None:
    """Record which bytes an arrival has; what is known already stays."""
    row = session.get_one(ArrivalRow, arrival_id)
    row.sha256 = row.sha256 or sha256


def note_text(session: Session, arrival_id: int, stored: StoredText) -> None:
    """Record that the text of an arrival is in the file store."""
    record(session, stored)
    session.get_one(ArrivalRow, arrival_id).text_sha256 = stored.text.sha256


def link_text(session: Session, arrival_id: int, text: Text) -> None:
    """Record which text, of those in the catalogue, the file of an arrival has."""
    session.get_one(ArrivalRow, arrival_id).text_sha256 = text.sha256


def finish(
    session: Session,
    arrival_id: int,
    outcome: FileOutcome,
    *,
    seconds: float,
    document_id: str | None = None,
    error: FailureReport | None = None,
) -> None:
    """Write the receipt of an arrival."""
    row = session.get_one(ArrivalRow, arrival_id)
    row.outcome, row.document_id = outcome.value, document_id
    row.seconds, row.finished_at = row.seconds + seconds, datetime.now(UTC)
    if error is not None:
        row.error_code, row.error_message, row.error_advice = error.code, error.message, error.advice


def document_read_before(session: Session, location: str, sha256: str) -> str | None:
    """Return the document that these bytes at this place are in already, or None."""
    return session.scalar(_ended_well(ArrivalRow.location == location, ArrivalRow.sha256 == sha256))


def document_formerly_at(session: Session, location: str, sha256: str) -> str | None:
    """Return the document that other bytes at this place are in: the candidate of which this may be a new version."""
    return session.scalar(_ended_well(ArrivalRow.location == location, ArrivalRow.sha256 != sha256))


def _ended_well(*conditions: ColumnElement[bool]) -> Select[str | None]:
    return (
        select(ArrivalRow.document_id)
        .join(RecordRow, RecordRow.id == ArrivalRow.document_id)
        .where(ArrivalRow.outcome.in_([o.value for o in _IN_THE_HUB]), RecordRow.removed_at.is_(None), *conditions)
        .order_by(ArrivalRow.id.desc())
        .limit(1)
    )


def arrival_of(row: ArrivalRow) -> Arrival:
    """Return a row as the value that it stands for."""
    return Arrival(
        id=row.id,
        path=row.path,
        location=row.location,
        declared=_declared_from_json(row.declared),
        received_at=row.received_at,
        sha256=row.sha256,
        media_type=row.media_type,
        text=text_of(row.text) if row.text else None,
        outcome=FileOutcome(row.outcome) if row.outcome else None,
        document_id=row.document_id,
        seconds=row.seconds,
        error=(
            FailureReport(row.error_code, row.error_message or "", row.error_advice or "") if row.error_code else None
        ),
        attempts=row.attempts,
        finished_at=row.finished_at,
        archive_id=row.archive_id,
    )


def _declared_to_json(declared: Declared) -> dict[str, Any]:
    return {
        "statements": [asdict(statement) for statement in declared.statements],
        "access": list(declared.access),
        "embargo_until": declared.embargo_until.isoformat() if declared.embargo_until else None,
        "unreadable": declared.unreadable,
        "state": declared.state.value,
        "space": declared.space,
        "contributor": declared.contributor,
    }


def _declared_from_json(value: dict[str, Any]) -> Declared:
    return Declared(
        statements=tuple(
            Statement(
                field=DocumentField(entry["field"]),
                value=entry["value"],
                source=Source(entry["source"]),
                confidence=entry["confidence"],
                evidence=tuple(Evidence(**evidence) for evidence in entry["evidence"]),
            )
            for entry in value["statements"]
        ),
        access=tuple(value["access"]),
        embargo_until=datetime.fromisoformat(value["embargo_until"]) if value["embargo_until"] else None,
        unreadable=value["unreadable"],
        # What was received before there were states has none.
        state=State(value.get("state", State.PUBLISHED.value)),
        space=value.get("space"),
        contributor=value.get("contributor"),
    )
