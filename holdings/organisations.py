"""Organisations and vocabulary terms in the catalogue. Functions over a session of `holdings.database`."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from holdings.errors import UsageError
from holdings.identifiers import slug
from holdings.model import Organisation
from holdings.tables import OrganisationRow, TermRow
from holdings.vocabularies import Vocabularies
from holdings.vocabularies.lookup import organisation_ids_by_name


def load_vocabularies_into(session: Session, vocabularies: Vocabularies) -> None:
    """Bring terms and packaged organisations to what the data files say. Organisations added by people stay."""
    session.execute(delete(TermRow))
    session.add_all(
        TermRow(
            vocabulary=term.vocabulary,
            id=term.id,
            label_id=term.label_id,
            label_en=term.label_en,
            broader=term.broader,
            synonyms=[*term.synonyms_id, *term.synonyms_en],
        )
        for terms in (vocabularies.kinds, vocabularies.stakeholder_groups, vocabularies.priorities, vocabularies.themes)
        for term in terms.values()
    )
    session.add_all(
        TermRow(
            vocabulary="province",
            id=province.id,
            label_id=province.label_id,
            label_en=province.label_en,
            broader=None,
            synonyms=list(province.aliases),
        )
        for province in vocabularies.provinces.values()
    )
    session.add_all(
        TermRow(
            vocabulary="regency",
            id=regency.code,
            label_id=regency.label("id"),
            label_en=regency.label("en"),
            broader=regency.province,
            synonyms=list(regency.aliases),
        )
        for regency in vocabularies.regencies.values()
    )
    for seed in vocabularies.organisations.values():
        session.merge(
            OrganisationRow(
                id=seed.id,
                name_id=seed.name_id,
                name_en=seed.name_en,
                acronym=seed.acronym,
                group_id=seed.group,
                packaged=True,
            )
        )


def all_organisations(session: Session) -> dict[str, Organisation]:
    """Return every organisation by id."""
    return {row.id: _organisation(row) for row in session.scalars(select(OrganisationRow).order_by(OrganisationRow.id))}


def ensure(session: Session, values: Iterable[str], vocabularies: Vocabularies) -> list[str]:
    """Return the ids of organisations given by id, acronym or name; one that is not known yet is added.

    Raises UsageError for a value from which no id can be made.
    """
    known = all_organisations(session)
    by_name = organisation_ids_by_name(vocabularies) | {
        name.casefold(): organisation.id
        for organisation in known.values()
        for name in (organisation.name_id, organisation.name_en, organisation.acronym)
        if name
    }
    ids = []
    for value in values:
        name = " ".join(value.split())
        identifier = name if name in known else by_name.get(name.casefold()) or slug(name)
        if not identifier:
            raise UsageError(f"{value!r} is not the name of an organisation", advice="Give its id or its full name.")
        if identifier not in known:
            session.merge(OrganisationRow(id=identifier, name_id=name, name_en=name, packaged=False))
            session.flush()
            known = all_organisations(session)
        ids.append(identifier)
    return list(dict.fromkeys(ids))


def _organisation(row: OrganisationRow) -> Organisation:
    return Organisation(row.id, row.name_id, row.name_en, row.acronym, row.group_id)
