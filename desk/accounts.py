"""How people come to have accounts and roles: invited, and accepted. Each step is in the audit log.

`by` is who asks, None at the command line, which may do everything. What is done to people who have an account is in
`desk.people`, what they do with it themselves in `desk.own_account`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from desk import addresses, letters
from desk.dates import moment_in_words
from holdings import (
    account_changes,
    accounts,
    audit,
    credentials,
    invitations,
    organisations,
    passwords,
)
from holdings.accounts import Account, HubRole, Role
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


def require(allowed: bool) -> None:
    """Raise NotAllowedError unless it is allowed."""
    if not allowed:
        raise NotAllowedError("This is not for you to do")


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
    require(may_manage(by, organisation_id))
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
            until=moment_in_words(made.expires_at, hub.settings.app.zone, language),
        )
        audit.append(
            session, actor(by), "invitation.send", "invitation", made.id, role=role.value, organisation=organisation_id
        )
    return Invited(made, address)


def revoke_invitation(hub: Hub, by: Account | None, invitation_id: str) -> None:
    """Take an open invitation back. Raises UnknownIdError, NotAllowedError, LinkSpentError."""
    with hub.catalogue.write() as session:
        require(may_manage(by, invitations.get(session, invitation_id).organisation_id))
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
        require(invitation.email == account.email)
        claimed = invitations.claim(session, invitation.id)
        audit.append(session, account, "invitation.accept", "invitation", claimed.id)
        return _grant(session, accounts.get(session, account.id), claimed)


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
