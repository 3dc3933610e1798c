"""How the text goes on after a page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdings.model import Page, PageUnit
from indexer.continuation import CONTINUATION_CHARACTERS, with_continuation


def pages(*texts: str) -> list[Page]:
    return [Page(number, PageUnit.PAGE, text) for number, text in enumerate(texts, 1)]


@pytest.mark.parametrize(
    ("texts", "continuations"),
    [
        ([], []),
        (["a"], [""]),
        (["a", "b"], ["b\n", ""]),
        (["a", "", "c"], ["\nc\n", "c\n", ""]),
        (["a", "b" * 500, "c"], ["b" * 400, "c\n", ""]),
        (["a", *["satu"] * 100], ["satu\n" * 80] * 21 + ["satu\n" * n for n in range(79, -1, -1)]),
    ],
)
def test_it_runs_over_as_many_short_pages_as_it_takes(texts: list[str], continuations: list[str]) -> None:
    assert [continuation for _, continuation in with_continuation(pages(*texts))] == continuations


@given(st.lists(st.integers(0, 600)))
def test_it_is_the_beginning_of_all_that_follows(lengths: list[int]) -> None:
    given_pages = pages(*(chr(97 + n % 26) * length for n, length in enumerate(lengths)))
    found = list(with_continuation(given_pages))
    assert [page for page, _ in found] == given_pages
    for page, continuation in found:
        rest = "".join(f"{other.text}\n" for other in given_pages[page.number :])
        assert continuation == rest[:CONTINUATION_CHARACTERS]


def test_pages_are_read_no_further_ahead_than_is_needed() -> None:
    read: list[int] = []

    def stream() -> Iterator[Page]:
        for page in pages(*["x" * 300] * 10):
            read.append(page.number)
            yield page

    assert [page.number for page, _ in islice(with_continuation(stream()), 2)] == [1, 2]
    assert read == [1, 2, 3, 4]
