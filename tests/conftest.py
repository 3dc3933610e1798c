"""What every test may ask for: real services, and a hub of its own or the shared one over the samples."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from holdings.settings import Settings, load_settings
from indexer.hub import Hub, initialise, open_hub
from ingest import work
from ingest.metadata import read_metadata

pytest_plugins = ["tests.fixtures_services"]

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real documents. Without it a test is a named skip on a laptop, and fails in CI."""
    folder = Path(os.environ.get("IKHUB_CORPUS", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        message = f"no real documents in {folder}: set IKHUB_CORPUS"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A call that mounts a disk of so many MB. Where none can be mounted, a named skip on a laptop, a failure in CI."""
    mounted: list[Path] = []

    def mount(megabytes: int) -> Path:
        folder = tmp_path / f"disk-{len(mounted)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            message = f"no disk can be mounted here, which needs root: {done.stderr.strip()}"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a hub in a folder of its own, embedded, nothing in it."""
    return load_settings(None, {"IKHUB_DATA": str(tmp_path / "data")})


@pytest.fixture
def hub(settings: Settings) -> Iterator[Hub]:
    """An empty hub, open."""
    initialise(settings)
    with open_hub(settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def sample_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a hub, embedded, with all the samples in it. Not to be changed by tests.

    The one scan among them keeps the text that it came with: to recognise it would take most of a minute.
    """
    folder = tmp_path_factory.mktemp("samples") / "data"
    settings = load_settings(None, {"IKHUB_DATA": str(folder), "IKHUB_INGEST__OCR__ENABLED": "false"})
    initialise(settings)
    with open_hub(settings) as hub:
        metadata = read_metadata(SAMPLES / "metadata.csv", hub.vocabularies, settings.app.zone)
        assert metadata.problems == []
        ids = work.receive(hub, [Path(location) for location in metadata.declared], metadata=metadata)
        summary = work.finish(hub, ids)
        assert summary.outcomes == {"ingested": len(ids)}
    return settings


@pytest.fixture(scope="session")
def sample_hub(sample_settings: Settings) -> Iterator[Hub]:
    """The hub over the samples, open. Not to be changed by tests."""
    with open_hub(sample_settings) as opened:
        yield opened
