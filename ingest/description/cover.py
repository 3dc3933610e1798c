"""The head of a document, line by line: letterhead, kind, title, authors, date, as on covers and above texts.

A line is told by its words, not by its place: covers have these in any order. What is none of the others is the title.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from holdings.model import Page
from ingest.description.bodies import is_organisation
from ingest.description.dates import MONTHS
from ingest.description.findings import one_line
from ingest.description.genres import is_genre, is_series, names_genre

_LINES = 40
_MAX_TITLE_LINES = 7
_MAX_TITLE = 300
_MAX_WORDS = 26


class Role(Enum):
    """What a line of the head is."""

    BLANK = auto()
    ORGANISATION = auto()
    GENRE = auto()
    DATE = auto()
    BYLINE = auto()
    TITLE = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its role, on one line of text."""

    role: Role
    text: str


_MARKDOWN = re.compile(r"^#{1,6}\s+|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")
# What turns the direction of writing.
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_DATED = re.compile(
    rf"(?:\b(?:{MONTHS})\b\.?,?\s+\d{{4}}|\b\d{{1,2}}\.?\s+(?:{MONTHS})\s+\d{{4}}|\b(?:{MONTHS})\s+\d{{1,2}}(?:st|"
    rf"nd|rd|th)?,?\s+\d{{4}}|"
    r"(?:^|,\s*|tahun\s+)(?:19|20)\d\d)\W*$",
    re.IGNORECASE,
)
_YEARS = re.compile(
    r"^(?:tahun(?: anggaran)?\s+(?:19|20)\d\d|(?:tahun\s+)?(?:19|20)\d\d\s*[-–—/]\s*(?:(?:19|20)\d\d|\d\d))$",
    re.IGNORECASE,
)
# "Laporan Tahunan Tahun 2022" says what it is of.
_OF_A_YEAR = re.compile(r"\s(?:tahun\s+)?(?:19|20)\d\d$", re.IGNORECASE)
_DATED_ALONE = re.compile(
    r"^(?:[\w.\s-]{0,40},|disampaikan(?: pada)?|published|issued|diterbitkan|revised|versi|version)?\s*$", re.IGNORECASE
)
_PLACE = re.compile(r"[A-Z][\w.-]*(?: [A-Z][\w.-]*){0,2},")
# What a name does not go on after.
_ENDS = re.compile(r"\b(?:republik indonesia|indonesia|ri)\W*$|\)$", re.IGNORECASE)
_BYLINE = re.compile(
    r"^(?:by|oleh|penulis|disusun oleh|ditulis oleh|diajukan (?:oleh|kepada)|authors?|prepared (?:by|for)|"
    r"developed by|edited by|"
    r"editor|penyunting|tim penyusun|submitted (?:by|to|for)|compiled by|presented (?:by|to)|"
    r"(?:kontak|contact)(?=\W*(?:\d|$)|\s*:)|(?-i:for [A-Z]\w+))\b",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"^(?:hlm|volume|vol|edisi|issn|isbn|doi|telp|fax|e-?mail|www|http|salinan|keywords?|kata kunci|agenda item|"
    r"item \d+ of the|distr)\b|^(?:[\w-]+ )?session$|"
    # "No. 3", but "No Place for Hate".
    r"^(?:page|halaman|hal|issue|tel|no|nomor)\b(?=\W*(?:\d|[ivx]+\b|$)|\s*[.:])|^\W*\d[\d\W]*$|@|https?://|www\.",
    re.IGNORECASE,
)
# "Resolution 217 A (III) of 10 December 1948" stands over what was resolved.
_CITATION = re.compile(r"^(?:resolution|resolusi|decision|keputusan|decree|résolution)\s+[\dA-Z]", re.IGNORECASE)
# How documents of the United Nations begin, up to the language that they were written in.
_DISTRIBUTION = re.compile(r"\bdistr(?:ibution)?\s*[.:]", re.IGNORECASE)
_ORIGINAL = re.compile(r"^original\s*:", re.IGNORECASE)
_LETTERHEAD_LINES = 15
_SECTIONS = re.compile(
    r"^(?:abstract|abstrak|summary|executive summary|ringkasan(?: eksekutif)?|introduction|pendahuluan|"
    r"background|latar belakang|"
    r"daftar isi|table of contents|contents|kata pengantar|foreword|preface|rationale|masalah|bab \w+|chapter \w+|"
    r"untuk fasilitator|the need|why this guide|pengantar|(?:[ivx]+|[a-h]|\d+)\.\s.*|\d+\s*[-–)]\s+\D.*)$",
    re.IGNORECASE,
)


def head_of(pages: Sequence[Page], names: Container[str]) -> list[Line]:
    """Return the lines of the first page with words, up to its running text.

    `names` are organisations that are known, case-folded.
    """
    page = next((page for page in pages if page.text.strip()), None)
    if page is None:
        return []
    lines: list[Line] = []
    texts = [line_of(raw) for raw in page.text.strip().split("\n")[:_LINES]]
    letterhead = _letterhead(texts)
    for index, text in enumerate(texts):
        role = _role(text, names)
        if index < letterhead and role in (Role.TITLE, Role.TEXT):
            role = Role.DATE
        if lines and lines[-1].role in (Role.TITLE, Role.GENRE) and is_years(text):
            role = Role.TITLE
        if lines and role is Role.TITLE and lines[-1].role is Role.BYLINE and _names_follow(lines[-1].text):
            role = Role.BYLINE
        if role is Role.TEXT and (not begins_section(text) or any(line.role is not Role.BLANK for line in lines)):
            break
        lines.append(Line(role, text))
    return lines


