"""Uploads: files that contributors send, in one piece or in many, until the pipeline takes them up.

    begin → receive, receive, … → handed over → (a worker) the pipeline of `ingest`

The bytes go to a file of their own in the data folder as they come, and what is counted is on the disk: whoever is cut
off, by the network or by a restart, goes on where the count stands. Nothing is read of them here: the arrival that
follows is a draft of the space's own, and the pipeline does in a worker what it does for the command line.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import FileIO

from desk.succession import first_labels
from desk.upload_files import as_it_lies, delete_unneeded, flush, location_of, opened_at, place_of
from desk.upload_names import clean_name
from desk.upload_room import check_room
from holdings import accounts, arrivals, audit, documents, uploads
from holdings.access import Access
from holdings.accounts import Account, AccountStatus
from holdings.database import Session
from holdings.errors import (
    EmptyUploadError,
    FileOutcome,
    LockedError,
    NotAllowedError,
    UnknownIdError,
    UploadRefusedError,
    UploadTooLargeError,
    WrongOffsetError,
)
from holdings.failures import translated_errors
from holdings.model import Declared, Document
from holdings.states import State
from holdings.uploads import Upload
from indexer.hub import Hub
from ingest.delivery import hand_over

# After so many bytes they are put on the disk for good, counted, and whether the contributor still is one looked at.
_COUNTED = 8_000_000
_MAX_NAME = 400
_MEGABYTE = 1_000_000


def begin(
    hub: Hub,
    by: Account,
    *,
    space: str,
    name: str,
    size: int,
    batch: str,
    modified_ms: int | None = None,
    replaces: str | None = None,
) -> Upload:
    """Record that a person is going to send a file of `size` bytes into a space, and return it.

    `batch` names those that are sent together; `replaces` is the document of which the file is to be the new version.
    Raises UploadRefusedError and its kinds for what is not going to be taken, NotAllowedError when the space is not
    one of theirs, UnknownIdError for a document that they may not replace.
    """
    name = name.replace("\0", "").encode("utf-8", "replace").decode("utf-8")[:_MAX_NAME]
    if not name.strip():
        raise UploadRefusedError("The file has no name")
    if size < 1:
        raise EmptyUploadError("The file is empty")
    largest = hub.settings.ingest.max_file_mb * _MEGABYTE
    if size > largest:
        raise UploadTooLargeError(f"The file is larger than {hub.settings.ingest.max_file_mb} MB")
    with hub.catalogue.write() as session:
        require_contributor(session, by.id, space)
        if replaces is not None:
            _require_replaceable(session, by, replaces)
        check_room(session, hub.settings, space, size)
        upload = uploads.add(
            session,
            account_id=by.id,
            space=space,
            batch_id=batch,
            name=name,
            size=size,
            modified_ms=modified_ms,
            replaces_id=replaces,
        )
        audit.append(session, by, "upload.begin", "upload", upload.id, space=space, size=size)
    return upload


def find(hub: Hub, by: Account, upload_id: str) -> Upload:
    """Return an upload of this person's, also one that is no longer open. Raises UnknownIdError for all others."""
    with hub.catalogue.read() as session:
        upload = uploads.get(session, upload_id)
    if upload.account_id != by.id:
        raise UnknownIdError(f"There is no upload {upload_id}")
    return as_it_lies(hub, upload) if upload.is_open else upload


def unfinished(hub: Hub, by: Account) -> list[Upload]:
    """Return what this person began to send and can go on with, newest first."""
    with hub.catalogue.read() as session:
        listed = uploads.of_account(session, by.id, only_open=True)
    return [as_it_lies(hub, upload) for upload in listed]


def receive(hub: Hub, by: Account, upload_id: str, offset: int, pieces: Iterable[bytes]) -> Upload:
    """Take the bytes of an open upload that follow `offset`, as they come, and return what it is then.

    When the last has come, the file is handed to the pipeline. What came before an error stays and is counted.

    Raises WrongOffsetError when they do not follow what is there, UploadTooLargeError when more come than were
    announced, LockedError while another request sends the same file, UnknownIdError for what is not open and theirs,
    NotAllowedError when they are no longer a contributor of the space: then what came is thrown away.
    """
    with hub.catalogue.locks.hold(f"upload-{upload_id}"):
        upload = find(hub, by, upload_id)
        if not upload.is_open:
            raise UnknownIdError(f"There is no upload {upload_id} that waits for more")
        if offset != upload.received:
            raise WrongOffsetError(f"The next piece begins at {upload.received}", offset=upload.received)
        with translated_errors(), opened_at(place_of(hub, upload), offset) as file:
            upload = _take(hub, upload, file, pieces)
        return _hand_over(hub, upload) if upload.received == upload.size else upload


def cancel(hub: Hub, by: Account, upload_id: str) -> None:
    """Give up an upload, or take one that came to nothing off the list; what was received of it is deleted.

    Raises UnknownIdError for what is not theirs or is in the hub already, and LockedError while it is being sent.
    """
    with hub.catalogue.locks.hold(f"upload-{upload_id}"):
        upload = find(hub, by, upload_id)
        with hub.catalogue.write() as session:
            if upload.cancelled_at is not None or not (upload.is_open or _came_to_nothing(session, upload)):
                raise UnknownIdError(f"There is no upload {upload_id} that can be given up")
            uploads.cancel(session, upload_id)
            audit.append(session, by, "upload.cancel", "upload", upload_id)
        place_of(hub, upload).unlink(missing_ok=True)


