"""Browsers that are signed in. The secret that a browser holds is kept as its hash. Functions over a session."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from holdings.accounts import Account, AccountStatus, account_of
from holdings.identifiers import new_identifier
from holdings.tables_people import AccountRow, SessionRow

# A session ends after this, and earlier when nothing is asked for so long.
LONGEST = timedelta(hours=12)
IDLE = timedelta(hours=2)
# How exactly it is known when a session was last used: not every request writes.
_SEEN_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser that is signed in. `is_complete` says that nothing more is asked: neither the code of the second factor
    nor, where the role requires one, to set it up."""

    id: str
    account: Account
    created_at: datetime
    seen_at: datetime
    second_factor_at: datetime | None
    address: str
    agent: str

    @property
    def is_complete(self) -> bool:
        if self.account.has_second_factor:
            return self.second_factor_at is not None
        return not self.account.needs_second_factor


def hash_of(token: str) -> str:
    """Return what is kept of a secret with enough chance in it not to be guessed: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """Return a secret of 256 bits for an address, a cookie or a program."""
    return secrets.token_urlsafe(32)


def begin(session: Session, account_id: str, *, address: str, agent: str, second_factor: bool = False) -> str:
    """Record that a browser signed in and return the secret for its cookie."""
    token, now = new_token(), datetime.now(UTC)
    session.add(
        SessionRow(
            id=new_identifier(),
            token_sha256=hash_of(token),
            account_id=account_id,
            created_at=now,
            seen_at=now,
            expires_at=now + LONGEST,
            second_factor_at=now if second_factor else None,
            address=address[:60],
            agent=agent[:300],
        )
    )
    session.flush()
    return token


def find(session: Session, token: str) -> SignedIn | None:
    """Return the signed-in browser that holds this secret; None when it ended, or its person may not sign in."""
    now = datetime.now(UTC)
    row = session.execute(
        select(SessionRow, AccountRow)
        .join(AccountRow, AccountRow.id == SessionRow.account_id)
        .where(
            SessionRow.token_sha256 == hash_of(token),
            SessionRow.ended_at.is_(None),
            SessionRow.expires_at > now,
            SessionRow.seen_at > now - IDLE,
            AccountRow.status == AccountStatus.ACTIVE.value,
        )
    ).one_or_none()
    return _signed_in(row[0], account_of(row[1])) if row is not None else None


def needs_touch(signed_in: SignedIn) -> bool:
    """Say whether it is time to record again that the browser is in use."""
    return datetime.now(UTC) - signed_in.seen_at > _SEEN_STEP


def touch(session: Session, session_id: str) -> None:
    """Record that the browser is in use."""
    session.get_one(SessionRow, session_id).seen_at = datetime.now(UTC)


def _signed_in(row: SessionRow, account: Account) -> SignedIn:
    return SignedIn(row.id, account, row.created_at, row.seen_at, row.second_factor_at, row.address, row.agent)
