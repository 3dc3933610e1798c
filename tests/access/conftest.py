"""A hub of the suite on each engine, with its people; one serves all examples of a module."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from indexer.hub import initialise, open_hub
from tests.access.stage import Stage, settings_in


@contextmanager
def stage_on(engine: str, folder: Path, url: str = "") -> Iterator[Stage]:
    """Give a stage on an engine; what is left of it on a server is removed."""
    prefix = f"access-{secrets.token_hex(4)}"
    settings = settings_in(folder, engine, url, prefix)
    initialise(settings)
    with open_hub(settings) as hub:
        stage = Stage(hub)
        try:
            yield stage
        finally:
            stage.clock.restore()
    if url:
        with Elasticsearch(url) as client:
            for index in client.indices.get(index=f"{prefix}-*"):
                client.indices.delete(index=index)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage on the embedded engine. What a test leaves in it is cleared by the next that clears it."""
    with stage_on("embedded", tmp_path_factory.mktemp("access") / "data") as made:
        yield made


@pytest.fixture(scope="module", params=["embedded", "elasticsearch"])
def any_stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage on each engine."""
    url = request.getfixturevalue("elasticsearch_url") if request.param == "elasticsearch" else ""
    with stage_on(request.param, tmp_path_factory.mktemp("access") / "data", url) as made:
        yield made
