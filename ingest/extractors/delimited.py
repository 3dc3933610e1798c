"""Extraction of tables in plain text (CSV, TSV): rows as lines, cells parted by tabs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from ingest.extractors.decoding import decode
from ingest.extractors.sections import Block, sections
from ingest.extractors.tables import cell_text, row_line
from ingest.extractors.text import losses
from ingest.model import ExtractionEvent, Page, PageUnit, Truncation

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 50
# A quote that is never closed makes one cell of the rest of the file.
_MAX_CELL_CHARACTERS = 10_000_000


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the sections of a table in plain text.

    Raises CorruptError when the content is not text.
    """
    decoded = decode(path.read_bytes())
    lines = decoded.text.replace("\0", "").splitlines(keepends=True)
    problems: list[str] = []
    blocks = (Block(line) for row in _rows(lines, problems) if (line := row_line([cell_text(cell) for cell in row])))
    for number, section in enumerate(sections(blocks), 1):
        yield Page(number, PageUnit.SECTION, section)
    yield from losses(decoded)
    yield from map(Truncation, problems)


def _rows(lines: list[str], problems: list[str]) -> Iterator[list[str]]:
    csv.field_size_limit(_MAX_CELL_CHARACTERS)
    delimiter = _delimiter(lines[:_SAMPLE_LINES])
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error as error:
        problems.append(f"The table cannot be read to its end: {error}")


def _delimiter(lines: list[str]) -> str:
    """Return the sign that parts the first lines into the most cells, and into equally many."""

    def evenness(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines if line.strip()]
        usual = max(set(counts), key=counts.count, default=0)
        return (counts.count(usual) if usual else 0), usual

    return max(_DELIMITERS, key=evenness)
