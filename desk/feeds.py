"""The private feed of a saved search: its newest matches that its person may read now, each with why it matches.

Nothing is kept for a feed: it is what the search finds at the moment that it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from desk.reasons import in_words, reasons
from desk.searches import of_feed, request_of
from holdings import saved_searches
from holdings.readable import readable
from holdings.saved_searches import SavedSearch
from indexer.discover import discover
from indexer.hub import Hub
from indexer.matching import matching
from indexer.model import Language

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """A match. `at` is when the search told of it, else since when its person may read it."""

    document_id: str
    title: str
    at: datetime
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says now, newest entry first."""

    search: SavedSearch
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime:
        return self.entries[0].at if self.entries else self.search.created_at


def feed(hub: Hub, secret: str, language: Language) -> Feed:
    """Return the feed with this secret in its address.

    Raises UnknownIdError when there is none, when it was ended and when its person may no longer sign in, and as
    `discover` does.
    """
    search, account = of_feed(hub, secret)
    request = request_of(search.parameters, account, language)
    found = matching(hub, request)
    with hub.catalogue.read() as session:
        moments = readable(session, found, account.viewer, datetime.now(UTC))
        told = saved_searches.told(session, search.id)
    moments |= {one: at for one, at in told.items() if one in moments and at > search.created_at}
    newest = sorted(moments, key=lambda one: (moments[one], one), reverse=True)[:SHOWN]
    hits = {hit.document_id: hit for hit in discover(hub, replace(request, size=SHOWN), among=newest).hits}
    entries = tuple(
        Entry(one, hits[one].title, moments[one], tuple(in_words(reasons(hub, request, hits[one]), language)))
        for one in newest
        if one in hits
    )
    return Feed(search, entries)
