"""Searching: `discover()` and HTTP beside the bare engine answering the same bodies."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from benchmarks.bare import bare_elasticsearch, bare_tantivy, bodies_of
from benchmarks.corpora import QUERIES
from benchmarks.measuring import Figure, Timings, in_turn
from indexer.discover import discover
from indexer.hub import Hub
from indexer.model import SearchRequest

ROOT = Path(__file__).parents[1]


def search_figures(hub: Hub, corpus: str, rounds: int) -> list[Figure]:
    """Return p50 and p95 of `discover()` beside the bare engine, and of HTTP beside `discover()`."""
    group = f"search, {hub.engine.name}, {corpus}"
    requests = [SearchRequest(query=query) for query in QUERIES]
    pairs = [(lambda r=request: discover(hub, r), _bare(hub, request)) for request in requests]
    ours, bare = in_turn(pairs, rounds)
    figures = _both(group, "discover(): 2 terms, 8 facets, snippets", ours, "the bare engine", bare)
    with _served(hub) as (host, port):
        connection = http.client.HTTPConnection(host, port)
        paths = [f"/api/v1/search?q={quote(request.query)}" for request in requests]
        web = [
            (lambda path=path: _get(connection, path), lambda r=request: discover(hub, r))
            for path, request in zip(paths, requests, strict=True)
        ]
        over_http, direct = in_turn(web, rounds)
    return figures + _both(group, "GET /api/v1/search", over_http, "discover()", direct)


def _bare(hub: Hub, request: SearchRequest):  # type: ignore[no-untyped-def]
    asked = bodies_of(hub, request)
    if hub.engine.name == "embedded":
        live = hub.engine.live()
        assert live is not None
        return bare_tantivy(hub.settings.data / "index" / live.name, asked)
    server = hub.settings.indexer.elasticsearch
    return bare_elasticsearch(server.url, server.prefix, asked)


def _both(group: str, what: str, ours: Timings, peer_name: str, peer: Timings) -> list[Figure]:
    return [
        Figure(group, f"{what}, p50", ours.p50, "ms", peer_name, peer.p50),
        Figure(group, f"{what}, p95", ours.p95, "ms", peer_name, peer.p95),
    ]


def _get(connection: http.client.HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    response = connection.getresponse()
    content = response.read()
    assert response.status == 200, content
    return content


@contextlib.contextmanager
def _served(hub: Hub) -> Iterator[tuple[str, int]]:
    """Serve the hub by the real command, on a free port, and end it afterwards."""
    server = hub.settings.indexer.elasticsearch
    environment = {
        **os.environ,
        "IKHUB_DATA": str(hub.settings.data),
        "IKHUB_INDEXER__ENGINE": hub.engine.name,
        "IKHUB_INDEXER__ELASTICSEARCH__URL": server.url,
        "IKHUB_INDEXER__ELASTICSEARCH__PREFIX": server.prefix,
        "IKHUB_APP__WORKERS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield _address(process)
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> tuple[str, int]:
    assert process.stdout is not None
    deadline = time.monotonic() + 60
    said: list[str] = []
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        said.append(line)
        if found := re.search(r"http://([\d.]+):(\d+)", line):
            return found[1], int(found[2])
        if not line:
            break
    raise RuntimeError(f"the server did not start: {said}")


def total_hits(hub: Hub, queries: Sequence[str] = QUERIES) -> int:
    """Return how many documents the queries find, to see that something was searched at all."""
    return sum(discover(hub, SearchRequest(query=query)).total for query in queries)
