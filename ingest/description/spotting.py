"""Spotting the terms of a vocabulary in running text, fast enough for every page: about a tenth of a millisecond.

A page is cut into words once. A term is looked up by its first word, in a dictionary, and only then compared with the
words that follow: the cost grows with the page, hardly with the vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from holdings.model import Page

_WORD = re.compile(r"[^\W_]+")
_BESIDE = 60

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text without punctuation, as they are written and in small letters: lists of equal length."""

    written: list[str]
    folded: list[str]

    @classmethod
    def of(cls, text: str) -> Words:
        written = _WORD.findall(text)
        # Joined, lowered and split is several times faster than word by word.
        return cls(written, " ".join(written).lower().split(" ") if written else [])

    def __len__(self) -> int:
        return len(self.written)


@dataclass(frozen=True, slots=True)
class Spot(Generic[ValueT]):
    """A term that stands at the words `start` to `end` (exclusive), with what the lexicon knows of it."""

    start: int
    end: int
    value: ValueT


@dataclass(slots=True)
class Lexicon(Generic[ValueT]):
    """Terms by their first words. The longest term that fits wins, and no two spots overlap."""

    _by_first: dict[str, list[tuple[list[str], ValueT]]] = field(default_factory=dict)

    def add(self, name: str, value: ValueT) -> None:
        """Add a name; nothing happens for one without a word."""
        words = Words.of(name).folded
        if words:
            entries = self._by_first.setdefault(words[0], [])
            entries.append((words[1:], value))
            entries.sort(key=lambda entry: -len(entry[0]))

    def spots(self, words: Words) -> Iterator[Spot[ValueT]]:
        """Yield every term in the order of the text."""
        folded, by_first, free_from = words.folded, self._by_first, 0
        for start in [place for place, word in enumerate(folded) if word in by_first]:
            if start < free_from:
                continue
            for rest, value in by_first[folded[start]]:
                end = start + 1 + len(rest)
                if not rest or folded[start + 1 : end] == rest:
                    yield Spot(start, end, value)
                    free_from = end
                    break


def excerpt(page: Page, words: Iterable[str]) -> str:
    """Return the words as they stand on the page, with some beside them."""
    match = re.search(r"[\W_]+".join(map(re.escape, words)), page.text)
    if match is None:
        return " ".join(words)
    start, end = max(0, match.start() - _BESIDE), min(len(page.text), match.end() + _BESIDE)
    before, after = page.text[start : match.start()], page.text[match.end() : end]
    if start > 0:
        before = before.partition(" ")[2]
    if end < len(page.text):
        after = after.rpartition(" ")[0]
    return f"{before}{match[0]}{after}"
