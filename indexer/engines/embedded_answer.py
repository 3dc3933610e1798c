"""From a request body to a response in Elasticsearch's shape, on one tantivy index."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from tantivy import Order, Query, Searcher

from indexer.engines.base import Body, Response
from indexer.engines.embedded_facets import aggregations
from indexer.engines.embedded_query import Translation, narrowed
from indexer.engines.options import allow, natural, refuse, short
from indexer.model import MAX_WINDOW
from indexer.schema import FieldKind

_BODY = ("query", "post_filter", "aggs", "sort", "from", "size", "track_total_hits", "_source")
_DEFAULT_SIZE = 10
_SORTABLE = (FieldKind.KEYWORD, FieldKind.INTEGER)


def answer(searcher: Searcher, translation: Translation, body: Body) -> Response:
    """Return the response to `body`. Raises SearchRefusedError that names what is not understood."""
    began = time.perf_counter()
    allow("the body", body, _BODY)
    query = translation.scored(body["query"]) if "query" in body else Query.all_query()
    narrowing = body.get("post_filter")
    wanted = query if narrowing is None else narrowed(query, translation.matching(narrowing))
    response: Response = {"timed_out": False, "hits": _hits(searcher, translation, wanted, body)}
    if body.get("aggs"):
        response["aggregations"] = aggregations(searcher, translation, query, body["aggs"])
    response["took"] = round((time.perf_counter() - began) * 1000)
    return response


def _hits(searcher: Searcher, translation: Translation, query: Query, body: Body) -> dict[str, Any]:
    offset, size = natural("from", body.get("from", 0)), natural("size", body.get("size", _DEFAULT_SIZE))
    if offset + size > MAX_WINDOW:
        refuse(f"from and size reach beyond the first {MAX_WINDOW} hits")
    counted = body.get("track_total_hits", True)
    if not isinstance(counted, bool):
        refuse(f"track_total_hits must be true or false, not {short(counted)}")
    with_stored = _with_stored(body.get("_source", True))
    key, order = _sort(translation, body.get("sort"))
    # tantivy panics when asked for no hit at all.
    found = searcher.search(
        query, limit=max(size, 1), count=counted, order_by_field=key, offset=offset if size else 0, order=order
    )
    total = {"total": {"value": found.count, "relation": "eq"}} if counted else {}  # type: ignore[attr-defined]
    hits = [_hit(searcher, value, address, key, with_stored=with_stored) for value, address in found.hits[:size]]
    return {**total, "max_score": hits[0]["_score"] if hits and not offset else None, "hits": hits}


def _hit(searcher: Searcher, value: Any, address: Any, key: str | None, *, with_stored: bool) -> dict[str, Any]:
    document = searcher.doc(address)
    hit: dict[str, Any] = {"_id": document.get_first("id"), "_score": value if key is None else None}
    if with_stored:
        stored = document.get_first("stored")
        hit["_source"] = {"stored": json.loads(stored)} if stored else {}
    if key is not None:
        hit["sort"] = [value]
    return hit


def _with_stored(source: Any) -> bool:
    if isinstance(source, bool):
        return source
    if source not in ("stored", ["stored"], []):
        refuse(f'_source must be true, false or ["stored"], not {short(source)}')
    return bool(source)


def _sort(translation: Translation, sort: Any) -> tuple[str | None, Order]:
    """Return the field to sort by, None for the score, and the order."""
    keys = sort if isinstance(sort, list) else [sort]
    if sort is None or keys in ([], ["_score"], [{"_score": "desc"}], [{"_score": {"order": "desc"}}]):
        return None, Order.Desc
    if len(keys) > 1:
        refuse("sort takes one key: let the values of the field decide between equals")
    name, order = keys[0], "asc"
    if isinstance(name, Mapping) and len(name) == 1:
        ((name, order),) = name.items()
        if isinstance(order, Mapping):
            allow(f"sort by {short(name)}", order, ("order",))
            order = order.get("order", "asc")
    translation.kind_of("sort", name, _SORTABLE)
    if order not in ("asc", "desc"):
        refuse(f"sort by {name} is asc or desc, not {short(order)}")
    return name, Order.Asc if order == "asc" else Order.Desc
