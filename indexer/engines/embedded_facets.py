"""The aggregations of a request body on a tantivy index, in Elasticsearch's shape.

They are counted in as few passes as there are different filters: what is counted under the same filter is counted
together. `filter` may hold `terms` and `cardinality`; both may also stand alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tantivy import Query, Searcher

from indexer.engines.embedded_query import Clause, Translation, narrowed
from indexer.engines.options import allow, natural, refuse
from indexer.schema import FieldKind

_DEFAULT_SIZE = 10
# How many buckets more than asked for are looked at, so that those of equal counts can be put in order of their keys.
_MARGIN = 50
# As many buckets as tantivy counts in one pass.
_ALL = 65_000
_COUNTED = (FieldKind.KEYWORD, FieldKind.INTEGER)
_DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True)
class _Leaf:
    """Something that is counted: the values of a field, or (`size` None) how many there are."""

    field: str
    size: int | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """One aggregation of the body: its leaves by name, under a filter or (None) alone under the empty name."""

    filter: Clause | None
    leaves: Mapping[str, _Leaf]


def aggregations(
    searcher: Searcher, translation: Translation, query: Query, body: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return the answers to the aggregations `body`, by name, among what `query` matches.

    Raises SearchRefusedError that names what is not known.
    """
    by_filter: dict[str, dict[str, _Asked]] = {}
    for name, aggregation in _named("aggs", body):
        asked = _asked(translation, name, aggregation)
        key = "" if asked.filter is None else json.dumps(asked.filter, sort_keys=True, default=repr)
        by_filter.setdefault(key, {})[name] = asked
    answers: dict[str, dict[str, Any]] = {}
    for together in by_filter.values():
        answers |= _one_pass(searcher, translation, query, together)
    return answers


def _named(where: str, body: Any) -> list[tuple[str, Any]]:
    if not isinstance(body, Mapping):
        refuse(f"{where} must be an object")
    return list(body.items())


def _asked(translation: Translation, name: str, body: Any) -> _Asked:
    if not isinstance(body, Mapping) or "filter" not in body:
        return _Asked(None, {"": _leaf(translation, name, body)})
    allow(f"the filter aggregation {name}", body, ("filter", "aggs"))
    inner = _named(f"aggs of {name}", body.get("aggs", {}))
    return _Asked(body["filter"], {inner_name: _leaf(translation, inner_name, leaf) for inner_name, leaf in inner})


def _leaf(translation: Translation, name: str, body: Any) -> _Leaf:
    allow(f"the aggregation {name}", body, ("terms", "cardinality"))
    if len(body) != 1:
        refuse(f"the aggregation {name} must be one of filter, terms and cardinality")
    ((kind, options),) = body.items()
    allow(f"{kind} of {name}", options, ("field", "size") if kind == "terms" else ("field",))
    translation.kind_of(kind, options.get("field"), _COUNTED)
    if kind == "cardinality":
        return _Leaf(options["field"], None)
    size = natural(f"size of {name}", options.get("size", _DEFAULT_SIZE))
    if not 0 < size <= _ALL:
        refuse(f"size of {name} must be 1 to {_ALL}")
    return _Leaf(options["field"], size)


def _one_pass(
    searcher: Searcher, translation: Translation, query: Query, together: Mapping[str, _Asked]
) -> dict[str, dict[str, Any]]:
    """Return the answers to aggregations that have the same filter."""
    clause = next(iter(together.values())).filter
    if clause is not None:
        query = narrowed(query, translation.matching(clause))
    leaves = [(name, inner, leaf) for name, asked in together.items() for inner, leaf in asked.leaves.items()]
    request: dict[str, Any] = {
        str(number): _terms(leaf, _ALL if leaf.size is None else leaf.size + _MARGIN)
        for number, (_, _, leaf) in enumerate(leaves)
    }
    if clause is not None:
        # Every document has one id: counting ids counts documents.
        request[_DOCUMENTS] = {"value_count": {"field": "id"}}
    counted = searcher.aggregate(query, request)
    answers: dict[str, dict[str, Any]] = {}
    for name in together:
        answers[name] = {} if clause is None else {"doc_count": int(counted[_DOCUMENTS]["value"])}
    for number, (name, inner, leaf) in enumerate(leaves):
        answer = _leaf_answer(searcher, query, leaf, counted[str(number)])
        answers[name] |= answer if clause is None else {inner: answer}
    return answers


def _terms(leaf: _Leaf, size: int) -> dict[str, Any]:
    # tantivy cuts the list of each segment at `segment_size`; with fewer than all, counts would come out too small.
    return {"terms": {"field": leaf.field, "size": min(size, _ALL), "segment_size": _ALL}}


def _leaf_answer(searcher: Searcher, query: Query, leaf: _Leaf, counted: Mapping[str, Any]) -> dict[str, Any]:
    buckets, rest = counted["buckets"], counted["sum_other_doc_count"]
    size = leaf.size
    if size is None:
        return {"value": len(buckets)}
    if rest and buckets[-1]["doc_count"] == buckets[size - 1]["doc_count"]:
        # More values than were looked at have the count at which the list is cut: which come first, their keys decide.
        again = searcher.aggregate(query, {"all": _terms(leaf, _ALL)})["all"]
        buckets, rest = again["buckets"], again["sum_other_doc_count"]
    buckets.sort(key=_most_frequent_first)
    rest += sum(bucket["doc_count"] for bucket in buckets[size:])
    return {"doc_count_error_upper_bound": 0, "sum_other_doc_count": rest, "buckets": buckets[:size]}


def _most_frequent_first(bucket: Mapping[str, Any]) -> tuple[int, str | int]:
    return -bucket["doc_count"], bucket["key"]
