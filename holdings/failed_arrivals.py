"""Files that did not get into the hub, and whose place has received nothing since: what somebody has to see to.

Functions over a session of `holdings.database`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from holdings.arrivals import arrival_of
from holdings.errors import FileOutcome
from holdings.model import Arrival
from holdings.portions import portions
from holdings.tables import ArrivalRow

OUTCOMES = frozenset({FileOutcome.FAILED, FileOutcome.REJECTED})


def all_failed(
    session: Session, outcomes: Collection[FileOutcome] = OUTCOMES, codes: Collection[str] = ()
) -> list[Arrival]:
    """Return the files that ended so, the oldest first; where `codes` are given, only those with one of these."""
    found = _failed(outcomes).order_by(ArrivalRow.id)
    if codes:
        found = found.where(ArrivalRow.error_code.in_(codes))
    return [arrival_of(row) for row in session.scalars(found)]


def newest(session: Session, code: str = "", *, limit: int, offset: int = 0) -> list[Arrival]:
    """Return files that failed or were rejected, the newest first; only those of one code, where it is given."""
    found = _failed(OUTCOMES).order_by(ArrivalRow.id.desc()).limit(limit).offset(offset)
    if code:
        found = found.where(ArrivalRow.error_code == code)
    return [arrival_of(row) for row in session.scalars(found)]


def among(session: Session, arrival_ids: Sequence[int]) -> list[Arrival]:
    """Return those of these files that failed or were rejected."""
    return [
        arrival_of(row)
        for some in portions(arrival_ids)
        for row in session.scalars(_failed(OUTCOMES).where(ArrivalRow.id.in_(some)).order_by(ArrivalRow.id))
    ]


def count_by_code(session: Session) -> dict[str, int]:
    """Return how many files failed or were rejected, by the code of their error."""
    failed = _failed(OUTCOMES).with_only_columns(ArrivalRow.error_code, func.count())
    return {code: number for code, number in session.execute(failed.group_by(ArrivalRow.error_code)) if code}


def _failed(outcomes: Collection[FileOutcome]) -> Select[ArrivalRow]:
    later = aliased(ArrivalRow)
    return select(ArrivalRow).where(
        ArrivalRow.outcome.in_([outcome.value for outcome in outcomes]),
        ~select(later.id).where(later.location == ArrivalRow.location, later.id > ArrivalRow.id).exists(),
    )
