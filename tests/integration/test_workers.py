"""Workers: the local one, and real Celery workers on a real Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest

from holdings import arrivals, documents, texts
from holdings.errors import (
    BrokerUnavailableError,
    CatalogueUnavailableError,
    EngineUnavailableError,
    FileOutcome,
    UsageError,
)
from holdings.settings import Settings, load_settings
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import SearchRequest
from indexer.synchronise import check
from ingest import delivery, work
from tests.elasticsearch.node import ElasticsearchNode
from tests.files import scans
from tests.fixtures_services import require
from tests.services.components import TESSERACT
from tests.services.postgresql import PostgresqlServer, fresh_database
from tests.services.redis import RedisServer

ROOT = Path(__file__).parents[2]
TEXT = "Laporan tentang pencegahan ekstremisme di daerah. " * 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for number in range(4):
        (tmp_path / "in" / f"{number}.txt").write_text(f"{TEXT} {number}", encoding="utf-8")
    return tmp_path / "in"


@contextmanager
def _worker(settings: Settings, log: Path, *queues: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "IKHUB_DATA": str(settings.data),
        "IKHUB_INGEST__BROKER_URL": settings.ingest.broker_url,
        "IKHUB_INGEST__WORKERS": "1",
    }
    if settings.holdings.database_url:
        environment["IKHUB_HOLDINGS__DATABASE_URL"] = settings.holdings.database_url
    arguments = [part for queue in queues for part in ("--queue", queue)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "worker", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until(condition: Callable[[], bool], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8", errors="replace")[-3000:]
        time.sleep(0.1)


def _outcomes(hub: Hub, ids: list[int]) -> set[FileOutcome | None]:
    with hub.catalogue.read() as session:
        return {a.outcome for a in arrivals.get_many(session, ids)}


def test_the_local_worker_finishes_what_is_recorded(hub: Hub, folder: Path, tmp_path: Path) -> None:
    with _worker(hub.settings, tmp_path / "log") as process:
        ids = work.receive(hub, [folder])
        _until(lambda: _outcomes(hub, ids) == {FileOutcome.INGESTED}, tmp_path / "log")
        _until(lambda: discover_total(hub) == 4, tmp_path / "log")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, "it ends when it is told to"


def discover_total(hub: Hub, query: str = "") -> int:
    return discover(hub, SearchRequest(query=query)).total if hub.engine.live() else 0


def test_celery_workers_do_the_work_and_adding_waits_for_them(tmp_path: Path, folder: Path, redis_url: str) -> None:
    settings = load_settings(None, {"IKHUB_DATA": str(tmp_path / "data"), "IKHUB_INGEST__BROKER_URL": redis_url})
    initialise(settings)
    with open_hub(settings) as hub, _worker(settings, tmp_path / "log"):
        ids = work.receive(hub, [folder])
        summary = delivery.finish(hub, ids)
        assert summary.outcomes == {"ingested": 4}
        assert (summary.waiting, summary.stopped_by) == (0, None)
        assert discover_total(hub) == 4
        assert list(check(hub)) == []
        (folder / "later.txt").write_text(f"{TEXT} later", encoding="utf-8")
        later = work.receive(hub, [folder / "later.txt", folder / "missing.txt"])
        delivery.deliver(hub, later)
        # A worker on another machine could not see it either.
        (folder / "later.txt").unlink()
        _until(lambda: _outcomes(hub, later) == {FileOutcome.INGESTED, FileOutcome.FAILED}, tmp_path / "log")
        _until(lambda: discover_total(hub) == 5, tmp_path / "log")


def test_a_broker_that_is_away_loses_nothing(tmp_path: Path, folder: Path) -> None:
    settings = load_settings(
        None, {"IKHUB_DATA": str(tmp_path / "data"), "IKHUB_INGEST__BROKER_URL": "redis://127.0.0.1:1/0"}
    )
    initialise(settings)
    with open_hub(settings) as hub:
        ids = work.receive(hub, [folder])
        summary = delivery.finish(hub, ids)
        assert isinstance(summary.stopped_by, BrokerUnavailableError)
        assert summary.waiting == 4
        assert work.run(hub).outcomes == {"ingested": 4}


def test_an_unknown_queue_is_named(settings: Settings) -> None:
    with pytest.raises(UsageError, match="nonsense"):
        delivery.work_forever(settings, ["nonsense"])


def test_scans_are_read_by_the_workers_of_their_queue(tmp_path: Path, redis_url: str) -> None:
    require(TESSERACT.path)
    pictures = scans.pictures_of(ROOT / "samples" / "uu-15-2003.pdf")
    (tmp_path / "scan.pdf").write_bytes(scans.scanned(pictures[:2]))
    settings = load_settings(None, {"IKHUB_DATA": str(tmp_path / "data"), "IKHUB_INGEST__BROKER_URL": redis_url})
    initialise(settings)
    with open_hub(settings) as hub:
        with _worker(settings, tmp_path / "log", "text", "index"):
            ids = work.receive(hub, [tmp_path / "scan.pdf"])
            assert delivery.finish(hub, ids).outcomes == {"ingested": 1}
            assert discover_total(hub, "terorisme") == 0, "its pages are in the queue of scans"
            with _worker(settings, tmp_path / "log-ocr", "ocr"):
                _until(lambda: discover_total(hub, "terorisme") == 1, tmp_path / "log-ocr")
        with hub.catalogue.read() as session:
            assert texts.pages_waiting_for_ocr(session) == 0
            (receipt,) = arrivals.get_many(session, ids)
        assert receipt.text is not None
        assert receipt.text.pages_by_ocr == 2


def test_members_of_an_archive_are_work_of_their_own(tmp_path: Path, folder: Path, redis_url: str) -> None:
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    settings = load_settings(None, {"IKHUB_DATA": str(tmp_path / "data"), "IKHUB_INGEST__BROKER_URL": redis_url})
    initialise(settings)
    with open_hub(settings) as hub, _worker(settings, tmp_path / "log"):
        summary = delivery.finish(hub, work.receive(hub, [tmp_path / "all.zip"]))
        assert summary.outcomes == {"unpacked": 1, "ingested": 4}
        assert discover_total(hub) == 4


def test_redis_that_is_killed_in_the_middle_loses_nothing(
    tmp_path: Path, folder: Path, redis_server: RedisServer
) -> None:
    settings = load_settings(None, {"IKHUB_DATA": str(tmp_path / "data"), "IKHUB_INGEST__BROKER_URL": redis_server.url})
    initialise(settings)
    for number in range(4, 30):
        (folder / f"{number}.txt").write_text(f"{TEXT} {number}", encoding="utf-8")
    with open_hub(settings) as hub, _worker(settings, tmp_path / "log"):
        ids = work.receive(hub, [folder])
        delivery.deliver(hub, ids)
        _until(lambda: FileOutcome.INGESTED in _outcomes(hub, ids), tmp_path / "log")
        os.kill(redis_server.process_id, signal.SIGKILL)
        redis_server.stop()
        redis_server.start()
        assert work.run(hub).stopped_by is None, "what cron calls finishes what Redis has forgotten"
        assert _outcomes(hub, ids) == {FileOutcome.INGESTED}
        assert discover_total(hub) == 30
        # The worker has found its way back.
        (folder / "later.txt").write_text(f"{TEXT} later", encoding="utf-8")
        later = work.receive(hub, [folder / "later.txt"])
        delivery.deliver(hub, later)
        _until(lambda: _outcomes(hub, later) == {FileOutcome.INGESTED}, tmp_path / "log")


def test_a_database_that_goes_away_in_the_middle_makes_the_work_wait(
    tmp_path: Path, folder: Path, redis_url: str
) -> None:
    with require(PostgresqlServer) as server, fresh_database(server.url) as database:
        settings = load_settings(
            None,
            {
                "IKHUB_DATA": str(tmp_path / "data"),
                "IKHUB_INGEST__BROKER_URL": redis_url,
                "IKHUB_HOLDINGS__DATABASE_URL": database,
            },
        )
        initialise(settings)
        for number in range(4, 30):
            (folder / f"{number}.txt").write_text(f"{TEXT} {number}", encoding="utf-8")
        with open_hub(settings) as hub, _worker(settings, tmp_path / "log"):
            ids = work.receive(hub, [folder])
            delivery.deliver(hub, ids)
            _until(lambda: FileOutcome.INGESTED in _outcomes(hub, ids), tmp_path / "log")
            server.stop()
            try:
                with pytest.raises(CatalogueUnavailableError):
                    work.run(hub)
                time.sleep(3)
            finally:
                server.start()
            _until(lambda: _outcomes(hub, ids) == {FileOutcome.INGESTED}, tmp_path / "log", seconds=120)
            work.run(hub)
            with hub.catalogue.read() as session:
                assert documents.count(session) == 30, "nothing twice"
            assert discover_total(hub) == 30
            assert list(check(hub)) == []


def test_an_engine_that_goes_away_in_the_middle_makes_the_index_wait(
    tmp_path: Path, folder: Path, elasticsearch_node: ElasticsearchNode
) -> None:
    settings = load_settings(
        None,
        {
            "IKHUB_DATA": str(tmp_path / "data"),
            "IKHUB_INDEXER__ENGINE": "elasticsearch",
            "IKHUB_INDEXER__ELASTICSEARCH__URL": elasticsearch_node.url,
            "IKHUB_INDEXER__ELASTICSEARCH__PREFIX": "ikhub-away",
        },
    )
    initialise(settings)
    with open_hub(settings) as hub:
        assert work.finish(hub, work.receive(hub, [folder / "0.txt"])).stopped_by is None
        elasticsearch_node.kill()
        summary = work.finish(hub, work.receive(hub, [folder]))
        assert isinstance(summary.stopped_by, EngineUnavailableError)
        assert (summary.outcomes, summary.waiting) == ({"unchanged": 1, "ingested": 3}, 0), "the files are read"
        elasticsearch_node.start()
        assert work.run(hub).stopped_by is None
        assert discover_total(hub) == 4
        assert list(check(hub)) == []
