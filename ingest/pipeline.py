"""The pipeline: what happens to one file, step by step, from its arrival to its receipt.

    received → stored → extracted → described → triaged → recorded

Each step is recorded in the catalogue before the next begins, and none harms when it is done twice: a process that
dies leaves work that `finish_arrival` takes up where it was. Indexing follows by `indexer.synchronise`, from the
catalogue. A file that cannot be read gets its coded receipt and stops nothing else; what stops everything (a full
disk, a database that is away) is raised, and leaves the file unfinished.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from holdings import arrivals, documents, organisations
from holdings.access import Access, Viewer, may_read
from holdings.database import Session
from holdings.errors import CorruptError, FileError, FileOutcome, HubError, InternalError, UnreadableMetadataError
from holdings.filestore import checksum
from holdings.model import (
    Arrival,
    Declared,
    Document,
    DocumentField,
    FailureReport,
    Page,
    Source,
    Statement,
    StoredFile,
    Text,
)
from indexer.hub import Hub
from ingest.description import Excerpts, describe
from ingest.extractors import reader_of
from ingest.model import FileMetadata, Truncation
from ingest.sandbox import Sandbox
from ingest.sniffing import sniff

log = logging.getLogger(__name__)

_RECORD_WAIT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a file in the store, and the pages that it is described from."""

    text: Text
    fingerprint: str | None
    metadata: FileMetadata
    excerpts: Excerpts


def finish_arrival(hub: Hub, sandbox: Sandbox, arrival_id: int) -> Arrival:
    """Do what remains to be done of an arrival and return it with its receipt.

    Raises LockedError when another process is at this arrival, and any HubError that is not the file's own fault; the
    arrival then stays unfinished.
    """
    return _work_on(hub, arrival_id, lambda arrival, began: _ingest(hub, sandbox, arrival, began))


def store_arrival(hub: Hub, arrival_id: int) -> Arrival:
    """Put the bytes of an arrival into the file store, for workers that cannot see where the file lies.

    The arrival has its receipt afterwards only when the file is refused. Raises as `finish_arrival` does.
    """

    def store(arrival: Arrival, _: float) -> None:
        _store(hub, arrival)

    return _work_on(hub, arrival_id, store)


def _work_on(hub: Hub, arrival_id: int, step: Callable[[Arrival, float], None]) -> Arrival:
    """Take a step with an arrival, under its lock; a fault of the file becomes its receipt."""
    with hub.catalogue.locks.hold(f"arrival-{arrival_id}"):
        with hub.catalogue.write() as session:
            arrival = arrivals.begin_attempt(session, arrival_id)
        if arrival.outcome is not None:
            return arrival
        began = time.monotonic()
        try:
            step(arrival, began)
        except FileError as error:
            log.info("%s: %s: %s", arrival.path, error.code, error.message)
            _fail(hub, arrival, error, began)
        except HubError:
            raise
        except Exception:
            log.exception("%s: unforeseen error", arrival.path)
            _fail(hub, arrival, InternalError("The hub met an error that it did not foresee"), began)
        with hub.catalogue.read() as session:
            return arrivals.get(session, arrival_id)


def _ingest(hub: Hub, sandbox: Sandbox, arrival: Arrival, began: float) -> None:
    file = _store(hub, arrival)
    if _joins_by_bytes(hub, arrival, file, began):
        return
    extracted = _extract(hub, sandbox, arrival, file)
    inferred = describe(
        extracted.excerpts.opening,
        extracted.excerpts.closing,
        extracted.metadata,
        name=Path(arrival.path).name,
        media_type=file.media_type,
    )
    _record(hub, arrival, file, extracted, inferred, began)


def _store(hub: Hub, arrival: Arrival) -> StoredFile:
    """Put the bytes into the file store and record that they are there."""
    if arrival.declared.unreadable is not None:
        raise UnreadableMetadataError(f"Who may read the file cannot be known: {arrival.declared.unreadable}")
    name = Path(arrival.path).name
    if arrival.sha256 is not None and arrival.media_type is not None:
        path = hub.files.original(arrival.sha256)
        return StoredFile(arrival.sha256, path.stat().st_size, arrival.media_type, (name,))
    source = Path(arrival.location)
    media_type = sniff(source)
    stored = hub.files.add_original(source, max_bytes=hub.settings.ingest.max_file_mb * 1_000_000)
    file = StoredFile(stored.sha256, stored.size, media_type, (name,))
    with hub.catalogue.write() as session:
        arrivals.note_stored(session, arrival.id, file)
    return file


def _joins_by_bytes(hub: Hub, arrival: Arrival, file: StoredFile, began: float) -> bool:
    """Finish an arrival whose bytes are in the hub already, without reading them again, and say whether it was so."""
    with hub.catalogue.write() as session:
        known = arrivals.document_read_before(session, arrival.location, file.sha256)
        if known is not None:
            _restate(session, hub, arrival, documents.get(session, known))
            _finish(session, arrival, FileOutcome.UNCHANGED, documents.get(session, known), began)
            return True
        readable = _first_readable(hub, arrival, documents.with_file(session, file.sha256))
        if readable is not None:
            documents.add_file(session, readable.id, file)
            _finish(session, arrival, FileOutcome.DUPLICATE, readable, began)
        return readable is not None


