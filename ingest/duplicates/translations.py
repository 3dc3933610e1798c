"""Translations, told by what no translator changes: the same numbers, acronyms and names, in the same order."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from ingest.duplicates.anchors import Anchors

# An anchor that comes more often fixes no place.
_MOST_OCCURRENCES = 4
_MAX_PAGES = 1_000


@dataclass(frozen=True, slots=True)
class Correspondence:
    """How far the anchors of two texts correspond.

    `shared` is the share of firm anchors of the text that has fewer of them that stand in the same order in the
    other; `matched` is how many anchors do, names included. `spread` is the part of the texts that they reach over.
    """

    shared: float = 0.0
    matched: int = 0
    spread: float = 0.0
    pages: tuple[tuple[int, int], ...] = ()


def correspondence(mine: Anchors, other: Anchors) -> Correspondence:
    """Return how far the anchors of two texts correspond."""
    places_a, places_b = _places(mine), _places(other)
    pairs = sorted(
        pair
        for anchor, of_a in places_a.items()
        if (of_b := places_b.get(anchor)) and len(of_a) == len(of_b) <= _MOST_OCCURRENCES
        for pair in zip(of_a, of_b, strict=True)
    )
    chain = _longest_rising(pairs)
    if not chain:
        return Correspondence()
    i = np.array([a for a, _ in chain])
    j = np.array([b for _, b in chain])
    fewest = min(_placed(mine, places_a), _placed(other, places_b))
    found = np.unique(np.column_stack((mine.pages[i], other.pages[j])), axis=0)
    return Correspondence(
        shared=min(1.0, float(mine.firm[i].sum()) / max(fewest, 1)),
        matched=len(chain),
        spread=min((i[-1] - i[0] + 1) / len(mine), (j[-1] - j[0] + 1) / len(other)),
        pages=tuple((int(page), int(other_page)) for page, other_page in found[:_MAX_PAGES]),
    )


def _places(anchors: Anchors) -> dict[int, list[int]]:
    places: dict[int, list[int]] = {}
    for at, anchor in enumerate(anchors.hashes.tolist()):
        places.setdefault(anchor, []).append(at)
    return places


def _placed(anchors: Anchors, places: dict[int, list[int]]) -> int:
    """Return how many firm anchors come seldom enough to fix a place."""
    return sum(bool(anchors.firm[at]) for found in places.values() if len(found) <= _MOST_OCCURRENCES for at in found)


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest chain of pairs that rise in both places."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        at = bisect_left(tails, place)
        before.append(ends[at - 1] if at else -1)
        tails[at : at + 1] = [place]
        ends[at : at + 1] = [index]
    chain = []
    index = ends[-1] if ends else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]
