"""What documents have to do with each other, and the marks by which triage finds it. Functions over a session.

A pair of documents has one relation. It runs from the newer version, the excerpt, the translation or the later copy
(`document_id`) to what that goes back to (`other_id`). Triage proposes and finds, a person confirms or rejects, and
what a person settled is never changed by triage.

Marks are numbers under which a document is found (`ingest.duplicates.sketches` says what they are made of). Each
stands for at most `MOST_DOCUMENTS` documents: what more of them have is common, tells nothing, and would make the
search grow with their number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from holdings import versions
from holdings.errors import UnknownIdError
from holdings.identifiers import new_identifier
from holdings.portions import portions
from holdings.tables import DocumentRow, MarkRow, RecordRow, RelationRow, SketchRow

MOST_DOCUMENTS = 32


class Relation(StrEnum):
    """How two documents belong together. NONE is a pair that was looked at and has nothing to do with each other."""

    IDENTICAL = "identical"
    NEW_VERSION = "new-version"
    TRANSLATION = "translation"
    EXCERPT = "excerpt"
    RELATED = "related"
    NONE = "none"


class RelationStatus(StrEnum):
    """CANDIDATE was not compared yet, FOUND is triage's word, CONFIRMED and REJECTED are a person's."""

    CANDIDATE = "candidate"
    FOUND = "found"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"

    @property
    def settled(self) -> bool:
        return self in {RelationStatus.CONFIRMED, RelationStatus.REJECTED}


_OF_ONE_WORK = (Relation.IDENTICAL, Relation.NEW_VERSION, Relation.TRANSLATION)


@dataclass(frozen=True, slots=True)
class RelatedPair:
    """A relation. `shared` is the share of common passages, from 0 to 1, None until the texts were compared; `pages`
    has the pages where they stand: of `document_id`, then of `other_id`. `proposed` says that the one took the other's
    place, so that a version was likely before they were compared."""

    document_id: str
    other_id: str
    relation: Relation
    status: RelationStatus = RelationStatus.FOUND
    shared: float | None = None
    pages: tuple[tuple[int, int], ...] = ()
    proposed: bool = False
    settled_by: str | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredSketch:
    """What the catalogue keeps of a document's text for triage."""

    text_sha256: str
    version: int
    words: int
    signature: bytes
    marks: bytes
    finished: bool


def propose(session: Session, document_id: str, other_id: str) -> None:
    """Note that a document may be a new version of another: triage compares them, however little they share."""
    if session.get(RelationRow, _pair(document_id, other_id)) is None:
        _put(
            session,
            RelatedPair(document_id, other_id, Relation.NEW_VERSION, RelationStatus.CANDIDATE, proposed=True),
        )


def of_document(session: Session, document_id: str) -> list[RelatedPair]:
    """Return all that is known of a document, `none` and what was rejected included, without removed documents."""
    return _pairs(session, or_(RelationRow.record_id == document_id, RelationRow.other_id == document_id))


def all_relations(session: Session) -> list[RelatedPair]:
    """Return each relation that is not `none`, without those that were rejected and those of removed documents."""
    return _pairs(
        session,
        and_(RelationRow.relation != Relation.NONE.value, RelationRow.status != RelationStatus.REJECTED.value),
    )


def record(session: Session, document_id: str, found: Sequence[RelatedPair], compared: Collection[str]) -> None:
    """Put what triage found of a document in the place of what it found before of those that it was `compared` with.

    What a person settled stays, and so does what another triage found of others meanwhile. Pairs of which one was
    removed meanwhile are left out.
    """
    rows = {row.pair: row for row in _rows(session, document_id)}
    new = {_pair(pair.document_id, pair.other_id): pair for pair in found}
    again = {_pair(document_id, other) for other in compared}
    for key, row in rows.items():
        if key in again and key not in new and not RelationStatus(row.status).settled:
            session.delete(row)
    session.flush()
    present = _present(session, {document_id, *compared})
    for key, pair in new.items():
        known = rows.get(key)
        free = known is None or not RelationStatus(known.status).settled
        if free and pair.document_id in present and pair.other_id in present:
            _put(session, pair)


