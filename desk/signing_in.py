"""Signing in: password, second factor, and letters that let one choose a new password.

Nothing here tells whether an address has an account: an unknown one is answered as a wrong password is, after as much
work, and so is an account that waits after failed attempts; who forgot a password is answered after the same time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from desk import addresses, letters
from desk.accounts import hash_of_new
from holdings import accounts, audit, credentials, passwords, second_factor, sessions
from holdings.accounts import Account, AccountStatus
from holdings.database import Session
from holdings.errors import LinkSpentError, WrongCredentialError
from holdings.sessions import SignedIn
from indexer.hub import Hub

# Somebody without a password shows that it is them by having signed in so recently.
_FRESH = timedelta(minutes=15)
# Some ten times what writing the letter takes.
ANSWERED_AFTER_SECONDS = 0.2
# No second letter for a new password goes to the same person in this time.
_LETTER_STEP_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Browser:
    """What is noted of a browser that signs in, so that its person can tell their sessions apart."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that began: its person, and the secret for the browser's cookie."""

    account: Account
    token: str


def sign_in(hub: Hub, email: str, password: str, browser: Browser) -> Begun | None:
    """Begin a session of the person with this address and password; None when they do not belong together, when the
    person may not sign in, or while the account waits after failed attempts."""
    with hub.catalogue.write() as session:
        account = _active(accounts.find(session, email))
        may_try = credentials.begin_attempt(session, account.id if account else None)
        kept = credentials.password_hash(session, account.id) if account else None
    right = passwords.matches(kept, password)
    renewed = passwords.hash_password(password) if right and kept and passwords.needs_rehash(kept) else None
    with hub.catalogue.write() as session:
        # Whoever chose a new password meanwhile has ended all sessions of the former one.
        is_present = account is not None and credentials.password_hash(session, account.id) == kept
        if account is None or kept is None or not (may_try and right and is_present):
            audit.append(
                session, audit.PUBLIC, "account.refuse-sign-in", "account", account.id if account else "unknown"
            )
            return None
        if renewed is not None:
            credentials.rehash(session, account.id, kept, renewed)
        credentials.succeeded(session, account.id, completely=not account.has_second_factor)
        return begin(session, account, browser, means="password")


def begin(
    session: Session, account: Account, browser: Browser, *, means: str, second_factor_given: bool = False
) -> Begun:
    """Begin a session of a person who showed, by a password or a provider, that it is them."""
    token = sessions.begin(
        session, account.id, address=browser.address, agent=browser.agent, second_factor=second_factor_given
    )
    audit.append(session, account, "account.sign-in", "account", account.id, means=means)
    return Begun(account, token)


def give_code(hub: Hub, signed_in: SignedIn, code: str) -> str | None:
    """Return a new secret for the session when `code` is right, a code of the app or a recovery code; None when it is
    not, or while the account waits."""
    account = signed_in.account
    with hub.catalogue.write() as session:
        may_try = credentials.begin_attempt(session, account.id)
        if not (may_try and second_factor.accept(session, hub.settings, account.id, code)):
            audit.append(session, audit.PUBLIC, "account.refuse-code", "account", account.id)
            return None
        credentials.succeeded(session, account.id, completely=True)
        audit.append(session, account, "account.give-code", "account", account.id)
        return sessions.renew(session, signed_in.id, second_factor=True)


def sign_out(hub: Hub, signed_in: SignedIn) -> None:
    """End a session."""
    with hub.catalogue.write() as session:
        sessions.end(session, signed_in.account.id, signed_in.id)
        audit.append(session, signed_in.account, "account.sign-out", "account", signed_in.account.id)


