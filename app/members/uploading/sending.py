"""The page on which files are chosen and sent: with its script piece by piece, without it as a form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from app.bodies import most_bytes_of_form
from app.hub import checked_id, current_hub, find_document
from app.i18n import current_language, gettext, ngettext
from app.members.uploading.words import faults, name_words, refusal, stage_words, unforeseen
from app.people import person, signed_in_only
from app.site.links import link
from desk import uploads
from desk.progress import Stage
from desk.upload_room import Room, room
from holdings.accounts import Account
from holdings.errors import HubError, UnknownIdError
from holdings.identifiers import new_identifier
from holdings.model import Document

_CHUNK = 1 << 18
# What the script sends at once: a cut costs no more than this.
_PIECE = 4_000_000
_MEGABYTE = 1_000_000
_PLACE = "0000000000"


@dataclass(frozen=True, slots=True)
class Space:
    """An organisation whose space the person may put work into."""

    id: str
    label: str
    room: Room


@signed_in_only
def upload() -> ResponseReturnValue:
    """Show where files are chosen; take those of a form."""
    account, replaces = person(), _replaced()
    spaces, wrong = _spaces(account), ""
    if request.method == "POST" and spaces:
        if files := [file for file in request.files.getlist("files") if file.filename]:
            _take(account, request.form.get("space", spaces[0].id), files, replaces)
            return redirect(link("work"))
        wrong = gettext("Choose at least one file.")
    page = render_template(
        "members/uploading/upload.html",
        spaces=spaces,
        chosen=request.form.get("space") or _keeper(replaces),
        wrong=wrong,
        replaces=replaces,
        largest=_largest(),
        most_of_form=most_bytes_of_form(),
        piece=_PIECE,
        addresses={
            "uploads": url_for("api.list_uploads"),
            "draft": link("draft", document_id=_PLACE),
            "document": link("document", document_id=_PLACE),
            "work": link("work"),
            "place": _PLACE,
        },
        words=_words(),
    )
    return page, HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK


def _keeper(replaces: Document | None) -> str:
    return (replaces.access.keeper or "").removeprefix("org:") if replaces is not None else ""


def _replaced() -> Document | None:
    """Return the document of which a new version is to be sent, None where it is something new.

    Raises UnknownIdError for one that the person may not replace.
    """
    wanted = request.values.get("replaces", "")
    if not wanted:
        return None
    document = find_document(checked_id(wanted))
    if not uploads.may_replace(person(), document):
        raise UnknownIdError("There is no such document in a space of theirs")
    return document


def _spaces(account: Account) -> list[Space]:
    hub = current_hub()
    names = hub.organisations.all()
    with hub.catalogue.read() as session:
        rooms = {space: room(session, hub.settings, space) for space in account.spaces}
    language = current_language()
    return [
        Space(space, names[space].label(language) if space in names else space, found) for space, found in rooms.items()
    ]


def _take(account: Account, space: str, files: Iterable[FileStorage], replaces: Document | None) -> None:
    """Take the files of a form one by one, and say of each that could not be taken why."""
    batch, taken = new_identifier(), 0
    for file in files:
        try:
            _take_one(account, space, file, batch, replaces)
            taken += 1
        except HubError as error:
            flash(f"{name_words(file.filename or '')}: {refusal(error, largest=_largest())}", "wrong")
    if taken:
        flash(ngettext("%(n)d file was received.", "%(n)d files were received.", taken) % {"n": taken}, "done")


def _take_one(account: Account, space: str, file: FileStorage, batch: str, replaces: Document | None) -> None:
    hub, stream = current_hub(), file.stream
    length = stream.seek(0, 2)
    stream.seek(0)
    begun = uploads.begin(
        hub,
        account,
        space=space,
        name=file.filename or "",
        size=length,
        batch=batch,
        replaces=replaces.id if replaces is not None else None,
    )
    uploads.receive(hub, account, begun.id, 0, _chunks(stream))


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _largest() -> int:
    return current_hub().settings.ingest.max_file_mb * _MEGABYTE


def _words() -> dict[str, object]:
    """Return what the script of the page says."""
    return {
        "stages": {stage.value: stage_words(stage) for stage in Stage},
        "faults": {code: " ".join(said) for code, said in faults().items()},
        "unforeseen": " ".join(unforeseen()),
        "queued": gettext("Waits for its turn"),
        "sending": gettext("Being sent: {share} of {size}"),
        "resumed": gettext("Goes on where it was cut: {share} of {size}"),
        "lost": gettext(
            "The connection is lost: the hub will be asked again in {seconds} s. Nothing that arrived is lost."
        ),
        "busy": gettext("The hub is busy: it will be asked again in {seconds} s. Nothing that arrived is lost."),
        "check": gettext("Check and submit"),
        "look": gettext("Open the document"),
        "look_there": gettext("What can be done"),
        "cancel": gettext("Give up"),
        "cancelled": gettext("Given up"),
        "refusals": {
            "upload_empty": gettext("There is nothing in the file."),
            "upload_too_large": gettext("It is too large: a file may have {largest} at most."),
            "quota_exceeded": gettext("There is no room for it in the space of the organisation."),
            "not_allowed": gettext(
                "You are not, or no longer, a contributor of this organisation. Nothing of it was kept."
            ),
            "sign_in_needed": gettext(
                "You are no longer signed in. Sign in again, and choose the file again: it goes on."
            ),
            "unknown_id": gettext("It was given up, or is not yours."),
            "other": gettext("The hub cannot take it."),
        },
    }
