"""Who wrote a document. A file's property is mostly the name of a machine or of an account: what looks like one is no
author, and of regulations nobody who typed them is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from holdings.model import Page
from ingest import media_types as types
from ingest.description.findings import Finding, found, one_line
from ingest.description.regulations import Regulation
from ingest.model import FileMetadata

_ACCOUNTS = re.compile(
    r"\b(?:admin\w*|user\w*|owner|pengguna|customer|unknown|anonymous|guest|client|student|staff|"
    r"pc|laptop|komputer|computer|desktop|workstation|scanner|windows|microsoft|office|adobe|acrobat|openoffice|"
    r"libreoffice|python-docx|author|name|nama|toshiba|fujitsu|lenovo|compaq|dell|asus|acer|hewlett|packard|samsung|"
    r"canon|epson|xerox|ricoh|working group|tim kerja)\b",
    re.IGNORECASE,
)
_NAME_WORD = re.compile(r"[^\W\d_][\w.'’-]*")
_PARTICLE_WORDS = "van von de der den da di du la le el al bin binti ibn dos das of for and dan the untuk pada"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_BYLINE = re.compile(r"^(?:by|oleh|penulis|disusun oleh|author|authors)\s*:?\s+(?P<names>\S.{3,400})$", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:;|,\s*(?:and|dan)\s+|\s+(?:and|dan|&)\s+|,)\s*")
_NOT_NAMES = re.compile(r"\d|@|[()/\\]")
_FIRST_LINES = 40
_MAX_NAME = 120
_MAX_AUTHORS = 20
# Pages of the web and texts state an author on purpose; an office program fills in the account.
_STATED = frozenset({types.HTML, types.XHTML, types.MARKDOWN})


def authors_of(
    regulation: Regulation | None, pages: Sequence[Page], metadata: FileMetadata, media_type: str
) -> list[Finding]:
    """Return the authors that the first page names, else those of the properties that can be a person's or a body's."""
    if regulation is not None:
        return []
    named = list(_byline(pages[0]))[:_MAX_AUTHORS] if pages else []
    if named:
        return named
    confidence = 0.8 if media_type in _STATED else 0.4
    return [
        found(author.rstrip(" .,"), confidence, None, author)
        for author in dict.fromkeys(metadata.authors)
        if looks_like_author(author)
    ][:_MAX_AUTHORS]


def looks_like_author(name: str) -> bool:
    """Say whether a property is more likely the name of a person or a body than of an account or a machine."""
    words = name.replace(",", " ").split()
    if not 2 <= len(words) <= 15 or len(name) > _MAX_NAME or _NOT_NAMES.search(name) or _ACCOUNTS.search(name):
        return False
    full = [word for word in words if word.casefold() not in _PARTICLES]
    return len(full) >= 2 and all(_NAME_WORD.fullmatch(word) and not word[0].islower() for word in full)


def _byline(page: Page) -> Iterator[Finding]:
    lines = [one_line(line) for line in page.text.split("\n")[:_FIRST_LINES]]
    for index, line in enumerate(lines):
        while line.endswith((",", " and", " dan", "&")) and index + 1 < len(lines) and lines[index + 1]:
            index += 1
            line = f"{line} {lines[index]}"
        match = _BYLINE.match(line)
        if match is None:
            continue
        names = [name.strip(" .*") for name in _BETWEEN.split(match["names"])]
        people = [name for name in names if looks_like_author(name)]
        if people:
            yield from (found(name, 0.6, page.number, line) for name in people)
            return
