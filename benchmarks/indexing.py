"""Indexing: documents a second through the engine beside the bare engine's bulk, and with projection."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk
from tantivy import Document, Index

from benchmarks.measuring import Figure
from indexer.engines.base import IndexDocument
from indexer.engines.elasticsearch_schema import index_settings, mappings
from indexer.engines.embedded_index import create_index
from indexer.hub import Hub
from indexer.schema import IndexName, index_version

_ROUNDS = 3


def indexing_figures(hub: Hub, made: Sequence[IndexDocument], corpus: str) -> list[Figure]:
    """Return documents/s of `engine.write` beside the bare engine taking the same documents and pages, in turn."""
    bare: Callable[[Sequence[IndexDocument]], float] = (
        _bare_tantivy if hub.engine.name == "embedded" else lambda docs: _bare_elasticsearch(hub, docs)
    )
    ours, peers = [], []
    for _ in range(_ROUNDS):
        ours.append(_through_the_engine(hub, made))
        peers.append(bare(made))
    return [
        Figure(
            f"indexing, {hub.engine.name}, {corpus}",
            "engine.write()",
            len(made) / min(ours),
            "documents/s",
            "bare bulk",
            len(made) / min(peers),
        )
    ]


def _through_the_engine(hub: Hub, made: Sequence[IndexDocument]) -> float:
    generation = hub.engine.create(index_version())
    began = time.perf_counter()
    report = hub.engine.write(generation, made)
    took = time.perf_counter() - began
    assert len(report.written) == len(made), report.failed
    hub.engine.drop(generation)
    return took


def _bare_tantivy(made: Sequence[IndexDocument]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        writers = {}
        for name in IndexName:
            path = Path(folder) / name.value
            create_index(path, name)
            index = Index.open(str(path))
            writers[name] = (index, index.writer(64_000_000, 1))
        began = time.perf_counter()
        for document in made:
            _add(*writers[IndexName.DOCUMENTS], document.fields)
            for page in document.pages:
                _add(*writers[IndexName.PAGES], page)
        for _, writer in writers.values():
            writer.commit()
            writer.wait_merging_threads()
        return time.perf_counter() - began


def _add(index: Index, writer: Any, fields: Any) -> None:
    entry = dict(fields)
    entry["stored"] = json.dumps(entry["stored"]).encode()
    writer.add_document(Document.from_dict(entry, index.schema))


def _bare_elasticsearch(hub: Hub, made: Sequence[IndexDocument]) -> float:
    client = Elasticsearch(hub.settings.indexer.elasticsearch.url, request_timeout=120)
    names = {name: f"ikhub-bare-{name.value}" for name in IndexName}
    for name, index in names.items():
        client.indices.delete(index=index, ignore_unavailable=True)
        client.indices.create(index=index, settings=index_settings(0), mappings=mappings(name, ""))
    began = time.perf_counter()
    bulk(
        client,
        (
            {"_index": names[name], "_id": fields["id"], "_source": dict(fields)}
            for document in made
            for name, several in ((IndexName.DOCUMENTS, [document.fields]), (IndexName.PAGES, document.pages))
            for fields in several
        ),
        chunk_size=500,
        max_chunk_bytes=10_000_000,
    )
    client.indices.refresh(index=list(names.values()))
    took = time.perf_counter() - began
    client.indices.delete(index=list(names.values()))
    client.close()
    return took
