"""Who wrote a document. A file's property is mostly the name of a machine or of an account: what looks like one is no
author, and of regulations nobody who typed them is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from holdings.model import Page
from ingest import media_types as types
from ingest.description.cover import Line, has_paragraphs, title_blocks
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
# Words of headings and places that stand like names.
_COMMON_WORDS = (
    "summary abstract background executive table contents daftar isi kata pengantar latar belakang ringkasan eksekutif "
    "edisi pertama kedua indonesia jakarta annual report laporan program programme project proyek national nasional "
    "policy kebijakan working paper kuala lumpur united nations draft konsep final "
    "division department physics engineering science sciences laboratory institute university center centre research "
    "group faculty health school college service services universitas fakultas lembaga"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_FIRST_LINES = 40
_NEAR_TOP = 20
_AND = re.compile(r"^(?:and|dan|&)\s+")
# What refers from a name to an address.
_MARKS = re.compile(r"(?<=[^\W\d_])\s*,?\d+(?:,\d+)*\b|[*†‡§¶]")
_MAX_NAME = 120
_MAX_AUTHORS = 20
# Pages of the web and texts state an author on purpose; an office program fills in the account.
_STATED = frozenset({types.HTML, types.XHTML, types.MARKDOWN})


def authors_of(
    regulation: Regulation | None, head: Sequence[Line], pages: Sequence[Page], metadata: FileMetadata, media_type: str
) -> list[Finding]:
    """Return the authors that the first page names, else those of the properties stated on purpose or shown."""
    if regulation is not None:
        return []
    named = list(_byline(pages[0]))[:_MAX_AUTHORS] if pages else []
    if named:
        return named
    page = next((page for page in pages if page.text.strip()), None)
    if page is not None and has_paragraphs(head):
        named = list(_on_cover(head, page))[:_MAX_AUTHORS]
    elif page is not None:
        named = list(_listed(page))[:_MAX_AUTHORS]
    if named:
        return named
    opening = " ".join(page.text for page in pages)
    return [
        found(author.rstrip(" .,"), 0.8, None, author)
        for author in dict.fromkeys(metadata.authors)
        if looks_like_author(author) and (media_type in _STATED or author.rstrip(" .,") in opening)
    ][:_MAX_AUTHORS]


def looks_like_author(name: str) -> bool:
    """Say whether a property is more likely the name of a person or a body than of an account or a machine."""
    words = name.replace(",", " ").split()
    if not 2 <= len(words) <= 15 or len(name) > _MAX_NAME or _NOT_NAMES.search(name) or _ACCOUNTS.search(name):
        return False
    full = [word for word in words if word.casefold() not in _PARTICLES]
    return len(full) >= 2 and all(_NAME_WORD.fullmatch(word) and not word[0].islower() for word in full)


def _on_cover(head: Sequence[Line], page: Page) -> Iterator[Finding]:
    """Yield the names of a paragraph of the head in which nothing else stands, after the one that may be the title."""
    for block in list(title_blocks(head))[1:]:
        lines = block.lines
        names = [name.strip(" .*") for line in lines for name in _BETWEEN.split(line)]
        if all(is_person(name) for name in names):
            yield from (found(name, 0.85, page.number, " ".join(lines)) for name in names)
            return


def _listed(page: Page) -> Iterator[Finding]:
    """Yield the names of lines near the top on which several stand and nothing else: `A. Author,1 B. C. Other2`."""
    begun = False
    for raw in page.text.split("\n")[:_NEAR_TOP]:
        line = one_line(_MARKS.sub(", ", raw))
        names = [name.strip(" .*") for name in _BETWEEN.split(_AND.sub("", line)) if name.strip(" .*")]
        if names and (len(names) > 1 or begun) and all(is_person(name) for name in names):
            begun = True
            yield from (found(name, 0.7, page.number, line) for name in names)
        elif begun:
            return


def is_person(name: str) -> bool:
    """Say whether a name that stands alone is likely a person's."""
    words = name.split()
    return (
        2 <= len(words) <= 4
        and not name.isupper()
        and looks_like_author(name)
        and _COMMON.isdisjoint(name.casefold().split())
    )


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
