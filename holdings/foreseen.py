"""What is an organisation's, and what would change for readers if it were merged into another. Over a session."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from holdings import organisations
from holdings.access import PARTNERS, Access, Viewer, may_read, organisation_label
from holdings.accounts import Role
from holdings.errors import UsageError
from holdings.model import DocumentField
from holdings.states import State
from holdings.tables import RecordAccessRow, RecordRow, StatementRow
from holdings.tables_desk import UploadRow
from holdings.tables_people import InvitationRow, MembershipRow

# From the lowest to the highest.
ROLES = list(Role)
_STANDS = RecordRow.removed_at.is_(None)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a merger would change, in numbers of documents and people.

    `read_anew` are published documents that members of the organisation that stays will read because of it, and could
    not before; `read_anew_by_joining` those that members of the one that joins it will read. `worked_on_anew` and
    `worked_on_anew_by_joining` are documents in their spaces that are not published, which contributors and editors
    of the other will see at the desk.
    """

    read_anew: int
    read_anew_by_joining: int
    worked_on_anew: int
    worked_on_anew_by_joining: int
    issued: int
    kept: int
    members: int
    members_of_both: int
    roles_raised: int
    invitations: int
    uploads: int

    @property
    def edition(self) -> str:
        """Return what is another when the merger would change something else than was foreseen."""
        return "-".join(str(number) for number in asdict(self).values())


def foresee(session: Session, joining: str, staying: str) -> Foreseen:
    """Return what would change if `joining` were merged into `staying`. Raises UnknownIdError, UsageError for one."""
    if joining == staying:
        raise UsageError("An organisation cannot be merged with itself", advice="Name two organisations.")
    for one in (joining, staying):
        organisations.get(session, one)
    theirs, ours = _accesses(session, joining), _accesses(session, staying)
    members, others = roles_of(session, joining), roles_of(session, staying)
    both = members.keys() & others.keys()
    return Foreseen(
        read_anew=_read_anew(theirs, staying),
        read_anew_by_joining=_read_anew(ours, joining),
        worked_on_anew=_worked_on(theirs, joining),
        worked_on_anew_by_joining=_worked_on(ours, staying),
        issued=_count(session, select(StatementRow.record_id).where(*issued_by(joining)).distinct()),
        kept=_count(session, select(RecordRow.id).where(RecordRow.keeper_id == joining, _STANDS)),
        members=len(members),
        members_of_both=len(both),
        roles_raised=sum(ROLES.index(members[one]) > ROLES.index(others[one]) for one in both),
        invitations=_count(
            session,
            select(InvitationRow.id).where(
                InvitationRow.organisation_id == joining,
                InvitationRow.accepted_at.is_(None),
                InvitationRow.revoked_at.is_(None),
            ),
        ),
        uploads=_count(
            session,
            select(UploadRow.id).where(
                UploadRow.organisation_id == joining, UploadRow.arrival_id.is_(None), UploadRow.cancelled_at.is_(None)
            ),
        ),
    )


def is_for(organisation_id: str) -> ColumnElement[bool]:
    """Return the condition that an organisation keeps a record, or that its members may read it."""
    labelled = select(RecordAccessRow.record_id).where(RecordAccessRow.label == organisation_label(organisation_id))
    return or_(RecordRow.keeper_id == organisation_id, RecordRow.id.in_(labelled))


def issued_by(organisation_id: str) -> tuple[ColumnElement[bool], ...]:
    return StatementRow.field == DocumentField.ORGANISATION.value, StatementRow.value == organisation_id


def roles_of(session: Session, organisation_id: str) -> dict[str, Role]:
    rows = session.execute(
        select(MembershipRow.account_id, MembershipRow.role).where(MembershipRow.organisation_id == organisation_id)
    )
    return {row.account_id: Role(row.role) for row in rows}


def _accesses(session: Session, organisation_id: str) -> list[Access]:
    """Return the access of everything that an organisation keeps or reads by its label."""
    concerned = is_for(organisation_id), _STANDS
    rows = session.execute(
        select(RecordRow.id, RecordRow.embargo_until, RecordRow.keeper_id, RecordRow.state).where(*concerned)
    ).all()
    labels: dict[str, set[str]] = {row.id: set() for row in rows}
    for record_id, label in session.execute(
        select(RecordAccessRow.record_id, RecordAccessRow.label)
        .join(RecordRow, RecordRow.id == RecordAccessRow.record_id)
        .where(*concerned)
    ):
        labels[record_id].add(label)
    return [
        Access(
            frozenset(labels[row.id]),
            row.embargo_until,
            organisation_label(row.keeper_id) if row.keeper_id else None,
            State(row.state),
        )
        for row in rows
    ]


def _read_anew(accesses: Collection[Access], organisation_id: str) -> int:
    """Return how many of these are read by no member of an organisation who is not read anything else as."""
    viewer, now = Viewer.of(PARTNERS, organisation_label(organisation_id)), datetime.now(UTC)
    return sum(access.state is State.PUBLISHED and not may_read(access, viewer, now) for access in accesses)


def _worked_on(accesses: Collection[Access], organisation_id: str) -> int:
    keeper = organisation_label(organisation_id)
    return sum(access.state is not State.PUBLISHED and access.keeper == keeper for access in accesses)


def _count(session: Session, statement: Select[str]) -> int:
    return session.scalar(select(func.count()).select_from(statement.subquery())) or 0
