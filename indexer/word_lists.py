"""The word lists of analysis, which `indexer/data/` holds: stop words, given stems, root words of the hub's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from holdings.errors import ConfigurationError

_FILES = ("overrides.txt", "roots.txt", "stop_words.txt")


def roots_digest(path: Path) -> str:
    """Return a short digest of a file of root words. Raises ConfigurationError when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    except OSError as error:
        raise ConfigurationError(f"indexer.roots: the file {path} cannot be read: {error}") from error


def read_overrides() -> Mapping[str, str]:
    """Return the stems that are given, by word."""
    given: dict[str, str] = {}
    for line in _lines("overrides.txt"):
        stem, _, words = line.partition(":")
        given.update(dict.fromkeys([*words.split(), stem.strip()], stem.strip()))
    return given


def read_own_roots() -> list[str]:
    """Return the Indonesian root words that the hub adds to whichever list is used."""
    return [word for line in _lines("roots.txt") for word in line.split()]


def read_stop_words() -> frozenset[str]:
    return frozenset(word for line in _lines("stop_words.txt") for word in line.split())


def data_digest() -> str:
    """Return a short digest of the word lists: when they change, what was analysed with them is outdated."""
    digest = hashlib.sha256()
    for name in _FILES:
        digest.update((resources.files("indexer.data") / name).read_bytes())
    return digest.hexdigest()[:8]


def _lines(name: str) -> Iterator[str]:
    text = (resources.files("indexer.data") / name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
