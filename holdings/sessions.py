"""Browsers that are signed in. The secret that a browser holds is kept as its hash. Functions over a session."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from holdings.accounts import Account, AccountStatus, account_of
from holdings.errors import UnknownIdError
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
        asked = self.account.has_second_factor or self.account.needs_second_factor
        return self.second_factor_at is not None if asked else True


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


def renew(session: Session, session_id: str, *, second_factor: bool) -> str:
    """Give a session a new secret, since it is worth more than before, and return it for the cookie."""
    token, now = new_token(), datetime.now(UTC)
    row = session.get_one(SessionRow, session_id)
    row.token_sha256 = hash_of(token)
    if second_factor:
        row.second_factor_at = now
    session.flush()
    return token


def of(session: Session, account_id: str) -> list[SignedIn]:
    """Return the browsers in which a person is signed in, the one that was used last first."""
    now = datetime.now(UTC)
    rows = session.execute(
        select(SessionRow, AccountRow)
        .join(AccountRow, AccountRow.id == SessionRow.account_id)
        .where(
            SessionRow.account_id == account_id,
            SessionRow.ended_at.is_(None),
            SessionRow.expires_at > now,
            SessionRow.seen_at > now - IDLE,
        )
        .order_by(SessionRow.seen_at.desc(), SessionRow.id)
    )
    return [_signed_in(row, account_of(account)) for row, account in rows]


def end(session: Session, account_id: str, session_id: str) -> None:
    """End a session of a person. Raises UnknownIdError when it is none of theirs."""
    row = session.get(SessionRow, session_id)
    if row is None or row.account_id != account_id:
        raise UnknownIdError(f"There is no session {session_id}")
    row.ended_at = row.ended_at or datetime.now(UTC)


def end_all(session: Session, account_id: str, *, but: str | None = None) -> int:
    """End all sessions of a person, except the one with the id `but`, and return how many were ended."""
    ended = session.scalars(
        update(SessionRow)
        .where(SessionRow.account_id == account_id, SessionRow.ended_at.is_(None), SessionRow.id != (but or ""))
        .values(ended_at=datetime.now(UTC))
        .returning(SessionRow.id)
    )
    return len(ended.all())


def forget_second_factor(session: Session, account_id: str) -> None:
    """Forget that the second factor was given in a person's sessions: there is another now, or none."""
    session.execute(update(SessionRow).where(SessionRow.account_id == account_id).values(second_factor_at=None))


def forget_ended(session: Session, before: datetime) -> None:
    """Delete what is kept of sessions that ended, or ran out, before a moment."""
    session.execute(delete(SessionRow).where(or_(SessionRow.ended_at < before, SessionRow.expires_at < before)))


def _signed_in(row: SessionRow, account: Account) -> SignedIn:
    return SignedIn(row.id, account, row.created_at, row.seen_at, row.second_factor_at, row.address, row.agent)
