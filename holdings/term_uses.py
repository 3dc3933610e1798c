"""Which documents carry a term of a vocabulary. Functions over a session of `holdings.database`."""

from __future__ import annotations

from sqlalchemy import ColumnElement, distinct, func, or_, select
from sqlalchemy.orm import Session, aliased

from holdings.model import DocumentField, Source
from holdings.states import State
from holdings.tables import RecordRow, StatementRow

# What a term says of a document; groups are said of organisations.
FIELDS = {
    "theme": DocumentField.THEME,
    "kind": DocumentField.KIND,
    "province": DocumentField.PROVINCE,
    "priority": DocumentField.PRIORITY,
}


def counts_found_by(session: Session, vocabulary: str) -> dict[str, int]:
    """Return how many published documents have each term by what counts of them: what was declared, else inferred.

    Terms that none has are left out; there are no documents of groups, which are said of organisations.
    """
    if vocabulary not in FIELDS:
        return {}
    field = FIELDS[vocabulary].value
    other = aliased(StatementRow)
    is_declared = StatementRow.source == Source.DECLARED.value
    has_declared = (
        select(other.id)
        .where(other.record_id == StatementRow.record_id, other.field == field, other.source == Source.DECLARED.value)
        .exists()
    )
    rows = session.execute(
        select(StatementRow.value, func.count(distinct(StatementRow.record_id)).label("documents"))
        .join(RecordRow, RecordRow.id == StatementRow.record_id)
        .where(
            StatementRow.field == field,
            or_(is_declared, ~has_declared),
            RecordRow.removed_at.is_(None),
            RecordRow.state == State.PUBLISHED.value,
        )
        .group_by(StatementRow.value)
    )
    return {row.value: row.documents for row in rows}


def is_in_use(session: Session, vocabulary: str, term_id: str) -> bool:
    """Say whether anything is said with a term, of whatever document, published or not."""
    if vocabulary not in FIELDS:
        return False
    return session.scalar(select(StatementRow.id).where(*says(vocabulary, term_id)).limit(1)) is not None


def says(vocabulary: str, term_id: str) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a statement says a term of a document."""
    return StatementRow.field == FIELDS[vocabulary].value, StatementRow.value == term_id
