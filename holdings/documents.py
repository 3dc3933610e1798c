"""Documents in the catalogue: made, found, edited and removed. Functions over a session of `holdings.database`.

A change of what is found raises `revision`, a change of who may read raises `access_revision`: `indexer.synchronise`
sees from them what an index has to be told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from holdings import organisations, versions
from holdings.access import Access, Viewer, may_read, may_see_tombstone, organisation_label
from holdings.errors import ChangedMeanwhileError, UnknownIdError, WithdrawnError
from holdings.identifiers import new_identifier
from holdings.model import Document, DocumentField, Evidence, Source, Statement, StoredFile, Text
from holdings.portions import portions
from holdings.states import State
from holdings.tables import (
    DocumentFileRow,
    DocumentRow,
    RecordAccessRow,
    RecordRow,
    StatementRow,
    TextRow,
)
from holdings.texts import text_of


def add(
    session: Session,
    *,
    statements: Iterable[Statement],
    access: Access,
    text: Text,
    file: StoredFile,
    contributor_id: str | None = None,
) -> str:
    """Record a new document with its first file, in the state that `access` has, and return its id."""
    now = datetime.now(UTC)
    access = organisations.present_access(session, access)
    document_id = _free_identifier(session)
    row = DocumentRow(
        id=document_id,
        record_id=document_id,
        work_id=document_id,
        text_sha256=text.sha256,
        embargo_until=access.embargo_until,
        keeper_id=_keeper_id(access),
        state=access.state.value,
        published_at=now if access.state is State.PUBLISHED else None,
        contributor_id=contributor_id,
        created_at=now,
        updated_at=now,
        access=[RecordAccessRow(label=label) for label in sorted(access.labels)],
        statements=[_statement_row(statement) for statement in statements],
        files=[DocumentFileRow(sha256=file.sha256, name=name, position=n) for n, name in enumerate(file.names)],
    )
    session.add(row)
    session.flush()
    return document_id


def add_file(session: Session, document_id: str, file: StoredFile) -> None:
    """Record that a document also came as this file, under these names. What is known already changes nothing."""
    row = _held_row(session, document_id)
    known = {(entry.sha256, entry.name) for entry in row.files}
    new = [name for name in file.names if (file.sha256, name) not in known]
    for name in new:
        row.files.append(DocumentFileRow(sha256=file.sha256, name=name, position=len(row.files)))
    if new:
        _changed(row)


def get(session: Session, document_id: str) -> Document:
    """Return a document, removed or not. Raises UnknownIdError."""
    return _document(_row(session, document_id))


def read(session: Session, document_id: str, viewer: Viewer, now: datetime) -> Document:
    """Return a document that `viewer` may read.

    Raises WithdrawnError when it was withdrawn and the viewer could read it before. Raises UnknownIdError when there is
    none, when it was removed, and when the viewer may not read it: the three cannot be told apart.
    """
    row = session.get(DocumentRow, document_id)
    if row is not None and row.removed_at is None:
        document = _document(row)
        if may_read(document.access, viewer, now):
            return document
        if may_see_tombstone(document.access, viewer, now):
            raise WithdrawnError(f"The document {document_id} was withdrawn")
    raise UnknownIdError(f"There is no document {document_id}")


def get_for_change(session: Session, document_id: str, edition: str) -> Document:
    """Return a document that was not removed, for a change to what `edition` says of it.

    The row is locked until the transaction ends, so that two who decide at once decide one after the other. Raises
    UnknownIdError, and ChangedMeanwhileError when somebody saved it since.
    """
    document = held(session, document_id)
    if document.removed_at is not None:
        raise UnknownIdError(f"There is no document {document_id}")
    if document.edition != edition:
        raise ChangedMeanwhileError(f"The document {document_id} was changed meanwhile")
    return document


def held(session: Session, document_id: str) -> Document:
    """Return a document, removed or not, that nobody else changes until the transaction ends. Raises UnknownIdError."""
    return _document(_held_row(session, document_id))


def get_many(session: Session, document_ids: Sequence[str]) -> list[Document]:
    """Return the documents with these ids, in the order of the ids; ids that name none are left out."""
    rows = session.scalars(
        select(DocumentRow)
        .where(DocumentRow.id.in_(document_ids))
        .options(selectinload(DocumentRow.files), selectinload(DocumentRow.statements))
    )
    found = {row.id: _document(row) for row in rows}
    return [found[document_id] for document_id in document_ids if document_id in found]


def of_contributor(session: Session, account_id: str) -> list[Document]:
    """Return the documents that a person put in and that were not removed, the latest first."""
    rows = session.scalars(
        select(DocumentRow)
        .where(DocumentRow.contributor_id == account_id, DocumentRow.removed_at.is_(None))
        .order_by(DocumentRow.created_at.desc(), DocumentRow.id)
        .options(selectinload(DocumentRow.files), selectinload(DocumentRow.statements))
    )
    return [_document(row) for row in rows]


def newer_access(session: Session, document_ids: Collection[str]) -> dict[str, list[Access]]:
    """Return, by document, the access of what supersedes it and is published. Those without are left out."""
    newer = versions.newer(session, document_ids)
    found: dict[str, Access] = {}
    for some in portions(sorted({one for several in newer.values() for one in several})):
        rows = session.scalars(select(RecordRow).where(RecordRow.id.in_(some), RecordRow.removed_at.is_(None)))
        found |= {row.id: _access(row) for row in rows if row.state == State.PUBLISHED.value}
    access = {one: [found[i] for i in sorted(several) if i in found] for one, several in newer.items()}
    return {one: several for one, several in access.items() if several}


def with_file(session: Session, sha256: str) -> list[Document]:
    """Return the documents that have the file with this checksum and were not removed, oldest first."""
    return _matching(session, select(DocumentFileRow.record_id).where(DocumentFileRow.sha256 == sha256))


def with_fingerprint(session: Session, fingerprint: str) -> list[Document]:
    """Return the documents of the same words that were not removed, oldest first."""
    return _matching(
        session,
        select(DocumentRow.record_id)
        .join(TextRow, TextRow.sha256 == DocumentRow.text_sha256)
        .where(TextRow.fingerprint == fingerprint),
    )


def _matching(session: Session, ids: object) -> list[Document]:
    rows = session.scalars(
        select(DocumentRow)
        .where(DocumentRow.id.in_(ids), DocumentRow.removed_at.is_(None))  # type: ignore[arg-type]
        .order_by(DocumentRow.created_at, DocumentRow.id)
    )
    return [_document(row) for row in rows]


def state(
    session: Session, document_id: str, fields: Collection[DocumentField], statements: Iterable[Statement]
) -> None:
    """Put what a person declares of these fields in the place of what was declared of them before.

    What the hub inferred stays recorded, and counts again where a declaration is taken back.
    """
    row = _held_row(session, document_id)
    names = {field.value for field in fields}
    kept = [s for s in row.statements if s.field not in names or s.source != Source.DECLARED.value]
    row.statements = [*kept, *(_statement_row(statement) for statement in statements)]
    _changed(row)


def infer(session: Session, document_id: str, statements: Iterable[Statement]) -> None:
    """Put what the hub infers now in the place of what it inferred before; what a person declared stays."""
    row = _held_row(session, document_id)
    kept = [s for s in row.statements if s.source == Source.DECLARED.value]
    before = {_statement(s) for s in row.statements if s.source != Source.DECLARED.value}
    after = list(statements)
    if before != set(after):
        row.statements = [*kept, *(_statement_row(statement) for statement in after)]
        _changed(row)


def set_access(session: Session, document_id: str, access: Access) -> None:
    """Put access labels, embargo, keeper and state in the place of the former ones.

    From the moment that this is committed no search gives the document by what an index holds of it from before
    (`holdings.indexed.unsettled`), and the versions that it supersedes are shown or hidden anew.
    """
    row = _held_row(session, document_id)
    access = organisations.present_access(session, access)
    is_or_was_read = State.PUBLISHED.value in {row.state, access.state.value}
    row.access = [
        next((entry for entry in row.access if entry.label == label), RecordAccessRow(label=label))
        for label in sorted(access.labels)
    ]
    now = datetime.now(UTC)
    if access.state is State.PUBLISHED and row.published_at is None:
        row.published_at = now
    row.embargo_until, row.keeper_id, row.state = access.embargo_until, _keeper_id(access), access.state.value
    row.access_revision += 1
    row.access_unsettled = True
    row.updated_at = now
    if is_or_was_read:
        versions.touch_superseded(session, document_id)


def remove(session: Session, document_id: str) -> None:
    """Take a document out of the hub: nobody finds or reads it any more.

    Its record, receipts and files stay, so that its id is never used again and the removal can be accounted for.
    """
    row = _held_row(session, document_id)
    row.removed_at = row.removed_at or datetime.now(UTC)
    row.access_revision += 1
    row.access_unsettled = True
    _changed(row)
    versions.touch_superseded(session, document_id)


def count(session: Session) -> int:
    """Return how many published documents there are, whoever may read them."""
    published = RecordRow.removed_at.is_(None), RecordRow.state == State.PUBLISHED.value
    return session.scalar(select(func.count()).select_from(RecordRow).where(*published)) or 0


def _row(session: Session, document_id: str) -> DocumentRow:
    row = session.get(DocumentRow, document_id)
    if row is None:
        raise UnknownIdError(f"There is no document {document_id}")
    return row


def _held_row(session: Session, document_id: str) -> DocumentRow:
    """Return a row as it is now, locked: of two who raise a revision at once, the second goes on from the first's."""
    session.flush()
    row = session.get(DocumentRow, document_id, with_for_update={"of": RecordRow}, populate_existing=True)
    if row is None:
        raise UnknownIdError(f"There is no document {document_id}")
    return row


