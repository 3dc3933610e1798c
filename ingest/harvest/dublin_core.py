"""What the Dublin Core of a record declares, and the links to its files.

The values are a source's, written by many hands: what a field cannot take is left out, and the hub's own detection
stands in for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from babel.core import get_global

from holdings.errors import UsageError
from holdings.model import MANY_VALUED, DocumentField, Statement
from holdings.vocabularies import Vocabularies
from ingest.metadata import declare

_MAX_CHARACTERS = {DocumentField.TITLE: 1_000, DocumentField.ABSTRACT: 20_000}
_MAX_OTHER = 500
_MAX_VALUES = 50
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9-_]*)?")
_NAMES = {"indonesian": "id", "indonesia": "id", "bahasa indonesia": "id", "english": "en", "inggris": "en"}
# The last part of info:eu-repo/semantics/…, which many repositories write, where it is none of our names of a kind.
_KINDS = {
    "article": "research",
    "bachelorthesis": "research",
    "masterthesis": "research",
    "doctoralthesis": "research",
    "conferenceobject": "research",
    "conferencepaper": "research",
    "workingpaper": "research",
    "preprint": "research",
    "research paper": "research",
    "technical report": "report",
    "internalreport": "report",
}


def declared_by(metadata: Mapping[str, Sequence[str]], vocabularies: Vocabularies) -> tuple[Statement, ...]:
    """Return what the metadata of a record declares of its document."""
    statements: list[Statement] = []
    for field, values in _values(metadata):
        limit = _MAX_CHARACTERS.get(field, _MAX_OTHER)
        for value in values[:_MAX_VALUES]:
            # A title ends where it is too long; a name that is too long is none.
            kept = value if len(value) <= limit else value[:limit] if field in _MAX_CHARACTERS else ""
            # What separates values in a metadata file is a sign like any other here.
            kept = kept.replace(";", ",") if field in MANY_VALUED else kept
            try:
                statements += declare(field, kept, vocabularies)
            except UsageError:
                continue
    return tuple(dict.fromkeys(statements))


def links_of(metadata: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the links to try, in groups: those of a later group only where none of the earlier led to a file.

    `dc:identifier` names the thing itself; `dc:relation` may name its files, or something else that it has to do with.
    """
    return [[v for v in metadata.get(name, ()) if v.casefold().startswith(("http://", "https://"))] for name in _LINKS]


_LINKS = ("identifier", "relation")


def _values(metadata: Mapping[str, Sequence[str]]) -> Iterator[tuple[DocumentField, list[str]]]:
    def given(*names: str) -> list[str]:
        return [value for name in names for value in metadata.get(name, ())]

    yield DocumentField.TITLE, given("title")[:1]
    yield DocumentField.AUTHOR, given("creator")
    yield DocumentField.ORGANISATION, given("publisher")
    yield DocumentField.DATE, _first(_date(given("date")))
    yield DocumentField.LANGUAGE, _first(_languages(given("language")))
    yield DocumentField.KIND, [_kind(value) for value in given("type")][:_MAX_VALUES]
    yield DocumentField.ABSTRACT, _first(sorted(given("description", "abstract"), key=len, reverse=True))
    yield DocumentField.LICENCE, _first(sorted(given("rights", "license"), key=lambda v: "://" not in v))


def _first(values: Iterable[str]) -> list[str]:
    return list(values)[:1]


def _date(values: Sequence[str]) -> list[str]:
    """Return the dates, the date of publication first as far as can be told.

    Repositories write moments for what they did with a record themselves, and a plain date for the publication.
    """
    found = [(len(value.strip()) > 10, match[0]) for value in values if (match := _DATE.match(value.strip()))]
    return [date for _, date in sorted(found)]


def _languages(values: Sequence[str]) -> Iterator[str]:
    aliases = get_global("language_aliases")
    for value in values:
        folded = value.strip().casefold()
        if folded in _NAMES:
            yield _NAMES[folded]
        elif match := _LANGUAGE.fullmatch(folded):
            code = str(aliases.get(match[1], match[1]))
            if len(code) == 2:
                yield code


def _kind(value: str) -> str:
    last = value.rstrip("/").rpartition("/")[2] if value.startswith(("info:", "http")) else value
    return _KINDS.get(last.strip().casefold(), last)
