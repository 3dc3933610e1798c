"""The query language that search templates may use, clause by clause, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from holdings.errors import SearchRefusedError
from indexer.engines.base import MAX_CLAUSES, MAX_DEPTH, MAX_PREFIX_CHARACTERS
from indexer.model import MAX_WINDOW
from indexer.schema import IndexName
from tests.contract.index_entries import Index, entry

TEROR, DANA, RADIKAL = ({"term": {"body": word}} for word in ("teroris", "dana", "radikal"))
NOTHING = {"term": {"body": "nirwana"}}


def bool_(**clauses: Any) -> dict[str, Any]:
    return {"bool": clauses}


MATCHES: list[tuple[dict[str, Any], str]] = [
    # term: whole words of texts, whole strings of keywords, integers
    ({"term": {"body": "teroris"}}, "a b c"),
    ({"term": {"body": {"value": "teroris", "boost": 2.5}}}, "a b c"),
    ({"term": {"body": "radikal"}}, "a"),
    ({"term": {"body": "radikal teroris"}}, ""),
    ({"term": {"body_words": "dana"}}, "b c"),
    ({"term": {"kind": "report"}}, "a b"),
    ({"term": {"kind": "Report"}}, ""),
    ({"term": {"theme": "é"}}, "e"),
    ({"term": {"year": 2005}}, "b c"),
    ({"term": {"year": {"value": -44}}}, "f"),
    ({"term": {"body": "日本"}}, "e"),
    ({"term": {"body": "c++"}}, "e"),
    # terms
    ({"terms": {"theme": ["t1", "t3", "nowhere"]}}, "a b d"),
    ({"terms": {"theme": [f"t{number}" for number in range(1, 60)]}}, "a b d"),
    ({"terms": {"theme": []}}, ""),
    ({"terms": {"year": [2001, 2010], "boost": 2}}, "a d"),
    ({"terms": {"body": ["dana", "radikal"]}}, "a b c"),
    # match_phrase
    ({"match_phrase": {"body": {"query": "teroris dana"}}}, "b"),
    ({"match_phrase": {"body": "dana teroris"}}, "c"),
    ({"match_phrase": {"body": {"query": "teroris bank"}}}, ""),
    ({"match_phrase": {"body": {"query": "radikal teroris radikal", "slop": 0, "boost": 3}}}, "a"),
    ({"match_phrase": {"body": {"query": "radikal"}}}, "a"),
    ({"match_phrase": {"body": {"query": "日本 münchen"}}}, "e"),
    ({"match_phrase": {"body": {"query": " "}}}, ""),
    # prefix
    ({"prefix": {"body_words": {"value": "radi"}}}, "a d"),
    ({"prefix": {"body_words": "radikalism"}}, "d"),
    ({"prefix": {"body": {"value": "eks", "boost": 2}}}, "d"),
    ({"prefix": {"theme": "t"}}, "a b d"),
    ({"prefix": {"body_words": {"value": "a.b*"}}}, "e"),
    ({"prefix": {"body_words": {"value": "c+"}}}, "e"),
    ({"prefix": {"body_words": {"value": ".*"}}}, ""),
    ({"prefix": {"body_words": {"value": "日"}}}, "e"),
    ({"prefix": {"kind": ""}}, "a b c d e"),
    # range
    ({"range": {"year": {"gte": 2005}}}, "b c d"),
    ({"range": {"year": {"gt": 2005}}}, "d"),
    ({"range": {"year": {"lte": 2001}}}, "a f"),
    ({"range": {"year": {"lt": 2001, "boost": 2}}}, "f"),
    ({"range": {"year": {"gte": 2001, "lte": 2005}}}, "a b c"),
    ({"range": {"year": {"gte": 2005, "lte": 2001}}}, ""),
    ({"range": {"year": {"gte": None, "lt": 2001}}}, "f"),
    ({"range": {"kind": {"gte": "report"}}}, "a b e"),
    ({"range": {"kind": {"gt": "report", "lt": "z"}}}, "e"),
    ({"range": {"theme": {"gte": "t2", "lte": "t3"}}}, "a d"),
    # exists
    ({"exists": {"field": "year"}}, "a b c d f"),
    ({"exists": {"field": "theme"}}, "a b d e"),
    # match_all, match_none, constant_score
    ({"match_all": {}}, "a b c d e f"),
    ({"match_all": {"boost": 0.5}}, "a b c d e f"),
    ({"match_none": {}}, ""),
    ({"constant_score": {"filter": DANA, "boost": 2}}, "b c"),
    # dis_max
    ({"dis_max": {"queries": [RADIKAL, DANA]}}, "a b c"),
    ({"dis_max": {"queries": [RADIKAL, DANA], "tie_breaker": 0.3, "boost": 2}}, "a b c"),
    ({"dis_max": {"queries": [DANA]}}, "b c"),
    # bool
    (bool_(), "a b c d e f"),
    (bool_(must=[TEROR, DANA]), "b c"),
    (bool_(must=TEROR), "a b c"),
    (bool_(must=[TEROR, NOTHING]), ""),
    (bool_(filter=[TEROR], must_not=[DANA]), "a"),
    (bool_(must_not=[TEROR]), "d e f"),
    (bool_(must_not=[TEROR], minimum_should_match=1), "d e f"),
    (bool_(must=[bool_(must_not=[TEROR])]), "d e f"),
    (bool_(should=[bool_(must_not=[TEROR]), RADIKAL]), "a d e f"),
    (bool_(should=[RADIKAL, DANA]), "a b c"),
    (bool_(must=[TEROR], should=[DANA]), "a b c"),
    (bool_(filter=[TEROR], should=[DANA]), "a b c"),
    (bool_(filter=[TEROR], should=[DANA], minimum_should_match=1), "b c"),
    (bool_(filter=[TEROR], minimum_should_match=1), ""),
    (bool_(should=[RADIKAL, DANA], minimum_should_match=0), "a b c"),
    (bool_(should=[TEROR, DANA, RADIKAL], minimum_should_match=2), "a b c"),
    (bool_(should=[TEROR, DANA, RADIKAL], minimum_should_match=3), ""),
    (bool_(should=[TEROR, DANA], minimum_should_match=3), ""),
    (bool_(should=[TEROR, DANA], minimum_should_match="2"), "b c"),
    (bool_(should=[TEROR, DANA], minimum_should_match="3<75%"), "b c"),
    (bool_(should=[TEROR, DANA, NOTHING, RADIKAL], minimum_should_match="3<75%"), ""),
    (bool_(should=[TEROR, DANA, NOTHING, {"term": {"body": "bank"}}], minimum_should_match="3<75%"), "b"),
    (bool_(should=[TEROR, DANA, NOTHING], minimum_should_match="-1"), "b c"),
    (bool_(should=[TEROR, DANA, NOTHING], minimum_should_match=-1), "b c"),
    (bool_(should=[TEROR, DANA, NOTHING], minimum_should_match="75%"), "b c"),
    (bool_(should=[TEROR, DANA, NOTHING], minimum_should_match="-25%"), ""),
    (bool_(should=[TEROR, DANA, NOTHING], minimum_should_match="1<-1 5<50%"), "b c"),
    (bool_(should=[TEROR], boost=2.0, must_not=[DANA]), "a"),
]


@pytest.mark.parametrize(("query", "expected"), MATCHES, ids=lambda value: str(value)[:90])
def test_a_clause_matches(shelf: Index, query: dict[str, Any], expected: str) -> None:
    assert shelf.found(query) == expected
    # As a filter, and to exclude, it matches the same.
    assert shelf.found(bool_(filter=[query])) == expected
    assert shelf.found({"constant_score": {"filter": query}}) == expected
    assert shelf.found(bool_(must_not=[query])) == " ".join(sorted(set("abcdef") - set(expected.split())))
    answer = shelf.search({"size": 0, "post_filter": query, "aggs": {"n": {"filter": query}}})
    assert answer["hits"]["total"] == {"value": len(expected.split()), "relation": "eq"}
    assert answer["aggregations"]["n"]["doc_count"] == len(expected.split())


REFUSED_BY_BOTH: list[dict[str, Any]] = [
    {"query": {}},
    {"query": {"no_such_clause": {}}},
    {"query": {"term": {"year": "x"}}},
    {"query": {"term": {"body": {"value": "x", "boost": -1}}}},
    {"query": {"match_phrase": {"body_words": "a b"}}},
    {"query": {"dis_max": {"queries": []}}},
    {"query": {"dis_max": {"queries": [TEROR], "tie_breaker": 2}}},
    {"query": bool_(should=[TEROR], minimum_should_match="many")},
    {"query": bool_(nonsense=[TEROR])},
    {"query": {"prefix": {"body_words": "x" * (MAX_PREFIX_CHARACTERS + 1)}}},
    {"size": -1},
    {"from": -1},
    {"from": MAX_WINDOW, "size": 1},
    {"nonsense": True},
    {"aggs": {"a": {"terms": {"field": "body"}}}},
    {"aggs": {"a": {"terms": {"field": "year", "size": 0}}}},
    {"aggs": {"a": {"no_such_aggregation": {"field": "year"}}}},
    {"sort": [{"year": "sideways"}]},
    {"sort": ["body"]},
]


@pytest.mark.parametrize("body", REFUSED_BY_BOTH, ids=lambda body: str(body)[:90])
def test_what_neither_understands_is_refused(shelf: Index, body: dict[str, Any]) -> None:
    with pytest.raises(SearchRefusedError):
        shelf.search(body)
    assert len(shelf.ids()) == 6, "and the engine goes on"


def nested(depth: int) -> dict[str, Any]:
    clause: dict[str, Any] = TEROR
    for _ in range(depth - 1):
        clause = bool_(must=[clause, {"match_all": {}}])
    return clause


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 200, 900, 5_000, 50_000])
def test_deep_nesting_is_refused_and_kills_nobody(shelf: Index, depth: int) -> None:
    for body in ({"query": nested(depth)}, {"post_filter": nested(depth)}, {"aggs": {"a": {"filter": nested(depth)}}}):
        with pytest.raises(SearchRefusedError):
            shelf.search(body)
    assert shelf.found(nested(MAX_DEPTH)) == "a b c"


def test_many_clauses_are_answered_and_too_many_refused(shelf: Index) -> None:
    def of(count: int) -> dict[str, Any]:
        return bool_(should=[{"term": {"body": f"w{number}"}} for number in range(count)] + [TEROR])

    assert shelf.found(of(MAX_CLAUSES - 2)) == "a b c"
    with pytest.raises(SearchRefusedError):
        shelf.search({"query": of(20_000)})


def test_one_refused_body_refuses_the_request(shelf: Index) -> None:
    with pytest.raises(SearchRefusedError):
        shelf.engine.search(IndexName.DOCUMENTS, [{}, {"query": {"no_such_clause": {}}}, {}])


def test_bodies_are_answered_in_their_order(shelf: Index) -> None:
    bodies = [{"query": {"term": {"kind": kind}}, "size": 0} for kind in ("report", "research", "none", "regulation")]
    answers = shelf.engine.search(IndexName.DOCUMENTS, bodies)
    assert [answer["hits"]["total"]["value"] for answer in answers] == [2, 1, 0, 2]
    assert shelf.engine.search(IndexName.DOCUMENTS, []) == []


def test_scores_are_constant_for_all_but_stems(shelf: Index) -> None:
    """Only a match in stems is ranked; another counts 1, a filter nothing."""

    def scores(query: dict[str, Any]) -> list[float]:
        return [hit["_score"] for hit in shelf.search({"query": query})["hits"]["hits"]]

    for clause in (
        {"term": {"kind": "report"}},
        {"term": {"body_words": "dana"}},
        {"term": {"year": 2005}},
        {"terms": {"kind": ["report"]}},
        {"terms": {"body": ["dana"]}},
        {"prefix": {"body_words": "radi"}},
        {"range": {"year": {"gte": 2005, "lt": 2010}}},
        {"constant_score": {"filter": DANA}},
        {"bool": {"should": [{"term": {"kind": "report"}}], "filter": [TEROR]}},
    ):
        assert scores(clause)[:2] == pytest.approx([1.0, 1.0])
        assert scores(bool_(should=[clause], boost=2.5))[:2] == pytest.approx([2.5, 2.5])
        assert set(scores(bool_(filter=[clause]))) == {0.0}
    assert set(scores({"match_all": {"boost": 3}})) == {3.0}
    assert set(scores(bool_(must_not=[DANA]))) == {0.0}
    first, second = scores(DANA)
    assert first > second > 0, "the shorter of two documents comes first"
    assert scores(bool_(must=[DANA], filter=[TEROR, {"range": {"year": {"gte": 0}}}])) == pytest.approx([first, second])


def test_paging_neither_loses_nor_repeats(shelf: Index) -> None:
    orders: tuple[list[Any], ...] = ([{"newest_key": "desc"}], ["_score"], [])
    for sort in orders:
        paged = [i for start in range(0, 8, 2) for i in shelf.ids({"match_all": {}}, start=start, size=2, sort=sort)]
        assert sorted(paged) == list("abcdef")
    assert shelf.ids(start=6) == []
    assert shelf.search({"from": MAX_WINDOW - 1, "size": 1})["hits"]["total"]["value"] == 6


def test_sorting(shelf: Index) -> None:
    assert shelf.ids(sort=[{"newest_key": "desc"}]) == ["d", "c", "b", "a", "e", "f"]
    assert shelf.ids(sort=[{"newest_key": {"order": "asc"}}]) == ["f", "e", "a", "b", "c", "d"]
    assert shelf.ids(sort=["newest_key"]) == ["f", "e", "a", "b", "c", "d"]
    by_year = [shelf.ids(sort=[{"year": order}]) for order in ("asc", "desc")]
    assert [ids[0] for ids in by_year] == ["f", "d"]
    assert [ids[-1] for ids in by_year] == ["e", "e"], "what has no year comes last, both ways"
    (hit, *_) = shelf.search({"sort": [{"newest_key": "desc"}]})["hits"]["hits"]
    assert hit["_score"] is None
    scored = shelf.search({"query": DANA, "sort": ["_score"]})["hits"]["hits"]
    assert [hit["_id"] for hit in scored] == ["c", "b"]


def test_totals_can_be_left_out(shelf: Index) -> None:
    answer = shelf.search({"query": DANA, "track_total_hits": False})
    assert "total" not in answer["hits"]
    assert len(answer["hits"]["hits"]) == 2


def test_facets_count_what_is_found_and_ignore_the_post_filter(shelf: Index) -> None:
    report = {"term": {"kind": "report"}}
    answer = shelf.search(
        {
            "query": TEROR,
            "post_filter": report,
            "aggs": {
                "kind": {"terms": {"field": "kind"}},
                "theme": {"filter": report, "aggs": {"values": {"terms": {"field": "theme"}}}},
                "year": {"filter": report, "aggs": {"values": {"terms": {"field": "year"}}}},
                "themes": {"cardinality": {"field": "theme"}},
            },
        }
    )
    assert [hit["_id"] for hit in answer["hits"]["hits"]] == shelf.ids(bool_(must=[TEROR], filter=[report]))
    assert answer["hits"]["total"]["value"] == 2
    found = answer["aggregations"]
    assert buckets(found["kind"]) == [("report", 2), ("regulation", 1)]
    assert found["theme"]["doc_count"] == 2
    assert buckets(found["theme"]["values"]) == [("t1", 2), ("t2", 1)]
    assert buckets(found["year"]["values"]) == [(2001, 1), (2005, 1)]
    assert all(type(key) is int for key, _ in buckets(found["year"]["values"]))
    assert found["themes"] == {"value": 2}


def buckets(answer: dict[str, Any]) -> list[tuple[str | int, int]]:
    return [(bucket["key"], bucket["doc_count"]) for bucket in answer["buckets"]]


def test_a_facet_that_is_cut_has_the_most_frequent_values_then_the_first(index: Index) -> None:
    """Values of equal counts come in order of their keys, also when a cut goes through them."""
    index.write(*(entry(f"d{number:03}", theme=["all", f"v{number:03}"], year=number // 2) for number in range(300)))
    for size in (1, 3, 100, 301, 500):
        answer = index.search({"aggs": {"t": {"terms": {"field": "theme", "size": size}}}})["aggregations"]["t"]
        expected = [("all", 300), *((f"v{number:03}", 1) for number in range(300))]
        assert buckets(answer) == expected[:size]
        assert answer["sum_other_doc_count"] == 300 - (min(size, 301) - 1)
    answer = index.search({"aggs": {"y": {"terms": {"field": "year", "size": 4}}}})["aggregations"]["y"]
    assert buckets(answer) == [(0, 2), (1, 2), (2, 2), (3, 2)]
    assert len(index.search({"aggs": {"y": {"terms": {"field": "year"}}}})["aggregations"]["y"]["buckets"]) == 10
    assert index.search({"aggs": {"c": {"cardinality": {"field": "theme"}}}})["aggregations"]["c"]["value"] == 301


def test_counts_are_exact_over_many_writes_and_removals(index: Index) -> None:
    for revision in range(1, 6):
        index.write(*(entry(f"d{number}", "hari", kind=[f"k{revision}"], revision=revision) for number in range(40)))
    answer = index.search({"aggs": {"k": {"terms": {"field": "kind"}}, "n": {"filter": {"match_all": {}}}}})
    assert answer["hits"]["total"]["value"] == 40
    assert buckets(answer["aggregations"]["k"]) == [("k5", 40)]
    assert answer["aggregations"]["n"]["doc_count"] == 40


def test_more_labels_than_any_document_has_find_what_one_of_them_is_on(index: Index) -> None:
    labels = [f"org:o{number}" for number in range(100)]
    wanted = {"terms": {"access": labels}}
    assert index.found(wanted) == ""
    index.write(entry("a", access=["org:o7", "partners"]), entry("b", access=["public"]))
    assert index.found(wanted) == "a"
    # A label that no document had when it was asked for last.
    index.write(entry("b", access=["org:o42"]), entry("a", access=["public"]))
    assert index.found(wanted) == "b"
    assert index.found({"bool": {"must_not": [wanted]}}) == "a"
