"""What each generation of an index holds, as the catalogue remembers it: from this, synchronising knows its work.

It is also from this that a search knows what the index has wrong. So the memory must never say that a generation holds
the present access of a record when it may hold another: what is about to be written is noted before (`intend`), and
what is in doubt is remembered as revision 0, never forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from holdings.portions import portions
from holdings.states import State
from holdings.tables import IndexedRow, RecordRow

# What an index should hold.
_IS_FOUND = and_(RecordRow.removed_at.is_(None), RecordRow.state == State.PUBLISHED.value)

# Asked at every search: made once, and so that a database begins with the few records that are marked.
_UNSETTLED = (
    select(RecordRow.id)
    .where(
        RecordRow.access_unsettled,
        select(IndexedRow.record_id)
        .where(
            IndexedRow.record_id == RecordRow.id,
            IndexedRow.engine == bindparam("of_engine"),
            IndexedRow.access_revision != RecordRow.access_revision,
        )
        .exists(),
    )
    .order_by(RecordRow.id)
    .limit(bindparam("at_most"))
)


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


def intend(session: Session, engine: str, generation: str, records: Iterable[Pending]) -> None:
    """Record, before they are written, that a generation may hold these records, at a revision that is not known.

    Else a record that was written by a process that died at once, and whose access was changed then, would be found by
    the access that it had.
    """
    listed = [record.record_id for record in records]
    for some in portions(listed):
        known = set(session.scalars(select(IndexedRow.record_id).where(_are(engine, generation, some))))
        new = [
            {"engine": engine, "generation": generation, "record_id": one, "revision": 0, "access_revision": 0}
            for one in some
            if one not in known
        ]
        if new:
            session.execute(insert(IndexedRow), new)


def up_to_date(session: Session, engine: str, generation: str, record_ids: Iterable[str]) -> set[str]:
    """Return those of these records that the generation has as the catalogue has them."""
    found: set[str] = set()
    for some in portions(list(record_ids)):
        found |= set(
            session.scalars(
                select(RecordRow.id)
                .join(IndexedRow, IndexedRow.record_id == RecordRow.id)
                .where(
                    RecordRow.id.in_(some),
                    IndexedRow.engine == engine,
                    IndexedRow.generation == generation,
                    IndexedRow.revision == RecordRow.revision,
                    IndexedRow.access_revision == RecordRow.access_revision,
                    IndexedRow.refused.is_(None),
                )
            )
        )
    return found


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


def unsettled(session: Session, engine: str, *, limit: int) -> list[str]:
    """Return up to `limit` records that some generation of this engine may hold with an access that they had before.

    No search may give them before the index has caught up. There are few: those that changed since the last
    synchronising. Generations that are not live count too, since one may become live while a search is under way.
    """
    return list(session.scalars(_UNSETTLED, {"of_engine": engine, "at_most": limit}))


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


def doubt(session: Session, engine: str, generation: str, record_ids: Iterable[str]) -> None:
    """Record that it is not known what a generation holds of these records: no search gives them until it is."""
    for some in portions(list(record_ids)):
        session.execute(update(IndexedRow).where(_are(engine, generation, some)).values(revision=0, access_revision=0))
        session.execute(update(RecordRow).where(RecordRow.id.in_(some)).values(access_unsettled=True))


def others(session: Session, engine: str, generation: str) -> list[str]:
    """Return the generations of an engine that are remembered besides one."""
    found = select(IndexedRow.generation).where(IndexedRow.engine == engine, IndexedRow.generation != generation)
    return list(session.scalars(found.distinct()))


def forget(session: Session, engine: str, generation: str) -> None:
    """Forget a generation that has been dropped, and note which records no generation has wrong any more."""
    behind = (
        select(IndexedRow.record_id)
        .join(RecordRow, RecordRow.id == IndexedRow.record_id)
        .where(IndexedRow.engine == engine, IndexedRow.generation == generation, RecordRow.access_unsettled)
    )
    record_ids = list(session.scalars(behind))
    session.execute(delete(IndexedRow).where(IndexedRow.engine == engine, IndexedRow.generation == generation))
    settle(session, record_ids)


def _are(engine: str, generation: str, record_ids: Sequence[str]) -> ColumnElement[bool]:
    return and_(IndexedRow.engine == engine, IndexedRow.generation == generation, IndexedRow.record_id.in_(record_ids))