def settle(session: Session, document_id: str, other_id: str, relation: Relation, *, by: str) -> RelatedPair:
    """Settle what a document has to do with another, whatever triage says: `none` rejects, all else confirms.

    `shared` and pages stay as they were found. Raises UnknownIdError when one of them is not in the hub.
    """
    present = _present(session, {document_id, other_id})
    for identifier in (document_id, other_id):
        if identifier not in present:
            raise UnknownIdError(f"There is no document {identifier}")
    if document_id == other_id:
        raise UnknownIdError(f"{document_id} is one document, and a relation needs two")
    row = session.get(RelationRow, _pair(document_id, other_id))
    pages = [] if row is None else row.pages
    if row is not None and row.record_id != document_id:
        pages = [[other, page] for page, other in pages]
    status = RelationStatus.REJECTED if relation is Relation.NONE else RelationStatus.CONFIRMED
    # What it may have superseded until now, and what it supersedes from now on.
    versions.touch_superseded(session, document_id)
    versions.touch_superseded(session, other_id)
    settled = _put(
        session,
        RelatedPair(
            document_id,
            other_id,
            relation,
            status,
            row.shared if row is not None else None,
            tuple((page, other) for page, other in pages),
            proposed=row is not None and row.proposed,
            settled_by=by,
            settled_at=datetime.now(UTC),
        ),
    )
    session.flush()
    versions.touch_superseded(session, document_id)
    for identifier in (document_id, other_id):
        _group(session, identifier)
    return settled


def _group(session: Session, document_id: str) -> None:
    """Give the versions and translations of a work, as persons confirmed them, one `work_id`.

    It is drawn anew where two works become one: none of the documents' own ids, which not all who read another of them
    may know.
    """
    work, todo = {document_id}, [document_id]
    of_one_work = and_(
        RelationRow.status == RelationStatus.CONFIRMED.value, RelationRow.relation.in_([r.value for r in _OF_ONE_WORK])
    )
    while todo:
        one = todo.pop()
        touching = or_(RelationRow.record_id == one, RelationRow.other_id == one)
        for row in session.scalars(select(RelationRow).where(of_one_work, touching)):
            for found in {row.record_id, row.other_id} - work:
                work.add(found)
                todo.append(found)
    documents = list(session.scalars(select(DocumentRow).where(DocumentRow.id.in_(work))))
    if len(work) == 1:
        documents[0].work_id = document_id
        return
    known = documents[0].work_id
    outside = select(DocumentRow.id).where(DocumentRow.work_id == known, DocumentRow.id.not_in(work)).limit(1)
    is_one = all(document.work_id == known for document in documents) and known not in work
    if not is_one or session.scalar(outside) is not None:
        work_id = new_identifier()
        for document in documents:
            document.work_id = work_id


def sketch(session: Session, document_id: str) -> StoredSketch | None:
    """Return what is kept of a document's text, None before it was triaged."""
    row = session.get(SketchRow, document_id)
    return _sketch(row) if row is not None else None


def sketches(session: Session, document_ids: Iterable[str]) -> dict[str, StoredSketch]:
    """Return what is kept of the texts of these documents, by id; those that have nothing are left out."""
    found: dict[str, StoredSketch] = {}
    for some in portions(sorted(document_ids)):
        for row in session.scalars(select(SketchRow).where(SketchRow.record_id.in_(some))):
            found[row.record_id] = _sketch(row)
    return found


def put_sketch(
    session: Session, document_id: str, stored: StoredSketch, marks: Sequence[int], former: Sequence[int]
) -> None:
    """Keep a sketch, and its marks in the place of the former ones; marks that are common already are not put down."""
    for gone in portions(sorted(set(former))):
        session.execute(delete(MarkRow).where(MarkRow.record_id == document_id, MarkRow.mark.in_(gone)))
    for some in portions(sorted(set(marks))):
        counted = session.execute(
            select(MarkRow.mark, func.count()).where(MarkRow.mark.in_(some)).group_by(MarkRow.mark)
        )
        common = {mark for mark, number in counted if number >= MOST_DOCUMENTS}
        rows = [{"mark": mark, "record_id": document_id} for mark in some if mark not in common]
        if rows:
            session.execute(insert(MarkRow), rows)
    row = session.get(SketchRow, document_id)
    if row is None:
        row = SketchRow(record_id=document_id)
        session.add(row)
    row.text_sha256, row.version, row.words = stored.text_sha256, stored.version, stored.words
    row.signature, row.marks = stored.signature, stored.marks
    row.finished_at = datetime.now(UTC) if stored.finished else None


