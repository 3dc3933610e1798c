"""A real PostgreSQL for tests: a server of its own on a free port, and a fresh database for whoever asks."""

from __future__ import annotations

import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.services.components import POSTGRESQL
from tests.services.process import (
    ServerProcess,
    Service,
    ServiceError,
    as_account,
    free_port,
    hand_over,
    service_account,
    service_folder,
    tied_to_tests,
)

_ROLE = "ikhub"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # The data lives as long as the tests: no time is spent on making it survive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
}


class PostgresqlServer(Service):
    """A PostgreSQL server with an empty data folder; a context manager.

    Raises:
        MissingComponentError: PostgreSQL is not installed.
        ServiceError: it does not start.
    """

    def __init__(self) -> None:
        programs = POSTGRESQL.path()
        self.port = free_port()
        self._password = secrets.token_hex(16)
        self._folder = service_folder("postgresql")
        data = self._folder / "data"
        _make_cluster(programs, data, self._password)
        settings = [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(self.port), *settings]
        self._process = ServerProcess([*tied_to_tests(signal.SIGINT), *command], self._folder)

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the server's own database, for a role that may make others."""
        return f"postgresql+psycopg://{_ROLE}:{self._password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._process.launch()
        self._process.wait_until(lambda: answers(self.url), 60)

    def stop(self) -> None:
        """End the server at once, whoever is connected; the data stays until the context ends."""
        self._process.stop(signal.SIGINT)


def _make_cluster(programs: Path, data: Path, password: str) -> None:
    password_file = data.with_name("password")
    password_file.write_text(password, encoding="utf-8")
    hand_over(password_file)
    options = ["--auth=scram-sha-256", f"--username={_ROLE}", f"--pwfile={password_file}"]
    command = [str(programs / "initdb"), "-D", str(data), "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", *options]
    made = subprocess.run(command, capture_output=True, text=True, check=False, **as_account(service_account()))
    password_file.unlink()
    if made.returncode:
        raise ServiceError(f"initdb failed:\n{made.stdout}{made.stderr}")


def _connect(url: str) -> psycopg.Connection:
    return psycopg.connect(_libpq(url), autocommit=True, connect_timeout=5)


def _libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def answers(url: str) -> bool:
    """Tell whether the server takes connections."""
    try:
        _connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Give the URL of a new, empty database of that server, and drop it afterwards, whoever is connected."""
    name = f"ikhub_test_{secrets.token_hex(6)}"
    with _connect(server_url) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with _connect(server_url) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
