"""Who accounts are at an OpenID Connect provider. Functions over a session of `holdings.database`."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from holdings.accounts import Account, account_of
from holdings.tables_people import AccountRow, IdentityRow


def find(session: Session, issuer: str, subject: str) -> Account | None:
    """Return the account that is this at a provider, whatever its status; None where none is."""
    row = session.scalar(
        select(AccountRow)
        .join(IdentityRow, IdentityRow.account_id == AccountRow.id)
        .where(IdentityRow.issuer == issuer, IdentityRow.subject == subject)
    )
    return account_of(row) if row is not None else None


def link(session: Session, account_id: str, issuer: str, subject: str) -> None:
    """Record that an account is this at a provider."""
    session.add(IdentityRow(issuer=issuer, subject=subject, account_id=account_id, linked_at=datetime.now(UTC)))
    session.flush()


def issuers(session: Session, account_id: str) -> list[str]:
    """Return the providers that an account is linked with."""
    return list(
        session.scalars(select(IdentityRow.issuer).where(IdentityRow.account_id == account_id).order_by("issuer"))
    )


def unlink(session: Session, account_id: str) -> list[str]:
    """Forget who an account is at any provider, and return which these were."""
    found = issuers(session, account_id)
    session.execute(delete(IdentityRow).where(IdentityRow.account_id == account_id))
    return found
