"""What a document is called: by the heading of a regulation, else by properties, heading, first lines, file name.

Half of all properties are junk, such as `Microsoft Word - laporan final2.doc`: what looks like it is not taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from holdings.model import Page, PageUnit
from ingest.description.capitals import acronyms_in, title_case
from ingest.description.cover import Line, Role, has_paragraphs, is_organisation, joined, title_blocks
from ingest.description.dates import MONTHS
from ingest.description.findings import Finding, found, one_line
from ingest.description.regulations import Regulation
from ingest.model import FileMetadata

_PROGRAM = re.compile(
    r"^(?:microsoft (?:office )?(?:word|powerpoint|excel|publisher)|word|powerpoint)\s*-\s*|^(?:layout|print)\s+\d|"
    r"^(?:powerpoint presentation|presentasi powerpoint|slide \d+|no slide title|pdf|print|scan\w*|image\w*)$",
    re.IGNORECASE,
)
_UNTITLED = re.compile(
    r"^(?:untitled|unnamed|no title|title|judul|document|dokumen|doc|book|draft|konsep|rancangan|salinan|normal|"
    r"new document|cover|sampul|daftar isi|table of contents|contents|index|home|beranda|template|my title)"
    r"[\s_-]*\d*(?:\s*\(\d+\))?$",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"\.(?:docx?|dotx?|pdf|rtf|odt|txt|pptx?|xlsx?|html?|qxd|indd|pmd|p65|wpd|tmp|tif|jpe?g|png|fm|cdr|dot)\b\s*$|"
    r"^(?:[a-z]:\\|/|file:|https?:|www\.)",
    re.IGNORECASE,
)
_LETTERS_NEEDED = 4
_MAX_TITLE = 300
_LABEL = re.compile(
    r"^(?:page|halaman|hal|hlm|volume|vol|issue|edisi|issn|isbn|tel|telp|fax|e-?mail|no|nomor|www|http|"
    r"attachment|exhibit|annex|appendix|lampiran|salinan)\b",
    re.I,
)
# Words that say nothing of what a line of dates, numbers and codes is about.
_DATING = re.compile(
    rf"\b(?:{MONTHS}|volume|vol|issue|edisi|number|nomor|no|page|halaman|rev|revised|updated|version|versi|v|th|st|nd|rd)\b|"
    r"\w*\d\w*",
    re.I,
)
_HEADING_PAGES = 2
_MARKDOWN = re.compile(r"^#{1,6}\s+|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")
_FIRST_LINES = 30
_SEPARATORS = re.compile(r"[\s_+]+|(?<=\w)[-.](?=\w)")


def title_of(
    regulation: Regulation | None, head: Sequence[Line], pages: Sequence[Page], metadata: FileMetadata, name: str
) -> Finding | None:
    """Return the likeliest title; None when not even the file's name says anything."""
    if regulation is not None:
        return regulation.title
    page = next((page for page in pages if page.text.strip()), None)
    opening = _folded(" ".join(page.text for page in pages[:_HEADING_PAGES]))
    candidates = [
        *_stated(metadata, page, opening, name, head),
        *_on_cover(head, page),
        *_first_lines(page, head),
        *_named(name),
    ]
    return max(candidates, key=lambda candidate: candidate.confidence, default=None)


def is_junk(title: str, name: str = "") -> bool:
    """Say whether a title of a file's properties is none: a program's default, a file name, a number."""
    words = one_line(title)
    letters = sum(map(str.isalpha, words))
    if letters < _LETTERS_NEEDED or letters < 0.4 * len(words) or any(unicodedata.category(c) == "Co" for c in words):
        return True
    if _PROGRAM.search(words) or _UNTITLED.match(words) or _FILE_NAME.search(words):
        return True
    if " " not in words and re.search(r"[\d_]", words):
        return True
    if sum(map(str.isalpha, _DATING.sub("", words))) < _LETTERS_NEEDED:
        return True
    return bool(name) and _folded(words) == _folded(PurePath(name).stem)


