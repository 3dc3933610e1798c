"""The words of a text as numbers: what sketches are made of and what comparing aligns.

Words are folded as the file store's fingerprint folds them (NFKC, case), so that what is saved again, set anew or
typed in capitals is the same. A shingle is `SHINGLE_WORDS` words that follow each other.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdings.model import Page

# Measured: with one letter of 33 misread, five words find .73 of a text again, four .81, seven .55; of laws that have
# only formulas in common, five find .27 at most, four .30, seven .19 (docs/decisions/2026-11-24-duplicates.md).
SHINGLE_WORDS = 5
# What is beyond is neither sketched nor compared: some 6,000 pages, 16 MB of hashes.
MAX_WORDS = 2_000_000
_CACHED_WORDS = 200_000

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int32]

_WORD = re.compile(r"\w+")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_HALF = np.uint64(33)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text in order: a hash, and the number of the page, for each. `spelled` has them as written."""

    hashes: Hashes
    pages: Numbers
    spelled: list[str] | None = None

    def __len__(self) -> int:
        return len(self.hashes)


class _Cache(dict[str, int]):
    """Hashes of words: the same in every process and version, and most words come again."""

    def __missing__(self, word: str) -> int:
        value = int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
        if len(self) >= _CACHED_WORDS:
            self.clear()
        self[word] = value
        return value


_hash_of = _Cache()


def fold(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def hash_of(word: str) -> int:
    """Return the 64 bits that stand for a folded word, always the same."""
    return _hash_of[word]


def words_of(pages: Iterable[Page], *, spelled: bool = False) -> Words:
    """Return the words of a text, at most `MAX_WORDS` of them."""
    hashes, numbers, counts = [], [], []
    written: list[str] = []
    total = 0
    for page in pages:
        words = fold(page.text)[: MAX_WORDS - total]
        if not words:
            continue
        hashes.append(np.fromiter(map(_hash_of.__getitem__, words), np.uint64, len(words)))
        numbers.append(page.number)
        counts.append(len(words))
        total += len(words)
        if spelled:
            written += words
        if total >= MAX_WORDS:
            break
    return Words(
        np.concatenate(hashes) if hashes else np.empty(0, np.uint64),
        np.repeat(np.array(numbers, np.int32), counts),
        written if spelled else None,
    )


def shingles(hashes: Hashes, length: int = SHINGLE_WORDS) -> Hashes:
    """Return a hash of each run of `length` words, in order: as many as words, less `length - 1`."""
    count = len(hashes) - length + 1
    if count < 1:
        return np.empty(0, np.uint64)
    mixed = hashes[:count].copy()
    for offset in range(1, length):
        mixed *= _FACTOR
        mixed += hashes[offset : offset + count]
    # The finalizer of MurmurHash3: samples and bands need all bits alike.
    mixed ^= mixed >> _HALF
    mixed *= _MIX
    mixed ^= mixed >> _HALF
    return mixed
