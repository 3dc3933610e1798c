"""What the parts of description hand to each other: a value, how sure it is, and where it was read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_MAX_WORDS = 300
_KEPT = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """A value with its confidence from 0 to 1 and its evidence; `page` is None for metadata and the file's name."""

    value: str
    confidence: float
    page: int | None
    words: str


def found(value: str, confidence: float, page: int | None, words: str) -> Finding:
    """Return a finding with its evidence as one line of bounded length."""
    line = one_line(words)
    return Finding(value, confidence, page, line if len(line) <= _MAX_WORDS else f"{line[: _MAX_WORDS - 1].rstrip()}…")


def one_line(text: str) -> str:
    """Return the text with each run of white space as one blank."""
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Squashed:
    """A text as capitals and digits only, for patterns that must hold whatever spaces and signs a scan put between.

    `places` has, for each character, its place in the original.
    """

    text: str
    places: Sequence[int]
    original: str

    def span(self, match: re.Match[str], group: int | str = 0) -> tuple[int, int]:
        """Return where a match, or a group of it, stands in the original."""
        start, end = match.span(group)
        return self.places[start], self.places[end - 1] + 1


def squash(text: str) -> Squashed:
    """Return the text as capitals and digits only, in ASCII."""
    places: list[int] = []
    kept: list[str] = []
    for run in _KEPT.finditer(text):
        places.extend(range(run.start(), run.end()))
        kept.append(run[0])
    return Squashed("".join(kept).upper(), places, text)
