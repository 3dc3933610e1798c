"""What was done with a record on its way: steps of the workflow and comments. Added to, never changed.

Functions over a session of `holdings.database`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from holdings.accounts import Account
from holdings.model import Document
from holdings.reasons import Reason
from holdings.states import State
from holdings.tables_desk import ReviewRow
from holdings.workflow import Action


@dataclass(frozen=True, slots=True)
class Review:
    """One thing that was done: when, by whom (None is the command line), and between which states.

    `details` has the `edition` of the record that it was done to, and what else belongs to the action.
    """

    id: int
    record_id: str
    at: datetime
    account_id: str | None
    action: Action
    from_state: State
    to_state: State
    comment: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What is said of a withdrawal to those who could read the document. `at` is None until it was recorded.

    `hides_title` says that not even the title may be named any more.
    """

    reason: Reason = Reason.OTHER
    note: str = ""
    hides_title: bool = False
    at: datetime | None = None

    @property
    def details(self) -> dict[str, str]:
        """Return what the review of a withdrawal has of it."""
        return {"reason": self.reason.value, "note": self.note, "hides_title": "yes" if self.hides_title else "no"}


def add(
    session: Session,
    by: Account | None,
    document: Document,
    action: Action,
    *,
    to: State,
    comment: str = "",
    details: Mapping[str, str] | None = None,
) -> Review:
    """Record that something was done to a document as it was before, leading to a state, and return it."""
    row = ReviewRow(
        record_id=document.id,
        at=datetime.now(UTC),
        account_id=by.id if by is not None else None,
        action=action.value,
        from_state=document.state.value,
        to_state=to.value,
        comment=comment,
        details={"edition": document.edition, **(details or {})},
    )
    session.add(row)
    session.flush()
    return _review(row)


def history(session: Session, document_id: str) -> list[Review]:
    """Return all that was done with a document, oldest first."""
    rows = session.scalars(select(ReviewRow).where(ReviewRow.record_id == document_id).order_by(ReviewRow.id))
    return [_review(row) for row in rows]


def since(session: Session, document_id: str, edition: str) -> list[Review]:
    """Return what was done with a document from this edition of it on, oldest first; nothing where it is the last."""
    done = history(session, document_id)
    first = next((n for n, review in enumerate(done) if review.details.get("edition") == edition), len(done))
    return done[first:]


def last(session: Session, document_id: str, *actions: Action) -> Review | None:
    """Return the last time that one of these actions was taken on a document, None where none was."""
    row = session.scalar(
        select(ReviewRow)
        .where(ReviewRow.record_id == document_id, ReviewRow.action.in_([action.value for action in actions]))
        .order_by(ReviewRow.id.desc())
        .limit(1)
    )
    return _review(row) if row is not None else None


def withdrawal(session: Session, document_id: str) -> Withdrawal:
    """Return what is said of the last withdrawal of a document that is withdrawn."""
    found = last(session, document_id, Action.WITHDRAW)
    if found is None:
        # As a metadata file of the command line had it from the start.
        return Withdrawal()
    said = found.details
    return Withdrawal(Reason(said["reason"]), said["note"], said["hides_title"] == "yes", found.at)


def _review(row: ReviewRow) -> Review:
    return Review(
        id=row.id,
        record_id=row.record_id,
        at=row.at,
        account_id=row.account_id,
        action=Action(row.action),
        from_state=State(row.from_state),
        to_state=State(row.to_state),
        comment=row.comment,
        details=row.details,
    )
