"""From what two texts have in common to what they are to each other.

The thresholds were set on the labelled pairs of `benchmarks/quality`; docs/decisions/2026-11-24-duplicates.md says
what each is worth.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from holdings.model import Document, DocumentField
from holdings.relations import Relation
from ingest.duplicates.comparing import Comparison, Gap, repeated_substitutions
from ingest.duplicates.translations import Correspondence
from ingest.duplicates.words import fold

# Shares of words, small differences within passages included ("spanned") or not.
_SAME_SPANNED = 0.8
_UNTOUCHED_SPANNED = 0.95
_SAME_IN_ORDER = 0.9
_VERSION_SPANNED = 0.5
_VERSION_OTHER_TITLE = 0.8
_VERSION_EXPECTED = 0.25
_VERSION_IN_ORDER = 0.75
_EXCERPT_SPANNED = 0.85
_EXCERPT_WORDS = 0.6
_EXCERPT_FOUND = 0.92
_EXCERPT_SPANNED_LEAST = 0.5
# An excerpt is at most so much of its whole; what is more is a version of it.
_EXCERPT_LENGTH = 0.75
_RELATED_SHARED = 0.2
_RELATED_WORDS = 120
# The same word in the place of the same other word, so often: texts made from one pattern.
_PATTERN_SUBSTITUTIONS = 5
_PATTERN_PART = 0.04
_OTHER_NAMES = 3
# So many of the small differences of a copy are misread letters.
_MISREAD = 0.75
# Fewer differences must all be of that kind. Misread letters are many where there is one in so many words.
_FEW_GAPS = 4
_WORDS_BETWEEN_MISREADINGS = 60

_TRANSLATION_SHARED = 0.45
_TRANSLATION_MATCHED = 8
_TRANSLATION_SPREAD = 0.5
_TRANSLATION_LENGTH = 0.5

_OPENING_WORDS = 150
_ORDINALS = {
    **dict(zip(("pertama", "kedua", "ketiga", "keempat", "kelima"), range(1, 6), strict=True)),
    **dict(zip(("first", "second", "third", "fourth", "fifth"), range(1, 6), strict=True)),
}
# What may differ in the titles of two versions of one work.
_PASSING = re.compile(
    r"\d+|dan|di|ke|dari|untuk|pada|dengan|tentang|yang|of|the|and|for|on|in|to|an?|concerning"
    r"|edisi|edition|revisi|revised|revision|versi|version|rev|final|draft?|rancangan|perbaikan|baru|new|cetakan"
    r"|updated?|pemutakhiran|dimutakhirkan|terbitan|tahun|year|nomor|number|no"
    r"|januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november|desember"
    r"|january|february|march|may|june|july|august|october|december"
)
_DRAFT = re.compile(r"\b(?:draf|draft|rancangan)\b")
_EDITION = re.compile(r"\b(?:edisi|edition|versi|version|revisi|revision|rev|cetakan)\s+(?:ke\s+)?(\d+(?: \d+)?|\w+)")
_EDITION_BEFORE = re.compile(r"\b(\w+)\s+(?:edition|revision|version)\b")
_TRANSLATED = re.compile(r"\b(?:terjemahan|translation|diterjemahkan|translated)\b")


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a document when it is compared: its fields, and the folded words that it opens with."""

    title: str | None
    number: str | None
    date: str | None
    language: str
    created_at: datetime
    opening: str = ""

    @classmethod
    def of(cls, document: Document, opening: Sequence[str]) -> Described:
        return cls(
            document.value(DocumentField.TITLE),
            document.value(DocumentField.NUMBER),
            document.value(DocumentField.DATE),
            document.language,
            document.created_at,
            " ".join(opening[:_OPENING_WORDS]),
        )


