"""Looks once into an inbox and dies by SIGKILL just before or just after one step: run by test_inbox.

Usage: python -m tests.integration.inbox_driver STEP WHEN DATA FOLDER
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from holdings.settings import load_settings
from indexer.hub import open_hub

# Each step of a file's way: module, function.
STEPS: dict[str, tuple[str, str]] = {
    "receive": ("holdings.inboxes", "receive"),
    "finish": ("ingest.delivery", "finish"),
    "target": ("holdings.inboxes", "note_target"),
    "receipt": ("ingest.inbox", "write_receipt"),
    "receipt-named": ("os", "fsync"),
    "move": ("ingest.inbox", "move"),
    "forget": ("holdings.inboxes", "forget"),
}


def _deadly(function: Callable[..., Any], when: str) -> Callable[..., Any]:
    def wrapped(*args: Any, **options: Any) -> Any:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def main(step: str, when: str, data: str, folder: str) -> None:
    from ingest.inbox import Inbox

    with open_hub(load_settings(None, {"IKHUB_DATA": data})) as hub:
        inbox = Inbox(hub, Path(folder), settle_seconds=0)
        name, function = STEPS[step]
        module = importlib.import_module(name)
        setattr(module, function, _deadly(getattr(module, function), when))
        inbox.once()


if __name__ == "__main__":
    main(*sys.argv[1:])
