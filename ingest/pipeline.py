"""The pipeline: what happens to one file, step by step, from its arrival to its receipt.

    received → stored → extracted → described → recorded → triaged

A file of files, such as an archive, is unpacked instead: what it holds arrives in its turn. Pages that are pictures are
read afterwards, by `ingest.recognition`. Each step is recorded in the catalogue before the next begins, and none harms
when it is done twice: a process that dies leaves work that `finish_arrival` takes up where it was. Indexing follows by
`indexer.synchronise`, from the catalogue. A file that cannot be read gets its coded receipt and stops nothing else;
what stops everything (a full disk, a database that is away) is raised, and leaves the file unfinished.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from holdings import arrivals, documents, organisations, personal_data, relations, texts
from holdings.access import PUBLIC, Access, Viewer, may_read, organisation_label
from holdings.database import Session
from holdings.errors import FileError, FileOutcome, HubError, InternalError, UnknownIdError, UnreadableMetadataError
from holdings.filestore import checksum
from holdings.model import (
    Arrival,
    Declared,
    Document,
    DocumentField,
    FailureReport,
    Source,
    Statement,
    StoredFile,
    Text,
)
from holdings.states import State
from indexer.hub import Hub
from ingest.personal_data import find_in
from ingest.purging import refuse_purged
from ingest.reading import Reading, described, metadata_to_json, name_of, read_file, with_known_organisations
from ingest.reprocessing import give_text_again
from ingest.sandbox import Sandbox
from ingest.sniffing import sniff
from ingest.unpacking import Unpacking

log = logging.getLogger(__name__)

_RECORD_WAIT_SECONDS = 120.0
# What is declared of an archive goes for what is in it, but for what is each file's own.
_OWN_FIELDS = frozenset({DocumentField.TITLE, DocumentField.NUMBER, DocumentField.DATE, DocumentField.ABSTRACT})


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
    with hub.catalogue.read() as session:
        joined, _ = _with_same_bytes(session, hub, arrival, file)
    if joined is not None:
        give_text_again(hub, sandbox, joined, file)
    if _joins_by_bytes(hub, arrival, file, began):
        return
    with Unpacking(hub, arrival) as unpacking:
        reading = read_file(hub, sandbox, file, unpacking=unpacking)
    if reading.text is None:
        _record_members(hub, arrival, unpacking, reading.broke_off, began)
        return
    with hub.catalogue.write() as session:
        arrivals.note_text(session, arrival.id, reading.text)
        texts.note_stated(session, file.sha256, metadata_to_json(reading.metadata))
    inferred = described(reading, name=file.names[0], media_type=file.media_type)
    _record(hub, arrival, file, reading, inferred, unpacking, began)


def _store(hub: Hub, arrival: Arrival) -> StoredFile:
    """Put the bytes into the file store and record that they are there."""
    _require_readable(hub, arrival.declared)
    name = name_of(arrival.path)
    if arrival.sha256 is not None and (arrival.media_type is not None or arrival.archive_id is not None):
        refuse_purged(hub, arrival, arrival.sha256)
        path = hub.files.original(arrival.sha256)
        file = StoredFile(arrival.sha256, path.stat().st_size, arrival.media_type or sniff(path, name), (name,))
        if arrival.media_type is None:
            with hub.catalogue.write() as session:
                arrivals.note_stored(session, arrival.id, file)
        return file
    source = _source(hub, arrival)
    media_type = sniff(source)
    stored = hub.files.add_original(source, max_bytes=hub.settings.ingest.max_file_mb * 1_000_000)
    refuse_purged(hub, arrival, stored.sha256)
    file = StoredFile(stored.sha256, stored.size, media_type, (name,))
    with hub.catalogue.write() as session:
        arrivals.note_stored(session, arrival.id, file)
    return file


def _source(hub: Hub, arrival: Arrival) -> Path:
    """Return where the file lies; what was uploaded lies in the data folder, wherever that is on this machine."""
    return hub.settings.data / arrival.location


def _require_readable(hub: Hub, declared: Declared) -> None:
    """Raise UnreadableMetadataError where it cannot be known who may read a file."""
    if declared.unreadable is not None:
        raise UnreadableMetadataError(f"Who may read the file cannot be known: {declared.unreadable}")
    if declared.space is not None:
        try:
            with hub.catalogue.read() as session:
                organisations.resolve(session, declared.space)
        except UnknownIdError as error:
            raise UnreadableMetadataError(f"Whose space keeps the file cannot be known: {error.message}") from error


def _with_same_bytes(
    session: Session, hub: Hub, arrival: Arrival, file: StoredFile
) -> tuple[Document | None, FileOutcome]:
    """Return the document, if any, that an arrival joins because its bytes are in the hub already, and how it ends so:
    unchanged where they were read from the same place before, else as a duplicate."""
    known = arrivals.document_read_before(session, arrival.location, file.sha256)
    if known is not None:
        return documents.get(session, known), FileOutcome.UNCHANGED
    return _first_to_join(hub, arrival, documents.with_file(session, file.sha256)), FileOutcome.DUPLICATE


def _joins_by_bytes(hub: Hub, arrival: Arrival, file: StoredFile, began: float) -> bool:
    """Finish an arrival whose bytes are in the hub already, without reading them again, and say whether it was so."""
    with hub.catalogue.write() as session:
        document, outcome = _with_same_bytes(session, hub, arrival, file)
        if document is None:
            return False
        if outcome is FileOutcome.UNCHANGED:
            _restate(session, hub, arrival, documents.held(session, document.id))
            document = documents.get(session, document.id)
        elif _covers(_access(hub, arrival.declared), document.access):
            documents.add_file(session, document.id, file)
        _finish(session, arrival, outcome, document.id, document.text, began)
        return True


def _record_members(
    hub: Hub, arrival: Arrival, unpacking: Unpacking, broke_off: FileError | None, began: float
) -> None:
    """Record what was in an archive as received, and write the archive's receipt: both or neither."""
    report = FailureReport(broke_off.code, broke_off.message, broke_off.advice_given) if broke_off else None
    with hub.catalogue.write() as session:
        arrivals.receive_members(session, arrival, unpacking.members, _handed_down(arrival.declared))
        arrivals.finish(session, arrival.id, FileOutcome.UNPACKED, seconds=time.monotonic() - began, error=report)
    log.info("%s: unpacked, %s files, file %s", arrival.path, len(unpacking.members), arrival.id)


