"""What a document is called: by the heading of a regulation, else by properties, heading, first lines, file name.

Half of all properties are junk, such as `Microsoft Word - laporan final2.doc`: what looks like it is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import PurePath

from holdings.model import Page, PageUnit
from ingest.description.authors import is_person
from ingest.description.bodies import begins_as_body
from ingest.description.capitals import acronyms_in, title_case
from ingest.description.cover import (
    Block,
    Line,
    Role,
    begins_section,
    has_paragraphs,
    is_years,
    joined,
    line_of,
    title_blocks,
)
from ingest.description.findings import Finding, found, one_line
from ingest.description.genres import is_genre
from ingest.description.junk import folded, is_junk, is_label
from ingest.description.regulations import Regulation
from ingest.description.sheet_titles import title_of_sheet
from ingest.description.statutes import statute_of
from ingest.description.title_lines import first_title
from ingest.model import FileMetadata

_MAX_TITLE = 300
_HEADING_PAGES = 2
_COVER_WORDS = 60
_SEPARATORS = re.compile(r"[\s_+]+|(?<=\w)[-.](?=\w)")
_NUMBERING = re.compile(r"^\d+(?:\.\d+)+\.?\s+(?=\w)")
_WORDS_OF_A_NAME, _WORDS_OF_A_TITLE = 5, 4
_IN_NAMES = frozenset({"of", "for", "and", "the", "dan", "untuk"})
_AND = re.compile(r"\s*,\s*|\s+(?:and|dan|&)\s+")
_DEGREES = re.compile(r"\b(?:Dr|Drs|Prof|Ir|Ph\.?D|M\.?Si|M\.?A|M\.?H|S\.?H|S\.?Sos|M\.?Pd|M\.?Hum|Lc|KH)\b")
# "Ketenagakerjaan | Database Peraturan"
_SITE = re.compile(r"\s+(?:[|»·•–—-]|::)\s+[^|»·•]+$")
# "Development ENTR/6418/01"
_CODE_AT_END = re.compile(r"\s+[A-Z]{2,8}(?:/[\w.-]+)+$")
# A file's name is a title when it has so many words, of so many letters or acronyms.
_NAME_WORDS, _NAME_LETTERS = 2, 4


def title_of(
    regulation: Regulation | None, head: Sequence[Line], pages: Sequence[Page], metadata: FileMetadata, name: str
) -> Finding | None:
    """Return the likeliest title; None when not even the file's name says anything."""
    if regulation is not None:
        return regulation.title
    statute = statute_of(pages)
    if statute is not None:
        return statute
    page = next((page for page in pages if page.text.strip()), None)
    stated = list(_stated(metadata, page, pages, name, head))
    candidates = [
        *stated,
        *(cover for cover in _on_cover(head, page) if not _stands_before(cover.value, stated)),
        *_first_lines(page, head),
        *_named(name),
    ]
    return max(candidates, key=lambda candidate: candidate.confidence, default=None)


def _stated(
    metadata: FileMetadata, page: Page | None, pages: Sequence[Page], name: str, head: Sequence[Line]
) -> Iterator[Finding]:
    title = one_line(metadata.title or "")
    heading = line_of(metadata.heading or "")
    if not title and not heading:
        return
    opening = folded(" ".join(page.text for page in pages[:_HEADING_PAGES]))
    beside = folded(" ".join(line.text for line in head if line.role in (Role.ORGANISATION, Role.DATE, Role.BYLINE)))
    # The largest type, and the property, may be those of a letterhead.
    has_heading = _may_be_title(heading, "", beside) and folded(heading) in _before_chapters(pages)
    number = page.number if page is not None else None
    if has_heading and page is not None:
        heading = _with_years(heading, page)
    if _may_be_title(title, name, beside):
        if has_heading and folded(title) in folded(heading):
            # The property is often the first line of it only.
            yield found(_cased(heading, page), 0.85, number, heading)
        elif folded(title) in opening:
            yield found(_cased(title, page), 0.85, number, title)
        elif (part := _before_site(title)) and folded(part) in opening:
            yield found(_cased(part, page), 0.85, number, part)
        else:
            yield found(_cased(_NUMBERING.sub("", title), page), 0.6, None, title)
    if has_heading:
        # Above the title stands what kind of document it is, and a logo of few letters may be as large.
        doubtful = len(heading.split()) == 1 or heading.endswith(":") or is_genre(heading) or begins_as_body(heading)
        sure = 0.45 if doubtful else 0.7
        yield found(_cased(heading, page), sure, number, heading)


