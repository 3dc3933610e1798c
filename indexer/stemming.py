"""From a folded word to its stem: given stems first, then Indonesian, then English for what is not Indonesian.

Indonesian by the confix stripping of Nazief and Adriani as improved by Asian (2007) and Tahitoe (2010), in PySastrawi;
English by Snowball. `docs/decisions/2026-11-24-stemming.md` says why, and what the alternatives gave.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Mapping
from pathlib import Path

import snowballstemmer
from Sastrawi.Dictionary.ArrayDictionary import ArrayDictionary
from Sastrawi.Stemmer.Stemmer import Stemmer
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

from holdings.errors import ConfigurationError
from indexer.word_lists import read_own_roots

_LATIN = re.compile(r"[a-z]+")
# Shorter words are roots; longer ones are no words of either language, and would only cost time.
_SHORTEST, _LONGEST = 4, 32
# What looks like an English ending and belongs to Indonesian roots: tugas, pers, asing.
_NATIVE_ENDING = re.compile(r"(?:s|ing)$")
# Shorter roots do more harm than good: pendidikan would be di.
_SHORTEST_ROOT = 3


class WordStemmer:
    """Stems one folded word at a time. Thread-safe."""

    def __init__(self, roots: Collection[str], given: Mapping[str, str]) -> None:
        """`roots` are the Indonesian root words, `given` the stems that are not left to the stemmers, by word."""
        # Affixes are stripped from given words as well: deradikalisasinya is deradikalisasi is radikal.
        self._roots = frozenset(roots) | given.keys()
        self._given = given
        self._indonesian = Stemmer(ArrayDictionary(self._roots))
        self._english = snowballstemmer.stemmer("english")
        # Snowball's stemmer keeps the word that it works on: one word at a time.
        self._lock = threading.Lock()

    def stem(self, word: str) -> str:
        if word in self._given:
            return self._given[word]
        if not _SHORTEST <= len(word) <= _LONGEST or not _LATIN.fullmatch(word):
            return word
        root = str(self._indonesian.stem_word(word))
        if root in self._given:
            return self._given[root]
        if root in self._roots and _NATIVE_ENDING.search(root):
            return root
        # English endings are cut from roots too: many are English words as well (federal, parameter), whose other forms
        # are in no list. But not where another root would be left: materi is not material.
        with self._lock:
            stem = str(self._english.stemWord(root))
        if stem in self._roots and root in self._roots:
            return root
        return self._given.get(stem, stem)


def read_roots(path: Path | None) -> list[str]:
    """Return the Indonesian root words: the hub's few, and those of a file, or else the stemmer's own.

    The file has one word a line, or is a Hunspell dictionary (`id_ID.dic`: words with their affix classes).
    Raises ConfigurationError when it cannot be read.
    """
    hub = read_own_roots()
    if path is None:
        return hub + [str(word) for word in StemmerFactory().get_words()]
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"indexer.roots: the file {path} cannot be read: {error}") from error
    words = (re.split(r"[/\s]", line.strip(), maxsplit=1)[0].casefold() for line in lines if not line.startswith("#"))
    roots = [word for word in words if len(word) >= _SHORTEST_ROOT and _LATIN.fullmatch(word)]
    if not roots:
        raise ConfigurationError(f"indexer.roots: the file {path} holds no word")
    return hub + roots
