"""What a person signs in with: the password, the wait after failed attempts, and letters that let one choose a new one.

An attempt is counted before it is judged and given back when it was right, so that many at once are not more than
many one after another. Functions over a session of `holdings.database`; the slow part, argon2, is in
`holdings.passwords` and belongs outside a transaction.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from holdings.accounts import account_row
from holdings.errors import LinkSpentError
from holdings.sessions import hash_of, new_token
from holdings.tables_people import AccountRow, PasswordResetRow

# After so many failures in a row, an account waits: a minute, then twice as long after each further one.
FREE_FAILURES = 5
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(minutes=30)
RESET_GOOD_FOR = timedelta(hours=1)


def wait_after(failures: int) -> timedelta | None:
    """Return how long an account takes no attempt after so many failures in a row; None where it waits for nothing."""
    if failures < FREE_FAILURES:
        return None
    doublings = min(failures - FREE_FAILURES, 10)
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


def begin_attempt(session: Session, account_id: str | None) -> bool:
    """Count an attempt at a password or a code as failed, and say whether it may be made: not while the account waits.

    Call `succeeded` when it was right. None is an address that nobody has: as much is written for it, so that the time
    of the answer does not tell.
    """
    now = datetime.now(UTC)
    failures = session.scalar(
        update(AccountRow)
        .where(
            AccountRow.id == account_id,
            or_(AccountRow.locked_until.is_(None), AccountRow.locked_until <= now),
        )
        .values(failures=AccountRow.failures + 1)
        .returning(AccountRow.failures)
    )
    if failures is None:
        any_account = select(func.min(AccountRow.id)).scalar_subquery()
        session.execute(update(AccountRow).where(AccountRow.id == any_account).values(failures=AccountRow.failures))
        return False
    wait = wait_after(failures)
    session.execute(
        update(AccountRow).where(AccountRow.id == account_id).values(locked_until=now + wait if wait else None)
    )
    return True


def succeeded(session: Session, account_id: str, *, completely: bool) -> None:
    """Record that an attempt was right. `completely` when nothing more is asked: a password alone, where a code is
    still to come, gives back no more than its own attempt."""
    failures = 0 if completely else AccountRow.failures - 1
    session.execute(
        update(AccountRow)
        .where(AccountRow.id == account_id, AccountRow.failures > 0)
        .values(failures=failures, locked_until=None)
    )


def password_hash(session: Session, account_id: str) -> str | None:
    """Return what is kept of a person's password, None where there is none."""
    return account_row(session, account_id).password_hash


def set_password(session: Session, account_id: str, hashed: str) -> None:
    """Keep a new password, and take back every letter that lets one choose another."""
    row = account_row(session, account_id)
    row.password_hash = hashed
    row.failures, row.locked_until = 0, None
    session.execute(delete(PasswordResetRow).where(PasswordResetRow.account_id == account_id))
    session.flush()


def rehash(session: Session, account_id: str, before: str, after: str) -> None:
    """Keep the same password under new parameters, unless it was changed meanwhile."""
    session.execute(
        update(AccountRow)
        .where(AccountRow.id == account_id, AccountRow.password_hash == before)
        .values(password_hash=after)
    )


def begin_reset(session: Session, account_id: str) -> str:
    """Return the secret for the address of a letter that lets the person choose a new password, once."""
    token = new_token()
    session.add(
        PasswordResetRow(
            token_sha256=hash_of(token), account_id=account_id, expires_at=datetime.now(UTC) + RESET_GOOD_FOR
        )
    )
    session.flush()
    return token


def resets_for(session: Session, token: str) -> str | None:
    """Return the id of the account whose password the letter with this secret may change; None when it is spent."""
    row = session.get(PasswordResetRow, hash_of(token))
    open_still = row is not None and row.used_at is None and row.expires_at > datetime.now(UTC)
    return row.account_id if row is not None and open_still else None


def use_reset(session: Session, token: str) -> str:
    """Spend the letter with this secret and return the id of its account. Of two at once, one succeeds.

    Raises LinkSpentError.
    """
    now = datetime.now(UTC)
    account_id: str | None = session.scalar(
        update(PasswordResetRow)
        .where(
            PasswordResetRow.token_sha256 == hash_of(token),
            PasswordResetRow.used_at.is_(None),
            PasswordResetRow.expires_at > now,
        )
        .values(used_at=now)
        .returning(PasswordResetRow.account_id)
    )
    if account_id is None:
        raise LinkSpentError("The address for a new password was used, or has run out")
    return account_id


def forget_spent(session: Session, before: datetime) -> None:
    """Delete what is kept of letters that ran out before a moment."""
    session.execute(delete(PasswordResetRow).where(PasswordResetRow.expires_at < before))
