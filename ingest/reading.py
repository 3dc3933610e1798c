"""Reading one file: through the sandbox into the file store, page by page, with what is gathered on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from holdings import documents, organisations, personal_data, purges, texts
from holdings.database import Session
from holdings.errors import CorruptError, CrashedError, ExtractionTimeoutError, FileError, OutOfMemoryError, UsageError
from holdings.filestore import StoredText
from holdings.model import Document, DocumentField, Page, Source, Statement, StoredFile, Text
from holdings.settings import Settings
from indexer.hub import Hub
from ingest.description import Excerpts, describe
from ingest.extractors import reader_of
from ingest.model import FileMetadata, Member, ReadingOptions, Truncation
from ingest.personal_data import find_in
from ingest.sandbox import Sandbox
from ingest.unpacking import Unpacking

# What ends the reading of a file and leaves the pages read so far as good as they were.
_BROKE_OFF = (CorruptError, CrashedError, ExtractionTimeoutError, OutOfMemoryError)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a file. `text` is None when it holds files only and no page; `broke_off` is why not all."""

    text: StoredText | None
    metadata: FileMetadata
    excerpts: Excerpts
    broke_off: FileError | None = None


def read_file(
    hub: Hub,
    sandbox: Sandbox,
    file: StoredFile,
    *,
    unpacking: Unpacking | None = None,
    carried: Mapping[int, Page] | None = None,
) -> Reading:
    """Read a file of the file store in the sandbox and put its text into the file store.

    `unpacking` takes what is in the file; without it that is passed over. `carried` are pages that need no OCR again,
    by number. A file that breaks off after some pages with words gives these, and its text says so. Raises the coded
    error of a file of which nothing can be read.
    """
    options = options_of(hub.settings)
    metadata = FileMetadata()
    excerpts = Excerpts(hub.vocabularies)
    truncated: list[str] = []
    broke_off: FileError | None = None
    with hub.files.text_writer() as writer:
        try:
            for event in sandbox.extract(hub.files.original(file.sha256), file.media_type, options):
                match event:
                    case Page():
                        page = carried.get(event.number, event) if carried and event.scan else event
                        if page.scan and not hub.settings.ingest.ocr.enabled:
                            page = replace(page, scan=False)
                        writer.add(page)
                        excerpts.add(page)
                    case FileMetadata():
                        metadata = event
                    case Truncation(reason):
                        truncated.append(reason)
                    case Member():
                        if unpacking is not None:
                            unpacking.add(event)
        except _BROKE_OFF as error:
            if not (writer.has_words or (unpacking is not None and unpacking.found)):
                raise
            broke_off = error
            truncated.append(_broke_off(writer.pages, error))
        if not writer.pages:
            if unpacking is not None and unpacking.found:
                return Reading(None, metadata, excerpts, broke_off)
            raise CorruptError("The file holds no page")
        stored = writer.finish(
            reader=reader_of(file.media_type, options), truncated=tuple(truncated), file_sha256=file.sha256
        )
    return Reading(stored, metadata, excerpts, broke_off)


def options_of(settings: Settings) -> ReadingOptions:
    """Return what the settings say of reading."""
    ingest = settings.ingest
    return ReadingOptions(pdf_reader=ingest.pdf.reader, ocr_languages=ingest.ocr.languages, ocr_dpi=ingest.ocr.dpi)


def described(reading: Reading, *, name: str, media_type: str) -> list[Statement]:
    """Return what the hub infers of a file that was read. Organisations that are not known come by their names."""
    statements = describe(reading.excerpts, reading.metadata, name=name, media_type=media_type)
    # What is computed in parallel differs in the last digits.
    return [replace(statement, confidence=round(statement.confidence, 3)) for statement in statements]


def read_again(hub: Hub, text: Text) -> Reading:
    """Return what a stored text says, as if its file had just been read; the file is not opened."""
    excerpts = Excerpts(hub.vocabularies)
    for page in hub.files.pages(text.sha256):
        excerpts.add(page)
    return Reading(None, stated_by(hub, text.file_sha256), excerpts)


