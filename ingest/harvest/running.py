"""A run of a harvest: finds out what kind of source an address is, and takes what is new or changed there.

Everything is recorded as it is done: a run that is cut off at any moment, or ends at a limit, is gone on with by the
next. What a source withdraws is told and marked; the document stays until a person decides.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from httpx2 import URL

from holdings import harvests
from holdings.errors import (
    FileError,
    HubError,
    NoSourceError,
    NotFetchedError,
    SourceInvalidError,
    TooLargeError,
    TryAgainLaterError,
    UsageError,
)
from holdings.harvests import Harvested
from holdings.model import Declared
from indexer.hub import Hub
from ingest.harvest import sitemap
from ingest.harvest.addresses import Boundary, Resolver, host_of, parse_url, system_resolver
from ingest.harvest.dates import DATE, DAY, in_granularity, is_as_it_was, moment_of, seen_in_run
from ingest.harvest.dublin_core import declared_by, links_of
from ingest.harvest.fetching import Fetcher
from ingest.harvest.oai import BadTokenError, Identity, OaiSource, Record
from ingest.harvest.pages import names_something_else
from ingest.harvest.receiving import HarvestSummary, Receiver, Withdrawn, stopped, sweep
from ingest.harvest.taking import RecordFiles
from ingest.work import Report

log = logging.getLogger(__name__)

_MAX_ATTEMPTS = 5
# As the protocol has the names of sets and formats.
_NAME = re.compile(r"[A-Za-z0-9\-_.!~*'():]{1,100}")
_MAX_LINKS = 20

Tell = Callable[[Withdrawn], None]


@dataclass(frozen=True, slots=True)
class HarvestRequest:
    """What to harvest: an address, who may read what comes in, and what narrows the run down."""

    url: str
    access: tuple[str, ...] = ()
    metadata_prefix: str = "oai_dc"
    set_name: str | None = None
    since: str | None = None
    max_items: int | None = None


def harvest(
    hub: Hub,
    request: HarvestRequest,
    *,
    wait: bool = True,
    report: Report | None = None,
    tell: Tell | None = None,
    resolver: Resolver = system_resolver,
    sleep: Callable[[float], None] | None = None,
) -> HarvestSummary:
    """Fetch what is new or changed at a source since the last run, and have it finished.

    Raises NoSourceError for an address that is no source or may not be asked, UsageError for what the source has not,
    and LockedError when another process harvests the same host. Other trouble ends the run and is in the summary.
    """
    if request.since is not None and not DATE.fullmatch(request.since):
        raise UsageError(f"{request.since!r} is not a date such as 2026-01-31")
    for name in (request.metadata_prefix, request.set_name or "x"):
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no name of a set or of a format of metadata")
    settings = hub.settings.ingest.harvest
    try:
        url = parse_url(request.url)
    except FileError as error:
        raise NoSourceError(error.message) from error
    boundary = Boundary(url, settings.hosts, settings.private_networks)
    options = {"sleep": sleep} if sleep is not None else {}
    with (
        hub.catalogue.locks.hold(f"harvest-{host_of(url)}"),
        Fetcher(boundary, settings, contact=hub.settings.app.contact, resolver=resolver, **options) as fetcher,
    ):
        sweep(hub)
        summary = HarvestSummary()
        try:
            source, identity = _discover(fetcher, url)
        except TryAgainLaterError as error:
            stopped(error, summary)
            return summary
        except (FileError, SourceInvalidError) as error:
            raise NoSourceError(f"{url} cannot be harvested: {error.message}", advice=error.advice_given) from error
        run = _Run(hub, request, fetcher, summary, url, source, identity, wait=wait, report=report, tell=tell)
        try:
            run.go()
        except TryAgainLaterError as error:
            stopped(error, summary)
        except UsageError:
            run.finish()
            raise
        except (FileError, SourceInvalidError) as error:
            summary.problems.append(f"The harvest ended early: {error.message} {error.advice_given}")
        run.finish()
        return summary


Source = OaiSource | list[str]


def _discover(fetcher: Fetcher, url: URL) -> tuple[Source, Identity | None]:
    """Find out what is at an address, with the fewest requests. Raises NoSourceError, and what fetching raises."""
    if url.path in {"", "/"} and not url.query:
        found = sitemap.sitemaps_of_site(fetcher, url)
    elif url.path.endswith("/robots.txt"):
        found = fetcher.sitemaps(url)
    elif url.path.endswith((".xml", ".gz")) or "sitemap" in url.path.casefold():
        found = [str(url)] if sitemap.is_sitemap(fetcher, url) else []
    else:
        source = OaiSource(fetcher, url)
        identity = source.identify()
        if identity is not None:
            return source, identity
        found = [str(url)] if sitemap.is_sitemap(fetcher, url) else []
    if not found:
        raise NoSourceError(f"{url} is neither an OAI-PMH source nor a sitemap, and its site names none")
    return found, None


class _Run:
    """One run over one source."""

    def __init__(
        self,
        hub: Hub,
        request: HarvestRequest,
        fetcher: Fetcher,
        summary: HarvestSummary,
        url: URL,
        source: Source,
        identity: Identity | None,
        *,
        wait: bool,
        report: Report | None,
        tell: Tell | None,
    ) -> None:
        self._hub, self._request, self._fetcher, self._summary = hub, request, fetcher, summary
        self._source, self._identity, self._tell = source, identity, tell
        with hub.catalogue.write() as session:
            if isinstance(source, OaiSource):
                self._harvest = harvests.begin(
                    session, str(source.url), "oai", request.metadata_prefix, request.set_name or ""
                )
            else:
                self._harvest = harvests.begin(session, str(url), "sitemap")
        self._receiver = Receiver(hub, fetcher, self._harvest.id, summary, wait=wait, report=report)
        self._looked_at = 0

    def go(self) -> None:
        """Take what is new or changed. Raises what ends the run."""
        if isinstance(self._source, OaiSource):
            self._summary.complete = self._take_records(self._source)
        else:
            self._summary.complete = self._take_entries(self._source)

    def finish(self) -> None:
        """Have the last batch finished."""
        try:
            self._receiver.flush()
        except TryAgainLaterError as error:
            stopped(error, self._summary)

    def _full(self) -> bool:
        settings = self._hub.settings.ingest.harvest
        limit = min(self._request.max_items or settings.max_items, settings.max_items)
        return self._looked_at >= limit or self._fetcher.fetched_bytes >= settings.max_run_mb * 1_000_000

    # OAI-PMH

    def _take_records(self, source: OaiSource) -> bool:
        """Take the records of a source, and say whether the list was gone through to its end."""
        state = self._harvest
        for identifier in self._due():
            if self._full():
                return False
            record = source.record(identifier, state.metadata_prefix)
            if record is not None:
                self._take_record(record)
            else:
                self._withdraw(identifier, None, identifier)
        since = in_granularity(self._request.since, self._granularity) or state.since
        # What is asked for by hand is a list of its own.
        token = state.token if self._request.since is None else None
        began, asked = state.began, set[str | None]()
        while True:
            if token in asked:
                raise SourceInvalidError("The source's list leads in a circle")
            asked.add(token)
            try:
                page = source.page(
                    metadata_prefix=state.metadata_prefix, set_name=state.set_name or None, since=since, token=token
                )
            except BadTokenError:
                if token is None:
                    raise
                log.info("%s: the list begins anew, the source has forgotten its token", state.url)
                token, asked = None, set()
                continue
            began = began or moment_of(page.response_date)
            for record in page.records:
                if not self._take_record(record, since or began):
                    return False
            token = page.token
            with self._hub.catalogue.write() as session:
                if token is None:
                    harvests.complete(session, state.id, in_granularity(began, self._granularity))
                    return True
                harvests.note_page(session, state.id, token, began)

    @property
    def _granularity(self) -> str:
        return self._identity.granularity if self._identity else DAY

    def _due(self) -> list[str]:
        """Return what could not be fetched in earlier runs and was not tried in this one."""
        with self._hub.catalogue.read() as session:
            identifiers = harvests.due(session, self._harvest.id)
            known = [harvests.harvested(session, self._harvest.id, identifier) for identifier in identifiers]
        return [item.identifier for item in known if item is not None and not seen_in_run(self._harvest, item)]

    def _take_record(self, record: Record, since: str | None = None) -> bool:
        """Take a record, unless it is as it was, and say whether there was room for it in this run."""
        if record.deleted:
            self._withdraw(record.identifier, record.datestamp, record.identifier)
            return True
        known = self._known(record.identifier)
        if known is not None and is_as_it_was(self._harvest, known, record.datestamp, since):
            self._summary.passed += 1
            return True
        if self._full():
            return False
        self._looked_at += 1
        statements = declared_by(record.metadata, self._hub.vocabularies)
        taking = RecordFiles(self._receiver, record.identifier, Declared(statements, self._request.access), known)
        for group in links_of(record.metadata):
            for link in group[:_MAX_LINKS]:
                taking.follow(link)
            if taking.received:
                break
        errors = taking.tell_errors()
        if not taking.received and not errors:
            self._summary.without_file += 1
        self._note(record.identifier, record.datestamp, errors, known)
        return True

    # Sitemaps

    def _take_entries(self, sitemaps: Sequence[str]) -> bool:
        """Take the addresses of sitemaps, and say whether they were gone through to their end."""
        for entry in sitemap.entries(self._fetcher, list(sitemaps), self._summary.problems.append):
            if self._request.since and entry.lastmod and entry.lastmod < self._request.since:
                self._summary.passed += 1
            elif not self._take_entry(entry):
                return False
        with self._hub.catalogue.write() as session:
            harvests.complete(session, self._harvest.id, None)
        return True

    def _take_entry(self, entry: sitemap.Entry) -> bool:
        """Take an address, unless it is as it was, and say whether there was room for it in this run."""
        declared = Declared(access=self._request.access)
        error: FileError | None = None
        identifier = harvests.fitted(entry.url)
        known = None
        try:
            url = parse_url(entry.url)
            identifier = str(url)
            known = self._known(identifier)
            if known is not None and is_as_it_was(self._harvest, known, entry.lastmod, None):
                self._summary.passed += 1
                return True
            if names_something_else(url):
                self._summary.skipped += 1
                return True
            if self._full():
                return False
            self._looked_at += 1
            self._take_address(identifier, declared, known)
        except FileError as caught:
            error = caught
            file = known.files[0] if known and known.files else None
            self._receiver.refuse(identifier, identifier, error, declared, file)
        self._note(identifier, entry.lastmod, [error] if error else [], known)
        return True

    def _take_address(self, identifier: str, declared: Declared, known: Harvested | None) -> None:
        file = known.files[0] if known and known.files else None
        taken = self._receiver.take(identifier, identifier, declared, file, landing=False)
        if taken.gone:
            if file is None or file.document_id is None:
                raise NotFetchedError("There is nothing at this address")
            self._withdraw(identifier, None, identifier)
        elif taken.unchanged:
            self._summary.passed += 1
        elif not taken.received:
            self._summary.skipped += 1

    # Both

    def _known(self, identifier: str) -> Harvested | None:
        with self._hub.catalogue.read() as session:
            return harvests.harvested(session, self._harvest.id, identifier)

    def _note(
        self, identifier: str, datestamp: str | None, errors: Sequence[HubError], known: Harvested | None
    ) -> None:
        # What is too large stays so until its date or the settings change.
        again = any(not isinstance(error, TooLargeError) for error in errors)
        attempts = (known.attempts if known else 0) + 1
        with self._hub.catalogue.write() as session:
            current = harvests.harvested(session, self._harvest.id, identifier)
            if current is not None and current.withdrawn_at is not None and seen_in_run(self._harvest, current):
                return
            harvests.note_item(session, self._harvest.id, identifier, datestamp, due=again and attempts < _MAX_ATTEMPTS)

    def _withdraw(self, identifier: str, datestamp: str | None, path: str) -> None:
        """Mark what a source no longer has, and tell it once. Nothing is removed."""
        with self._hub.catalogue.write() as session:
            news = harvests.withdraw(session, self._harvest.id, identifier, datestamp)
            known = harvests.harvested(session, self._harvest.id, identifier)
        if not news or known is None:
            return
        documents = tuple(dict.fromkeys(file.document_id for file in known.files if file.document_id))
        self._summary.withdrawn += 1
        log.warning("%s: withdrawn by its source, documents %s", identifier, ", ".join(documents) or "none")
        if self._tell is not None:
            told = known.files[0].url if known.files else path
            self._tell(Withdrawn(identifier, told, known.withdrawn_at or datetime.now(UTC), documents))
