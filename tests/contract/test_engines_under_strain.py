"""What engines do when others are at work, when a writer is killed, when a disk is full and when a server is away."""

from __future__ import annotations

import json
import os
import random
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from holdings.errors import ConfigurationError, EngineUnavailableError, HubError, LockedError, StorageFullError
from indexer.engines.base import Generation, IndexDocument, IndexedRevision
from indexer.engines.elasticsearch import ElasticsearchEngine
from indexer.engines.embedded import EmbeddedEngine
from indexer.engines.embedded_readers import Readers
from indexer.engines.embedded_store import GenerationFolder
from indexer.schema import IndexName
from tests.contract.engine_processes import DOCUMENTS, many, start
from tests.contract.index_entries import VERSION, Index, entry
from tests.elasticsearch.node import ElasticsearchNode
from tests.services.process import free_port

DAY = {"term": {"body": "hari"}}


def test_searches_go_on_while_generations_come_and_go(index: Index) -> None:
    """Rebuild after rebuild, and writes to what is live: another process never sees an error, or less than all."""
    engine = index.engine
    index.write(*many(1))
    searching = start("search", engine)
    live = index.generation
    ended = time.monotonic() + 6
    rounds = 0
    while time.monotonic() < ended or rounds < 3:
        fresh = Index(engine, engine.create(VERSION))
        for at in range(0, DOCUMENTS, 7):
            fresh.write(*many(1)[at : at + 7])
        engine.activate(fresh.generation)
        engine.drop(live)
        fresh.write(*many(rounds))
        live = fresh.generation
        rounds += 1
    output, _ = searching.communicate()
    assert searching.returncode == 0
    seen = json.loads(output)
    assert list(seen) == [json.dumps([DOCUMENTS, DOCUMENTS, DOCUMENTS, DOCUMENTS, 10])]
    assert sum(seen.values()) > 20, "the other process hardly searched"
    assert engine.generations() == [live]


def test_what_another_process_writes_is_seen_at_once(index: Index) -> None:
    assert index.ids() == []
    writing = start("write", index.engine)
    assert writing.stdout is not None
    writing.stdout.readline()
    try:
        assert len(index.ids(DAY)) == DOCUMENTS
    finally:
        writing.kill()
        writing.communicate()


def test_a_writer_that_is_killed_leaves_nothing_that_writing_again_does_not_mend(index: Index) -> None:
    """`kill -9` at random moments: what was acknowledged is there, and the next write is complete."""
    moments = random.Random(20261124)
    index.write(*many(1))
    for _ in range(12 if index.engine.name == "embedded" else 4):
        writing = start("write", index.engine)
        time.sleep(moments.uniform(0.0, 0.5))
        writing.kill()
        said, _ = writing.communicate()
        acknowledged = int(said.split()[-1]) if said.split() else 1
        held = list(index.engine.revisions(index.generation))
        assert [one.id for one in held] == [one.id for one in many(1)]
        assert all(one.revision >= acknowledged for one in held)
        index.write(*many(1))
        assert list(index.engine.revisions(index.generation)) == [
            IndexedRevision(one.id, 1, 1, len(one.pages)) for one in many(1)
        ]
        assert len(index.ids(index=IndexName.PAGES)) == DOCUMENTS * 2


