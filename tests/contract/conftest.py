"""Both engines, empty and filled, for tests that run on each of them or compare the two."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from elasticsearch import Elasticsearch

from indexer.engines.base import Engine
from indexer.engines.elasticsearch import ElasticsearchEngine
from indexer.engines.embedded import EmbeddedEngine
from tests.contract.index_entries import SHELF, Index

ENGINES = ("embedded", "elasticsearch")


@contextmanager
def opened(name: str, request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> Iterator[Engine]:
    """Open an engine that holds nothing; what is left of it on a server is removed."""
    if name == "embedded":
        embedded = EmbeddedEngine(folders.mktemp("engine") / "index")
        yield embedded
        embedded.close()
        return
    url = request.getfixturevalue("elasticsearch_url")
    prefix = f"test-{secrets.token_hex(4)}"
    # The node of the tests shares two processors with everything else: a time-out must not fail a test.
    server = ElasticsearchEngine(url, prefix=prefix, request_timeout_seconds=60)
    yield server
    server.close()
    with Elasticsearch(url) as client:
        for index in client.indices.get(index=f"{prefix}-*"):
            client.indices.delete(index=index)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine without any generation."""
    with opened(request.param, request, tmp_path_factory) as engine:
        yield engine


@pytest.fixture
def index(engine: Engine) -> Index:
    """An engine with an empty live generation."""
    return Index.made(engine)


@pytest.fixture(scope="module", params=ENGINES)
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """An engine that holds the documents of `SHELF`. Not to be changed by tests."""
    with opened(request.param, request, tmp_path_factory) as engine:
        yield Index.made(engine, *SHELF)


@pytest.fixture(scope="module")
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Engine]]:
    """Both engines, embedded first, without any generation, for a module that compares what they answer."""
    with (
        opened("embedded", request, tmp_path_factory) as embedded,
        opened("elasticsearch", request, tmp_path_factory) as elasticsearch,
    ):
        yield embedded, elasticsearch