def _stated(
    metadata: FileMetadata, page: Page | None, opening: str, name: str, head: Sequence[Line]
) -> Iterator[Finding]:
    title = one_line(metadata.title or "")
    heading = one_line(_MARKDOWN.sub("", metadata.heading or ""))
    # A heading from further on is that of a chapter.
    has_heading = not is_junk(heading) and len(heading) <= _MAX_TITLE and _folded(heading) in opening
    # The largest type may be that of a letterhead.
    has_heading = has_heading and _folded(heading) not in _bodies(head)
    number = page.number if page is not None else None
    if not is_junk(title, name) and len(title) <= _MAX_TITLE:
        if has_heading and _folded(title) in _folded(heading):
            # The property is often the first line of it only.
            yield found(_cased(heading, page), 0.85, number, heading)
        elif _folded(title) in opening:
            yield found(_cased(title, page), 0.85, number, title)
        else:
            yield found(_cased(title, page), 0.6, None, title)
    if has_heading:
        yield found(_cased(heading, page), 0.7, number, heading)


def _bodies(head: Sequence[Line]) -> str:
    return _folded(" ".join(line.text for line in head if line.role is Role.ORGANISATION))


def _on_cover(head: Sequence[Line], page: Page | None) -> Iterator[Finding]:
    """Yield the title between the other lines of a head whose paragraphs can be told."""
    if page is None or not has_paragraphs(head):
        return
    for genre, lines in title_blocks(head):
        lines = [line for line in lines if not is_junk(line) and not _LABEL.match(line)] or lines
        title = joined(lines, lambda line: _cased(line, page))
        if is_junk(title) or title[0].islower():
            continue
        whole = joined(lines)
        if genre and _folded(genre) not in _folded(whole):
            title, whole = f"{_cased(genre, page)} {title}", f"{genre} {whole}"
        if len(title) <= _MAX_TITLE:
            yield found(title, 0.75 if len(title.split()) > 1 else 0.4, page.number, whole)
        return


def _first_lines(page: Page | None, head: Sequence[Line]) -> Iterator[Finding]:
    """Yield the first line of the page that may be a title, with those that go on with it."""
    if page is None:
        return
    bodies = {line.text for line in head if line.role is Role.ORGANISATION}
    lines = [one_line(_MARKDOWN.sub("", line)) for line in page.text.strip().split("\n")[:_FIRST_LINES]]
    if page.unit is PageUnit.SHEET and len(lines) > 1:
        # The first line is the name of the sheet.
        lines = [line for line in lines[1:] if not is_organisation(line, frozenset())] or lines
    for index, line in enumerate(lines):
        # A line in small letters goes on from elsewhere.
        if is_junk(line) or _LABEL.match(line) or line[0].islower() or line in bodies:
            continue
        title = line
        for following in lines[index + 1 :]:
            if not following or len(title) + len(following) > _MAX_TITLE or not _goes_on(title, following):
                break
            title = f"{title} {following}"
        if len(title) <= _MAX_TITLE:
            yield found(_cased(title, page), 0.5 if len(title.split()) > 1 else 0.3, page.number, title)
        return


def _goes_on(title: str, following: str) -> bool:
    if title.endswith((".", "!", "?")):
        return False
    if title.isupper() and following.isupper():
        return True
    return following[0].islower() or title.endswith((",", ":", "-", "–", "&"))


def _named(name: str) -> Iterator[Finding]:
    title = one_line(_SEPARATORS.sub(" ", PurePath(name).stem))
    if sum(map(str.isalpha, title)) >= _LETTERS_NEEDED:
        yield found(title[:1].upper() + title[1:], 0.2, None, name)


def _cased(title: str, page: Page | None) -> str:
    return title_case(title, acronyms_in(page.text) if page is not None else ())


def _folded(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
