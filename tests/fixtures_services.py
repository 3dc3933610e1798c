"""Fixtures of the real components that tests run on: Elasticsearch, PostgreSQL, Redis and a browser.

A component that is not on the machine fails the test in CI (the variable CI is set) and is a skip that names it on a
laptop. Each server but the browser can be replaced by a running one: `IKHUB_TEST_…_URL`, see `tests/services`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import pytest
from elasticsearch import Elasticsearch
from playwright.sync_api import Browser, Page, sync_playwright
from redis import Redis

from tests.elasticsearch.node import ElasticsearchNode
from tests.services.components import CHROMIUM, JAVA, POSTGRESQL, REDIS, MissingComponentError
from tests.services.postgresql import PostgresqlServer, fresh_database
from tests.services.redis import RedisServer
from tests.services.smtp import SmtpSink

Found = TypeVar("Found")

# The browser asks nobody but this machine, whatever a page says.
_BROWSER_OPTIONS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]


def require(make: Callable[[], Found]) -> Found:
    """Return what `make` gives; where it needs a component that is missing, fail in CI and skip elsewhere."""
    try:
        return make()
    except MissingComponentError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    """The address of a running Elasticsearch that all tests share: use names under `elasticsearch_prefix`."""
    if given := os.environ.get(JAVA.variable):
        yield given
        return
    with require(ElasticsearchNode) as node:
        yield node.url


@pytest.fixture
def elasticsearch_prefix(elasticsearch_url: str) -> Iterator[str]:
    """A beginning for the names of indices that no other test uses; what has it is removed after the test."""
    prefix = f"test-{secrets.token_hex(4)}"
    yield prefix
    with Elasticsearch(elasticsearch_url) as client:
        for name in client.indices.get(index=f"{prefix}*", expand_wildcards="all"):
            client.indices.delete(index=name)


@pytest.fixture(scope="module")
def _module_node() -> Iterator[ElasticsearchNode]:
    with require(ElasticsearchNode) as node:
        yield node


@pytest.fixture
def elasticsearch_node(_module_node: ElasticsearchNode) -> ElasticsearchNode:
    """A node for tests that stop, kill or restart it: it runs when a test begins, the module's tests share its data."""
    if not _module_node.running:
        _module_node.start()
    return _module_node


@pytest.fixture(scope="session")
def postgresql_server_url() -> Iterator[str]:
    """The URL of a PostgreSQL server whose role may make databases; tests ask for `postgresql_url` instead."""
    if given := os.environ.get(POSTGRESQL.variable):
        yield given
        return
    with require(PostgresqlServer) as server:
        yield server.url


@pytest.fixture
def postgresql_url(postgresql_server_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of a new, empty database that is dropped after the test."""
    with fresh_database(postgresql_server_url) as url:
        yield url


@pytest.fixture
def new_postgresql_url(postgresql_server_url: str) -> Iterator[Callable[[], str]]:
    """As `postgresql_url`, for a test that needs several databases: call it once for each."""
    with ExitStack() as databases:

        def make() -> str:
            database: AbstractContextManager[str] = fresh_database(postgresql_server_url)
            return databases.enter_context(database)

        yield make


@pytest.fixture(scope="session")
def _redis_server_url() -> Iterator[str]:
    if given := os.environ.get(REDIS.variable):
        with Redis.from_url(given) as client:
            # It is emptied after each test: not a database that somebody uses.
            assert client.dbsize() == 0, f"the database of {REDIS.variable} is not empty: name an empty one"
        yield given
        return
    with require(RedisServer) as server:
        yield server.url


@pytest.fixture
def redis_url(_redis_server_url: str) -> Iterator[str]:
    """The URL of an empty Redis database; what a test leaves there is removed after it."""
    yield _redis_server_url
    with Redis.from_url(_redis_server_url) as client:
        client.flushdb()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis of its own for a test that stops it."""
    with require(RedisServer) as server:
        yield server


@pytest.fixture
def smtp_sink(tmp_path: Path) -> Iterator[SmtpSink]:
    """A mail server that keeps what it takes; how an address begins says what it does (`tests.services.smtp_sink`)."""
    with SmtpSink(tmp_path / "letters") as sink:
        yield sink


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium. While it runs, the main thread has an event loop: `asyncio.run` needs a thread of its own."""
    program = require(CHROMIUM.path)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=_BROWSER_OPTIONS)
        yield launched
        launched.close()


@pytest.fixture
def page_problems() -> list[str]:
    """What went wrong on the test's pages: errors of the console and of scripts, requests to other hosts.

    A test that expects some takes them out; what is left fails it.
    """
    return []


@pytest.fixture
def new_page(browser: Browser, page_problems: list[str]) -> Iterator[Callable[..., Page]]:
    """Make a page in a fresh browser context; arguments are those of Playwright's `Browser.new_context`."""
    with ExitStack() as contexts:

        def make(**options: object) -> Page:
            context = browser.new_context(**options)  # type: ignore[arg-type]
            contexts.callback(context.close)
            context.on("request", lambda request: page_problems.extend(_asks_elsewhere(request.url)))
            page = context.new_page()
            page.on("console", lambda line: page_problems.extend([line.text] if line.type == "error" else []))
            page.on("pageerror", lambda error: page_problems.append(str(error)))
            return page

        yield make
    assert page_problems == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page at desktop width in a fresh browser context; see `page_problems`."""
    return new_page(viewport={"width": 1280, "height": 900})


def _asks_elsewhere(url: str) -> list[str]:
    elsewhere = urlsplit(url).hostname not in {None, "127.0.0.1", "localhost"}
    return [f"asked another host: {url}"] if elsewhere else []
