"""What a viewer may find: what they may read, but for what the index has wrong and what a newer version supersedes.

An index is behind the catalogue by what was changed since it was synchronised. A record whose access changed since is
left out of every search until the index has caught up: so a change holds from the moment that it is committed.

Of the versions of a work a search gives the newest that the viewer may read. An index entry therefore carries who may
read what supersedes it. Where several newer versions are under embargo, the last of their embargoes counts for all:
the older one is then found a while longer beside a newer one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from holdings import indexed
from holdings.access import Access, Viewer, indexed_embargo, read_filter
from holdings.errors import IndexOutdatedError
from indexer.hub import Hub

# So many records a search leaves out one by one. Elasticsearch takes 65,536 terms in a clause.
MOST_UNSETTLED = 50_000


def search_filter(hub: Hub, viewer: Viewer) -> dict[str, Any]:
    """Return the clause that every search is restricted by: all that `viewer` may find now.

    Raises IndexOutdatedError when the access of so many records changed that the index must catch up first.
    """
    with hub.catalogue.read() as session:
        unsettled = indexed.unsettled(session, hub.engine.name, limit=MOST_UNSETTLED + 1)
    if len(unsettled) > MOST_UNSETTLED:
        raise IndexOutdatedError(
            f"The access of more than {MOST_UNSETTLED:,} documents changed since the index was synchronised",
            advice="Run `ikhub index sync`: until it ends there is no search.",
        )
    now = datetime.now(UTC)
    excluded: list[dict[str, Any]] = [superseded_for(viewer, now)]
    if unsettled:
        excluded.append({"terms": {"id": unsettled}})
    return {"bool": {"filter": [read_filter(viewer, now)], "must_not": excluded}}


def superseding(newer: Iterable[Access], now: datetime) -> dict[str, Any]:
    """Return the fields of an index entry that say who may read what supersedes it."""
    listed = list(newer)
    embargoed = [access for access in listed if access.embargo_until is not None and access.embargo_until > now]
    free = [access for access in listed if access not in embargoed]
    keepers = {access.keeper for access in listed if access.keeper}
    return {
        "newer_access": sorted(keepers.union(_labels(free))),
        "newer_embargoed": _labels(embargoed),
        "newer_embargo_until": max((indexed_embargo(access.embargo_until) for access in embargoed), default=0),
    }


def superseded_for(viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Return the clause of what `viewer` may read a newer version of, over the fields of `superseding`."""
    labels = sorted(viewer.labels)
    return {
        "bool": {
            "should": [
                {"terms": {"newer_access": labels}},
                {
                    "bool": {
                        "filter": [
                            {"terms": {"newer_embargoed": labels}},
                            {"range": {"newer_embargo_until": {"lte": int(now.timestamp())}}},
                        ]
                    }
                },
            ],
            "minimum_should_match": 1,
        }
    }


def _labels(several: Iterable[Access]) -> list[str]:
    return sorted({label for access in several for label in access.labels})