def class_of(found: Comparison, mine: Described, other: Described, *, expected: bool = False) -> Relation:
    """Return what two texts are to each other by their common passages. `expected` says that one took the other's
    place, so that a version is likely."""
    pattern = _of_one_pattern(found)
    lesser_spanned = min(found.mine_spanned, found.other_spanned)
    same = lesser_spanned >= _SAME_SPANNED and found.in_order >= _SAME_IN_ORDER and not pattern
    # A misread number is no other number; the names that stand with another number are others throughout.
    same = same and not (_numbered_apart(mine, other) and repeated_substitutions(found.gaps) >= _OTHER_NAMES)
    if same and _only_misread(found, mine, other, untouched=lesser_spanned >= _UNTOUCHED_SPANNED):
        return Relation.IDENTICAL
    if found.length_ratio <= _EXCERPT_LENGTH and not pattern and _is_contained(found):
        return Relation.EXCERPT
    numbered_apart = _numbered_apart(mine, other)
    if not numbered_apart and _is_version(found, mine, other, lesser_spanned, pattern=pattern, expected=expected):
        return Relation.NEW_VERSION
    common = found.shared * min(found.mine_words, found.other_words)
    if found.shared >= _RELATED_SHARED and common >= _RELATED_WORDS:
        return Relation.RELATED
    return Relation.NONE


def _is_contained(found: Comparison) -> bool:
    """Say whether the shorter text stands in the longer: in passages, or in pieces that come there more often."""
    mine_is_shorter = found.mine_words <= found.other_words
    spanned = found.mine_spanned if mine_is_shorter else found.other_spanned
    words = found.mine_found if mine_is_shorter else found.other_found
    in_passages = spanned >= _EXCERPT_SPANNED and found.shared >= _EXCERPT_WORDS
    return in_passages or (words >= _EXCERPT_FOUND and spanned >= _EXCERPT_SPANNED_LEAST)


def is_translation(found: Correspondence, mine: Described, other: Described, *, length_ratio: float) -> bool:
    """Say whether two texts in two languages are one in translation."""
    return (
        mine.language != other.language
        and found.shared >= _TRANSLATION_SHARED
        and found.matched >= _TRANSLATION_MATCHED
        and found.spread >= _TRANSLATION_SPREAD
        and length_ratio >= _TRANSLATION_LENGTH
    )


def is_later(relation: Relation, mine: Described, other: Described, *, mine_is_shorter: bool) -> bool:
    """Say whether mine goes back to the other: is the newer, the excerpt, the translation, the later copy of it."""
    if relation is Relation.EXCERPT:
        return mine_is_shorter
    if relation is Relation.TRANSLATION:
        said = bool(_TRANSLATED.search(mine.opening)), bool(_TRANSLATED.search(other.opening))
        if said[0] != said[1]:
            return said[0]
        if (mine.language == "id") != (other.language == "id"):
            return mine.language != "id"
    if relation is Relation.NEW_VERSION:
        for first, second in (
            (_finished(mine), _finished(other)),
            (edition_of(mine.opening), edition_of(other.opening)),
            (mine.date or "", other.date or ""),
            (_year_in(mine.title), _year_in(other.title)),
        ):
            if first != second and ((first and second) or isinstance(first, bool)):
                return first > second  # type: ignore[operator]
    return mine.created_at >= other.created_at


