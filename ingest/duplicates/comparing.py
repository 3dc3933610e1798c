"""Comparing two texts exactly: the passages that they have in common, in which order, and what stands between them.

Shingles that come equally often in both, mostly once, fix where the texts meet. Where such meetings follow each other
closely in both, they are one passage; what lies between two meetings of a passage is a small difference (a name, a
date, a mistake of OCR). Passages of fewer than `SHORTEST_PASSAGE` words are formulas, and do not count.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from ingest.duplicates.words import SHINGLE_WORDS, Hashes, Words, shingles

SHORTEST_PASSAGE = 24
# Meetings that are further apart are of two passages.
_WIDEST_GAP = 32
# Longer texts are compared by a sample of their shingles, so that memory is bounded.
_MAX_MEETINGS = 400_000
_MAX_IN_ORDER = 50_000
_FEWEST_ON_PAGE = 12
_MAX_PAGES = 1_000
_MAX_GAPS = 150
# The ratio of `difflib` for one word, and for the letters of several.
_WORD_ALIKE = 0.5
_LETTERS_ALIKE = 0.75
# What comes more often fixes no place.
_MOST_REPEATED = 8

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Gap:
    """What differs between two places where the texts are the same: the words of the one and those of the other."""

    mine: str
    other: str
    at: int

    @property
    def misread(self) -> bool:
        """Say whether the difference is one of letters, as OCR makes them: every word is spelt alike."""
        mine, other = self.mine.split(), self.other.split()
        if len(mine) == len(other):
            return all(_alike(a, b) >= _WORD_ALIKE for a, b in zip(mine, other, strict=True) if max(len(a), len(b)) > 2)
        # Words that came apart or ran together: the letters must agree all the more.
        return _alike("".join(mine), "".join(other)) >= _LETTERS_ALIKE


def _alike(a: str, b: str) -> float:
    return 1.0 if a == b else SequenceMatcher(None, a, b, autojunk=False).ratio()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two texts have in common.

    `mine` and `other` are the shares of their words that stand in common passages word for word; `mine_spanned` and
    `other_spanned` are these with the small differences within passages, `mine_found` and `other_found` the shares of
    words whose shingles come anywhere in the other text. `in_order` is the share of meetings that come in the same
    order in both. `gaps` is a sample of the small differences, `gaps_in_all` their number. `pages` has the pages of
    the passages, of mine and of the other.
    """

    mine_words: int
    other_words: int
    mine: float = 0.0
    other: float = 0.0
    mine_spanned: float = 0.0
    other_spanned: float = 0.0
    mine_found: float = 0.0
    other_found: float = 0.0
    in_order: float = 0.0
    passages: int = 0
    longest_passage: int = 0
    gaps: tuple[Gap, ...] = ()
    gaps_in_all: int = 0
    pages: tuple[tuple[int, int], ...] = ()

    @property
    def shared(self) -> float:
        """The share of the shorter text that stands in common passages."""
        return min(1.0, self.mine if self.mine_words <= self.other_words else self.other)

    @property
    def length_ratio(self) -> float:
        """The length of the shorter text by that of the longer."""
        return min(self.mine_words, self.other_words) / max(self.mine_words, self.other_words, 1)


def compare(mine: Words, other: Words) -> Comparison:
    """Return what two texts have in common. Memory grows with the words of both, up to their bound."""
    a, b = shingles(mine.hashes), shingles(other.hashes)
    i, j, every = _meetings(a, b)
    passages = _passages(i, j, widest=_WIDEST_GAP * every)
    if not len(passages):
        return Comparison(len(mine), len(other))
    inside = _inside(i, passages)
    i, j = i[inside], j[inside]
    # Shingles that come more than once fix no place, but within a passage they are common as well.
    spanned_a = _spanned(passages[:, 0], passages[:, 1], len(mine))
    spanned_b = _spanned(passages[:, 2], passages[:, 3], len(other))
    found_a, found_b = _covered(np.isin(a, b), len(mine)), _covered(np.isin(b, a), len(other))
    gaps, number = _gaps(mine, other, i, j)
    return Comparison(
        len(mine),
        len(other),
        mine=float((found_a & spanned_a).mean()),
        other=float((found_b & spanned_b).mean()),
        mine_spanned=float(spanned_a.mean()),
        other_spanned=float(spanned_b.mean()),
        mine_found=float(found_a.mean()),
        other_found=float(found_b.mean()),
        in_order=_in_order(j),
        passages=len(passages),
        longest_passage=int((passages[:, 1] - passages[:, 0]).max()),
        gaps=gaps,
        gaps_in_all=number,
        pages=_pages(mine.pages[i], other.pages[j], every),
    )


def _meetings(a: Hashes, b: Hashes) -> tuple[Positions, Positions, int]:
    """Return the places of the shingles that both texts have equally often, and of how many one was looked at."""
    every = 1
    while max(len(a), len(b)) > _MAX_MEETINGS * every:
        every *= 2
    kept_a, kept_b = (_kept(hashes, every) for hashes in (a, b))
    sorted_a, sorted_b = (kept[np.argsort(hashes[kept], kind="stable")] for kept, hashes in ((kept_a, a), (kept_b, b)))
    values_a, counts_a = np.unique(a[kept_a], return_counts=True)
    values_b, counts_b = np.unique(b[kept_b], return_counts=True)
    _, of_a, of_b = np.intersect1d(values_a, values_b, assume_unique=True, return_indices=True)
    alike = (counts_a[of_a] == counts_b[of_b]) & (counts_a[of_a] <= _MOST_REPEATED)
    i = sorted_a[np.repeat(_chosen(len(values_a), of_a[alike]), counts_a)]
    j = sorted_b[np.repeat(_chosen(len(values_b), of_b[alike]), counts_b)]
    order = np.argsort(i)
    return i[order], j[order], every