def test_threads_search_together(index: Index) -> None:
    index.write(*many(1))
    wrong: list[object] = []

    def searching() -> None:
        for number in range(15):
            word = f"w{number}"
            try:
                answers = index.engine.search(
                    IndexName.DOCUMENTS, [{"query": DAY}, {"query": {"term": {"body": word}}}]
                )
                if [answer["hits"]["total"]["value"] for answer in answers] != [DOCUMENTS, 0]:
                    wrong.append(answers)
            except HubError as error:
                wrong.append(error)

    threads = [threading.Thread(target=searching) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


class TestEmbedded:
    """What only the engine without a server must get right."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "index"

    @pytest.fixture
    def index(self, folder: Path) -> Iterator[Index]:
        engine = EmbeddedEngine(folder)
        yield Index.made(engine)
        engine.close()

    def test_two_do_not_write_at_the_same_time(self, index: Index, folder: Path) -> None:
        other = EmbeddedEngine(folder)

        beside = other.create(VERSION)

        def meanwhile() -> Iterator[IndexDocument]:
            yield entry("a")
            for engine in (index.engine, other):
                with pytest.raises(LockedError):
                    engine.write(beside, [entry("b")])
                with pytest.raises(LockedError):
                    engine.drop(beside)
                assert engine.write(index.generation, [entry("e")]).failed == {}, "another generation is free"
            yield entry("c")

        assert other.write(beside, meanwhile()).written == ("a", "c")
        assert index.engine.write(beside, [entry("d")]).written == ("d",), "the lock ends with the write"

    def test_many_small_writes_do_not_leave_it_in_pieces(self, index: Index, folder: Path) -> None:
        for number in range(30):
            index.write(entry(f"d{number}", "hari"))
        searcher = Readers(GenerationFolder(folder)).of_live(IndexName.DOCUMENTS).searcher
        assert searcher.num_docs == 30
        assert searcher.num_segments < 10

    def test_what_a_fork_inherits_is_not_used(self, index: Index) -> None:
        assert index.ids() == []
        with warnings.catch_warnings():
            # From Python 3.12 on: a process with threads should not fork. A web server that preloads does.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            # What is written from here on is seen only by readers that were opened after the fork.
            index.write(entry("a"))
            os._exit(0 if index.ids() == ["a"] else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert index.ids() == ["a"]

    def test_a_generation_that_was_never_finished_is_listed_and_can_be_dropped(
        self, index: Index, folder: Path
    ) -> None:
        unfinished = folder / "g20200101000000000000-abcdef"
        unfinished.mkdir()
        first, live = index.engine.generations()
        assert (first.name, first.version) == (unfinished.name, "")
        assert live == index.generation
        index.engine.drop(first)
        assert index.engine.generations() == [live]

    @pytest.mark.parametrize("content", ["", "nonsense", "g20200101000000000000-abcdef", "../elsewhere", "\x00\xff"])
    def test_a_damaged_pointer_means_that_there_is_no_index(self, index: Index, folder: Path, content: str) -> None:
        (folder / "CURRENT").write_text(content, encoding="latin-1")
        assert index.engine.live() is None
        with pytest.raises(HubError) as caught:
            index.ids()
        assert caught.value.code == "index_outdated"
        index.engine.activate(index.generation)
        assert index.ids() == []

    def test_a_damaged_index_is_an_error_that_says_what_to_do(self, index: Index, folder: Path) -> None:
        index.write(entry("a"))
        (folder / index.generation.name / "documents" / "meta.json").write_text("{", encoding="utf-8")
        with pytest.raises(EngineUnavailableError) as caught:
            EmbeddedEngine(folder).search(IndexName.DOCUMENTS, [{}])
        assert "rebuild" in caught.value.advice_given
        with pytest.raises(EngineUnavailableError):
            index.write(entry("b"))
        fresh = Index.made(index.engine, entry("a"))
        assert fresh.ids() == ["a"]

    def test_a_folder_that_cannot_be_used_is_an_error_of_the_hub(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder", encoding="utf-8")
        engine = EmbeddedEngine(tmp_path / "file")
        for call in (engine.live, lambda: engine.create(VERSION), lambda: engine.search(IndexName.DOCUMENTS, [{}])):
            with pytest.raises(EngineUnavailableError):
                call()

    def test_a_full_disk_is_said_and_what_was_there_stays(self, small_disk: Callable[[int], Path]) -> None:
        index = Index.made(EmbeddedEngine(small_disk(5) / "index", writer_heap_mb=15), entry("a", "hari"))
        different = random.Random(1)
        text = [" ".join(f"{different.getrandbits(40):x}" for _ in range(3_000)) for _ in range(200)]
        with pytest.raises(StorageFullError):
            index.write(*(entry(f"d{number}", body) for number, body in enumerate(text)))
        assert index.ids(DAY) == ["a"]
        assert index.write(entry("b", "hari")).written == ("b",), "what did not fit takes no room any more"
        assert index.found(DAY) == "a b"


class TestElasticsearch:
    """What only an engine on a server must get right."""

    @pytest.fixture
    def index(self, elasticsearch_url: str, elasticsearch_prefix: str) -> Iterator[Index]:
        engine = ElasticsearchEngine(elasticsearch_url, prefix=elasticsearch_prefix, request_timeout_seconds=60)
        yield Index.made(engine, entry("a", "hari"))
        engine.close()

    @pytest.fixture
    def client(self, elasticsearch_url: str) -> Iterator[Elasticsearch]:
        with Elasticsearch(elasticsearch_url, request_timeout=60) as client:
            yield client

    def test_a_server_that_is_not_there(self) -> None:
        engine = ElasticsearchEngine(f"http://127.0.0.1:{free_port()}")
        generation = Index(engine, Generation("g20200101000000000000-abcdef", VERSION))
        for call in (engine.live, engine.generations, lambda: engine.create(VERSION), generation.ids, generation.write):
            with pytest.raises(EngineUnavailableError):
                call()
        engine.close()

    def test_a_server_that_stops_and_comes_back(self, elasticsearch_node: ElasticsearchNode) -> None:
        engine = ElasticsearchEngine(elasticsearch_node.url, prefix="restarted")
        index = Index.made(engine, entry("a", "hari"))
        elasticsearch_node.kill()
        for call in (engine.live, index.ids, lambda: index.write(entry("b"))):
            with pytest.raises(EngineUnavailableError):
                call()
        elasticsearch_node.start()
        assert engine.live() == index.generation
        assert index.ids(DAY) == ["a"]
        assert index.write(entry("b", "hari")).written == ("b",)
        assert index.found(DAY) == "a b"
        engine.close()

    def test_a_server_whose_disk_is_full(self, index: Index, client: Elasticsearch) -> None:
        """Elasticsearch sets this block itself, at the flood stage."""
        names = f"{index.engine.prefix}-*"  # type: ignore[attr-defined]
        client.indices.put_settings(index=names, settings={"index.blocks.read_only_allow_delete": True})
        with pytest.raises(StorageFullError):
            index.write(entry("b", "hari"))
        assert index.ids(DAY) == ["a"]
        client.indices.put_settings(index=names, settings={"index.blocks.read_only_allow_delete": None})
        assert index.write(entry("b", "hari")).written == ("b",)

    def test_a_document_that_the_server_refuses_is_named_and_stops_no_other(
        self, index: Index, client: Elasticsearch
    ) -> None:
        """For whatever is not foreseen here: the server's mapping is narrowed behind the engine's back."""
        name = f"{index.engine.prefix}-documents-{index.generation.name}"  # type: ignore[attr-defined]
        mappings = dict(client.indices.get_mapping(index=name)[name]["mappings"])
        mappings["properties"] = {**mappings["properties"], "title_key": {"type": "long"}}
        client.indices.delete(index=name)
        client.indices.create(index=name, mappings=mappings)
        report = index.write(entry("b"), entry("c", title_key="abc"), entry("d", title_key="4"))
        assert report.written == ("b", "d")
        assert "title_key" in report.failed["c"]

    def test_pages_that_the_server_refuses_keep_their_document_out(self, index: Index, client: Elasticsearch) -> None:
        name = f"{index.engine.prefix}-pages-{index.generation.name}"  # type: ignore[attr-defined]
        mappings = dict(client.indices.get_mapping(index=name)[name]["mappings"])
        mappings["properties"] = {**mappings["properties"], "across": {"type": "long"}}
        client.indices.delete(index=name)
        client.indices.create(index=name, mappings=mappings)
        report = index.write(entry("b"))
        assert list(report.failed) == ["b"]
        assert index.found() == "a"

    def test_other_indices_of_the_server_are_left_alone(self, index: Index, client: Elasticsearch) -> None:
        prefix = index.engine.prefix  # type: ignore[attr-defined]
        others = [f"{prefix}-documents-notes", f"{prefix}-other-documents-{index.generation.name}"]
        for name in others:
            client.indices.create(index=name)
        assert index.engine.generations() == [index.generation]
        fresh = Index.made(index.engine)
        index.engine.drop(index.generation)
        assert index.engine.generations() == [fresh.generation]
        assert all(client.indices.exists(index=name) for name in others)

    @pytest.mark.parametrize("url", ["", "nonsense", "ftp://127.0.0.1", "http://"])
    def test_an_address_that_makes_no_sense(self, url: str) -> None:
        with pytest.raises(ConfigurationError):
            ElasticsearchEngine(url)
