"""What people do with their own account: name and address, password, second factor, sessions and tokens.

What matters for security is confirmed first (`desk.signing_in.confirm`), recorded in the audit log, and told by letter.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken

from desk import letters
from desk.accounts import checked_email, hash_of_new
from desk.addresses import address
from desk.signing_in import put_password, tell_of_security
from holdings import account_changes, accounts, audit, credentials, second_factor, sessions, tokens
from holdings.accounts import Account, AccountStatus
from holdings.database import Session
from holdings.errors import LinkSpentError, NotAllowedError
from holdings.secret_key import derived_key
from holdings.sessions import SignedIn
from holdings.tokens import Scope, Token
from indexer.hub import Hub

_EMAIL_CHANGE_SECONDS = 24 * 3600


def change_profile(hub: Hub, account: Account, *, name: str, language: str) -> Account:
    """Keep how a person is called, and the language of letters to them."""
    with hub.catalogue.write() as session:
        changed = account_changes.set_profile(session, account.id, name=name, language=language)
        audit.append(session, account, "account.change-profile", "account", account.id)
        return changed


def change_password(hub: Hub, signed_in: SignedIn, password: str) -> None:
    """Keep a new password and end the person's other sessions. Raises WeakPasswordError."""
    account = signed_in.account
    hashed = hash_of_new(hub, password, account.name, account.email)
    with hub.catalogue.write() as session:
        put_password(session, hub, account, hashed, action="account.change-password", but_session=signed_in.id)


def begin_email_change(hub: Hub, account: Account, email: str) -> None:
    """Write to a new address, so that its reader can confirm it. Until then nothing changes. Raises UsageError.

    Whether somebody else has the address is not told: the letter says then that it cannot be used.
    """
    wanted = checked_email(email)
    with hub.catalogue.write() as session:
        taken = accounts.find(session, wanted) is not None
        token = _email_change_token(hub, session, account, wanted)
        letters.write(
            session,
            hub.settings,
            "email-change",
            address=wanted,
            language=account.language,
            # The letter tells who asked only where the address is nobody else's.
            name="" if taken else account.name,
            taken=taken,
            link="" if taken else address(hub.settings, f"/account/email/{token}", account.language),
            hours=_EMAIL_CHANGE_SECONDS // 3600,
        )
        audit.append(session, account, "account.ask-email-change", "account", account.id)


def confirm_email_change(hub: Hub, account: Account, token: str) -> Account:
    """Keep the new address that a letter went to, and tell the former one.

    Raises LinkSpentError: used, too old, the password was changed since, or the letter is about another account; and
    UsageError when somebody else has the address by now.
    """
    try:
        told = json.loads(_letters_key(hub).decrypt(token.encode(), ttl=_EMAIL_CHANGE_SECONDS))
    except InvalidToken as error:
        raise LinkSpentError("The address of the letter is not complete, or has run out") from error
    with hub.catalogue.write() as session:
        if told["stands"] != _stands(session, account):
            raise LinkSpentError("The address of the letter was used, or is about another account")
        changed = account_changes.set_email(session, account.id, told["email"])
        audit.append(session, account, "account.change-email", "account", account.id)
        tell_of_security(session, hub, account, "email-changed", "/account")
        return changed


def secret_for_app(hub: Hub, account: Account) -> str:
    """Return the secret that a person is to put into an app before giving a first code to `set_second_factor`."""
    with hub.catalogue.write() as session:
        return second_factor.begin(session, hub.settings, account.id)


def set_second_factor(hub: Hub, signed_in: SignedIn, code: str) -> tuple[list[str], str] | None:
    """Make the app that gave this code the second factor. Returns recovery codes and a new secret for the session; None
    when the code is wrong, or while the account waits. The person's other sessions, without one, end."""
    account = signed_in.account
    with hub.catalogue.write() as session:
        if accounts.get(session, account.id).has_second_factor:
            raise NotAllowedError("There is a second factor already")
        may_try = credentials.begin_attempt(session, account.id)
        codes = second_factor.confirm(session, hub.settings, account.id, code) if may_try else None
        if codes is None:
            return None
        credentials.succeeded(session, account.id, completely=True)
        sessions.end_all(session, account.id, but=signed_in.id)
        audit.append(session, account, "account.set-second-factor", "account", account.id)
        return codes, sessions.renew(session, signed_in.id, second_factor=True)


def remove_second_factor(hub: Hub, account: Account) -> None:
    """Take the second factor away, and write to the person that it is gone. One whose role requires it sets up another
    before anything else."""
    with hub.catalogue.write() as session:
        second_factor.remove(session, account.id)
        sessions.forget_second_factor(session, account.id)
        audit.append(session, account, "account.remove-second-factor", "account", account.id)
        tell_of_security(session, hub, account, "second-factor-off", "/account/security")


def new_recovery_codes(hub: Hub, account: Account) -> list[str]:
    """Return new recovery codes in place of all earlier ones."""
    with hub.catalogue.write() as session:
        codes = second_factor.new_recovery_codes(session, account.id)
        audit.append(session, account, "account.new-recovery-codes", "account", account.id)
        return codes


def end_session(hub: Hub, account: Account, session_id: str) -> None:
    """End one of the person's sessions. Raises UnknownIdError."""
    with hub.catalogue.write() as session:
        sessions.end(session, account.id, session_id)
        audit.append(session, account, "session.end", "session", session_id)


def end_other_sessions(hub: Hub, signed_in: SignedIn) -> int:
    """End all sessions of the person but this one, and return how many."""
    account = signed_in.account
    with hub.catalogue.write() as session:
        ended = sessions.end_all(session, account.id, but=signed_in.id)
        audit.append(session, account, "account.end-sessions", "account", account.id, number=ended)
        return ended


def create_token(hub: Hub, account: Account, *, name: str, scopes: Iterable[Scope], days: int) -> tuple[Token, str]:
    """Make a token and return it with its secret, which is shown once. Raises UsageError."""
    with hub.catalogue.write() as session:
        made, secret = tokens.create(session, account.id, name=name, scopes=scopes, days=days)
        audit.append(session, account, "token.create", "token", made.id, scopes=sorted(made.scopes), days=days)
        tell_of_security(session, hub, account, "new-token", "/account/tokens", about=made.name)
        return made, secret


def revoke_token(hub: Hub, account: Account, token_id: str) -> None:
    """End one of the person's tokens. Raises UnknownIdError."""
    with hub.catalogue.write() as session:
        tokens.revoke(session, account.id, token_id)
        audit.append(session, account, "token.revoke", "token", token_id)


def _email_change_token(hub: Hub, session: Session, account: Account, email: str) -> str:
    told = {"email": email, "stands": _stands(session, account)}
    return _letters_key(hub).encrypt(json.dumps(told).encode()).decode()


def _stands(session: Session, account: Account) -> str:
    """Return what a letter about a new address is good for: this account with its present address and password."""
    present = accounts.get(session, account.id)
    if present.status is not AccountStatus.ACTIVE:
        raise LinkSpentError("The account may not be used")
    kept = credentials.password_hash(session, account.id)
    return hashlib.sha256(f"{present.id} {present.email} {kept}".encode()).hexdigest()


def _letters_key(hub: Hub) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derived_key(hub.settings, "new address")))
