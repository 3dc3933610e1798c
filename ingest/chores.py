"""What workers do from time to time besides reading files: work of rooms to the left, handed in by who starts them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from holdings.errors import HubError, LockedError
from indexer.hub import Hub

log = logging.getLogger(__name__)

_LONGEST_PAUSE_SECONDS = 600.0
_STEP_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that is done every so many seconds, by one worker at a time: `do` sees to that by a lock.

    It records what it has done itself, so that it may be ended at any moment.
    """

    name: str
    every_seconds: float
    do: Callable[[Hub], None]


def perform(hub: Hub, chore: Chore) -> bool:
    """Do a chore, and say whether it went well. Whatever goes wrong is in the log, and tried again another time."""
    try:
        chore.do(hub)
    except LockedError:
        pass  # another process is at it
    except HubError as error:
        log.warning("%s: %s %s", chore.name, error.message, error.advice_given)
        return False
    except Exception:
        # The worker lives on: it has files to read.
        log.exception("%s", chore.name)
        return False
    return True


def attend(hub: Hub, chores: Sequence[Chore], stop: threading.Event) -> None:
    """Do chores as they fall due, until told to stop. After one that failed the pauses grow."""
    pauses = {chore.name: chore.every_seconds for chore in chores}
    due = dict.fromkeys(pauses, 0.0)
    while not stop.is_set():
        for chore in chores:
            if time.monotonic() >= due[chore.name] and not stop.is_set():
                longer = min(2 * pauses[chore.name], max(_LONGEST_PAUSE_SECONDS, chore.every_seconds))
                pauses[chore.name] = chore.every_seconds if perform(hub, chore) else longer
                due[chore.name] = time.monotonic() + pauses[chore.name]
        stop.wait(_STEP_SECONDS)
