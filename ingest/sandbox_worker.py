"""The sandbox's side of a reading process: to start it, to ask it, to hear it out until a deadline, to kill it."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from ingest.model import ReadingOptions
from ingest.sandbox_messages import LENGTH, MAX_FRAME_BYTES, SCRATCH_PREFIX, ProtocolError

_READ_BYTES = 1 << 18
# How soon a death is noticed when a child of the process still holds its pipe open.
_LOOK_SECONDS = 0.25
# How long a process may take to end when it has closed its pipe.
_CLOSING_SECONDS = 1.0
# What a process writes on its standard error for one file is kept up to this: the end says most.
_MAX_SAID = 8_000


class Died(Exception):
    """The reading process has ended by itself. `signal_number` is None when it exited, with `exit_code`."""

    def __init__(self, return_code: int) -> None:
        super().__init__(return_code)
        self.signal_number = -return_code if return_code < 0 else None
        self.exit_code = return_code if return_code >= 0 else None


class Overdue(Exception):
    """The reading process has not answered by the deadline."""


class Worker:
    """One reading process. It leads a process group, so that it can be killed with all that it starts.

    `files` counts what it was asked to read; `idle` says that it has answered all.
    """

    def __init__(self, setup: dict[str, str | int]) -> None:
        self.files = 0
        self.idle = True
        self._buffer = bytearray()
        self._said = b""
        self._scratch = tempfile.mkdtemp(prefix=SCRATCH_PREFIX)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "ingest.sandbox_child", json.dumps(setup)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._scratch,
                env=_environment(self._scratch),
                start_new_session=True,
                bufsize=0,
            )
        except OSError:
            shutil.rmtree(self._scratch, ignore_errors=True)
            raise
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._requests = self._process.stdin
        self._answers = self._process.stdout.fileno()
        self._errors = self._process.stderr.fileno()
        self._selector = selectors.DefaultSelector()
        for pipe in (self._answers, self._errors):
            os.set_blocking(pipe, False)
            self._selector.register(pipe, selectors.EVENT_READ)

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def said(self) -> str:
        """What the process has written on its standard error since it was last asked; the end of it."""
        return self._said.decode("utf-8", "replace").strip()

    def has_ended(self) -> bool:
        if self._process.returncode is not None:
            return True
        # Not reaped, so that its number stays its own until its group is killed.
        ended = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return ended is not None

    def ask(self, path: Path, media_type: str, options: ReadingOptions) -> None:
        """Have a file read. Raises Died."""
        self.files += 1
        self.idle = False
        self._said = b""
        request = json.dumps({"path": str(path.absolute()), "media_type": media_type, "options": asdict(options)})
        try:
            self._requests.write(f"{request}\n".encode())
        except OSError as error:
            raise Died(self.kill()) from error

    def frame(self, deadline: float) -> bytes:
        """Return the next frame without its length. Raises Died, Overdue, ProtocolError.

        RuntimeError when the process was killed here: somebody asked for another file meanwhile.
        """
        while True:
            if self._process.returncode is not None:
                raise RuntimeError("the reading of this file has been ended")
            if len(self._buffer) >= LENGTH.size:
                (length,) = LENGTH.unpack_from(self._buffer)
                if length > MAX_FRAME_BYTES:
                    raise ProtocolError("a message that is too long")
                if len(self._buffer) >= LENGTH.size + length:
                    content = bytes(self._buffer[LENGTH.size : LENGTH.size + length])
                    del self._buffer[: LENGTH.size + length]
                    return content
            self._receive(deadline)

    def kill(self) -> int:
        """End the process and its group, and return its return code as subprocess has it."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._hear(self._errors)
            self._selector.close()
            for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            shutil.rmtree(self._scratch, ignore_errors=True)
        return self._process.returncode

    def _receive(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Overdue
        ready = {key.fd for key, _ in self._selector.select(min(left, _LOOK_SECONDS))}
        if self._errors in ready:
            self._hear(self._errors)
        if self._answers in ready and self._hear(self._answers):
            return
        # A child may hold the pipe open beyond the end; what was said before it still counts.
        if self.has_ended() and not self._hear(self._answers):
            raise Died(self.kill())
        if self._answers not in self._selector.get_map():
            self._await_end()

    def _await_end(self) -> None:
        """The pipe is closed: the process is about to end, or a parser has closed what was not its own."""
        until = time.monotonic() + _CLOSING_SECONDS
        while not self.has_ended():
            if time.monotonic() > until:
                raise ProtocolError("silence: it has closed its pipe")
            time.sleep(0.005)
        raise Died(self.kill())

    def _hear(self, pipe: int) -> bool:
        """Take what a pipe holds; say whether there was anything."""
        try:
            content = os.read(pipe, _READ_BYTES)
        except BlockingIOError:
            return False
        if not content and pipe in self._selector.get_map():
            # It is closed, and would be ready for ever.
            self._selector.unregister(pipe)
        if pipe == self._answers:
            self._buffer += content
        else:
            self._said = (self._said + content)[-_MAX_SAID:]
        return bool(content)


def _environment(scratch: str) -> dict[str, str]:
    """Return what the process may know: where modules are, and nothing of the secrets that the environment holds."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ") if name in os.environ}
    # The folder of this package is there too: from a source tree it may only be the working folder, an empty name.
    modules = [path for path in sys.path if path] + [str(Path(__file__).resolve().parents[1])]
    return kept | {
        "PYTHONPATH": os.pathsep.join(modules),
        "PYTHONUTF8": "1",
        "PYTHONFAULTHANDLER": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": scratch,
        "TMPDIR": scratch,
        "OMP_THREAD_LIMIT": "1",
    }