def _names_follow(byline: str) -> bool:
    """Say whether those whom a line introduces stand under it: `Disusun oleh:`, and names."""
    match = _BYLINE.match(byline)
    return match is None or not byline[match.end() :].strip(" :")


def _letterhead(lines: Sequence[str]) -> int:
    """Return how many lines the head of a document of the United Nations has; 0 for others."""
    first = lines[:_LETTERHEAD_LINES]
    if not any(map(_DISTRIBUTION.search, first)):
        return 0
    return next((index + 1 for index, line in enumerate(first) if _ORIGINAL.match(line)), 0)


def begins_section(text: str) -> bool:
    """Say whether a line is the heading of a part of the text, or the first of numbered ones."""
    return _SECTIONS.match(text) is not None


def line_of(raw: str) -> str:
    """Return a line as a person reads it: without marks of Markdown and of the direction of writing."""
    return one_line(_UNSEEN.sub("", _MARKDOWN.sub("", raw)))


def has_paragraphs(lines: Sequence[Line]) -> bool:
    """Say whether blank lines part what belongs together: text that was read from a PDF mostly has none."""
    return any(line.role is Role.BLANK for line in lines)


def _role(text: str, names: Container[str]) -> Role:
    if not text:
        return Role.BLANK
    if _SECTIONS.match(text) or len(text.split()) > _MAX_WORDS or len(text) > _MAX_TITLE:
        return Role.TEXT
    if _BYLINE.match(text):
        return Role.BYLINE
    undated = undate(text)
    if undated != text and _CITATION.match(text):
        return Role.DATE
    of_a_year = _OF_A_YEAR.search(text)
    if of_a_year is not None and is_genre(kind := text[: of_a_year.start()]) and not is_series(kind):
        return Role.TITLE
    if undated != text and (
        not undated
        or _PLACE.fullmatch(text[: len(undated) + 1])
        or _DATED_ALONE.match(undated)
        or _is_imprint(undated, names)
    ):
        return Role.DATE
    if is_organisation(text, names):
        return Role.ORGANISATION
    if names_genre(text):
        return Role.GENRE
    if _NOISE.search(text):
        return Role.DATE
    if text.endswith((".", ";")) and len(text.split()) > 9:
        return Role.TEXT
    return Role.TITLE


def is_years(text: str) -> bool:
    """Say whether a line has the years that a title speaks of, `Tahun 2022` or `2020-2024`, rather than a date."""
    return _YEARS.match(text) is not None


def undate(text: str) -> str:
    """Return a line without the date at its end."""
    match = _DATED.search(text)
    return text if match is None else text[: match.start()].rstrip(" ,-–")


def _is_imprint(text: str, names: Container[str]) -> bool:
    return is_organisation(text, names) or names_genre(text) or names_genre(text.rpartition(",")[2].strip())


class Block(NamedTuple):
    """Lines that stand together and may be the title, with the words of the kind that stand over them.

    `under_body` says that they stand right under the name of a body of which they may be the rest, `on_cover` that a
    date, a body or names follow, and no text.
    """

    genre: str
    lines: list[str]
    under_body: bool = False
    on_cover: bool = False


def title_blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """Yield runs of lines that are nothing else and may be the title."""
    genre = ""
    block: list[str] = []
    body = above = ""
    for place, line in enumerate((*lines, Line(Role.TEXT, ""))):
        if len(block) < _MAX_TITLE_LINES and (line.role is Role.TITLE or (block and _is_subtitle_of_kind(line))):
            if not block:
                above = body
            block.append(line.text)
            continue
        if block:
            following = next((other.role for other in lines[place:] if other.role is not Role.BLANK), Role.TEXT)
            under_body = len(block) == 1 and above.isupper() and block[0].isupper()
            # More lines than a title has are a list.
            on_cover = following is not Role.TEXT and line.role is not Role.TITLE
            yield Block(genre, block, under_body, on_cover)
            block, genre = [], ""
        body = line.text if line.role is Role.ORGANISATION and not _ENDS.search(line.text) else ""
        if line.role is Role.GENRE:
            genre = line.text.rstrip(":") if is_genre(line.text) and not is_series(line.text) else ""
        elif genre and line.role not in (Role.BLANK, Role.ORGANISATION):
            # Nothing but its kind is said: "Laporan Kegiatan", and then a date.
            yield Block("", [genre])
            genre = ""


def _is_subtitle_of_kind(line: Line) -> bool:
    """Say whether a line that tells the kind belongs to the title that it follows, and to no series."""
    return line.role is Role.GENRE and not any(map(str.isdigit, line.text))


def joined(lines: Sequence[str], cased: Callable[[str], str] = str) -> str:
    """Return the lines of a title as one; what is a subtitle stands after a colon. `cased` is done with each part."""
    parts: list[str] = []
    for line in lines:
        if parts and not _is_subtitle(parts[-1], line):
            parts[-1] = f"{parts[-1]} {line}"
        else:
            parts.append(line)
    title = ""
    for part in map(cased, parts):
        if not title:
            title = part
        else:
            title = f"{title} {part}" if title.endswith((":", "?", "!", "-", "–")) else f"{title}: {part}"
    return title


def _is_subtitle(title: str, line: str) -> bool:
    """Say whether a line is a subtitle rather than the rest of a line that was too long."""
    if is_years(line):
        return False
    if title.isupper() != line.isupper():
        return True
    if title.endswith((",", "&", "-")) or line[0].islower() or title.isupper():
        return False
    return len(title) < 45
