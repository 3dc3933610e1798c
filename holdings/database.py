"""The catalogue's database: SQLite by default, PostgreSQL by URL. Opens it, upgrades it, and hands out transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.orm import Session as Session

from holdings.errors import (
    ConfigurationError,
    NotInitialisedError,
)
from holdings.failures import translated_errors
from holdings.locks import Locks

# The newest migration of `holdings/migrations/versions`; a test holds them together.
SCHEMA_REVISION = "0005"
_BUSY_SECONDS = 30
_TRACES_BUSY_SECONDS = 1
_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """The catalogue's store. Thread-safe; opening it connects to nothing.

    `read()` and `write()` give a session in a transaction; `write()` commits at the end of the block, or rolls back
    when it raises. On SQLite a write takes the write lock at once, so that it never fails half-way for want of it.
    """

    def __init__(self, url: str, folder: Path) -> None:
        try:
            self._engine = create_engine(url, **_options(url))
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise ConfigurationError(f"holdings.database_url cannot be used: {error}") from error
        if self._engine.dialect.name not in {"sqlite", "postgresql"}:
            raise ConfigurationError("holdings.database_url must name an SQLite or a PostgreSQL database")
        if self._engine.dialect.name == "sqlite":
            _prepare_sqlite(self._engine)
        self._writer = self._engine.execution_options(ikhub_write=True)
        self._folder = folder
        self.locks = Locks(self._engine, folder / "locks")

    @contextmanager
    def read(self) -> Iterator[Session]:
        with translated_errors(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        with translated_errors(), Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def upgrade(self) -> None:
        """Create the catalogue, or bring its schema to this version. Raises ConfigurationError when it is newer."""
        if self._engine.dialect.name == "sqlite" and self._engine.url.database:
            with translated_errors():
                Path(self._engine.url.database).parent.mkdir(parents=True, exist_ok=True)
        with self.locks.hold("upgrade", wait_seconds=60), translated_errors(), self._engine.connect() as connection:
            version = _version(connection)
            if version == SCHEMA_REVISION:
                return
            # Imported here: only a catalogue that is made or upgraded needs it.
            from alembic import command
            from alembic.config import Config
            from alembic.util import CommandError

            config = Config()
            config.set_main_option("script_location", str(_MIGRATIONS))
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise ConfigurationError(
                    f"The catalogue has the schema {version}, which this version of the hub does not know",
                    advice="It was made by a newer version: install that one, or restore a backup made by this one.",
                ) from error
            connection.commit()

    def require_current(self) -> None:
        """Raise NotInitialisedError unless the schema is of this version."""
        if self._engine.dialect.name == "sqlite" and not Path(self._engine.url.database or "").exists():
            raise NotInitialisedError(f"There is no catalogue in {self._folder} yet")
        with translated_errors(), self._engine.connect() as connection:
            version = _version(connection)
        if version != SCHEMA_REVISION:
            state = f"has the schema {version}" if version else "is empty"
            raise NotInitialisedError(f"The catalogue {state}, this version of the hub needs {SCHEMA_REVISION}")

    def leave_no_trace(self) -> None:
        """Empty the write-ahead log of SQLite, which holds what was deleted; PostgreSQL has no such file.

        While somebody reads from it this does nothing, and the next call does it.
        """
        if self.kind != "sqlite":
            return
        with translated_errors():
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(f"PRAGMA busy_timeout={_TRACES_BUSY_SECONDS * 1000}")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                cursor.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")
                cursor.close()
            finally:
                connection.close()

    @property
    def kind(self) -> str:
        """Return sqlite or postgresql."""
        return self._engine.dialect.name

    @property
    def engine(self) -> Engine:
        """Return the engine, for `holdings.backup` alone: it copies the database as a whole, past the sessions."""
        return self._engine

    def close(self) -> None:
        self._engine.dispose()


def _options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": _BUSY_SECONDS, "check_same_thread": False}}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is erased is written over
            f"busy_timeout={_BUSY_SECONDS * 1000}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("ikhub_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version
