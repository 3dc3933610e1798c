"""The second factor: time-based codes (RFC 6238) of an app on the person's telephone, and recovery codes on paper.

The secret is encrypted under the hub's secret key; each code is accepted once. Functions over a session of
`holdings.database`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from datetime import UTC, datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from holdings.accounts import Account, account_row
from holdings.identifiers import ALPHABET
from holdings.secret_key import derived_key
from holdings.settings import Settings
from holdings.tables_people import AccountRow, RecoveryCodeRow

RECOVERY_CODES = 10
_STEP_SECONDS = 30
# A clock may be off by one step, either way.
_STEPS_OFF = (-1, 0, 1)
_TOTP_CODE = re.compile(r"\d{6}")
# 120 bits: no salt and no slow hash is needed against guessing.
_GROUPS, _GROUP_LENGTH = 4, 6


def begin(session: Session, settings: Settings, account_id: str) -> str:
    """Return the secret that a person is to put into an app: the one that waits to be confirmed, else a new one.

    It counts when a first code of it was given, to `confirm`.
    """
    row = account_row(session, account_id)
    assert row.totp_confirmed_at is None, "the second factor is replaced by taking it away first"
    waiting = _decrypted(settings, row.totp_secret) if row.totp_secret else None
    if waiting is not None:
        return waiting
    secret = pyotp.random_base32()
    row.totp_secret = _fernet(settings).encrypt(secret.encode()).decode()
    session.flush()
    return secret


def address_for_app(account: Account, secret: str, hub_name: str) -> str:
    """Return the otpauth: address that an app reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=hub_name)


def confirm(session: Session, settings: Settings, account_id: str, code: str) -> list[str] | None:
    """Make the secret that waits the second factor when `code` is one of its codes, and return new recovery codes;
    None when it is not."""
    if not _accept_totp(session, settings, account_id, code):
        return None
    row = account_row(session, account_id)
    row.totp_confirmed_at = datetime.now(UTC)
    session.flush()
    return new_recovery_codes(session, account_id)


def accept(session: Session, settings: Settings, account_id: str, code: str) -> bool:
    """Say whether `code` is a code of the app or a recovery code that was not accepted before; it is spent then."""
    if _TOTP_CODE.fullmatch(_plain(code)):
        return _accept_totp(session, settings, account_id, code)
    return _accept_recovery_code(session, account_id, code)


def remove(session: Session, account_id: str) -> None:
    """Take the second factor away, with its recovery codes."""
    row = account_row(session, account_id)
    row.totp_secret, row.totp_confirmed_at, row.totp_step = None, None, None
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
    session.flush()


def new_recovery_codes(session: Session, account_id: str) -> list[str]:
    """Return new recovery codes in place of all earlier ones. They are kept as hashes: this is the one time to show
    them."""
    codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
    session.add_all(RecoveryCodeRow(account_id=account_id, code_sha256=_hash(code)) for code in codes)
    session.flush()
    return codes


def recovery_codes_left(session: Session, account_id: str) -> int:
    """Return how many recovery codes were not used yet."""
    left = select(func.count()).where(RecoveryCodeRow.account_id == account_id, RecoveryCodeRow.used_at.is_(None))
    return session.scalar(left) or 0


def are_recovery_codes(session: Session, account_id: str, codes: list[str]) -> bool:
    """Say whether these are recovery codes of the person, all of them unused."""
    found = select(func.count()).where(
        RecoveryCodeRow.account_id == account_id,
        RecoveryCodeRow.code_sha256.in_([_hash(code) for code in codes]),
        RecoveryCodeRow.used_at.is_(None),
    )
    return bool(codes) and session.scalar(found) == len(codes)


def _accept_totp(session: Session, settings: Settings, account_id: str, code: str) -> bool:
    row = account_row(session, account_id)
    secret = _decrypted(settings, row.totp_secret) if row.totp_secret else None
    if secret is None:
        return False
    step = _step_of(secret, _plain(code))
    if step is None:
        return False
    # Of two requests with the same code, one changes the row.
    accepted = session.scalar(
        update(AccountRow)
        .where(AccountRow.id == account_id, or_(AccountRow.totp_step.is_(None), AccountRow.totp_step < step))
        .values(totp_step=step)
        .returning(AccountRow.id)
    )
    return accepted is not None


def _step_of(secret: str, code: str) -> int | None:
    now = int(time.time()) // _STEP_SECONDS
    codes = pyotp.HOTP(secret)
    return next((now + off for off in _STEPS_OFF if secrets.compare_digest(codes.at(now + off), code)), None)


def _accept_recovery_code(session: Session, account_id: str, code: str) -> bool:
    accepted = session.scalar(
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.account_id == account_id,
            RecoveryCodeRow.code_sha256 == _hash(code),
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=datetime.now(UTC))
        .returning(RecoveryCodeRow.code_sha256)
    )
    return accepted is not None


def _new_recovery_code() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))


def _plain(code: str) -> str:
    """Return a code without what people put in to read it."""
    return re.sub(r"[\s-]", "", code).lower()


def _hash(code: str) -> str:
    return hashlib.sha256(_plain(code).encode()).hexdigest()


def _fernet(settings: Settings) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derived_key(settings, "second factor")))


def _decrypted(settings: Settings, kept: str) -> str | None:
    """Return a secret; None when it was encrypted under another key, and is lost with it."""
    try:
        return _fernet(settings).decrypt(kept.encode()).decode()
    except InvalidToken:
        return None