def _changed(row: DocumentRow) -> None:
    row.revision += 1
    row.updated_at = datetime.now(UTC)


def _free_identifier(session: Session) -> str:
    while True:
        candidate = new_identifier()
        if session.get(RecordRow, candidate) is None:
            return candidate


def _keeper_id(access: Access) -> str | None:
    return access.keeper.removeprefix("org:") if access.keeper else None


def _statement_row(statement: Statement) -> StatementRow:
    return StatementRow(
        field=statement.field.value,
        value=statement.value,
        source=statement.source.value,
        confidence=statement.confidence,
        evidence=[{"page": evidence.page, "words": evidence.words} for evidence in statement.evidence],
    )


def _statement(row: StatementRow) -> Statement:
    return Statement(
        field=DocumentField(row.field),
        value=row.value,
        source=Source(row.source),
        confidence=row.confidence,
        evidence=tuple(Evidence(entry["page"], entry["words"]) for entry in row.evidence),
    )


def _access(row: RecordRow) -> Access:
    return Access(
        labels=frozenset(entry.label for entry in row.access),
        embargo_until=row.embargo_until,
        keeper=organisation_label(row.keeper_id) if row.keeper_id else None,
        state=State(row.state),
    )


def _document(row: DocumentRow) -> Document:
    files: dict[str, StoredFile] = {}
    for entry in row.files:
        names = (*files[entry.sha256].names, entry.name) if entry.sha256 in files else (entry.name,)
        files[entry.sha256] = StoredFile(entry.sha256, entry.file.size, entry.file.media_type, names)
    return Document(
        id=row.id,
        work_id=row.work_id,
        statements=tuple(_statement(statement) for statement in row.statements),
        files=tuple(files.values()),
        text=text_of(row.text),
        access=_access(row),
        revision=row.revision,
        access_revision=row.access_revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
        removed_at=row.removed_at,
        published_at=row.published_at,
        contributor_id=row.contributor_id,
    )
