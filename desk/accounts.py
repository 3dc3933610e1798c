"""People and what they are: invited, accepted, given roles, suspended, restored. Each change is in the audit log.

`by` is who asks, None at the command line, which may do everything. What a person does with their own account is in
`desk.own_account`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from desk import addresses, letters
from holdings import (
    account_changes,
    accounts,
    audit,
    credentials,
    invitations,
    organisations,
    passwords,
    second_factor,
    sessions,
)
from holdings.accounts import Account, AccountStatus, HubRole, Role
from holdings.database import Session
from holdings.errors import (
    ChangedMeanwhileError,
    LinkSpentError,
    NotAllowedError,
    UsageError,
    WeakPasswordError,
)
from holdings.invitations import Invitation, Standing
from indexer.hub import Hub

_EMAIL = re.compile(r"[^@\s<>\"(),:;\\]{1,64}@[^@\s<>\"(),:;\\]+\.[^@\s<>\"(),:;\\]+")
_LONGEST_EMAIL = 254
_ORDER = tuple(Role)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was made, and the address that its letter leads to."""

    invitation: Invitation
    address: str


def may_manage(by: Account | None, organisation_id: str | None) -> bool:
    """Say whether somebody may invite people to an organisation and remove them there; None is the hub itself."""
    if by is None or by.hub_role is HubRole.ADMINISTRATOR:
        return True
    return organisation_id is not None and by.roles.get(organisation_id) is Role.EDITOR


def invite(
    hub: Hub,
    by: Account | None,
    *,
    email: str,
    role: Role | HubRole,
    organisation_id: str | None = None,
    language: str = "id",
) -> Invited:
    """Write a letter to somebody who may become this in an organisation, or for the hub, and return it.

    Raises NotAllowedError, UnknownIdError for the organisation, and UsageError for an address or a role that cannot be.
    """
    _require(may_manage(by, organisation_id))
    checked = checked_email(email)
    if isinstance(role, HubRole) is not (organisation_id is None):
        raise UsageError(
            f"The role {role} does not go with {organisation_id or 'no organisation'}",
            advice="Partners, contributors and editors belong to an organisation; curators and administrators do not.",
        )
    with hub.catalogue.write() as session:
        organisation = organisations.get(session, organisation_id) if organisation_id else None
        made, token = invitations.add(
            session,
            email=checked,
            language=language,
            role=role,
            organisation_id=organisation.id if organisation else None,
            invited_by=by.id if by else None,
        )
        address = addresses.address(hub.settings, f"/invitation/{token}", language)
        name = (organisation.name_en if language == "en" else organisation.name_id) if organisation else ""
        letters.write(
            session,
            hub.settings,
            "invitation",
            address=checked,
            language=language,
            role=role.value,
            organisation=name,
            inviter=by.name if by else "",
            link=address,
            until=made.expires_at.astimezone(hub.settings.app.zone).date().isoformat(),
        )
        audit.append(
            session, actor(by), "invitation.send", "invitation", made.id, role=role.value, organisation=organisation_id
        )
    return Invited(made, address)


def revoke_invitation(hub: Hub, by: Account | None, invitation_id: str) -> None:
    """Take an open invitation back. Raises UnknownIdError, NotAllowedError, LinkSpentError."""
    with hub.catalogue.write() as session:
        _require(may_manage(by, invitations.get(session, invitation_id).organisation_id))
        invitations.revoke(session, invitation_id)
        audit.append(session, actor(by), "invitation.revoke", "invitation", invitation_id)


def accept(hub: Hub, token: str, *, name: str, password: str) -> Account:
    """Make the account that an invitation is for, and return it. Of two at once, one succeeds.

    Raises WeakPasswordError, LinkSpentError, and ChangedMeanwhileError where its person has an account by now.
    """
    with hub.catalogue.read() as session:
        invitation = _open_invitation(session, token)
    hashed = hash_of_new(hub, password, name, invitation.email)
    with hub.catalogue.write() as session:
        made = admit(session, invitation, name)
        credentials.set_password(session, made.id, hashed)
        return accounts.get(session, made.id)


def admit(session: Session, invitation: Invitation, name: str) -> Account:
    """Spend an invitation and make the account that it is for, without anything yet to sign in with.

    Raises LinkSpentError, and ChangedMeanwhileError where its person has an account by now.
    """
    claimed = invitations.claim(session, invitation.id)
    if accounts.find(session, claimed.email) is not None:
        raise ChangedMeanwhileError("There is an account with this address by now", advice="Sign in to accept.")
    made = accounts.add(session, email=claimed.email, name=name, language=claimed.language)
    audit.append(session, made, "invitation.accept", "invitation", claimed.id)
    return _grant(session, made, claimed)


def accept_as(hub: Hub, account: Account, token: str) -> Account:
    """Give a person who has an account the role that an invitation is for, and return the account.

    Raises LinkSpentError, and NotAllowedError where the invitation is another person's.
    """
    with hub.catalogue.write() as session:
        invitation = _open_invitation(session, token)
        _require(invitation.email == account.email)
        claimed = invitations.claim(session, invitation.id)
        audit.append(session, account, "invitation.accept", "invitation", claimed.id)
        return _grant(session, accounts.get(session, account.id), claimed)


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
    _require(may_manage(by, None))
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
    _require(may_manage(by, organisation_id))
    with hub.catalogue.write() as session:
        _require(organisation_id in _present(session, account_id).roles)
        return _set_role(session, by, account_id, organisation_id, role)


