"""Everything that the hub holds on one person: read out for them, and taken away. Functions over a session.

What others did and what documents say is not the person's: documents, their reviews and the audit log stay when a
person is erased, with the pseudonym in the place of the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, inspect, or_, select, update
from sqlalchemy.orm import Session

from holdings.account_changes import require_other_administrator
from holdings.accounts import Account, AccountStatus, account_row
from holdings.tables import Base, DocumentRow
from holdings.tables_desk import (
    AlertedRow,
    AuditRow,
    MailRow,
    NoticeRow,
    PersonalDataDecisionRow,
    PurgeRow,
    ReviewRow,
    SavedSearchRow,
    TakedownReportRow,
    TermEditRow,
    UploadRow,
)
from holdings.tables_people import (
    AccountRow,
    ApiTokenRow,
    IdentityRow,
    InvitationRow,
    MembershipRow,
    PasswordResetRow,
    RecoveryCodeRow,
    SessionRow,
)

# Hashes and secrets are no use to the person, and of some use to whoever finds the file; letters may hold such too, and
# name documents that are the person's no longer.
_NEVER_TOLD = {
    "accounts.password_hash",
    "accounts.totp_secret",
    "api_tokens.token_sha256",
    "invitations.token_sha256",
    "mails.subject",
    "mails.text",
    "password_resets.token_sha256",
    "recovery_codes.code_sha256",
    "saved_searches.feed_sha256",
    "sessions.token_sha256",
}


# Who it was that asked, or was invited, is somebody else's.
_OF_OTHERS = frozenset({"name", "email", "text"})


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of one table that are about a person. Those that are `theirs` go when the person is erased.

    What stands in the columns `of_others` is not told.
    """

    name: str
    row: type[Base]
    condition: ColumnElement[bool]
    theirs: bool
    of_others: frozenset[str] = frozenset()


def gather(session: Session, account: Account) -> dict[str, list[dict[str, Any]]]:
    """Return what the hub holds on a person, by part: rows as plain values, without hashes and secrets."""
    return {
        part.name: [_plain(row, part.of_others) for row in session.scalars(select(part.row).where(part.condition))]
        for part in _parts(account)
    }


def erase(session: Session, account: Account) -> None:
    """Take away what is a person's own, and leave the account with nothing but its pseudonym.

    Raises LastAdministratorError.
    """
    require_other_administrator(session, account.id)
    searches = select(SavedSearchRow.id).where(SavedSearchRow.account_id == account.id)
    letters = select(MailRow.id).where(_letters_to(account))
    session.execute(delete(AlertedRow).where(AlertedRow.search_id.in_(searches)))
    session.execute(update(AlertedRow).where(AlertedRow.mail_id.in_(letters)).values(mail_id=None))
    session.execute(update(TakedownReportRow).where(_reported_by(account)).values(name="", email=""))
    for part in _parts(account):
        if part.theirs:
            session.execute(delete(part.row).where(part.condition))
    session.expire_all()
    row = account_row(session, account.id)
    row.email, row.name, row.hub_role = None, "", None
    row.status = AccountStatus.ERASED.value
    row.password_hash, row.totp_secret, row.totp_confirmed_at, row.totp_step = None, None, None, None
    row.failures, row.locked_until = 0, None
    session.flush()


def _parts(account: Account) -> tuple[_Part, ...]:
    me = account.id
    return (
        _Part("account", AccountRow, AccountRow.id == me, theirs=False),
        _Part("memberships", MembershipRow, MembershipRow.account_id == me, theirs=True),
        _Part("identities", IdentityRow, IdentityRow.account_id == me, theirs=True),
        _Part("sessions", SessionRow, SessionRow.account_id == me, theirs=True),
        _Part("tokens", ApiTokenRow, ApiTokenRow.account_id == me, theirs=True),
        _Part("recovery_codes", RecoveryCodeRow, RecoveryCodeRow.account_id == me, theirs=True),
        _Part("password_resets", PasswordResetRow, PasswordResetRow.account_id == me, theirs=True),
        _Part("invitations", InvitationRow, InvitationRow.email == account.email, theirs=True),
        _Part("invitations_made", InvitationRow, InvitationRow.invited_by == me, theirs=False, of_others=_OF_OTHERS),
        _Part("notices", NoticeRow, NoticeRow.account_id == me, theirs=True),
        _Part("saved_searches", SavedSearchRow, SavedSearchRow.account_id == me, theirs=True),
        _Part("letters", MailRow, _letters_to(account), theirs=True),
        _Part("uploads", UploadRow, UploadRow.account_id == me, theirs=False),
        _Part("documents", DocumentRow, DocumentRow.contributor_id == me, theirs=False),
        _Part("reviews", ReviewRow, ReviewRow.account_id == me, theirs=False),
        _Part(
            "personal_data_decisions", PersonalDataDecisionRow, PersonalDataDecisionRow.account_id == me, theirs=False
        ),
        _Part("takedown_reports", TakedownReportRow, _reported_by(account), theirs=False),
        _Part(
            "takedown_reports_handled",
            TakedownReportRow,
            TakedownReportRow.handled_by == me,
            theirs=False,
            of_others=_OF_OTHERS,
        ),
        _Part("purges", PurgeRow, PurgeRow.account_id == me, theirs=False),
        _Part("term_edits", TermEditRow, TermEditRow.edited_by == me, theirs=False),
        _Part("audit", AuditRow, or_(AuditRow.actor == account.pseudonym, AuditRow.subject_id == me), theirs=False),
    )


def _letters_to(account: Account) -> ColumnElement[bool]:
    return or_(MailRow.account_id == account.id, MailRow.address == account.email)


def _reported_by(account: Account) -> ColumnElement[bool]:
    # As it was typed into the form: people write their address in capitals, too.
    return and_(func.lower(TakedownReportRow.email) == account.email, TakedownReportRow.email != "")


def _plain(row: Base, left_out: frozenset[str]) -> dict[str, Any]:
    values: Mapping[str, Any] = {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in values.items()
        if f"{row.__tablename__}.{name}" not in _NEVER_TOLD and name not in left_out
    }
