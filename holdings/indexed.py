"""What each generation of an index holds, as the catalogue remembers it: from this, synchronising knows its work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Delete, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from holdings.portions import portions
from holdings.states import State
from holdings.tables import IndexedRow, RecordRow

# What an index should hold.
_IS_FOUND = and_(RecordRow.removed_at.is_(None), RecordRow.state == State.PUBLISHED.value)


@dataclass(frozen=True, slots=True)
class Pending:
    """A record of which a generation holds another revision, or none.

    `removed` ones must leave the index: they were taken out of the hub, or are not published.
    """

    record_id: str
    revision: int
    access_revision: int
    removed: bool


@dataclass(frozen=True, slots=True)
class Remembered:
    record_id: str
    revision: int
    access_revision: int
    refused: str | None


def pending(session: Session, engine: str, generation: str, *, limit: int, after: str = "") -> list[Pending]:
    """Return up to `limit` records, by id and beyond `after`, that the generation has not as the catalogue has them."""
    indexed = and_(
        IndexedRow.engine == engine, IndexedRow.generation == generation, IndexedRow.record_id == RecordRow.id
    )
    rows = session.execute(
        select(RecordRow.id, RecordRow.revision, RecordRow.access_revision, _IS_FOUND.label("is_found"))
        .outerjoin(IndexedRow, indexed)
        .where(
            RecordRow.id > after,
            or_(
                and_(IndexedRow.record_id.is_(None), _IS_FOUND),
                IndexedRow.revision != RecordRow.revision,
                IndexedRow.access_revision != RecordRow.access_revision,
            ),
        )
        .order_by(RecordRow.id)
        .limit(limit)
    )
    return [Pending(row.id, row.revision, row.access_revision, not row.is_found) for row in rows]


def count_pending(session: Session, engine: str, generation: str) -> int:
    """Return how many records the generation has not as the catalogue has them."""
    number, after = 0, ""
    while some := pending(session, engine, generation, limit=10_000, after=after):
        number += len(some)
        after = some[-1].record_id
    return number


def remember(
    session: Session, engine: str, generation: str, records: Iterable[Pending], refused: Mapping[str, str]
) -> None:
    """Record that the generation now has these revisions, or why it refused them."""
    for record in records:
        # A removed record stays remembered at its revision, so that it is not pending for ever.
        session.merge(
            IndexedRow(
                engine=engine,
                generation=generation,
                record_id=record.record_id,
                revision=record.revision,
                access_revision=record.access_revision,
                refused=refused.get(record.record_id),
            )
        )


def unsettled(session: Session, engine: str) -> list[str]:
    """Return the records that some generation of this engine may hold with an access that they no longer have.

    No search may give them before the index has caught up. There are few: those that changed since the last
    synchronising. Generations that are not live count too, since one may become live while a search is under way.
    """
    return list(
        session.scalars(
            select(RecordRow.id)
            .join(IndexedRow, and_(IndexedRow.record_id == RecordRow.id, IndexedRow.engine == engine))
            .where(RecordRow.access_unsettled, IndexedRow.access_revision != RecordRow.access_revision)
            .distinct()
            .order_by(RecordRow.id)
        )
    )


def settle(session: Session, record_ids: Iterable[str]) -> None:
    """Note which of these records every generation of every engine now has with the access that they have."""
    for some in portions(list(record_ids)):
        behind = (
            select(IndexedRow.record_id)
            .where(IndexedRow.record_id == RecordRow.id, IndexedRow.access_revision != RecordRow.access_revision)
            .exists()
        )
        session.execute(
            update(RecordRow)
            .where(RecordRow.id.in_(some), RecordRow.access_unsettled, ~behind)
            .values(access_unsettled=False)
            .execution_options(synchronize_session=False)
        )


def remembered(session: Session, engine: str, generation: str) -> Iterator[Remembered]:
    """Yield what the generation holds, by id, without records that were removed or are not published."""
    rows = session.execute(
        select(IndexedRow.record_id, IndexedRow.revision, IndexedRow.access_revision, IndexedRow.refused)
        .join(RecordRow, RecordRow.id == IndexedRow.record_id)
        .where(IndexedRow.engine == engine, IndexedRow.generation == generation, _IS_FOUND)
        .order_by(IndexedRow.record_id)
    )
    for row in rows:
        yield Remembered(row.record_id, row.revision, row.access_revision, row.refused)


def current(session: Session) -> Iterator[Pending]:
    """Yield every record that should be found, by id, at its present revisions."""
    rows = session.execute(
        select(RecordRow.id, RecordRow.revision, RecordRow.access_revision).where(_IS_FOUND).order_by(RecordRow.id)
    )
    for row in rows:
        yield Pending(row.id, row.revision, row.access_revision, removed=False)


def forget(session: Session, engine: str, generation: str, record_ids: Iterable[str] | None = None) -> None:
    """Forget what a generation holds: of these records, or of all when it has been dropped."""
    statement = _forget(engine, generation)
    if record_ids is None:
        session.execute(statement)
        return
    for record_id in record_ids:
        session.execute(statement.where(IndexedRow.record_id == record_id))


def _forget(engine: str, generation: str) -> Delete:
    return delete(IndexedRow).where(IndexedRow.engine == engine, IndexedRow.generation == generation)
