"""docs/security.md: every requirement of levels 1 and 2 has its line, and what the lines name exists."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.conftest import ROOT

DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
# The sections of ASVS 5.0.0, each with the number of its requirements.
SECTIONS = {
    "1.1": 2, "1.2": 10, "1.3": 12, "1.4": 3, "1.5": 3, "2.1": 3, "2.2": 3, "2.3": 5, "2.4": 2, "3.1": 1, "3.2": 3,
    "3.3": 5, "3.4": 8, "3.5": 8, "3.6": 1, "3.7": 5, "4.1": 5, "4.2": 5, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 6,
    "5.3": 3, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "6.6": 4, "6.7": 2, "6.8": 4, "7.1": 3,
    "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2, "8.1": 4, "8.2": 4, "8.3": 3, "8.4": 2, "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 3, "10.3": 5, "10.4": 16, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 4, "11.2": 5, "11.3": 5,
    "11.4": 4, "11.5": 2, "11.6": 2, "11.7": 2, "12.1": 5, "12.2": 2, "12.3": 5, "13.1": 4, "13.2": 6, "13.3": 4,
    "13.4": 7, "14.1": 2, "14.2": 8, "14.3": 3, "15.1": 5, "15.2": 5, "15.3": 7, "15.4": 4, "16.1": 1, "16.2": 5,
    "16.3": 4, "16.4": 3, "16.5": 4, "17.1": 2, "17.2": 8, "17.3": 2,
}  # fmt: skip
# Of these sections, the requirements of level 3, which are not answered.
LEVEL_3 = {
    "1.2": [10], "1.3": [12], "1.5": [3], "2.3": [5], "2.4": [2], "3.1": [1], "3.2": [3], "3.3": [5], "3.4": [7, 8],
    "3.5": [6, 7, 8], "3.6": [1], "3.7": [3, 4, 5], "4.1": [4, 5], "4.2": [2, 3, 4, 5], "5.2": [4, 5, 6], "5.3": [3],
    "6.3": [5, 6, 7, 8], "6.4": [5, 6], "6.5": [6, 7, 8], "6.6": [4], "6.7": [1, 2], "7.5": [3], "8.1": [3, 4],
    "8.2": [4], "8.3": [2, 3], "8.4": [2], "10.2": [3], "10.3": [5], "10.4": [12, 13, 14, 15, 16], "11.1": [3, 4],
    "11.2": [4, 5], "11.3": [4, 5], "11.5": [2], "11.6": [2], "11.7": [1, 2], "12.1": [4, 5], "12.3": [5],
    "13.1": [2, 3, 4], "13.2": [6], "13.3": [3, 4], "13.4": [6, 7], "14.2": [5, 6, 7, 8], "15.1": [4, 5],
    "15.2": [4, 5], "15.4": [1, 2, 3, 4], "16.5": [4], "17.1": [2], "17.2": [5, 6, 7, 8],
}  # fmt: skip
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (.+?) \| (.+?) \| (.+) \|$", DOCUMENT, re.MULTILINE)
NAMED = sorted(set(re.findall(r"`([\w./-]+\.(?:py|js|html|txt|po|md|yaml|lock)(?:::\w+)?)`", DOCUMENT)))
ANSWERS = {"met", "part", "**not met**", "n/a", "operator"}


def test_every_requirement_of_levels_1_and_2_has_one_line() -> None:
    wanted = {
        f"{section}.{n}"
        for section, number in SECTIONS.items()
        for n in range(1, number + 1)
        if n not in LEVEL_3.get(section, ())
    }
    assert len(wanted) == 253
    found = Counter(number for number, *_ in ROWS)
    assert set(found) == wanted
    assert set(found.values()) == {1}


@pytest.mark.parametrize(("number", "answer", "how"), [(row[0], row[3], row[4]) for row in ROWS])
def test_a_line_answers_and_says_how(number: str, answer: str, how: str) -> None:
    assert answer in ANSWERS, number
    assert len(how) > 3, number


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_exists(name: str) -> None:
    path, _, function = name.partition("::")
    file = ROOT / path
    assert file.is_file(), path
    if function:
        assert re.search(rf"^ *def {function}\(", file.read_text(encoding="utf-8"), re.MULTILINE), name


def test_much_is_named() -> None:
    assert sum(name.startswith("tests/") for name in NAMED) > 80
