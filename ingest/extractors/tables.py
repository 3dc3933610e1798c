"""Cells as a person reads them, rows as lines, sheets as pages: what all readers of tables share."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

# About a thousand rows. A sheet has no end; a page that a person is sent to has one.
SHEET_PAGE_CHARACTERS = 100_000
_MANY_EMPTY_CELLS = re.compile(r"\t{9,}")
_LINE_BREAKS = re.compile(r"\s*[\r\n\v\f]+\s*")
# Sections, fonts, sizes, colours, and what is filled in: page numbers, dates, names.
_MARGIN_CODE = re.compile(r'&(?:&|"[^"]*"|\d{1,3}|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|[A-Za-z])')
# With the number that was filled in taken away.
_PAGE_NUMBERS = re.compile(r"(?:(?:page|pages|hal|halaman|of|dari)\b|[\W\d_])*", re.IGNORECASE)
# What a spreadsheet shows of a number at most; the digits after it come from binary fractions.
_DIGITS = 15


def cell_text(value: object) -> str:
    """Return a cell's value as a person reads it: whole numbers without a point, dates as ISO dates."""
    match value:
        case str():
            return _LINE_BREAKS.sub(" ", value.replace("\t", " ")).strip()
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case float():
            return _number(value)
        case datetime.datetime():
            midnight = value.time() == datetime.time()
            return value.date().isoformat() if midnight else value.isoformat(" ", _unit(value.second))
        case datetime.date():
            return value.isoformat()
        case datetime.time():
            return value.isoformat(_unit(value.second))
        case datetime.timedelta():
            seconds = round(abs(value.total_seconds()))
            sign = "-" if value < datetime.timedelta() else ""
            return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        case None:
            return ""
    return str(value)


def row_line(cells: Sequence[str]) -> str:
    """Return a row as a line, its cells parted by tabs; empty when all its cells are."""
    return _MANY_EMPTY_CELLS.sub("\t" * 8, "\t".join(cells).strip("\t "))


def sheet_pages(name: str, rows: Iterable[Sequence[str]], after: Callable[[], Iterable[str]] = tuple) -> Iterator[str]:
    """Yield a sheet's pages, its name on top of each; there is always one, empty if the sheet is.

    `after` is asked, when all rows are read, what else the sheet says: comments, text boxes, charts.
    """
    number, size = 1, 0
    lines: list[str] = []
    for line in _lines(rows, after):
        if lines and size + len(line) > SHEET_PAGE_CHARACTERS:
            yield "\n".join(filter(None, [_heading(name, number), *lines]))
            number += 1
            lines, size = [], 0
        lines.append(line)
        size += len(line) + 1
    if lines:
        yield "\n".join(filter(None, [_heading(name, number), *lines]))
    elif number == 1:
        yield ""


def _lines(rows: Iterable[Sequence[str]], after: Callable[[], Iterable[str]]) -> Iterator[str]:
    for row in rows:
        if line := row_line(row):
            yield line
    yield from filter(None, after())


def _heading(name: str, number: int) -> str:
    return name if number == 1 else f"{name} ({number})"


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 10**_DIGITS:
        return str(int(value))
    text = format(value, f".{_DIGITS}g")
    if "e" in text and 1e-10 < abs(value) < 1e22:
        text = format(Decimal(text), "f")
    return text


def _unit(seconds: int) -> str:
    return "seconds" if seconds else "minutes"


def margin_text(code: str) -> str:
    """Return the words of a sheet's header or footer in Excel's code; empty when only the program's words are left."""
    words = " ".join(_MARGIN_CODE.sub(_margin_sign, code).split())
    return "" if _PAGE_NUMBERS.fullmatch(words) else words


def _margin_sign(found: re.Match[str]) -> str:
    return "&" if found[0] == "&&" else " "
