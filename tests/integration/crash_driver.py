"""Adds files and dies by SIGKILL just before or just after the n-th call of one step: run by test_crashes.

Usage: python -m tests.integration.crash_driver STEP WHEN NTH DATA PATH…
"""

from __future__ import annotations

import importlib
import itertools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from holdings.settings import load_settings
from indexer.hub import open_hub
from ingest import work

# Each step of an ingest: module, object in it (or none), function.
STEPS: dict[str, tuple[str, str | None, str]] = {
    "receive": ("holdings.arrivals", None, "receive"),
    "begin": ("holdings.arrivals", None, "begin_attempt"),
    "store": ("holdings.filestore", "FileStore", "add_original"),
    "note-stored": ("holdings.arrivals", None, "note_stored"),
    "page": ("holdings.filestore", "TextWriter", "add"),
    "text": ("holdings.filestore", "TextWriter", "finish"),
    "note-text": ("holdings.arrivals", None, "note_text"),
    "document": ("holdings.documents", None, "add"),
    "receipt": ("holdings.arrivals", None, "finish"),
    "project": ("indexer.synchronise", None, "project"),
    "create": ("indexer.engines.embedded", "EmbeddedEngine", "create"),
    "write": ("indexer.engines.embedded", "EmbeddedEngine", "write"),
    "remember": ("holdings.indexed", None, "remember"),
    "activate": ("indexer.engines.embedded", "EmbeddedEngine", "activate"),
}


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _deadly(function: Callable[..., Any], when: str, nth: int) -> Callable[..., Any]:
    calls = itertools.count(1)

    def wrapped(*args: Any, **options: Any) -> Any:
        # Files are read by several threads: each call has a number of its own.
        is_the_one = next(calls) == nth
        if is_the_one and when == "before":
            _die()
        result = function(*args, **options)
        if is_the_one and when == "after":
            _die()
        return result

    return wrapped


def main(step: str, when: str, nth: str, data: str, *paths: str) -> None:
    module_name, holder_name, name = STEPS[step]
    module = importlib.import_module(module_name)
    holder = getattr(module, holder_name) if holder_name else module
    setattr(holder, name, _deadly(getattr(holder, name), when, int(nth)))
    with open_hub(load_settings(None, {"IKHUB_DATA": data})) as hub:
        work.finish(hub, work.receive(hub, [Path(path) for path in paths]))


if __name__ == "__main__":
    main(*sys.argv[1:])
