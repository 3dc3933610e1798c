"""Anchors: what a translation leaves as it is. Numbers, acronyms, names, addresses of the web and of mail.

There is no dictionary and no model in this: two texts in two languages that name the same numbers and names in the
same order are taken for translations of each other by `ingest.duplicates.translations`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from holdings.model import Page
from ingest.duplicates.words import Hashes, Numbers, hash_of

MAX_ANCHORS = 20_000

# A name stands within a sentence: a word at its start is written large in any case. An acronym does not stand among
# capitals, which are a heading.
_ANCHOR = re.compile(
    r"""(\d[\d.,]*)
    |(https?://\S+|www\.\S+|(?<=\s)[\w.+-]+@\w[\w.-]*)
    |((?<![A-Z]\s)\b[A-Z][A-Z0-9]+\b(?!\s[A-Z]{2}))
    |(?<=[a-z,]\s)([A-Z]\w\w+)""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"\d[\d.,]*")
_NAME = re.compile(r"(?<=[a-z,]\s)[A-Z]\w\w+")
_TRAILING = ".,;:)]}>\"'”"


@dataclass(frozen=True, slots=True)
class Anchors:
    """Anchors in order: a hash and the page of each, and whether it is firm.

    Not firm are names, which may be any word that is written large, and small numbers, which count a text's parts.
    """

    hashes: Hashes
    pages: Numbers
    firm: np.ndarray[tuple[int], np.dtype[np.bool_]]

    def __len__(self) -> int:
        return len(self.hashes)


def anchors_of(pages: Iterable[Page]) -> Anchors:
    """Return the anchors of a text, at most `MAX_ANCHORS` of them."""
    hashes: list[int] = []
    numbers: list[int] = []
    firm: list[bool] = []
    for page in pages:
        for anchor, is_firm in _anchors_in(unicodedata.normalize("NFKC", page.text)):
            hashes.append(hash_of(anchor))
            numbers.append(page.number)
            firm.append(is_firm)
        if len(hashes) >= MAX_ANCHORS:
            break
    return Anchors(
        np.array(hashes[:MAX_ANCHORS], np.uint64),
        np.array(numbers[:MAX_ANCHORS], np.int32),
        np.array(firm[:MAX_ANCHORS], np.bool_),
    )


def anchor_words(text: str) -> set[str]:
    """Return anchors of a text that may be rare, without their order, in a fraction of the time of `anchors_of`."""
    numbers = (number.replace(".", "").replace(",", "") for number in _NUMBER.findall(text))
    return {*(digits for digits in numbers if len(digits) > 2), *(name.casefold() for name in _NAME.findall(text))}


def _anchors_in(text: str) -> Iterable[tuple[str, bool]]:
    for number, address, acronym, name in _ANCHOR.findall(text):
        if number:
            digits = number.replace(".", "").replace(",", "")
            if len(digits) > 1:
                # Small plain numbers count articles and pages, in the same order in texts that have nothing else alike.
                yield digits, len(digits) > 2
        elif name:
            yield name.casefold(), False
        else:
            yield (acronym or address.rstrip(_TRAILING)).casefold(), True
