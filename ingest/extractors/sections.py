"""Cutting the text of a format without pages to sections that a person can cite and a snippet can stand for.

A section begins at the format's own breaks: a page break, a heading of the first levels. Small ones are joined to the
next, so that a cover or a bare heading does not stand alone; large ones are cut at the end of a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# About one and a half printed pages: a hit is found on it by eye, and a thought mostly stays whole.
TARGET_CHARACTERS = 3_000
# A section as the author made it may be this long before it is cut.
MAX_CHARACTERS = 6_000
# Shorter ones are joined to the section that follows.
MIN_CHARACTERS = 200

_SENTENCE_END = re.compile(r"[.!?;:]\s|\n")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading, a row of a table. `breaks` says that a section begins with it.

    `notes` are texts that the block refers to (footnotes, comments); they stand at the end of its section.
    """

    text: str
    breaks: bool = False
    notes: tuple[str, ...] = ()


def sections(blocks: Iterable[Block], *, separator: str = "\n") -> Iterator[str]:
    """Yield the text of each section; there is always one, even if it is empty."""
    whole: list[list[Block]] = []
    for part in _at_breaks(blocks):
        if whole and (_size(whole[-1]) < MIN_CHARACTERS):
            whole[-1].extend(part)
        else:
            whole.append(part)
    if len(whole) > 1 and _size(whole[-1]) < MIN_CHARACTERS:
        last = whole.pop()
        whole[-1].extend(last)
    for section in whole or [[]]:
        for piece in _pieces(section):
            yield separator.join([*(block.text for block in piece), *(note for block in piece for note in block.notes)])


def _at_breaks(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    part: list[Block] = []
    for block in blocks:
        if block.breaks and part:
            yield part
            part = []
        part.append(block)
    if part:
        yield part


def _pieces(section: list[Block]) -> Iterator[list[Block]]:
    """Cut a section that is too long at ends of paragraphs, to pieces of about the target."""
    if _size(section) <= MAX_CHARACTERS:
        yield section
        return
    left = _size(section)
    piece: list[Block] = []
    size = 0
    for block in (part for whole in section for part in _bounded(whole)):
        # Neither this piece nor what is left may become a crumb.
        if min(size, left) > TARGET_CHARACTERS // 3 and size + len(block.text) > TARGET_CHARACTERS:
            yield piece
            piece, size = [], 0
        piece.append(block)
        size += len(block.text)
        left -= len(block.text)
    if piece:
        yield piece


def _bounded(block: Block) -> Iterator[Block]:
    """Cut a paragraph that is too long for a section by itself, at the ends of sentences where there are any."""
    text = block.text
    while len(text) > TARGET_CHARACTERS:
        ends = [match.end() for match in _SENTENCE_END.finditer(text, TARGET_CHARACTERS // 2, TARGET_CHARACTERS)]
        at = ends[-1] if ends else text.rfind(" ", 1, TARGET_CHARACTERS) + 1 or TARGET_CHARACTERS
        yield Block(text[:at].rstrip(), block.breaks)
        text = text[at:]
    yield Block(text, notes=block.notes)


def _size(blocks: Iterable[Block]) -> int:
    return sum(len(block.text) for block in blocks)
