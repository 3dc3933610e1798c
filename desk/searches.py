"""Searches that people save: made, changed, stopped and forgotten, and their private feeds.

What a search finds when it is saved counts as told: alerts and feed are about what comes after. Nobody but the person
knows of it; what its feed's address and the link that stops its letters can be used for is said in
docs/decisions/2026-11-24-desk.md.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from desk import addresses
from holdings import accounts, audit, mails, saved_searches
from holdings.accounts import Account
from holdings.database import Session
from holdings.errors import UnknownIdError, UsageError
from holdings.saved_searches import Frequency, SavedSearch
from holdings.secret_key import derived_key
from holdings.sessions import hash_of, new_token
from holdings.settings import Settings
from indexer.hub import Hub
from indexer.matching import matching
from indexer.model import Facet, Language, SearchRequest, Sort

MOST = 100
LONGEST_NAME = 200
STOPPED = "Not sent: the letters of this search were stopped."
_IDENTIFIER = re.compile(r"[0-9a-z]{1,16}")
_SUBJECT = "saved-search"
_MONDAY = 0


def save(
    hub: Hub, by: Account, *, name: str, parameters: Mapping[str, Any], frequency: Frequency, with_feed: bool
) -> tuple[SavedSearch, str | None]:
    """Save a search and return it, with the secret of its feed's address if it has one: it is not kept.

    Raises UsageError for a name that does not fit and where there are too many, and as `discover` does when it cannot
    be known what is there already: then nothing is saved.
    """
    now, secret = datetime.now(UTC), new_token() if with_feed else None
    is_followed = frequency is not Frequency.NEVER or with_feed
    there = matching(hub, request_of(parameters, by)) if is_followed else []
    with hub.catalogue.write() as session:
        if saved_searches.count(session, by.id) >= MOST:
            raise UsageError(f"There are {MOST} saved searches", advice="Delete one that you no longer need.")
        search = saved_searches.add(
            session,
            by.id,
            name=_checked(name),
            parameters=parameters,
            frequency=frequency,
            feed_sha256=hash_of(secret) if secret else None,
            due_at=_due(hub.settings, frequency, with_feed=with_feed, now=now),
            now=now,
        )
        _count_as_told(session, search, there)
        audit.append(session, by, "search.save", _SUBJECT, search.id, frequency=frequency.value, feed=with_feed)
    return search, secret


def change(hub: Hub, by: Account, search_id: str, *, name: str, frequency: Frequency) -> SavedSearch:
    """Give a search another name and frequency. Raises UnknownIdError, UsageError, and as `save` does."""
    there = _newly_followed(hub, by, search_id, is_followed=frequency is not Frequency.NEVER)
    with hub.catalogue.write() as session:
        before = own(session, by, search_id)
        after = saved_searches.change(
            session,
            search_id,
            name=_checked(name),
            frequency=frequency,
            due_at=_due(hub.settings, frequency, with_feed=before.has_feed, now=datetime.now(UTC)),
        )
        _count_as_told(session, after, there)
        if frequency is Frequency.NEVER:
            _withhold_letters(session, search_id)
        audit.append(session, by, "search.change", _SUBJECT, search_id, frequency=frequency.value)
    return after


def renew_feed(hub: Hub, by: Account, search_id: str) -> str:
    """Give a search a private feed, or another address for it, and return the secret in it: the former one ends."""
    secret = new_token()
    _set_feed(hub, by, search_id, hash_of(secret), "search.feed")
    return secret


def end_feed(hub: Hub, by: Account, search_id: str) -> None:
    """End the private feed of a search. Raises UnknownIdError."""
    _set_feed(hub, by, search_id, None, "search.end-feed")


def remove(hub: Hub, by: Account, search_id: str) -> None:
    """Delete a search, and with it its letters that were not sent. Raises UnknownIdError."""
    with hub.catalogue.write() as session:
        own(session, by, search_id)
        _withhold_letters(session, search_id)
        saved_searches.remove(session, search_id)
        audit.append(session, by, "search.remove", _SUBJECT, search_id)


def own(session: Session, by: Account, search_id: str) -> SavedSearch:
    """Return a saved search of a person. Raises UnknownIdError, also when it is somebody else's."""
    if _IDENTIFIER.fullmatch(search_id):
        search = saved_searches.get(session, search_id)
        if search.account_id == by.id:
            return search
    raise UnknownIdError("There is no such saved search")


def stop_path(settings: Settings, search_id: str) -> str:
    """Return the path of the page that stops the letters of a search: who has it needs not sign in."""
    return f"/searches/stop/{search_id}/{_stop_code(settings, search_id)}"


def stoppable(hub: Hub, search_id: str, code: str) -> SavedSearch:
    """Return the search that the link of a letter stops. Raises UnknownIdError for one that was not made here."""
    right = _IDENTIFIER.fullmatch(search_id) and hmac.compare_digest(
        code.encode(), _stop_code(hub.settings, search_id).encode()
    )
    if not right:
        raise UnknownIdError("There is no such saved search")
    with hub.catalogue.read() as session:
        return saved_searches.get(session, search_id)


