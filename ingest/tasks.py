"""Celery tasks: the steps of `ingest.work`, delivered through Redis to worker processes. Tasks carry ids only.

The catalogue is the queue of record: a task that is lost with Redis is found again by `ikhub ingest run`, and one that
is delivered twice finds its work done.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack

from celery import Celery, Task
from celery.signals import worker_process_init, worker_process_shutdown
from kombu.entity import Queue

from holdings.errors import LockedError, TryAgainLaterError
from holdings.settings import Settings
from indexer.hub import Hub, open_hub
from indexer.synchronise import synchronise
from ingest.pipeline import finish_arrival
from ingest.queues import INDEX_QUEUE, QUEUES, TEXT_QUEUE
from ingest.sandbox import Sandbox
from ingest.work import limits_of

log = logging.getLogger(__name__)

INGEST_FILE = "ikhub.ingest_file"
SYNCHRONISE_INDEX = "ikhub.synchronise_index"
_SEND_SECONDS = 5
_MAX_RETRY_SECONDS = 600


def celery_app(settings: Settings) -> Celery:
    """Return the Celery application on the configured broker, with its tasks. Connects to nothing."""
    app = Celery("ikhub", broker=settings.ingest.broker_url)
    time_limit = int(settings.ingest.limits.seconds) + 120
    queues = [Queue(name) for name in QUEUES]  # type: ignore[no-untyped-call]
    app.conf.update(
        task_queues=queues,
        task_default_queue=TEXT_QUEUE,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_time_limit=time_limit,
        worker_prefetch_multiplier=1,
        worker_concurrency=settings.ingest.workers,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        # A task that is not acknowledged comes again after this time: longer than any may take.
        broker_transport_options={"visibility_timeout": time_limit + 600, "socket_connect_timeout": _SEND_SECONDS},
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2},
    )
    process = _Process(settings)
    worker_process_init.connect(lambda **_: process.open(), weak=False)
    worker_process_shutdown.connect(lambda **_: process.close(), weak=False)

    def ingest_file(task: Task, arrival_id: int) -> None:
        try:
            finish_arrival(process.hub, process.sandbox, arrival_id)
        except LockedError:
            return  # another worker is at it
        except TryAgainLaterError as error:
            raise task.retry(exc=error, countdown=_backoff(task)) from error
        app.send_task(SYNCHRONISE_INDEX, queue=INDEX_QUEUE)

    def synchronise_index(task: Task) -> None:
        try:
            # Whoever holds the lock began before this task's document was recorded, perhaps: wait for it.
            synchronise(process.hub)
        except TryAgainLaterError as error:
            raise task.retry(exc=error, countdown=_backoff(task)) from error

    app.task(ingest_file, name=INGEST_FILE, bind=True, max_retries=None)
    app.task(synchronise_index, name=SYNCHRONISE_INDEX, bind=True, max_retries=None)
    return app


def _backoff(task: Task) -> float:
    return float(min(2**task.request.retries, _MAX_RETRY_SECONDS))


class _Process:
    """What one worker process has open: the hub and a sandbox, opened after the fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = ExitStack()

    def open(self) -> None:
        self.hub: Hub = self._stack.enter_context(open_hub(self._settings))
        self.sandbox = self._stack.enter_context(Sandbox(limits_of(self.hub)))

    def close(self) -> None:
        self._stack.close()