def finish(session: Session, document_id: str, text_sha256: str) -> None:
    """Record that all that a document could have to do with was compared, if its sketch is still of this text."""
    row = session.get(SketchRow, document_id)
    if row is not None and row.text_sha256 == text_sha256:
        row.finished_at = datetime.now(UTC)


def forget(session: Session, document_id: str, marks: Sequence[int]) -> None:
    """Take a removed document out of what is searched. Its relations stay, for the account of its removal."""
    for gone in portions(sorted(set(marks))):
        session.execute(delete(MarkRow).where(MarkRow.record_id == document_id, MarkRow.mark.in_(gone)))
    session.execute(delete(SketchRow).where(SketchRow.record_id == document_id))


def holders(session: Session, marks: Sequence[int], *, but: str) -> Mapping[int, list[str]]:
    """Return which documents, without removed ones and the one that asks, have each of these marks."""
    found: dict[int, list[str]] = defaultdict(list)
    for some in portions(sorted(set(marks))):
        rows = session.execute(
            select(MarkRow.mark, MarkRow.record_id)
            .join(RecordRow, RecordRow.id == MarkRow.record_id)
            .where(MarkRow.mark.in_(some), MarkRow.record_id != but, RecordRow.removed_at.is_(None))
        )
        for mark, record_id in rows:
            found[mark].append(record_id)
    return found


def untriaged(session: Session, version: int) -> list[str]:
    """Return the documents, not removed, whose text was not triaged to the end by this version, oldest first."""
    return list(
        session.scalars(
            select(DocumentRow.record_id)
            .outerjoin(
                SketchRow,
                and_(
                    SketchRow.record_id == DocumentRow.record_id,
                    SketchRow.text_sha256 == DocumentRow.text_sha256,
                    SketchRow.version == version,
                    SketchRow.finished_at.is_not(None),
                ),
            )
            .where(DocumentRow.removed_at.is_(None), SketchRow.record_id.is_(None))
            .order_by(DocumentRow.created_at, DocumentRow.record_id)
        )
    )


def counts(session: Session) -> dict[str, int]:
    """Return how many relations there are by class."""
    return dict(Counter(pair.relation.value for pair in all_relations(session)))


def _pair(first: str, second: str) -> str:
    return " ".join(sorted((first, second)))


def _put(session: Session, pair: RelatedPair) -> RelatedPair:
    row = session.get(RelationRow, _pair(pair.document_id, pair.other_id))
    if row is None:
        row = RelationRow(pair=_pair(pair.document_id, pair.other_id), found_at=datetime.now(UTC))
        session.add(row)
    row.record_id, row.other_id = pair.document_id, pair.other_id
    row.relation, row.status, row.proposed = pair.relation.value, pair.status.value, pair.proposed
    row.shared, row.pages = pair.shared, [list(pages) for pages in pair.pages]
    row.settled_by, row.settled_at = pair.settled_by, pair.settled_at
    session.flush()
    return pair


def _rows(session: Session, document_id: str) -> Iterable[RelationRow]:
    return session.scalars(
        select(RelationRow).where(or_(RelationRow.record_id == document_id, RelationRow.other_id == document_id))
    )


def _pairs(session: Session, condition: object) -> list[RelatedPair]:
    first, second = RecordRow.__table__.alias("first"), RecordRow.__table__.alias("second")
    rows = session.scalars(
        select(RelationRow)
        .join(first, first.c.id == RelationRow.record_id)
        .join(second, second.c.id == RelationRow.other_id)
        .where(first.c.removed_at.is_(None), second.c.removed_at.is_(None), condition)  # type: ignore[arg-type]
        .order_by(RelationRow.found_at, RelationRow.pair)
    )
    return [
        RelatedPair(
            row.record_id,
            row.other_id,
            Relation(row.relation),
            RelationStatus(row.status),
            row.shared,
            tuple((page, other) for page, other in row.pages),
            row.proposed,
            row.settled_by,
            row.settled_at,
        )
        for row in rows
    ]


def _present(session: Session, document_ids: set[str]) -> set[str]:
    return set(
        session.scalars(select(RecordRow.id).where(RecordRow.id.in_(document_ids), RecordRow.removed_at.is_(None)))
    )


def _sketch(row: SketchRow) -> StoredSketch:
    return StoredSketch(row.text_sha256, row.version, row.words, row.signature, row.marks, row.finished_at is not None)
