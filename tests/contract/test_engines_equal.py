"""Both engines give the same: on real documents through the search templates, and on whatever bodies can be made up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdings.access import Viewer, read_filter
from holdings.errors import SearchRefusedError
from indexer.analysis import Analyzer
from indexer.clauses import documents_body, pages_body
from indexer.engines.base import Engine, IndexDocument, Response
from indexer.model import Facet, Sort
from indexer.query import parse
from indexer.schema import IndexName
from indexer.templates import load_templates
from tests.contract.index_entries import Index, entry

Pair = tuple[Index, Index]

DOCUMENTS = 300
QUERIES = 60
TEMPLATES = load_templates()
KINDS = ("report", "regulation", "research")


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="module")
def _cranfield(both: tuple[Engine, Engine], corpus: Path, analyzer: Analyzer) -> Pair:
    """Both engines with the same real abstracts, each in two pages, with made facets and access."""
    lines = (corpus / "relevance" / "cranfield" / "docs.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [_entry(analyzer, number, json.loads(line)) for number, line in enumerate(lines[:DOCUMENTS])]
    return _filled(both, entries)


@pytest.fixture
def cranfield(_cranfield: Pair) -> Pair:
    return _switched_to(_cranfield)


def _entry(analyzer: Analyzer, number: int, document: Mapping[str, str]) -> IndexDocument:
    text = re.split(r"(?<= \.) ", document["text"])
    pages = [" ".join(text[: len(text) // 2]), " ".join(text[len(text) // 2 :])]
    words = analyzer.words(document["title"]) + analyzer.words(document["text"])
    # Fields that only some have: by themselves the engines would count their documents differently.
    some: dict[str, Any] = {}
    if number % 3 == 0:
        some["abstract"] = " ".join(analyzer.stems(pages[0]))
    if number % 5 == 0:
        some["authors"] = " ".join(analyzer.words(document["title"])[:2])
    return entry(
        f"{number:04}",
        " ".join(analyzer.stems(document["text"])),
        pages=[" ".join(analyzer.stems(page)) for page in pages],
        title=" ".join(analyzer.stems(document["title"])),
        title_words=" ".join(analyzer.words(document["title"])),
        body_words=" ".join(sorted(set(words))),
        kind=[KINDS[number % 3]],
        theme=[f"t{number % 7}", f"t{number % 4}"],
        language=["en"],
        year=1950 + number % 20,
        access=["public"] if number % 4 else ["partners"],
        embargo_until=0 if number % 11 else 4_000_000_000,
        keeper=["org:bnpt"],
        newest_key=f"{1950 + number % 20} {number:04}",
        **some,
    )


def _filled(both: tuple[Engine, Engine], entries: list[IndexDocument]) -> Pair:
    first, second = (Index.made(engine, *entries) for engine in both)
    return first, second


def _switched_to(indices: Pair) -> Pair:
    for index in indices:
        index.engine.activate(index.generation)
    return indices


def _queries(corpus: Path) -> Iterator[str]:
    lines = (corpus / "relevance" / "cranfield" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines[:QUERIES]:
        text = json.loads(line)["text"]
        words = text.split()
        yield text
        yield " ".join(words[-3:])
        yield f'"{" ".join(words[-3:-1])}" {words[0]}'
        yield f"{words[-2][:4]}* {words[3]}"
        yield f"({words[1]} OR {words[-2]}) -{words[2]}"


def test_real_queries_give_the_same_hits_counts_and_order(cranfield: Pair, corpus: Path, analyzer: Analyzer) -> None:
    """Words, phrases, prefixes and filters, through the templates: words that are ranked mixed with what counts 1."""
    answered = 0
    viewers = (Viewer(), Viewer.of("partners"), Viewer.of("org:bnpt"))
    filters: tuple[dict[Facet, tuple[str, ...]], ...] = (
        {},
        {Facet.KIND: ("report",)},
        {Facet.KIND: ("report", "research"), Facet.YEAR: ("1955..1965",), Facet.THEME: ("t1", "t2")},
    )
    for number, text in enumerate(_queries(corpus)):
        parsed = parse(text, analyzer, lambda facet, value: None)
        body = documents_body(
            TEMPLATES,
            parsed.root,
            filters[number % 3],
            read_filter(viewers[number % 2], datetime(2026, 1, 1, tzinfo=UTC)),
            sort=Sort.RELEVANCE if number % 10 else Sort.NEWEST,
            offset=0,
            size=DOCUMENTS,
        )
        embedded, elasticsearch = (index.search(body) for index in cranfield)
        assert_same(body, embedded, elasticsearch)
        answered += bool(embedded["hits"]["hits"])
        for hit in embedded["hits"]["hits"][:3]:
            page_body = pages_body(TEMPLATES, parsed.leaves, hit["_id"], size=4)
            assert page_body is not None
            assert_same(page_body, *(index.search(page_body, IndexName.PAGES) for index in cranfield))
    assert answered > QUERIES, "most queries must find something, or nothing is compared"


def assert_same(body: Any, embedded: Response, elasticsearch: Response) -> None:
    """The same hits and counts, scores that differ by less than rounding, and the same order but for ties."""
    ours, theirs = embedded["hits"], elasticsearch["hits"]
    assert ours.get("total") == theirs.get("total"), body
    assert embedded.get("aggregations") == elasticsearch.get("aggregations"), body
    scores = [{hit["_id"]: hit["_score"] for hit in hits["hits"]} for hits in (ours, theirs)]
    assert scores[0].keys() == scores[1].keys(), body
    if any(score is None for score in scores[0].values()):
        assert list(scores[0]) == list(scores[1]), body
        return
    assert scores[0] == pytest.approx(scores[1], rel=1e-4, abs=1e-6), body
    for document_id, other in zip(*scores, strict=True):
        assert scores[0][document_id] == pytest.approx(scores[0][other], rel=1e-4, abs=1e-6), body


WORDS = ("alfa", "beta", "gama", "al", "be*", "a.b", "é", "日本")
STEMS, OTHER_TEXT, KEYWORDS = ("title", "body", "abstract"), ("body_words",), ("kind", "theme", "id")


def _made(number: int) -> IndexDocument:
    """A document of few words in all possible mixtures."""

    def text(seed: int, length: int) -> str:
        return " ".join(WORDS[(seed * 7 + i * i * 3 + i * seed) % len(WORDS)] for i in range(length))

    body = text(number, number % 17)
    some: dict[str, Any] = {"abstract": text(number + 2, number % 5)} if number % 2 else {}
    if number % 6:
        some["year"] = 1990 + number % 20
    return entry(
        f"d{number:02}",
        body,
        title=text(number + 1, number % 4 + 1),
        body_words=body,
        kind=[KINDS[number % 3]] if number % 5 else [],
        theme=[f"t{number % 3}", f"t{number % 4}"] if number % 4 else [],
        newest_key=f"{2000 + number % 9} d{number:02}",
        **some,
    )


@pytest.fixture(scope="module")
def _mixtures(both: tuple[Engine, Engine]) -> Pair:
    return _filled(both, [_made(number) for number in range(90)])


@pytest.fixture
def mixtures(_mixtures: Pair) -> Pair:
    return _switched_to(_mixtures)


def _with_boost(options: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from([options, options, {**options, "boost": 0}, {**options, "boost": 2.5}])


def _leaves() -> st.SearchStrategy[dict[str, Any]]:
    words, years = st.sampled_from(WORDS), st.integers(1988, 2012)
    keys = st.sampled_from(["report", "regulation", "t1", "t2", "d07", "é", "none"])
    values = {**dict.fromkeys((*STEMS, *OTHER_TEXT), words), **dict.fromkeys(KEYWORDS, keys), "year": years}
    fields = st.sampled_from(sorted(values))
    phrases = st.lists(words, max_size=3).map(" ".join)
    bounds = st.fixed_dictionaries({}, optional={"lte": years}).flatmap(
        lambda high: st.sampled_from(["gt", "gte"]).flatmap(lambda low: years.map(lambda year: {low: year, **high}))
    )
    return st.one_of(
        fields.flatmap(
            lambda f: values[f].flatmap(lambda v: _with_boost({"value": v}).map(lambda o: {"term": {f: o}}))
        ),
        fields.flatmap(lambda f: st.lists(values[f], max_size=20).map(lambda v: {"terms": {f: v}})),
        st.sampled_from(STEMS).flatmap(
            lambda f: phrases.flatmap(lambda p: _with_boost({"query": p}).map(lambda o: {"match_phrase": {f: o}}))
        ),
        st.sampled_from((*STEMS, *OTHER_TEXT, *KEYWORDS)).flatmap(
            lambda f: st.sampled_from(["a", "al", "be*", "a.", "é", "", "日", "t", "d0"]).flatmap(
                lambda p: _with_boost({"value": p}).map(lambda o: {"prefix": {f: o}})
            )
        ),
        bounds.flatmap(_with_boost).map(lambda o: {"range": {"year": o}}),
        st.sampled_from([{"match_all": {}}, {"match_none": {}}, {"exists": {"field": "theme"}}]),
    )


def _branches(clauses: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.lists(clauses, min_size=1, max_size=3)
    least = st.sampled_from([0, 1, 2, -1, "2", "75%", "-25%", "2<75%", "1<2 3<75%", "100%"])
    parts = {"must": some, "should": some, "filter": some, "must_not": some, "minimum_should_match": least}
    return st.one_of(
        st.fixed_dictionaries({}, optional=parts).flatmap(_with_boost).map(lambda o: {"bool": o}),
        st.fixed_dictionaries({"queries": some}, optional={"tie_breaker": st.sampled_from([0.0, 0.2, 1.0])})
        .flatmap(_with_boost)
        .map(lambda o: {"dis_max": o}),
        clauses.flatmap(lambda c: _with_boost({"filter": c}).map(lambda o: {"constant_score": o})),
    )


QUERY = st.recursive(_leaves(), _branches, max_leaves=12)
FACETS = QUERY.map(
    lambda clause: {
        "theme": {"terms": {"field": "theme", "size": 2}},
        "year": {"terms": {"field": "year", "size": 3}},
        "kinds": {"cardinality": {"field": "kind"}},
        "narrowed": {"filter": clause, "aggs": {"values": {"terms": {"field": "kind"}}}},
    }
)
BODY = st.fixed_dictionaries(
    {"query": QUERY, "size": st.just(100)},
    optional={
        "post_filter": QUERY,
        "aggs": FACETS,
        "sort": st.sampled_from([[{"newest_key": "asc"}], [{"id": "desc"}], ["_score"]]),
    },
)
MADE_UP = settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@MADE_UP
@given(body=BODY)
def test_bodies_made_up_of_known_clauses_give_the_same(mixtures: Pair, body: dict[str, Any]) -> None:
    assert_same(body, *(index.search(body) for index in mixtures))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["bool", "must", "should", "term", "terms", "prefix", "range", "match_phrase", "body", "year", "filter"]
            )
            | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=15,
)


@MADE_UP
@given(
    body=st.dictionaries(
        st.sampled_from(["query", "post_filter", "aggs", "sort", "from", "size", "_source", "track_total_hits"]),
        JUNK,
        max_size=3,
    )
)
def test_a_body_of_junk_is_answered_or_refused(mixtures: Pair, body: dict[str, Any]) -> None:
    """Nothing but SearchRefusedError, and never the end of the process."""
    for index in mixtures:
        with suppress(SearchRefusedError):
            assert "hits" in index.search(body)
