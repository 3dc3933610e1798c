"""Extraction in a process of its own: parsers are not trusted, and what kills one is recorded on the file.

One reading process is started and reused; it is killed with its children when it takes too long or dies, and the next
file gets a fresh one. docs/decisions/2026-11-24-sandbox.md says why it is made like this.
"""

from __future__ import annotations

import errno
import logging
import signal
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from holdings.errors import (
    CrashedError,
    ExtractionTimeoutError,
    FileError,
    OutOfMemoryError,
    StorageFullError,
    TryAgainLaterError,
    error_of,
)
from ingest.model import ExtractionEvent, Member, Page, ReadingOptions, Truncation
from ingest.sandbox_messages import End, Failure, ProtocolError, decode
from ingest.sandbox_worker import Died, Overdue, Worker

log = logging.getLogger(__name__)

EXTRACTORS = "ingest.extractors:EXTRACTORS"
# A process that somebody kills is no fault of the file; one that the system kills for memory is, the second time. Who
# kills for memory without the system's knowledge has to do it as often as the first number says.
_ATTEMPTS = 5
_ATTEMPTS_WITHOUT_MEMORY = 2
_KILLED = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT})
# A process that holds more than this part of its memory between two files is replaced.
_WORN = 0.6


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may take; `recycle_after` is how many files one process reads."""

    seconds: float = 300
    cpu_seconds: int = 240
    memory_mb: int = 1536
    output_mb: int = 200
    open_files: int = 64
    recycle_after: int = 200


class Sandbox:
    """Reads one file at a time. A context manager; each thread or worker has one of its own.

    `extractors` names the table of readers by media type, as `module:NAME`.
    """

    def __init__(self, limits: Limits | None = None, *, extractors: str = EXTRACTORS) -> None:
        self._limits = limits or Limits()
        self._extractors = extractors
        self._worker: Worker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def process_id(self) -> int | None:
        """The number of the reading process, None while there is none."""
        return self._worker.process_id if self._worker is not None and not self._worker.has_ended() else None

    @property
    def is_reading(self) -> bool:
        """Say whether the reading process is at a file."""
        return self._worker is not None and not self._worker.idle

    def close(self) -> None:
        """End the reading process. The sandbox may be used again: it then starts another."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def extract(self, path: Path, media_type: str, options: ReadingOptions | None = None) -> Iterator[ExtractionEvent]:
        """Yield what the extractor of a media type finds in a file, as it finds it.

        Whoever stops before the end, or asks for another file, ends the reading of this one. The time that the caller
        takes between two events does not count against the limit. Text beyond the limit is left out, and said so.

        Raises ExtractionTimeoutError, OutOfMemoryError, CrashedError, the coded error of the extractor, and
        TryAgainLaterError when no process can be started.
        """
        options = options or ReadingOptions()
        yielded = 0
        ended_for_memory = 0
        for attempt in range(1, _ATTEMPTS + 1):
            kills_for_memory = _kills_for_memory()
            try:
                with closing(self._attempt(path, media_type, options)) as events:
                    for event in islice(events, yielded, None):
                        yielded += 1
                        yield event
                return
            except Died as death:
                ended_for_memory += kills_for_memory is None or kills_for_memory != _kills_for_memory()
                is_over = attempt == _ATTEMPTS or ended_for_memory == _ATTEMPTS_WITHOUT_MEMORY
                if is_over or death.signal_number not in _KILLED:
                    raise self._failure_of(death) from death
                log.warning("%s: the reading process was killed from outside: reading the file again", path)

    def _attempt(self, path: Path, media_type: str, options: ReadingOptions) -> Generator[ExtractionEvent]:
        worker = self._ready_worker()
        try:
            worker.ask(path, media_type, options)
            yield from self._events(worker, options.pages)
        except ProtocolError as error:
            raise CrashedError(f"The reading process answered with {error}") from error
        finally:
            if not worker.idle:
                worker.kill()
            if worker.said:
                log.info("%s: said while reading:\n%s", path, worker.said)

    def _events(self, worker: Worker, wanted: tuple[int, ...]) -> Iterator[ExtractionEvent]:
        deadline = time.monotonic() + self._limits.seconds
        left = self._limits.output_mb * 1_000_000
        pages = 0
        failure: Failure | None = None
        while True:
            try:
                content = worker.frame(deadline)
            except Overdue as overdue:
                raise ExtractionTimeoutError(f"Reading took longer than {self._limits.seconds:g} s") from overdue
            message = decode(content)
            if isinstance(message, End):
                worker.idle = True
                self._replace_if_worn(worker, message, failure)
                if failure is not None:
                    raise error_of(failure.code, failure.message, failure.advice)
                return
            if isinstance(message, Failure):
                failure = message
                continue
            if isinstance(message, Page):
                pages += 1
                if message.number != (wanted[pages - 1] if 0 < pages <= len(wanted) else pages):
                    raise ProtocolError("pages out of order")
            # What is unpacked is measured by whoever keeps it.
            left -= 0 if isinstance(message, Member) else len(content)
            if left < 0:
                yield Truncation(
                    f"The text after {pages - 1} pages was left out: it is more than {self._limits.output_mb} MB"
                )
                return
            paused = time.monotonic()
            yield message
            deadline += time.monotonic() - paused

    def _ready_worker(self) -> Worker:
        if self._worker is not None and (not self._worker.idle or self._worker.has_ended()):
            self.close()
        if self._worker is None:
            self._worker = self._start()
        return self._worker

    def _start(self) -> Worker:
        limits = self._limits
        setup: dict[str, str | int] = {
            "extractors": self._extractors,
            "cpu_seconds": limits.cpu_seconds,
            "memory_mb": limits.memory_mb,
            "output_mb": limits.output_mb,
            "open_files": limits.open_files,
        }
        try:
            return Worker(setup)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFullError("No space is left for the process that reads files") from error
            raise TryAgainLaterError(f"No process that reads files can be started: {error.strerror}") from error

    def _replace_if_worn(self, worker: Worker, end: End, failure: Failure | None) -> None:
        worn = (
            worker.files >= self._limits.recycle_after
            or end.address_space_mb > _WORN * self._limits.memory_mb
            or (failure is not None and failure.code == OutOfMemoryError.code)
        )
        if worn:
            worker.kill()

    def _failure_of(self, death: Died) -> FileError:
        if death.signal_number is None:
            return CrashedError(f"The reading process ended with exit code {death.exit_code}")
        name = signal.Signals(death.signal_number).name
        if death.signal_number == signal.SIGXCPU:
            return ExtractionTimeoutError(f"Reading took more than {self._limits.cpu_seconds} s of processor time")
        if death.signal_number == signal.SIGKILL:
            return OutOfMemoryError(
                f"The reading process was killed again and again ({name}), as the system does when memory runs out"
            )
        return CrashedError(f"The reading process died of {name}")


def _kills_for_memory() -> int | None:
    """Return how many processes the system has killed because memory ran out; None where it does not say."""
    try:
        entries = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(entry.split()[1]) for entry in entries if entry.startswith("oom_kill ")), None)
