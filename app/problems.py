"""From errors to HTTP: one table of statuses, and the problem of RFC 9457 that the API answers with.

What an answer tells the public of a fault of the hub itself is said here once; its own words go to the log only, since
they may name machines and folders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from holdings.errors import (
    BusyError,
    CatalogueUnavailableError,
    ChangedMeanwhileError,
    ConfigurationError,
    EngineUnavailableError,
    HubError,
    IndexOutdatedError,
    LinkSpentError,
    NotAllowedError,
    NotInitialisedError,
    PurgedFileError,
    QuotaExceededError,
    SignInNeededError,
    StillUsedError,
    TryAgainLaterError,
    UnknownIdError,
    UploadTooLargeError,
    UsageError,
    WithdrawnError,
    WrongOffsetError,
)

MEDIA_TYPE = "application/problem+json"
# The code of a form, or a call by a browser's session, without the sign against forged requests.
FORM_EXPIRED = "form_expired"
RETRY_AFTER_SECONDS = 30
# Those who send files are many, and done soon.
_SOON_SECONDS = 1

# The first class that fits gives the status.
STATUSES: tuple[tuple[type[HubError], HTTPStatus], ...] = (
    (UploadTooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (QuotaExceededError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (WrongOffsetError, HTTPStatus.CONFLICT),
    (UsageError, HTTPStatus.BAD_REQUEST),
    (UnknownIdError, HTTPStatus.NOT_FOUND),
    (WithdrawnError, HTTPStatus.GONE),
    (LinkSpentError, HTTPStatus.GONE),
    (SignInNeededError, HTTPStatus.UNAUTHORIZED),
    (NotAllowedError, HTTPStatus.FORBIDDEN),
    (ChangedMeanwhileError, HTTPStatus.CONFLICT),
    (StillUsedError, HTTPStatus.CONFLICT),
    (PurgedFileError, HTTPStatus.GONE),
    (TryAgainLaterError, HTTPStatus.SERVICE_UNAVAILABLE),
    (NotInitialisedError, HTTPStatus.SERVICE_UNAVAILABLE),
    (HubError, HTTPStatus.INTERNAL_SERVER_ERROR),
)
_PUBLIC_DETAILS: tuple[tuple[type[HubError], str], ...] = (
    (EngineUnavailableError, "The search engine does not answer at the moment."),
    (IndexOutdatedError, "The search index is being prepared."),
    (CatalogueUnavailableError, "The catalogue does not answer at the moment."),
    (TryAgainLaterError, "The hub is busy at the moment."),
    (NotInitialisedError, "The hub is being set up."),
    (ConfigurationError, "The hub is not set up correctly."),
    (HubError, "Something went wrong in the hub. It has been noted in the log."),
)
_RETRY_ADVICE = "Try again in a moment."
_REPORT_ADVICE = "If it happens again, tell the people who run the hub when it did."


class BadParameterError(UsageError):
    """Parameters of a request do not fit. `parameters` says which, and why."""

    code = "bad_parameter"
    advice = "Correct the parameters: /api/v1/openapi.json describes them."

    def __init__(self, parameters: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in parameters))
        self.parameters = tuple(parameters)


class UnknownParameterIdError(BadParameterError):
    """A parameter of a request names a term that is not in its vocabulary."""

    code = "unknown_id"
    advice = "Check the id: the facets of a search list those that occur."


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as HTTP tells it."""

    status: int
    code: str
    title: str
    detail: str
    advice: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    # After how many seconds to ask again, where that makes sense.
    retry_after: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the members of the problem document, `code` and `advice` being extensions of ours."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "advice": self.advice,
        }
        if self.parameters:
            body["parameters"] = [{"name": name, "reason": reason} for name, reason in self.parameters]
        return body


def status_of(error: HubError) -> HTTPStatus:
    """Return the HTTP status of an error of the hub."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def problem_of(error: HubError) -> Problem:
    """Return the problem that tells of an error of the hub."""
    status = status_of(error)
    detail, advice = error.message, error.advice_given
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        detail = next(text for kind, text in _PUBLIC_DETAILS if isinstance(error, kind))
        advice = _RETRY_ADVICE if status is HTTPStatus.SERVICE_UNAVAILABLE else _REPORT_ADVICE
    parameters = error.parameters if isinstance(error, BadParameterError) else ()
    retry_after = RETRY_AFTER_SECONDS if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    if isinstance(error, BusyError):
        retry_after = _SOON_SECONDS
    return Problem(status, error.code, status.phrase, detail, advice, parameters, retry_after)


def problem_of_http(error: HTTPException) -> Problem:
    """Return the problem that tells of an error of the protocol, such as a method that is not allowed."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if isinstance(error, CSRFError):
        detail = "The request does not carry the hub's own sign against forged requests."
        return Problem(status, FORM_EXPIRED, status.phrase, detail, "Load the page again, and send the form again.")
    if isinstance(error, RateLimitExceeded):
        # When the time in which they are counted is over; there may be less of it left.
        wait = error.limit.limit.get_expiry()
        return Problem(
            status,
            "too_many_requests",
            status.phrase,
            f"More than {error.description} requests came from here.",
            "Wait, and ask less often.",
            retry_after=wait,
        )
    # Not the phrase of http.HTTPStatus, which differs between versions of Python.
    return Problem(status, error.name.lower().replace(" ", "_"), status.phrase, error.description or status.phrase)


def unforeseen() -> Problem:
    """Return the problem that tells of an error that nobody foresaw."""
    return problem_of(HubError("unforeseen"))
