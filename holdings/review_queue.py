"""What waits at the desk: records by state, space, contributor, kind and age, with what speaks for a closer look.

Functions over a session of `holdings.database`. Whom a record concerns is said by `holdings.workflow`, once; here it is
asked of the database (`concerning`), and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from holdings.access import Viewer
from holdings.accounts import Account, HubRole, Role
from holdings.model import DocumentField, Source
from holdings.relations import Relation, RelationStatus
from holdings.states import State
from holdings.tables import DocumentRow, RecordAccessRow, RecordRow, RelationRow, StatementRow
from holdings.tables_desk import PersonalDataRow, ReviewRow
from holdings.workflow import Action, Party, allowed

_DUPLICATES = (Relation.IDENTICAL.value, Relation.NEW_VERSION.value, Relation.EXCERPT.value)
_TOLD = (RelationStatus.FOUND.value, RelationStatus.CONFIRMED.value)


class QueueOrder(StrEnum):
    """In which order the queue is listed. LONGEST is by how long they have been in their state."""

    LONGEST = "longest"
    LATEST = "latest"
    SPACE = "space"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records of the queue are asked for; what is None or false restricts nothing.

    `before` is the moment since which they have been in their state at least. Duplicates count only among what whoever
    asks may read.
    """

    state: State = State.SUBMITTED
    space: str | None = None
    contributor: str | None = None
    kind: str | None = None
    before: datetime | None = None
    with_personal_data: bool = False
    with_duplicates: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record of the queue: since when it has been in its state, and what speaks for a closer look."""

    document_id: str
    since: datetime
    places: int
    duplicates: int


def listed(
    session: Session,
    by: Account,
    wanted: Wanted,
    now: datetime,
    *,
    order: QueueOrder = QueueOrder.LONGEST,
    limit: int,
    offset: int = 0,
) -> list[Waiting]:
    """Return the records that are asked for and concern somebody who reviews, in order."""
    since = _since()
    orders = {
        QueueOrder.LONGEST: (since.asc(),),
        QueueOrder.LATEST: (since.desc(),),
        QueueOrder.SPACE: (DocumentRow.keeper_id, since.asc()),
    }
    rows = session.execute(
        select(DocumentRow.id, since, _places(), _duplicates(by.viewer, now))
        .where(*_clauses(by, wanted, now))
        .order_by(*orders[order], DocumentRow.id)
        .limit(limit)
        .offset(offset)
    )
    return [Waiting(*row) for row in rows]


def count(session: Session, by: Account, wanted: Wanted, now: datetime) -> int:
    """Return how many records are asked for and concern somebody who reviews."""
    return session.scalar(select(func.count()).select_from(DocumentRow).where(*_clauses(by, wanted, now))) or 0


def spaces(session: Session, by: Account, state: State) -> list[str]:
    """Return the spaces of which records in a state concern somebody who reviews."""
    rows = select(DocumentRow.keeper_id).where(_concerning(by, state), DocumentRow.keeper_id.is_not(None)).distinct()
    return [space for space in session.scalars(rows.order_by(DocumentRow.keeper_id)) if space is not None]


def contributors(session: Session, by: Account, state: State) -> list[str]:
    """Return the accounts that put in records in a state that concern somebody who reviews."""
    rows = select(DocumentRow.contributor_id).where(_concerning(by, state), DocumentRow.contributor_id.is_not(None))
    return [one for one in session.scalars(rows.distinct()) if one is not None]


def states(by: Account) -> frozenset[State]:
    """Return the states in which records may concern somebody as an editor, or as what they are for the hub."""
    parties = _parties_of_the_hub(by) | ({Party.EDITOR} if by.organisations(Role.EDITOR) else set())
    if by.hub_role is HubRole.CURATOR:
        # Of what no space keeps.
        parties |= {Party.EDITOR}
    return frozenset(state for state in State if Action.LOOK in allowed(state, parties))


def _parties_of_the_hub(by: Account) -> frozenset[Party]:
    """Return what somebody is to every record, by what they are for the hub."""
    of_hub = {HubRole.CURATOR: Party.CURATOR, HubRole.ADMINISTRATOR: Party.ADMINISTRATOR}
    return frozenset({of_hub[by.hub_role]} if by.hub_role is not None else set())


def _concerning(by: Account, state: State) -> ColumnElement[bool]:
    """Return the clause of records in a state that somebody may look at as an editor, or as what they are for the
    hub."""
    of_state = and_(DocumentRow.removed_at.is_(None), DocumentRow.state == state.value)
    if Action.LOOK in allowed(state, _parties_of_the_hub(by)):
        return of_state
    if Action.LOOK not in allowed(state, [Party.EDITOR]):
        return false()
    own = DocumentRow.keeper_id.in_(by.organisations(Role.EDITOR))
    return and_(of_state, or_(own, DocumentRow.keeper_id.is_(None)) if by.hub_role is HubRole.CURATOR else own)


def _clauses(by: Account, wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    clauses = [_concerning(by, wanted.state)]
    if wanted.space is not None:
        clauses.append(DocumentRow.keeper_id == wanted.space)
    if wanted.contributor is not None:
        clauses.append(DocumentRow.contributor_id == wanted.contributor)
    if wanted.kind is not None:
        clauses.append(_is_of_kind(wanted.kind))
    if wanted.before is not None:
        clauses.append(_since() <= wanted.before)
    if wanted.with_personal_data:
        clauses.append(_places() > 0)
    if wanted.with_duplicates:
        clauses.append(_duplicates(by.viewer, now) > 0)
    return clauses


def _since() -> ColumnElement[datetime]:
    """Return since when a record has been in its state: the last step that led there, else when it was recorded."""
    last = (
        select(func.max(ReviewRow.at))
        .where(
            ReviewRow.record_id == DocumentRow.id,
            ReviewRow.to_state == DocumentRow.state,
            ReviewRow.from_state != ReviewRow.to_state,
        )
        .correlate(DocumentRow)
        .scalar_subquery()
    )
    return func.coalesce(last, DocumentRow.created_at)


def _is_of_kind(kind: str) -> ColumnElement[bool]:
    """Return the clause of records of a kind, as a person declared it or, where none did, as the hub inferred it."""
    of_kind = StatementRow.field == DocumentField.KIND.value
    declared = aliased(StatementRow)
    is_declared = exists().where(
        declared.record_id == DocumentRow.id,
        declared.field == DocumentField.KIND.value,
        declared.source == Source.DECLARED.value,
    )
    return exists().where(
        StatementRow.record_id == DocumentRow.id,
        of_kind,
        StatementRow.value == kind,
        or_(StatementRow.source == Source.DECLARED.value, ~is_declared),
    )


def _places() -> ColumnElement[int]:
    """Return how many places of a record's present text look like personal data."""
    return (
        select(func.count())
        .select_from(PersonalDataRow)
        .where(PersonalDataRow.record_id == DocumentRow.id, PersonalDataRow.text_sha256 == DocumentRow.text_sha256)
        .correlate(DocumentRow)
        .scalar_subquery()
    )


