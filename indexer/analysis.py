"""Text analysis: the one place where text becomes words and stems, for both engines, for queries and for snippets.

A token is a run of letters, digits and marks of any script; apostrophes inside a word are dropped (*jum'at* is
*jumat*), hyphens part words (*anak-anak* is two), but a word that a hyphen breaks at the end of a line is joined again
(*pemba-⏎ngunan*), unless both halves are the same. Words are folded: NFKC, case, and diacritics of Latin letters.
Scripts that are written without spaces come as runs. A run of more than 64 characters becomes several tokens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Final

from indexer.stem_cache import StemCache
from indexer.stemming import data_digest, read_overrides, read_stop_words

# Raised when the code below gives other words or stems than before.
_RULES: Final = 1
ANALYSIS_VERSION: Final = f"{_RULES}-{version('pysastrawi')}-{version('snowballstemmer')}-{data_digest()}"

_JOINERS = "\u00ad\u200b-\u200d\u2060\ufeff"  # soft hyphen, zero-width signs: inside words, and nothing by themselves
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"  # marks on letters
_LETTER = rf"[\w{_JOINERS}{_MARKS}]"
_APOSTROPHE = "['’ʼ`]"
_WORD = rf"\w{_LETTER}{{0,63}}(?:{_APOSTROPHE}\w{_LETTER}{{0,63}}){{0,2}}"
_TOKEN = re.compile(rf"{_WORD}(?:-[ \t\r]*\n[ \t]*(?=[a-z]){_WORD})?")
# Arabic vowel signs, which most texts leave out, are dropped with what is no letter.
_DROPPED = re.compile(rf"[^\w{_MARKS}]+|[{_JOINERS}_\u064b-\u0652\u0670]+")
_LONGEST_RUN = 64
_SIGNS_AS_SPACES = {code: " " for code in range(128) if not chr(code).isalnum()}
# Signs that are no part of a word, and common in texts that are otherwise plain.
_TYPOGRAPHIC_SIGNS = "“”„–—•…·§°"
_INNER_APOSTROPHE = re.compile(r"\w['`]\w")
_LINE_END_HYPHEN = re.compile(r"-[ \t\r]*\n[ \t]*[a-z]")
_BREAK = re.compile(r"-[ \t\r]*\n[ \t]*")
_LATIN_MARK = re.compile(r"[\u0300-\u036f]")
# How many different runs of characters are remembered; beyond, the memory is emptied and begins anew.
_REMEMBERED = 400_000
# Up to so many words are looked for one by one.
_FEW = 40


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: folded, its stem, and where it stands (character offsets, end exclusive)."""

    word: str
    stem: str
    start: int
    end: int


class Analyzer:
    """Analyses text. Thread-safe; cheap to build: the stemmer is loaded when a word is met that the cache lacks."""

    def __init__(self, *, cache_path: Path | None = None, roots_path: Path | None = None) -> None:
        """Keep stems in `cache_path` between processes; take Indonesian root words from `roots_path`, if given."""
        self._cache = StemCache(cache_path, ANALYSIS_VERSION, roots_path, read_overrides())
        self._stop_words = read_stop_words()
        self._words = _Words()
        self._stems = _Stems(self._words, self._cache)

    def words(self, text: str) -> list[str]:
        """Return the folded words of a text, in order."""
        return self.analyse(text).words

    def stems(self, text: str) -> list[str]:
        """Return the stems of a text, in order: as many as there are words."""
        return self.analyse(text).stems

    def analyse(self, text: str) -> AnalysedText:
        """Return a text with its words and stems, of which the places can be asked for."""
        plain = _plain_runs(text)
        runs = _TOKEN.findall(text) if plain is None else plain
        return AnalysedText(text, runs, self._words, self._stems, one_word_each=plain is not None)

    def tokens(self, text: str) -> Iterator[Token]:
        """Yield the words of a text with their stems and places."""
        analysed = self.analyse(text)
        spans = analysed.spans(range(len(analysed.stems)))
        for word, stem, (start, end) in zip(analysed.words, analysed.stems, spans, strict=True):
            yield Token(word, stem, start, end)

    def stem(self, word: str) -> str:
        """Return the stem of a folded word."""
        return self._cache[word]

    def is_stop_word(self, word: str) -> bool:
        """Say whether a folded word is a function word of Indonesian or English."""
        return word in self._stop_words

    def save_cache(self) -> None:
        """Write what the cache has learnt to its file, if it has one."""
        self._cache.save()