def stop(hub: Hub, search_id: str, code: str) -> SavedSearch:
    """Send no letters about a search any more; it stays saved, and so does its feed. Raises UnknownIdError."""
    stoppable(hub, search_id, code)
    with hub.catalogue.write() as session:
        search = saved_searches.get(session, search_id)
        if search.frequency is Frequency.NEVER:
            return search
        due_at = _due(hub.settings, Frequency.NEVER, with_feed=search.has_feed, now=datetime.now(UTC))
        _withhold_letters(session, search_id)
        search = saved_searches.change(session, search_id, name=search.name, frequency=Frequency.NEVER, due_at=due_at)
        by = accounts.get(session, search.account_id)
        audit.append(session, by, "search.stop", _SUBJECT, search_id, through="the link of a letter")
    return search


def of_feed(hub: Hub, secret: str) -> tuple[SavedSearch, Account]:
    """Return the search whose private feed has this secret, and its person. Raises UnknownIdError, also when the person
    may no longer sign in."""
    with hub.catalogue.read() as session:
        search = saved_searches.with_feed(session, hash_of(secret))
        return search, accounts.get(session, search.account_id)


def request_of(parameters: Mapping[str, Any], account: Account, language: Language | None = None) -> SearchRequest:
    """Return what these parameters ask for, as a person reads now, in their language unless another is given."""
    query = str(parameters.get("q", ""))
    own_language: Language = "en" if account.language == "en" else "id"
    return SearchRequest(
        query=query,
        filters={facet: tuple(parameters[facet.value]) for facet in Facet if parameters.get(facet.value)},
        sort=Sort.RELEVANCE if query.strip() else Sort.NEWEST,
        viewer=account.viewer,
        label_language=language or own_language,
    )


def results_path(search: SavedSearch) -> str:
    """Return the path of the page of what a saved search finds."""
    query = urlencode(search.parameters, doseq=True)
    return f"/search?{query}" if query else "/search"


def results_address(settings: Settings, search: SavedSearch, language: str) -> str:
    """Return the address of the page of what a saved search finds, as a letter has it."""
    return addresses.address(settings, results_path(search), language)


def next_due(settings: Settings, frequency: Frequency, now: datetime) -> datetime:
    """Return when a search is to be looked at after `now`: at once, or at the hour of alerts, on Mondays if weekly."""
    if frequency in {Frequency.AT_ONCE, Frequency.NEVER}:
        return now
    there = now.astimezone(settings.app.zone)
    moment = there.replace(hour=settings.desk.alerts_hour, minute=0, second=0, microsecond=0)
    while moment <= there or (frequency is Frequency.WEEKLY and moment.weekday() != _MONDAY):
        moment += timedelta(days=1)
    return moment.astimezone(UTC)


def _due(settings: Settings, frequency: Frequency, *, with_feed: bool, now: datetime) -> datetime | None:
    """Return when a search is looked at next; None where nobody hears of what it finds."""
    if frequency is Frequency.NEVER and not with_feed:
        return None
    return next_due(settings, frequency, now)


def _set_feed(hub: Hub, by: Account, search_id: str, feed_sha256: str | None, action: str) -> None:
    there = _newly_followed(hub, by, search_id, is_followed=feed_sha256 is not None)
    with hub.catalogue.write() as session:
        before = own(session, by, search_id)
        due_at = _due(hub.settings, before.frequency, with_feed=feed_sha256 is not None, now=datetime.now(UTC))
        after = saved_searches.set_feed(session, search_id, feed_sha256, due_at)
        _count_as_told(session, after, there)
        audit.append(session, by, action, _SUBJECT, search_id)


def _newly_followed(hub: Hub, by: Account, search_id: str, *, is_followed: bool) -> list[str]:
    """Return what a search finds now, where it was not followed and is to be. The engine is asked before the change
    begins: a transaction does not wait for it."""
    with hub.catalogue.read() as session:
        search = own(session, by, search_id)
    return matching(hub, request_of(search.parameters, by)) if is_followed and not search.is_followed else []


def _count_as_told(session: Session, search: SavedSearch, document_ids: list[str]) -> None:
    # As of the day when it was saved, so that a feed does not take them for new.
    saved_searches.tell(session, search.id, document_ids, mail_id=None, now=search.created_at)


def _withhold_letters(session: Session, search_id: str) -> None:
    for mail_id in saved_searches.letters_that_wait(session, search_id):
        mails.drop(session, mail_id, STOPPED)


def _checked(name: str) -> str:
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise UsageError(
            "The name does not fit", advice=f"Give the search a name of at most {LONGEST_NAME} characters."
        )
    return name


def _stop_code(settings: Settings, search_id: str) -> str:
    made = hmac.new(derived_key(settings, "stop-letters-of-search"), search_id.encode(), hashlib.sha256)
    return made.hexdigest()[:32]
