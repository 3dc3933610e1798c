"""Ingesting: pages a second from file to searchable, beside bare pdfminer.six on the same files, and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pdfminer.high_level import extract_pages
from pdfminer.layout import LAParams

from benchmarks.corpora import settings_in
from benchmarks.measuring import Figure
from indexer.hub import initialise

ROOT = Path(__file__).parents[1]

_INGEST = """
import json, resource, sys, time
from pathlib import Path
from holdings import arrivals
from holdings.settings import Settings
from indexer.hub import open_hub
from ingest import work
settings = Settings.model_validate_json(sys.argv[1])
with open_hub(settings) as hub:
    began = time.perf_counter()
    ids = work.receive(hub, [Path(p) for p in sys.argv[2:]])
    work.finish(hub, ids)
    took = time.perf_counter() - began
    with hub.catalogue.read() as session:
        pages = sum(a.text.pages for a in arrivals.get_many(session, ids) if a.text)
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(json.dumps({
    "pages": pages, "took": took,
    "anonymous_mb": int(status["RssAnon"].split()[0]) / 1024,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "reader_peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
}))
"""


def ingest_figures(files: Sequence[Path]) -> list[Figure]:
    """Return pages/s with one and two readers beside bare pdfminer.six, and memory with few and with all files."""
    pages, bare = _bare(files)
    figures = []
    for workers in (1, 2):
        said = _ingest(files, workers)
        figures.append(
            Figure(
                "ingest, text PDFs",
                f"file to searchable, {workers} reader{'s' if workers > 1 else ''}",
                said["pages"] / said["took"],
                "pages/s",
                "pdfminer.six, 1 process",
                pages / bare,
            )
        )
    few = _ingest(files[: len(files) // 4], 1)
    for name, key in (("the parent", "peak_mb"), ("the reading process", "reader_peak_mb")):
        figures.append(
            Figure(
                "memory of ingest", f"peak of {name}, all files", said[key], "MB", "a quarter of the files", few[key]
            )
        )
    return figures


def _bare(files: Sequence[Path]) -> tuple[int, float]:
    """Read the files with pdfminer.six alone, its text taken and thrown away."""
    pages = 0
    began = time.perf_counter()
    for path in files:
        for page in extract_pages(path, laparams=LAParams(boxes_flow=None, all_texts=True)):
            _ = [element.get_text() for element in page if hasattr(element, "get_text")]
            pages += 1
    return pages, time.perf_counter() - began


def _ingest(files: Sequence[Path], workers: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_in(Path(folder))
        settings = settings.model_copy(update={"ingest": settings.ingest.model_copy(update={"workers": workers})})
        initialise(settings)
        command = [sys.executable, "-c", _INGEST, settings.model_dump_json(), *map(str, files)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        said: dict[str, float] = json.loads(done.stdout)
        return said
