"""Who does the work: Celery workers where a broker is configured, else this process or the one local worker."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Sequence

from holdings import arrivals
from holdings.errors import BrokerUnavailableError, HubError, LockedError, TryAgainLaterError, UsageError
from holdings.settings import Settings
from indexer.hub import Hub, open_hub
from indexer.synchronise import synchronise
from ingest import work
from ingest.chores import Chore, attend
from ingest.pipeline import store_arrival
from ingest.queues import INDEX_QUEUE, QUEUES, TEXT_QUEUE

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.2
_IDLE_SECONDS = 2.0


def deliver(hub: Hub, arrival_ids: Sequence[int]) -> None:
    """Hand recorded arrivals to the broker, if there is one, once their bytes are in the file store.

    A worker may run on another machine, where the files do not lie. Raises BrokerUnavailableError; nothing is lost.
    """
    if not hub.settings.ingest.broker_url:
        return
    # Imported where there is a broker: loading Celery takes longer than many a command.
    from ingest.tasks import INGEST_FILE

    waiting = [arrival_id for arrival_id in arrival_ids if _is_stored(hub, arrival_id)]
    _send(hub.settings, INGEST_FILE, TEXT_QUEUE, [[arrival_id] for arrival_id in waiting])


def hand_over(hub: Hub, arrival_ids: Sequence[int]) -> None:
    """Tell the broker, if there is one, of arrivals that lie in the data folder, where every worker finds them.

    Nothing of the files is read here, so that it may be called in a web request. When the broker does not answer they
    wait for `ikhub ingest run`.
    """
    if not hub.settings.ingest.broker_url:
        return
    from ingest.tasks import INGEST_FILE

    try:
        _send(hub.settings, INGEST_FILE, TEXT_QUEUE, [[arrival_id] for arrival_id in arrival_ids])
    except BrokerUnavailableError as error:
        log.warning("%s files wait for the next `ikhub ingest run`: %s", len(arrival_ids), error.message)


def have_index_follow(hub: Hub) -> None:
    """Have the index follow a change that is committed: by a worker, at once where there is a broker.

    Without one the local worker and cron see it by themselves. Nothing of it is done here, so that it may be called in
    a web request; a change of access holds meanwhile (`indexer.supersession`).
    """
    if not hub.settings.ingest.broker_url:
        return
    from ingest.tasks import SYNCHRONISE_INDEX

    try:
        _send(hub.settings, SYNCHRONISE_INDEX, INDEX_QUEUE, [[]])
    except BrokerUnavailableError as error:
        log.warning("the index follows with the next `ikhub ingest run`: %s", error.message)


def _send(settings: Settings, task: str, queue: str, arguments: Sequence[Sequence[int]]) -> None:
    """Send a task to a queue, once with each of these arguments. Raises BrokerUnavailableError."""
    from kombu.exceptions import OperationalError

    from ingest.tasks import sender

    app = sender(settings)
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
            for some in arguments:
                app.send_task(task, args=list(some), queue=queue, connection=connection)
    except (OperationalError, OSError) as error:
        raise BrokerUnavailableError(f"The broker does not answer: {error}") from error
    finally:
        app.close()


def _is_stored(hub: Hub, arrival_id: int) -> bool:
    """Store a file, and say whether there is anything left to do with it."""
    try:
        return store_arrival(hub, arrival_id).outcome is None
    except LockedError:
        return False  # another process is at it


def finish(hub: Hub, arrival_ids: Sequence[int], *, report: work.Report | None = None) -> work.WorkSummary:
    """Have these arrivals finished, here or by the workers, and return when they are searchable or have failed."""
    if not hub.settings.ingest.broker_url:
        return work.finish(hub, arrival_ids, report=report)
    summary = work.WorkSummary()
    try:
        deliver(hub, arrival_ids)
        _await(hub, arrival_ids, summary, report)
        synchronise(hub)
    except TryAgainLaterError as error:
        summary.stopped_by = error
    summary.waiting = work.waiting_among(hub, arrival_ids)
    return summary


def _await(hub: Hub, arrival_ids: Sequence[int], summary: work.WorkSummary, report: work.Report | None) -> None:
    remaining = list(arrival_ids)
    while remaining:
        with hub.catalogue.read() as session:
            ended = [a for a in arrivals.get_many(session, remaining) if a.outcome is not None]
        members = [member for arrival in ended for member in work.follow_up(hub, arrival)]
        for arrival in ended:
            summary.count(arrival)
            if report is not None:
                report(arrival)
        done = {arrival.id for arrival in ended}
        remaining = [arrival_id for arrival_id in remaining if arrival_id not in done] + members
        if remaining:
            time.sleep(_POLL_SECONDS)


def work_forever(settings: Settings, queues: Sequence[str] = (), *, chores: Sequence[Chore] = ()) -> None:
    """Be a worker until a signal says stop, and do these chores from time to time.

    Raises UsageError for a queue that does not exist.
    """
    unknown = [name for name in queues if name not in QUEUES]
    if unknown:
        raise UsageError(f"There is no queue {unknown[0]!r}", advice=f"Queues are {', '.join(QUEUES)}.")
    if settings.ingest.broker_url:
        with open_hub(settings):
            pass  # to say at once what is wrong with the configuration
        from ingest.tasks import celery_app

        arguments = ["worker", "--loglevel=INFO", f"--queues={','.join(queues or QUEUES)}"]
        celery_app(settings, chores).worker_main(arguments)
    else:
        _work_locally(settings, chores)


def _work_locally(settings: Settings, chores: Sequence[Chore]) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with open_hub(settings) as hub:
        log.info("the local worker waits for files")
        # Beside the files: a long one, or a slow mail server, does not keep the other waiting.
        attendant = threading.Thread(target=attend, args=(hub, chores, stop), name="chores")
        attendant.start()
        while not stop.is_set():
            try:
                # In short runs, so that a signal is heeded between files.
                work.run(hub, max_seconds=_IDLE_SECONDS)
            except LockedError:
                pass  # cron is at it
            except HubError as error:
                log.warning("%s %s", error.message, error.advice_given)
            stop.wait(_IDLE_SECONDS)
        attendant.join()
