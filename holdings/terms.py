"""Terms of the vocabularies in the catalogue, and what people edited of them.

The data files are packaged with the hub or stand in a folder of its own; what people edit stands in the catalogue, and
goes before them (`holdings.vocabularies.edits`). Functions over a session.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from holdings import audit
from holdings.accounts import Account
from holdings.errors import ChangedMeanwhileError, UnknownIdError, UsageError
from holdings.profiles import is_id as is_identifier
from holdings.tables import FormerOrganisationRow, OrganisationRow, RecordRow, StatementRow, TermRow
from holdings.tables_desk import TermEditRow
from holdings.term_uses import is_in_use, says
from holdings.vocabularies import Term, Vocabularies
from holdings.vocabularies.edits import EDITED, OPEN, TermEdit, conflicts, edit_of, with_edits
from holdings.vocabularies.lookup import terms_of


def load_vocabularies_into(session: Session, vocabularies: Vocabularies) -> None:
    """Bring terms and packaged organisations to what the data files say, and what people edited of them.

    Organisations that people added, changed, renamed or merged stay as people left them.
    """
    _load_terms(session, with_edits(vocabularies, all_edits(session)))
    left_alone = set(session.scalars(select(OrganisationRow.id).where(OrganisationRow.edited)))
    left_alone |= set(session.scalars(select(FormerOrganisationRow.id)))
    for seed in vocabularies.organisations.values():
        if seed.id not in left_alone:
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


def all_edits(session: Session) -> list[TermEdit]:
    """Return what people edited."""
    rows = session.scalars(select(TermEditRow).order_by(TermEditRow.vocabulary, TermEditRow.id))
    return [_edit(row) for row in rows]


def save(session: Session, packaged: Vocabularies, edit: TermEdit, *, edition: str | None, by: Account | str) -> None:
    """Put an edit in the place of what is said of a term now, or add a term. What holds its names is indexed anew.

    `packaged` is what the data files say. `edition` is what `edition_of` gave for the term that the change was made
    to, None for a new one. Raises UsageError for what does not fit, also where another term has one of the names, and
    ChangedMeanwhileError when somebody saved the term since.
    """
    held = _held(session, packaged)
    before = edit_of(held, edit.vocabulary, edit.id)
    if (edition_of(before) if before is not None else None) != edition:
        raise ChangedMeanwhileError(f"The term {edit.id} was changed meanwhile")
    _check(held, edit, is_new=before is None)
    if before == edit:
        return
    session.merge(
        TermEditRow(
            vocabulary=edit.vocabulary,
            id=edit.id,
            label_id=edit.label_id,
            label_en=edit.label_en,
            synonyms_id=list(edit.synonyms_id),
            synonyms_en=list(edit.synonyms_en),
            priorities=list(edit.priorities),
            retired=edit.retired,
            edited_by=by.id if isinstance(by, Account) else None,
            edited_at=datetime.now(UTC),
        )
    )
    _settle(session, packaged, before, edit)
    fields = sorted(name for name, value in asdict(edit).items() if before is None or getattr(before, name) != value)
    action = "term.create" if before is None else "term.change"
    audit.append(session, by, action, edit.vocabulary, edit.id, fields=fields)


def restore(
    session: Session, packaged: Vocabularies, vocabulary: str, term_id: str, *, edition: str, by: Account | str
) -> None:
    """Take back what people edited of a term: it is again as the data file has it, or gone where no file has it.

    Raises UsageError for a term in use that would be gone, and where another term was given one of its names since;
    ChangedMeanwhileError as `save`, UnknownIdError for a term that nobody edited.
    """
    before = edit_of(_held(session, packaged), vocabulary, term_id)
    row = session.get(TermEditRow, (vocabulary, term_id))
    if row is None or before is None:
        raise UnknownIdError(f"There is no edited term {term_id}")
    if edition_of(before) != edition:
        raise ChangedMeanwhileError(f"The term {term_id} was changed meanwhile")
    if term_id not in terms_of(packaged, vocabulary) and is_in_use(session, vocabulary, term_id):
        raise UsageError(f"Documents have the term {term_id}", advice="Retire it: it is then offered to no more.")
    session.delete(row)
    session.flush()
    after = edit_of(_held(session, packaged), vocabulary, term_id)
    if after is not None:
        _check(_held(session, packaged), after, is_new=False)
    _settle(session, packaged, before, after)
    audit.append(session, by, "term.restore" if after is not None else "term.delete", vocabulary, term_id)


def edition_of(edit: TermEdit) -> str:
    """Return what is another whenever somebody saved the term."""
    return hashlib.sha256(repr(edit).encode()).hexdigest()[:16]


def changes_index(before: TermEdit | None, after: TermEdit | None) -> bool:
    """Say whether index entries hold what an edit changes: the names of themes, and the priorities that they serve.

    Labels of everything else are read when they are shown.
    """
    if before is None or after is None:
        return True
    said = [(set(edit.names), set(edit.priorities)) for edit in (before, after)]
    return after.vocabulary == "theme" and said[0] != said[1]


def _held(session: Session, packaged: Vocabularies) -> Vocabularies:
    """Return the vocabularies as they are now; nobody else edits them until the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        # SQLite has one writer anyway.
        session.execute(text("LOCK TABLE term_edits IN SHARE ROW EXCLUSIVE MODE"))
    return with_edits(packaged, all_edits(session))


