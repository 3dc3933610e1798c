"""Snippets and marks, cut from the stored text by the analysis that indexed it: a marked word is one that matched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.analysis import Analyzer
from indexer.model import Mark, Snippet
from indexer.query import Leaf, Phrase, Prefix, TextField, Word

_SPACE = re.compile(r"\s+")
# How much of a snippet stands before its first match, as a share.
_LEAD = 0.25
_CONTENT = (TextField.ANY, TextField.BODY)


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    leaf: int


def marks(
    text: str, leaves: Sequence[Leaf], analyzer: Analyzer, *, fields: Iterable[TextField] = _CONTENT
) -> tuple[Mark, ...]:
    """Return where the leaves match in a text, in order, without overlaps. Only leaves of these fields count."""
    found = _matches(text, leaves, analyzer, frozenset(fields))
    merged: list[Mark] = []
    for match in found:
        if merged and match.start < merged[-1].end:
            merged[-1] = Mark(merged[-1].start, max(merged[-1].end, match.end))
        else:
            merged.append(Mark(match.start, match.end))
    return tuple(merged)


def snippet(
    text: str, continuation: str, leaves: Sequence[Leaf], analyzer: Analyzer, *, characters: int
) -> Snippet | None:
    """Return the stretch of a page where most of the leaves match, None when none begins on this page.

    `continuation` is how the text goes on after the page: a phrase that crosses the end of a page is shown whole.
    """
    whole = f"{text}\n{continuation}" if continuation else text
    found = [m for m in _matches(whole, leaves, analyzer, frozenset(_CONTENT)) if m.start < len(text)]
    if not found:
        return None
    first = _best_start(found, characters)
    window_start = _word_start(whole, max(0, first.start - int(characters * _LEAD)))
    window_end = _word_end(whole, max(window_start + characters, first.end), limit=max(len(text), first.end))
    inside = [m for m in found if window_start <= m.start and m.end <= window_end]
    return _folded(whole, window_start, window_end, inside, page_end=len(text))


def _best_start(found: list[_Match], characters: int) -> _Match:
    """Return the match from which a window shows most leaves; of equals the one with most matches, then the first."""
    reach = int(characters * (1 - _LEAD))
    best, best_score = found[0], (0, 0)
    for index, first in enumerate(found):
        leaves: set[int] = set()
        count = 0
        for match in found[index:]:
            if match.end > first.start + reach:
                break
            leaves.add(match.leaf)
            count += 1
        if (len(leaves), count) > best_score:
            best, best_score = first, (len(leaves), count)
    return best


def _word_start(text: str, at: int) -> int:
    """Return the start of the first whole word from `at` on."""
    if at == 0 or text[at - 1].isspace():
        return at
    space = _SPACE.search(text, at, at + 40)
    return space.end() if space else at


def _word_end(text: str, at: int, *, limit: int) -> int:
    """Return the end of the last whole word that ends by `at`, which is no further than `limit`."""
    if at >= limit:
        return limit
    cut = max(text.rfind(" ", at - 40, at), text.rfind("\n", at - 40, at))
    return cut if cut > 0 else at


def _folded(text: str, start: int, end: int, found: list[_Match], *, page_end: int) -> Snippet:
    """Return the stretch with runs of white space as one space, and the marks moved with it."""
    pieces: list[str] = []
    marked: list[Mark] = []
    length = 0
    at = start

    def add(piece: str) -> None:
        nonlocal length
        folded = _SPACE.sub(" ", piece)
        if folded.startswith(" ") and (not pieces or pieces[-1].endswith(" ")):
            folded = folded[1:]
        if folded:
            pieces.append(folded)
            length += len(folded)

    for match in found:
        if match.start < at:
            continue
        add(text[at : match.start])
        before = length
        add(text[match.start : match.end])
        marked.append(Mark(before, length))
        at = match.end
    add(text[at:end])
    folded = "".join(pieces).rstrip()
    return Snippet(
        text=folded,
        marks=tuple(marked),
        cut_before=bool(text[:start].strip()),
        cut_after=bool(text[end:page_end].strip()),
    )


def _matches(text: str, leaves: Sequence[Leaf], analyzer: Analyzer, fields: frozenset[TextField]) -> list[_Match]:
    words: dict[str, int] = {}
    prefixes: list[tuple[str, int]] = []
    phrases: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for number, leaf in enumerate(leaves):
        match leaf:
            case Word(stem, _, field) if field in fields:
                words[stem] = number
            case Prefix(prefix, field) if field in fields:
                prefixes.append((prefix, number))
            case Phrase(stems, field) if field in fields:
                phrases.setdefault(stems[0], []).append((stems, number))
    if not (words or prefixes or phrases):
        return []
    analysed = analyzer.analyse(text)
    found = _positions(analysed.stems, words, phrases)
    if prefixes:
        for index, word in enumerate(analysed.words):
            found.extend((index, index, number) for prefix, number in prefixes if word.startswith(prefix))
        found.sort()
    firsts = analysed.spans([first for first, _, _ in found])
    lasts = analysed.spans([last for _, last, _ in found]) if phrases else firsts
    return [
        _Match(start, end, number) for (start, _), (_, end), (_, _, number) in zip(firsts, lasts, found, strict=True)
    ]


def _positions(
    stems: list[str], words: dict[str, int], phrases: dict[str, list[tuple[tuple[str, ...], int]]]
) -> list[tuple[int, int, int]]:
    """Return what matches as the numbers of its first and last word, and of its leaf, in order."""
    wanted = words.keys() | phrases.keys()
    found: list[tuple[int, int, int]] = []
    for index in [number for number, stem in enumerate(stems) if stem in wanted]:
        stem = stems[index]
        if stem in words:
            found.append((index, index, words[stem]))
        for phrase, number in phrases.get(stem, ()):
            if tuple(stems[index : index + len(phrase)]) == phrase:
                found.append((index, index + len(phrase) - 1, number))
    return found
