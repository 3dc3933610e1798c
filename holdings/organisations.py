"""Organisations in the catalogue: found by present and former ids and names, made and changed. Over a session.

How one takes the place of another, under a new id or merged, is in `holdings.succession`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from holdings import audit
from holdings.access import Access, organisation_label
from holdings.accounts import Account
from holdings.errors import ChangedMeanwhileError, UnknownIdError, UsageError
from holdings.identifiers import slug
from holdings.model import DocumentField, Organisation
from holdings.profiles import WORDS, faults
from holdings.tables import (
    DocumentFileRow,
    FileRow,
    FormerOrganisationRow,
    OrganisationRow,
    RecordRow,
    StatementRow,
)
from holdings.vocabularies import Vocabularies
from holdings.vocabularies.lookup import organisation_ids_by_name

_PREFIX = organisation_label("")


@dataclass(frozen=True, slots=True)
class Usage:
    """What the space of an organisation holds: documents that were not removed, and the bytes of their files."""

    documents: int = 0
    bytes: int = 0


def get(session: Session, organisation_id: str) -> Organisation:
    """Return an organisation by its present id. Raises UnknownIdError."""
    row = session.get(OrganisationRow, organisation_id)
    if row is None:
        raise UnknownIdError(f"There is no organisation {organisation_id}")
    return organisation_of(row)


def resolve(session: Session, organisation_id: str) -> str:
    """Return the present id of the organisation that has this id, or had it. Raises UnknownIdError."""
    if session.get(OrganisationRow, organisation_id) is not None:
        return organisation_id
    former = session.get(FormerOrganisationRow, organisation_id)
    if former is None:
        raise UnknownIdError(f"There is no organisation {organisation_id}")
    return former.organisation_id


def all_organisations(session: Session) -> dict[str, Organisation]:
    """Return every organisation by id."""
    rows = session.scalars(select(OrganisationRow).order_by(OrganisationRow.id))
    return {row.id: organisation_of(row) for row in rows}


def former_ids(session: Session) -> dict[str, str]:
    """Return the present id of each organisation by the ids that lead on to it."""
    rows = session.execute(select(FormerOrganisationRow.id, FormerOrganisationRow.organisation_id))
    return {row.id: row.organisation_id for row in rows}


def present_access(session: Session, access: Access) -> Access:
    """Return an access with the present labels of the organisations in it; a label that names none stays.

    Until the transaction ends, none of these organisations takes another id.
    """
    named = {label.removeprefix(_PREFIX) for label in (*access.labels, access.keeper or "") if label[:4] == _PREFIX}
    present = {_PREFIX + old: _PREFIX + new for old, new in present_ids(session, named).items()}
    labels = frozenset(present.get(label, label) for label in access.labels)
    keeper = present.get(access.keeper, access.keeper) if access.keeper is not None else None
    return replace(access, labels=labels, keeper=keeper)


def present_ids(session: Session, organisation_ids: Collection[str]) -> dict[str, str]:
    """Return the present ids of those among these that are no longer in use, and keep all as they are until the
    transaction ends."""
    if not organisation_ids:
        return {}
    wanted = sorted(organisation_ids)
    # Whoever renames or merges holds these rows: what is written after this goes under the id that is then in use.
    held = set(
        session.scalars(
            select(OrganisationRow.id)
            .where(OrganisationRow.id.in_(wanted))
            .order_by(OrganisationRow.id)
            .with_for_update(read=True, key_share=True)
        )
    )
    missing = [one for one in wanted if one not in held]
    rows = session.execute(
        select(FormerOrganisationRow.id, FormerOrganisationRow.organisation_id).where(
            FormerOrganisationRow.id.in_(missing)
        )
    )
    return {row.id: row.organisation_id for row in rows}


def ensure(session: Session, values: Iterable[str], vocabularies: Vocabularies) -> list[str]:
    """Return the ids of organisations given by id, acronym or name, present or former; one that is not known is added.

    Raises UsageError for a value from which no id can be made.
    """
    known = all_organisations(session)
    by_name = _ids_by_name(session, known, vocabularies)
    ids = []
    for value in values:
        name = " ".join(value.split())
        identifier = name if name in known else by_name.get(name.casefold()) or slug(name)
        if not identifier:
            raise UsageError(f"{value!r} is not the name of an organisation", advice="Give its id or its full name.")
        identifier = present_ids(session, [identifier]).get(identifier, identifier)
        if identifier not in known:
            session.merge(OrganisationRow(id=identifier, name_id=name, name_en=name, packaged=False))
            session.flush()
            known = all_organisations(session)
        ids.append(identifier)
    return list(dict.fromkeys(ids))


def create(session: Session, organisation: Organisation, vocabularies: Vocabularies, *, by: Account | str) -> None:
    """Add an organisation that a person made. Raises UsageError as `add`."""
    add(session, organisation, vocabularies)
    audit.append(session, by, "organisation.create", "organisation", organisation.id, name=organisation.name_id)


def add(session: Session, organisation: Organisation, vocabularies: Vocabularies, *, packaged: bool = False) -> None:
    """Add an organisation. Raises UsageError for a profile that does not fit, and for an id that is or was in use."""
    _check(organisation, vocabularies)
    require_free(session, organisation.id)
    session.add(OrganisationRow(id=organisation.id, packaged=packaged, edited=True, **_columns(organisation)))
    session.flush()


def change(
    session: Session,
    organisation: Organisation,
    vocabularies: Vocabularies,
    *,
    by: Account | str,
    edition: str | None = None,
) -> bool:
    """Put a profile in the place of the one that the organisation has; return whether anything was different.

    What it issued is indexed anew where its names or its group change. Raises UnknownIdError, UsageError for a profile
    that does not fit, and ChangedMeanwhileError when it is no longer as `edition` says.
    """
    _check(organisation, vocabularies)
    row = held_row(session, organisation.id)
    before = organisation_of(row)
    require_edition(before, edition)
    changed = sorted(name for name, value in asdict(organisation).items() if getattr(before, name) != value)
    if not changed:
        return False
    for name, value in _columns(organisation).items():
        setattr(row, name, value)
    row.edited = True
    if not {"name_id", "name_en", "acronym", "group"}.isdisjoint(changed):
        touch_issued(session, organisation.id)
    session.flush()
    audit.append(session, by, "organisation.change", "organisation", organisation.id, fields=changed)
    return True


def usage(session: Session) -> dict[str, Usage]:
    """Return what the space of each organisation holds. Those that keep nothing are left out."""
    kept = RecordRow.keeper_id.is_not(None), RecordRow.removed_at.is_(None)
    counts = session.execute(select(RecordRow.keeper_id, func.count()).where(*kept).group_by(RecordRow.keeper_id))
    files = (
        select(RecordRow.keeper_id, FileRow.sha256, FileRow.size)
        .join(DocumentFileRow, DocumentFileRow.record_id == RecordRow.id)
        .join(FileRow, FileRow.sha256 == DocumentFileRow.sha256)
        .where(*kept)
        .distinct()
        .subquery()
    )
    sums = session.execute(select(files.c.keeper_id, func.sum(files.c.size)).group_by(files.c.keeper_id))
    sizes = {keeper: int(total) for keeper, total in sums}
    return {keeper: Usage(number, sizes.get(keeper, 0)) for keeper, number in counts if keeper is not None}


def edition_of(organisation: Organisation) -> str:
    """Return what changes whenever somebody saves the organisation: a form gives it back as it was opened with."""
    return hashlib.sha256(repr(organisation).encode()).hexdigest()[:16]


def require_edition(organisation: Organisation, edition: str | None) -> None:
    """Raise ChangedMeanwhileError when the organisation is no longer as `edition` says; None says nothing."""
    if edition is not None and edition != edition_of(organisation):
        raise ChangedMeanwhileError(f"The organisation {organisation.id} was changed meanwhile")


def require_free(session: Session, organisation_id: str) -> None:
    """Raise UsageError when an id is in use, or was: it would give what was the other's to the new one."""
    if session.get(OrganisationRow, organisation_id) is not None:
        raise UsageError(f"There is an organisation {organisation_id} already", advice="Choose another id.")
    former = session.get(FormerOrganisationRow, organisation_id)
    if former is not None:
        raise UsageError(
            f"{organisation_id} was the id of {former.name_id}, and leads on to {former.organisation_id}",
            advice="Choose another id: an id is never given to somebody else.",
        )


