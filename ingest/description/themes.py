"""What a document is about: themes of the vocabulary, by their names and by words that tell of them.

A page is about a theme when enough different words of it stand there for the length of the page; a document, when
enough of its pages are, and more so when its title says it. A law is about what its title says. Of a document of
another field than the hub's, whose words are in `_FIELD`, only the title is believed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from holdings.model import Evidence, Page
from holdings.vocabularies import Term
from ingest.description.findings import Finding
from ingest.description.spotting import Lexicon, Words, excerpt

# Weights of a name of the theme and of a word that tells of it.
_NAME, _SIGNAL = 2.0, 1.0
# What words on a page of `_PAGE_WORDS` must weigh together for the page to be about the theme.
_ENOUGH = 4.0
_PAGE_WORDS = 250
# Longer pages need more, but not in proportion: the same words come again.
_LENGTH_POWER = 0.7
# One page counts for no more than this, and for nothing below that.
_MOST, _LEAST = 2.0, 0.3
_MAX_EVIDENCE = 3

# A document is about a theme from this score on, unless it is much more about another.
_ABOUT = 0.5
_BESIDE_THE_FIRST, _SURELY_ABOUT = 0.6, 1.2
_MAX_THEMES = 5
# What the title adds: a name of the theme, or a word that tells of it.
_NAMED_IN_TITLE, _TOLD_IN_TITLE = 0.7, 0.5
_LEGAL = "legal-framework"

# Words of this field, in small letters: of another document only the title is believed.
_FIELD_WORDS = (
    "terorisme teroris teror ekstremisme ekstremis ekstrem radikalisme radikalisasi radikal deradikalisasi napiter "
    "jihad jihadis militan isis jad densus bnpt lpsk fkpt fkub baiat intoleransi perdamaian damai kebencian bom "
    "penyintas returnis deportan kerukunan konflik kerusuhan kekerasan moderasi pengeboman ledakan suriah "
    "terrorism terrorist terrorists terror extremism extremist extremists radicalisation radicalization radical "
    "deradicalisation deradicalization jihadist jihadists militant militants peace peacebuilding hatred hate "
    "bombing bombings bombers bomb suicide violent violence conflict interfaith intolerance syria attack attacks "
    "attentats keganasan pelampau terrorismus gewalttätige"
)
_FIELD = frozenset(_FIELD_WORDS.split())
_FIELD_SHARE = 0.004
# What a law on terrorism is about beside its subject.
_TERROR = frozenset("terorisme teroris terror terrorism terrorist terrorists ekstremisme".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What a term says: the themes, each with its weight, and whether it must stand in capitals.

    There is one for each term, told from others by identity: on each page they are counted.
    """

    name: str
    weights: tuple[tuple[str, float], ...]
    named: tuple[str, ...]
    acronym: bool


def theme_lexicon(themes: Iterable[Term]) -> Lexicon[Told]:
    """Return all names and telling words of the themes, in either language, with usual variants of spelling.

    The forms of a word, `child protection officers` and `child protection officer`, are one term that tells once.
    """
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    forms: dict[str, set[str]] = defaultdict(set)
    acronyms: set[str] = set()
    for theme in themes:
        english = {theme.label_en, *theme.synonyms_en, *theme.signals_en}
        weighted = dict.fromkeys((*theme.signals_id, *theme.signals_en), _SIGNAL)
        weighted |= dict.fromkeys(theme.names, _NAME)
        for name, weight in weighted.items():
            for form in _forms(name, english=name in english):
                key = " ".join(Words.of(form).folded)
                stem = _stem(key)
                forms[stem].add(key)
                weights[stem][theme.id] = max(weight, weights[stem].get(theme.id, 0.0))
                if _is_acronym(form):
                    acronyms.add(key)
    lexicon: Lexicon[Told] = Lexicon()
    for stem, by_theme in weights.items():
        # What tells of several themes tells less of each.
        shares = tuple((theme, weight / math.sqrt(len(by_theme))) for theme, weight in by_theme.items())
        named = tuple(theme for theme, weight in by_theme.items() if weight == _NAME)
        told = Told(stem, shares, named, not forms[stem].isdisjoint(acronyms))
        for key in forms[stem]:
            lexicon.add(key, told)
    return lexicon


def _forms(name: str, *, english: bool) -> Iterator[str]:
    """Yield a name, in the plural or singular too where it is English, and with `-nya` where it is Indonesian."""
    yield name
    if _is_acronym(name):
        return
    if english:
        yield name[:-1] if name.endswith("s") and not name.endswith("ss") else f"{name}s"
    elif not name.endswith("nya"):
        yield f"{name}nya"
    for one, other in (
        ("elindungan", "erlindungan"),
        ("isation", "ization"),
        ("programme", "program"),
        ("counter-", "counter"),
    ):
        if one in name and other not in name:
            yield name.replace(one, other)


def _stem(key: str) -> str:
    for ending in ("nya", "s"):
        if key.endswith(ending) and not key.endswith("ss") and len(key) - len(ending) > 3:
            return key.removesuffix(ending)
    return key


def _is_acronym(name: str) -> bool:
    return name.isupper() and len(name) < 8


@dataclass(slots=True)
class _Seen:
    """What is kept of a theme: how much of the text is about it, and the pages that say so most."""

    mass: float = 0.0
    evidence: list[tuple[float, Evidence]] = field(default_factory=list)


