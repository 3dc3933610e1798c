"""People who have accounts, as those who run the hub or an organisation look after them: given roles, suspended,
restored, signed out. Each change is in the audit log.

`by` is who asks, None at the command line, which may do everything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from desk import addresses, letters
from desk.accounts import actor, may_manage, require
from holdings import account_changes, accounts, audit, identities, organisations, second_factor, sessions
from holdings.accounts import Account, AccountStatus, HubRole, Role
from holdings.database import Session
from holdings.errors import ChangedMeanwhileError
from indexer.hub import Hub


def change_roles(
    hub: Hub,
    by: Account | None,
    account_id: str,
    *,
    hub_role: HubRole | None,
    roles: Mapping[str, Role],
    edition: str | None = None,
) -> Account:
    """Make a person exactly this; the sessions of one whose role for the hub changes end.

    Raises UnknownIdError, NotAllowedError, LastAdministratorError, and ChangedMeanwhileError when `edition` is not that
    of the account any more.
    """
    require(may_manage(by, None))
    with hub.catalogue.write() as session:
        before = _present(session, account_id)
        if edition is not None and edition != edition_of(before):
            raise ChangedMeanwhileError("Somebody else changed this person's roles meanwhile")
        for organisation_id in sorted(set(before.roles) | set(roles)):
            role = roles.get(organisation_id)
            if role is not before.roles.get(organisation_id):
                _set_role(session, by, account_id, organisations.get(session, organisation_id).id, role)
        if hub_role is not before.hub_role:
            account_changes.set_hub_role(session, account_id, hub_role)
            sessions.end_all(session, account_id)
            audit.append(session, actor(by), "account.change-hub-role", "account", account_id, role=hub_role)
        return accounts.get(session, account_id)


def set_role(hub: Hub, by: Account | None, account_id: str, organisation_id: str, role: Role | None) -> Account:
    """Make a person this in one organisation; None takes them out of it. Only of somebody who belongs to it.

    Raises UnknownIdError, NotAllowedError.
    """
    require(may_manage(by, organisation_id))
    with hub.catalogue.write() as session:
        require(organisation_id in _present(session, account_id).roles)
        return _set_role(session, by, account_id, organisation_id, role)


def suspend(hub: Hub, by: Account | None, account_id: str) -> Account:
    """Keep a person from signing in, and end their sessions. Their tokens rest with them.

    Raises UnknownIdError, NotAllowedError (nobody suspends themselves), LastAdministratorError.
    """
    require(may_manage(by, None) and (by is None or by.id != account_id))
    with hub.catalogue.write() as session:
        _present(session, account_id)
        changed = account_changes.set_status(session, account_id, AccountStatus.SUSPENDED)
        sessions.end_all(session, account_id)
        audit.append(session, actor(by), "account.suspend", "account", account_id)
        return changed


def restore(hub: Hub, by: Account | None, account_id: str) -> Account:
    """Let a suspended person sign in again. Raises UnknownIdError, NotAllowedError."""
    require(may_manage(by, None))
    with hub.catalogue.write() as session:
        _present(session, account_id)
        changed = account_changes.set_status(session, account_id, AccountStatus.ACTIVE)
        audit.append(session, actor(by), "account.restore", "account", account_id)
        return changed


def end_sessions(hub: Hub, by: Account | None, account_id: str) -> int:
    """Sign a person out of all browsers, and return of how many. Raises UnknownIdError, NotAllowedError."""
    require(may_manage(by, None))
    with hub.catalogue.write() as session:
        _present(session, account_id)
        ended = sessions.end_all(session, account_id)
        audit.append(session, actor(by), "account.end-sessions", "account", account_id, number=ended)
        return ended


def take_second_factor(hub: Hub, by: Account | None, account_id: str) -> Account:
    """Take away the second factor of a person who lost it and all recovery codes, and end their sessions.

    Raises UnknownIdError, NotAllowedError.
    """
    require(may_manage(by, None))
    with hub.catalogue.write() as session:
        account = _present(session, account_id)
        second_factor.remove(session, account_id)
        sessions.end_all(session, account_id)
        audit.append(session, actor(by), "account.take-second-factor", "account", account_id)
        letters.write(
            session,
            hub.settings,
            "second-factor-taken",
            address=account.email,
            language=account.language,
            account_id=account_id,
            name=account.name,
            link=addresses.address(hub.settings, "/account/security", account.language),
        )
        return accounts.get(session, account_id)


def unlink_provider(hub: Hub, by: Account | None, account_id: str) -> None:
    """Forget who a person is at a provider that made them anew, and end their sessions: whoever comes in there next
    under their address is linked. Raises UnknownIdError, NotAllowedError.
    """
    require(may_manage(by, None))
    with hub.catalogue.write() as session:
        _present(session, account_id)
        issuers = identities.unlink(session, account_id)
        sessions.end_all(session, account_id)
        audit.append(session, actor(by), "account.unlink-identity", "account", account_id, issuer=issuers)


def edition_of(account: Account) -> str:
    """Return what changes with a person's roles and status: a form gives it back as it was opened with."""
    shown = (account.status, account.hub_role, sorted(account.roles.items()))
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _present(session: Session, account_id: str) -> Account:
    """Return an account that was not erased, and that nobody else changes until the transaction ends.

    Raises UnknownIdError, NotAllowedError.
    """
    account = account_changes.held(session, account_id)
    require(account.status is not AccountStatus.ERASED)
    return account


def _set_role(
    session: Session, by: Account | None, account_id: str, organisation_id: str, role: Role | None
) -> Account:
    changed = account_changes.set_role(session, account_id, organisation_id, role)
    audit.append(
        session, actor(by), "account.change-role", "account", account_id, role=role, organisation=organisation_id
    )
    return changed
