"""Alembic's entry: migrations run on the connection that `holdings.database` hands over."""

from __future__ import annotations

from typing import Literal

from alembic import context

import holdings.tables_desk
import holdings.tables_people  # noqa: F401  (its tables are part of the catalogue)
from holdings.tables import Base, FilePath, Moment


def _render_item(kind: str, value: object, _context: object) -> str | Literal[False]:
    """Write the hub's own column types as the plain ones, so that a migration never depends on code that changes."""
    if kind == "type" and isinstance(value, FilePath):
        return "sa.Text()"
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, Moment) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_item=_render_item,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
