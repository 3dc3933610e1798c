"""The clock of Celery workers: has chores delivered at their intervals, without a process of its own for it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from celery import Celery, bootsteps
from kombu.exceptions import OperationalError

from ingest.chores import Chore
from ingest.queues import INDEX_QUEUE

log = logging.getLogger(__name__)


def task_name(chore: Chore) -> str:
    """Return the name of the task that does a chore."""
    return f"ikhub.{chore.name}"


def set_clock(app: Celery, chores: Sequence[Chore]) -> None:
    """Have every worker of `app` deliver these chores, at their intervals, to whichever worker is free.

    With several workers each is delivered more often than needed: the lock of the chore lets one do it.
    """

    class Clock(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = frozenset({"celery.worker.components:Timer"})

        def __init__(self, worker: Any, **options: Any) -> None:
            super().__init__(worker, **options)
            self._entries: list[Any] = []

        def start(self, worker: Any) -> None:
            self._entries = [
                worker.timer.call_repeatedly(chore.every_seconds, _deliver, (app, chore)) for chore in chores
            ]

        def stop(self, _worker: Any) -> None:
            for entry in self._entries:
                entry.cancel()

    app.steps["worker"].add(Clock)


def _deliver(app: Celery, chore: Chore) -> None:
    try:
        # One that nobody had time for is not done late: by then there is another.
        app.send_task(task_name(chore), queue=INDEX_QUEUE, expires=chore.every_seconds)
    except (OperationalError, OSError) as error:
        log.warning("%s waits: the broker does not answer: %s", chore.name, error)