def _handed_down(declared: Declared) -> Declared:
    """Return what is declared of each file in an archive by what is declared of the archive."""
    return replace(declared, statements=tuple(s for s in declared.statements if s.field not in _OWN_FIELDS))


def _record(
    hub: Hub,
    arrival: Arrival,
    file: StoredFile,
    reading: Reading,
    inferred: list[Statement],
    unpacking: Unpacking,
    began: float,
) -> None:
    """Make the document, or join the one with the same words, and write the receipt: both or neither."""
    assert reading.text is not None
    text = reading.text.text
    # Only who puts a file in by hand is warned of personal data, and can decide of it.
    found = find_in(hub, text.sha256) if arrival.declared.contributor is not None else []
    with (
        hub.catalogue.locks.hold("record", wait_seconds=_RECORD_WAIT_SECONDS),
        hub.catalogue.write() as session,
    ):
        # Another worker may have recorded the same bytes or words since they were looked for.
        access = _access(hub, arrival.declared)
        same = documents.with_file(session, file.sha256)
        if reading.text.fingerprint is not None:
            # The same words in other bytes: these may hold what its readers must not have.
            alike = documents.with_fingerprint(session, reading.text.fingerprint)
            same += [document for document in alike if _covers(access, document.access)]
        if unpacking.found:
            arrivals.receive_members(session, arrival, unpacking.members, _handed_down(arrival.declared))
        readable = _first_to_join(hub, arrival, same)
        if readable is not None:
            if _covers(access, readable.access):
                documents.add_file(session, readable.id, file)
            _finish(session, arrival, FileOutcome.DUPLICATE, readable.id, readable.text, began)
            return
        formerly = arrivals.document_formerly_at(session, arrival.location, file.sha256)
        document_id = documents.add(
            session,
            statements=with_known_organisations(session, hub, [*arrival.declared.statements, *inferred]),
            access=access,
            text=text,
            file=file,
            contributor_id=arrival.declared.contributor,
        )
        if found:
            personal_data.put(session, document_id, text.sha256, found)
        # What has the same bytes or words, and was not joined, is compared too, however short it is.
        for other in dict.fromkeys([*([formerly] if formerly is not None else []), *(one.id for one in same)]):
            relations.propose(session, document_id, other)
        _finish(session, arrival, FileOutcome.INGESTED, document_id, text, began)


