"""Keeping an index in step with the catalogue: synchronise, rebuild, check.

All three go by revisions. What a generation holds is remembered in the catalogue, so that a change costs what changed;
a rebuild is the same synchronising, into a new generation that is switched to when it is complete.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from holdings import documents, indexed
from holdings.errors import FileError, IndexOutdatedError, LockedError
from holdings.indexed import Pending
from holdings.states import State
from indexer.engines.base import Generation, IndexDocument, IndexedRevision, Removal
from indexer.hub import Hub
from indexer.projection import project
from indexer.schema import index_version

log = logging.getLogger(__name__)

# Records that one commit of the index takes: bounds memory and what a crash makes to do again.
BATCH = 1000
_WAIT_SECONDS = 600.0

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What synchronising did: numbers of records, and why the engine refused some (id to reason)."""

    generation: str
    written: int
    removed: int
    refused: dict[str, str]
    rebuilt: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """Something on which catalogue and index disagree. `code` is missing, outdated, superfluous, pages or refused."""

    code: str
    document_id: str
    message: str


def synchronise(hub: Hub, *, progress: Progress | None = None, wait_seconds: float = _WAIT_SECONDS) -> SyncReport:
    """Bring the live index to what the catalogue says; build it anew when there is none for this version of the code.

    Raises LockedError when another process keeps at it for longer than `wait_seconds`.
    """
    live = hub.engine.live()
    if live is None or live.version != index_version(hub.analyzer.version):
        return rebuild(hub, progress=progress, wait_seconds=wait_seconds, only_if_outdated=True)
    _clear_left_behind(hub, live)
    return _fill(hub, live, progress=progress, wait_seconds=wait_seconds)


def rebuild(
    hub: Hub,
    *,
    progress: Progress | None = None,
    wait_seconds: float = 0.0,
    only_if_outdated: bool = False,
) -> SyncReport:
    """Build a new index from the catalogue and the stored texts beside the live one, then switch to it at once.

    Searches go on meanwhile. A build that fails leaves the live index as it was and is deleted. Raises LockedError
    when another process is rebuilding.
    """
    with hub.catalogue.locks.hold("index-rebuild", wait_seconds=wait_seconds):
        live = hub.engine.live()
        if only_if_outdated and live is not None and live.version == index_version(hub.analyzer.version):
            return _fill(hub, live, progress=progress, wait_seconds=wait_seconds)
        _drop_unfinished(hub, live)
        fresh = hub.engine.create(index_version(hub.analyzer.version))
        log.info("rebuilding the %s index as %s", hub.engine.name, fresh.name)
        try:
            report = _fill(hub, fresh, progress=progress, wait_seconds=wait_seconds)
            hub.engine.activate(fresh)
        except BaseException:
            if hub.engine.live() != fresh:
                _drop(hub, fresh)
            raise
        # What was recorded while this was built, and by then had gone to the former index only.
        later = _fill(hub, fresh, progress=progress, wait_seconds=wait_seconds)
        if live is not None:
            # Whoever is still writing to the former one ends first.
            with hub.catalogue.locks.hold(_lock(hub, live), wait_seconds=_WAIT_SECONDS):
                _drop(hub, live)
    refused = report.refused | later.refused
    return SyncReport(fresh.name, report.written + later.written, later.removed, refused, rebuilt=True)


def check(hub: Hub) -> Iterator[Difference]:
    """Yield what catalogue and live index disagree on; `mend` takes them."""
    live = hub.engine.live()
    if live is None:
        raise IndexOutdatedError(f"There is no {hub.engine.name} index yet")
    held = {entry.id: entry for entry in hub.engine.revisions(live)}
    with hub.catalogue.read() as session:
        current = list(indexed.current(session))
        refused = {r.record_id: r.refused for r in indexed.remembered(session, hub.engine.name, live.name) if r.refused}
    for record in current:
        entry = held.pop(record.record_id, None)
        if record.record_id in refused:
            yield Difference("refused", record.record_id, f"the engine refused it: {refused[record.record_id]}")
        elif entry is None:
            yield Difference("missing", record.record_id, "in the catalogue, not in the index")
        else:
            yield from _compare(hub, record, entry)
    for document_id in held:
        yield Difference("superfluous", document_id, "in the index, not in the catalogue")


def _compare(hub: Hub, record: Pending, entry: IndexedRevision) -> Iterator[Difference]:
    if (entry.revision, entry.access_revision) != (record.revision, record.access_revision):
        yield Difference(
            "outdated",
            record.record_id,
            f"the index holds revision {entry.revision}.{entry.access_revision}, "
            f"the catalogue {record.revision}.{record.access_revision}",
        )
        return
    with hub.catalogue.read() as session:
        pages = documents.get(session, record.record_id).text.pages
    if entry.pages != pages:
        yield Difference("pages", record.record_id, f"the index holds {entry.pages} pages, the catalogue {pages}")


