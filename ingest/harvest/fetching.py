"""Fetching: one request after the other, politely, within limits, and only from addresses that may be asked.

A robots.txt is heeded, hosts get a pause between requests, Retry-After is obeyed, redirects are followed by hand so
that each is checked like the first address, and everything is written away under a cap while it comes in.
"""

from __future__ import annotations

import io
import logging
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import BinaryIO, Self

import httpcore2
from httpcore2 import ConnectionPool, NetworkError, ProtocolError, Response, TimeoutException
from httpx2 import URL
from protego import Protego

from holdings.errors import (
    NotFetchedError,
    RobotsRefusedError,
    SourceInvalidError,
    SourceUnavailableError,
    TooLargeError,
)
from holdings.failures import translated_errors
from holdings.settings import HarvestSettings
from ingest.harvest.addresses import Boundary, CheckedBackend, Resolver, host_of, system_resolver
from ingest.harvest.decoding import decoded, too_large

log = logging.getLogger(__name__)

AGENT = "ikhub"
_ATTEMPTS = 4
_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_REDIRECTS = 5
_BUSY = (429, 500, 502, 503, 504)
_NOT_THERE = (404, 410)
_MAX_ROBOTS = 500 * 1024
_MAX_CRAWL_DELAY = 60.0
_MAX_VALIDATOR = 500
_TROUBLES = (NetworkError, TimeoutException, ProtocolError)


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said of the version of a file that is here, to be asked whether there is another."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A server's answer. `status` is 200, 304 (as it was), 404 or 410. `read` is False when the body was not wanted."""

    url: URL
    status: int
    content_type: str
    validators: Validators
    size: int = 0
    read: bool = True

    @property
    def is_there(self) -> bool:
        return self.status not in _NOT_THERE


