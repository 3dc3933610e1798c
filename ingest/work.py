"""Getting the work done: receiving files, finishing what is unfinished, and keeping the index in step meanwhile.

`ingest add`, `ingest run`, cron and the local worker all come through here; Celery (`ingest.tasks`) delivers the same
steps to other processes. Whatever is interrupted is found again in the catalogue.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue

from holdings import arrivals
from holdings.errors import FileOutcome, HubError, LockedError, TryAgainLaterError
from holdings.model import Arrival, Declared
from indexer.hub import Hub
from indexer.synchronise import synchronise
from ingest.metadata import MetadataFile
from ingest.pipeline import finish_arrival
from ingest.sandbox import Limits, Sandbox
from ingest.walking import location_of, shown, walk

log = logging.getLogger(__name__)

# How long recorded documents may wait for the index while files are still being read.
_SYNC_SECONDS = 5.0
_POLL_SECONDS = 0.1

Report = Callable[[Arrival], None]


@dataclass(slots=True)
class WorkSummary:
    """What a run did: files by outcome, files left waiting, and what keeps it from going on, if anything does."""

    outcomes: dict[str, int] = field(default_factory=dict)
    waiting: int = 0
    stopped_by: HubError | None = None

    def count(self, arrival: Arrival) -> None:
        if arrival.outcome is not None:
            self.outcomes[arrival.outcome.value] = self.outcomes.get(arrival.outcome.value, 0) + 1

    @property
    def troubled(self) -> bool:
        """Say whether some files were rejected or failed."""
        return any(self.outcomes.get(o.value) for o in (FileOutcome.REJECTED, FileOutcome.FAILED))


def receive(
    hub: Hub, given: Iterable[Path], *, access: Sequence[str] = (), metadata: MetadataFile | None = None
) -> list[int]:
    """Record every file that `given` leads to, before anything else happens to it, and return the arrivals' ids.

    What a row of the metadata file says of access comes before `access`.
    """

    def files() -> Iterator[tuple[str, str, Declared]]:
        for path in walk(given, data=hub.settings.data):
            location = location_of(path)
            if metadata is not None and location == metadata.location:
                continue
            declared = (metadata.declared.get(location) if metadata else None) or Declared()
            yield shown(path), location, replace(declared, access=declared.access or tuple(access))

    with hub.catalogue.write() as session:
        return arrivals.receive(session, files())


def run(hub: Hub, *, max_seconds: float | None = None, report: Report | None = None) -> WorkSummary:
    """Finish whatever is unfinished, and bring the index up to date. What cron calls.

    Raises LockedError when another run is at it.
    """
    with hub.catalogue.locks.hold("ingest-run"):
        hub.files.remove_leftovers()
        with hub.catalogue.read() as session:
            waiting = arrivals.unfinished(session)
        return finish(hub, waiting, max_seconds=max_seconds, report=report)


def finish(
    hub: Hub, arrival_ids: Sequence[int], *, max_seconds: float | None = None, report: Report | None = None
) -> WorkSummary:
    """Finish these arrivals, a few at a time, and bring the index up to date.

    What stands in the way of everything (a full disk, a database or an engine that is away) ends it and is in the
    summary; what was recorded stays recorded, and what was not finished is left for the next run.
    """
    summary = WorkSummary()
    deadline = time.monotonic() + max_seconds if max_seconds is not None else None
    try:
        _finish_all(hub, arrival_ids, summary, deadline, report)
    except TryAgainLaterError as error:
        summary.stopped_by = error
    try:
        synchronise(hub)
    except TryAgainLaterError as error:
        summary.stopped_by = summary.stopped_by or error
    summary.waiting = waiting_among(hub, arrival_ids)
    return summary


def waiting_among(hub: Hub, arrival_ids: Sequence[int]) -> int:
    """Return how many of these arrivals are not finished."""
    with hub.catalogue.read() as session:
        return sum(arrival.outcome is None for arrival in arrivals.get_many(session, arrival_ids))


def _finish_all(
    hub: Hub, arrival_ids: Sequence[int], summary: WorkSummary, deadline: float | None, report: Report | None
) -> None:
    if not arrival_ids:
        return
    workers = min(hub.settings.ingest.workers, len(arrival_ids))
    sandboxes: SimpleQueue[Sandbox] = SimpleQueue()
    todo = iter(arrival_ids)
    synced_at = time.monotonic()
    with ExitStack() as stack, ThreadPoolExecutor(workers, thread_name_prefix="ingest") as pool:
        for _ in range(workers):
            sandboxes.put(stack.enter_context(Sandbox(limits_of(hub))))

        def one(arrival_id: int) -> Arrival | None:
            sandbox = sandboxes.get()
            try:
                return finish_arrival(hub, sandbox, arrival_id)
            except LockedError:
                return _finished_by_another(hub, arrival_id, deadline)
            finally:
                sandboxes.put(sandbox)

        under_way: set[Future[Arrival | None]] = set()
        while True:
            while len(under_way) < workers and not _over(deadline) and (arrival_id := next(todo, None)) is not None:
                under_way.add(pool.submit(one, arrival_id))
            if not under_way:
                return
            ended, under_way = wait(under_way, timeout=_SYNC_SECONDS, return_when=FIRST_COMPLETED)
            for future in ended:
                arrival = future.result()
                if arrival is not None:
                    summary.count(arrival)
                    if report is not None:
                        report(arrival)
            if time.monotonic() - synced_at > _SYNC_SECONDS:
                _synchronise_meanwhile(hub)
                synced_at = time.monotonic()


def _synchronise_meanwhile(hub: Hub) -> None:
    """Bring the index up to date while files are still being read, if it can be had: the end of the run insists."""
    try:
        synchronise(hub, wait_seconds=0)
    except TryAgainLaterError as error:
        log.info("the index waits: %s", error.message)


def _over(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() >= deadline


def _finished_by_another(hub: Hub, arrival_id: int, deadline: float | None) -> Arrival | None:
    """Wait until the process that is at an arrival has finished it; None when time is over or that process gave up."""
    while not _over(deadline):
        with hub.catalogue.read() as session:
            arrival = arrivals.get(session, arrival_id)
        if arrival.outcome is not None:
            return arrival
        try:
            with hub.catalogue.locks.hold(f"arrival-{arrival_id}"):
                with hub.catalogue.read() as session:
                    arrival = arrivals.get(session, arrival_id)
                return arrival if arrival.outcome is not None else None
        except LockedError:
            time.sleep(_POLL_SECONDS)
    return None


def limits_of(hub: Hub) -> Limits:
    """Return the sandbox's limits as the settings have them."""
    limits = hub.settings.ingest.limits
    return Limits(
        seconds=limits.seconds,
        cpu_seconds=limits.cpu_seconds,
        memory_mb=limits.memory_mb,
        output_mb=limits.output_mb,
        open_files=limits.open_files,
        recycle_after=limits.recycle_after,
    )
