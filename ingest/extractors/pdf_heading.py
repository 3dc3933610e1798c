"""What stands largest on a PDF's first page, which mostly is the document's title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_HEADING_CHARACTERS = 300
# A line in smaller type within a heading: "of the", "tentang".
_WORDS_BETWEEN = 3


def largest(lines: Sequence[tuple[float, str]]) -> str | None:
    """Return the lines in the largest type, given as size and text, if a heading can be told by its size.

    Of several that stand apart, the longest is taken: the others are a name, a kind, or a number.
    """
    sized = [(size, text.strip()) for size, text in lines if size and sum(map(str.isalpha, text)) > 2]
    if not sized:
        return None
    top = max(size for size, _ in sized)
    in_it = [text for size, text in sized if size > 0.9 * top]
    heading = max(_runs(sized, top), key=lambda run: sum(map(len, run)))
    length, of_all = sum(map(len, heading)), sum(map(len, in_it))
    if len(in_it) == len(sized) or length > _HEADING_CHARACTERS:
        return None
    if of_all > _HEADING_CHARACTERS and length < of_all / 2:
        # Not a heading, but running text of which small type takes less.
        return None
    return " ".join(map(_without_letter_spacing, heading))


def _runs(sized: Sequence[tuple[float, str]], top: float) -> Iterator[list[str]]:
    """Yield lines in the largest type that stand together, with what little stands between them."""
    run: list[str] = []
    between: list[str] = []
    for size, text in sized:
        if size > 0.9 * top:
            if run and (len(between) > 1 or any(len(line.split()) > _WORDS_BETWEEN for line in between)):
                yield run
                run = []
            else:
                run += between if run else []
            run.append(text)
            between = []
        else:
            between.append(text)
    if run:
        yield run


def _without_letter_spacing(line: str) -> str:
    """Return `R I N G  P H Y S I C S` as `RING PHYSICS`: there words are parted by more than one blank."""
    if not is_letter_spaced(line):
        return line
    return " ".join(word.replace(" ", "") for word in re.split(r"\s{2,}", line))


def is_letter_spaced(line: str) -> bool:
    """Say whether blanks stand between the letters of words."""
    letters = line.split()
    return len(letters) >= 4 and sum(len(letter) == 1 for letter in letters) >= 0.8 * len(letters)