class RefusedByServerError(NotFetchedError):
    """The server answers with a status that is neither the file nor a wish to be asked again."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Fetcher:
    """Fetches what `boundary` allows, one request at a time; a context manager. `fetched_bytes` counts what came in."""

    def __init__(
        self,
        boundary: Boundary,
        settings: HarvestSettings,
        *,
        contact: str = "",
        resolver: Resolver = system_resolver,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.boundary = boundary
        self.fetched_bytes = 0
        self._settings = settings
        self._sleep = sleep
        self._agent = f"{AGENT}/{version('ikhub')}" + (f" ({_header_safe(contact)})" if contact else "")
        self._backend = CheckedBackend(boundary, resolver)
        self._pool = ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=1,
            max_keepalive_connections=1,
            keepalive_expiry=30,
            network_backend=self._backend,
        )
        self._robots: dict[tuple[str, str, int | None], Protego | None] = {}
        self._asked_at: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def fetch(
        self,
        address: str | URL,
        target: BinaryIO,
        *,
        max_bytes: int,
        validators: Validators | None = None,
        robots: bool = True,
        compressed: bool = False,
        wanted: Callable[[Fetched], bool] = lambda _: True,
    ) -> Fetched:
        """Write what is at an address into `target`, from its start, and return the answer.

        `compressed` lets the server send it compressed; `robots` is whether its robots.txt is asked. Raises
        AddressRefusedError, RobotsRefusedError, TooLargeError and NotFetchedError, SourceUnavailableError when the
        server asks to wait for longer than the settings allow, and StorageFullError.
        """
        url = self.boundary.checked(str(address))
        headers: dict[bytes | str, bytes | str] = {"Accept-Encoding": "gzip" if compressed else "identity"}
        if validators and validators.etag:
            headers["If-None-Match"] = validators.etag
        if validators and validators.last_modified:
            headers["If-Modified-Since"] = validators.last_modified
        for _ in range(_MAX_REDIRECTS + 1):
            if robots:
                self._require_robots(url)
            answer = self._ask(url, headers, target, max_bytes, wanted)
            if isinstance(answer, Fetched):
                return answer
            url = self.boundary.checked(answer, url)
        raise NotFetchedError(f"The server redirects more than {_MAX_REDIRECTS} times")

    def sitemaps(self, site: URL) -> list[str]:
        """Return the sitemaps that the robots.txt of a site names."""
        rules = self._rules(site)
        return list(rules.sitemaps) if rules else []

    def _ask(
        self,
        url: URL,
        headers: Mapping[bytes | str, bytes | str],
        target: BinaryIO,
        max_bytes: int,
        wanted: Callable[[Fetched], bool],
    ) -> Fetched | str:
        """Ask until there is an answer: what was fetched, or the address to which the server redirects."""
        reason = ""
        for attempt in range(_ATTEMPTS):
            self._pause(url)
            wait = float(2**attempt)
            target.seek(0)
            target.truncate()
            try:
                with self._stream(url, headers) as response:
                    answer_headers = _headers(response)
                    if response.status in _REDIRECTS and "location" in answer_headers:
                        return answer_headers["location"]
                    if response.status not in _BUSY:
                        return self._read(url, response, answer_headers, target, max_bytes, wanted)
                    reason = f"it answers {response.status}"
                    wait = self._wait_asked(url, response.status, answer_headers.get("retry-after"), wait)
            except _TROUBLES as error:
                reason = str(error) or type(error).__name__
            finally:
                self._asked_at[host_of(url)] = time.monotonic()
            log.info("%s: %s, attempt %d", url, reason, attempt + 1)
            if attempt + 1 < _ATTEMPTS:
                self._sleep(wait)
        raise NotFetchedError(f"{host_of(url)} does not give the file: {reason}")

    def _stream(self, url: URL, headers: Mapping[bytes | str, bytes | str]) -> AbstractContextManager[Response]:
        self._backend.deadline = time.monotonic() + self._settings.request_seconds
        timeout = self._settings.timeout_seconds
        return self._pool.stream(
            "GET",
            httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers={"Host": url.netloc.decode("ascii"), "User-Agent": self._agent, "Accept": "*/*", **headers},
            extensions={"timeout": {"connect": timeout, "read": timeout, "write": timeout, "pool": timeout}},
        )

    def _read(
        self,
        url: URL,
        response: Response,
        headers: Mapping[str, str],
        target: BinaryIO,
        max_bytes: int,
        wanted: Callable[[Fetched], bool],
    ) -> Fetched:
        content_type = headers.get("content-type", "").partition(";")[0].strip().casefold()
        validators = Validators(_validator(headers.get("etag")), _validator(headers.get("last-modified")))
        answer = Fetched(url, response.status, content_type, validators, read=False)
        if response.status == 304 or response.status in _NOT_THERE:
            return answer
        if response.status != 200:
            said = f"{host_of(url)} does not give the file: it answers {response.status}"
            raise RefusedByServerError(said, status=response.status)
        if not wanted(answer):
            return answer
        announced = headers.get("content-length", "")
        if announced.isdigit() and int(announced) > max_bytes:
            raise too_large(max_bytes)
        size = 0
        with translated_errors():
            for chunk in decoded(self._counted(response), headers.get("content-encoding", ""), max_bytes):
                size += len(chunk)
                if size > max_bytes:
                    raise too_large(max_bytes)
                target.write(chunk)
            target.flush()
        return Fetched(url, 200, content_type, validators, size)

    def _counted(self, response: Response) -> Iterator[bytes]:
        for chunk in response.iter_stream():
            self.fetched_bytes += len(chunk)
            yield chunk

    def _wait_asked(self, url: URL, status: int, retry_after: str | None, otherwise: float) -> float:
        """Return how long to wait before asking again. Raises SourceUnavailableError when that is too long."""
        asked = _seconds(retry_after)
        if asked is None:
            return otherwise
        if asked > self._settings.max_wait_seconds:
            raise SourceUnavailableError(f"{host_of(url)} answers {status} and asks to wait for {asked:.0f} seconds")
        return asked

    def _pause(self, url: URL) -> None:
        rules = self._robots.get(_origin(url))
        asked = (rules.crawl_delay(AGENT) if rules else None) or 0.0
        pause = max(self._settings.delay_seconds, min(asked, _MAX_CRAWL_DELAY))
        waited = time.monotonic() - self._asked_at.get(host_of(url), float("-inf"))
        if waited < pause:
            self._sleep(pause - waited)

    def _require_robots(self, url: URL) -> None:
        rules = self._rules(url)
        if rules is None:
            raise RobotsRefusedError(f"The robots.txt of {host_of(url)} cannot be read, so nothing is fetched there")
        if not rules.can_fetch(str(url), AGENT):
            raise RobotsRefusedError(f"The robots.txt of {host_of(url)} asks programs not to fetch this address")

    def _rules(self, url: URL) -> Protego | None:
        """Return the rules of a site, empty when it has no robots.txt; None when it cannot be read (RFC 9309)."""
        origin = _origin(url)
        if origin not in self._robots:
            self._robots[origin] = self._fetch_rules(url)
        return self._robots[origin]

    def _fetch_rules(self, url: URL) -> Protego | None:
        content = io.BytesIO()
        try:
            answer = self.fetch(
                url.copy_with(raw_path=b"/robots.txt"), content, max_bytes=_MAX_ROBOTS, robots=False, compressed=True
            )
        except TooLargeError:
            return None
        except RefusedByServerError as error:
            # A file that nobody may see rules nothing; a server in trouble may have rules.
            return Protego.parse("") if 400 <= error.status < 500 else None
        except NotFetchedError:
            return None
        return Protego.parse(content.getvalue().decode("utf-8", errors="replace") if answer.is_there else "")


def fetch_list(fetcher: Fetcher, url: str | URL, target: BinaryIO, *, max_bytes: int, robots: bool = True) -> Fetched:
    """Fetch a list that a harvest cannot do without, to be read from its start.

    Raises SourceUnavailableError when the source does not answer, SourceInvalidError when it refuses, and
    AddressRefusedError, RobotsRefusedError and TooLargeError.
    """
    try:
        answer = fetcher.fetch(url, target, max_bytes=max_bytes, robots=robots, compressed=True)
    except RefusedByServerError as error:
        raise SourceInvalidError(error.message) from error
    except NotFetchedError as error:
        raise SourceUnavailableError(error.message) from error
    target.seek(0)
    return answer


def _headers(response: Response) -> dict[str, str]:
    return {name.decode("latin-1").casefold(): value.decode("latin-1") for name, value in response.headers}


def _validator(value: str | None) -> str | None:
    """Return what a server said of a version, None when it could not be said back to it."""
    safe = value is not None and len(value) <= _MAX_VALIDATOR and value.isascii() and value.isprintable()
    return value if safe else None


def _seconds(retry_after: str | None) -> float | None:
    """Return the wait that Retry-After asks for, in either of its forms."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after.strip())
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _origin(url: URL) -> tuple[str, str, int | None]:
    return url.scheme, host_of(url), url.port


def _header_safe(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isprintable() and sign not in "()")
