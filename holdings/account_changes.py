"""What changes of an account: roles, status, name and address, and its erasure. Functions over a session.

Who may change it is decided in `desk.people`, which also appends to the audit log.
"""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from holdings.accounts import Account, AccountStatus, HubRole, Role, account_of, account_row, normal_email
from holdings.errors import LastAdministratorError, UnknownIdError, UsageError
from holdings.tables_people import AccountRow, MembershipRow


def held(session: Session, account_id: str) -> Account:
    """Return an account that nobody else changes until the transaction ends. Raises UnknownIdError."""
    row = _held_rows(session, account_id).get(account_id)
    if row is None:
        raise UnknownIdError(f"There is no account {account_id}")
    return account_of(row)


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
    row = account_row(session, account_id)
    row.email = normal_email(email)
    try:
        session.flush()
    except IntegrityError as error:
        # Of two who take it at once, the second finds out only here.
        raise UsageError("This address cannot be used", advice="Give another address.") from error
    return account_of(row)


def require_other_administrator(session: Session, account_id: str) -> None:
    """Raise LastAdministratorError when nobody but this person administers the hub.

    Of two administrators who go at once, one stays: the rows are held to the end of the transaction.
    """
    if {row.id for row in _held_rows(session, account_id).values() if _administers(row)} == {account_id}:
        raise LastAdministratorError("This is the only administrator of the hub")


def _held_rows(session: Session, account_id: str) -> dict[str, AccountRow]:
    """Return the rows of a person and of all administrators, locked until the transaction ends.

    All at once and in one order: two administrators who change each other would wait for each other else.
    """
    administers = and_(
        AccountRow.hub_role == HubRole.ADMINISTRATOR.value, AccountRow.status == AccountStatus.ACTIVE.value
    )
    rows = session.scalars(
        select(AccountRow)
        .where(or_(AccountRow.id == account_id, administers))
        .order_by(AccountRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def _administers(row: AccountRow) -> bool:
    return row.hub_role == HubRole.ADMINISTRATOR.value and row.status == AccountStatus.ACTIVE.value
