"""kill -9 at any step of an ingest, then `ikhub ingest run`: the same end state as without."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from holdings import arrivals, documents
from holdings.errors import FileOutcome
from holdings.settings import load_settings
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import SearchRequest
from indexer.synchronise import check
from ingest import work
from tests.conftest import SAMPLES
from tests.integration.crash_driver import STEPS

State = dict[str, object]


@pytest.fixture(scope="module")
def cupboard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A law, two reports, a copy, a broken file."""
    folder = tmp_path_factory.mktemp("cupboard")
    shutil.copy(SAMPLES / "uu-15-2003.pdf", folder / "b.pdf")
    for name, word in (("a", "pertama"), ("c", "kedua")):
        # With a title of its own: a document without one is called as its file is, and which copy is first is a race.
        text = f"# Laporan {word}\n\n" + f"Laporan {word} tentang pencegahan di daerah. " * 20
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    shutil.copy(folder / "a.md", folder / "d.md")
    (folder / "e.pdf").write_bytes(b"%PDF-1.7 broken")
    return folder


def _state(hub: Hub) -> State:
    """What is in the hub, without what is drawn by lot or by the clock."""
    with hub.catalogue.read() as session:
        waiting = arrivals.unfinished(session)
        receipts = arrivals.get_many(session, range(1, 100))
        found = {a.path: documents.get(session, a.document_id) for a in receipts if a.document_id}
        total = documents.count(session)
    texts = sorted(
        page.text for d in {d.id: d for d in found.values()}.values() for page in hub.files.pages(d.text.sha256)
    )
    return {
        "waiting": waiting,
        # Which of two copies came first is a matter of which was read faster.
        "outcomes": sorted(
            "in the hub" if a.outcome in (FileOutcome.INGESTED, FileOutcome.DUPLICATE) else f"{a.path} {a.outcome}"
            for a in receipts
        ),
        "titles": sorted(d.title for d in found.values()),
        "statements": sorted(str(sorted(map(str, d.statements))) for d in found.values()),
        "documents": total,
        "texts": texts,
        "found": {q: discover(hub, SearchRequest(query=q)).total for q in ("", "laporan", "terorisme", "kedua")},
        "differences": list(check(hub)),
    }


@pytest.fixture(scope="module")
def undisturbed(cupboard: Path, tmp_path_factory: pytest.TempPathFactory) -> State:
    settings = load_settings(None, {"IKHUB_DATA": str(tmp_path_factory.mktemp("undisturbed"))})
    initialise(settings)
    with open_hub(settings) as hub:
        work.finish(hub, work.receive(hub, [cupboard]))
        return _state(hub)


def _after_the_next_run(data: Path, cupboard: Path) -> State:
    with open_hub(load_settings(None, {"IKHUB_DATA": str(data)})) as hub:
        work.run(hub)
        with hub.catalogue.read() as session:
            recorded = arrivals.get_many(session, range(1, 100))
        if not recorded:
            # It died before anything was recorded: nobody was told otherwise, so it is added again.
            work.finish(hub, work.receive(hub, [cupboard]))
        return _state(hub)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step(step: str, when: str, cupboard: Path, undisturbed: State, tmp_path: Path) -> None:
    initialise(load_settings(None, {"IKHUB_DATA": str(tmp_path)}))
    # The second time round, where there is one: then something is done and something is not.
    nth = "1" if step in {"receive", "create", "activate", "write", "remember"} else "2"
    died = subprocess.run(
        [sys.executable, "-m", "tests.integration.crash_driver", step, when, nth, str(tmp_path), str(cupboard)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, f"{step} was never reached: {died.stderr}"
    assert _after_the_next_run(tmp_path, cupboard) == undisturbed


def test_killed_at_random_moments_again_and_again(cupboard: Path, undisturbed: State, tmp_path: Path) -> None:
    initialise(load_settings(None, {"IKHUB_DATA": str(tmp_path)}))
    chance = random.Random(7)
    command = [sys.executable, "-m", "app.cli", "ingest", "add", str(cupboard)]
    environment = {"IKHUB_DATA": str(tmp_path), "PATH": "/usr/bin:/bin"}
    for _ in range(6):
        with subprocess.Popen(
            command,
            cwd=Path(__file__).parents[2],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            time.sleep(chance.uniform(0.2, 2.5))
            process.kill()
    state = _after_the_next_run(tmp_path, cupboard)
    # Adding it again and again makes more receipts, but nothing else.
    assert {**state, "outcomes": None, "titles": None, "statements": None} == {
        **undisturbed,
        "outcomes": None,
        "titles": None,
        "statements": None,
    }
