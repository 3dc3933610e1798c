"""Celery tasks: the steps of `ingest.work`, delivered through Redis to worker processes. Tasks carry ids only.

The catalogue is the queue of record: a task that is lost with Redis is found again by `ikhub ingest run`, and one that
is delivered twice finds its work done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from celery import Celery, Task
from celery.signals import worker_process_init, worker_process_shutdown
from kombu.entity import Queue
from kombu.exceptions import OperationalError

from holdings import documents
from holdings.errors import FileOutcome, LockedError, TryAgainLaterError
from holdings.settings import Settings
from indexer.hub import Hub, open_hub
from indexer.synchronise import synchronise
from ingest.chores import Chore, perform
from ingest.clock import set_clock, task_name
from ingest.pipeline import finish_arrival
from ingest.queues import INDEX_QUEUE, OCR_QUEUE, QUEUES, TEXT_QUEUE
from ingest.recognition import can_recognise, recognise
from ingest.sandbox import Sandbox
from ingest.work import compare, follow_up, limits_of

log = logging.getLogger(__name__)

INGEST_FILE = "ikhub.ingest_file"
RECOGNISE_PAGES = "ikhub.recognise_pages"
SYNCHRONISE_INDEX = "ikhub.synchronise_index"
_SEND_SECONDS = 5
_MAX_RETRY_SECONDS = 600


def sender(settings: Settings) -> Celery:
    """Return a Celery application that can send tasks by name, without being a worker. Connects to nothing."""
    app = Celery("ikhub", broker=settings.ingest.broker_url)
    # Reading a file takes one limit of the sandbox at most, a batch of pages for OCR two; the rest is for recording.
    time_limit = 2 * int(settings.ingest.limits.seconds) + 240
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
    return app


def celery_app(settings: Settings, chores: Sequence[Chore] = ()) -> Celery:
    """Return the Celery application on the configured broker, with its tasks and chores. Connects to nothing."""
    app = sender(settings)
    process = _Process(settings)
    worker_process_init.connect(lambda **_: process.open(), weak=False)
    worker_process_shutdown.connect(lambda **_: process.close(), weak=False)

    def ingest_file(task: Task, arrival_id: int) -> None:
        try:
            arrival = finish_arrival(process.hub, process.sandbox, arrival_id)
            if arrival.outcome is FileOutcome.INGESTED and arrival.document_id is not None:
                compare(process.hub, arrival.document_id)
            members = follow_up(process.hub, arrival)
        except LockedError:
            return  # another worker is at it
        except TryAgainLaterError as error:
            raise task.retry(exc=error, countdown=_backoff(task)) from error
        for member in members:
            send(INGEST_FILE, TEXT_QUEUE, member)
        if arrival.text is not None and arrival.text.scans and can_recognise(process.hub):
            send(RECOGNISE_PAGES, OCR_QUEUE, arrival.document_id)
        send(SYNCHRONISE_INDEX, INDEX_QUEUE)

    def recognise_pages(task: Task, document_id: str) -> None:
        try:
            with process.hub.catalogue.read() as session:
                text = documents.get(session, document_id).text
            changed = recognise(process.hub, process.sandbox, text.sha256) if text.scans else []
            for other_id in changed or ():
                compare(process.hub, other_id)
        except LockedError:
            return  # another worker is at it
        except TryAgainLaterError as error:
            raise task.retry(exc=error, countdown=_backoff(task)) from error
        if changed is None:
            # To the end of the queue, so that others have their turn.
            send(RECOGNISE_PAGES, OCR_QUEUE, document_id)
        else:
            send(SYNCHRONISE_INDEX, INDEX_QUEUE)

    def synchronise_index(task: Task) -> None:
        try:
            # Whoever holds the lock began before this task's document was recorded, perhaps: wait for it.
            synchronise(process.hub)
        except TryAgainLaterError as error:
            raise task.retry(exc=error, countdown=_backoff(task)) from error

    def send(name: str, queue: str, *arguments: int | str | None) -> None:
        """Have something done next. When the broker is away it stays recorded, and the next sweep does it."""
        try:
            app.send_task(name, args=list(arguments), queue=queue)
        except (OperationalError, OSError) as error:
            log.warning("%s%s is left for `ikhub ingest run`: the broker does not answer: %s", name, arguments, error)

    app.task(ingest_file, name=INGEST_FILE, bind=True, max_retries=None)
    app.task(recognise_pages, name=RECOGNISE_PAGES, bind=True, max_retries=None)
    app.task(synchronise_index, name=SYNCHRONISE_INDEX, bind=True, max_retries=None)
    for chore in chores:
        app.task(_doing(process, chore), name=task_name(chore))
    set_clock(app, chores)
    return app


def _doing(process: _Process, chore: Chore) -> Callable[[], None]:
    def do_chore() -> None:
        perform(process.hub, chore)

    return do_chore


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
