"""How the text goes on after a page, so that a phrase that crosses the end of a page is seen whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from holdings.model import Page

CONTINUATION_CHARACTERS = 400


def with_continuation(pages: Iterable[Page]) -> Iterator[tuple[Page, str]]:
    """Yield each page with the beginning of what follows it, over as many short pages as that takes.

    `pages` come in order and are read once, no further ahead than is needed.
    """
    waiting: deque[Page] = deque()
    ahead = 0  # characters of the pages behind the first that waits, each with the line end after it
    for page in pages:
        if waiting:
            ahead += len(page.text) + 1
        waiting.append(page)
        while len(waiting) > 1 and ahead >= CONTINUATION_CHARACTERS:
            yield _first(waiting)
            ahead -= len(waiting[0].text) + 1
    while waiting:
        yield _first(waiting)


def _first(waiting: deque[Page]) -> tuple[Page, str]:
    page = waiting.popleft()
    return page, "".join(f"{other.text}\n" for other in waiting)[:CONTINUATION_CHARACTERS]
