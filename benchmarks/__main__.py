"""`make bench`: measures everything, prints the table, keeps it as JSON under benchmarks/results/."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.access_speed import labels_figures, unsettled_figures
from benchmarks.corpora import CORPUS, made_documents, settings_in
from benchmarks.duplicates_speed import duplicates_figures
from benchmarks.indexing import indexing_figures
from benchmarks.ingesting import ingest_figures
from benchmarks.measuring import Figure, keep, table
from benchmarks.memory import memory_figures
from benchmarks.quality.__main__ import reports
from benchmarks.search import search_figures, total_hits
from benchmarks.uploading import upload_figures
from indexer.hub import Hub, initialise, open_hub
from indexer.schema import index_version
from indexer.synchronise import synchronise
from ingest import work
from ingest.media_types import PDF
from ingest.model import Page
from ingest.sandbox import Sandbox

WHAT = ("search", "access", "indexing", "ingest", "duplicates", "memory", "uploads", "quality")


def main() -> None:
    """Run the benchmarks that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=WHAT, action="append")
    parser.add_argument("--made", type=int, default=20_000, help="documents made from the pages of the real ones")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--no-elasticsearch", action="store_true")
    asked = parser.parse_args()
    wanted = set(asked.only or WHAT)
    if "quality" in wanted:
        for _, section in reports():
            print(f"{section}\n", flush=True)
        wanted.remove("quality")
        if not wanted:
            return
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="ikhub-bench-") as folder, contextlib.ExitStack() as stack:
        if "ingest" in wanted:
            figures += _said(ingest_figures(sorted((CORPUS / "documents" / "files").glob("uu-20*.pdf"))[:60]))
        if "duplicates" in wanted:
            figures += _said(duplicates_figures(_texts()))
        if "uploads" in wanted:
            figures += _said(upload_figures())
        if wanted & {"search", "access", "indexing", "memory"}:
            url = "" if asked.no_elasticsearch else stack.enter_context(_elasticsearch())
            figures += _engines(Path(folder), url, wanted, asked.made, asked.rounds)
    path = keep("-".join(sorted(wanted)), figures)
    print(table(figures))
    print(f"\nkept in {path}", file=sys.stderr)


def _texts() -> list[list[Page]]:
    """Return the texts of sixty real PDFs, page by page."""
    texts = []
    with Sandbox() as sandbox:
        for path in sorted((CORPUS / "documents" / "files").glob("uu-20*.pdf"))[:60]:
            texts.append([event for event in sandbox.extract(path, PDF) if isinstance(event, Page)])
    return texts


def _engines(folder: Path, url: str, wanted: set[str], made: int, rounds: int) -> list[Figure]:
    figures: list[Figure] = []
    settings = settings_in(folder / "real")
    initialise(settings)
    with open_hub(settings) as real:
        work.finish(real, work.receive(real, [CORPUS / "documents" / "files"]))
        if "search" in wanted:
            figures += _said(search_figures(real, "real documents", rounds))
        if "access" in wanted:
            figures += _said(labels_figures(real, "real documents", rounds))
        if "indexing" in wanted:
            figures += _said(
                indexing_figures(real, list(itertools.islice(made_documents(real, 2000), 2000)), "2,000 made")
            )
        initialise(settings_in(folder / "made"))
        with open_hub(settings_in(folder / "made")) as large:
            _fill(large, real, made)
            if "search" in wanted:
                figures += _said(search_figures(large, f"{made:,} made", rounds))
            if "access" in wanted:
                figures += _said(_access_of_made(large, made, rounds))
            if "memory" in wanted:
                figures += _said(memory_figures(real, large))
        if url:
            figures += _on_elasticsearch(folder, url, real, wanted, made, rounds)
    return figures


def _on_elasticsearch(folder: Path, url: str, real: Hub, wanted: set[str], made: int, rounds: int) -> list[Figure]:
    figures: list[Figure] = []
    with open_hub(settings_in(folder / "real", "elasticsearch", url)) as hub:
        synchronise(hub)
        if "search" in wanted:
            figures += _said(search_figures(hub, "real documents", rounds))
        if "access" in wanted:
            figures += _said(labels_figures(hub, "real documents", rounds))
        if "indexing" in wanted:
            figures += _said(indexing_figures(hub, list(made_documents(real, 2000)), "2,000 made"))
    with open_hub(settings_in(folder / "made", "elasticsearch", url)) as large:
        if wanted & {"search", "access"}:
            _fill(large, real, made)
        if "search" in wanted:
            figures += _said(search_figures(large, f"{made:,} made", rounds))
        if "access" in wanted:
            figures += _said(_access_of_made(large, made, rounds))
    return figures


def _access_of_made(large: Hub, made: int, rounds: int) -> list[Figure]:
    return labels_figures(large, f"{made:,} made", rounds) + unsettled_figures(large, made, rounds)


def _fill(hub: Hub, real: Hub, made: int) -> None:
    """Put the made documents into the index alone: the catalogue is not what is measured."""
    fresh = hub.engine.create(index_version())
    documents = made_documents(real, made)
    while batch := list(itertools.islice(documents, 500)):
        hub.engine.write(fresh, batch)
    former = hub.engine.live()
    hub.engine.activate(fresh)
    if former is not None:
        hub.engine.drop(former)
    print(f"{made} documents in the {hub.engine.name} index; the queries find {total_hits(hub)}", file=sys.stderr)


@contextlib.contextmanager
def _elasticsearch() -> Iterator[str]:
    from tests.elasticsearch.node import ElasticsearchNode

    with ElasticsearchNode() as node:
        yield node.url


def _said(figures: list[Figure]) -> list[Figure]:
    print(table(figures), file=sys.stderr, flush=True)
    return figures


if __name__ == "__main__":
    main()
