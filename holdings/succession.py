"""One organisation takes the place of another: under a new id, or because the two were merged, as ministries are.

All that was the former's becomes the other's in one transaction: what it issued and keeps, access labels, members,
invitations, uploads, saved searches. Its id leads on. What changes for readers is said before (`holdings.foreseen`).
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session, aliased

from holdings import audit, organisations, versions
from holdings.access import organisation_label
from holdings.accounts import Account
from holdings.errors import ChangedMeanwhileError
from holdings.foreseen import ROLES, Foreseen, foresee, is_for, issued_by, roles_of
from holdings.model import DocumentField, Organisation
from holdings.portions import portions
from holdings.tables import (
    FormerOrganisationRow,
    OrganisationRow,
    RecordAccessRow,
    RecordRow,
    StatementRow,
)
from holdings.tables_desk import SavedSearchRow, UploadRow
from holdings.tables_people import InvitationRow, MembershipRow
from holdings.vocabularies import Vocabularies

# Beside the objects of the session, which is emptied afterwards.
_BULK = {"synchronize_session": False}


def merge(session: Session, joining: str, staying: str, *, by: Account | str, edition: str | None = None) -> Foreseen:
    """Make all that is `joining`'s `staying`'s, and let its id lead on. Of two roles of a person the higher stays.

    Raises UnknownIdError, UsageError for one organisation with itself, and ChangedMeanwhileError when it would change
    something else than was foreseen under `edition`.
    """
    _hold_records(session, joining, staying)
    for one in sorted({joining, staying}):
        organisations.held_row(session, one)
    foreseen = foresee(session, joining, staying)
    if edition is not None and foreseen.edition != edition:
        raise ChangedMeanwhileError(
            f"What a merger of {joining} and {staying} changes is not what was foreseen",
            advice="Nothing was changed. Look at what it would change now, and decide again.",
        )
    _move(session, joining, staying)
    audit.append(session, by, "organisation.merge", "organisation", joining, into=staying, **asdict(foreseen))
    return foreseen


def rename(
    session: Session,
    organisation_id: str,
    *,
    name_id: str,
    name_en: str,
    acronym: str | None,
    vocabularies: Vocabularies,
    by: Account | str,
    new_id: str | None = None,
    edition: str | None = None,
) -> Organisation:
    """Give an organisation other names and, where `new_id` is given, another id: the former leads on.

    Who may read what stays the same. An id that led on to it may become its own again. Raises UnknownIdError,
    UsageError for names or an id that do not fit, and ChangedMeanwhileError as `organisations.change`.
    """
    if new_id is not None:
        _hold_records(session, organisation_id)
    row = organisations.held_row(session, organisation_id)
    former = organisations.organisation_of(row)
    organisations.require_edition(former, edition)
    renamed = replace(former, name_id=name_id, name_en=name_en, acronym=acronym)
    if new_id is None or new_id == organisation_id:
        organisations.change(session, renamed, vocabularies, by=by)
        return renamed
    own = select(FormerOrganisationRow).where(
        FormerOrganisationRow.id == new_id, FormerOrganisationRow.organisation_id == organisation_id
    )
    if (earlier := session.scalar(own)) is not None:
        session.delete(earlier)
        session.flush()
    renamed = replace(renamed, id=new_id)
    organisations.add(session, renamed, vocabularies, packaged=row.packaged)
    _move(session, organisation_id, new_id)
    audit.append(session, by, "organisation.rename", "organisation", organisation_id, to=new_id, name=name_id)
    return renamed


def _hold_records(session: Session, *organisation_ids: str) -> None:
    """Hold what organisations keep, read or issued, before they are held: whoever changes who may read a record holds
    the record, and then keeps its organisations as they are. In the other order the two would wait for each other."""
    issued = [select(StatementRow.record_id).where(*issued_by(one)) for one in organisation_ids]
    theirs = or_(*(is_for(one) for one in organisation_ids), *(RecordRow.id.in_(some) for some in issued))
    session.execute(select(RecordRow.id).where(theirs).order_by(RecordRow.id).with_for_update(of=RecordRow)).all()


def _move(session: Session, former: str, present: str) -> None:
    """Make all that is `former`'s `present`'s and take `former` out of the organisations. Both rows are held."""
    session.flush()
    _move_access(session, former, present)
    _move_issued(session, former, present)
    _move_members(session, former, present)
    for table in (InvitationRow, UploadRow, FormerOrganisationRow):
        session.execute(
            update(table)
            .where(table.organisation_id == former)
            .values(organisation_id=present)
            .execution_options(**_BULK)
        )
    _move_saved_searches(session, former, present)
    row = session.get_one(OrganisationRow, former)
    session.add(
        FormerOrganisationRow(
            id=former, organisation_id=present, name_id=row.name_id, name_en=row.name_en, since=datetime.now(UTC)
        )
    )
    session.delete(row)
    session.flush()
    # What was changed beside the objects of the session is read anew.
    session.expire_all()


def _move_access(session: Session, former: str, present: str) -> None:
    """Put the label of the one in the place of the other's, and raise what says that access changed."""
    changed = list(session.scalars(select(RecordRow.id).where(is_for(former))))
    now = datetime.now(UTC)
    for some in portions(changed):
        session.execute(
            update(RecordRow)
            .where(RecordRow.id.in_(some))
            .values(access_revision=RecordRow.access_revision + 1, access_unsettled=True, updated_at=now)
            .execution_options(**_BULK)
        )
    old, new = organisation_label(former), organisation_label(present)
    has_both = aliased(RecordAccessRow)
    session.execute(
        delete(RecordAccessRow)
        .where(
            RecordAccessRow.label == old,
            RecordAccessRow.record_id.in_(select(has_both.record_id).where(has_both.label == new)),
        )
        .execution_options(**_BULK)
    )
    for statement in (
        update(RecordAccessRow).where(RecordAccessRow.label == old).values(label=new),
        update(RecordRow).where(RecordRow.keeper_id == former).values(keeper_id=present),
    ):
        session.execute(statement.execution_options(**_BULK))
    versions.touch_superseded(session, *changed)


def _move_issued(session: Session, former: str, present: str) -> None:
    """Have the one said to be the issuer of what the other issued, once, and raise what says that entries changed."""
    organisations.touch_issued(session, former)
    other = aliased(StatementRow)
    says_both = (
        select(other.id)
        .where(
            other.record_id == StatementRow.record_id,
            other.field == StatementRow.field,
            other.source == StatementRow.source,
            other.value == present,
        )
        .exists()
    )
    session.execute(delete(StatementRow).where(*issued_by(former), says_both).execution_options(**_BULK))
    session.execute(update(StatementRow).where(*issued_by(former)).values(value=present).execution_options(**_BULK))
    organisations.touch_issued(session, present)


def _move_members(session: Session, former: str, present: str) -> None:
    roles = roles_of(session, present)
    for account_id, role in roles_of(session, former).items():
        higher = max(role, roles.get(account_id, role), key=ROLES.index)
        membership = MembershipRow(account_id=account_id, organisation_id=present, role=higher.value)
        session.merge(membership)
    session.flush()
    session.execute(delete(MembershipRow).where(MembershipRow.organisation_id == former).execution_options(**_BULK))


def _move_saved_searches(session: Session, former: str, present: str) -> None:
    for search in session.scalars(select(SavedSearchRow)):
        chosen = search.parameters.get(DocumentField.ORGANISATION.value)
        if isinstance(chosen, list) and former in chosen:
            moved = list(dict.fromkeys(present if one == former else one for one in chosen))
            search.parameters = {**search.parameters, DocumentField.ORGANISATION.value: moved}
