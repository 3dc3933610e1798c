"""Rows that are put in unless they are there: both databases know how, each in its own dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from holdings.portions import portions
from holdings.tables import Base


def insert_missing(
    session: Session,
    table: type[Base],
    rows: Sequence[Mapping[str, Any]],
    unique: Sequence[InstrumentedAttribute[Any]],
) -> int:
    """Put in the rows whose values of `unique` no row has yet, and return how many these were.

    Whoever is second with the same values waits for the first to commit, and then puts in nothing.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    number = 0
    for some in portions(rows):
        statement = insert(table).values(list(some)).on_conflict_do_nothing(index_elements=list(unique))
        number += len(session.execute(statement.returning(unique[0])).all())
    return number
