"""The stems of words met before, in memory and in a file, so that the first search of a process does not wait for the
stemmer: it does some 10,000 words a second, a text of a hundred pages has 3,000 different ones.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.stemming import WordStemmer

log = logging.getLogger(__name__)

# Some 20 MB in memory, 4 MB in the file, read in 0.2 s. Words of a corpus grow with its square root: 189 documents of
# 5,700 pages have 33,000, of which most beyond that are misspelt and met once. What has no place is stemmed each time.
_MOST_WORDS = 150_000


class StemCache(dict[str, str]):
    """The stem of each folded word; what is not known is stemmed and remembered. Safe for threads and processes.

    The file is read when the first word is asked for, and ignored when it is damaged or was written by other rules.
    """

    def __init__(self, path: Path | None, rules: str, roots_path: Path | None, overrides: Mapping[str, str]) -> None:
        super().__init__(overrides)
        self._path, self._rules, self._roots_path, self._overrides = path, rules, roots_path, overrides
        self._stemmer: WordStemmer | None = None
        self._lock = threading.Lock()
        self._is_read = path is None
        self._learnt = False

    def __missing__(self, word: str) -> str:
        if not self._is_read:
            self._read()
            if word in self:
                return self[word]
        stem = (self._stemmer or self._load_stemmer()).stem(word)
        if len(self) < _MOST_WORDS:
            self[word] = stem
            self._learnt = True
        return stem

    def _load_stemmer(self) -> WordStemmer:
        # Here, because a process that only searches rarely needs it.
        from indexer.stemming import WordStemmer, read_roots

        with self._lock:
            if self._stemmer is None:
                self._stemmer = WordStemmer(read_roots(self._roots_path), self._overrides)
            return self._stemmer

    def save(self) -> None:
        """Write what is known to the file, with what others wrote there meanwhile. A failure only costs time later."""
        if self._path is None or not self._learnt:
            return
        self._learnt = False
        merged = self._stored() | dict(self)
        lines = [f"{word} {stem}" for word, stem in merged.items()]
        body = "\n".join(lines[:_MOST_WORDS]).encode()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=self._path.name, suffix=".part", dir=self._path.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(self._header(body) + body)
                Path(name).replace(self._path)
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            log.warning("the cache of stems could not be written: %s", error)

    def _read(self) -> None:
        with self._lock:
            if not self._is_read:
                self.update(self._stored())
                self._is_read = True

    def _stored(self) -> dict[str, str]:
        try:
            content = self._path.read_bytes() if self._path else b""
        except OSError:
            return {}
        header, _, body = content.partition(b"\n")
        if header + b"\n" != self._header(body):
            return {}
        words = body.decode().split()
        return dict(zip(words[::2], words[1::2], strict=True))

    def _header(self, body: bytes) -> bytes:
        """Return the first line of a file with this body: a wrong stem would stay in the index, so damage must show."""
        return f"# stems by {self._rules}, sum {zlib.crc32(body):08x}\n".encode()