def confirm(hub: Hub, signed_in: SignedIn, password: str) -> None:
    """Let a person who is signed in show once more that it is them, before something that matters: by their password,
    or, without one, by having signed in just now.

    Raises WrongCredentialError.
    """
    account = signed_in.account
    if not account.has_password:
        if datetime.now(UTC) - signed_in.created_at > _FRESH:
            raise WrongCredentialError("The session is too old for this", advice="Sign out, and sign in again.")
        return
    with hub.catalogue.write() as session:
        may_try = credentials.begin_attempt(session, account.id)
        kept = credentials.password_hash(session, account.id)
    if not (passwords.matches(kept, password) and may_try):
        raise WrongCredentialError("This is not the password")
    with hub.catalogue.write() as session:
        credentials.succeeded(session, account.id, completely=True)


def begin_reset(hub: Hub, email: str) -> None:
    """Write a letter that lets the person with this address choose a new password, where there is one.

    It takes `ANSWERED_AFTER_SECONDS` either way: how long a letter takes to write tells nobody whose address it is.
    """
    answered_at = time.monotonic() + ANSWERED_AFTER_SECONDS
    _write_reset(hub, email)
    time.sleep(max(0.0, answered_at - time.monotonic()))


def _write_reset(hub: Hub, email: str) -> None:
    with hub.catalogue.write() as session:
        account = _active(accounts.find(session, email))
        audit.append(session, audit.PUBLIC, "account.ask-reset", "account", account.id if account else "unknown")
        if account is not None:
            step = int(datetime.now(UTC).timestamp()) // _LETTER_STEP_SECONDS
            letters.write(
                session,
                hub.settings,
                "password-reset",
                address=account.email,
                language=account.language,
                account_id=account.id,
                key=f"password-reset:{account.id}:{step}",
                name=account.name,
                link=_reset_address(hub, session, account),
                minutes=int(credentials.RESET_GOOD_FOR.total_seconds()) // 60,
            )


def reset_address(hub: Hub, account_id: str) -> str:
    """Return an address at which a person can choose a new password, for the command line. Raises UnknownIdError."""
    with hub.catalogue.write() as session:
        account = accounts.get(session, account_id)
        audit.append(session, audit.COMMAND_LINE, "account.ask-reset", "account", account.id)
        return _reset_address(hub, session, account)


def reset_is_open(hub: Hub, token: str) -> bool:
    """Say whether the address in a letter still lets one choose a new password."""
    with hub.catalogue.read() as session:
        return credentials.resets_for(session, token) is not None


def reset(hub: Hub, token: str, password: str) -> Account:
    """Give the person of a letter a new password, and end all their sessions. Of two at once, one succeeds.

    Raises WeakPasswordError, LinkSpentError.
    """
    with hub.catalogue.read() as session:
        account_id = credentials.resets_for(session, token)
        account = _active(accounts.get(session, account_id)) if account_id else None
    if account is None:
        raise LinkSpentError("The address for a new password was used, or has run out")
    hashed = hash_of_new(hub, password, account.name, account.email)
    with hub.catalogue.write() as session:
        credentials.use_reset(session, token)
        put_password(session, hub, account, hashed, action="account.reset-password")
    return account


def put_password(
    session: Session, hub: Hub, account: Account, hashed: str, *, action: str, but_session: str | None = None
) -> None:
    """Keep a new password of a person, end their other sessions, and write to them that it changed."""
    credentials.set_password(session, account.id, hashed)
    sessions.end_all(session, account.id, but=but_session)
    audit.append(session, account, action, "account", account.id)
    tell_of_security(session, hub, account, "password-changed", "/forgotten")


def tell_of_security(session: Session, hub: Hub, account: Account, kind: str, path: str, about: str = "") -> None:
    """Write to a person that something about how they sign in has changed: what `about` names, where the kind of letter
    does not say. `path` is where to go if it was not them."""
    letters.write(
        session,
        hub.settings,
        kind,
        address=account.email,
        language=account.language,
        account_id=account.id,
        name=account.name,
        link=addresses.address(hub.settings, path, account.language),
        about=about,
    )


def _reset_address(hub: Hub, session: Session, account: Account) -> str:
    token = credentials.begin_reset(session, account.id)
    return addresses.address(hub.settings, f"/reset/{token}", account.language)


def _active(account: Account | None) -> Account | None:
    return account if account is not None and account.status is AccountStatus.ACTIVE else None
