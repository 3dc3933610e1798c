"""The reading process of the sandbox: takes paths from a pipe and answers with what extractors find, within limits.

Started by `ingest.sandbox` as `python -m ingest.sandbox_child`, reused for many files, killed without ceremony. When
the parent goes away, it goes with all that it started.
"""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import os
import resource
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from holdings.errors import (
    CorruptError,
    FileError,
    FileNotFoundInPlaceError,
    OutOfMemoryError,
    UnsupportedFormatError,
)
from ingest.extractors import Reader
from ingest.extractors.cleaning import cleaned, one_line
from ingest.extractors.programs import ProgramKilledError
from ingest.model import ExtractionEvent, ReadingOptions
from ingest.sandbox_messages import SCRATCH_PREFIX, End, Failure, encode

log = logging.getLogger(__name__)

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


def main() -> None:
    """Answer requests until the pipe closes. The argument is JSON: where the extractors are, and the limits."""
    requests, answers = _take_pipes()
    setup = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    _leave_network()
    module, _, attribute = str(setup["extractors"]).partition(":")
    readers: Mapping[str, Reader] = getattr(import_module(module), attribute)
    _limit(memory_mb=int(setup["memory_mb"]), open_files=int(setup["open_files"]), file_mb=int(setup["output_mb"]))
    waiting: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting, Path.cwd()), daemon=True).start()
    while True:
        request = waiting.get()
        _allow_cpu(int(setup["cpu_seconds"]))
        options = request["options"]
        options["pages"] = tuple(options["pages"])
        _answer(answers, readers, Path(request["path"]), request["media_type"], ReadingOptions(**options))


def _take_pipes() -> tuple[int, int]:
    """Return the pipes for requests and answers, out of reach of what parsers print or read."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _listen(requests: int, waiting: SimpleQueue[dict[str, Any]], scratch: Path) -> None:
    """Hand requests on; when the parent dies, clear up in its place and kill this process and its children."""
    try:
        for line in os.fdopen(requests, encoding="utf-8"):
            waiting.put(json.loads(line))
    except (OSError, ValueError):
        # A parser has closed the pipe, or written to it: that is no death of the parent's.
        os._exit(os.EX_SOFTWARE)
    if scratch.name.startswith(SCRATCH_PREFIX):
        shutil.rmtree(scratch, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _answer(answers: int, readers: Mapping[str, Reader], path: Path, media_type: str, options: ReadingOptions) -> None:
    try:
        for event in _read(readers, path, media_type, options):
            _send(answers, encode(event))
    except FileError as error:
        _send(answers, encode(Failure(error.code, one_line(error.message), one_line(error.advice_given))))
    except ProgramKilledError:
        os.kill(os.getpid(), signal.SIGKILL)
    except MemoryError:
        gc.collect()
        _send(answers, encode(Failure(OutOfMemoryError.code, "Reading the file needed more memory than it may have")))
    except Exception as error:
        # The outermost boundary of the parsers: whatever they raise, it is this file's failure and no other's.
        log.warning("reading failed", exc_info=True)
        # Not str(error), which may fail in turn.
        reason = one_line("".join(traceback.format_exception_only(error)))
        _send(answers, encode(Failure(CorruptError.code, f"The file cannot be read: {reason}")))
    _send(answers, encode(End(_address_space_mb())))


def _read(
    readers: Mapping[str, Reader], path: Path, media_type: str, options: ReadingOptions
) -> Iterator[ExtractionEvent]:
    try:
        path.open("rb").close()
    except OSError as error:
        raise FileNotFoundInPlaceError(f"The file cannot be opened: {error.strerror}") from error
    if media_type not in readers:
        raise UnsupportedFormatError(f"The hub has no reader for {media_type}")
    return cleaned(readers[media_type].read(path, options))


def _send(answers: int, frame: bytes) -> None:
    left = memoryview(frame)
    while left:
        left = left[os.write(answers, left) :]


def _leave_network() -> None:
    """Go where there is no network, if the system allows it; the reading needs none either way."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None and unshare(_CLONE_NEWNET) != 0:
        unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _limit(*, memory_mb: int, open_files: int, file_mb: int) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, memory_mb * 1_000_000),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_FSIZE, file_mb * 1_000_000),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def _allow_cpu(seconds: int) -> None:
    """Let this file have so much processor time: the system counts from the start of the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(usage.ru_utime + usage.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _address_space_mb() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return pages * resource.getpagesize() // 1_000_000
    except (OSError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000


if __name__ == "__main__":
    main()