def _extract(hub: Hub, sandbox: Sandbox, arrival: Arrival, file: StoredFile) -> Extracted:
    """Read the file in the sandbox and put its text into the file store, page by page, then record that it is there."""
    metadata = FileMetadata()
    excerpts = Excerpts()
    truncated: list[str] = []
    with hub.files.text_writer() as writer:
        for event in sandbox.extract(hub.files.original(file.sha256), file.media_type):
            match event:
                case Page():
                    writer.add(event)
                    excerpts.add(event)
                case FileMetadata():
                    metadata = event
                case Truncation(reason):
                    truncated.append(reason)
        if not writer.pages:
            raise CorruptError("The file holds no page")
        stored = writer.finish(reader=reader_of(file.media_type), truncated=tuple(truncated))
    with hub.catalogue.write() as session:
        arrivals.note_text(session, arrival.id, stored.text, stored.fingerprint)
    return Extracted(stored.text, stored.fingerprint, metadata, excerpts)


def _record(
    hub: Hub, arrival: Arrival, file: StoredFile, extracted: Extracted, inferred: list[Statement], began: float
) -> None:
    """Make the document, or join the one with the same words, and write the receipt: both or neither."""
    with (
        hub.catalogue.locks.hold("record", wait_seconds=_RECORD_WAIT_SECONDS),
        hub.catalogue.write() as session,
    ):
        # Another worker may have recorded the same bytes or words since they were looked for.
        same = documents.with_file(session, file.sha256)
        if extracted.fingerprint is not None:
            same += documents.with_fingerprint(session, extracted.fingerprint)
        readable = _first_readable(hub, arrival, same)
        if readable is not None:
            documents.add_file(session, readable.id, file)
            _finish(session, arrival, FileOutcome.DUPLICATE, readable, began)
            return
        formerly = arrivals.document_formerly_at(session, arrival.location, file.sha256)
        document_id = documents.add(
            session,
            statements=[*_declared(session, hub, arrival.declared), *inferred],
            access=_access(hub, arrival.declared),
            text=extracted.text,
            file=file,
        )
        if formerly is not None:
            documents.note_relation(session, document_id, formerly, "new-version", "candidate")
        _finish(session, arrival, FileOutcome.INGESTED, documents.get(session, document_id), began)


def _declared(session: Session, hub: Hub, declared: Declared) -> list[Statement]:
    """Return what is declared, with organisations by their ids; those that are not known yet are added."""
    statements = [s for s in declared.statements if s.field is not DocumentField.ORGANISATION]
    names = [s.value for s in declared.statements if s.field is DocumentField.ORGANISATION]
    return [
        *statements,
        *(
            Statement(DocumentField.ORGANISATION, identifier, Source.DECLARED)
            for identifier in organisations.ensure(session, names, hub.vocabularies)
        ),
    ]


def _restate(session: Session, hub: Hub, arrival: Arrival, document: Document) -> None:
    """Apply what is declared of a file that the hub has already: somebody corrected the metadata file."""
    statements = _declared(session, hub, arrival.declared)
    fields = {statement.field for statement in statements}
    before = {s for s in document.statements if s.source is Source.DECLARED and s.field in fields}
    if before != set(statements):
        documents.state(session, document.id, fields, statements)
    declared = arrival.declared
    if declared.access or declared.embargo_until:
        access = Access(
            labels=frozenset(declared.access) or document.access.labels,
            embargo_until=declared.embargo_until or document.access.embargo_until,
            keeper=document.access.keeper,
        )
        if access != document.access:
            documents.set_access(session, document.id, access)


def _access(hub: Hub, declared: Declared) -> Access:
    return Access(frozenset(declared.access or hub.settings.ingest.access), declared.embargo_until)


def _first_readable(hub: Hub, arrival: Arrival, candidates: list[Document]) -> Document | None:
    """Return the first document that the one who adds may read: copies of what others keep are neither joined nor told.

    Who adds reads what those can read for whom the file is meant.
    """
    viewer = Viewer.of(*_access(hub, arrival.declared).labels)
    now = datetime.now(UTC)
    return next((document for document in candidates if may_read(document.access, viewer, now)), None)


def _finish(session: Session, arrival: Arrival, outcome: FileOutcome, document: Document, began: float) -> None:
    arrivals.link_text(session, arrival.id, document.text)
    arrivals.finish(session, arrival.id, outcome, seconds=time.monotonic() - began, document_id=document.id)
    log.info("%s: %s, document %s, file %s", arrival.path, outcome.value, document.id, arrival.id)


def _fail(hub: Hub, arrival: Arrival, error: FileError, began: float) -> None:
    report = FailureReport(error.code, error.message, error.advice_given)
    # What was refused before it was stored still has its checksum on the receipt.
    sha256 = arrival.sha256 or checksum(Path(arrival.location))
    with hub.catalogue.write() as session:
        arrivals.note_checksum(session, arrival.id, sha256)
        arrivals.finish(session, arrival.id, error.outcome, seconds=time.monotonic() - began, error=report)
