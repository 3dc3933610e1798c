"""Why a document is a match of a saved search: what an alert and an entry of a feed say beside its title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.letters import fragment
from indexer.facets import facet_label
from indexer.hub import Hub
from indexer.model import Facet, Hit, Mark, SearchRequest

_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `kind` is where it is: page, title, description, the id of a facet, or all.

    `words` are those around what matched, each match between asterisks, or the labels of a facet's values.
    """

    kind: str
    words: str = ""
    page: int = 0
    unit: str = ""


def reasons(hub: Hub, request: SearchRequest, hit: Hit) -> tuple[Reason, ...]:
    """Return why a hit matches the request, the most telling first; there is always one."""
    found: list[Reason] = []
    for page in hit.page_hits[:1]:
        cut = page.snippet
        words = (_ELLIPSIS if cut.cut_before else "") + _marked(cut.text, cut.marks)
        found.append(Reason("page", words + (_ELLIPSIS if cut.cut_after else ""), page.page, page.unit))
    if hit.title_marks:
        found.append(Reason("title", _marked(hit.title, hit.title_marks)))
    if request.query.strip() and not found:
        found.append(Reason("description"))
    for facet, values in request.filters.items():
        kept = [value for value in values if value in _values(hit, facet)] or values
        labels = (facet_label(hub, facet, value, request.label_language) for value in kept)
        found.append(Reason(facet.value, ", ".join(labels)))
    return tuple(found) or (Reason("all"),)


def in_words(some: Sequence[Reason], language: str) -> list[str]:
    """Return reasons as sentences in a language."""
    return [fragment("_reason", language, reason=reason) for reason in some]


def _values(hit: Hit, facet: Facet) -> tuple[str, ...]:
    """Return a hit's values of a facet, as far as a hit carries them."""
    match facet:
        case Facet.KIND:
            return (hit.kind,) if hit.kind else ()
        case Facet.THEME:
            return hit.themes
        case Facet.PROVINCE:
            return hit.provinces
        case Facet.ORGANISATION:
            return hit.organisations
        case Facet.LANGUAGE:
            return (hit.language,)
        case Facet.YEAR:
            return (hit.date[:4],) if hit.date else ()
        case _:
            return ()


def _marked(text: str, marks: Sequence[Mark]) -> str:
    pieces, at = [], 0
    for mark in marks:
        pieces += [text[at : mark.start], "*", text[mark.start : mark.end], "*"]
        at = mark.end
    return "".join([*pieces, text[at:]])
