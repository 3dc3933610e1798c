"""What the parts of description hand to each other: a value, how sure it is, and where it was read."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAX_WORDS = 300
_KEPT = re.compile(r"[A-Za-z0-9]+")
_DROPPED = bytes(code for code in range(128) if not chr(code).isalnum())


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
    """A text as capitals and digits only, for patterns that must hold whatever spaces and signs a scan put between."""

    text: str
    original: str

    def span(self, match: re.Match[str], group: int | str = 0) -> tuple[int, int]:
        """Return where a match, or a group of it, stands in the original."""
        start, end = match.span(group)
        return self._place(start), self._place(end - 1) + 1

    def _place(self, index: int) -> int:
        # Found when it is asked for: most pages have no match.
        for run in _KEPT.finditer(self.original):
            length = run.end() - run.start()
            if index < length:
                return run.start() + index
            index -= length
        raise IndexError(index)


def squash(text: str) -> Squashed:
    """Return the text as capitals and digits only, in ASCII."""
    kept = text.encode("ascii", "ignore").translate(None, _DROPPED)
    return Squashed(kept.decode("ascii").upper(), text)