def _before_site(title: str) -> str | None:
    """Return the title of a page of the web without the name of the site; None when it has no such part."""
    part = _SITE.sub("", title)
    return part if part != title and not is_junk(part) else None


def _stands_before(title: str, stated: Sequence[Finding]) -> bool:
    """Say whether something else stands before a heading or property in what would be the title."""
    words = folded(title)
    return any(folded(known.value) in words[1:] and not words.startswith(folded(known.value)) for known in stated)


def _may_be_title(title: str, name: str, beside: str) -> bool:
    usable = len(title) <= _MAX_TITLE and not is_junk(title, name) and not is_label(title)
    return usable and folded(title) not in beside


def _with_years(heading: str, page: Page) -> str:
    """Return a heading with the years that stand under it, which have no letter to tell their size by."""
    lines = [line for line in map(one_line, page.text.split("\n")) if line]
    for line, following in pairwise(lines):
        if is_years(following) and folded(heading).endswith(folded(line)) and len(line) > len(following):
            return heading if folded(following) in folded(heading) else f"{heading} {following}"
    return heading


def _before_chapters(pages: Sequence[Page]) -> str:
    """Return the text in which a heading is the document's; one from further on is that of a chapter."""
    texts: list[str] = []
    for page in pages[:_HEADING_PAGES]:
        texts.append(page.text)
        if page.unit is PageUnit.SECTION and len(page.text.split()) > _COVER_WORDS:
            break
    return folded(" ".join(texts))


def _on_cover(head: Sequence[Line], page: Page | None) -> Iterator[Finding]:
    """Yield the title between the other lines of a head whose paragraphs can be told."""
    if page is None or not has_paragraphs(head):
        return
    blocks = list(title_blocks(head))
    for index, (genre, all_lines, under_body, _) in enumerate(blocks):
        if (under_body or _may_be_issuer(head, index, all_lines)) and any(map(_may_be_a_title, blocks[index + 1 :])):
            continue
        lines = [line for line in all_lines if is_years(line) or not (is_junk(line) or is_label(line))]
        if not lines:
            continue
        title = joined(lines, lambda line: _cased(line, page))
        if is_junk(title) or title[0].islower():
            continue
        whole = joined(lines)
        if genre and folded(genre) not in folded(whole):
            title, whole = f"{_cased(genre, page)} {title}", f"{genre} {whole}"
        if len(title) <= _MAX_TITLE:
            yield found(title, 0.75 if len(title.split()) > 1 else 0.4, page.number, whole)
        return


def _may_be_issuer(head: Sequence[Line], index: int, lines: Sequence[str]) -> bool:
    """Say whether the first lines that may be the title may as well be the name of an unknown body over it."""
    if index or len(lines) > 1 or len(lines[0].split()) > _WORDS_OF_A_NAME:
        return False
    first = next((line for line in head if line.role is not Role.BLANK), None)
    names = all(word[0].isupper() or word in _IN_NAMES for word in lines[0].split() if word[0].isalpha())
    return first is not None and first.text == lines[0] and names


def _may_be_a_title(block: Block) -> bool:
    """Say whether later lines, on a cover and before its date, are more likely the title than names and places."""
    whole = " ".join(block.lines)
    if not block.on_cover or len(whole.split()) < _WORDS_OF_A_TITLE or _DEGREES.search(whole):
        return False
    if all(is_person(name.strip()) for line in block.lines for name in _AND.split(line)):
        return False
    return not begins_section(block.lines[0]) and not is_junk(block.lines[0])


def _first_lines(page: Page | None, head: Sequence[Line]) -> Iterator[Finding]:
    """Yield the first line of the page that may be a title, with those that go on with it."""
    if page is None:
        return
    if page.unit is PageUnit.SHEET:
        title = title_of_sheet(page.text)
    else:
        title = first_title(page.text.strip().split("\n"), head)
    if title is not None and len(title) <= _MAX_TITLE:
        yield found(
            _cased(_CODE_AT_END.sub("", title), page), 0.5 if len(title.split()) > 1 else 0.3, page.number, title
        )


def _named(name: str) -> Iterator[Finding]:
    title = one_line(_SEPARATORS.sub(" ", PurePath(name).stem))
    words = [word for word in title.split() if word.isalpha() and (len(word) >= _NAME_LETTERS or word.isupper())]
    if len(words) >= _NAME_WORDS:
        yield found(title[:1].upper() + title[1:], 0.2, None, name)


def _cased(title: str, page: Page | None) -> str:
    return title_case(title, acronyms_in(page.text) if page is not None else ())
