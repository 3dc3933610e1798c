"""Text analysis: the one place where text becomes words and stems, for both engines, for queries and for snippets.

Text is cut and folded (`indexer.cutting`), words are stemmed (`indexer.stemming`), and stems are kept between processes
(`indexer.stem_cache`). A word that a hyphen breaks at the end of a line is joined again (*pemba-⏎ngunan*), unless its
halves have the same stem: *perundang-⏎undangan* is a reduplication, and two words wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Final

from indexer.cutting import BREAK, fold, placed_runs, places, plain_runs, runs
from indexer.stem_cache import StemCache
from indexer.word_lists import data_digest, read_overrides, read_stop_words, roots_digest

# Raised when the code gives other words or stems than before.
_RULES: Final = 2
ANALYSIS_VERSION: Final = f"{_RULES}-{version('pysastrawi')}-{version('snowballstemmer')}-{data_digest()}"

# How many different runs of characters are remembered; beyond, the memory is emptied and begins anew.
_REMEMBERED = 200_000
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
        """Keep stems in `cache_path` between processes; take Indonesian root words from `roots_path`, if given.

        Raises ConfigurationError when `roots_path` cannot be read.
        """
        # What the index must have been written with to be searched with this: see `ANALYSIS_VERSION`.
        self.version = f"{ANALYSIS_VERSION}-{roots_digest(roots_path)}" if roots_path else ANALYSIS_VERSION
        self._cache = StemCache(cache_path, self.version, roots_path, read_overrides())
        self._stop_words = read_stop_words()
        self._words = _Words(self._cache)
        self._stems = _Stems(self._words, self._cache)

    def words(self, text: str) -> list[str]:
        """Return the folded words of a text, in order."""
        return self.analyse(text).words

    def stems(self, text: str) -> list[str]:
        """Return the stems of a text, in order: as many as there are words."""
        return self.analyse(text).stems

    def analyse(self, text: str) -> AnalysedText:
        """Return a text with its words and stems, of which the places can be asked for."""
        # Low lines fill forms and join words: they part words, but the expression takes them for letters.
        text = text.replace("_", " ")
        plain = plain_runs(text)
        found = runs(text) if plain is None else plain
        return AnalysedText(text, found, self._words, self._stems, plain=plain is not None)

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
        plain: bool,
    ) -> None:
        self._text, self._runs, self._words_of, self._stems_of = text, runs, words, stems
        self._plain = plain

    @cached_property
    def words(self) -> list[str]:
        return self._each(self._words_of)

    @cached_property
    def stems(self) -> list[str]:
        return self._each(self._stems_of)

    def _each(self, of: Mapping[str, str]) -> list[str]:
        found = map(of.__getitem__, self._runs)
        return list(found) if self._plain else " ".join(found).split()

    @cached_property
    def _one_word_each(self) -> bool:
        """Whether every run is one word: none is nothing but signs, none two words."""
        return self._plain or all(word and " " not in word for word in map(self._words_of.__getitem__, self._runs))

    def spans(self, numbers: Sequence[int]) -> list[tuple[int, int]]:
        """Return where the words of these numbers stand (character offsets, end exclusive)."""
        if len(numbers) <= _FEW and self._one_word_each:
            found = self._few_spans(numbers)
            if found is not None:
                return found
        every = list(self._all_spans())
        return [every[number] for number in numbers]

    def _few_spans(self, numbers: Sequence[int]) -> list[tuple[int, int]] | None:
        """Look for the few runs themselves: faster than cutting the text again. None where that is not sure."""
        spans: dict[int, tuple[int, int]] = {}
        for run in {self._runs[number] for number in numbers}:
            found = list(places(self._text, run))
            if len(found) != self._runs.count(run):
                return None  # it also stands inside a longer run
            number = -1
            for place in found:
                number = self._runs.index(run, number + 1)
                spans[number] = place
        return [spans[number] for number in numbers]

    def _all_spans(self) -> Iterator[tuple[int, int]]:
        for match in placed_runs(self._text):
            run = match[0]
            word = self._words_of[run]
            if not word:
                continue
            start, end = match.span()
            gap = BREAK.search(run) if " " in word else None
            if gap is not None:  # the halves of a reduplication, on two lines
                yield start, start + gap.start()
                yield start + gap.end(), end
            else:
                yield start, end


class _Words(dict[str, str]):
    """The folded word of each run of characters: two of them where a line end parts a reduplication."""

    def __init__(self, stems: Mapping[str, str]) -> None:
        super().__init__()
        self._stem_of = stems

    def __missing__(self, run: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        halves = [fold(half) for half in BREAK.split(run, maxsplit=1)]
        parted = len(halves) == 2 and all(halves) and self._stem_of[halves[0]] == self._stem_of[halves[1]]
        word = (" " if parted else "").join(halves)
        # Most runs are their own word: one string for both.
        self[run] = word = run if word == run else word
        return word


class _Stems(dict[str, str]):
    """The stem of each run of characters."""

    def __init__(self, words: Mapping[str, str], stems: Mapping[str, str]) -> None:
        super().__init__()
        self._word_of, self._stem_of = words, stems

    def __missing__(self, run: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        word = self._word_of[run]
        self[run] = stem = " ".join(map(self._stem_of.__getitem__, word.split()))
        return stem
