"""Which of many documents a viewer may read, and since when, without all that the catalogue knows of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from holdings.access import Access, Viewer, may_read, organisation_label
from holdings.portions import portions
from holdings.states import State
from holdings.tables import RecordAccessRow, RecordRow


def readable(session: Session, document_ids: Collection[str], viewer: Viewer, now: datetime) -> dict[str, datetime]:
    """Return those of the documents that `viewer` may read now, each with when it was published or its embargo ended.

    The later of the two counts. A widening of access since then is not seen in it.
    """
    found: dict[str, datetime] = {}
    for some in portions(sorted(set(document_ids))):
        labels: dict[str, set[str]] = defaultdict(set)
        granted = select(RecordAccessRow.record_id, RecordAccessRow.label).where(RecordAccessRow.record_id.in_(some))
        for record_id, label in session.execute(granted):
            labels[record_id].add(label)
        rows = session.execute(
            select(
                RecordRow.id,
                RecordRow.state,
                RecordRow.keeper_id,
                RecordRow.embargo_until,
                RecordRow.published_at,
                RecordRow.created_at,
            ).where(RecordRow.id.in_(some), RecordRow.removed_at.is_(None))
        )
        for row in rows:
            access = Access(
                labels=frozenset(labels[row.id]),
                embargo_until=row.embargo_until,
                keeper=organisation_label(row.keeper_id) if row.keeper_id else None,
                state=State(row.state),
            )
            if may_read(access, viewer, now):
                ended = row.embargo_until if row.embargo_until and row.embargo_until <= now else None
                found[row.id] = max(moment for moment in (row.published_at or row.created_at, ended) if moment)
    return found
