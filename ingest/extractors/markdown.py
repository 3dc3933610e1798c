"""Extraction of Markdown: its source as it stands, cut to sections at headings of level 1 and 2.

The marks stay: people read Markdown as it is, and search does not see them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from ingest.extractors.decoding import decode
from ingest.extractors.sections import Block, sections
from ingest.extractors.text import losses
from ingest.model import ExtractionEvent, FileMetadata, Page, PageUnit

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{2,})[ \t]*$")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_MAX_FRONT_MATTER = 20_000
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|<[^>]+>")
# Where a section begins.
_SECTION_LEVEL = 2


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the sections of a Markdown text, and the metadata of its YAML front matter, if it has one.

    Raises CorruptError when the content is not text.
    """
    decoded = decode(path.read_bytes())
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    stated: dict[str, object] = {}
    if (front := _FRONT_MATTER.match(text[:_MAX_FRONT_MATTER])) and (stated := _front_matter(front[1])):
        text = text[front.end() :]
    blocks = list(_blocks(text))
    yield _metadata(stated, next((heading for _, heading in blocks if heading), None))
    for number, section in enumerate(sections((block for block, _ in blocks), separator="\n\n"), 1):
        yield Page(number, PageUnit.SECTION, section)
    yield from losses(decoded)


def _front_matter(source: str) -> dict[str, object]:
    try:
        stated = yaml.safe_load(source)
    except yaml.YAMLError:
        return {}
    return {str(key).casefold(): value for key, value in stated.items()} if isinstance(stated, dict) else {}


def _metadata(stated: dict[str, object], heading: str | None) -> FileMetadata:
    def word(*keys: str) -> str | None:
        return next((str(stated[key]) for key in keys if stated.get(key)), None)

    authors = stated.get("authors") or stated.get("author") or ()
    return FileMetadata(
        title=word("title"),
        authors=tuple(map(str, authors)) if isinstance(authors, list) else (str(authors),) if authors else (),
        language=word("lang", "language"),
        published=word("date"),
        heading=heading,
    )


def _blocks(text: str) -> Iterator[tuple[Block, str | None]]:
    """Yield the paragraphs, with the words of those that are headings where a section begins."""
    lines: list[str] = []
    fence: str | None = None
    for line in text.split("\n"):
        opening = _FENCE.match(line)
        if fence is not None:
            lines.append(line)
            if opening and opening[1].startswith(fence) and line.strip() == opening[1]:
                fence = None
            continue
        heading = None if opening else _HEADING.match(line)
        if heading:
            yield from _flush(lines)
            lines = []
            level, words = len(heading[1]), _plain(heading[2] or "")
            yield Block(line, breaks=level <= _SECTION_LEVEL), words if level <= _SECTION_LEVEL else None
        elif len(lines) == 1 and lines[0].strip() and _UNDERLINE.match(line):
            yield Block(f"{lines[0]}\n{line}", breaks=True), _plain(lines[0])
            lines = []
        elif not line.strip():
            yield from _flush(lines)
            lines = []
        else:
            lines.append(line)
            fence = opening[1] if opening else None
    yield from _flush(lines)


def _flush(lines: list[str]) -> Iterator[tuple[Block, None]]:
    if lines:
        yield Block("\n".join(lines)), None


def _plain(heading: str) -> str:
    return _MARKS.sub("", _LINK.sub(r"\1", heading)).strip()
