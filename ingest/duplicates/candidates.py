"""Candidates: the few documents that are worth comparing with one, found by marks and judged by sketches.

The work is bounded by the marks of one document and by how many documents a mark may stand for; it does not grow with
their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdings import relations
from holdings.database import Session
from ingest.duplicates.sketches import Sketch, anchor_marks, marks_from, shingle_marks

MAX_COMPARED = 16
# The share of sampled shingles that two texts have in common, of those that few documents have, from which on they
# are compared: below what makes them related, since a sample only estimates.
_LEAST_CONTAINED = 0.12
_LEAST_RESEMBLANCE = 0.15
_FEWEST_SHINGLES = 2
_LEAST_ANCHORS = 0.2
_FEWEST_ANCHORS = 4

Marks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Documents to compare by their passages, and by their anchors where the languages differ, the likeliest first."""

    by_passages: tuple[str, ...]
    by_anchors: tuple[str, ...]


def candidates(session: Session, document_id: str, sketch: Sketch) -> Candidates:
    """Return the documents that are worth comparing with one."""
    holders = relations.holders(session, sketch.marks.tolist(), but=document_id)
    common = {mark for mark, ids in holders.items() if len(ids) >= relations.MOST_DOCUMENTS - 1}
    shingles = _Sample(sketch.shingles, common)
    anchors = _Sample(sketch.anchors, common)
    met = _met(holders, shingles.marks, _FEWEST_SHINGLES) | _met(holders, set(sketch.bands.tolist()), 1)
    named = _met(holders, anchors.marks, _FEWEST_ANCHORS)
    by_passages: list[tuple[float, str]] = []
    by_anchors: list[tuple[float, str]] = []
    for other, kept in relations.sketches(session, met | named).items():
        marks = marks_from(kept.marks)
        if other in met:
            contained = shingles.contained(_Sample(shingle_marks(marks), common), _FEWEST_SHINGLES)
            alike = sketch.resemblance(kept.signature)
            if contained >= _LEAST_CONTAINED or alike >= _LEAST_RESEMBLANCE:
                by_passages.append((max(contained, alike), other))
        if other in named:
            likely = anchors.contained(_Sample(anchor_marks(marks), common), _FEWEST_ANCHORS)
            if likely >= _LEAST_ANCHORS:
                by_anchors.append((likely, other))
    return Candidates(_likeliest(by_passages), _likeliest(by_anchors))


class _Sample:
    """The marks of one kind that are not common, and the bound below which the sample has all there are."""

    def __init__(self, marks: Marks, common: set[int]) -> None:
        self.marks = set(marks.tolist()) - common
        # As unsigned numbers marks are sorted: the last is the highest.
        self._bound = _unsigned(int(marks[-1])) if len(marks) else 0

    def contained(self, other: _Sample, fewest: int) -> float:
        """Return the share of the smaller sample that is in the other one too, 0 where that is less than `fewest`."""
        bound = min(self._bound, other._bound)
        a, b = self._below(bound), other._below(bound)
        shared = len(a & b)
        return shared / min(len(a), len(b)) if shared >= fewest else 0.0

    def _below(self, bound: int) -> set[int]:
        return self.marks if bound == self._bound else {mark for mark in self.marks if _unsigned(mark) <= bound}


def _unsigned(mark: int) -> int:
    return mark & (2**64 - 1)


def _met(holders: Mapping[int, list[str]], marks: set[int], fewest: int) -> set[str]:
    counted = Counter(other for mark in marks for other in holders.get(mark, ()))
    return {other for other, number in counted.items() if number >= fewest}


def _likeliest(scored: list[tuple[float, str]]) -> tuple[str, ...]:
    return tuple(other for _, other in sorted(scored, key=lambda entry: (-entry[0], entry[1]))[:MAX_COMPARED])
