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

import pytest

from holdings import arrivals
from holdings.errors import BrokerUnavailableError, FileOutcome, UsageError
from holdings.settings import Settings, load_settings
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import SearchRequest
from indexer.synchronise import check
from ingest import delivery, work

ROOT = Path(__file__).parents[2]
TEXT = "Laporan tentang pencegahan ekstremisme di daerah. " * 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for number in range(4):
        (tmp_path / "in" / f"{number}.txt").write_text(f"{TEXT} {number}", encoding="utf-8")
    return tmp_path / "in"


@contextmanager
def _worker(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "IKHUB_DATA": str(settings.data),
        "IKHUB_INGEST__BROKER_URL": settings.ingest.broker_url,
        "IKHUB_INGEST__WORKERS": "1",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "worker"], cwd=ROOT, env=environment, stdout=output, stderr=output
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


def discover_total(hub: Hub) -> int:
    return discover(hub, SearchRequest()).total if hub.engine.live() else 0


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