def clear(hub: Hub) -> int:
    """Do what a sweep has to: hand over what a crash kept from it, throw away what nobody sends on, delete what the
    file store has. Return how many unfinished uploads were thrown away."""
    expired = datetime.now(UTC) - timedelta(hours=hub.settings.app.uploads.expire_hours)
    with hub.catalogue.read() as session:
        idle, complete = uploads.idle_since(session, expired), uploads.complete(session)
    thrown_away = 0
    for listed in {upload.id: upload for upload in (*idle, *complete)}.values():
        # Who sends it may be at it this moment, or no longer a contributor.
        with suppress(LockedError, NotAllowedError), hub.catalogue.locks.hold(f"upload-{listed.id}"):
            with hub.catalogue.read() as session:
                upload = uploads.get(session, listed.id)
            if upload.is_open and upload.received == upload.size:
                _hand_over(hub, upload)
            elif upload.is_open and upload.updated_at < expired:
                _throw_away(hub, upload, "expired")
                thrown_away += 1
    delete_unneeded(hub)
    return thrown_away


def _take(hub: Hub, upload: Upload, file: FileIO, pieces: Iterable[bytes]) -> Upload:
    """Write pieces to the end of a file, and count what is on the disk: now and then, and when the last has come or
    whoever sends them is cut off."""
    there = file.tell()
    try:
        for piece in pieces:
            if there + len(piece) > upload.size:
                raise UploadTooLargeError(f"More than the {upload.size} bytes that were announced came")
            rest = memoryview(piece)
            while rest:
                written = file.write(rest)
                there, rest = there + written, rest[written:]
            if there - upload.received >= _COUNTED:
                upload = _counted(hub, upload, file, there)
    finally:
        if there > upload.received:
            upload = _counted(hub, upload, file, there)
    return upload


def _counted(hub: Hub, upload: Upload, file: FileIO, there: int) -> Upload:
    os.fsync(file.fileno())
    with _for_a_contributor(hub, upload) as (session, _, _):
        return uploads.note_received(session, upload.id, there)


def _hand_over(hub: Hub, upload: Upload) -> Upload:
    """Record the arrival of a file that is there to its last byte, and tell the workers of it."""
    flush(place_of(hub, upload).parent)
    with _for_a_contributor(hub, upload) as (session, by, space):
        declared = Declared(
            access=tuple(sorted(first_labels(space, _replaced(session, upload), by.viewer, datetime.now(UTC)))),
            state=State.DRAFT,
            space=space,
            contributor=upload.account_id,
        )
        (arrival_id,) = arrivals.receive(session, [(clean_name(upload.name), location_of(upload), declared)])
        upload = uploads.note_arrival(session, upload.id, arrival_id)
        audit.append(session, by, "upload.received", "upload", upload.id, space=space, arrival=arrival_id)
    hand_over(hub, [arrival_id])
    return upload


def _replaced(session: Session, upload: Upload) -> Access | None:
    """Return the access of the document that an upload is to replace, None where there is none, or no longer."""
    if upload.replaces_id is None:
        return None
    former = documents.get(session, upload.replaces_id)
    return former.access if former.removed_at is None else None


@contextmanager
def _for_a_contributor(hub: Hub, upload: Upload) -> Iterator[tuple[Session, Account, str]]:
    """Give a transaction to change an upload in, with whoever sends it, while they may put work into the space, and the
    space: it may have another id than when the upload began.

    Otherwise throws the upload away and raises NotAllowedError.
    """
    try:
        with hub.catalogue.write() as session:
            space = uploads.get(session, upload.id).space
            yield session, require_contributor(session, upload.account_id, space), space
    except NotAllowedError:
        _throw_away(hub, upload, "no longer a contributor")
        raise


def require_contributor(session: Session, account_id: str, space: str) -> Account:
    """Return an account as it is now. Raises NotAllowedError unless it may put work into a space."""
    account = accounts.get(session, account_id)
    if account.status is not AccountStatus.ACTIVE or space not in account.spaces:
        raise NotAllowedError(f"You are not a contributor of {space}")
    return account


def _require_replaceable(session: Session, by: Account, document_id: str) -> None:
    """Raise UnknownIdError unless a person may say of a document that a file of theirs takes its place."""
    document = documents.read(session, document_id, by.viewer, datetime.now(UTC))
    if not may_replace(by, document):
        raise UnknownIdError(f"There is no document {document_id} in a space of yours")


def may_replace(by: Account, document: Document) -> bool:
    """Say whether a person may state that something of theirs is the new version of a document that they may read:
    what another organisation keeps is for others to replace."""
    keeper = document.access.keeper
    return keeper is None or by.puts_into(keeper)


def _came_to_nothing(session: Session, upload: Upload) -> bool:
    if upload.arrival_id is None:
        return False
    latest = uploads.latest_arrivals(session, [upload.arrival_id])[upload.arrival_id]
    return arrivals.get(session, latest).outcome in {FileOutcome.FAILED, FileOutcome.REJECTED}


def _throw_away(hub: Hub, upload: Upload, reason: str) -> None:
    with hub.catalogue.write() as session:
        uploads.cancel(session, upload.id)
        audit.append(session, audit.WORKER, "upload.cancel", "upload", upload.id, reason=reason)
    place_of(hub, upload).unlink(missing_ok=True)
