"""Tokens: what a program signs in with, for a person and within scopes. Kept as hashes. Functions over a session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from holdings.accounts import Account, AccountStatus, account_of
from holdings.errors import UnknownIdError, UsageError
from holdings.identifiers import new_identifier
from holdings.sessions import hash_of, new_token
from holdings.tables_people import AccountRow, ApiTokenRow

# By which a token is known for one, also by those who look for secrets in published code.
PREFIX = "ikh_"
USUAL_DAYS = 90
MOST_DAYS = 365
LONGEST_NAME = 100
# How exactly it is known when a token was last used: not every request writes.
_USED_STEP = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token is for. None lets a program administer the hub."""

    READ = "read"
    """Search and read what the person may."""
    UPLOAD = "upload"
    """Put work into the person's own spaces."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its person sees it; the secret itself is shown once and kept nowhere."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    @property
    def is_good(self) -> bool:
        return self.revoked_at is None and self.expires_at > datetime.now(UTC)


def create(
    session: Session, account_id: str, *, name: str, scopes: Iterable[Scope], days: int = USUAL_DAYS
) -> tuple[Token, str]:
    """Record a new token and return it with its secret. Raises UsageError for no scope, or a time that is too long."""
    chosen = sorted({scope.value for scope in scopes})
    if not chosen:
        raise UsageError("A token needs a scope", advice=f"Scopes are {', '.join(Scope)}.")
    if not 1 <= days <= MOST_DAYS:
        raise UsageError("A token is good for 1 to 365 days", advice="Make a new one when it has run out.")
    secret, now = f"{PREFIX}{new_token()}", datetime.now(UTC)
    row = ApiTokenRow(
        id=new_identifier(),
        token_sha256=hash_of(secret),
        account_id=account_id,
        name=" ".join(name.split())[:LONGEST_NAME],
        scopes=chosen,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    return _token(row), secret


def find(session: Session, secret: str) -> tuple[Token, Account] | None:
    """Return the token with this secret and its person; None when it is unknown, expired or revoked, or its person may
    not sign in."""
    if not secret.startswith(PREFIX):
        return None
    row = session.execute(
        select(ApiTokenRow, AccountRow)
        .join(AccountRow, AccountRow.id == ApiTokenRow.account_id)
        .where(
            ApiTokenRow.token_sha256 == hash_of(secret),
            ApiTokenRow.revoked_at.is_(None),
            ApiTokenRow.expires_at > datetime.now(UTC),
            AccountRow.status == AccountStatus.ACTIVE.value,
        )
    ).one_or_none()
    return (_token(row[0]), account_of(row[1])) if row is not None else None


def of(session: Session, account_id: str) -> list[Token]:
    """Return a person's tokens, those that ran out or were revoked too, the newest first."""
    rows = session.scalars(
        select(ApiTokenRow)
        .where(ApiTokenRow.account_id == account_id)
        .order_by(ApiTokenRow.created_at.desc(), ApiTokenRow.id)
    )
    return [_token(row) for row in rows]


def revoke(session: Session, account_id: str, token_id: str) -> None:
    """End a token of a person. Raises UnknownIdError when it is none of theirs."""
    row = session.get(ApiTokenRow, token_id)
    if row is None or row.account_id != account_id:
        raise UnknownIdError(f"There is no token {token_id}")
    row.revoked_at = row.revoked_at or datetime.now(UTC)


def needs_touch(token: Token) -> bool:
    """Say whether it is time to record again that the token is in use."""
    return token.used_at is None or datetime.now(UTC) - token.used_at > _USED_STEP


def touch(session: Session, token_id: str) -> None:
    """Record that the token is in use."""
    now = datetime.now(UTC)
    session.execute(
        update(ApiTokenRow)
        .where(ApiTokenRow.id == token_id, or_(ApiTokenRow.used_at.is_(None), ApiTokenRow.used_at < now))
        .values(used_at=now)
    )


def _token(row: ApiTokenRow) -> Token:
    return Token(
        row.id,
        row.name,
        frozenset(Scope(scope) for scope in row.scopes),
        row.created_at,
        row.expires_at,
        row.used_at,
        row.revoked_at,
    )