def _kept(hashes: Hashes, every: int) -> Positions:
    return np.flatnonzero(hashes & np.uint64(every - 1) == 0) if every > 1 else np.arange(len(hashes))


def _chosen(length: int, places: Positions) -> NDArray[np.bool_]:
    chosen = np.zeros(length, np.bool_)
    chosen[places] = True
    return chosen


def _passages(i: Positions, j: Positions, *, widest: int) -> Positions:
    """Return passages as rows: first and last word but one of mine, and of the other. Both are half-open."""
    if not len(i):
        return np.empty((0, 4), np.intp)
    step_i, step_j = np.diff(i), np.diff(j)
    follows = (step_i <= widest) & (step_j > 0) & (step_j <= widest)
    starts = np.concatenate(([0], np.flatnonzero(~follows) + 1))
    ends = np.concatenate((starts[1:] - 1, [len(i) - 1]))
    rows = np.column_stack((i[starts], i[ends] + SHINGLE_WORDS, j[starts], j[ends] + SHINGLE_WORDS))
    long = np.minimum(rows[:, 1] - rows[:, 0], rows[:, 3] - rows[:, 2]) >= SHORTEST_PASSAGE
    passages: Positions = rows[long]
    return passages


def _inside(i: Positions, passages: Positions) -> NDArray[np.bool_]:
    row = np.searchsorted(passages[:, 0], i, side="right") - 1
    inside: NDArray[np.bool_] = (row >= 0) & (i < passages[np.maximum(row, 0), 1])
    return inside


def _spanned(starts: Positions, ends: Positions, words: int) -> NDArray[np.bool_]:
    edges = np.zeros(words + 1, np.int32)
    np.add.at(edges, starts, 1)
    np.add.at(edges, ends, -1)
    return np.cumsum(edges[:-1]) > 0


def _covered(common: NDArray[np.bool_], words: int) -> NDArray[np.bool_]:
    starts = np.flatnonzero(common)
    return _spanned(starts, starts + SHINGLE_WORDS, words)


def _in_order(j: Positions) -> float:
    """Return the length of the longest rising run among the places of the other, by their number."""
    places = j[:: len(j) // _MAX_IN_ORDER + 1].tolist()
    tails: list[int] = []
    for place in places:
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
    return len(tails) / len(places)


def _gaps(mine: Words, other: Words, i: Positions, j: Positions) -> tuple[tuple[Gap, ...], int]:
    """Return a sample of the small differences, spread over the text, and how many there are. Needs spelled words."""
    step_i, step_j = np.diff(i), np.diff(j)
    close = (step_i <= _WIDEST_GAP) & (step_j <= _WIDEST_GAP) & (step_j > 0)
    differ = np.flatnonzero(close & (step_i >= SHINGLE_WORDS) & (step_j >= SHINGLE_WORDS))
    if mine.spelled is None or other.spelled is None:
        return (), len(differ)
    places = [
        (int(i[at]) + SHINGLE_WORDS, int(i[at + 1]), int(j[at]) + SHINGLE_WORDS, int(j[at + 1]))
        for at in differ[:: len(differ) // _MAX_GAPS + 1].tolist()
    ]
    # What stands before the first meeting, and after the last, tells as much.
    ends = (int(i[-1]) + SHINGLE_WORDS, len(mine), int(j[-1]) + SHINGLE_WORDS, len(other))
    places = [
        (first, last, other_first, other_last)
        for first, last, other_first, other_last in ((0, int(i[0]), 0, int(j[0])), *places, ends)
        if last - first <= _WIDEST_GAP and other_last - other_first <= _WIDEST_GAP
    ]
    gaps = []
    for first, last, other_first, other_last in places:
        a, b = mine.spelled[first:last], other.spelled[other_first:other_last]
        while a and b and a[-1] == b[-1]:
            del a[-1], b[-1]
        while a and b and a[0] == b[0]:
            del a[0], b[0]
        if a or b:
            gaps.append(Gap(" ".join(a), " ".join(b), first))
    return tuple(gaps), len(differ)


def _pages(mine: NDArray[np.int32], other: NDArray[np.int32], every: int) -> tuple[tuple[int, int], ...]:
    """Return the pairs of pages on which passages stand, in order; pairs of a few words only are left out."""
    pairs, counts = np.unique(np.column_stack((mine, other)), axis=0, return_counts=True)
    enough = pairs[counts * every >= _FEWEST_ON_PAGE]
    if not len(enough):
        enough = pairs[[int(np.argmax(counts))]]
    return tuple((int(page), int(other_page)) for page, other_page in enough[:_MAX_PAGES])


def repeated_substitutions(gaps: Sequence[Gap], *, spelt_apart: bool = False) -> int:
    """Return how often the most frequent replacement of words by others occurs among the gaps, numbers left out.

    The same name in the place of the same other name throughout marks texts made from one pattern. `spelt_apart`
    counts only those that are not spelt alike.
    """
    counted = Counter(
        (gap.mine, gap.other)
        for gap in gaps
        if gap.mine and gap.other and not any(map(str.isdigit, gap.mine + gap.other))
    )
    return next(
        (
            number
            for (mine, other), number in counted.most_common()
            if not spelt_apart or not Gap(mine, other, 0).misread
        ),
        0,
    )