def suspend(hub: Hub, by: Account | None, account_id: str) -> Account:
    """Keep a person from signing in, and end their sessions. Their tokens rest with them.

    Raises UnknownIdError, NotAllowedError (nobody suspends themselves), LastAdministratorError.
    """
    _require(may_manage(by, None) and (by is None or by.id != account_id))
    with hub.catalogue.write() as session:
        _present(session, account_id)
        changed = account_changes.set_status(session, account_id, AccountStatus.SUSPENDED)
        sessions.end_all(session, account_id)
        audit.append(session, actor(by), "account.suspend", "account", account_id)
        return changed


def restore(hub: Hub, by: Account | None, account_id: str) -> Account:
    """Let a suspended person sign in again. Raises UnknownIdError, NotAllowedError."""
    _require(may_manage(by, None))
    with hub.catalogue.write() as session:
        _present(session, account_id)
        changed = account_changes.set_status(session, account_id, AccountStatus.ACTIVE)
        audit.append(session, actor(by), "account.restore", "account", account_id)
        return changed


def end_sessions(hub: Hub, by: Account | None, account_id: str) -> int:
    """Sign a person out of all browsers, and return of how many. Raises UnknownIdError, NotAllowedError."""
    _require(may_manage(by, None))
    with hub.catalogue.write() as session:
        _present(session, account_id)
        ended = sessions.end_all(session, account_id)
        audit.append(session, actor(by), "account.end-sessions", "account", account_id, number=ended)
        return ended


def take_second_factor(hub: Hub, by: Account | None, account_id: str) -> Account:
    """Take away the second factor of a person who lost it and all recovery codes, and end their sessions.

    Raises UnknownIdError, NotAllowedError.
    """
    _require(may_manage(by, None))
    with hub.catalogue.write() as session:
        account = _present(session, account_id)
        second_factor.remove(session, account_id)
        sessions.end_all(session, account_id)
        audit.append(session, actor(by), "account.take-second-factor", "account", account_id)
        letters.write(
            session,
            hub.settings,
            "second-factor-off",
            address=account.email,
            language=account.language,
            account_id=account_id,
            name=account.name,
            link=addresses.address(hub.settings, "/account/security", account.language),
        )
        return accounts.get(session, account_id)


def edition_of(account: Account) -> str:
    """Return what changes with a person's roles and status: a form gives it back as it was opened with."""
    shown = (account.status, account.hub_role, sorted(account.roles.items()))
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def checked_email(email: str) -> str:
    """Return an address as it is kept. Raises UsageError for what is none."""
    checked = accounts.normal_email(email)
    if len(checked) > _LONGEST_EMAIL or not _EMAIL.fullmatch(checked):
        raise UsageError(f"{email!r} is not an e-mail address", advice="Give an address such as sari@example.org.")
    return checked


def actor(by: Account | None) -> Account | str:
    """Return who stands in the audit log."""
    return by if by is not None else audit.COMMAND_LINE


def hash_of_new(hub: Hub, password: str, name: str, email: str) -> str:
    """Return what is kept of a password that a person with this name and address chose. Raises WeakPasswordError."""
    about = (name, email, hub.settings.app.name_id, hub.settings.app.name_en)
    weakness = passwords.weakness(password, about)
    if weakness is not None:
        raise WeakPasswordError(weakness.value)
    return passwords.hash_password(password)


def _open_invitation(session: Session, token: str) -> Invitation:
    invitation = invitations.find(session, token)
    if invitation is None or invitation.standing is not Standing.OPEN:
        raise LinkSpentError("The invitation was used or revoked, or has run out")
    return invitation


def _present(session: Session, account_id: str) -> Account:
    """Return an account that was not erased. Raises UnknownIdError, NotAllowedError."""
    account = accounts.get(session, account_id)
    _require(account.status is not AccountStatus.ERASED)
    return account


def _grant(session: Session, account: Account, invitation: Invitation) -> Account:
    """Give a person what an invitation is for; nobody becomes less by accepting one."""
    role, organisation_id = invitation.role, invitation.organisation_id
    if isinstance(role, HubRole):
        if account.hub_role is not HubRole.ADMINISTRATOR:
            account = account_changes.set_hub_role(session, account.id, role)
    elif organisation_id is not None:
        present = account.roles.get(organisation_id)
        if present is None or _ORDER.index(role) > _ORDER.index(present):
            account = account_changes.set_role(session, account.id, organisation_id, role)
    audit.append(
        session, account, "account.take-role", "account", account.id, role=role.value, organisation=organisation_id
    )
    return account


def _set_role(
    session: Session, by: Account | None, account_id: str, organisation_id: str, role: Role | None
) -> Account:
    changed = account_changes.set_role(session, account_id, organisation_id, role)
    audit.append(
        session, actor(by), "account.change-role", "account", account_id, role=role, organisation=organisation_id
    )
    return changed


def _require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowedError("This is not for you to do")
