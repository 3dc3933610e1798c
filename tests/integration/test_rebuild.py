"""A rebuild during continuous searching: no failed and no empty answer, on both engines."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdings.errors import EngineUnavailableError, LockedError
from holdings.settings import Settings, load_settings
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import SearchRequest
from indexer.synchronise import check, rebuild, synchronise
from tests.making import record_document

ROOT = Path(__file__).parents[2]
DOCUMENTS = 60
PAGES = ["Pencegahan ekstremisme di daerah memerlukan kerja sama. " * 20, "Korban dan saksi dilindungi. " * 20]

SEARCHER = """
import json, sys, time
from pathlib import Path
from holdings.settings import Settings
from indexer.discover import discover
from indexer.hub import open_hub
from indexer.model import SearchRequest

counts = {"searches": 0, "wrong": []}
with open_hub(Settings.model_validate_json(sys.argv[1])) as hub:
    print("ready", flush=True)
    while not Path(sys.argv[2]).exists():
        answer = discover(hub, SearchRequest(query="korban daerah"))
        counts["searches"] += 1
        if answer.total < int(sys.argv[3]) or not all(hit.page_hits for hit in answer.hits) or len(answer.hits) != 10:
            counts["wrong"].append([answer.total, len(answer.hits)])
print(json.dumps(counts))
"""


@pytest.fixture(params=["embedded", "elasticsearch"])
def engine_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    environment = {"IKHUB_DATA": str(tmp_path / "data"), "IKHUB_INDEXER__ENGINE": request.param}
    if request.param == "elasticsearch":
        environment["IKHUB_INDEXER__ELASTICSEARCH__URL"] = request.getfixturevalue("elasticsearch_url")
        environment["IKHUB_INDEXER__ELASTICSEARCH__PREFIX"] = "ikhub-rebuild"
    return load_settings(None, environment)


@pytest.fixture
def hub(engine_settings: Settings) -> Iterator[Hub]:
    initialise(engine_settings)
    with open_hub(engine_settings) as opened:
        for number in range(DOCUMENTS):
            record_document(opened, f"Dokumen {number}", [*PAGES, f"nomor {number}"])
        rebuild(opened)
        yield opened


def test_searches_go_on_while_the_index_is_rebuilt(hub: Hub, tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    command = [sys.executable, "-W", "error", "-c", SEARCHER, hub.settings.model_dump_json(), str(stop), str(DOCUMENTS)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as searcher:
        assert searcher.stdout is not None
        assert searcher.stdout.readline() == "ready\n"
        generations = {rebuild(hub).generation for _ in range(4)}
        stop.touch()
        counts = json.loads(searcher.stdout.readline())
    assert len(generations) == 4
    assert counts["searches"] > 10
    assert counts["wrong"] == []
    assert searcher.returncode == 0


def test_what_is_recorded_while_the_index_is_rebuilt_is_in_the_new_one(hub: Hub) -> None:
    stop = threading.Event()
    added: list[str] = []

    def add() -> None:
        while not stop.is_set():
            added.append(record_document(hub, f"Tambahan {len(added)}", ["tambahan baru"]))
            synchronise(hub)

    thread = threading.Thread(target=add)
    thread.start()
    try:
        for _ in range(2):
            rebuild(hub, wait_seconds=30)
    finally:
        stop.set()
        thread.join()
    synchronise(hub)
    assert added
    assert discover(hub, SearchRequest(query="tambahan baru")).total == len(added)
    assert list(check(hub)) == []


def test_two_rebuilds_do_not_run_at_the_same_time(hub: Hub) -> None:
    with hub.catalogue.locks.hold("index-rebuild"), pytest.raises(LockedError):
        rebuild(hub)


def test_a_rebuild_that_fails_leaves_the_live_index(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    live = hub.engine.live()

    def fails(*_: object) -> None:
        raise EngineUnavailableError("gone in the middle")

    monkeypatch.setattr("indexer.synchronise.indexed.remember", fails)
    with pytest.raises(EngineUnavailableError):
        rebuild(hub)
    monkeypatch.undo()
    assert hub.engine.live() == live
    assert [g.name for g in hub.engine.generations()] == [live.name if live else None]
    assert discover(hub, SearchRequest(query="korban")).total == DOCUMENTS


def test_what_a_crashed_rebuild_left_is_deleted_by_the_next(hub: Hub) -> None:
    hub.engine.create("0-left-behind")
    assert len(hub.engine.generations()) == 2
    rebuild(hub)
    assert len(hub.engine.generations()) == 1


def test_an_index_of_another_version_is_built_anew(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.synchronise.index_version", lambda _: "next-version")
    report = synchronise(hub)
    assert report.rebuilt
    assert report.written == DOCUMENTS
    assert not synchronise(hub).rebuilt


def test_other_root_words_build_the_index_anew(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "roots.txt").write_text("lindung\n", encoding="utf-8")
    initialise(settings)
    with open_hub(settings) as first:
        record_document(first, "Dokumen", PAGES)
        assert synchronise(first).rebuilt
    indexer = settings.indexer.model_copy(update={"roots": tmp_path / "roots.txt"})
    with open_hub(settings.model_copy(update={"indexer": indexer})) as other:
        assert synchronise(other).rebuilt
        assert discover(other, SearchRequest(query="dilindungi")).total == 1


def test_a_switch_of_engine_knows_that_everything_is_missing(tmp_path: Path, elasticsearch_url: str) -> None:
    first = load_settings(None, {"IKHUB_DATA": str(tmp_path)})
    initialise(first)
    with open_hub(first) as embedded:
        record_document(embedded, "Dokumen", PAGES)
        synchronise(embedded)
    second = load_settings(
        None,
        {
            "IKHUB_DATA": str(tmp_path),
            "IKHUB_INDEXER__ENGINE": "elasticsearch",
            "IKHUB_INDEXER__ELASTICSEARCH__URL": elasticsearch_url,
            "IKHUB_INDEXER__ELASTICSEARCH__PREFIX": "ikhub-switch",
        },
    )
    with open_hub(second) as other:
        assert synchronise(other).written == 1
        assert discover(other, SearchRequest(query="korban")).total == 1
    with open_hub(first) as embedded:
        assert synchronise(embedded).written == 0
