"""Which documents a search finds, all of them and as ids alone: what is followed and told of, not looked at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from indexer.clauses import Clause
from indexer.discover import body_of
from indexer.facets import lead_on, resolve_facet
from indexer.hub import Hub
from indexer.model import MAX_WINDOW, SearchRequest
from indexer.query import parse
from indexer.schema import IndexName
from indexer.supersession import search_filter

# Elasticsearch takes at most 65,536 values in one clause of terms.
_AT_A_TIME = 50_000


def matching(hub: Hub, request: SearchRequest, *, without: Collection[str] = ()) -> list[str]:
    """Return the ids of all documents that `request.viewer` may find with this search, but those `without`, in order.

    Page and size of the request do not count. Raises as `indexer.discover.discover` does.
    """
    parsed = parse(request.query, hub.analyzer, lambda facet, text: resolve_facet(hub, facet, text))
    request = replace(request, filters=lead_on(hub, request.filters)[0])
    found: list[str] = []
    while True:
        access = _without(search_filter(hub, request.viewer), [*without, *found])
        body = body_of(hub, request, parsed, access, offset=0, size=MAX_WINDOW)
        body |= {"_source": False}
        body.pop("aggs", None)
        answer = hub.engine.search(IndexName.DOCUMENTS, [body])[0]
        some = [hit["_id"] for hit in answer["hits"]["hits"]]
        found += some
        if len(some) < MAX_WINDOW:
            return found


def _without(access: Clause, left_out: list[str]) -> Clause:
    if not left_out:
        return access
    portions = [left_out[start : start + _AT_A_TIME] for start in range(0, len(left_out), _AT_A_TIME)]
    return {"bool": {"filter": [access], "must_not": [{"terms": {"id": some}} for some in portions]}}