def edition_of(opening: str) -> int:
    """Return the number of the edition that a text says to be at its beginning, 1 when it says none."""
    for pattern in (_EDITION, _EDITION_BEFORE):
        for match in pattern.finditer(opening):
            said = match[1].replace(" ", ".")
            number = _ORDINALS.get(said) or (int(float(said) * 10) // 10 if said.replace(".", "").isdigit() else 0)
            if 0 < number < 100:
                return number
    return 1


def _is_version(
    found: Comparison, mine: Described, other: Described, spanned: float, *, pattern: bool, expected: bool
) -> bool:
    if found.in_order < _VERSION_IN_ORDER:
        return False
    same_title = titles_agree(mine.title, other.title)
    if pattern and not (same_title and not _differ_in_name(mine, other)):
        return False
    if expected and spanned >= _VERSION_EXPECTED:
        return True
    years = _year_in(mine.title), _year_in(other.title)
    if same_title and not (all(years) and years[0] != years[1]):
        return spanned >= _VERSION_SPANNED
    return spanned >= _VERSION_OTHER_TITLE


def titles_agree(mine: str | None, other: str | None) -> bool:
    """Say whether two titles name one work: the same words, but for edition, year and the little words."""
    if not mine or not other:
        return False
    a, b = _core(mine), _core(other)
    if not a or not b:
        return False
    first, second = set(a), set(b)
    if first <= second or second <= first:
        return min(len(first), len(second)) >= 0.6 * max(len(first), len(second))
    only_first, only_second = sorted(first - second), sorted(second - first)
    # What differs is spelt alike: a misread letter, a compound written apart.
    return SequenceMatcher(None, "".join(only_first), "".join(only_second), autojunk=False).ratio() >= 0.8


def _core(title: str) -> list[str]:
    return [word for word in fold(title) if word not in _ORDINALS and not _PASSING.fullmatch(word)]


def _differ_in_name(mine: Described, other: Described) -> bool:
    return bool(mine.title and other.title and set(_core(mine.title)) != set(_core(other.title)))


def _numbered_apart(mine: Described, other: Described) -> bool:
    """Say whether both bear the number of a regulation, and not the same: then neither is a version of the other."""
    if not mine.number or not other.number or _is_draft(mine) or _is_draft(other):
        return False
    return fold(mine.number) != fold(other.number)


def _of_one_pattern(found: Comparison) -> bool:
    most = repeated_substitutions(found.gaps, spelt_apart=True)
    return most >= max(_PATTERN_SUBSTITUTIONS, _PATTERN_PART * len(found.gaps))


def _only_misread(found: Comparison, mine: Described, other: Described, *, untouched: bool) -> bool:
    """Say whether two texts differ only as copies do: in misread letters, in running heads and page numbers.

    Unless the text is `untouched`, with no longer piece replaced, misread letters must be many to account for that.
    """
    if edition_of(mine.opening) != edition_of(other.opening) or _is_draft(mine) != _is_draft(other):
        return False
    heads = Counter(_without_numbers(gap.mine or gap.other) for gap in found.gaps if not (gap.mine and gap.other))
    copied = [_is_mark_of_copying(gap, heads) for gap in found.gaps]
    changed = [gap for gap, is_mark in zip(found.gaps, copied, strict=True) if not is_mark]
    if any(gap.at < _OPENING_WORDS and _numbers_differ(gap) for gap in changed):
        return False
    if len(found.gaps) < _FEW_GAPS:
        return untouched and not changed
    noisy = found.gaps_in_all * _WORDS_BETWEEN_MISREADINGS >= min(found.mine_words, found.other_words)
    return (untouched or noisy) and len(changed) <= (1 - _MISREAD) * len(found.gaps)


def _is_mark_of_copying(gap: Gap, heads: Counter[str]) -> bool:
    if gap.mine and gap.other:
        return gap.misread and not _numbers_differ(gap)
    # A page number or a running head that the one reader gives and the other does not, or a letter that came off.
    head = _without_numbers(gap.mine or gap.other)
    return len(head) <= 1 or heads[head] > 1


def _without_numbers(words: str) -> str:
    return " ".join(word for word in words.split() if not word.isdigit())


def _numbers_differ(gap: Gap) -> bool:
    """Say whether a number stands in the place of another: each whole, not with a letter in it as if misread."""
    words = [words.split() for words in (gap.mine, gap.other)]
    first, second = ([word for word in of_one if word.isdigit()] for of_one in words)
    misread = any(not word.isdigit() and any(map(str.isdigit, word)) for of_one in words for word in of_one)
    return not misread and len(first) == len(second) > 0 and first != second


def _is_draft(described: Described) -> bool:
    title = " ".join(fold(described.title or ""))
    return bool(_DRAFT.search(title) or _DRAFT.search(described.opening[:200]))


def _finished(described: Described) -> bool:
    return not _is_draft(described)


def _year_in(title: str | None) -> str:
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", title or "")
    return years[-1] if years else ""
