"""Which national priorities a document serves: those of its themes, and those that it names itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from holdings.model import Evidence, Page
from holdings.vocabularies import Term
from ingest.description.spotting import Lexicon, Words, excerpt
from ingest.description.themes import ThemeFound

# A theme that serves several priorities tells less of each.
_OF_SEVERAL = 0.85
# Of those less sure two in five are wrong.
_SURE_ENOUGH = 0.6
_NAMED_BESIDE_A_THEME = 0.9


@dataclass(frozen=True, slots=True)
class PriorityFound:
    """A priority with how sure it is and why."""

    priority: str
    confidence: float
    evidence: tuple[Evidence, ...]


def priority_lexicon(priorities: Mapping[str, Term]) -> Lexicon[str]:
    """Return the names of the priorities that only this plan uses: the narrowest share theirs with themes."""
    lexicon: Lexicon[str] = Lexicon()
    for priority in priorities.values():
        for name in priority.names if priority.broader is None else ():
            lexicon.add(name, priority.id)
    return lexicon


def priorities_of(
    themes: Sequence[ThemeFound],
    vocabulary: Mapping[str, Term],
    priorities: Mapping[str, Term],
    lexicon: Lexicon[str],
    opening: Sequence[Page],
) -> list[PriorityFound]:
    """Return the narrowest priorities that the themes serve, and pillars that the opening names, the surest first."""
    found: dict[str, PriorityFound] = {}
    for theme in themes:
        served = vocabulary[theme.theme].priorities
        narrowest = [one for one in served if not any(priorities[other].broader == one for other in served)]
        for priority in narrowest:
            confidence = theme.confidence * (_OF_SEVERAL if len(narrowest) > 1 else 1.0)
            if confidence < _SURE_ENOUGH:
                continue
            if priority not in found or confidence > found[priority].confidence:
                found[priority] = PriorityFound(priority, round(confidence, 2), theme.evidence)
    if themes:
        for page in opening:
            words = Words.of(page.text)
            for spot in lexicon.spots(words):
                evidence = Evidence(page.number, excerpt(page, words.written[spot.start : spot.end]))
                found.setdefault(spot.value, PriorityFound(spot.value, _NAMED_BESIDE_A_THEME, (evidence,)))
    return sorted(found.values(), key=lambda one: -one.confidence)
