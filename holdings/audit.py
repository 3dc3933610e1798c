"""The audit log: every change and every privileged read, each entry bound to the one before by its hash.

An entry's hash is the SHA-256 of its canonical JSON (sorted keys, no spaces, UTF-8), which holds the hash of the entry
before: who changes an entry has to change all after it, and whoever keeps the head elsewhere sees it. People stand in
it by pseudonym from the start, so that a person can be erased without the log being touched: nothing in `details` may
name a person. Functions over a session of `holdings.database`; an entry is in the transaction of what it tells of.
`holdings.audit_chain` verifies the log, `holdings.audit_search` finds in it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from holdings.accounts import Account
from holdings.errors import UsageError
from holdings.tables_desk import AuditRow

COMMAND_LINE = "command-line"
WORKER = "worker"
PUBLIC = "public"
# Of the first entry: there is none before it.
BEGINNING = "0" * 64
# What the hash of an entry covers. docs/operating.md shows how a third party computes it.
COVERED = ("sequence", "at", "actor", "action", "subject_type", "subject_id", "details", "previous")
_LOCK = 7_305_171_001
_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


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

    def as_hashed(self) -> dict[str, object]:
        """Return the entry with each value as its hash covers it, and the hash: what an export has of it."""
        values = {name: getattr(self, name) for name in (*COVERED, "hash")}
        return values | {"at": _moment(self.at), "details": canonical(self.details)}


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of the log at some time: kept elsewhere, it shows that nothing up to it was changed since."""

    sequence: int
    hash: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"

    @classmethod
    def parse(cls, written: str) -> Head:
        """Return a head from SEQUENCE:HASH. Raises UsageError."""
        found = _HEAD.fullmatch(written.strip())
        if found is None:
            raise UsageError(
                f"{written.strip()!r} is not the head of an audit log",
                advice="Give SEQUENCE:HASH as `ikhub audit head` prints it.",
            )
        return cls(int(found[1]), found[2])


def append(
    session: Session,
    by: Account | str,
    action: str,
    subject_type: str,
    subject_id: str,
    **details: object,
) -> Entry:
    """Append an entry in the present transaction and return it. `by` is a person, or COMMAND_LINE and its like.

    On PostgreSQL everybody else who appends waits from here to the end of the transaction: append last.
    """
    if session.get_bind().dialect.name == "postgresql":
        # One at a time, to the end of the transaction; SQLite has one writer anyway.
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = head(session)
    covered: dict[str, object] = {
        "sequence": last.sequence + 1 if last else 1,
        "at": _moment(datetime.now(UTC)),
        "actor": by.pseudonym if isinstance(by, Account) else by,
        "action": action,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "details": canonical(details),
        "previous": last.hash if last else BEGINNING,
    }
    row = AuditRow(**covered, hash=hash_of(covered))
    session.add(row)
    session.flush()
    return entry_of(row)


def head(session: Session) -> Head | None:
    """Return the last entry's number and hash, None when the log is empty."""
    last = session.execute(
        select(AuditRow.sequence, AuditRow.hash).order_by(AuditRow.sequence.desc()).limit(1)
    ).one_or_none()
    return Head(last.sequence, last.hash) if last is not None else None


def hash_of(covered: Mapping[str, object]) -> str:
    """Return the hash that an entry with these values must have."""
    return hashlib.sha256(canonical({name: covered[name] for name in COVERED}).encode()).hexdigest()


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


def canonical(value: object) -> str:
    """Return a value as the JSON that is hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