def stated_by(hub: Hub, file_sha256: str | None) -> FileMetadata:
    """Return what a file states of itself, as it was recorded when the file was read."""
    if file_sha256 is None:
        return FileMetadata()
    with hub.catalogue.read() as session:
        stated = texts.stated_by(session, file_sha256)
    return FileMetadata(**{**stated, "authors": tuple(stated.get("authors", ()))})


def described_as(hub: Hub, document: Document, reading: Reading, file_sha256: str | None) -> list[Statement]:
    """Return what the hub infers of a document from the reading of a file.

    One that has the same text from another file goes by the name and the properties of its own.
    """
    file = next((f for f in document.files if f.sha256 == file_sha256), document.files[0])
    if file.sha256 != file_sha256:
        reading = replace(reading, metadata=stated_by(hub, file.sha256))
    return described(reading, name=file.names[0], media_type=file.media_type)


def put_in_place(hub: Hub, former_sha256: str, stored: StoredText, reading: Reading) -> list[str]:
    """Put a text in the place of another, and what is inferred of it in the place of what was inferred of that.

    Both or neither. What stands for a text that was destroyed is replaced in the documents of that file alone. Returns
    the documents that have the text: none where it is of a file that was purged meanwhile, and what was read of that is
    destroyed.
    """
    with hub.catalogue.read() as session:
        holders = documents.get_many(session, texts.documents_with(session, former_sha256))
    # All documents without text share what stands for it.
    was_destroyed = any(holder.text.was_destroyed for holder in holders)
    if was_destroyed:
        holders = [one for one in holders if stored.text.file_sha256 in {file.sha256 for file in one.files}]
    inferred = {holder.id: described_as(hub, holder, reading, stored.text.file_sha256) for holder in holders}
    contributed = [holder.id for holder in holders if holder.contributor_id is not None]
    found = find_in(hub, stored.text.sha256) if contributed else []
    with hub.catalogue.write() as session:
        # Who purges holds the document: from here on it is purged already, or only after this.
        held = [documents.held(session, document_id) for document_id in sorted(inferred)]
        is_purged = bool(purges.standing(session, [stored.text.file_sha256 or ""]))
        if not is_purged:
            texts.replace(session, former_sha256, stored, only=list(inferred) if was_destroyed else None)
            for document_id in (one.id for one in held if one.text.sha256 == former_sha256):
                documents.infer(session, document_id, with_known_organisations(session, hub, inferred[document_id]))
                if document_id in contributed:
                    personal_data.put(session, document_id, stored.text.sha256, found)
        is_needed = not is_purged or bool(texts.documents_with(session, stored.text.sha256))
    if not is_needed:
        hub.files.destroy_text(stored.text.sha256)
    return [] if is_purged else [one.id for one in held if one.text.sha256 == former_sha256]


def with_known_organisations(session: Session, hub: Hub, statements: Iterable[Statement]) -> list[Statement]:
    """Return the statements with organisations by their present ids; those that are not known yet are added."""
    found: list[Statement] = []
    for statement in statements:
        if statement.field is not DocumentField.ORGANISATION:
            found.append(statement)
            continue
        try:
            known = organisations.ensure(session, [statement.value], hub.vocabularies)
        except UsageError:
            if statement.source is Source.DECLARED:
                raise
            continue  # a name in another script, of which no id can be made
        found.extend(replace(statement, value=identifier) for identifier in known)
    return found


def metadata_to_json(metadata: FileMetadata) -> dict[str, Any]:
    return {name: value for name, value in asdict(metadata).items() if value}


def _broke_off(pages: int, error: FileError) -> str:
    read = "the first page" if pages == 1 else f"the first {pages} pages"
    return f"Only {read} could be read ({error.code}): {error.message}"


def name_of(path: str) -> str:
    """Return a file's own name from its path on a receipt, in an archive or not."""
    return Path(path.rpartition("!/")[2]).name or path
