"""Harvests: which sources documents are fetched from, how far each has come, and what its servers said of each file.

Functions over a session of `holdings.database`. Nothing is forgotten: what a source withdraws is marked so and stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from holdings.tables import ArrivalRow, HarvestedFileRow, HarvestedRow, HarvestRow

# Longer addresses and identifiers, in bytes, are not harvested: a database has to index them.
MAX_IDENTIFIER = 1_000


@dataclass(frozen=True, slots=True)
class Harvest:
    """A source and how far its harvest has come; see `holdings.tables.HarvestRow`."""

    id: int
    url: str
    kind: str
    metadata_prefix: str
    set_name: str
    since: str | None
    began: str | None
    began_at: datetime | None
    token: str | None


@dataclass(frozen=True, slots=True)
class HarvestedFile:
    """A file as it was last fetched. `document_id` and `sha256` are those of its receipt, if it has one by now."""

    url: str
    etag: str | None
    last_modified: str | None
    error_code: str | None
    arrival_id: int | None
    sha256: str | None
    document_id: str | None


@dataclass(frozen=True, slots=True)
class Harvested:
    """A record or an address as it was last harvested."""

    identifier: str
    datestamp: str | None
    due: bool
    attempts: int
    seen_at: datetime
    withdrawn_at: datetime | None
    files: tuple[HarvestedFile, ...]


def fitted(identifier: str) -> str:
    """Return what an identifier that is too long is known by."""
    return identifier.encode(errors="replace")[:MAX_IDENTIFIER].decode(errors="ignore")


def find(session: Session, url: str, metadata_prefix: str = "", set_name: str = "") -> Harvest | None:
    """Return the harvest of a source, None when it was never begun."""
    row = session.scalar(
        select(HarvestRow).where(
            HarvestRow.url == url,
            HarvestRow.metadata_prefix == metadata_prefix,
            HarvestRow.set_name == set_name,
        )
    )
    return _harvest(row) if row else None


def begin(session: Session, url: str, kind: str, metadata_prefix: str = "", set_name: str = "") -> Harvest:
    """Begin a run, or go on with the one that was interrupted, and return where it stands."""
    found = find(session, url, metadata_prefix, set_name)
    if found is None:
        row = HarvestRow(url=url, kind=kind, metadata_prefix=metadata_prefix, set_name=set_name)
        session.add(row)
    else:
        row = session.get_one(HarvestRow, found.id)
    if row.began_at is None:
        row.began_at = datetime.now(UTC)
    session.flush()
    return _harvest(row)


def note_page(session: Session, harvest_id: int, token: str | None, began: str | None) -> None:
    """Record which page of the source's list comes next, and what its clock said when the list began."""
    row = session.get_one(HarvestRow, harvest_id)
    row.token, row.began = token, began


def complete(session: Session, harvest_id: int, since: str | None) -> None:
    """Record that a run came to its end; the next asks for what changed `since`."""
    row = session.get_one(HarvestRow, harvest_id)
    row.since, row.began, row.began_at, row.token, row.finished_at = since, None, None, None, datetime.now(UTC)


def harvested(session: Session, harvest_id: int, identifier: str) -> Harvested | None:
    """Return what was harvested under an identifier, None when nothing was."""
    row = _row(session, harvest_id, identifier)
    if row is None:
        return None
    return Harvested(
        identifier=row.identifier,
        datestamp=row.datestamp,
        due=row.due,
        attempts=row.attempts,
        seen_at=row.seen_at,
        withdrawn_at=row.withdrawn_at,
        files=tuple(_file(session, file) for file in row.files),
    )


def due(session: Session, harvest_id: int) -> list[str]:
    """Return the identifiers that could not be fetched whole and are to be tried again."""
    rows = select(HarvestedRow.identifier).where(HarvestedRow.harvest_id == harvest_id, HarvestedRow.due.is_(True))
    return list(session.scalars(rows.order_by(HarvestedRow.id)))


def note_file(
    session: Session,
    harvest_id: int,
    identifier: str,
    url: str,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    arrival_id: int | None = None,
    error_code: str | None = None,
) -> None:
    """Record what became of a file. An arrival that it had before stays when there is no new one."""
    row = _row(session, harvest_id, identifier)
    if row is None:
        # Due until `note_item` says otherwise: a process may die between the files of a record.
        row = HarvestedRow(harvest_id=harvest_id, identifier=identifier, seen_at=datetime.now(UTC), due=True)
        session.add(row)
        session.flush()
    file = next((file for file in row.files if file.url == url), None)
    if file is None:
        file = HarvestedFileRow(harvested_id=row.id, url=url)
        row.files.append(file)
    file.etag, file.last_modified, file.error_code = etag, last_modified, error_code
    file.arrival_id = arrival_id or file.arrival_id
    session.flush()


def note_item(session: Session, harvest_id: int, identifier: str, datestamp: str | None, *, due: bool) -> None:
    """Record that a record or an address was dealt with as of `datestamp`, or has to be looked at again."""
    row = _row(session, harvest_id, identifier)
    now = datetime.now(UTC)
    if row is None:
        row = HarvestedRow(harvest_id=harvest_id, identifier=identifier, seen_at=now, attempts=0)
        session.add(row)
    row.datestamp, row.due, row.seen_at, row.withdrawn_at = datestamp, due, now, None
    row.attempts = (row.attempts or 0) + 1 if due else 0


def withdraw(session: Session, harvest_id: int, identifier: str, datestamp: str | None) -> bool:
    """Mark what the source no longer has, and say whether that is news. Files, receipts and documents stay."""
    row = _row(session, harvest_id, identifier)
    if row is None:
        return False
    news = row.withdrawn_at is None
    row.withdrawn_at = row.withdrawn_at or datetime.now(UTC)
    row.datestamp, row.due, row.attempts, row.seen_at = datestamp, False, 0, datetime.now(UTC)
    return news


def _row(session: Session, harvest_id: int, identifier: str) -> HarvestedRow | None:
    return session.scalar(
        select(HarvestedRow).where(HarvestedRow.harvest_id == harvest_id, HarvestedRow.identifier == identifier)
    )


def _harvest(row: HarvestRow) -> Harvest:
    return Harvest(
        row.id, row.url, row.kind, row.metadata_prefix, row.set_name, row.since, row.began, row.began_at, row.token
    )


def _file(session: Session, row: HarvestedFileRow) -> HarvestedFile:
    arrival = session.get(ArrivalRow, row.arrival_id) if row.arrival_id is not None else None
    return HarvestedFile(
        url=row.url,
        etag=row.etag,
        last_modified=row.last_modified,
        error_code=row.error_code,
        arrival_id=row.arrival_id,
        sha256=arrival.sha256 if arrival else None,
        document_id=arrival.document_id if arrival else None,
    )
