"""The real components that other tests rely on are real, isolated, and survive what those tests do to them."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from elasticsearch import ConnectionError as ElasticsearchConnectionError
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk
from playwright.sync_api import Page
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from tests.elasticsearch.node import ElasticsearchNode
from tests.services.redis import RedisServer

MAPPINGS = {
    "properties": {
        "body": {"type": "text", "analyzer": "whitespace"},
        "theme": {"type": "keyword"},
    }
}
DOCUMENTS = [
    {"_id": "1", "body": "cegah teror di sekolah", "theme": "prevention"},
    {"_id": "2", "body": "dana teror", "theme": "financing"},
    {"_id": "3", "body": "Teror", "theme": "prevention"},
]


def filled(client: Elasticsearch, index: str) -> None:
    client.indices.create(index=index, mappings=MAPPINGS, settings={"number_of_replicas": 0})
    bulk(client, [{"_index": index, **document} for document in DOCUMENTS], refresh=True)


def test_elasticsearch_searches_counts_and_switches_an_alias(elasticsearch_url: str, elasticsearch_prefix: str) -> None:
    old, new, alias = (f"{elasticsearch_prefix}-{name}" for name in ("old", "new", "live"))
    with Elasticsearch(elasticsearch_url) as client:
        filled(client, old)
        client.indices.create(index=new, mappings=MAPPINGS)
        client.indices.put_alias(index=old, name=alias)
        answer = client.search(
            index=alias, query={"match": {"body": "teror"}}, aggs={"theme": {"terms": {"field": "theme"}}}
        )
        # The whitespace analyzer does not fold: "Teror" is another word.
        assert {hit["_id"] for hit in answer["hits"]["hits"]} == {"1", "2"}
        counts = {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"]["theme"]["buckets"]}
        assert counts == {"prevention": 1, "financing": 1}
        switch: list[dict[str, Any]] = [
            {"remove": {"index": old, "alias": alias}},
            {"add": {"index": new, "alias": alias}},
        ]
        client.indices.update_aliases(actions=switch)
        assert client.count(index=alias)["count"] == 0
        assert client.count(index=old)["count"] == 3


@pytest.mark.parametrize("end", [ElasticsearchNode.stop, ElasticsearchNode.kill])
def test_an_elasticsearch_node_keeps_data_and_address_when_it_comes_back(
    elasticsearch_node: ElasticsearchNode, end: Callable[[ElasticsearchNode], None]
) -> None:
    url, index = elasticsearch_node.url, f"kept-{end.__name__}"
    with Elasticsearch(url, max_retries=0) as client:
        filled(client, index)
        end(elasticsearch_node)
        with pytest.raises(ElasticsearchConnectionError):
            client.count(index=index)
        elasticsearch_node.start()
        assert elasticsearch_node.url == url
        assert client.count(index=index)["count"] == len(DOCUMENTS)


@pytest.fixture
def engines(new_postgresql_url: Callable[[], str]) -> list[Engine]:
    return [create_engine(new_postgresql_url(), poolclass=NullPool) for _ in range(2)]


def test_each_postgresql_database_is_fresh_and_its_own(engines: list[Engine]) -> None:
    first, second = engines
    with first.begin() as connection:
        connection.execute(text("CREATE TABLE documents (title text)"))
        connection.execute(text("INSERT INTO documents VALUES ('Pencegahan terorisme')"))
    with first.connect() as connection:
        assert connection.scalar(text("SELECT upper(title) FROM documents")) == "PENCEGAHAN TERORISME"
        assert connection.scalar(text("SHOW server_encoding")) == "UTF8"
    with second.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE tablename = 'documents'")) == 0


@pytest.mark.parametrize("round_", [1, 2])
def test_redis_is_empty_for_each_test(redis_url: str, round_: int) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        assert client.rpush("queue", round_) == 1
        assert client.lpop("queue") == str(round_).encode()
        client.set("left", round_)


def test_a_redis_server_can_go_away_and_come_back(redis_server: RedisServer) -> None:
    url = redis_server.url
    with Redis.from_url(url) as client:
        client.set("key", "value")
        redis_server.stop()
        with pytest.raises(RedisConnectionError):
            client.get("key")
        redis_server.start()
        assert redis_server.url == url
        assert client.get("key") is None


class _Site(http.server.BaseHTTPRequestHandler):
    """A page that looks another host up, and a script that fails."""

    def do_GET(self) -> None:
        body = b"<!doctype html><title>Hub</title><h1>Hub</h1><img src='http://other.invalid/logo.png' alt=''>"
        if self.path == "/script":
            body = b"<!doctype html><title>Hub</title><script>missing()</script>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def site() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_browser_shows_a_page_and_reports_a_request_to_another_host(
    site: str, page: Page, page_problems: list[str]
) -> None:
    page.goto(site)
    assert page.get_by_role("heading", name="Hub").is_visible()
    assert any(problem == "asked another host: http://other.invalid/logo.png" for problem in page_problems)
    page_problems.clear()


def test_the_browser_reports_a_script_that_fails(site: str, page: Page, page_problems: list[str]) -> None:
    page.goto(f"{site}/script")
    assert any("missing is not defined" in problem for problem in page_problems)
    page_problems.clear()