def _restate(session: Session, hub: Hub, arrival: Arrival, document: Document) -> None:
    """Apply what is declared of a file that the hub has already: somebody corrected the metadata file."""
    statements = with_known_organisations(session, hub, arrival.declared.statements)
    fields = {statement.field for statement in statements}
    before = {s for s in document.statements if s.source is Source.DECLARED and s.field in fields}
    if before != set(statements):
        documents.state(session, document.id, fields, statements)
    declared = arrival.declared
    if declared.access or declared.embargo_until:
        access = replace(
            document.access,
            labels=frozenset(declared.access) or document.access.labels,
            embargo_until=declared.embargo_until or document.access.embargo_until,
        )
        if access != document.access:
            documents.set_access(session, document.id, access)


def _access(hub: Hub, declared: Declared) -> Access:
    return Access(
        labels=frozenset(declared.access or hub.settings.ingest.access),
        embargo_until=declared.embargo_until,
        keeper=organisation_label(declared.space) if declared.space else None,
        state=declared.state,
    )


def _covers(access: Access, other: Access) -> bool:
    """Say whether everybody who may read `other` may also read what has this `access`: then it can become a part of
    it."""
    labels = PUBLIC in access.labels or other.labels <= access.labels
    until = access.embargo_until
    return labels and (until is None or (other.embargo_until is not None and other.embargo_until >= until))


def _first_to_join(hub: Hub, arrival: Arrival, candidates: list[Document]) -> Document | None:
    """Return the first document that the one who adds may read: copies of what others keep are neither joined nor told.

    Who adds reads what those can read for whom the file is meant. What a contributor puts in joins nothing unasked.
    """
    if arrival.declared.contributor is not None or arrival.declared.state is not State.PUBLISHED:
        return None
    viewer = Viewer.of(*_access(hub, arrival.declared).labels)
    now = datetime.now(UTC)
    return next((document for document in candidates if may_read(document.access, viewer, now)), None)


def _finish(
    session: Session, arrival: Arrival, outcome: FileOutcome, document_id: str, text: Text, began: float
) -> None:
    arrivals.link_text(session, arrival.id, text)
    arrivals.finish(session, arrival.id, outcome, seconds=time.monotonic() - began, document_id=document_id)
    log.info("%s: %s, document %s, file %s", arrival.path, outcome.value, document_id, arrival.id)


def _fail(hub: Hub, arrival: Arrival, error: FileError, began: float) -> None:
    report = FailureReport(error.code, error.message, error.advice_given)
    # What was refused before it was stored still has its checksum on the receipt.
    sha256 = arrival.sha256 or checksum(_source(hub, arrival))
    with hub.catalogue.write() as session:
        arrivals.note_checksum(session, arrival.id, sha256)
        arrivals.finish(session, arrival.id, error.outcome, seconds=time.monotonic() - began, error=report)