class AnalysedText:
    """A text that has been cut into words. Words, stems and places are numbered alike."""

    def __init__(
        self,
        text: str,
        runs: list[str],
        words: Mapping[str, str],
        stems: Mapping[str, str],
        *,
        one_word_each: bool,
    ) -> None:
        self._text, self._runs, self._words_of, self._stems_of = text, runs, words, stems
        self._one_word_each = one_word_each

    @cached_property
    def words(self) -> list[str]:
        return self._each(self._words_of)

    @cached_property
    def stems(self) -> list[str]:
        return self._each(self._stems_of)

    def _each(self, of: Mapping[str, str]) -> list[str]:
        found = map(of.__getitem__, self._runs)
        return list(found) if self._one_word_each else " ".join(found).split()

    def spans(self, numbers: Sequence[int]) -> list[tuple[int, int]]:
        """Return where the words of these numbers stand (character offsets, end exclusive)."""
        if len(numbers) <= _FEW and len(self.stems) == len(self._runs):
            found = self._few_spans(numbers)
            if found is not None:
                return found
        every = list(self._all_spans())
        return [every[number] for number in numbers]

    def _few_spans(self, numbers: Sequence[int]) -> list[tuple[int, int]] | None:
        """Look for the few runs themselves: faster than cutting the text again. None where that is not sure."""
        spans: dict[int, tuple[int, int]] = {}
        for run in {self._runs[number] for number in numbers}:
            places = list(_places(self._text, run))
            if len(places) != self._runs.count(run):
                return None  # it also stands inside a longer run
            number = -1
            for place in places:
                number = self._runs.index(run, number + 1)
                spans[number] = place
        return [spans[number] for number in numbers]

    def _all_spans(self) -> Iterator[tuple[int, int]]:
        for match in _TOKEN.finditer(self._text):
            run = match[0]
            word = self._words_of[run]
            if not word:
                continue
            start, end = match.span()
            gap = _BREAK.search(run) if " " in word else None
            if gap is not None:  # the halves of a reduplication, on two lines
                yield start, start + gap.start()
                yield start + gap.end(), end
            else:
                yield start, end


def _plain_runs(text: str) -> list[str] | None:
    """Return the runs of a text in which only letters, digits and the signs around them stand; else None.

    Most pages are such texts, and are cut three times as fast as by the expression, which gives the same.
    """
    if not text.isascii():
        for sign in _TYPOGRAPHIC_SIGNS:
            text = text.replace(sign, " ")
        if not text.isascii():
            return None
    if "_" in text or (("'" in text or "`" in text) and _INNER_APOSTROPHE.search(text)):
        return None
    if any(text[match.start() - 1 : match.start()].isalnum() for match in _LINE_END_HYPHEN.finditer(text)):
        return None
    runs = text.translate(_SIGNS_AS_SPACES).split()
    return None if runs and len(max(runs, key=len)) > _LONGEST_RUN else runs


def _places(text: str, run: str) -> Iterator[tuple[int, int]]:
    """Yield where a run stands in a text by itself, with no letter or digit beside it."""
    start = text.find(run)
    while start >= 0:
        end = start + len(run)
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            yield start, end
        start = text.find(run, end)


def fold(run: str) -> str:
    """Return a run of characters as it is compared: NFKC, no case, no marks on Latin letters, no signs inside."""
    if run.isascii():
        return _DROPPED.sub("", run.lower())
    text = unicodedata.normalize("NFKC", run).casefold()
    if not text.isascii():
        decomposed = unicodedata.normalize("NFD", text)
        if _LATIN_MARK.search(decomposed):
            text = unicodedata.normalize("NFC", _without_marks(decomposed))
    return _DROPPED.sub("", text)


def _without_marks(decomposed: str) -> str:
    kept: list[str] = []
    on_latin = False
    for character in decomposed:
        if unicodedata.combining(character):
            if on_latin:
                continue
        else:
            on_latin = character < "\u0250"
        kept.append(character)
    return "".join(kept)


class _Words(dict[str, str]):
    """The folded word of each run of characters: two of them where a line end parts a reduplication."""

    def __missing__(self, run: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        halves = [fold(half) for half in _BREAK.split(run, maxsplit=1)]
        joined = "".join(halves)
        word = " ".join(halves) if len(halves) == 2 and halves[0] == halves[1] else joined
        self[run] = word
        return word


class _Stems(dict[str, str]):
    """The stem of each run of characters."""

    def __init__(self, words: _Words, cache: StemCache) -> None:
        super().__init__()
        self._folded, self._cache = words, cache

    def __missing__(self, run: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        stem = " ".join(self._cache[word] for word in self._folded[run].split())
        self[run] = stem
        return stem
