"""An inbox: a folder whose files are received as they come, and moved to `done` or `failed` with their receipts.

    seen → settled → received → finished → receipt written → moved → forgotten

A file is received together with a row of `holdings.inboxes`, which goes when file and receipt are in their place. Each
step may be done twice: a process that dies at any moment leaves work that the next one takes up where it was. The
folder is looked at again and again, because network shares tell nobody of changes.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from holdings import arrivals, inboxes
from holdings.errors import TryAgainLaterError, UnsafeFileError, UsageError
from holdings.inboxes import InboxFile, NewFile
from holdings.model import Arrival, Declared, FailureReport
from indexer.hub import Hub
from ingest import delivery
from ingest.inbox_files import DONE, FAILED, METADATA, OWN, Look, being_written, look_into, prepare, remove_moved, waits
from ingest.inbox_places import Place, choose_place, move, write_receipt
from ingest.metadata import MetadataFile, read_metadata
from ingest.walking import location_of, shown
from ingest.work import UNREAD, Report, WorkSummary

log = logging.getLogger(__name__)

# Files of one round without a broker: a signal to stop is heeded between rounds.
_ROUND = 8

Tell = Callable[[str], None]


@dataclass(slots=True)
class InboxSummary(WorkSummary):
    """What a look did; `waiting` are files that were not taken yet, `under_way` those that are not in their place."""

    under_way: int = 0


class Inbox:
    """One watched folder. Used by one thread; `stop` ends it between two steps."""

    def __init__(
        self,
        hub: Hub,
        folder: Path,
        *,
        access: Sequence[str] = (),
        settle_seconds: float | None = None,
        report: Report | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self._hub, self._given, self._access, self._report = hub, folder, tuple(access), report
        self._folder = Path(location_of(folder))
        settings = hub.settings.ingest.inbox
        self._settle = settings.settle_seconds if settle_seconds is None else settle_seconds
        self._poll = settings.poll_seconds
        self._stop = stop or threading.Event()
        self._seen: dict[str, tuple[Look, float]] = {}
        self._delivered: set[int] = set()
        self._told: set[str] = set()
        self._summary = InboxSummary()

    def once(self) -> InboxSummary:
        """Take what has settled, wait until it is finished, and return what was done. What cron calls.

        Raises InboxFolderError, and LockedError when another process watches this folder.
        """
        with self._held():
            try:
                self._go_on(wait=True)
                if self._observe() and self._settle:
                    self._stop.wait(self._settle)
                self._take(wait=True)
            except TryAgainLaterError as error:
                self._summary.stopped_by = error
            self._count_what_is_left()
        return self._summary

    def watch(self, tell: Tell) -> None:
        """Take files as they settle, until `stop` is set; what goes wrong is told and tried again.

        Raises as `once` does.
        """
        with self._held():
            log.info("watching %s", self._folder)
            while not self._stop.is_set():
                try:
                    wait = not self._hub.settings.ingest.broker_url
                    self._go_on(wait=wait)
                    self._take(wait=wait)
                except TryAgainLaterError as error:
                    self._problem(f"{error.message} {error.advice_given}")
                for problem in self._summary.problems:
                    tell(problem)
                self._summary.problems.clear()
                self._stop.wait(self._poll)

    @contextmanager
    def _held(self) -> Iterator[None]:
        name = hashlib.sha256(os.fsencode(self._folder.resolve())).hexdigest()[:32]
        prepare(self._folder)
        with self._hub.catalogue.locks.hold(f"inbox-{name}"):
            self._clear()
            yield

    def _clear(self) -> None:
        """Take away what a process that died had half written beside the places of its files."""
        with self._hub.catalogue.read() as session:
            targets = [file.target for file in inboxes.under_way(session, str(self._folder)) if file.target]
        for folder in {(self._folder / target).parent for target in targets}:
            for leftover in folder.glob(f"{OWN}*"):
                leftover.unlink(missing_ok=True)

    def _go_on(self, *, wait: bool) -> None:
        """Finish what was received, and put what is finished into its place. Raises TryAgainLaterError."""
        with self._hub.catalogue.read() as session:
            under_way = inboxes.under_way(session, str(self._folder))
            ids = [file.arrival_id for file in under_way]
            waiting = [a.id for a in arrivals.get_many(session, ids) if a.outcome is None]
        if waiting:
            self._finish(waiting, wait=wait)
        self._place(under_way)

    def _finish(self, ids: Sequence[int], *, wait: bool) -> None:
        if wait:
            summary = delivery.finish(self._hub, ids)
            if summary.stopped_by is not None:
                raise summary.stopped_by
        else:
            new = [arrival_id for arrival_id in ids if arrival_id not in self._delivered]
            delivery.deliver(self._hub, new)
            self._delivered.update(new)

    # Taking

    def _observe(self) -> dict[str, Look]:
        """Look into the folder, note since when each file has looked as it does, and return what is there."""
        now = time.monotonic()
        there = look_into(self._folder, self._hub.settings.data)
        self._seen = {
            name: (look, self._seen[name][1] if name in self._seen and self._seen[name][0] == look else now)
            for name, look in there.items()
        }
        return there

    def _settled(self) -> list[str]:
        """Return the files that nobody is writing any more, in order of name."""
        now = time.monotonic()
        names = [name for name, (_, since) in self._seen.items() if now - since >= self._settle and not waits(name)]
        written = being_written(self._folder / name for name in names)
        return sorted(name for name in names if self._folder / name not in written)

    def _take(self, *, wait: bool) -> None:
        """Receive what has settled, a round at a time, and go on with it. Raises TryAgainLaterError."""
        self._observe()
        settled = self._settled()
        with self._hub.catalogue.read() as session:
            known = {file.name for file in inboxes.under_way(session, str(self._folder))}
        metadata = self._metadata(settled)
        ready = [name for name in settled if name not in known and self._is_described(name, metadata)]
        size = max(_ROUND, 2 * self._hub.settings.ingest.workers)
        for start in range(0, len(ready), size):
            if self._stop.is_set():
                return
            self._receive(ready[start : start + size], metadata)
            self._go_on(wait=wait)

    def _metadata(self, settled: Sequence[str]) -> dict[Path, MetadataFile | None]:
        """Return what the metadata files declare, by folder; None where one cannot be read, or is being written."""
        found: dict[Path, MetadataFile | None] = {}
        for path in (self._folder / name for name in self._seen):
            if path.name.casefold() == METADATA:
                found[path.parent] = self._read(path) if str(path.relative_to(self._folder)) in settled else None
        for path in (self._folder / name for name in self._seen):
            if METADATA in path.name.casefold() and waits(path.name):
                # Who may read the files beside it may stand in it.
                found[path.parent] = None
                self._problem(f"Files beside {path} wait: their metadata file is being written")
        return found

    def _read(self, path: Path) -> MetadataFile | None:
        try:
            read = read_metadata(path, self._hub.vocabularies, self._hub.settings.app.zone)
        except UsageError as error:
            self._problem(f"Files beside {path} wait: {error.message}. {error.advice_given}")
            return None
        for problem in read.problems:
            self._problem(f"{path}, line {problem.line}: {problem.message}")
        return read

    def _is_described(self, name: str, metadata: dict[Path, MetadataFile | None]) -> bool:
        """Say whether a file is one to receive, and every metadata file that may speak of it can be read."""
        path = self._folder / name
        return path.name.casefold() != METADATA and all(metadata.get(above, True) for above in path.parents)

    def _receive(self, names: Iterable[str], metadata: dict[Path, MetadataFile | None]) -> None:
        new, links = [], []
        for name in names:
            path = self._folder / name
            look, _ = self._seen[name]
            new.append(
                NewFile(
                    path=shown(self._given / name),
                    location=location_of(path),
                    declared=self._declared(path, metadata),
                    name=name,
                    size=look.size,
                    modified_ns=look.modified_ns,
                )
            )
            links.append(look.is_link)
        with self._hub.catalogue.write() as session:
            ids = inboxes.receive(session, str(self._folder), new)
            for arrival_id, is_link in zip(ids, links, strict=True):
                if is_link:
                    # Who may put a link here need not be allowed to read what it leads to.
                    error = UnsafeFileError("This is a link to a file", advice="Put the file itself into the inbox.")
                    report = FailureReport(error.code, error.message, error.advice_given)
                    arrivals.finish(session, arrival_id, error.outcome, seconds=0.0, error=report)

    def _declared(self, path: Path, metadata: dict[Path, MetadataFile | None]) -> Declared:
        """Return what the nearest metadata file that has a row for a file declares of it."""
        location = location_of(path)
        files = (metadata.get(above) for above in path.parents)
        declared = next((file.declared[location] for file in files if file and location in file.declared), Declared())
        return replace(declared, access=declared.access or self._access)

    # Placing

    def _place(self, files: Iterable[InboxFile]) -> None:
        for file in files:
            with self._hub.catalogue.read() as session:
                arrival = arrivals.get(session, file.arrival_id)
                members = arrivals.get_many(session, arrivals.members_of(session, [file.arrival_id]))
            if arrival.outcome is None or any(member.outcome is None for member in members):
                continue
            try:
                self._place_one(file, arrival, members)
            except OSError as error:
                self._problem(
                    f"{self._folder / file.name} is read, but cannot be moved: {error.strerror or error}. Give the "
                    "account that runs the hub the right to write in its folder, and in done and failed."
                )

    def _place_one(self, file: InboxFile, arrival: Arrival, members: Sequence[Arrival]) -> None:
        source = self._folder / file.name
        place = Place(self._folder, file.target) if file.target else None
        if place is not None and place.is_taken:
            # Moved by a process that died afterwards; across file systems it may have left the original.
            remove_moved(source, place.file, file)
        elif Look.of(source) is not None and not _looks_as_received(source, file):
            # Other bytes came while these were read: they are a file of their own, and received when they have settled.
            log.warning("%s changed while it was read; it is received again", source)
            self._forget(file, arrival, members)
            return
        if place is None:
            bad = any(a.outcome in UNREAD for a in (arrival, *members))
            place = choose_place(self._folder, FAILED if bad else DONE, file.name)
            with self._hub.catalogue.write() as session:
                inboxes.note_target(session, file.arrival_id, place.name)
        write_receipt(place, arrival, members)
        if not place.is_taken and Look.of(source) is not None:
            move(source, place.file)
        self._forget(file, arrival, members)

    def _forget(self, file: InboxFile, arrival: Arrival, members: Sequence[Arrival]) -> None:
        with self._hub.catalogue.write() as session:
            inboxes.forget(session, file.arrival_id)
        self._seen.pop(file.name, None)
        self._delivered.discard(file.arrival_id)
        for ended in (arrival, *members):
            assert ended.outcome is not None
            self._summary.count(ended)
            if self._report is not None:
                self._report(ended)

    def _problem(self, message: str) -> None:
        """Note what went wrong; the same is told once."""
        if message not in self._told:
            self._told.add(message)
            self._summary.problems.append(message)
            log.warning("%s", message)

    def _count_what_is_left(self) -> None:
        with self._hub.catalogue.read() as session:
            under_way = {file.name for file in inboxes.under_way(session, str(self._folder))}
        there = look_into(self._folder, self._hub.settings.data)
        self._summary.under_way = len(under_way)
        self._summary.waiting = sum(name not in under_way and Path(name).name.casefold() != METADATA for name in there)


def _looks_as_received(source: Path, file: InboxFile) -> bool:
    look = Look.of(source)
    return look is not None and (look.size, look.modified_ns) == (file.size, file.modified_ns)
