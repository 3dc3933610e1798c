"""People who can sign in: who they are, what they belong to, and what that makes of them as readers and at the desk.

Functions over a session of `holdings.database`. What they sign in with is in `holdings.credentials` and
`holdings.sessions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from holdings.access import PARTNERS, Viewer, organisation_label
from holdings.errors import UnknownIdError
from holdings.identifiers import new_identifier
from holdings.model import Document
from holdings.tables_people import AccountRow, MembershipRow
from holdings.workflow import Party


class Role(StrEnum):
    """What a person is in an organisation. Each may do what those before it may, and more."""

    PARTNER = "partner"
    CONTRIBUTOR = "contributor"
    EDITOR = "editor"


class HubRole(StrEnum):
    """What a person is for the hub as a whole."""

    CURATOR = "curator"
    ADMINISTRATOR = "administrator"


class AccountStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in. `roles` has what they are in each organisation, by its id.

    `pseudonym` stands for the person in the audit log. `email` is empty once the person was erased.
    """

    id: str
    pseudonym: str
    email: str
    name: str
    language: str
    status: AccountStatus
    hub_role: HubRole | None
    roles: Mapping[str, Role] = field(default_factory=dict)
    has_password: bool = False
    has_second_factor: bool = False
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def needs_second_factor(self) -> bool:
        """Say whether the person may do nothing before there is a second factor."""
        return self.hub_role is not None

    @property
    def viewer(self) -> Viewer:
        """Return what the person reads as: the public, a partner, and each organisation that they belong to."""
        if self.status is not AccountStatus.ACTIVE:
            return Viewer()
        partner = (PARTNERS,) if self.roles or self.hub_role is not None else ()
        return Viewer.of(*partner, *(organisation_label(organisation_id) for organisation_id in self.roles))

    def organisations(self, *roles: Role) -> tuple[str, ...]:
        """Return the ids of the organisations in which the person has one of these roles, in order."""
        return tuple(sorted(organisation_id for organisation_id, role in self.roles.items() if role in roles))

    @property
    def spaces(self) -> tuple[str, ...]:
        """Return the ids of the organisations whose space the person may put work into."""
        return self.organisations(Role.CONTRIBUTOR, Role.EDITOR)

    def puts_into(self, keeper: str | None) -> bool:
        """Say whether the space with this label is one that the person may put work into."""
        return keeper is not None and keeper.removeprefix("org:") in self.spaces

    def parties(self, document: Document) -> frozenset[Party]:
        """Return what the person is to a document, for `holdings.workflow`."""
        if self.status is not AccountStatus.ACTIVE:
            return frozenset()
        found = set()
        keeper = document.access.keeper
        role = self.roles.get(keeper.removeprefix("org:")) if keeper is not None else None
        if role in {Role.CONTRIBUTOR, Role.EDITOR}:
            found.add(Party.EDITOR if role is Role.EDITOR else Party.COLLEAGUE)
            if document.contributor_id == self.id:
                found.add(Party.CONTRIBUTOR)
        if self.hub_role is HubRole.CURATOR:
            found.add(Party.CURATOR)
            if keeper is None:
                found.add(Party.EDITOR)
        if self.hub_role is HubRole.ADMINISTRATOR:
            found.add(Party.ADMINISTRATOR)
        return frozenset(found)


def add(
    session: Session,
    *,
    email: str,
    name: str,
    language: str = "id",
    hub_role: HubRole | None = None,
    roles: Mapping[str, Role] | None = None,
) -> Account:
    """Record a new person and return the account. `email` must not be in use."""
    row = AccountRow(
        id=new_identifier(),
        pseudonym=f"p-{new_identifier()}",
        email=normal_email(email),
        name=name.strip(),
        language=language,
        status=AccountStatus.ACTIVE.value,
        hub_role=hub_role.value if hub_role else None,
        failures=0,
        created_at=datetime.now(UTC),
        memberships=[MembershipRow(organisation_id=o, role=role.value) for o, role in sorted((roles or {}).items())],
    )
    session.add(row)
    session.flush()
    return account_of(row)


def get(session: Session, account_id: str) -> Account:
    """Return an account, whatever its status. Raises UnknownIdError."""
    return account_of(account_row(session, account_id))


def find(session: Session, email: str) -> Account | None:
    """Return the account with this address, whatever its status, None where there is none."""
    row = session.scalar(select(AccountRow).where(AccountRow.email == normal_email(email)))
    return account_of(row) if row is not None else None


def find_by_pseudonym(session: Session, pseudonym: str) -> Account | None:
    """Return the account for which this stands in the audit log, None where there is none."""
    row = session.scalar(select(AccountRow).where(AccountRow.pseudonym == pseudonym))
    return account_of(row) if row is not None else None


def get_many(session: Session, account_ids: Iterable[str]) -> dict[str, Account]:
    """Return accounts by id; ids that name none are left out."""
    rows = session.scalars(select(AccountRow).where(AccountRow.id.in_(sorted(set(account_ids)))))
    return {row.id: account_of(row) for row in rows}


def all_accounts(session: Session) -> list[Account]:
    """Return everybody who was not erased, by name."""
    rows = session.scalars(
        select(AccountRow)
        .where(AccountRow.status != AccountStatus.ERASED.value)
        .order_by(AccountRow.name, AccountRow.id)
    )
    return [account_of(row) for row in rows]


def count_by_status(session: Session) -> dict[AccountStatus, int]:
    """Return how many people there are of each status."""
    rows = session.execute(select(AccountRow.status, func.count()).group_by(AccountRow.status))
    return dict.fromkeys(AccountStatus, 0) | {AccountStatus(status): number for status, number in rows}


def members(session: Session, organisation_id: str, *roles: Role) -> list[Account]:
    """Return the active people who have one of these roles in an organisation, by name."""
    rows = session.scalars(
        select(AccountRow)
        .join(MembershipRow)
        .where(
            MembershipRow.organisation_id == organisation_id,
            MembershipRow.role.in_([role.value for role in roles]),
            AccountRow.status == AccountStatus.ACTIVE.value,
        )
        .order_by(AccountRow.name, AccountRow.id)
    )
    return [account_of(row) for row in rows]


def with_hub_role(session: Session, *roles: HubRole) -> list[Account]:
    """Return the active people who have one of these roles, by name."""
    rows = session.scalars(
        select(AccountRow)
        .where(AccountRow.hub_role.in_([role.value for role in roles]), AccountRow.status == AccountStatus.ACTIVE.value)
        .order_by(AccountRow.name, AccountRow.id)
    )
    return [account_of(row) for row in rows]


def normal_email(email: str) -> str:
    """Return an address as it is kept and compared."""
    return email.strip().casefold()


def account_row(session: Session, account_id: str) -> AccountRow:
    row = session.get(AccountRow, account_id)
    if row is None:
        raise UnknownIdError(f"There is no account {account_id}")
    return row


def account_of(row: AccountRow) -> Account:
    return Account(
        id=row.id,
        pseudonym=row.pseudonym,
        email=row.email or "",
        name=row.name,
        language=row.language,
        status=AccountStatus(row.status),
        hub_role=HubRole(row.hub_role) if row.hub_role else None,
        roles={membership.organisation_id: Role(membership.role) for membership in row.memberships},
        has_password=row.password_hash is not None,
        has_second_factor=row.totp_confirmed_at is not None,
        created_at=row.created_at,
    )
