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

from holdings import arrivals
from holdings.settings import load_settings
from indexer.hub import initialise, open_hub
from ingest import work
from tests.conftest import SAMPLES
from tests.integration.crash_driver import STEPS
from tests.integration.end_state import State, end_state


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


@pytest.fixture(scope="module")
def undisturbed(cupboard: Path, tmp_path_factory: pytest.TempPathFactory) -> State:
    settings = load_settings(None, {"IKHUB_DATA": str(tmp_path_factory.mktemp("undisturbed"))})
    initialise(settings)
    with open_hub(settings) as hub:
        work.finish(hub, work.receive(hub, [cupboard]))
        return end_state(hub)


def _after_the_next_run(data: Path, cupboard: Path) -> State:
    with open_hub(load_settings(None, {"IKHUB_DATA": str(data)})) as hub:
        work.run(hub)
        with hub.catalogue.read() as session:
            recorded = arrivals.get_many(session, range(1, 100))
        if not recorded:
            # It died before anything was recorded: nobody was told otherwise, so it is added again.
            work.finish(hub, work.receive(hub, [cupboard]))
        return end_state(hub)


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
