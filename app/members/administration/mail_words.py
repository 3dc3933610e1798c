"""Why a letter did not go, in the language of the page. What a mail server or a person said stands as it is."""

from __future__ import annotations

from app.i18n import gettext


def error_words(error: str) -> str:
    """Return why a letter did not go: the hub's own sentence, or beginning of one, in words, and the rest as it is."""
    for said, words in _sentences().items():
        if error.startswith(said):
            return words + error.removeprefix(said)
    return error


def _sentences() -> dict[str, str]:
    """Return the words for what the hub writes itself when it sends, stops a search or is restored."""
    return {
        "The sender ended before the mail server's answer was recorded.": gettext(
            "The sender ended before the mail server's answer was recorded."
        ),
        "Not sent: what it names is no longer for its reader, or the reader can no longer sign in.": gettext(
            "Not sent: what it names is no longer for its reader, or the reader can no longer sign in."
        ),
        "Not sent: the letters of this search were stopped.": gettext(
            "Not sent: the letters of this search were stopped."
        ),
        "Restored from a backup: it may have been sent since the backup was made.": gettext(
            "Restored from a backup: it may have been sent since the backup was made."
        ),
        "The mail server does not answer": gettext("The mail server does not answer"),
        "The mail server went away": gettext("The mail server went away"),
        "The mail server had the letter and did not answer": gettext(
            "The mail server had the letter and did not answer"
        ),
        "The mail server answers": gettext("The mail server answers"),
    }
