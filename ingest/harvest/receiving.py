"""From an address to an arrival: a file is fetched, recorded as received, and finished like one that was added.

A fetched file lies in the data folder under a name that is always the same for its address, so that the hub knows other
bytes at that address as a candidate for a new version. It goes when its receipt is written: the file store has it then.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from httpx2 import URL

from holdings import arrivals, harvests
from holdings.errors import FileError, HubError, TryAgainLaterError
from holdings.failures import translated_errors
from holdings.harvests import HarvestedFile
from holdings.model import Arrival, Declared, FailureReport
from indexer.hub import Hub
from ingest import delivery
from ingest.harvest.fetching import Fetched, Fetcher, Validators
from ingest.harvest.pages import PAGE_TYPES, file_name_of, files_on_page, may_be_document
from ingest.work import Report, WorkSummary

_BATCH = 20
_LEFTOVER_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Something that a source no longer has, and the documents that came from it. They stay until a person decides."""

    identifier: str
    path: str
    withdrawn: datetime
    document_ids: tuple[str, ...]


@dataclass(slots=True)
class HarvestSummary:
    """What a run did.

    `passed` counts what is as it was, `without_file` records that lead to no file, `skipped` addresses of what is no
    document. `complete` is False when a limit or trouble ended the run: the next one goes on. `problems` are in words.
    """

    work: WorkSummary = field(default_factory=WorkSummary)
    recorded: int = 0
    passed: int = 0
    without_file: int = 0
    skipped: int = 0
    withdrawn: int = 0
    complete: bool = False
    stopped_by: HubError | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def troubled(self) -> bool:
        return self.work.troubled or bool(self.problems)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an address: received, as it was, gone, not for the hub (none of these), or a page with links."""

    received: bool = False
    unchanged: bool = False
    gone: bool = False
    leads_to: tuple[URL, ...] | None = None


class Receiver:
    """Fetches for one harvest. Arrivals are finished a batch at a time, or handed over when nobody waits for them."""

    def __init__(
        self,
        hub: Hub,
        fetcher: Fetcher,
        harvest_id: int,
        summary: HarvestSummary,
        *,
        wait: bool,
        report: Report | None,
    ) -> None:
        self._hub, self._fetcher, self._harvest_id = hub, fetcher, harvest_id
        self._summary, self._wait, self._report = summary, wait, report
        self._folder = folder_of(hub)
        self._folder.mkdir(parents=True, exist_ok=True)
        # What an earlier run fetched and did not come to finish.
        self._batch = _left_behind(hub) if wait else []

    def take(
        self, identifier: str, address: str | URL, declared: Declared, known: HarvestedFile | None, *, landing: bool
    ) -> Taken:
        """Fetch a file and have it received. With `landing` a web page is not a document, but may lead to files.

        Raises FileError when there is nothing to receive, SourceUnavailableError and StorageFullError.
        """
        with translated_errors(), tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as target:
            temporary = Path(target.name)
            try:
                answer = self._fetcher.fetch(
                    address,
                    cast(BinaryIO, target),
                    max_bytes=self._hub.settings.ingest.max_file_mb * 1_000_000,
                    validators=_validators(known),
                    wanted=lambda a: a.content_type in PAGE_TYPES or may_be_document(a.content_type),
                )
                if answer.status == 304 and known is not None:
                    return self._as_it_was(identifier, declared, known)
                if not answer.is_there:
                    return Taken(gone=True)
                if not answer.read:
                    return Taken()
                if landing and answer.content_type in PAGE_TYPES:
                    text = temporary.read_bytes().decode("utf-8", errors="replace")
                    return Taken(leads_to=tuple(files_on_page(text, answer.url)))
                self._receive(identifier, URL(str(address)), temporary, declared, answer)
            finally:
                temporary.unlink(missing_ok=True)
        return Taken(received=True)

    def refuse(
        self, identifier: str, address: str, error: FileError, declared: Declared, known: HarvestedFile | None
    ) -> None:
        """Record on a receipt why a file could not be fetched; the same trouble as last time keeps its receipt."""
        address = harvests.fitted(address)
        again = known is not None and known.error_code == error.code and known.arrival_id is not None
        with self._hub.catalogue.write() as session:
            if again and known is not None and known.arrival_id is not None:
                arrival_id = known.arrival_id
            else:
                # Known by its address, not by where a file would lie: one may be waiting there.
                (arrival_id,) = arrivals.receive(session, [(address, address, declared)])
                report = FailureReport(error.code, error.message, error.advice_given)
                arrivals.finish(session, arrival_id, error.outcome, seconds=0.0, error=report)
            harvests.note_file(
                session, self._harvest_id, identifier, address, arrival_id=arrival_id, error_code=error.code
            )
            arrival = arrivals.get(session, arrival_id)
        self._summary.work.count(arrival)
        if self._report is not None:
            self._report(arrival)

    def flush(self) -> None:
        """Have what was received finished, and take away what the file store has. Raises TryAgainLaterError."""
        ids, self._batch = self._batch, []
        if not ids:
            return
        if self._wait:
            done = delivery.finish(self._hub, ids, report=self._report)
            self._summary.work.add(done)
            if done.stopped_by is not None:
                raise done.stopped_by
        else:
            delivery.deliver(self._hub, ids)
        with self._hub.catalogue.read() as session:
            finished = [a for a in arrivals.get_many(session, ids) if a.outcome is not None]
        for arrival in finished:
            _remove(arrival)

    def _receive(self, identifier: str, url: URL, temporary: Path, declared: Declared, answer: Fetched) -> None:
        location = location_of(self._hub, url)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(location)
        with self._hub.catalogue.write() as session:
            (arrival_id,) = arrivals.receive(session, [(str(url), str(location), declared)])
            harvests.note_file(
                session,
                self._harvest_id,
                identifier,
                str(url),
                etag=answer.validators.etag,
                last_modified=answer.validators.last_modified,
                arrival_id=arrival_id,
            )
        self._summary.recorded += 1
        if arrival_id not in self._batch:
            self._batch.append(arrival_id)
        if len(self._batch) >= _BATCH:
            self.flush()

    def _as_it_was(self, identifier: str, declared: Declared, known: HarvestedFile) -> Taken:
        """Apply what is declared now of a file that did not change: receive it again from the file store."""
        if not declared.statements or known.sha256 is None or known.document_id is None:
            return Taken(unchanged=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as copy:
            temporary = Path(copy.name)
            try:
                with self._hub.files.original(known.sha256).open("rb") as original:
                    shutil.copyfileobj(original, copy)
                copy.flush()
                answer = Fetched(URL(known.url), 304, "", Validators(known.etag, known.last_modified))
                self._receive(identifier, URL(known.url), temporary, declared, answer)
            finally:
                temporary.unlink(missing_ok=True)
        return Taken(received=True)


def folder_of(hub: Hub) -> Path:
    """Return where fetched files lie until they are finished."""
    return hub.settings.data / "harvest"


def location_of(hub: Hub, url: URL) -> Path:
    """Return where the file from an address lies: the same place each time."""
    return folder_of(hub) / f"{hashlib.sha256(str(url).encode()).hexdigest()[:32]}-{file_name_of(url)}"


def sweep(hub: Hub) -> None:
    """Take away what earlier runs fetched and nobody waits for any more: finished, or left by a process that died."""
    folder = folder_of(hub)
    if not folder.is_dir():
        return
    with hub.catalogue.read() as session:
        waiting = {arrival.location for arrival in arrivals.get_many(session, arrivals.unfinished(session))}
    for path in folder.iterdir():
        # A run beside this one may be about to record what it has just fetched.
        if str(path) not in waiting and time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
            path.unlink(missing_ok=True)


def _left_behind(hub: Hub) -> list[int]:
    folder = str(folder_of(hub))
    with hub.catalogue.read() as session:
        waiting = arrivals.get_many(session, arrivals.unfinished(session))
    return [arrival.id for arrival in waiting if arrival.location.startswith(folder + os.sep)]


def stopped(error: TryAgainLaterError, summary: HarvestSummary) -> None:
    """Note what keeps a run from going on."""
    summary.stopped_by = summary.stopped_by or error


def _remove(arrival: Arrival) -> None:
    Path(arrival.location).unlink(missing_ok=True)


def _validators(known: HarvestedFile | None) -> Validators | None:
    """Return what to ask the server about; None when the file has to be fetched whatever it says."""
    if known is None or known.error_code is not None or known.sha256 is None:
        return None
    return Validators(known.etag, known.last_modified)