def touch_issued(session: Session, organisation_id: str) -> None:
    """Raise the revision of what an organisation issued: an index holds its names."""
    issued = select(StatementRow.record_id).where(
        StatementRow.field == DocumentField.ORGANISATION.value, StatementRow.value == organisation_id
    )
    session.execute(
        update(RecordRow)
        .where(RecordRow.id.in_(issued))
        .values(revision=RecordRow.revision + 1)
        .execution_options(synchronize_session=False)
    )


def held_row(session: Session, organisation_id: str) -> OrganisationRow:
    """Return the row of an organisation, nobody else's until the transaction ends. Raises UnknownIdError."""
    row = session.get(OrganisationRow, organisation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise UnknownIdError(f"There is no organisation {organisation_id}")
    return row


def organisation_of(row: OrganisationRow) -> Organisation:
    return Organisation(
        id=row.id,
        name_id=row.name_id,
        name_en=row.name_en,
        acronym=row.acronym,
        group=row.group_id,
        description_id=row.description_id,
        description_en=row.description_en,
        website=row.website,
        quota_mb=row.quota_mb,
    )


def _columns(organisation: Organisation) -> dict[str, object]:
    columns = asdict(organisation)
    columns["group_id"] = columns.pop("group")
    del columns["id"]
    return columns


def _check(organisation: Organisation, vocabularies: Vocabularies) -> None:
    wrong = faults(organisation, vocabularies.stakeholder_groups)
    if wrong:
        raise UsageError(
            "; ".join(WORDS[one.fault] for one in wrong), advice="Correct the profile of the organisation."
        )


def _ids_by_name(session: Session, known: Mapping[str, Organisation], vocabularies: Vocabularies) -> Mapping[str, str]:
    """Return an id, present or former, by each name, case-folded: present names go before former and packaged ones."""
    former = {
        name.casefold(): row.organisation_id
        for row in session.scalars(select(FormerOrganisationRow).order_by(FormerOrganisationRow.since))
        for name in (row.name_id, row.name_en)
    }
    present = {
        name.casefold(): organisation.id
        for organisation in known.values()
        for name in (organisation.name_id, organisation.name_en, organisation.acronym)
        if name
    }
    return {**organisation_ids_by_name(vocabularies), **former, **present}
