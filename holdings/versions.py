"""Which documents a new version supersedes, as persons confirmed it. Functions over a session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from holdings.portions import portions
from holdings.tables import RecordRow, RelationRow

_NEW_VERSION = (RelationRow.relation == "new-version", RelationRow.status == "confirmed")


def newer(session: Session, document_ids: Collection[str]) -> dict[str, set[str]]:
    """Return, by document, all that supersede it: its new version, that one's, and so on. Those without are left out.

    What was removed or is not published is among them: it leads on to what supersedes it in its turn.
    """
    found: dict[str, set[str]] = {document_id: set() for document_id in document_ids}
    known: dict[str, set[str]] = {}
    todo = set(document_ids)
    while todo:
        steps: dict[str, set[str]] = defaultdict(set)
        for some in portions(sorted(todo)):
            rows = session.execute(
                select(RelationRow.other_id, RelationRow.record_id).where(*_NEW_VERSION, RelationRow.other_id.in_(some))
            )
            for older, newest in rows:
                steps[older].add(newest)
        known |= {one: steps.get(one, set()) for one in todo}
        todo = {one for several in steps.values() for one in several} - known.keys()
    for document_id, several in found.items():
        ahead = list(known[document_id])
        while ahead:
            one = ahead.pop()
            if one not in several and one != document_id:
                several.add(one)
                ahead.extend(known[one])
    return {document_id: several for document_id, several in found.items() if several}


def superseded(session: Session, document_ids: Collection[str]) -> set[str]:
    """Return all that these documents supersede: what they are new versions of, what those are, and so on."""
    found: set[str] = set()
    todo = set(document_ids)
    while todo:
        older: set[str] = set()
        for some in portions(sorted(todo)):
            older |= set(
                session.scalars(select(RelationRow.other_id).where(*_NEW_VERSION, RelationRow.record_id.in_(some)))
            )
        todo = older - found - set(document_ids)
        found |= todo
    return found


def touch_superseded(session: Session, *document_ids: str) -> None:
    """Raise the revision of what documents supersede: whether that is found depends on who may read these."""
    for some in portions(sorted(superseded(session, document_ids))):
        session.execute(update(RecordRow).where(RecordRow.id.in_(some)).values(revision=RecordRow.revision + 1))