def mend(hub: Hub, differences: Sequence[Difference]) -> None:
    """Make the next `synchronise` write again what `check` found to differ, and take out what is superfluous."""
    live = hub.engine.live()
    if live is None:
        return
    superfluous = [Removal(d.document_id) for d in differences if d.code == "superfluous"]
    with hub.catalogue.locks.hold(_lock(hub, live), wait_seconds=_WAIT_SECONDS):
        if superfluous:
            hub.engine.write(live, superfluous)
        with hub.catalogue.write() as session:
            indexed.doubt(session, hub.engine.name, live.name, [d.document_id for d in differences])


def _fill(hub: Hub, generation: Generation, *, progress: Progress | None, wait_seconds: float) -> SyncReport:
    written = removed = 0
    refused: dict[str, str] = {}
    with hub.catalogue.locks.hold(_lock(hub, generation), wait_seconds=wait_seconds):
        after = ""
        while batch := _next_batch(hub, generation, after):
            after = batch[-1].record_id
            with hub.catalogue.write() as session:
                indexed.intend(session, hub.engine.name, generation.name, batch)
            failed = _write(hub, generation, batch)
            with hub.catalogue.write() as session:
                indexed.remember(session, hub.engine.name, generation.name, batch, failed)
                indexed.settle(session, [record.record_id for record in batch])
            refused |= failed
            gone = sum(record.removed for record in batch)
            removed += gone
            written += len(batch) - gone - len(failed)
            if progress is not None:
                progress(len(batch))
        if written:
            hub.analyzer.save_cache()
    return SyncReport(generation.name, written, removed, refused)


def _write(hub: Hub, generation: Generation, batch: Sequence[Pending]) -> dict[str, str]:
    """Write a batch; return why records of it cannot be in the index (id to reason)."""
    failed: dict[str, str] = {}
    failed |= hub.engine.write(generation, _projected(hub, batch, failed)).failed
    if failed:
        # What the index has of them is of before, and so is who may find it.
        hub.engine.write(generation, [Removal(document_id) for document_id in failed])
    for document_id, reason in failed.items():
        log.error("document %s is not in the %s index: %s", document_id, hub.engine.name, reason)
    return failed


def _next_batch(hub: Hub, generation: Generation, after: str) -> list[Pending]:
    with hub.catalogue.read() as session:
        return indexed.pending(session, hub.engine.name, generation.name, limit=BATCH, after=after)


def _projected(hub: Hub, batch: Sequence[Pending], failed: dict[str, str]) -> Iterator[IndexDocument | Removal]:
    """Yield what is to be written of a batch. What cannot be, such as for a damaged text, goes into `failed`."""
    # Read after the revisions of the batch: a revision that was raised for new names is never written with old ones.
    organisations, vocabularies = hub.organisations.all(fresh=True), hub.words.all(fresh=True)
    records = iter(batch)
    while some := list(islice(records, 20)):
        with hub.catalogue.read() as session:
            found = {d.id: d for d in documents.get_many(session, [r.record_id for r in some if not r.removed])}
            newer = documents.newer_access(session, list(found))
        for record in some:
            document = found.get(record.record_id)
            if document is None or document.removed_at is not None or document.state is not State.PUBLISHED:
                yield Removal(record.record_id)
                continue
            try:
                projected = project(
                    document,
                    hub.files.pages(document.text.sha256),
                    analyzer=hub.analyzer,
                    vocabularies=vocabularies,
                    organisations=organisations,
                    newer=newer.get(document.id, ()),
                )
            except FileError as error:
                failed[document.id] = error.message
                continue
            yield projected


def _drop_unfinished(hub: Hub, live: Generation | None) -> None:
    """Delete generations that a crashed rebuild left behind: the rebuild lock is held, so nobody builds them."""
    for generation in hub.engine.generations():
        if live is None or generation.name != live.name:
            _drop(hub, generation)


def _clear_left_behind(hub: Hub, live: Generation) -> None:
    """Forget generations that a rebuild left behind when it died, unless one is at work now.

    They would never catch up, and so what is changed from now on would be left out of every search.
    """
    with hub.catalogue.read() as session:
        remembered = indexed.others(session, hub.engine.name, live.name)
    if not remembered:
        return
    with suppress(LockedError), hub.catalogue.locks.hold("index-rebuild"):
        if hub.engine.live() != live:
            return  # a rebuild has just ended, and cleared up itself
        _drop_unfinished(hub, live)
        with hub.catalogue.write() as session:
            for name in remembered:
                indexed.forget(session, hub.engine.name, name)


def _drop(hub: Hub, generation: Generation) -> None:
    hub.engine.drop(generation)
    with hub.catalogue.write() as session:
        indexed.forget(session, hub.engine.name, generation.name)


def _lock(hub: Hub, generation: Generation) -> str:
    return f"index-{hub.engine.name}-{generation.name}"
