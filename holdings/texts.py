"""Texts in the catalogue: what was read from files, what still waits for OCR, and which text takes another's place.

Functions over a session of `holdings.database`. The words themselves are in the file store.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from holdings.filestore import StoredText
from holdings.inserting import insert_missing
from holdings.model import Text
from holdings.tables import ArrivalRow, DocumentRow, FileRow, PageReadingRow, RecordRow, TextRow


@dataclass(frozen=True, slots=True)
class PageReading:
    """What OCR has read of a page. `trouble` says what could not be read, and why."""

    number: int
    text: str
    reader: str
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A document with who read its text, and of which file."""

    document_id: str
    text_sha256: str
    reader: str
    readers: tuple[str, ...]
    file_sha256: str
    media_type: str


def record(session: Session, stored: StoredText) -> None:
    """Record a text that is in the file store; one that is recorded already stays as it is."""
    text = stored.text
    row = {
        "sha256": text.sha256,
        "fingerprint": stored.fingerprint,
        "pages": text.pages,
        "pages_without_text": text.pages_without_text,
        "characters": text.characters,
        "reader": text.reader,
        "truncated": list(text.truncated),
        "file_sha256": text.file_sha256,
        "readers": dict(text.readers),
        "scans": list(text.scans),
        "scans_waiting": len(text.scans),
    }
    # Two workers may have read the same words at once.
    insert_missing(session, TextRow, [row], [TextRow.sha256])
    # One whose file was purged (`wait_no_more`), and has come in again, waits for OCR again.
    again = update(TextRow).where(TextRow.sha256 == text.sha256, TextRow.scans_waiting != len(text.scans))
    session.execute(again.values(scans=list(text.scans), scans_waiting=len(text.scans)))


def text_of(row: TextRow) -> Text:
    """Return a row of `texts` as the domain has it."""
    return Text(
        sha256=row.sha256,
        pages=row.pages,
        pages_without_text=row.pages_without_text,
        characters=row.characters,
        reader=row.reader,
        truncated=tuple(row.truncated),
        file_sha256=row.file_sha256,
        readers=tuple(sorted(row.readers.items())) or ((row.reader, row.pages),),
        scans=tuple(row.scans),
    )


def get(session: Session, sha256: str) -> Text:
    return text_of(session.get_one(TextRow, sha256))


def note_stated(session: Session, file_sha256: str, stated: Mapping[str, Any]) -> None:
    """Record what a file states of itself in its properties."""
    session.get_one(FileRow, file_sha256).stated = dict(stated)


def stated_by(session: Session, file_sha256: str) -> Mapping[str, Any]:
    """Return what a file states of itself in its properties, empty when that is not known."""
    row = session.get(FileRow, file_sha256)
    return (row.stated or {}) if row is not None else {}


def waiting_for_ocr(session: Session) -> list[str]:
    """Return the texts of documents with pages that wait for OCR, oldest document first."""
    return list(session.scalars(_waiting().order_by(func.min(DocumentRow.created_at), TextRow.sha256)))


def pages_waiting_for_ocr(session: Session) -> int:
    """Return how many pages of documents wait for OCR."""
    waiting = _waiting()
    pages = session.scalar(select(func.sum(TextRow.scans_waiting)).where(TextRow.sha256.in_(waiting)))
    read = session.scalar(
        select(func.count()).select_from(PageReadingRow).where(PageReadingRow.text_sha256.in_(waiting))
    )
    return int(pages or 0) - int(read or 0)


def _waiting() -> Select[str]:
    return (
        select(TextRow.sha256)
        .join(DocumentRow, DocumentRow.text_sha256 == TextRow.sha256)
        .where(TextRow.scans_waiting > 0, TextRow.file_sha256.is_not(None), DocumentRow.removed_at.is_(None))
        .group_by(TextRow.sha256)
    )


def readings(session: Session, text_sha256: str) -> dict[int, PageReading]:
    """Return what OCR has read of a text so far, by number of page."""
    rows = session.scalars(select(PageReadingRow).where(PageReadingRow.text_sha256 == text_sha256))
    return {row.number: PageReading(row.number, row.text, row.reader, row.trouble) for row in rows}


