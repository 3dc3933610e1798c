"""The passages that two pages share, as places in their texts: for people who look at both side by side."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

from ingest.duplicates.words import SHINGLE_WORDS

_WORD = re.compile(r"\w+")
# A page of print has some 500 words. What a format without pages calls one may have any number, and comparing grows
# with the product of both.
MOST_WORDS = 4_000

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SharedPassages:
    """Where passages of the one text that stand in the other, too, begin and end: in the one, and in the other."""

    mine: Spans
    other: Spans


def shared_passages(mine: str, other: str) -> SharedPassages:
    """Return the passages, of at least as many words as triage looks at together, that two texts share in one order."""
    ours, theirs = _words(mine), _words(other)
    matcher = SequenceMatcher(None, [word for word, _, _ in ours], [word for word, _, _ in theirs], autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size >= SHINGLE_WORDS]
    return SharedPassages(
        tuple((ours[block.a][1], ours[block.a + block.size - 1][2]) for block in blocks),
        tuple((theirs[block.b][1], theirs[block.b + block.size - 1][2]) for block in blocks),
    )


def _words(text: str) -> list[tuple[str, int, int]]:
    """Return the first words of a text, folded as triage folds them, each with its place."""
    found = []
    for match in _WORD.finditer(text):
        found.append((unicodedata.normalize("NFKC", match[0]).casefold(), match.start(), match.end()))
        if len(found) == MOST_WORDS:
            break
    return found
