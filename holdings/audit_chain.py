"""Whether the audit log is as it was written: each entry has the hash of its content, and carries the one before.

Who rewrites the log from some entry to its end leaves a chain that fits: that, and an end cut off, is seen by heads
that were kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from holdings.audit import BEGINNING, COVERED, Head, hash_of
from holdings.tables_desk import AuditRow

_AT_A_TIME = 1000


class Fault(StrEnum):
    """What is wrong with the log at an entry."""

    CHANGED = "changed"
    UNLINKED = "unlinked"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"


_WORDS: Mapping[Fault, str] = {
    Fault.CHANGED: "its content is not what its hash was made of",
    Fault.UNLINKED: "it does not follow from the entry before: one of the two was replaced",
    Fault.MISSING: "an entry was taken out here",
    Fault.INSERTED: "an entry was put in before it",
    Fault.REORDERED: "it stood elsewhere in the log",
    Fault.TRUNCATED: "the log ends before the head that was kept",
    Fault.REWRITTEN: "the head that was kept has another hash: the log was written anew up to here or further",
}


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that does not fit, by its number, and why."""

    sequence: int
    fault: Fault

    @property
    def message(self) -> str:
        return f"Entry {self.sequence}: {_WORDS[self.fault]}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying found: how many entries fit, the last of them, and where the log breaks, if it does."""

    entries: int
    head: Head | None
    broken: Break | None


def verify(session: Session, kept: Iterable[Head] = ()) -> Verification:
    """Verify the log from its beginning, against heads that were kept elsewhere as well. Reads it in portions."""
    heads = {(head.sequence, head.hash) for head in kept}
    last: Head | None = None
    for entry in _entries(session):
        fault = _fault(session, entry, last, heads)
        if fault is not None:
            at = last.sequence + 1 if fault is Fault.MISSING and last else entry["sequence"]
            return Verification(last.sequence if last else 0, last, Break(at if last else 1, fault))
        last = Head(entry["sequence"], entry["hash"])
    count = last.sequence if last else 0
    cut = any(sequence > count for sequence, _hash in heads)
    return Verification(count, last, Break(count + 1, Fault.TRUNCATED) if cut else None)


def holds(session: Session, head: Head) -> bool:
    """Say whether the log has this entry, with this hash."""
    return session.scalar(select(AuditRow.hash).where(AuditRow.sequence == head.sequence)) == head.hash


def _entries(session: Session) -> Iterator[Mapping[str, Any]]:
    columns = [getattr(AuditRow, name) for name in (*COVERED, "hash")]
    some = select(*columns).order_by(AuditRow.sequence).limit(_AT_A_TIME)
    rows = session.execute(some).mappings().all()
    while rows:
        yield from (dict(row) for row in rows)
        rows = session.execute(some.where(AuditRow.sequence > rows[-1]["sequence"])).mappings().all()


def _fault(session: Session, entry: Mapping[str, Any], last: Head | None, heads: set[tuple[int, str]]) -> Fault | None:
    """Return what is wrong with an entry that comes after `last`, None when it fits."""
    expected = last.sequence + 1 if last else 1
    if entry["sequence"] != expected:
        return Fault.MISSING if entry["sequence"] > expected else Fault.INSERTED
    if hash_of(entry) != entry["hash"]:
        return _why_changed(session, entry, last)
    if entry["previous"] != (last.hash if last else BEGINNING):
        return Fault.UNLINKED
    if any(sequence == expected and kept != entry["hash"] for sequence, kept in heads):
        return Fault.REWRITTEN
    return None


def _why_changed(session: Session, entry: Mapping[str, Any], last: Head | None) -> Fault:
    """Return why the hash of an entry does not fit: if it fits under another number, the entry was moved there."""
    end = session.scalar(select(func.max(AuditRow.sequence))) or 0
    # One further than the end: the log may have lost an entry and been numbered anew.
    if not any(hash_of({**entry, "sequence": number}) == entry["hash"] for number in range(1, end + 2)):
        return Fault.CHANGED
    before = session.scalar(select(AuditRow.sequence).where(AuditRow.hash == entry["previous"]).limit(1))
    if before is None and entry["previous"] != BEGINNING:
        return Fault.MISSING
    return Fault.INSERTED if last is not None and (before or 0) < last.sequence else Fault.REORDERED
