"""Getting the work done: receiving files, finishing what is unfinished, and keeping the index in step meanwhile.

`ingest add`, `ingest run`, cron and the local worker all come through here; Celery (`ingest.tasks`) delivers the same
steps to other processes. Whatever is interrupted is found again in the catalogue.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from holdings import arrivals, documents, texts
from holdings.errors import FileError, FileOutcome, HubError, LockedError, TryAgainLaterError
from holdings.model import Arrival, Declared
from holdings.texts import Read
from indexer.hub import Hub
from indexer.synchronise import synchronise
from ingest import duplicates
from ingest.media_types import HOLDING_FILES
from ingest.metadata import MetadataFile
from ingest.pipeline import finish_arrival
from ingest.purging import destroy_purged
from ingest.recognition import can_recognise, recognise
from ingest.reprocessing import reread
from ingest.sandbox import Limits, Sandbox
from ingest.walking import location_of, shown, walk

log = logging.getLogger(__name__)

# How long recorded documents may wait for the index while files are still being read.
_SYNC_SECONDS = 5.0
_POLL_SECONDS = 0.1

UNREAD = (FileOutcome.REJECTED, FileOutcome.FAILED)
Report = Callable[[Arrival], None]
# Called by several threads, one at a time for each document.
ReadReport = Callable[[Read, FileError | None], None]


@dataclass(slots=True)
class WorkSummary:
    """What a run did: files by outcome, files left waiting, and what keeps it from going on, if anything does.

    `problems` are what else went wrong, in words for a person.
    """

    outcomes: dict[str, int] = field(default_factory=dict)
    waiting: int = 0
    pages_awaiting_ocr: int = 0
    stopped_by: HubError | None = None
    problems: list[str] = field(default_factory=list)

    def count(self, arrival: Arrival) -> None:
        if arrival.outcome is not None:
            self.outcomes[arrival.outcome.value] = self.outcomes.get(arrival.outcome.value, 0) + 1

    def add(self, other: WorkSummary) -> None:
        """Take up the files of another run."""
        for outcome, number in other.outcomes.items():
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + number
        self.waiting += other.waiting

    @property
    def troubled(self) -> bool:
        """Say whether some files were rejected or failed, or something else went wrong."""
        return bool(self.problems) or any(self.outcomes.get(outcome.value) for outcome in UNREAD)


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
    """Finish whatever is unfinished, of files, scans and comparisons, and bring the index up to date. What cron calls.

    Raises LockedError when another run is at it.
    """
    with hub.catalogue.locks.hold("ingest-run"):
        hub.files.remove_leftovers()
        destroy_purged(hub)
        with hub.catalogue.read() as session:
            waiting = arrivals.unfinished(session)
            scans = texts.waiting_for_ocr(session)
            uncompared = duplicates.untriaged(session)

        def begin(jobs: _Jobs) -> None:
            jobs.files.extend(partial(jobs.finish_arrival, arrival_id) for arrival_id in waiting)
            jobs.comparisons.extend(partial(jobs.compare, document_id) for document_id in uncompared)
            if can_recognise(hub):
                jobs.scans.extend(partial(jobs.recognise, text) for text in scans)

        summary = _work(hub, begin, max_seconds=max_seconds, report=report)
        with hub.catalogue.read() as session:
            summary.waiting = len(arrivals.unfinished(session))
        return summary


def finish(
    hub: Hub, arrival_ids: Sequence[int], *, max_seconds: float | None = None, report: Report | None = None
) -> WorkSummary:
    """Finish these arrivals, a few at a time, with what is in them and their scans, and bring the index up to date.

    What stands in the way of everything (a full disk, a database or an engine that is away) ends it and is in the
    summary; what was recorded stays recorded, and what was not finished is left for the next run.
    """

    def begin(jobs: _Jobs) -> None:
        jobs.files.extend(partial(jobs.finish_arrival, arrival_id) for arrival_id in arrival_ids)

    summary = _work(hub, begin, max_seconds=max_seconds, report=report)
    summary.waiting = waiting_among(hub, arrival_ids)
    return summary


def _work(
    hub: Hub, begin: Callable[[_Jobs], None], *, max_seconds: float | None = None, report: Report | None = None
) -> WorkSummary:
    """Do the jobs that `begin` puts down and those that they lead to, and bring the index up to date."""
    summary = WorkSummary()
    jobs = _Jobs(hub, summary, time.monotonic() + max_seconds if max_seconds is not None else None, report)
    begin(jobs)
    try:
        jobs.work_off()
    except TryAgainLaterError as error:
        summary.stopped_by = error
    try:
        synchronise(hub)
    except TryAgainLaterError as error:
        summary.stopped_by = summary.stopped_by or error
    with hub.catalogue.read() as session:
        summary.pages_awaiting_ocr = texts.pages_waiting_for_ocr(session)
    return summary


def reprocess(
    hub: Hub, reads: Sequence[Read], *, max_seconds: float | None = None, report: ReadReport | None = None
) -> WorkSummary:
    """Read these originals again, a few at a time, with their scans, and bring the index up to date.

    `report` is told of each, with the error of one that could not be read: its document stays as it is.
    """

    def begin(jobs: _Jobs) -> None:
        jobs.files.extend(partial(jobs.reread, read, report) for read in reads)

    return _work(hub, begin, max_seconds=max_seconds)


def waiting_among(hub: Hub, arrival_ids: Sequence[int]) -> int:
    """Return how many of these arrivals, and of what was in them, are not finished."""
    with hub.catalogue.read() as session:
        members = arrivals.members_of(session, arrival_ids)
        return sum(arrival.outcome is None for arrival in arrivals.get_many(session, [*arrival_ids, *members]))


def follow_up(hub: Hub, arrival: Arrival) -> list[int]:
    """Return the arrivals to finish next because this one is: what was in an archive or was attached to a mail."""
    if arrival.media_type not in HOLDING_FILES:
        return []
    with hub.catalogue.read() as session:
        return arrivals.members_in(session, arrival)


def compare(hub: Hub, document_id: str) -> None:
    """Compare a document with all others. What is amiss with its text stops nothing else; a later sweep tries again.

    Raises TryAgainLaterError.
    """
    try:
        duplicates.triage(hub, document_id)
    except LockedError as error:
        log.info("document %s is compared later: %s", document_id, error.message)
    except TryAgainLaterError:
        raise
    except HubError:
        log.exception("document %s cannot be compared with the others", document_id)


_Job = Callable[[Sandbox], None]


class _Jobs:
    """Jobs that threads do, a few at a time, each with a sandbox: files first, then comparisons, then scans.

    Jobs may lead to others. The index is brought up to date now and then, and before what is not of the first kind: a
    document is found before it was compared with the others, and before its scans are read.
    """

    def __init__(self, hub: Hub, summary: WorkSummary, deadline: float | None, report: Report | None) -> None:
        self.files: deque[_Job] = deque()
        self.comparisons: deque[_Job] = deque()
        self.scans: deque[_Job] = deque()
        self._hub, self._summary, self._deadline, self._report = hub, summary, deadline, report
        self._finished: SimpleQueue[Arrival] = SimpleQueue()

    def work_off(self) -> None:
        """Do all jobs and those that they lead to, until the time is over. Raises what stops everything."""
        if not self._next():
            return
        workers = self._hub.settings.ingest.workers
        sandboxes: SimpleQueue[Sandbox] = SimpleQueue()
        synced_at = time.monotonic()
        has_read_files = False
        with ExitStack() as stack, ThreadPoolExecutor(workers, thread_name_prefix="ingest") as pool:
            for _ in range(workers):
                sandboxes.put(stack.enter_context(Sandbox(limits_of(self._hub))))

            def one(job: _Job) -> None:
                sandbox = sandboxes.get()
                try:
                    job(sandbox)
                finally:
                    sandboxes.put(sandbox)

            under_way: set[Future[None]] = set()
            while True:
                while len(under_way) < workers and (jobs := self._next()) and not _over(self._deadline):
                    if jobs is not self.files and not under_way and not has_read_files:
                        has_read_files = True
                        _synchronise_meanwhile(self._hub)
                    under_way.add(pool.submit(one, jobs.popleft()))
                if not under_way:
                    return
                ended, under_way = wait(under_way, timeout=_SYNC_SECONDS, return_when=FIRST_COMPLETED)
                try:
                    for future in ended:
                        future.result()
                finally:
                    self._tell()
                if time.monotonic() - synced_at > _SYNC_SECONDS:
                    _synchronise_meanwhile(self._hub)
                    synced_at = time.monotonic()

    def _next(self) -> deque[_Job]:
        """Return the first jobs of which there are any, else an empty queue."""
        return self.files or self.comparisons or self.scans

    def _tell(self) -> None:
        """Count and report what was finished, in the thread that asked for it."""
        while not self._finished.empty():
            arrival = self._finished.get()
            self._summary.count(arrival)
            if self._report is not None:
                self._report(arrival)

    def finish_arrival(self, arrival_id: int, sandbox: Sandbox) -> None:
        try:
            arrival: Arrival | None = finish_arrival(self._hub, sandbox, arrival_id)
        except LockedError:
            arrival = _finished_by_another(self._hub, arrival_id, self._deadline)
        if arrival is None:
            return
        self._finished.put(arrival)
        for member in follow_up(self._hub, arrival):
            self.files.append(partial(self.finish_arrival, member))
        if arrival.outcome is FileOutcome.INGESTED and arrival.document_id is not None:
            self.comparisons.append(partial(self.compare, arrival.document_id))
            if arrival.text is not None and arrival.text.scans and can_recognise(self._hub):
                self.scans.append(partial(self.recognise, arrival.text.sha256))

    def compare(self, document_id: str, _: Sandbox) -> None:
        compare(self._hub, document_id)

    def recognise(self, text_sha256: str, sandbox: Sandbox) -> None:
        try:
            changed = recognise(self._hub, sandbox, text_sha256)
        except LockedError:
            return  # another process is at it
        if changed is None:
            self.scans.append(partial(self.recognise, text_sha256))
        self.comparisons.extend(partial(self.compare, document_id) for document_id in changed or ())

    def reread(self, read: Read, report: ReadReport | None, sandbox: Sandbox) -> None:
        trouble: FileError | None = None
        try:
            changed = reread(self._hub, sandbox, read)
            self.comparisons.extend(partial(self.compare, document_id) for document_id in changed)
        except LockedError:
            return  # another process is at it
        except FileError as error:
            trouble = error
        if report is not None:
            report(read, trouble)
        with self._hub.catalogue.read() as session:
            text = documents.get(session, read.document_id).text
        if text.scans and can_recognise(self._hub):
            self.scans.append(partial(self.recognise, text.sha256))


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
