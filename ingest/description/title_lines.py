"""The title among the first lines of a page whose paragraphs cannot be told, as in text that was read from a PDF."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from ingest.description.cover import Line, Role, begins_section, is_years, line_of
from ingest.description.genres import is_genre
from ingest.description.junk import is_junk, is_label

_MAX_TITLE = 300
_FIRST_LINES = 30
# "INTER-", "NATIONAL": words of titles in capitals are parted where there is no hyphen in them.
_PARTED = re.compile(r"(?<=[^\W\d_]{2})-$")
# What stands on a line of its own between a title and those before whom it was spoken.
_CONNECTION = re.compile(r"^(?:before the|to the|submitted to|of the|on|markup|hearing|hearings)$", re.IGNORECASE)
_COLUMN_LETTERS = 4
# A line with so many cells is of a table.
_CELLS = 3
_SENTENCE_WORDS, _LINE_WORDS = 12, 40
_SENTENCE_END = re.compile(r"\.$|[^\W\d_]{3}[.!?]\s+(?=\w)")


def first_title(raw: Iterable[str], head: Sequence[Line]) -> str | None:
    """Return the first line that may be a title, with those that go on with it; None when there is none."""
    beside = {line.text for line in head if line.role in (Role.ORGANISATION, Role.DATE, Role.BYLINE)}
    lines = ["" if _is_row(line) else line_of(line) for line in islice(raw, _FIRST_LINES)]
    for index, line in enumerate(lines):
        # A line in small letters goes on from elsewhere.
        if is_junk(line) or is_label(line) or line[0].islower() or line in beside:
            continue
        if is_running_text(line):
            # It begins with its text: no title stands above.
            return None
        title = line
        rest = lines[index + 1 :]
        for place, following in enumerate(rest):
            if not following or len(title) + len(following) > _MAX_TITLE or following in beside:
                break
            if not _goes_on(title, following) or _begins_columns(rest[place : place + 2]):
                break
            title = _PARTED.sub("", title) + following if _is_parted(title, following) else f"{title} {following}"
        return title
    return None


def is_running_text(line: str) -> bool:
    """Say whether a line is of a paragraph rather than a heading."""
    words = len(line.split())
    return words > _LINE_WORDS or (words > _SENTENCE_WORDS and _SENTENCE_END.search(line) is not None)


def _is_row(raw: str) -> bool:
    return sum(map(bool, map(str.strip, raw.split("\t")))) >= _CELLS


def _goes_on(title: str, following: str) -> bool:
    if is_years(following):
        return True
    if title.endswith((".", "!", "?")) or _CONNECTION.match(following) or begins_section(following):
        return False
    if title.isupper() and following.isupper():
        return True
    if is_genre(title) and following[0].isupper() and not is_label(following):
        return True
    return following[0].islower() or title.endswith((",", ":", "-", "–", "&"))


def _is_parted(title: str, following: str) -> bool:
    return _PARTED.search(title) is not None and title.isupper() and following[0].isupper()


def _begins_columns(lines: Sequence[str]) -> bool:
    """Say whether two lines are so short that they are the heads of columns."""
    return len(lines) == 2 and all(0 < len(line) <= _COLUMN_LETTERS for line in lines)
