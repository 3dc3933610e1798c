"""Alerts: for each saved search that is due, what it finds now and has not told of, in one letter.

A match is new when the person finds it now and the search has not told of it: whether it was published, its embargo
passed, its access widened or the person joined an organisation makes no difference. What a search has told of and the
letter are committed together, so a run that dies tells neither twice nor not at all. Before a letter is sent what it
names is looked at once more (`desk.sending`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from desk import addresses, letters
from desk.dates import day_in_words
from desk.reasons import in_words, reasons
from desk.searches import next_due, request_of, results_address, stop_path
from holdings import accounts, mails, saved_searches
from holdings.accounts import Account
from holdings.database import Session
from holdings.errors import HubError, TryAgainLaterError
from holdings.readable import readable
from holdings.saved_searches import Frequency, SavedSearch
from indexer.discover import discover
from indexer.facets import facet_label
from indexer.hub import Hub
from indexer.matching import matching
from indexer.model import Facet, Hit, SearchRequest

log = logging.getLogger(__name__)

LOCK = "alerts"
# What one letter shows; of more it says how many there are.
SHOWN = 20


@dataclass(slots=True)
class Written:
    """What a run came to. `stopped_by` is why it ended before all that was due was looked at."""

    searches: int = 0
    letters: int = 0
    matches: int = 0
    failed: int = 0
    stopped_by: TryAgainLaterError | None = None


def write_due(hub: Hub, max_seconds: float | None = None) -> Written:
    """Write a letter for each saved search that is due and has new matches; begin no further after `max_seconds`.

    When the engine is away the run ends (`stopped_by`) and what was not looked at stays due. Raises LockedError when
    another process is at it, and CatalogueUnavailableError.
    """
    done = Written()
    ends_at = time.monotonic() + max_seconds if max_seconds is not None else None
    with hub.catalogue.locks.hold(LOCK):
        with hub.catalogue.read() as session:
            due = saved_searches.due(session, datetime.now(UTC))
        for number, search in enumerate(due):
            if ends_at is not None and time.monotonic() >= ends_at:
                # What was looked at and is due at once again would be first the next time, too.
                with hub.catalogue.write() as session:
                    saved_searches.put_behind(session, [one.id for one in due[:number]], datetime.now(UTC))
                break
            try:
                _tell(hub, search, done)
            except TryAgainLaterError as error:
                log.warning("alerts wait: %s", error.message)
                done.stopped_by = error
                break
            except HubError as error:
                # A search of its own, such as a template that the engine refuses: the others go on.
                log.error("saved search %s: %s [%s]", search.id, error.message, error.code)
                done.failed += 1
            else:
                done.searches += 1
    return done


def _tell(hub: Hub, search: SavedSearch, done: Written) -> None:
    """Look at one search, and tell of what is new."""
    with hub.catalogue.read() as session:
        account = accounts.get(session, search.account_id)
        told = saved_searches.told_ids(session, search.id)
    request = request_of(search.parameters, account)
    new = matching(hub, request, without=told)
    by_mail = search.frequency is not Frequency.NEVER
    hits = discover(hub, replace(request, size=SHOWN), among=new[:SHOWN]).hits if new and by_mail else ()
    now = datetime.now(UTC)
    if not new and search.frequency in {Frequency.AT_ONCE, Frequency.NEVER}:
        return  # it stays due
    with hub.catalogue.write() as session:
        if not saved_searches.hold(session, search) or accounts.get(session, account.id) != account:
            return  # it was changed meanwhile, or the person was: the next run sees to it
        still = readable(session, new, account.viewer, now)
        shown = [hit for hit in hits if hit.document_id in still]
        mail_id = None
        if still and by_mail:
            if not shown:
                return  # the index is behind: nothing can be said of them yet
            mail_id = _write(session, hub, account, search, request, shown, list(still), now)
            done.letters += 1
        saved_searches.tell(session, search.id, list(still), mail_id=mail_id, now=now)
        saved_searches.set_due(session, search.id, next_due(hub.settings, search.frequency, now))
        done.matches += len(still)


def _write(
    session: Session,
    hub: Hub,
    account: Account,
    search: SavedSearch,
    request: SearchRequest,
    shown: Sequence[Hit],
    found: Sequence[str],
    now: datetime,
) -> str | None:
    """Write the letter of one search, and return its id."""
    settings, language = hub.settings, account.language
    stop = addresses.address(settings, stop_path(settings, search.id), language)
    assert search.due_at is not None
    return letters.write(
        session,
        settings,
        mails.LAST_KIND,
        address=account.email,
        language=language,
        account_id=account.id,
        key=f"alert-{search.id}-{search.due_at.isoformat()}",
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        names=found,
        name=account.name,
        search=search.name,
        documents=[_item(hub, request, hit, language) for hit in shown],
        more=len(found) - len(shown),
        results=results_address(settings, search, language),
        searches=addresses.address(settings, "/searches", language),
        stop=stop,
    )


def _item(hub: Hub, request: SearchRequest, hit: Hit, language: str) -> dict[str, object]:
    """Return what a letter says of a match."""
    kind = facet_label(hub, Facet.KIND, hit.kind, request.label_language) if hit.kind else ""
    issuers = [facet_label(hub, Facet.ORGANISATION, value, request.label_language) for value in hit.organisations]
    return {
        "title": " ".join(hit.title.split()),
        "about": " · ".join(part for part in (kind, day_in_words(hit.date, language), ", ".join(issuers)) if part),
        "why": in_words(reasons(hub, request, hit), language),
        "link": addresses.address(hub.settings, f"/documents/{hit.document_id}", language),
    }
