"""Ingesting: pages a second of the whole pipeline beside bare readers on the same files, OCR, the sandbox, memory."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from pdfminer.high_level import extract_pages
from pdfminer.layout import LAParams

from benchmarks.corpora import settings_in
from benchmarks.measuring import Figure
from indexer.hub import initialise
from ingest.extractors import EXTRACTORS
from ingest.extractors.ocr import ocr_version
from ingest.media_types import OCR, PDF
from ingest.model import Page, ReadingOptions
from ingest.sandbox import Sandbox

ROOT = Path(__file__).parents[1]
_ROUNDS = 3
_OCR_PAGES = 8
_SMALL_FILES = 100

_INGEST = """
import json, resource, sys, time
from pathlib import Path
from holdings import arrivals
from holdings.settings import Settings
from indexer.hub import open_hub
from ingest import work
settings = Settings.model_validate_json(sys.argv[1])
if sys.argv[2] == "off":
    work.synchronise = lambda *arguments, **options: None
with open_hub(settings) as hub:
    began = time.perf_counter()
    ids = work.receive(hub, [Path(p) for p in sys.argv[3:]])
    work.finish(hub, ids)
    took = time.perf_counter() - began
    with hub.catalogue.read() as session:
        pages = sum(a.text.pages for a in arrivals.get_many(session, ids) if a.text)
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(json.dumps({
    "pages": pages, "took": took,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "reader_peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
}))
"""


def ingest_figures(files: Sequence[Path]) -> list[Figure]:
    """Return pages/s of the pipeline beside bare readers, in turn, and what OCR, the sandbox and memory come to."""
    return [*_speed(files), *_ocr(files), _sandbox(files), *_memory(files)]


def _speed(files: Sequence[Path]) -> list[Figure]:
    """Bare pypdfium2, the pipeline without and with the index, in turn; bare pdfminer.six once: it takes a minute."""
    pdfium: list[float] = []
    without: list[float] = []
    end_to_end: list[float] = []
    for _ in range(_ROUNDS):
        pages, took = _timed(_bare_pdfium, files)
        pdfium.append(pages / took)
        for index, into in (("off", without), ("on", end_to_end)):
            said = _ingest(files, workers=2, index=index)
            into.append(said["pages"] / said["took"])
    pages, took = _timed(_bare_pdfminer, files)
    pdfminer = pages / took
    group = f"ingest, {len(files)} text PDFs of {pages:,} pages, 2 readers"
    bare = statistics.median(pdfium)
    return [
        Figure(group, "without the index", statistics.median(without), "pages/s", "pypdfium2, 1 process", bare),
        Figure(group, "without the index", statistics.median(without), "pages/s", "pdfminer.six", pdfminer),
        Figure(group, "end to end", statistics.median(end_to_end), "pages/s", "pypdfium2, 1 process", bare),
        Figure(group, "end to end", statistics.median(end_to_end), "pages/s", "pdfminer.six", pdfminer),
    ]


def _timed(read: Callable[[Sequence[Path]], int], files: Sequence[Path]) -> tuple[int, float]:
    began = time.perf_counter()
    return read(files), time.perf_counter() - began


def _bare_pdfium(files: Sequence[Path]) -> int:
    """Read the files with pypdfium2 alone, its text taken and thrown away."""
    pages = 0
    for path in files:
        document = pypdfium2.PdfDocument(path)
        for page in document:
            text = page.get_textpage()
            text.get_text_bounded()
            text.close()
            page.close()
            pages += 1
        document.close()
    return pages


def _bare_pdfminer(files: Sequence[Path]) -> int:
    """Read the files with pdfminer.six alone, its text taken and thrown away."""
    pages = 0
    for path in files:
        for page in extract_pages(path, laparams=LAParams(boxes_flow=None, all_texts=True)):
            _ = [element.get_text() for element in page if hasattr(element, "get_text")]
            pages += 1
    return pages


def _ocr(files: Sequence[Path]) -> list[Figure]:
    """Pages/s of OCR through the sandbox, drawing included, beside tesseract on pictures that were drawn before."""
    if ocr_version("ind+eng") is None:
        return []
    document = pypdfium2.PdfDocument(files[0])
    numbers = tuple(range(1, min(_OCR_PAGES, len(document)) + 1))
    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox:
        pictures = []
        for number in numbers:
            picture = Path(folder) / f"{number}.png"
            document[number - 1].render(scale=200 / 72).to_pil().convert("L").save(picture)
            pictures.append(picture)
        ours: list[float] = []
        bare: list[float] = []
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            read = sandbox.extract(files[0], OCR, ReadingOptions(pages=numbers))
            assert sum(isinstance(event, Page) for event in read) == len(numbers)
            ours.append(len(numbers) / (time.perf_counter() - began))
            began = time.perf_counter()
            for picture in pictures:
                subprocess.run(
                    ["tesseract", str(picture), "-", "-l", "ind+eng", "--dpi", "200", "tsv"],
                    env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/local/bin:/usr/bin:/bin"},
                    capture_output=True,
                    check=True,
                )
            bare.append(len(numbers) / (time.perf_counter() - began))
    document.close()
    return [
        Figure("OCR at 200 dpi", "one reader", statistics.median(ours), "pages/s", "tesseract", statistics.median(bare))
    ]


def _sandbox(files: Sequence[Path]) -> Figure:
    """Milliseconds of a small document through the sandbox, beside the same reader in this process."""
    small = min(files, key=lambda path: path.stat().st_size)
    reader = EXTRACTORS[PDF]
    outside: list[float] = []
    inside: list[float] = []
    with Sandbox() as sandbox:
        list(sandbox.extract(small, PDF))
        list(reader.read(small, ReadingOptions()))
        for _ in range(_SMALL_FILES):
            began = time.perf_counter()
            list(reader.read(small, ReadingOptions()))
            outside.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            list(sandbox.extract(small, PDF))
            inside.append((time.perf_counter() - began) * 1000)
    return Figure(
        "the sandbox",
        "a small PDF",
        statistics.median(inside),
        "ms",
        "the same reader in process",
        statistics.median(outside),
    )


def _memory(files: Sequence[Path]) -> list[Figure]:
    few = _ingest(files[: len(files) // 4], workers=1, index="on")
    many = _ingest(files, workers=1, index="on")
    return [
        Figure("memory of ingest", f"peak of {name}, all files", many[key], "MB", "a quarter of the files", few[key])
        for name, key in (("the parent", "peak_mb"), ("the reading process", "reader_peak_mb"))
    ]


def _ingest(files: Sequence[Path], *, workers: int, index: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_in(Path(folder))
        settings = settings.model_copy(update={"ingest": settings.ingest.model_copy(update={"workers": workers})})
        initialise(settings)
        command = [sys.executable, "-c", _INGEST, settings.model_dump_json(), index, *map(str, files)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        said: dict[str, float] = json.loads(done.stdout)
        return said