def add_reading(session: Session, text_sha256: str, reading: PageReading) -> bool:
    """Record what OCR has read of a page, in the place of what it read before.

    Return False, and record nothing, where the page waits no more: the text was purged while OCR was at it.
    """
    text = session.get_one(TextRow, text_sha256, with_for_update={"of": TextRow}, populate_existing=True)
    if reading.number not in text.scans:
        return False
    session.merge(
        PageReadingRow(
            text_sha256=text_sha256,
            number=reading.number,
            text=reading.text,
            reader=reading.reader,
            trouble=reading.trouble,
        )
    )
    return True


def documents_with(session: Session, text_sha256: str) -> list[str]:
    """Return the documents that have this text and were not removed."""
    return list(
        session.scalars(
            select(DocumentRow.id).where(DocumentRow.text_sha256 == text_sha256, DocumentRow.removed_at.is_(None))
        )
    )


def read_from(session: Session, file_checksums: Collection[str]) -> list[str]:
    """Return the texts that were ever read from these files."""
    return list(session.scalars(select(TextRow.sha256).where(TextRow.file_sha256.in_(file_checksums))))


def wait_no_more(session: Session, file_checksums: Collection[str]) -> None:
    """Note that no page of these files will be read by OCR any more."""
    for row in session.scalars(select(TextRow).where(TextRow.file_sha256.in_(file_checksums))):
        row.scans, row.scans_waiting = [], 0


def replace(session: Session, former_sha256: str, stored: StoredText, *, only: Collection[str] | None = None) -> None:
    """Put a text in the place of another, in documents and receipts; in `only` these documents, where they are given.

    The former stays recorded, and in the store.
    """
    record(session, stored)
    session.execute(delete(PageReadingRow).where(PageReadingRow.text_sha256 == former_sha256))
    if stored.text.sha256 == former_sha256:
        # The same words, read by another.
        same = session.get_one(TextRow, former_sha256)
        same.reader, same.readers = stored.text.reader, dict(stored.text.readers)
        same.truncated, same.file_sha256 = list(stored.text.truncated), stored.text.file_sha256
        return
    now = datetime.now(UTC)
    holders = select(DocumentRow).where(DocumentRow.text_sha256 == former_sha256).order_by(DocumentRow.id)
    receipts = update(ArrivalRow).where(ArrivalRow.text_sha256 == former_sha256)
    if only is not None:
        holders = holders.where(DocumentRow.id.in_(only))
        receipts = receipts.where(ArrivalRow.document_id.in_(only))
    # As they are now, and nobody else's: as `documents.held`.
    held = holders.with_for_update(of=RecordRow).execution_options(populate_existing=True)
    for row in session.scalars(held):
        row.text_sha256 = stored.text.sha256
        row.revision += 1
        row.updated_at = now
    session.execute(receipts.values(text_sha256=stored.text.sha256))
    session.flush()


def page_counts(session: Session) -> dict[str, int]:
    """Return how many pages the documents have that were not removed: all, and those without text."""
    pages, empty = session.execute(
        select(func.coalesce(func.sum(TextRow.pages), 0), func.coalesce(func.sum(TextRow.pages_without_text), 0))
        .join(DocumentRow, DocumentRow.text_sha256 == TextRow.sha256)
        .where(DocumentRow.removed_at.is_(None))
    ).one()
    return {"all": pages, "without_text": empty}


def read_by(session: Session, document_ids: Collection[str] | None = None) -> Iterator[Read]:
    """Yield who read the text of each document that was not removed, oldest first; only of these, where they are given.

    Documents whose text does not say from which file it was read are taken to have it from their first file.
    """
    chosen = select(DocumentRow).where(DocumentRow.removed_at.is_(None))
    if document_ids is not None:
        chosen = chosen.where(DocumentRow.id.in_(document_ids))
    for row in session.scalars(chosen.order_by(DocumentRow.created_at, DocumentRow.id)):
        files = {entry.sha256: entry.file.media_type for entry in row.files}
        file_sha256 = row.text.file_sha256 or next(iter(files), None)
        if file_sha256 in files:
            yield Read(
                row.id,
                row.text_sha256,
                row.text.reader,
                tuple(row.text.readers),
                file_sha256,
                files[file_sha256],
            )
