"""What duplicate triage costs: sketching real texts, and finding candidates among 1,000 and 100,000 documents.

The many documents are made: their marks are drawn by lot like those of real documents, a tenth of them common, and
written to the tables directly. What is timed is what a new document costs: its marks written, and its candidates found.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from benchmarks.corpora import settings_in
from benchmarks.measuring import Figure, timings
from holdings import relations
from holdings.database import Database
from holdings.model import Page
from holdings.relations import StoredSketch
from holdings.tables import Base, MarkRow, SketchRow
from indexer.hub import initialise
from ingest.duplicates.candidates import candidates
from ingest.duplicates.sketches import TRIAGE_VERSION, Sketch, sketch_of

_AT_ONCE = 5_000
_TIMED = 200
_RECORDS = Base.metadata.tables["records"]


def duplicates_figures(texts: Sequence[Sequence[Page]], sizes: Sequence[int] = (1_000, 100_000)) -> list[Figure]:
    """Return milliseconds of sketching for a page and a document, and of the check for each number of documents."""
    sketch_of(texts[0])
    pages = sum(map(len, texts))
    began = time.process_time()
    for text in texts:
        sketch_of(text)
    took = (time.process_time() - began) * 1000
    figures = [
        Figure("duplicates", "sketch of a page", took / pages, "ms CPU"),
        Figure("duplicates", f"sketch of a document of {pages / len(texts):.0f} pages", took / len(texts), "ms CPU"),
    ]
    with tempfile.TemporaryDirectory(prefix="ikhub-bench-") as folder:
        settings = settings_in(Path(folder))
        initialise(settings)
        catalogue = Database(settings.database_url, settings.data)
        try:
            filled = 0
            for size in sizes:
                _fill(catalogue, filled, size)
                filled = size
                # What the operating system has to read first is not what is measured.
                _check(catalogue, _TIMED // 4, size)
                figures += _figures(_check(catalogue, _TIMED, size + _TIMED), size)
                figures.append(Figure("duplicates", f"catalogue of {size:,}", _size_mb(settings.data), "MB"))
        finally:
            catalogue.close()
    return figures


def _figures(milliseconds: tuple[list[float], list[float]], size: int) -> list[Figure]:
    written, found = map(timings, milliseconds)
    return [
        Figure("duplicates", f"marks written, {size:,} documents, median", written.p50, "ms"),
        Figure("duplicates", f"marks written, {size:,} documents, 95%", written.p95, "ms"),
        Figure("duplicates", f"candidates found, {size:,} documents, median", found.p50, "ms"),
        Figure("duplicates", f"candidates found, {size:,} documents, 95%", found.p95, "ms"),
    ]


def _check(catalogue: Database, number: int, seed: int) -> tuple[list[float], list[float]]:
    """Add so many documents, as triage does, and return the milliseconds of writing and of looking."""
    written, found = [], []
    for offset in range(number):
        sketch = _made(random.Random(f"{seed} {offset}"))
        identifier = f"t{seed}-{offset}"[:16]
        with catalogue.write() as session:
            session.execute(insert(_RECORDS), [_record(identifier)])
        began = time.perf_counter()
        with catalogue.write() as session:
            relations.put_sketch(session, identifier, _stored(sketch), sketch.marks.tolist(), former=[])
        written.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        with catalogue.read() as session:
            candidates(session, identifier, sketch)
        found.append((time.perf_counter() - began) * 1000)
    return written, found


def _fill(catalogue: Database, first: int, last: int) -> None:
    for start in range(first, last, _AT_ONCE):
        records, sketches, marks = [], [], []
        common_seen: dict[int, int] = {}
        for number in range(start, min(start + _AT_ONCE, last)):
            sketch = _made(random.Random(number))
            identifier = f"m{number}"
            records.append(identifier)
            stored = _stored(sketch)
            sketches.append(
                {
                    "record_id": identifier,
                    "text_sha256": stored.text_sha256,
                    "version": stored.version,
                    "words": stored.words,
                    "signature": stored.signature,
                    "marks": stored.marks,
                    "finished_at": datetime.now(UTC),
                }
            )
            for mark in set(sketch.marks.tolist()):
                # Only the first have what is common, as `put_sketch` sees to it.
                if mark in _COMMON:
                    common_seen[mark] = common_seen.get(mark, 0) + 1
                    if start or common_seen[mark] > relations.MOST_DOCUMENTS:
                        continue
                marks.append({"mark": mark, "record_id": identifier})
        with catalogue.write() as session:
            session.execute(insert(_RECORDS), [_record(identifier) for identifier in records])
            session.execute(insert(SketchRow), sketches)
            session.execute(insert(MarkRow), sorted(marks, key=lambda row: row["mark"]))


def _made(chance: random.Random) -> Sketch:
    """Return the sketch of a document of about 20 pages: its marks by lot, a tenth of its shingles common."""
    generator = np.random.default_rng(chance.getrandbits(32))
    own = chance.randint(40, 180)
    shingles = np.concatenate((_numbers(generator, own), chance.sample(_COMMON_SHINGLES, own // 10)))
    return Sketch(
        words=own * 64,
        signature=generator.integers(0, 2**32, 64, np.uint32),
        bands=_numbers(generator, 16),
        shingles=np.sort(shingles.view(np.uint64)).view(np.int64),
        anchors=np.sort(_numbers(generator, 48).view(np.uint64)).view(np.int64),
    )


def _numbers(generator: np.random.Generator, number: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return generator.integers(-(2**63), 2**63 - 1, number, np.int64)


_COMMON_SHINGLES = _numbers(np.random.default_rng(3), 400).tolist()
_COMMON = frozenset(_COMMON_SHINGLES)


def _record(identifier: str) -> dict[str, object]:
    now = datetime.now(UTC)
    return {"id": identifier, "record_type": "document", "created_at": now, "updated_at": now}


def _stored(sketch: Sketch) -> StoredSketch:
    signature, marks = sketch.signature.astype("<u4").tobytes(), sketch.marks.astype("<i8").tobytes()
    return StoredSketch("0" * 64, TRIAGE_VERSION, sketch.words, signature, marks, finished=True)


def _size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("catalogue*")) / 1e6