def _check(vocabularies: Vocabularies, edit: TermEdit, *, is_new: bool) -> None:
    if not is_identifier(edit.id):
        raise UsageError(f"{edit.id!r} cannot be the id of a term", advice="Use small letters, digits and hyphens.")
    if is_new and edit.vocabulary not in OPEN:
        raise UsageError(f"No term can be added to {edit.vocabulary}")
    if edit.retired and edit.vocabulary not in OPEN:
        raise UsageError(f"No term of {edit.vocabulary} can be retired")
    if not (edit.label_id.strip() and edit.label_en.strip()):
        raise UsageError("A term needs its label in both languages")
    unknown = [one for one in edit.priorities if one not in vocabularies.priorities]
    if unknown:
        raise UsageError(f"There is no priority {unknown[0]!r}")
    taken = conflicts(vocabularies, edit)
    if taken:
        name, other = taken[0]
        raise UsageError(f"{name!r} is a name of the term {other} already", advice="A name belongs to one term.")


def _settle(session: Session, packaged: Vocabularies, before: TermEdit | None, after: TermEdit | None) -> None:
    """Bring to the edit what is derived from it: the row for reports, and the revisions of what is indexed."""
    edit = after or before
    assert edit is not None
    session.flush()
    row = session.get(TermRow, (edit.vocabulary, edit.id))
    if after is None:
        if row is not None:
            session.delete(row)
        return
    broader = row.broader if row is not None else None
    session.merge(_term_row(after, broader))
    if changes_index(before, after):
        session.execute(
            update(RecordRow)
            .where(RecordRow.id.in_(select(StatementRow.record_id).where(*says(edit.vocabulary, edit.id))))
            .values(revision=RecordRow.revision + 1)
            .execution_options(synchronize_session=False)
        )


def _load_terms(session: Session, vocabularies: Vocabularies) -> None:
    session.execute(delete(TermRow))
    for vocabulary in (*EDITED, "licence"):
        for term_id, term in terms_of(vocabularies, vocabulary).items():
            edit = edit_of(vocabularies, vocabulary, term_id)
            assert edit is not None
            session.add(_term_row(edit, term.broader if isinstance(term, Term) else None))
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


def _term_row(edit: TermEdit, broader: str | None) -> TermRow:
    return TermRow(
        vocabulary=edit.vocabulary,
        id=edit.id,
        label_id=edit.label_id,
        label_en=edit.label_en,
        broader=broader,
        synonyms=[*edit.synonyms_id, *edit.synonyms_en],
    )


def _edit(row: TermEditRow) -> TermEdit:
    return TermEdit(
        vocabulary=row.vocabulary,
        id=row.id,
        label_id=row.label_id,
        label_en=row.label_en,
        synonyms_id=tuple(row.synonyms_id),
        synonyms_en=tuple(row.synonyms_en),
        priorities=tuple(row.priorities),
        retired=row.retired,
    )
