"""Statutes of other countries, which say themselves how they are cited: `the Healthy Forests Restoration Act`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from holdings.model import Page
from ingest.description.findings import Finding, found, one_line

_ENACTED = re.compile(r"\bbe it (?:therefore )?enacted by\b|^\W*ПОСТАНОВЛЕНИЕ\b", re.IGNORECASE | re.MULTILINE)
_CITED = re.compile(
    r"\b(?:may|shall) be cited as (?:the )?[\"“”‘’'`]*(?P<name>[A-Z][^\"“”;.]{4,150}?"
    r"\b(?:Act|Code|Law|Ordinance|Order|Decree)(?:,? (?:of )?(?:19|20)\d\d)?)\b"
)
_PARTED = re.compile(r"(?<=[a-z])-\s*\n\s*(?=[a-z])")
_PAGES = 3
_CHARACTERS = 6_000


def enactment_in(pages: Sequence[Page]) -> tuple[Page, str] | None:
    """Return the page and the words with which a parliament enacts, if there are any."""
    for page in pages[:_PAGES]:
        enacted = _ENACTED.search(page.text[:_CHARACTERS])
        if enacted is not None:
            return page, enacted[0]
    return None


def statute_of(pages: Sequence[Page]) -> Finding | None:
    """Return the short title that a statute gives itself; None for other documents."""
    if enactment_in(pages) is None:
        return None
    for page in pages[:_PAGES]:
        cited = _CITED.search(one_line(_PARTED.sub("", page.text[:_CHARACTERS])))
        if cited is not None:
            return found(cited["name"], 0.85, page.number, cited[0])
    return None
