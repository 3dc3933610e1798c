"""The audit log: every change and every privileged read, each entry bound to the one before by its hash.

An entry's hash is the SHA-256 of its canonical JSON (sorted keys, no spaces, UTF-8), which holds the hash of the entry
before: who changes an entry has to change all after it, and whoever keeps the head elsewhere sees it. People stand in
it by pseudonym from the start, so that a person can be erased without the log being touched: nothing in `details` may
name a person. Functions over a session of `holdings.database`; an entry is in the transaction of what it tells of.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from holdings.accounts import Account
from holdings.tables_desk import AuditRow

COMMAND_LINE = "command-line"
WORKER = "worker"
PUBLIC = "public"
# Of the first entry: there is none before it.
BEGINNING = "0" * 64
_LOCK = 7_305_171_001


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done: by whom, to what. `details` is small and names no person."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject_type: str
    subject_id: str
    details: Mapping[str, object]
    previous: str
    hash: str


def append(
    session: Session,
    by: Account | str,
    action: str,
    subject_type: str,
    subject_id: str,
    **details: object,
) -> Entry:
    """Append an entry in the present transaction and return it. `by` is a person, or COMMAND_LINE and its like."""
    if session.get_bind().dialect.name == "postgresql":
        # One at a time, to the end of the transaction; SQLite has one writer anyway.
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = session.execute(
        select(AuditRow.sequence, AuditRow.hash).order_by(AuditRow.sequence.desc()).limit(1)
    ).one_or_none()
    row = AuditRow(
        sequence=(last.sequence if last else 0) + 1,
        at=datetime.now(UTC).isoformat(timespec="microseconds"),
        actor=by.pseudonym if isinstance(by, Account) else by,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        details=_canonical(details),
        previous=last.hash if last else BEGINNING,
        hash="",
    )
    row.hash = hash_of(row)
    session.add(row)
    session.flush()
    return entry_of(row)


def hash_of(row: AuditRow) -> str:
    """Return the hash that an entry must have."""
    covered = {
        "sequence": row.sequence,
        "at": row.at,
        "actor": row.actor,
        "action": row.action,
        "subject_type": row.subject_type,
        "subject_id": row.subject_id,
        "details": row.details,
        "previous": row.previous,
    }
    return hashlib.sha256(_canonical(covered).encode()).hexdigest()


def entry_of(row: AuditRow) -> Entry:
    return Entry(
        row.sequence,
        datetime.fromisoformat(row.at),
        row.actor,
        row.action,
        row.subject_type,
        row.subject_id,
        json.loads(row.details),
        row.previous,
        row.hash,
    )


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
