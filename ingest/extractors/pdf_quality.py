"""How good a text is that was read from a PDF: to ask another reader when it looks bad, and to take the better text.

The words are those of `indexer.data` and the root words of the stemmer: Indonesian well covered, English by its
function words. What every page goes through must cost some microseconds only.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from Sastrawi.Dictionary.ArrayDictionary import ArrayDictionary
from Sastrawi.Stemmer.Stemmer import Stemmer

from indexer.stemming import read_roots
from indexer.word_lists import read_overrides, read_stop_words

# Controls, the replacement character, private use other than what symbol fonts have for bullets, unknown glyphs.
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uefff\uf100-\uf8ff]|\\(cid:")
_SUSPICIOUS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uefff\uf100-\uf8ff]")
_UNREADABLE_SHARE = 0.004
_UNREADABLE_WHOLLY = 0.05
# Fewer words than these tell nothing by how many are known.
_FEW_WORDS = 40
# Text in a wrong encoding has none; tables of names in English have 2 in 100.
_KNOWN_SHARE = 0.01
# So many different ones in the first characters of a page are enough.
_SAMPLE = 800
_ENOUGH_KNOWN = 4
_SINGLE_SHARE = 0.2
# Lines of running text have more.
_WORDS_IN_LINE = 2
_SINGLE_LINE = re.compile(r"^\w$", re.MULTILINE)
_EDGES = ".,;:!?()[]{}<>\"'“”‘’«»…–—-/\\|*"

# What recognition makes of digits and letters: 2OO3, l5, MEMUTUSI(AN, PERSOJV$.
_MISTAKEN = re.compile(
    r"(?<![^\W_])(?=[\dOolI.,]*\d)(?=[\dOolI.,]*[OolI])[\dOolI][\dOolI.,]*[\dOolI](?![^\W_])"
    r"|[^\W\d_][|\\\]\[{}$*=~<>^(][^\W\d_]|[^\W\d_]\$|[a-z][A-Z]{2}|\b[a-z]+\d[a-z]+"
)
# Words that begin with a capital may be names, which no list has.
_PLAIN_WORD = re.compile(r"(?<![^\W_])[^\W\d_A-Z]{3,}(?![^\W_])")
_WORD = re.compile(r"[^\W\d_]{2,}")
_UNKNOWN_SHARE = 0.04
_INDONESIAN = frozenset(
    ["yang", "dan", "di", "dengan", "untuk", "dari", "pada", "dalam", "ini", "itu", "atau", "oleh", "tidak"]
)
_ENGLISH = frozenset(["the", "of", "and", "to", "in", "is", "for", "that", "by", "with", "on", "as", "be", "are"])


@cache
def vocabulary() -> frozenset[str]:
    """Return the words that are known as they stand."""
    words = frozenset(read_roots(None)) | read_stop_words() | read_overrides().keys()
    return frozenset(word for word in words if len(word) > 1)


@cache
def _function_words() -> frozenset[str]:
    """Return the words that nearly every page has; a list so short is fast to look in."""
    return frozenset(word for word in read_stop_words() if len(word) > 1)


def looks_doubtful(text: str) -> bool:
    """Say whether another reader should be asked: hardly a known word, unreadable characters, words in single letters.

    A page that is nearly empty is another matter: it may be a picture.
    """
    if _SUSPICIOUS.search(text) or "(cid:" in text:
        unreadable = len(_UNREADABLE.findall(text))
        if unreadable > _UNREADABLE_SHARE * len(text):
            return True
    # Blanks and line ends are counted in a twentieth of the time that words take.
    if text.count(" ") < _WORDS_IN_LINE * text.count("\n") and _is_torn(text):
        return True
    if len(_function_words().intersection(text[:_SAMPLE].split())) >= _ENOUGH_KNOWN:
        return False
    known = vocabulary()
    words = set(text.split())
    if len(words) < _FEW_WORDS or len(words & known) >= _KNOWN_SHARE * len(words):
        return False
    # Whole pages in capitals; and tables of figures have few words at all.
    lettered = [word for word in map(str.lower, words) if word.isalpha()]
    return len(lettered) > _FEW_WORDS and sum(word in known for word in lettered) < _KNOWN_SHARE * len(lettered)


def _is_torn(text: str) -> bool:
    """Say whether many lines have a single letter or figure, as where a reader takes raised ones for lines."""
    words = text.split()
    single = sum(len(word) == 1 for word in words)
    return (
        len(words) >= _FEW_WORDS
        and single > _SINGLE_SHARE * len(words)
        and len(_SINGLE_LINE.findall(text)) > _SINGLE_SHARE * (text.count("\n") + 1)
    )


def is_unreadable(text: str) -> bool:
    """Say whether so many characters are none that a person would see other words on the page."""
    return len(_UNREADABLE.findall(text)) > _UNREADABLE_WHOLLY * len(text)


def score(text: str) -> float:
    """Return how much of a text a person could read: words that are known count most, rubbish counts against it."""
    known = vocabulary()
    total = 0.0
    for word in text.lower().split():
        bare = word.strip(_EDGES)
        if bare in known and len(bare) > 1:
            total += 1
        elif _UNREADABLE.search(word):
            total -= 1
        elif len(bare) == 1:
            total -= 0.25
        elif bare.isalpha():
            total += 0.5
        elif bare.isdigit():
            total += 0.25
    return total


def is_better(other: str, usual: str) -> bool:
    """Say whether another reader's text is clearly better than the usual one's."""
    return score(other) > 1.05 * max(score(usual), 0) + 0.5


def has_mistakes(text: str) -> bool:
    """Say whether the text under a picture of text shows the mistakes of bad recognition, and should be made anew."""
    if _UNREADABLE.search(text) or _MISTAKEN.search(text):
        return True
    words = _PLAIN_WORD.findall(text)
    if len(words) < _FEW_WORDS or not _is_indonesian(text):
        return False
    return sum(not _is_word(word) for word in words) > _UNKNOWN_SHARE * len(words)


def recognition_score(text: str) -> float:
    """Return how good a text is as the reading of a picture: words that exist, less what can only be mistakes."""
    words = _WORD.findall(text.lower())
    if _is_indonesian(text):
        good = sum(map(_is_word, words))
        bad = sum(not _is_word(word) for word in _PLAIN_WORD.findall(text))
    else:
        good = sum(word in vocabulary() for word in words)
        bad = 0
    # A sign within a word makes two of it.
    return good - bad - 2 * len(_MISTAKEN.findall(text)) - len(_UNREADABLE.findall(text))


def _is_indonesian(text: str) -> bool:
    words = text.lower().split()
    return sum(word in _INDONESIAN for word in words) > sum(word in _ENGLISH for word in words)


@lru_cache(maxsize=50_000)
def _is_word(word: str) -> bool:
    """Say whether a word is known, or is a known one with affixes."""
    return word in vocabulary() or str(_stemmer().stem_word(word)) in vocabulary()


@cache
def _stemmer() -> Stemmer:
    return Stemmer(ArrayDictionary(vocabulary()))
