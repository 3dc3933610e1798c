"""A mail server of the tests that can be stopped and started again, and what it has taken."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Self

from tests.services.process import ServiceError, free_port, tied_to_tests

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter that the server took: the envelope, and the message as it came."""

    sender: str
    recipient: str
    raw: str
    message: EmailMessage

    @property
    def text(self) -> str:
        """The text, as its reader sees it."""
        return str(self.message.get_content())


class SmtpSink:
    """`tests.services.smtp_sink` in a process of its own, a context manager; what it took stays when it is stopped.

    With a certificate and its key it asks for STARTTLS and a password. It runs as the one who runs the tests: it is
    the Python of the tests, which others may not be able to get to.
    """

    def __init__(self, folder: Path, certificate: Sequence[Path] = ()) -> None:
        self.port = free_port()
        self._folder = folder
        self._certificate = certificate
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [sys.executable, "-m", "tests.services.smtp_sink", str(self.port), str(self._folder)]
        command += [str(path) for path in self._certificate]
        self._process = subprocess.Popen([*tied_to_tests(signal.SIGKILL), *command], cwd=_ROOT)
        deadline = time.monotonic() + 30
        while not _answers(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise ServiceError("the mail server of the tests did not start")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server, if it runs, in the middle of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def taken(self) -> list[Taken]:
        """The letters that were taken, in their order."""
        return [_taken(json.loads(path.read_text())) for path in sorted(self._folder.glob("*.json"))]


def _taken(kept: dict[str, Any]) -> Taken:
    (recipient,) = kept["recipients"]
    raw = kept["content"]
    message = message_from_string(raw, policy=default)
    return Taken(kept["sender"], recipient, raw, message)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            return connection.recv(3) == b"220"
    except OSError:
        return False
