"""From a folded word to its stem: given words first, then Indonesian, then English for what is not Indonesian.

Indonesian by the confix stripping of Nazief and Adriani as improved by Asian (2007) and Tahitoe (2010), in PySastrawi;
English by Snowball. `docs/decisions/2026-11-24-stemming.md` says why, and what the alternatives gave.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import snowballstemmer
from Sastrawi.Dictionary.ArrayDictionary import ArrayDictionary
from Sastrawi.Stemmer.Stemmer import Stemmer
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

from holdings.errors import ConfigurationError

_LATIN = re.compile(r"[a-z]+")
# Shorter words are roots; longer ones are no words of either language, and would only cost time.
_SHORTEST, _LONGEST = 4, 32


class WordStemmer:
    """Stems one folded word at a time. Thread-safe. Building it reads the root words and takes some 40 ms."""

    def __init__(self, roots_path: Path | None = None) -> None:
        """Raises ConfigurationError when `roots_path` cannot be read."""
        roots = read_roots(roots_path)
        self._roots = frozenset(roots)
        self._indonesian = Stemmer(ArrayDictionary(roots))
        self._english = snowballstemmer.stemmer("english")
        # Snowball's stemmer keeps the word that it works on: one word at a time.
        self._lock = threading.Lock()

    def stem(self, word: str) -> str:
        if not _SHORTEST <= len(word) <= _LONGEST or not _LATIN.fullmatch(word):
            return word
        root = str(self._indonesian.stem_word(word))
        if root != word or word in self._roots:
            return root
        with self._lock:
            return str(self._english.stemWord(word))


def read_roots(path: Path | None) -> list[str]:
    """Return the Indonesian root words: those of a file, one a line, or the stemmer's own."""
    if path is None:
        return [str(word) for word in StemmerFactory().get_words()]
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"indexer.roots: the file {path} cannot be read: {error}") from error
    roots = [line.strip().casefold() for line in lines if line.strip() and not line.startswith("#")]
    if not roots:
        raise ConfigurationError(f"indexer.roots: the file {path} holds no word")
    return roots


def read_overrides() -> Mapping[str, str]:
    """Return the stems that are given, by word."""
    given: dict[str, str] = {}
    for line in _lines("overrides.txt"):
        stem, _, words = line.partition(":")
        given.update(dict.fromkeys(words.split(), stem.strip()))
    return given


def read_stop_words() -> frozenset[str]:
    return frozenset(word for line in _lines("stop_words.txt") for word in line.split())


def data_digest(*more: bytes) -> str:
    """Return a short digest of the word lists: when they change, what was analysed with them is outdated."""
    digest = hashlib.sha256()
    for name in ("overrides.txt", "stop_words.txt"):
        digest.update((resources.files("indexer.data") / name).read_bytes())
    for content in more:
        digest.update(content)
    return digest.hexdigest()[:8]


def _lines(name: str) -> list[str]:
    text = (resources.files("indexer.data") / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
