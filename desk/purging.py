"""Purging: the originals of a withdrawn document are destroyed, its text too where that is asked; the record says why.

What is destroyed is committed first, with who decided it; the bytes go after that (`ingest.purging`), so that a process
that dies in between leaves nothing that the next run would not finish. Copies that are not the hub's (a backup, the
folder that a file came from) and what an index has deleted but not yet written over are not reached from here:
docs/operating.md says what to do about them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from desk.reviewing import opened_for, record
from holdings import arrivals, audit, documents, purges, texts
from holdings.accounts import Account, HubRole
from holdings.database import Session
from holdings.errors import NotAllowedError, StillUsedError, UnknownIdError
from holdings.filestore import StoredText
from holdings.model import NO_READER, Document, DocumentField, Source
from holdings.purges import Purged
from holdings.reasons import Reason
from holdings.states import State
from holdings.workflow import Action
from indexer.hub import Hub
from ingest.purging import destroy_purged


@dataclass(frozen=True, slots=True)
class PurgeOrder:
    """What is to be destroyed of a document besides its originals, and why. `note` is for readers."""

    reason: Reason
    note: str = ""
    with_text: bool = True


def purge(hub: Hub, by: Account | None, document_id: str, order: PurgeOrder, *, edition: str) -> Document:
    """Destroy the originals of a withdrawn document, and return it as it is then. `by` is None for the command line.

    Raises UnknownIdError, NotAllowedError and ChangedMeanwhileError as `desk.reviewing.take` does, and StillUsedError
    when a document that is not withdrawn has the same file, or the same text.
    """
    nothing = nothing_to_read(hub)
    with hub.catalogue.write() as session:
        document = opened_for(session, by, document_id, Action.PURGE, edition)
        after = order_purge(session, hub, by, document, order, nothing)
    destroy_purged(hub)
    return after


def order_purge(
    session: Session, hub: Hub, by: Account | None, document: Document, order: PurgeOrder, nothing: StoredText
) -> Document:
    """Record, in the caller's transaction, that a withdrawn document is purged, and return it as it is then."""
    originals = _with_archives(session, [file.sha256 for file in document.files])
    read = {document.text.sha256, *texts.read_from(session, originals)} - {nothing.text.sha256}
    gone_texts = sorted(read) if order.with_text else []
    _require_unused(session, originals, gone_texts)
    for sha256 in originals:
        purges.add(session, by, document.id, sha256, Purged.ORIGINAL, order.reason, order.note)
    texts.wait_no_more(session, originals)
    for sha256 in gone_texts:
        purges.add(session, by, document.id, sha256, Purged.TEXT, order.reason, order.note)
        texts.replace(session, sha256, nothing)
    if gone_texts:
        _keep_no_words(session, document)
    said = {"reason": order.reason.value, "note": order.note, "with_text": "yes" if order.with_text else "no"}
    record(session, hub, by, document, Action.PURGE, details=said)
    return documents.get(session, document.id)


def allow_again(hub: Hub, by: Account | None, sha256: str) -> None:
    """Allow bytes that were purged to come in again. `by` is None for the command line.

    Raises NotAllowedError unless an administrator asks, UnknownIdError when nothing with this checksum was purged.
    """
    if by is not None and by.hub_role is not HubRole.ADMINISTRATOR:
        raise NotAllowedError("Only an administrator allows again what was purged")
    with hub.catalogue.write() as session:
        if not purges.lift(session, sha256):
            raise UnknownIdError(f"Nothing with the checksum {sha256} was purged")
        audit.append(session, by or audit.COMMAND_LINE, "purge.lift", "file", sha256)


def is_destroyed(hub: Hub, document: Document) -> bool:
    """Say whether nothing is left of a document's originals and text that could be destroyed."""
    return document.text.was_destroyed and not any(hub.files.has_original(file.sha256) for file in document.files)


def nothing_to_read(hub: Hub) -> StoredText:
    """Return the text that stands in the place of one that was destroyed: it has no pages."""
    with hub.files.text_writer() as writer:
        return writer.finish(reader=NO_READER, truncated=())


def _with_archives(session: Session, checksums: list[str]) -> list[str]:
    """Return these originals, and the archives that they came in: what else was in those was stored by itself."""
    came_in = [
        archive
        for sha256 in checksums
        for arrival in arrivals.with_bytes(session, sha256)
        for archive in arrivals.archives_of(session, arrival)
    ]
    return list(dict.fromkeys([*checksums, *came_in]))


def _require_unused(session: Session, originals: list[str], gone_texts: list[str]) -> None:
    """Raise StillUsedError when a document that is not withdrawn needs one of these."""
    users = {user.id for sha256 in originals for user in documents.with_file(session, sha256) if _is_kept(user)}
    readers = {one for sha256 in gone_texts for one in texts.documents_with(session, sha256)}
    users |= {one.id for one in documents.get_many(session, sorted(readers)) if _is_kept(one)}
    if users:
        raise StillUsedError(f"{len(users)} documents that are not withdrawn have the same file or the same text")


def _is_kept(document: Document) -> bool:
    return document.state is not State.WITHDRAWN


def _keep_no_words(session: Session, document: Document) -> None:
    """Take what was read from the text out of what is known of a document: abstracts, and the words of evidence."""
    inferred = [s for s in document.statements if s.source is Source.INFERRED]
    kept = [replace(s, evidence=()) for s in inferred if s.field is not DocumentField.ABSTRACT]
    documents.infer(session, document.id, kept)
