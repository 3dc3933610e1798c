"""From text to runs of characters, and from a run to its folded word: the first half of analysis (`indexer.analysis`).

A run is letters, digits and marks of any script. Apostrophes inside a word are dropped (*jum'at* is *jumat*), full
stops between single letters too (*U.N.* is *un*). Hyphens part words (*anak-anak* and *COVID-19* are two), so do all
other signs, low lines too (*5/2018*, *1.000.000*, addresses): a phrase of the parts finds them. What a hyphen breaks at
the end of a line stays one run, for `indexer.analysis` to judge. Scripts that are written without spaces come as runs
of up to 64 characters, as do longer words, so that nothing is lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

JOINERS: Final = "\u00ad\u200b-\u200d\u2060\ufeff"  # soft hyphen, zero-width signs: inside words, nothing by themselves
# Marks that stand on letters: Latin, Cyrillic, Hebrew, Arabic; of Indic scripts the blocks but their full stops; Thai,
# Lao, Burmese, Khmer; and the scripts of Indonesia: Buginese, Balinese, Sundanese, Batak, Rejang, Javanese.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff"
    "\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u1056-\u1059\u17b4-\u17d3\u1a17-\u1a1b"
    "\u1b00-\u1b04\u1b34-\u1b44\u1b80-\u1b82\u1ba1-\u1bad\u1be6-\u1bf3\ua947-\ua953\ua980-\ua983\ua9b3-\ua9c0"
)
_INNER = rf"[\w{JOINERS}{_MARKS}]{{0,63}}+"
_WORD = rf"\w{_INNER}(?:['’‘`´]\w{_INNER}){{0,2}}+"
_LETTER = r"[^\W\d]"
# U.N., e.g., K.H.: at least two letters with full stops between them, and no word attached.
_ABBREVIATION = rf"(?<![\w.]){_LETTER}(?:\.{_LETTER}){{1,11}}(?![\w@])"
_LINE_END = r"[ \t\r\u00a0]*\n[ \t\u00a0]*"
_RUN = re.compile(rf"{_ABBREVIATION}|{_WORD}(?:(?:(?<={_LETTER})[-\u2010]|(?<=\u00ad)){_LINE_END}(?=[a-z]){_WORD})?")
# Where a run was broken by the end of a line.
BREAK: Final = re.compile(rf"[-\u2010\u00ad]{_LINE_END}")
# What is no letter goes, and so do modifier letters that stand for apostrophes (Qur\u02bean), the Arabic lengthening
# sign, and Arabic vowel signs, which most texts leave out.
_DROPPED = re.compile(rf"[^\w{_MARKS}]+|[{JOINERS}_\u02b9-\u02df\u0640\u064b-\u0652\u0670]+")
_LATIN_MARK = re.compile(r"[\u0300-\u036f]")

_LONGEST_RUN = 64
_SIGNS_AS_SPACES = {code: " " for code in range(128) if not chr(code).isalnum()}
# Signs that are no part of a word, and common in texts that are otherwise plain.
_TYPOGRAPHIC_SIGNS = "“”„–—•…·§°"
_INNER_APOSTROPHE = re.compile(r"\w['`]\w")
_INNER_FULL_STOP = re.compile(r"\.[A-Za-z](?![0-9A-Za-z])")
_LINE_END_HYPHEN = re.compile(r"-[ \t\r]*\n[ \t]*[a-z]")


def runs(text: str) -> list[str]:
    """Return the runs of a text, in order. It must have no low lines: the expression takes them for letters."""
    return _RUN.findall(text)


def placed_runs(text: str) -> Iterator[re.Match[str]]:
    """Return the runs of a text with their places."""
    return _RUN.finditer(text)


def plain_runs(text: str) -> list[str] | None:
    """Return the runs of a text in which only letters, digits and the signs around them stand; else None.

    Most pages are such texts, and are cut three times as fast as by the expression, which gives the same.
    """
    if not text.isascii():
        for sign in _TYPOGRAPHIC_SIGNS:
            text = text.replace(sign, " ")
        if not text.isascii():
            return None
    if ("'" in text or "`" in text) and _INNER_APOSTROPHE.search(text):
        return None
    # Both expressions begin with the rare sign and look back by hand: the other way round they cost more than the cut.
    for expression in (_INNER_FULL_STOP, _LINE_END_HYPHEN):
        if any(text[match.start() - 1 : match.start()].isalpha() for match in expression.finditer(text)):
            return None
    found = text.translate(_SIGNS_AS_SPACES).split()
    return None if found and len(max(found, key=len)) > _LONGEST_RUN else found


def places(text: str, run: str) -> Iterator[tuple[int, int]]:
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
