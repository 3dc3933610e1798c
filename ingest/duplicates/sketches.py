"""Sketches: the few numbers of a text that stand in the catalogue, by which what it has in common with others is found.

A sketch holds a MinHash signature, whose bands meet in texts that are mostly the same; a sample of shingles, which an
excerpt shares with its whole however long that is; and a sample of anchors, which a translation shares. Bands and
samples become marks: numbers of one table with one index, each with few documents (`holdings.relations`).

Sources: A. Broder, On the resemblance and containment of documents (1997), for signatures and samples modulo m;
U. Manber, Finding similar files in a large file system (1994), for samples as an index.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from holdings.model import Page
from ingest.duplicates.anchors import anchor_words
from ingest.duplicates.words import Hashes, hash_of, shingles, words_of

if TYPE_CHECKING:
    from datasketch import MinHash  # type: ignore[import-untyped]

# Raised with every change of what sketches are made of or how they are compared: all documents are triaged anew.
TRIAGE_VERSION = 1

PERMUTATIONS = 64
BANDS = 16
# One shingle of so many is in the sample, fewer in long texts, so that a document has at most MAX_SAMPLE of them.
SAMPLED_OF = 64
MAX_SAMPLE = 256
ANCHOR_SAMPLE = 48
_FEWEST_ANCHORS = 8
# As much as stays in the cache of a processor.
_CHUNK = 2048

_BAND, _SHINGLE, _ANCHOR = range(3)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of a text. Samples are sorted; marks carry their kind in their two lowest bits."""

    words: int
    signature: NDArray[np.uint32]
    bands: NDArray[np.int64]
    shingles: NDArray[np.int64]
    anchors: NDArray[np.int64]

    @property
    def marks(self) -> NDArray[np.int64]:
        return np.concatenate((self.bands, self.shingles, self.anchors))

    def resemblance(self, signature: bytes) -> float:
        """Return the estimated share of common shingles among all shingles of both texts."""
        return float(np.mean(self.signature == np.frombuffer(signature, "<u4")))


def sketch_of(pages: Iterable[Page]) -> Sketch:
    """Return the sketch of a text. Memory grows with its words alone: 12 bytes each."""
    anchors: set[str] = set()

    def passing() -> Iterable[Page]:
        for page in pages:
            anchors.update(anchor_words(page.text))
            yield page

    words = words_of(passing())
    found = np.unique(shingles(words.hashes))
    signature = _signature(found)
    hashed = np.sort(np.fromiter(map(hash_of, anchors), np.uint64, len(anchors)))[:ANCHOR_SAMPLE]
    return Sketch(
        words=len(words),
        signature=signature,
        bands=_marks(_bands(signature) if len(found) else found, _BAND),
        shingles=_marks(_sample(found), _SHINGLE),
        anchors=_marks(hashed if len(hashed) >= _FEWEST_ANCHORS else hashed[:0], _ANCHOR),
    )


def marks_from(kept: bytes) -> NDArray[np.int64]:
    """Return the marks of a sketch as the catalogue keeps them."""
    return np.frombuffer(kept, "<i8").astype(np.int64)


def shingle_marks(marks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return those marks that are sampled shingles."""
    return _of_kind(marks, _SHINGLE)


def anchor_marks(marks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return those marks that are sampled anchors."""
    return _of_kind(marks, _ANCHOR)


def _of_kind(marks: NDArray[np.int64], kind: int) -> NDArray[np.int64]:
    chosen: NDArray[np.int64] = marks[marks & 3 == kind]
    return chosen


def _signature(found: Hashes) -> NDArray[np.uint32]:
    minhash = _empty_minhash().copy()
    for start in range(0, len(found), _CHUNK):
        minhash.update_batch(found[start : start + _CHUNK] >> np.uint64(32))
    return np.asarray(minhash.hashvalues, np.uint32)


@cache
def _empty_minhash() -> MinHash:
    # Imported where it is used: it loads SciPy for what the hub does not use of it, 0.4 s and 60 MB.
    from datasketch import MinHash

    return MinHash(PERMUTATIONS, seed=1, hashfunc=int, scheme="affine32")


def _bands(signature: NDArray[np.uint32]) -> Hashes:
    """Return one number for each band: the same where all of its values are."""
    rows = signature.reshape(BANDS, -1).astype(np.uint64)
    numbered = np.column_stack((np.arange(1, BANDS + 1, dtype=np.uint64), rows))
    return np.concatenate([shingles(band, len(band)) for band in numbered])


def _sample(found: Hashes) -> Hashes:
    """Return the lowest hashes: one of `SAMPLED_OF`, or of a power of two times as many where that is too many.

    What a short and a long text have in common is in both samples where the hash is below both bounds.
    """
    every = SAMPLED_OF
    while True:
        sample = found[: np.searchsorted(found, np.uint64(2**64 // every))]
        if len(sample) <= MAX_SAMPLE:
            return sample
        every *= 2


def _marks(hashes: Hashes, kind: int) -> NDArray[np.int64]:
    return ((hashes & ~np.uint64(3)) | np.uint64(kind)).view(np.int64)
