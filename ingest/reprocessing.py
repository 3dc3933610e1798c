"""Reading again what an older reader has read, and trying again what failed.

Originals are read anew from the file store; the new text takes the former's place, and the document is described from
it again. What a person declared stays. A file that cannot be read any more keeps the text that it has.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from holdings import arrivals, documents, failed_arrivals, purges, texts
from holdings.database import Session
from holdings.errors import FileOutcome, UsageError
from holdings.model import NO_READER, OCR_READER, Arrival, Document, StoredFile
from holdings.texts import Read
from indexer.hub import Hub
from ingest.extractors import EXTRACTORS, reader_of
from ingest.extractors.ocr import ocr_reader
from ingest.reading import (
    described_as,
    metadata_to_json,
    options_of,
    put_in_place,
    read_again,
    read_file,
    with_known_organisations,
)
from ingest.sandbox import Sandbox


def outdated(hub: Hub, document_ids: Collection[str] | None = None, *, every: bool = False) -> list[Read]:
    """Return the documents whose text another reader has read than the one that would read it now.

    `document_ids` restricts them; `every` takes also those that the present readers have read. Raises UnknownIdError.
    """
    with hub.catalogue.read() as session:
        for document_id in document_ids or ():
            documents.get(session, document_id)
        found = list(texts.read_by(session, document_ids))
        gone = purges.standing(session, [read.file_sha256 for read in found])
    known = [read for read in found if read.media_type in EXTRACTORS and read.file_sha256 not in gone]
    return known if every else [read for read in known if _is_outdated(hub, read)]


def _is_outdated(hub: Hub, read: Read) -> bool:
    if read.reader != reader_of(read.media_type, options_of(hub.settings)):
        return True
    ocr = ocr_reader(hub.settings.ingest.ocr.languages)
    return ocr is not None and any(name.startswith(OCR_READER) and name != ocr for name in read.readers)


def reread(hub: Hub, sandbox: Sandbox, read: Read) -> list[str]:
    """Read a document's original again and return the documents whose text is another now.

    Raises FileError when the file cannot be read; the document then stays as it is.
    """
    # What stands for a text that was destroyed is the same for all, and waits for nobody.
    locked = read.file_sha256 if read.reader == NO_READER else read.text_sha256
    with hub.catalogue.locks.hold(f"ocr-{locked}"):
        with hub.catalogue.read() as session:
            document = documents.get(session, read.document_id)
        if document.text.sha256 != read.text_sha256 or document.removed_at is not None:
            return []  # somebody was quicker
        file = next(f for f in document.files if f.sha256 == read.file_sha256)
        ocr = ocr_reader(hub.settings.ingest.ocr.languages)
        carried = {
            page.number: page
            for page in hub.files.pages(read.text_sha256)
            if page.by_ocr and (ocr is None or page.reader == ocr)
        }
        reading = read_file(hub, sandbox, file, carried=carried)
        if reading.text is None:
            return []
        with hub.catalogue.write() as session:
            texts.note_stated(session, file.sha256, metadata_to_json(reading.metadata))
        holders = put_in_place(hub, read.text_sha256, reading.text, reading)
        return holders if reading.text.text.sha256 != read.text_sha256 else []


def give_text_again(hub: Hub, sandbox: Sandbox, document: Document, file: StoredFile) -> None:
    """Read a file of a document whose text was destroyed: it was allowed to come in again, and has.

    Raises FileError as `reread` does.
    """
    if document.text.was_destroyed and any(one.sha256 == file.sha256 for one in document.files):
        text = document.text
        reread(hub, sandbox, Read(document.id, text.sha256, text.reader, (text.reader,), file.sha256, file.media_type))


def describe_again(hub: Hub, document_id: str) -> None:
    """Infer anew what the hub knows of a document, from its stored text. Raises UnknownIdError."""
    with hub.catalogue.read() as session:
        document = documents.get(session, document_id)
    statements = described_as(hub, document, read_again(hub, document.text), document.text.file_sha256)
    with hub.catalogue.write() as session:
        # Not of a text that was purged, or read anew, meanwhile.
        if documents.held(session, document_id).text.sha256 == document.text.sha256:
            documents.infer(session, document_id, with_known_organisations(session, hub, statements))


def retry(
    hub: Hub, *, codes: Collection[str] = (), rejected: bool = False, paths: Sequence[str] = ()
) -> tuple[list[int], list[Arrival]]:
    """Record what failed as received again; return these arrivals, and those whose file is gone and was never kept.

    `rejected` takes also what the hub would not read: a limit was raised, a program installed. `codes` takes only what
    ended with one of these codes, `paths` only what came from one of these. What a harvest could not fetch is left to
    the next harvest. Raises UsageError for a path from which nothing failed.
    """
    outcomes = {FileOutcome.FAILED, FileOutcome.REJECTED} if rejected or codes or paths else {FileOutcome.FAILED}
    with hub.catalogue.write() as session:
        found = failed_arrivals.all_failed(session, outcomes, codes)
        if paths:
            unknown = set(paths) - {name for arrival in found for name in (arrival.path, arrival.location)}
            if unknown:
                raise UsageError(
                    f"No file that failed came from {min(unknown)}",
                    advice="`ikhub ingest status` lists those that did.",
                )
            found = [arrival for arrival in found if arrival.path in paths or arrival.location in paths]
        return receive_again(hub, session, found)


def receive_again(hub: Hub, session: Session, found: Sequence[Arrival]) -> tuple[list[int], list[Arrival]]:
    """Record these arrivals as received again; return the new ones, and those whose file is gone and was never kept."""
    again: list[int] = []
    gone: list[Arrival] = []
    readable = still_there(hub, session, found)
    for arrival in found:
        if arrival.location.startswith(("http:", "https:")):
            continue  # the next harvest asks for it
        if arrival.id in readable:
            again.append(arrivals.receive_again(session, arrival))
        else:
            gone.append(arrival)
    return again, gone


def still_there(hub: Hub, session: Session, found: Sequence[Arrival]) -> frozenset[int]:
    """Return the ids of those whose bytes are in the file store, or still where they came from."""
    kept = arrivals.kept(session, found)
    others = (one for one in found if one.id not in kept and one.archive_id is None)
    return kept | {one.id for one in others if (hub.settings.data / one.location).exists()}
