"""One server process of the tests: started as an unprivileged user, waited for, stopped by its id.

PostgreSQL and Elasticsearch refuse to run as root, and a checkout may stand where other users cannot reach it:
so as root a server runs as `nobody`, in a temporary folder of that user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_UNPRIVILEGED = "nobody"


class ServiceError(Exception):
    """A server of the tests did not start, or ended by itself; the message ends with the tail of its log."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user that servers run as."""

    uid: int
    gid: int


def service_account() -> Account | None:
    """Return whom servers must run as; None where they can run as the one who runs the tests."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(_UNPRIVILEGED)
    return Account(entry.pw_uid, entry.pw_gid)


def as_account(account: Account | None) -> dict[str, Any]:
    """Return the arguments with which `subprocess` runs something as that user, from a folder that all may enter."""
    arguments: dict[str, Any] = {"cwd": "/"}
    if account is not None:
        arguments |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return arguments


def hand_over(folder: Path) -> None:
    """Give a folder and everything in it to the user that servers run as."""
    if (account := service_account()) is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


def reachable(path: Path) -> bool:
    """Tell whether the user that servers run as can get to a file or folder and read it."""
    command = ["sh", "-c", 'test -r "$1" && { test -f "$1" || test -x "$1"; }', "sh", str(path)]
    return subprocess.run(command, check=False, **as_account(service_account())).returncode == 0


def service_folder(name: str) -> Path:
    """Make a temporary folder that the user that servers run as owns and can get to."""
    parents = [Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/tmp")]
    for parent in parents:
        folder = Path(tempfile.mkdtemp(prefix=f"ikhub-{name}-", dir=parent))
        hand_over(folder)
        if reachable(folder):
            return folder
        folder.rmdir()
    raise ServiceError(f"no temporary folder that the user {_UNPRIVILEGED} can get to: set TMPDIR to one")


def readable_copy(original: Path, probe: str, folder: Path) -> Path:
    """Return the folder `original` where servers can read it: itself, or a copy of it in the folder of a service.

    `probe` names a file in it that stands for the others.
    """
    if reachable(original / probe):
        return original
    copy = folder / original.name
    shutil.copytree(original, copy)
    hand_over(copy)
    return copy


def tied_to_tests(how: signal.Signals) -> list[str]:
    """Return what to write before a command so that, on Linux, it ends when the thread that started it ends.

    So killed tests leave no server behind. Not for what a short-lived thread may start.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", how.name.removeprefix("SIG"), "--"] if setpriv else []


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def descendants(root: int) -> Iterator[int]:
    """Yield the numbers of the processes that a process has started, and those have, that are there now."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    todo = list(children.get(root, []))
    while todo:
        number = todo.pop()
        yield number
        todo.extend(children.get(number, []))


def command_of(number: int) -> str:
    """Return the command line of a process, empty when it has ended."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


class ServerProcess:
    """A server that can be started, stopped and killed; it keeps its log in the file `log` of its folder."""

    def __init__(self, command: Sequence[str], folder: Path, *, environment: Mapping[str, str] | None = None) -> None:
        self.command = list(command)
        self.log = folder / "log"
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def process_id(self) -> int:
        """The number of the process; RuntimeError when it was not started."""
        if self._process is None:
            raise RuntimeError("the server was not started")
        return self._process.pid

    def launch(self) -> None:
        """Start the process, without waiting until it answers."""
        if self.running:
            raise ServiceError(f"{self.command[0]} runs already")
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal reaches the tests alone, which then stop their servers.
            # Standard input stays open as long as this process lives: Launcher.java ends when it ends.
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
                **as_account(service_account()),
            )

    def wait_until(self, answers: Callable[[], bool], seconds: float) -> None:
        """Wait until the server answers.

        Raises:
            ServiceError: it ended, or does not answer in time.
        """
        deadline = time.monotonic() + seconds
        while not answers():
            if not self.running:
                raise ServiceError(f"{self.command[0]} ended by itself; the end of its log:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise ServiceError(f"no answer in {seconds:.0f} s; the end of the log:\n{self.log_tail()}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 30) -> None:
        """Ask the server to end, and wait for it; kill it when it takes too long."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None

    def kill(self) -> None:
        """End the server as a power cut would."""
        self.stop(signal.SIGKILL)

    def log_tail(self, lines: int = 40) -> str:
        """Return the last lines of the log."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


class Service(ABC):
    """A server that lives as long as a `with`: started when that begins, and gone with its folder when it ends."""

    _folder: Path

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def stop(self) -> None: ...

    def _end(self) -> None:
        """End the server when nothing that it holds is needed any more."""
        self.stop()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._remove()

    def _remove(self) -> None:
        self._end()
        shutil.rmtree(self._folder)
