"""Other processes at work on an engine: `python -m tests.contract.engine_processes search|write NAME WHERE…`.

`search` searches until its standard input ends, then prints what it saw; `write` writes one revision after another and
says when each is there, until it is killed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from itertools import count
from pathlib import Path

from holdings.errors import HubError
from indexer.engines.base import Engine, IndexDocument
from indexer.engines.elasticsearch import ElasticsearchEngine
from indexer.engines.embedded import EmbeddedEngine
from indexer.schema import IndexName
from tests.contract.index_entries import Index, entry

DOCUMENTS = 30
ROOT = Path(__file__).parents[2]


def many(revision: int) -> list[IndexDocument]:
    """Return documents of which each revision has another number of pages."""
    pages = ["hari"] * (revision % 3 + 1)
    return [entry(f"d{number:02}", "hari", pages=pages, revision=revision) for number in range(DOCUMENTS)]


def address(engine: Engine) -> list[str]:
    """Return what another process needs to open the same engine."""
    if isinstance(engine, EmbeddedEngine):
        return ["embedded", str(engine.folder)]
    assert isinstance(engine, ElasticsearchEngine)
    return ["elasticsearch", engine.url, engine.prefix]


def start(mode: str, engine: Engine) -> subprocess.Popen[str]:
    """Start another process on the engine and return it when it is at work."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.contract.engine_processes", mode, *address(engine)],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "at work\n"
    return process


def main(mode: str, name: str, *where: str) -> None:
    if name == "embedded":
        engine: Engine = EmbeddedEngine(Path(where[0]))
    else:
        engine = ElasticsearchEngine(where[0], prefix=where[1], request_timeout_seconds=60)
    {"search": search, "write": write}[mode](engine)


def search(engine: Engine) -> None:
    """Search with several threads; print how many searches there were, the totals that were seen, and the errors."""
    ended = threading.Event()
    seen: Counter[str] = Counter()

    def searching() -> None:
        while not ended.is_set():
            try:
                body = {"query": {"term": {"body": "hari"}}, "aggs": {"access": {"terms": {"field": "access"}}}}
                documents, everything = engine.search(IndexName.DOCUMENTS, [body, {}])
                (pages,) = engine.search(IndexName.PAGES, [{"query": {"term": {"page_number": 1}}}])
            except HubError as error:
                seen[f"{error.code}: {error.message}"] += 1
                continue
            counted = [answer["hits"]["total"]["value"] for answer in (documents, everything, pages)]
            counted.append(documents["aggregations"]["access"]["buckets"][0]["doc_count"])
            counted.append(len(documents["hits"]["hits"]))
            seen[json.dumps(counted)] += 1

    threads = [threading.Thread(target=searching) for _ in range(3)]
    for thread in threads:
        thread.start()
    print("at work", flush=True)
    sys.stdin.read()
    ended.set()
    for thread in threads:
        thread.join()
    print(json.dumps(seen))


def write(engine: Engine) -> None:
    """Write one revision after another to the live generation, and say so."""
    live = engine.live()
    assert live is not None
    print("at work", flush=True)
    for revision in count(2):
        Index(engine, live).write(*many(revision))
        print(revision, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
