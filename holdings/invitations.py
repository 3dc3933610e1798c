"""Invitations: letters that let one person make an account, or take a further role. Functions over a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from holdings.accounts import HubRole, Role, normal_email
from holdings.errors import LinkSpentError, UnknownIdError
from holdings.identifiers import new_identifier
from holdings.sessions import hash_of, new_token
from holdings.tables_people import InvitationRow

GOOD_FOR = timedelta(days=14)


class Standing(StrEnum):
    """What can still become of an invitation."""

    OPEN = "open"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Invitation:
    """That the person with this address may become this: something in an organisation, or for the hub where
    `organisation_id` is None."""

    id: str
    email: str
    language: str
    role: Role | HubRole
    organisation_id: str | None
    invited_by: str | None
    created_at: datetime
    expires_at: datetime
    standing: Standing


def add(
    session: Session,
    *,
    email: str,
    language: str,
    role: Role | HubRole,
    organisation_id: str | None,
    invited_by: str | None,
) -> tuple[Invitation, str]:
    """Record an invitation and return it with the secret for its address. An open one of the same person to the same
    organisation is revoked: the newest letter counts."""
    email, now, token = normal_email(email), datetime.now(UTC), new_token()
    session.execute(
        update(InvitationRow)
        .where(
            InvitationRow.email == email,
            InvitationRow.organisation_id.is_not_distinct_from(organisation_id),
            InvitationRow.accepted_at.is_(None),
            InvitationRow.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    row = InvitationRow(
        id=new_identifier(),
        token_sha256=hash_of(token),
        email=email,
        language=language,
        role=role.value,
        organisation_id=organisation_id,
        invited_by=invited_by,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    session.add(row)
    session.flush()
    return _invitation(row), token


def find(session: Session, token: str) -> Invitation | None:
    """Return the invitation whose address has this secret, however it stands; None where there is none."""
    row = session.scalar(select(InvitationRow).where(InvitationRow.token_sha256 == hash_of(token)))
    return _invitation(row) if row is not None else None


def get(session: Session, invitation_id: str) -> Invitation:
    """Return an invitation. Raises UnknownIdError."""
    row = session.get(InvitationRow, invitation_id)
    if row is None:
        raise UnknownIdError(f"There is no invitation {invitation_id}")
    return _invitation(row)


def open_to(session: Session, email: str) -> list[Invitation]:
    """Return the open invitations of the person with this address, the oldest first."""
    return _open(session, InvitationRow.email == normal_email(email))


def open_of(session: Session, organisation_id: str) -> list[Invitation]:
    """Return the open invitations to an organisation, the oldest first."""
    return _open(session, InvitationRow.organisation_id == organisation_id)


def all_open(session: Session) -> list[Invitation]:
    """Return every open invitation, the oldest first."""
    return _open(session)


def claim(session: Session, invitation_id: str) -> Invitation:
    """Spend an open invitation and return it. Of two at once, one succeeds. Raises LinkSpentError.

    All of the same person's are held to the end of the transaction, so that two of them do not make two accounts.
    """
    now = datetime.now(UTC)
    email = select(InvitationRow.email).where(InvitationRow.id == invitation_id).scalar_subquery()
    held = select(InvitationRow.id).where(InvitationRow.email == email).order_by(InvitationRow.id).with_for_update()
    session.scalars(held).all()
    claimed = session.scalar(
        update(InvitationRow)
        .where(InvitationRow.id == invitation_id, *_conditions(now))
        .values(accepted_at=now)
        .returning(InvitationRow.id)
    )
    if claimed is None:
        raise LinkSpentError("The invitation was used or revoked, or has run out")
    return _invitation(session.get_one(InvitationRow, invitation_id, populate_existing=True))


def revoke(session: Session, invitation_id: str) -> None:
    """Take an open invitation back. Raises LinkSpentError where it is not open any more."""
    now = datetime.now(UTC)
    revoked = session.scalar(
        update(InvitationRow)
        .where(InvitationRow.id == invitation_id, *_conditions(now))
        .values(revoked_at=now)
        .returning(InvitationRow.id)
    )
    if revoked is None:
        raise LinkSpentError("The invitation was used or revoked, or has run out")


def _conditions(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        InvitationRow.accepted_at.is_(None),
        InvitationRow.revoked_at.is_(None),
        InvitationRow.expires_at > now,
    )


def _open(session: Session, *conditions: ColumnElement[bool]) -> list[Invitation]:
    rows = session.scalars(
        select(InvitationRow)
        .where(*conditions, *_conditions(datetime.now(UTC)))
        .order_by(InvitationRow.created_at, InvitationRow.id)
    )
    return [_invitation(row) for row in rows]


def _invitation(row: InvitationRow) -> Invitation:
    return Invitation(
        id=row.id,
        email=row.email,
        language=row.language,
        role=HubRole(row.role) if row.organisation_id is None else Role(row.role),
        organisation_id=row.organisation_id,
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        standing=_standing(row),
    )


def _standing(row: InvitationRow) -> Standing:
    if row.accepted_at is not None:
        return Standing.ACCEPTED
    if row.revoked_at is not None:
        return Standing.REVOKED
    return Standing.OPEN if row.expires_at > datetime.now(UTC) else Standing.EXPIRED
