"""The text of a page as HTML pieces: paragraphs of lines, with what matched marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.contract import marked_html
from holdings.model import Page, PageUnit
from indexer.model import Mark

_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
# A line at least this long, as a share of the page's longest, was broken by the edge of the paper.
_FULL = 0.6


@dataclass(frozen=True, slots=True)
class Line:
    """A line. It is `broken` where it ends by the width of the paper only: narrow screens join it with the next."""

    html: Markup
    broken: bool


def paragraphs(page: Page, marks: Sequence[Mark]) -> list[list[Line]]:
    """Return the paragraphs of a page, each as its lines."""
    edge = max((len(line.strip()) for line in page.text.splitlines()), default=0) * _FULL
    found: list[list[Line]] = []
    start = 0
    for end, following in [*((m.start(), m.end()) for m in _BLANK.finditer(page.text)), (len(page.text), 0)]:
        lines = list(_lines(page.text, start, end))
        paragraph = [
            Line(
                marked_html(page.text[first:last], _within(marks, first, last)),
                broken=page.unit is PageUnit.PAGE and last - first >= edge,
            )
            for first, last in lines
        ]
        if paragraph:
            found.append(paragraph)
        start = following
    return found


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where the lines of a stretch that hold something begin and end."""
    lines: list[tuple[int, int]] = []
    at = start
    for line in text[start:end].split("\n"):
        stripped = line.strip()
        if stripped:
            first = at + line.index(stripped[0])
            lines.append((first, first + len(stripped)))
        at += len(line) + 1
    return lines


def _within(marks: Sequence[Mark], first: int, last: int) -> list[Mark]:
    """Return the parts of marks that fall into a stretch, with offsets from its beginning."""
    return [
        Mark(max(mark.start, first) - first, min(mark.end, last) - first)
        for mark in marks
        if mark.start < last and mark.end > first
    ]
