"""A hub as an institution runs it: PostgreSQL, Redis, a Celery worker, the server, a mail server, and cron by hand."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyotp

from app.cli.context import TRY_AGAIN_LATER
from holdings.settings import Settings, load_settings
from indexer.hub import initialise
from tests.browser.conftest import serving
from tests.conftest import ROOT
from tests.services.process import free_port
from tests.services.smtp import SmtpSink, Taken

_END_SECONDS = 30
_LINK = re.compile(r"http://127\.0\.0\.1:\d+(/\S+)")


@dataclass(frozen=True, slots=True)
class WholeHub:
    """A running hub: where it answers, what its processes are told by their environment, and where its letters go."""

    address: str
    settings: Settings
    environment: Mapping[str, str]
    letters: SmtpSink

    def run(self, *arguments: str, expected: Collection[int] = (0,)) -> str:
        """Run a command of the hub, as cron or an administrator does, and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments],
            cwd=ROOT,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in expected, done.stdout + done.stderr
        return done.stdout

    def letter_to(self, email: str) -> Taken:
        """Return the last letter to somebody, once nothing waits: the worker sends letters as well."""
        while "locked" in self.run("alerts", "send", expected={0, TRY_AGAIN_LATER}):
            time.sleep(0.2)
        return [letter for letter in self.letters.taken if letter.recipient == email][-1]

    def link_to(self, email: str) -> str:
        """Send what waits and return the path of the first link in the last letter to somebody."""
        found = _LINK.search(self.letter_to(email).text)
        assert found, "no link in the letter"
        return found.group(1)


@contextmanager
def whole_hub(folder: Path, *, database_url: str, redis_url: str, letters: SmtpSink) -> Iterator[WholeHub]:
    """Run a new hub with nothing in it; its processes end with the block."""
    port = free_port()
    environment = {
        **os.environ,
        "IKHUB_CONFIG": os.devnull,
        "IKHUB_DATA": str(folder),
        "IKHUB_HOLDINGS__DATABASE_URL": database_url,
        "IKHUB_INGEST__BROKER_URL": redis_url,
        "IKHUB_INGEST__WORKERS": "1",
        "IKHUB_APP__PORT": str(port),
        # Letters name the address that people reach the hub under.
        "IKHUB_APP__PUBLIC_URL": f"http://127.0.0.1:{port}",
        "IKHUB_DESK__MAIL__HOST": "127.0.0.1",
        "IKHUB_DESK__MAIL__PORT": str(letters.port),
        "IKHUB_DESK__MAIL__SECURITY": "none",
        "IKHUB_DESK__MAIL__SENDER": "no-reply@hub.example",
    }
    settings = load_settings(None, {name: value for name, value in environment.items() if name.startswith("IKHUB_")})
    initialise(settings)
    with serving(settings, environment) as (address, _server), _worker(environment, folder.with_suffix(".log")):
        yield WholeHub(address, settings, environment, letters)


@contextmanager
def _worker(environment: Mapping[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "worker"], cwd=ROOT, env=dict(environment), stdout=output, stderr=output
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def code_of(secret: str, *, after: str = "") -> str:
    """Return the present code of a second factor, waiting for the next one where `after` was used already."""
    totp = pyotp.TOTP(secret.replace(" ", ""))
    while (code := totp.now()) == after:
        time.sleep(0.5)
    return code
