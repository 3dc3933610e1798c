"""The bare engines: the same bodies answered with nothing of the hub around them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3
from tantivy import Index

from indexer.discover import discover
from indexer.engines.admission import KINDS
from indexer.engines.base import Body, Response
from indexer.engines.embedded_query import Translation
from indexer.hub import Hub
from indexer.model import SearchRequest
from indexer.schema import IndexName

Bodies = list[tuple[IndexName, Sequence[Body]]]


class Listener:
    """Stands before a hub's engine and keeps the bodies that it is asked to answer."""

    def __init__(self, hub: Hub) -> None:
        self._engine = hub.engine
        self.bodies: Bodies = []

    def search(self, index: IndexName, bodies: Sequence[Body]) -> list[Response]:
        self.bodies.append((index, bodies))
        return self._engine.search(index, bodies)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def bodies_of(hub: Hub, request: SearchRequest) -> Bodies:
    """Return the bodies that `discover` sends for a request."""
    listener = Listener(hub)
    discover(replace(hub, engine=listener), request)
    return listener.bodies


def bare_tantivy(folder: Path, asked: Bodies) -> Callable[[], object]:
    """Return a call that answers the bodies with tantivy: queries are built beforehand, stored fields are fetched."""
    work: list[Callable[[], object]] = []
    for index_name, bodies in asked:
        index = Index.open(str(folder / index_name.value))
        index.config_reader("manual")
        index.reload()
        searcher = index.searcher()
        for body in bodies:
            translation = Translation(index, KINDS[index_name])
            query = translation.scored(body["query"])
            counts = dict(body.get("aggs", {}))

            def answer(searcher=searcher, query=query, counts=counts, size=body["size"]):  # type: ignore[no-untyped-def]
                hits = searcher.search(query, limit=size).hits
                stored = [searcher.doc(address) for _, address in hits]
                return stored, searcher.aggregate(query, counts) if counts else None

            work.append(answer)
    return lambda: [each() for each in work]


def bare_elasticsearch(url: str, prefix: str, asked: Bodies) -> Callable[[], object]:
    """Return a call that posts the bodies, made into JSON beforehand, to Elasticsearch and reads the answers' bytes."""
    address = urlsplit(url)
    pool = urllib3.HTTPConnectionPool(address.hostname or "", address.port, maxsize=1)
    posts = []
    for index_name, bodies in asked:
        lines = [json.dumps(part) for body in bodies for part in ({}, body)]
        posts.append((f"/{prefix}-{index_name.value}/_msearch", ("\n".join(lines) + "\n").encode()))
    headers = {"Content-Type": "application/x-ndjson"}
    return lambda: [pool.request("POST", path, body=body, headers=headers).data for path, body in posts]
