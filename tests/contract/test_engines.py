"""The contract of a search engine: generations, writing, and what is held. Every test runs on both engines."""

from __future__ import annotations

import pytest

from holdings.errors import IndexOutdatedError, UsageError
from indexer.engines.base import Engine, Generation, IndexDocument, IndexedRevision, Removal
from indexer.schema import IndexName
from tests.contract.index_entries import VERSION, Index, entry

DAY = {"term": {"body": "hari"}}


def test_nothing_is_live_at_first(engine: Engine) -> None:
    assert engine.live() is None
    assert engine.generations() == []
    with pytest.raises(IndexOutdatedError):
        engine.search(IndexName.DOCUMENTS, [{}])
    generation = engine.create(VERSION)
    assert engine.live() is None, "a generation is not searched before it is switched to"
    assert engine.generations() == [generation]


def test_generations_are_listed_oldest_first_with_their_versions(engine: Engine) -> None:
    made = [engine.create(f"1-{number}") for number in range(3)]
    assert engine.generations() == made
    assert [generation.version for generation in made] == ["1-0", "1-1", "1-2"]
    engine.activate(made[1])
    assert engine.live() == made[1]


def test_a_switch_changes_both_indices_at_once(engine: Engine) -> None:
    first = Index.made(engine, entry("old", "hari"))
    second = Index(engine, engine.create(VERSION))
    second.write(entry("new", "hari"))
    assert first.ids(DAY) == ["old"]
    engine.activate(second.generation)
    assert second.ids(DAY) == ["new"]
    assert second.ids(DAY, IndexName.PAGES) == ["new-1"]
    engine.activate(first.generation)
    assert first.ids(DAY) == ["old"], "the way back is open until the former generation is dropped"


def test_what_is_live_is_not_dropped(index: Index) -> None:
    with pytest.raises(UsageError):
        index.engine.drop(index.generation)
    assert index.ids() == []


def test_dropping_is_for_good_and_may_be_repeated(index: Index) -> None:
    other = index.engine.create(VERSION)
    for _ in range(2):
        index.engine.drop(other)
        assert index.engine.generations() == [index.generation]
    with pytest.raises(IndexOutdatedError):
        index.engine.write(other, [entry("a")])
    with pytest.raises(IndexOutdatedError):
        list(index.engine.revisions(other))
    with pytest.raises(IndexOutdatedError):
        index.engine.activate(other)
    assert index.engine.live() == index.generation


def test_a_generation_that_never_was(engine: Engine) -> None:
    unknown = Generation("g20200101000000000000-abcdef", VERSION)
    with pytest.raises(IndexOutdatedError):
        engine.write(unknown, [entry("a")])
    engine.drop(unknown)
    assert engine.generations() == []


def test_an_empty_index_answers_everything(index: Index) -> None:
    answer = index.search({"query": DAY, "aggs": {"kind": {"terms": {"field": "kind"}}}})
    assert answer["hits"]["total"] == {"value": 0, "relation": "eq"}
    assert answer["hits"]["hits"] == []
    assert answer["aggregations"]["kind"]["buckets"] == []
    assert index.ids(sort=[{"newest_key": "desc"}]) == []
    assert list(index.engine.revisions(index.generation)) == []
    assert index.write().written == ()


def test_what_was_written_is_found_when_write_returns(index: Index) -> None:
    report = index.write(entry("a", "hari ini"), entry("b", "hari esok", pages=["hari", "esok"]))
    assert report.written == ("a", "b")
    assert report.failed == {}
    assert index.found(DAY) == "a b"
    assert index.found({"term": {"body": "esok"}}, IndexName.PAGES) == "b-2"


def test_a_hit_carries_what_was_stored_and_nothing_else(index: Index) -> None:
    stored = {"id": "a", "angka": [1, 2.5, None, True], "teks": "“Ünïcode” 日本 \U0001f600", "dalam": {"kosong": {}}}
    index.write(entry("a", "hari", stored=stored))
    for source in ({}, {"_source": True}, {"_source": ["stored"]}):
        (hit,) = index.search(source)["hits"]["hits"]
        assert hit["_id"] == "a"
        assert hit["_source"] == {"stored": stored}
    (hit,) = index.search({"_source": False})["hits"]["hits"]
    assert hit.get("_source", {}) == {}


def test_a_new_revision_replaces_the_former_with_all_its_pages(index: Index) -> None:
    index.write(entry("a", "satu dua tiga", pages=["satu", "dua", "tiga"]), entry("b", "satu"))
    index.write(entry("a", "empat", revision=2))
    assert index.found({"term": {"body": "dua"}}) == ""
    assert index.found(index=IndexName.PAGES) == "a-1 b-1"
    assert index.found({"term": {"body": "empat"}}, IndexName.PAGES) == "a-1"
    assert list(index.engine.revisions(index.generation)) == [
        IndexedRevision("a", revision=2, access_revision=1, pages=1),
        IndexedRevision("b", revision=1, access_revision=1, pages=1),
    ]


def test_repeating_a_write_changes_nothing(index: Index) -> None:
    entries = [entry("a", "hari", pages=["hari", "ini"]), entry("b", "hari")]
    index.write(*entries)
    before = list(index.engine.revisions(index.generation))
    assert index.write(*entries).written == ("a", "b")
    assert list(index.engine.revisions(index.generation)) == before
    assert index.search({"query": DAY})["hits"]["total"]["value"] == 2