def _duplicates(viewer: Viewer, now: datetime) -> ColumnElement[int]:
    """Return how many documents that `viewer` may read a record is a copy, a version or a part of, or they of it."""
    other = aliased(RecordRow)
    return (
        select(func.count())
        .select_from(RelationRow)
        .join(other, other.id.in_([RelationRow.record_id, RelationRow.other_id]))
        .where(
            or_(RelationRow.record_id == DocumentRow.id, RelationRow.other_id == DocumentRow.id),
            other.id != DocumentRow.id,
            RelationRow.relation.in_(_DUPLICATES),
            RelationRow.status.in_(_TOLD),
            _may_read(other, viewer.labels, now),
        )
        .correlate(DocumentRow)
        .scalar_subquery()
    )


def _may_read(record: type[RecordRow], labels: Collection[str], now: datetime) -> ColumnElement[bool]:
    """Return `holdings.access.may_read` as a clause over a row of `records`."""
    keepers = [label.removeprefix("org:") for label in labels if label.startswith("org:")]
    labelled = exists().where(RecordAccessRow.record_id == record.id, RecordAccessRow.label.in_(sorted(labels)))
    is_over = or_(record.embargo_until.is_(None), record.embargo_until <= now)
    return and_(
        record.removed_at.is_(None),
        record.state == State.PUBLISHED.value,
        or_(record.keeper_id.in_(sorted(keepers)), and_(is_over, labelled)),
    )
