"""The catalogue at one moment as a file, and back: SQLite by its own copying, PostgreSQL by pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import quote

from sqlalchemy import Engine, MetaData, create_engine, inspect, text
from sqlalchemy.orm import Session

from holdings.backup import copying
from holdings.database import Database
from holdings.errors import ConfigurationError
from holdings.failures import translated_errors

_BUSY_SECONDS = 60
_SUFFIXES = {"sqlite": ".sqlite3", "postgresql": ".dump"}


def suffix(database: Database) -> str:
    """Return how the name of a snapshot of this kind of database ends."""
    return _SUFFIXES[database.kind]


@contextmanager
def snapshot(database: Database, target: Path) -> Iterator[Session]:
    """Write the catalogue of one moment to `target`, and give a session that reads it as of that moment.

    The hub stays in use meanwhile. Raises CatalogueUnavailableError, StorageFullError, and ConfigurationError where the
    programs of PostgreSQL are missing or of an older version than the server.
    """
    take = _of_sqlite if database.kind == "sqlite" else _of_postgresql
    with translated_errors(), take(database.engine, target) as session:
        yield session


def load(database: Database, source: Path) -> None:
    """Fill an empty database from a snapshot of its kind, all or nothing. Raises as `snapshot` does."""
    with translated_errors():
        if database.kind == "sqlite":
            place = Path(database.engine.url.database or "")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
            place.chmod(0o600)
        else:
            options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
            _run("pg_restore", database.engine, [*options, str(source)])


def is_empty(database: Database) -> bool:
    """Say whether a database holds nothing yet. Raises CatalogueUnavailableError."""
    if database.kind == "sqlite":
        return not Path(database.engine.url.database or "").exists()
    with translated_errors(), database.engine.connect() as connection:
        return not inspect(connection).get_table_names()


def clear(database: Database) -> None:
    """Take away all that a database holds that was empty before it was loaded."""
    if database.kind == "sqlite":
        database.close()
        place = Path(database.engine.url.database or "")
        for end in ("", "-wal", "-shm"):
            place.with_name(place.name + end).unlink(missing_ok=True)
        return
    with database.engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection)
        tables.drop_all(connection)
        connection.execute(text("DROP FUNCTION IF EXISTS refuse_change_of_audit()"))


@contextmanager
def _of_sqlite(engine: Engine, target: Path) -> Iterator[Session]:
    # Not the backup interface: this leaves behind what was deleted, such as the data of a person who was erased.
    with closing(sqlite3.connect(engine.url.database or "", timeout=_BUSY_SECONDS)) as connection:
        try:
            with copying.owned(target):
                pass  # an empty file with the right mode, which is what VACUUM writes into
            connection.execute("VACUUM INTO ?", (str(target),))
        except sqlite3.OperationalError as error:
            raise _as_disk_says(error) from error
    copy = create_engine(f"sqlite:///file:{quote(str(target))}?mode=ro&immutable=1&uri=true")
    try:
        with Session(copy) as session:
            yield session
    finally:
        copy.dispose()


def _as_disk_says(error: sqlite3.OperationalError) -> Exception:
    """Return what went wrong as `translated_errors` knows it."""
    if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
        return OSError(28, str(error))
    return error


@contextmanager
def _of_postgresql(engine: Engine, target: Path) -> Iterator[Session]:
    isolated = engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(isolated) as session:
        # pg_dump reads in the same snapshot as this session.
        exported = str(session.scalar(text("SELECT pg_export_snapshot()")))
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={exported}"]
        with copying.owned(target) as file:
            _run("pg_dump", engine, options, file)
        yield session


def _run(program: str, engine: Engine, options: Sequence[str], target: BinaryIO | None = None) -> None:
    """Run a program of PostgreSQL on the engine's database. What it writes goes to `target`. Its password is in no list
    of processes: it goes through the environment."""
    found = shutil.which(program)
    if found is None:
        raise ConfigurationError(
            f"The program {program} is not installed here",
            advice="Install PostgreSQL's client programs: on Debian, `apt-get install postgresql-client`.",
        )
    _arguments, named = engine.dialect.create_connect_args(engine.url)
    password = str(named.pop("password", "") or "")
    address = " ".join(f"{name}='{_escaped(str(value))}'" for name, value in named.items() if name != "context")
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [found, f"--dbname={address}", "--no-password", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env={**os.environ, "PGPASSWORD": password} if password else None,
        )
        try:
            _take(cast(BinaryIO, process.stdout), target)
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
        if process.returncode:
            said.seek(0)
            words = said.read().decode(errors="replace").strip().splitlines() or ["it says nothing"]
            raise ConfigurationError(
                f"{program} ended with {process.returncode}: {words[0]}",
                advice="Its version must be that of the server or newer, and the role must own the database.",
            )


def _take(output: BinaryIO, target: BinaryIO | None) -> None:
    with output:
        while chunk := output.read(1 << 20):
            if target is not None:
                target.write(chunk)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
