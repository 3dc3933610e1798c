"""What requests carry: how much is taken of it, and how large bodies are read without being held in memory."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from threading import BoundedSemaphore
from typing import IO

from flask import Flask, Request, g, request
from werkzeug.exceptions import ClientDisconnected

from app.hub import current_hub
from app.people import current_account
from holdings import uploads
from holdings.errors import BusyError
from holdings.failures import translated_errors

# What a piece of a file is called where it is sent.
PIECE = "application/offset+octet-stream"
_CHUNK = 1 << 18
# Files of the largest size that one form may carry: without scripts all of them are sent again after a cut.
_FILES_OF_FORM = 5
# A thread does not wait for longer than this for the next bytes of a sender that is gone.
_SILENCE_SECONDS = 30
_FORM_WAITS_SECONDS = 20.0


class HubRequest(Request):
    """A request whose files lie on the disk of the data folder, where they will be kept, and not in memory."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        folder = current_hub().settings.data / uploads.FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=folder)


def install(app: Flask) -> None:
    """Let people who may send files send large bodies, as a form and in pieces; all else is as small as `app.limits`
    says. The files of a form are read before anything else looks at it.

    Files take half of the threads at most, so that those who read are answered however many send.
    """
    app.request_class = HubRequest
    with app.app_context():
        slots = BoundedSemaphore(max(1, current_hub().settings.app.threads // 2))
    app.before_request(lambda: _take_slot(slots))
    app.before_request(_admit)
    app.teardown_request(lambda _: g.pop("give_slot_back", lambda: None)())


def _take_slot(slots: BoundedSemaphore) -> None:
    """Take one of the slots for a request that sends a file. Raises BusyError where none is free: a page waits for one
    a while, a program or a script comes again."""
    is_form = _is_form_with_files()
    if is_form or (request.endpoint or "") in {"api.begin_upload", "api.send_piece"}:
        if not slots.acquire(timeout=_FORM_WAITS_SECONDS if is_form else None, blocking=is_form):
            raise BusyError("Others are sending files")
        g.give_slot_back = slots.release


def _is_form_with_files() -> bool:
    return request.method == "POST" and (request.endpoint or "").partition(".")[2] == "uploads"


def most_bytes_of_form() -> int:
    """Return how much all files together may have that are sent with one form, and the largest piece."""
    return _FILES_OF_FORM * current_hub().settings.ingest.max_file_mb * 1_000_000


def _admit() -> None:
    """Admit a large body where a contributor sends a file. Raises RequestEntityTooLarge, and StorageFullError."""
    is_piece = request.endpoint == "api.send_piece" and request.mimetype == PIECE
    is_form = _is_form_with_files()
    if not (is_piece or is_form):
        return
    account = current_account()
    if account is None or not account.spaces:
        return
    request.max_content_length = most_bytes_of_form()
    if is_form:
        with translated_errors():
            _ = request.files


def pieces_of_body() -> Iterator[bytes]:
    """Yield the body of the present request as it comes, however large.

    Raises ClientDisconnected when the sender goes away or falls silent.
    """
    request.max_content_length = most_bytes_of_form()
    connection = request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        connection.settimeout(_SILENCE_SECONDS)
    while True:
        try:
            piece = request.stream.read(_CHUNK)
        except OSError as error:
            raise ClientDisconnected from error
        if not piece:
            return
        yield piece
