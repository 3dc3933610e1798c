"""What stands largest on a PDF's first page, which mostly is the document's title."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADING_CHARACTERS = 300


def largest(lines: Sequence[tuple[float, str]]) -> str | None:
    """Return the lines in the largest type, given as size and text, if a heading can be told by its size."""
    sized = [(size, text.strip()) for size, text in lines if size and sum(map(str.isalpha, text)) > 2]
    if not sized:
        return None
    top = max(size for size, _ in sized)
    heading = [text for size, text in sized if size > 0.9 * top]
    if len(heading) == len(sized) or sum(map(len, heading)) > _HEADING_CHARACTERS:
        return None
    return " ".join(map(_without_letter_spacing, heading))


def _without_letter_spacing(line: str) -> str:
    """Return `R I N G  P H Y S I C S` as `RING PHYSICS`: there words are parted by more than one blank."""
    if not is_letter_spaced(line):
        return line
    return " ".join(word.replace(" ", "") for word in re.split(r"\s{2,}", line))


def is_letter_spaced(line: str) -> bool:
    """Say whether blanks stand between the letters of words."""
    letters = line.split()
    return len(letters) >= 4 and sum(len(letter) == 1 for letter in letters) >= 0.8 * len(letters)
