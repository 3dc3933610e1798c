"""What changes of an account: roles, status, name and address, and its erasure. Functions over a session.

Who may change it is decided in `desk.accounts`, which also appends to the audit log.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from holdings.accounts import Account, AccountStatus, HubRole, Role, account_of, account_row, normal_email
from holdings.errors import LastAdministratorError, UnknownIdError, UsageError
from holdings.tables_people import AccountRow, MembershipRow


def set_hub_role(session: Session, account_id: str, hub_role: HubRole | None) -> Account:
    """Make a person this for the hub. Raises UnknownIdError, LastAdministratorError."""
    if hub_role is not HubRole.ADMINISTRATOR:
        require_other_administrator(session, account_id)
    row = account_row(session, account_id)
    row.hub_role = hub_role.value if hub_role else None
    session.flush()
    return account_of(row)


def set_role(session: Session, account_id: str, organisation_id: str, role: Role | None) -> Account:
    """Make a person this in an organisation, or nothing there. Raises UnknownIdError."""
    # Locked, so that two who do the same at once do not both add it.
    row = session.get(AccountRow, account_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise UnknownIdError(f"There is no account {account_id}")
    kept = [membership for membership in row.memberships if membership.organisation_id != organisation_id]
    present = next((m for m in row.memberships if m.organisation_id == organisation_id), None)
    if role is None:
        row.memberships = kept
    elif present is not None:
        present.role = role.value
    else:
        row.memberships.append(MembershipRow(organisation_id=organisation_id, role=role.value))
    session.flush()
    return account_of(row)


def set_status(session: Session, account_id: str, status: AccountStatus) -> Account:
    """Suspend or restore a person. Raises UnknownIdError, LastAdministratorError."""
    if status is not AccountStatus.ACTIVE:
        require_other_administrator(session, account_id)
    row = account_row(session, account_id)
    row.status = status.value
    session.flush()
    return account_of(row)


def set_profile(session: Session, account_id: str, *, name: str, language: str) -> Account:
    """Keep how a person is called and the language of letters to them."""
    row = account_row(session, account_id)
    row.name, row.language = " ".join(name.split()), language
    session.flush()
    return account_of(row)


def set_email(session: Session, account_id: str, email: str) -> Account:
    """Keep a new address, under which the person signs in. Raises UsageError when somebody else has it."""
    email = normal_email(email)
    holder = session.scalar(select(AccountRow.id).where(AccountRow.email == email))
    if holder not in {None, account_id}:
        raise UsageError("This address cannot be used", advice="Give another address.")
    row = account_row(session, account_id)
    row.email = email
    session.flush()
    return account_of(row)


def require_other_administrator(session: Session, account_id: str) -> None:
    """Raise LastAdministratorError when nobody but this person administers the hub.

    Of two administrators who go at once, one stays: the rows are held to the end of the transaction.
    """
    holders = session.scalars(
        select(AccountRow)
        .where(AccountRow.hub_role == HubRole.ADMINISTRATOR.value, AccountRow.status == AccountStatus.ACTIVE.value)
        .order_by(AccountRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if {row.id for row in holders} == {account_id}:
        raise LastAdministratorError("This is the only administrator of the hub")