@dataclass(slots=True)
class ThemeCount:
    """What all pages say of the themes, gathered page by page, in memory that does not grow with them."""

    lexicon: Lexicon[Told]
    total: int = 0
    of_field: int = 0
    _seen: dict[str, _Seen] = field(default_factory=dict)

    def add(self, page: Page, words: Words) -> None:
        """Take a page into account."""
        size = len(words)
        if not size:
            return
        self.total += size
        self.of_field += sum(map(_FIELD.__contains__, words.folded))
        counts: dict[Told, int] = {}
        first: dict[Told, tuple[int, int]] = {}
        for spot in self.lexicon.spots(words):
            told = spot.value
            if told.acronym and not words.written[spot.start].isupper():
                continue
            if told in counts:
                counts[told] += 1
            else:
                counts[told] = 1
                first[told] = spot.start, spot.end
        if not counts:
            return
        needed = _ENOUGH * max(1.0, size / _PAGE_WORDS) ** _LENGTH_POWER
        scores: dict[str, float] = defaultdict(float)
        best: dict[str, tuple[float, Told]] = {}
        for told, count in counts.items():
            often = (1 + 0.5 * math.log2(count)) / needed
            for theme, weight in told.weights:
                scores[theme] += weight * often
                if theme not in best or weight * often > best[theme][0]:
                    best[theme] = weight * often, told
        for theme, score in scores.items():
            if score >= _LEAST:
                self._note(theme, score, page, words.written, first[best[theme][1]])

    def _note(self, theme: str, score: float, page: Page, written: Sequence[str], place: tuple[int, int]) -> None:
        seen = self._seen.setdefault(theme, _Seen())
        # Evidence is cut from the page only where it is kept: rarely, on a long document.
        seen.mass += min(score, _MOST) * len(written)
        if len(seen.evidence) == _MAX_EVIDENCE:
            if score <= seen.evidence[-1][0]:
                return
            seen.evidence.pop()
        start, end = place
        seen.evidence.append((score, Evidence(page.number, excerpt(page, written[start:end]))))
        seen.evidence.sort(key=lambda pair: -pair[0])

    def masses(self) -> dict[str, float]:
        """Return how much of the text is about each theme, from 0 to 2."""
        return {theme: seen.mass / self.total for theme, seen in self._seen.items()} if self.total else {}

    def evidence(self, theme: str) -> tuple[Evidence, ...]:
        """Return the pages that say most of a theme, in order."""
        seen = self._seen.get(theme)
        found = (evidence for _, evidence in seen.evidence) if seen is not None else ()
        return tuple(sorted(found, key=lambda evidence: evidence.page or 0))

    @property
    def is_of_field(self) -> bool:
        """Say whether the words of this field are frequent enough for a document of it."""
        return self.of_field >= _FIELD_SHARE * self.total > 0


@dataclass(frozen=True, slots=True)
class ThemeFound:
    """A theme with how sure it is and why."""

    theme: str
    confidence: float
    evidence: tuple[Evidence, ...]


def themes_of(count: ThemeCount, title: Finding | None, *, regulation: bool, national: bool) -> list[ThemeFound]:
    """Return the themes that a document is about, the surest first.

    `national` says whether the document is one of Indonesia: elsewhere, what is of another field has none.
    """
    in_title = _in_title(count.lexicon, title.value if title is not None else "")
    if regulation and title is not None and not _TERROR.isdisjoint(Words.of(title.value).folded):
        in_title[_LEGAL] = _NAMED_IN_TITLE
    scores: dict[str, float] = {}
    for theme, mass in count.masses().items():
        said = in_title.get(theme, 0.0)
        if regulation and said < _NAMED_IN_TITLE and not (said and count.is_of_field and theme != _LEGAL):
            continue
        if not count.is_of_field and (not said or not national):
            continue
        if theme == _LEGAL and not said and not count.is_of_field:
            continue
        scores[theme] = mass + said
    first = max(scores.values(), default=0.0)
    needed = max(_ABOUT, min(_BESIDE_THE_FIRST * first, _SURELY_ABOUT))
    chosen = [theme for theme, score in scores.items() if score >= needed]
    chosen.sort(key=lambda theme: -scores[theme])
    return [_found(count, theme, scores[theme], title, in_title) for theme in chosen[:_MAX_THEMES]]


def _found(
    count: ThemeCount, theme: str, score: float, title: Finding | None, in_title: dict[str, float]
) -> ThemeFound:
    evidence = count.evidence(theme)
    if title is not None and title.words and in_title.get(theme):
        said = Evidence(title.page, title.words)
        evidence = (said, *(e for e in evidence if e != said))[:_MAX_EVIDENCE]
    return ThemeFound(theme, round(min(0.97, 0.55 * score), 2), evidence)


def _in_title(lexicon: Lexicon[Told], title: str) -> dict[str, float]:
    words = Words.of(title)
    said: dict[str, float] = {}
    for spot in lexicon.spots(words):
        told = spot.value
        if told.acronym and not words.written[spot.start].isupper():
            continue
        for theme, weight in told.weights:
            extra = _NAMED_IN_TITLE if theme in told.named else _TOLD_IN_TITLE * weight
            said[theme] = max(extra, said.get(theme, 0.0))
    return said
