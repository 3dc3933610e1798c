"""Inboxes: files of a watched folder that were received and are not yet where they belong.

A row is written with the arrival and goes when file and receipt are in their place, so that a process that dies in
between leaves nothing in doubt. Functions over a session of `holdings.database`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from holdings import arrivals
from holdings.model import Declared
from holdings.tables import InboxFileRow


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file under way: its name in the inbox, how it looked when it was received, and where it goes, once decided."""

    arrival_id: int
    name: str
    size: int
    modified_ns: int
    target: str | None = None


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to receive: its path for receipts, its location, what is declared of it, and how it looks."""

    path: str
    location: str
    declared: Declared
    name: str
    size: int
    modified_ns: int


def receive(session: Session, folder: str, files: Iterable[NewFile]) -> list[int]:
    """Record files as received, each with its way through the inbox, and return the arrivals' ids."""
    given = list(files)
    ids = arrivals.receive(session, [(file.path, file.location, file.declared) for file in given])
    for arrival_id, file in zip(ids, given, strict=True):
        session.merge(
            InboxFileRow(
                arrival_id=arrival_id, folder=folder, name=file.name, size=file.size, modified_ns=file.modified_ns
            )
        )
    return ids


def under_way(session: Session, folder: str) -> list[InboxFile]:
    """Return the files of an inbox that were received and are not yet in their place, oldest first."""
    rows = session.scalars(select(InboxFileRow).where(InboxFileRow.folder == folder).order_by(InboxFileRow.arrival_id))
    return [InboxFile(row.arrival_id, row.name, row.size, row.modified_ns, row.target) for row in rows]


def note_target(session: Session, arrival_id: int, target: str) -> None:
    """Record where a file goes, before it is moved."""
    session.get_one(InboxFileRow, arrival_id).target = target


def forget(session: Session, arrival_id: int) -> None:
    """Record that a file and its receipt are in their place."""
    row = session.get(InboxFileRow, arrival_id)
    if row is not None:
        session.delete(row)
