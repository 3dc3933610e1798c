"""The stems of words met before, in memory and in a file, so that the first search of a process does not wait for the
stemmer: it does some 15,000 words a second, a text of a hundred pages has 3,000 different ones.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from indexer.stemming import WordStemmer, read_roots

log = logging.getLogger(__name__)

# About 15 MB in memory, 5 MB in the file. Words of a corpus grow with its square root: 100,000 documents have some
# 500,000, most of them misspelt and met once.
_MOST_WORDS = 300_000


class StemCache(dict[str, str]):
    """The stem of each folded word; what is not known is stemmed and remembered. Safe for threads and processes.

    The file is read when the first word is asked for, and ignored when it is damaged or was written by other rules.
    """

    def __init__(self, path: Path | None, rules: str, roots_path: Path | None, overrides: Mapping[str, str]) -> None:
        super().__init__(overrides)
        self._path, self._roots_path = path, roots_path
        self._overrides = overrides
        roots = hashlib.sha256(roots_path.read_bytes()).hexdigest()[:8] if roots_path and roots_path.is_file() else ""
        self._header = f"# stems by {rules} {roots}".rstrip()
        self._stemmer: WordStemmer | None = None
        self._lock = threading.Lock()
        self._is_read = path is None
        self._learnt = False

    def __missing__(self, word: str) -> str:
        if not self._is_read:
            self._read()
            if word in self:
                return self[word]
        if self._stemmer is None:
            with self._lock:
                self._stemmer = self._stemmer or WordStemmer(read_roots(self._roots_path), self._overrides)
        stem = self._stemmer.stem(word)
        if len(self) < _MOST_WORDS:
            self[word] = stem
            self._learnt = True
        return stem

    def save(self) -> None:
        """Write what is known to the file, with what others wrote there meanwhile. A failure only costs time later."""
        if self._path is None or not self._learnt:
            return
        merged = self._stored() | dict(self)
        lines = [f"{word} {stem}" if stem != word else word for word, stem in merged.items()]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=self._path.name, suffix=".part", dir=self._path.parent)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write("\n".join([self._header, *lines[:_MOST_WORDS]]) + "\n")
                Path(name).replace(self._path)
            finally:
                Path(name).unlink(missing_ok=True)
            self._learnt = False
        except OSError as error:
            log.warning("the cache of stems could not be written: %s", error)

    def _read(self) -> None:
        with self._lock:
            if not self._is_read:
                self.update(self._stored())
                self.update(self._overrides)
                self._is_read = True

    def _stored(self) -> dict[str, str]:
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines() if self._path else []
        except (OSError, UnicodeDecodeError):
            return {}
        if not lines or lines[0] != self._header:
            return {}
        pairs = (line.split(" ") for line in lines[1:_MOST_WORDS])
        return {pair[0]: pair[-1] for pair in pairs if 1 <= len(pair) <= 2 and pair[0]}