def test_in_one_batch_the_last_word_on_a_document_counts(index: Index) -> None:
    index.write(
        entry("a", "satu", pages=["satu", "dua"]),
        entry("b", "hari"),
        entry("a", "tiga", revision=2),
        Removal("b"),
        Removal("c"),
        entry("c", "hari"),
    )
    assert index.found() == "a c"
    assert index.found({"term": {"body": "tiga"}}) == "a"
    assert index.found(index=IndexName.PAGES) == "a-1 c-1"


def test_a_document_that_is_removed_leaves_no_page(index: Index) -> None:
    index.write(entry("a", "hari", pages=["hari", "ini"]), entry("b", "hari"))
    assert index.write(Removal("a"), Removal("never there")).written == ("a", "never there")
    assert index.found(DAY) == "b"
    assert index.found(index=IndexName.PAGES) == "b-1"
    index.write(Removal("a"))
    assert [held.id for held in index.engine.revisions(index.generation)] == ["b"]


def test_a_document_may_have_no_page(index: Index) -> None:
    without = entry("a", "hari")
    index.write(IndexDocument("a", 1, 1, without.fields, ()))
    assert list(index.engine.revisions(index.generation)) == [IndexedRevision("a", 1, 1, pages=0)]


UNFIT: list[dict[str, object]] = [
    {"year": "2018"},
    {"year": True},
    {"year": 2**63},
    {"year": 2018.0},
    {"kind": 5},
    {"kind": ["report", None]},
    {"kind": "x" * 40_000},
    {"body": ["hari", "ini"]},
    {"body": "hari \ud800"},
    {"stored": "text"},
    {"stored": {"when": object()}},
    {"stored": {"when": float("nan")}},
    {"stored": {"text": "\ud800"}},
    {"colour": "red"},
    {"id": "another"},
    {"revision": 7},
]


def test_a_document_that_does_not_fit_is_named_and_stops_no_other(index: Index) -> None:
    whole = [entry(f"unfit-{number}", "hari") for number in range(len(UNFIT))]
    unfit = [
        IndexDocument(one.id, 1, 1, {**one.fields, **fields}, one.pages)
        for one, fields in zip(whole, UNFIT, strict=True)
    ]
    report = index.write(entry("a", "hari"), *unfit, entry("z", "hari"))
    assert report.written == ("a", "z")
    assert list(report.failed) == [one.id for one in unfit]
    for reason, fields in zip(report.failed.values(), UNFIT, strict=True):
        assert all(name in reason for name in fields)
    assert index.found(DAY) == "a z"
    assert index.found(index=IndexName.PAGES) == "a-1 z-1"


def test_a_document_whose_page_does_not_fit_is_left_as_it_was(index: Index) -> None:
    index.write(entry("a", "hari", pages=["hari", "ini"]))
    changed = entry("a", "esok", revision=2)
    for page in ({"page_number": "1"}, {"document": "b"}, {"id": ""}, {"id": "x" * 600}):
        unfit = IndexDocument("a", 2, 1, changed.fields, [{**changed.pages[0], **page}])
        assert list(index.write(unfit).failed) == ["a"]
    twice = IndexDocument("a", 2, 1, changed.fields, [changed.pages[0], changed.pages[0]])
    assert list(index.write(twice).failed) == ["a"]
    assert list(index.engine.revisions(index.generation)) == [IndexedRevision("a", 1, 1, pages=2)]
    assert index.found(DAY) == "a"


def test_what_goes_wrong_in_the_batch_itself_is_raised_as_it_is(index: Index) -> None:
    index.write(entry("a", "hari"))

    def broken() -> object:
        yield entry("a", "esok", revision=2)
        raise ValueError("the catalogue went away")

    with pytest.raises(ValueError, match="the catalogue went away"):
        index.engine.write(index.generation, broken())  # type: ignore[arg-type]
    assert index.write(entry("b", "hari")).written == ("b",), "the index can be written again"
    assert "b" in index.found(DAY)


def test_words_of_any_length_and_script_are_found(index: Index) -> None:
    long = "x" * 300
    words = ["ﷺ", "日本", "München", "naïve", "a" * 255, long, "c++", "!?", "\U0001f600"]
    index.write(*(entry(f"d{number}", word, kind=[word]) for number, word in enumerate(words)))
    for number, word in enumerate(words):
        assert index.found({"term": {"kind": word}}) == f"d{number}"
        if word != long:
            assert index.found({"term": {"body": word}}) == f"d{number}"
            assert index.found({"term": {"body_words": word}}) == f"d{number}"
    assert index.found({"term": {"body": long}}) == "", "a word of more than 255 characters is cut off"
    assert index.found({"term": {"body": long[:255]}}) == "d5"


def test_revisions_come_in_order_however_many(index: Index) -> None:
    """More than the engines read at once."""
    many = [entry(f"{number:06}", pages=["x"] * (number % 3 + 1), revision=number) for number in range(10_500)]
    assert len(index.write(*many).written) == len(many)
    held = list(index.engine.revisions(index.generation))
    assert [(one.id, one.revision, one.pages) for one in held] == [
        (one.id, one.revision, len(one.pages)) for one in many
    ]
    assert index.search({"size": 0})["hits"]["total"]["value"] == len(many)
    assert index.write(*(Removal(one.id) for one in many)).failed == {}
    assert list(index.engine.revisions(index.generation)) == []


def test_nothing_goes_over_the_network_or_to_the_disk_before_it_must(engine: Engine) -> None:
    engine.close()
    assert engine.name in {"embedded", "elasticsearch"}
