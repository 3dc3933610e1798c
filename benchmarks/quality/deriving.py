"""Documents derived from real ones, of which it is known what they are to them: copies, versions, excerpts, volumes.

Everything is drawn by lot from a fixed seed, so that the same documents come out each time.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from holdings.model import Page, PageUnit

# What OCR takes for what, the commonest first; the last loses the letter.
_MISREADINGS = {"l": "1", "1": "l", "O": "0", "0": "O", "e": "c", "c": "e", "rn": "m", "m": "rn", "i": "l", "a": "o"}
_SENTENCE = re.compile(r"(?<=[.;:])\s+")

Pages = list[Page]

# Thresholds were set on what the first lot gives; what is published is measured on the second.
TUNING_SEED, MEASURED_SEED = 11, 23


@dataclass(frozen=True, slots=True)
class Derived:
    """A document made from `source`: what it is to it, and how it was made."""

    name: str
    source: str
    relation: str
    how: str
    pages: Pages


def derived_documents(texts: dict[str, Pages], *, seed: int = MEASURED_SEED) -> list[Derived]:
    """Return derived documents of all kinds, from documents of at least four pages with text."""
    chance = random.Random(seed)
    names = [name for name in sorted(texts) if len(texts[name]) >= 4 and _characters(texts[name]) > 8000]
    chance.shuffle(names)
    pick = iter(names * 3)
    numbers = count(1)
    made: list[Derived] = []

    def add(source: str, relation: str, how: str, pages: Sequence[str]) -> None:
        made.append(Derived(f"derived-{next(numbers):03}", source, relation, how, _pages(pages)))

    for rate in (0.005, 0.01, 0.02, 0.03):
        for _ in range(6):
            name = next(pick)
            add(name, "identical", f"misread letters {rate:.1%}", [misread(t, rate, chance) for t in _of(texts[name])])
    for _ in range(6):
        name = next(pick)
        head = f"Perpustakaan digital - {name[:12]}"
        pages = [f"{head}\n{text}\n{n}" for n, text in enumerate(_of(texts[name]), 1)]
        add(name, "identical", "running heads and page numbers", _rewrapped(pages, chance))
    for part in (0.05, 0.1, 0.2, 0.3):
        for _ in range(8):
            name, other = next(pick), next(pick)
            add(name, "new-version", f"{part:.0%} edited", edited(_of(texts[name]), part, _of(texts[other]), chance))
    for size in ("one page", "three pages", "a third"):
        for _ in range(8):
            name = next(pick)
            add(name, "excerpt", size, excerpt(_of(texts[name]), size, chance))
    for _ in range(6):
        name = next(pick)
        pages = excerpt(_of(texts[name]), "a third", chance)
        add(name, "excerpt", "a third, misread letters 2.0%", [misread(text, 0.02, chance) for text in pages])
    for _ in range(8):
        parts = [next(pick) for _ in range(3)]
        pages = ["Himpunan Dokumen\nJilid gabungan", *(text for part in parts for text in _of(texts[part]))]
        volume = _pages(pages)
        number = next(numbers)
        # The volume is the whole: each of its parts is an excerpt of it.
        made += [Derived(f"derived-{number:03}", part, "whole", "three in one volume", volume) for part in parts]
    return made


def misread(text: str, rate: float, chance: random.Random) -> str:
    """Return a text with letters misread, lost and blanks put in, at this rate."""
    out = []
    for letter in text:
        if letter.isspace() or chance.random() >= rate:
            out.append(letter)
            continue
        lot = chance.random()
        if lot < 0.7:
            out.append(_MISREADINGS.get(letter, chance.choice("aeionrtl")))
        elif lot < 0.85:
            out.append(letter + " ")
    return "".join(out)


def edited(texts: list[str], part: float, foreign: list[str], chance: random.Random) -> list[str]:
    """Return a later edition: so many sentences replaced, cut or added, another cover line."""
    strange = [s for text in foreign for s in _SENTENCE.split(text) if 40 < len(s) < 400] or ["Bagian ini dihapus."]
    pages = []
    for text in texts:
        sentences = []
        for sentence in _SENTENCE.split(text):
            lot = chance.random()
            if lot >= part:
                sentences.append(sentence)
            elif lot < part * 0.6:
                sentences.append(chance.choice(strange))
            elif lot < part * 0.8:
                sentences += [sentence, chance.choice(strange)]
        pages.append(" ".join(sentences))
    cover = chance.choice(
        ["Edisi kedua, Maret 2024", "Revisi 2, 14 Agustus 2023", "Second edition, May 2022", "Versi 3.1"]
    )
    return [f"{cover}\n{pages[0]}", *pages[1:]]


def excerpt(texts: list[str], size: str, chance: random.Random) -> list[str]:
    number = {"one page": 1, "three pages": 3}.get(size) or max(2, len(texts) // 3)
    # Not a page of signatures or an empty one.
    starts = [n for n in range(1, len(texts) - number + 1) if all(len(t) > 600 for t in texts[n : n + number])]
    start = chance.choice(starts or [1])
    return ["Kutipan untuk bahan rapat\n" + texts[start], *texts[start + 1 : start + number]]


def _rewrapped(texts: list[str], chance: random.Random) -> list[str]:
    """Return the same words on other pages."""
    words = " ".join(texts).split(" ")
    length = chance.randint(250, 450)
    return [" ".join(words[start : start + length]) for start in range(0, len(words), length)]


def _of(pages: Pages) -> list[str]:
    return [page.text for page in pages if page.text.strip()]


def _pages(texts: Sequence[str]) -> Pages:
    return [Page(number, PageUnit.PAGE, text) for number, text in enumerate(texts, 1)]


def _characters(pages: Pages) -> int:
    return sum(len(page.text) for page in pages)
