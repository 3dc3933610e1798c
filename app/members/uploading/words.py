"""Stages, formats and faults of files in the words of the contributor's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from app.i18n import gettext, moment, size
from app.members.access_form import access_in_words
from desk.progress import Progress, Stage
from desk.upload_names import clean_name, shown_name
from holdings.access import Access
from holdings.errors import (
    EmptyUploadError,
    HubError,
    LockedError,
    NotAllowedError,
    QuotaExceededError,
    TryAgainLaterError,
    UnknownIdError,
    UploadTooLargeError,
)
from holdings.model import FailureReport
from holdings.personal_data import Judgement
from indexer.hub import Hub
from ingest.media_types import PLAIN_TEXT, name_of


def stage_words(stage: Stage) -> str:
    """Return where a file is on its way."""
    words = {
        Stage.SENDING: gettext("Not sent to its end yet"),
        Stage.WAITING: gettext("Received: waits to be read"),
        Stage.READING: gettext("Being read"),
        Stage.READ: gettext("Read: please check what the hub understood"),
        Stage.UNPACKED: gettext("Unpacked: each file in it goes its own way"),
        Stage.FAILED: gettext("Could not be read"),
        Stage.PUBLISHED: gettext("Published: searches will find it in a moment"),
        Stage.FOUND: gettext("Published: searches find it"),
        Stage.GONE: gettext("Discarded"),
    }
    return words[stage]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a file could not be read, and what the contributor can do."""

    code: str
    what: str
    advice: str


def fault_of(error: FailureReport) -> Fault:
    """Return why a file could not be read, in words; the code stays for those who look into it."""
    what, advice = faults().get(error.code, unforeseen())
    return Fault(error.code, what, advice)


def unforeseen() -> tuple[str, str]:
    """Return what is said of a fault that has no words of its own, and what can be done."""
    return (
        gettext("Something went wrong while the hub read the file."),
        gettext("Send it again. If it happens again, tell the people who run the hub, with the code."),
    )


def faults() -> dict[str, tuple[str, str]]:
    """Return why files cannot be read, and what the contributor can do, by the code of the fault."""
    save_anew = gettext("Open it in its program, save it anew, and send that copy.")
    smaller = gettext("Split it into smaller files, and send these.")
    return {
        "unsupported_format": (
            gettext("The hub does not read files of this format."),
            gettext("Save it as PDF or DOCX, and send that."),
        ),
        "encrypted": (
            gettext("The file asks for a password."),
            gettext("Take the password off, and send it again."),
        ),
        "empty": (
            gettext("There is nothing in the file."),
            gettext("Check the original: the copy may have been cut off."),
        ),
        "too_large": (gettext("The file, or what it unpacks to, is too large."), smaller),
        "archive_bomb": (gettext("The file unpacks to far more than a document needs."), save_anew),
        "unsafe": (gettext("The file holds a construct that documents do not have."), save_anew),
        "corrupt": (
            gettext("The file is damaged, or is not what its name says."),
            gettext("Open it in its program. If it opens, save it anew and send that copy."),
        ),
        "timeout": (gettext("It took too long to read the file."), smaller),
        "out_of_memory": (gettext("The file needs too much memory to be read."), smaller),
        "purged": (
            gettext("This very file was destroyed in the hub on purpose, and is refused."),
            gettext(
                "Send a version without what it was destroyed for. If it should come in after all, ask an editor of "
                "your organisation, who can turn to the people who run the hub."
            ),
        ),
        "crashed": (gettext("The program that reads such files broke off at this one."), save_anew),
    }


def refusal(error: HubError, *, largest: int) -> str:
    """Return why a file was not taken. `largest` is what one may have, in bytes."""
    match error:
        case QuotaExceededError():
            return gettext("There is no room for it: %(free)s are free in the space of the organisation.") % {
                "free": size(error.free)
            }
        case UploadTooLargeError():
            return gettext("It is too large: a file may have %(largest)s at most.") % {"largest": size(largest)}
        case EmptyUploadError():
            return gettext("There is nothing in the file.")
        case NotAllowedError():
            return gettext("You are not, or no longer, a contributor of this organisation. Nothing of it was kept.")
        case UnknownIdError():
            return gettext("It was given up, or is not yours.")
        case LockedError():
            return gettext("Another window is sending the same file.")
        case TryAgainLaterError():
            return gettext("The hub cannot take it at the moment. Please try again later.")
        case _:
            return gettext("The hub cannot take it.")


def format_words(media_type: str) -> str:
    """Return what a file is."""
    return gettext("plain text") if media_type == PLAIN_TEXT else name_of(media_type)


def belies_its_name(progress: Progress) -> bool:
    """Say whether a file is something else than the end of its name says, as far as that says anything."""
    if progress.media_type is None:
        return False
    said = PurePosixPath(clean_name(progress.name)).suffix.removeprefix(".").upper()
    formats = {"PDF", "DOCX", "XLSX", "PPTX", "ODT", "ODS", "ODP", "RTF", "EPUB"}
    return said in formats and name_of(progress.media_type) != said


def name_words(name: str) -> str:
    """Return the name of a file as it was given, with nothing hidden in it."""
    return shown_name(name)


def field_words(name: str) -> str:
    """Return what the form of a draft calls a field."""
    words = {
        "title": gettext("Title"),
        "kind": gettext("Kind"),
        "date": gettext("Date"),
        "authors": gettext("Authors"),
        "organisation": gettext("Organisation"),
        "number": gettext("Number"),
        "language": gettext("Language"),
        "themes": gettext("Theme"),
        "provinces": gettext("Province"),
        "priorities": gettext("National priority"),
        "abstract": gettext("Abstract"),
        "licence": gettext("Licence"),
        "access": gettext("Who may read it"),
        "readers": gettext("Who may read it"),
        "organisations": gettext("Organisations that may read it"),
        "embargo_until": gettext("Not to be read before"),
        "judgement": gettext("What looks like personal data"),
        "note": gettext("The ground, in your words"),
        "comment": gettext("A word to the editors"),
    }
    # What a page never shows has no words: only a forged request has it wrong.
    return words.get(name, name)


def judgement_words() -> dict[str, str]:
    """Return what can be decided of what looks like personal data."""
    return {
        Judgement.NOT_PERSONAL.value: gettext("It is no personal data"),
        Judgement.MAY_BE_READ.value: gettext("It is, and whoever may read the document may lawfully read it too"),
    }


def readers_sentence(hub: Hub, access: Access) -> str:
    """Say in a sentence who reads a document once it is published."""
    who = access_in_words(hub, access)
    until = access.embargo_until
    if until is None or until <= datetime.now(UTC):
        return gettext("Once it is published it can be read by: %(who)s.") % {"who": who}
    return gettext(
        "Once it is published only the organisation that keeps it reads it, until %(moment)s. From then on it can be "
        "read by: %(who)s."
    ) % {"who": who, "moment": moment(until)}
