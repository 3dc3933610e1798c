"""The rows of a sheet in OpenDocument: cells as they are shown, dates as ISO dates, repetitions within limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ingest.extractors.elements import Element, attribute, local_name
from ingest.extractors.opendocument_story import Story, joined, number
from ingest.extractors.sections import Block

# A cell or a row that is the same as the next is written once with a number; a file of 1 kB may so claim a million.
_MAX_REPEATED = 1_000
_CONTAINERS = frozenset("table-header-rows table-rows table-row-group".split())  # noqa: SIM905


def sheet_rows(table: Element, story: Story) -> tuple[Iterator[list[str]], Callable[[], list[str]]]:
    """Return a sheet's rows, and a call that says, after them, what its comments and its shapes say."""
    notes: list[str] = []
    shapes = [child for child in table if local_name(child) == "shapes"]

    def after() -> list[str]:
        words = [block for shape in shapes for block in story.blocks(shape)]
        return [*(block.text for block in words), *(note for block in words for note in block.notes), *notes]

    return _rows(table, story, notes), after


def _rows(container: Element, story: Story, notes: list[str]) -> Iterator[list[str]]:
    for child in container:
        name = local_name(child)
        if name in _CONTAINERS:
            yield from _rows(child, story, notes)
        elif name == "table-row":
            cells: list[str] = []
            for cell in child.iterchildren("{*}table-cell", "{*}covered-table-cell"):
                text = "" if local_name(cell) == "covered-table-cell" else _cell(cell, story, notes)
                cells += [text] * number(attribute(cell, "number-columns-repeated"), 1, _MAX_REPEATED)
            if any(cells):
                for _ in range(number(attribute(child, "number-rows-repeated"), 1, _MAX_REPEATED)):
                    yield cells


def _cell(cell: Element, story: Story, notes: list[str]) -> str:
    words: list[Block] = []
    for block in story.blocks(cell):
        words.append(block)
        notes.extend(block.notes)
    if attribute(cell, "value-type") == "date" and (date := attribute(cell, "date-value")):
        return date.removesuffix("T00:00:00").replace("T", " ")
    return joined(words)
