"""Why a file did not get into the hub, for those who run it, in the language of the page."""

from __future__ import annotations

from app.i18n import gettext
from app.members.uploading.words import Fault, fault_of
from holdings.model import FailureReport


def fault_words(error: FailureReport) -> Fault:
    """Return why a file could not be read and what to do, in words; the receipt has the hub's own."""
    of_operators = _faults().get(error.code)
    return Fault(error.code, *of_operators) if of_operators is not None else fault_of(error)


def reason_words(code: str) -> str:
    """Return why files with this code could not be read, in words."""
    return fault_words(FailureReport(code, "", "")).what


def _faults() -> dict[str, tuple[str, str]]:
    """Return the words for what only those who run the hub can do something about, by code."""
    return {
        "unreadable_metadata": (
            gettext("The metadata does not say readably who may read the file."),
            gettext("Correct its row of the metadata file, and add the file again with it."),
        ),
        "address_refused": (
            gettext("The file is at an address that the hub does not ask."),
            gettext("If the address is meant, name its host or its network in the settings of the harvest."),
        ),
        "robots": (
            gettext("The site of the file asks programs not to fetch it (robots.txt)."),
            gettext("Ask the people who run the site, or fetch the file by hand and add it."),
        ),
        "not_found": (
            gettext("The file is gone, or cannot be opened where it was."),
            gettext("Check the path and its permissions, then add the file again."),
        ),
        "not_fetched": (
            gettext("The file could not be fetched from where the source says that it is."),
            gettext("The next harvest tries again by itself."),
        ),
        "purged": (
            gettext("The file was destroyed on purpose: it is not taken in again."),
            gettext("Add a version without what it was destroyed for, or allow it again on the page of its document."),
        ),
        "ocr_unavailable": (
            gettext("The program that reads pictures of text (OCR) is not installed."),
            gettext("Install tesseract where the workers run: its pages wait for it."),
        ),
        "internal": (
            gettext("Something happened that the hub did not foresee."),
            gettext("The log of that moment has more. Report it as a defect of the hub."),
        ),
    }
