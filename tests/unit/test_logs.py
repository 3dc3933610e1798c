"""The log: one line an entry, whatever is in it."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import pytest

from app import logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the log writes; it is put back afterwards as it was."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    for handler in before:
        root.removeHandler(handler)
    stream = io.StringIO()
    logs.configure("INFO", stream)
    yield stream
    for handler in list(root.handlers):
        root.removeHandler(handler)
    for handler in before:
        root.addHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\x1b[2J", "\x00", "\x85", "\u2028"])
def test_nobody_forges_an_entry(written: io.StringIO, sign: str) -> None:
    logging.getLogger("app").info("GET %s", f"/a{sign}2026-11-24 00:00:00 ERROR app: forged")
    text = written.getvalue()
    assert text.endswith(" forged\n")
    assert len(text.splitlines()) == 1
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO app: GET", text)
    assert "\x1b" not in text


def test_a_traceback_keeps_its_lines_under_its_entry(written: io.StringIO) -> None:
    try:
        raise ValueError("bad\n2026-11-24 00:00:00,000 ERROR app: forged")
    except ValueError:
        logging.getLogger("app").exception("it failed")
    first, *others = written.getvalue().splitlines()
    assert first.endswith("ERROR app: it failed")
    assert len(others) > 2
    assert all(line.startswith("  ") for line in others)
