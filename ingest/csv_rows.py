"""Rows of a CSV file that a person wrote: UTF-8, a header, one row a line. What is wrong with one stops only itself."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping

from holdings.errors import UsageError

_MAX_CELL = 1_000_000


def csv_rows(
    content: bytes, file: str, *, required: str, columns: Collection[str]
) -> Iterator[tuple[int, Mapping[str, str], str | None]]:
    """Yield each row with its line number, which counts from 1, and what is wrong with it where it is not well-formed.

    `file` is what errors call it, `required` the column that it must have, `columns` all that it may have. Raises
    UsageError for a header that does not fit.
    """
    csv.field_size_limit(_MAX_CELL)
    reader = csv.reader(_decoded(content), strict=True)
    header = _header(reader, file, required, columns)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # Reading goes on with the next line; what stands before the first comma tells what this row is of.
            start = content.splitlines()[line - 1].decode("utf-8", errors="replace").split(",")[0]
            first = {header[0]: start.strip(' "')} if header[0] == required else {}
            yield line, first, f"this is not a row of CSV: {error}"
            continue
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        problem = None
        if len(cells) > len(header):
            problem = f"there are {len(cells)} cells under {len(header)} columns"
        elif any("\ufffd" in cell for cell in cells):
            problem = "this is not UTF-8"
        yield line, row, problem


def _header(reader: Iterator[list[str]], file: str, required: str, columns: Collection[str]) -> list[str]:
    try:
        header = [name.strip().casefold() for name in next(reader)]
    except (StopIteration, csv.Error) as error:
        raise UsageError(f"{file} has no header") from error
    unknown = [name for name in header if name and name not in columns]
    if required not in header or unknown:
        wrong = f"has the unknown column {unknown[0]!r}" if unknown else f"lacks the column {required!r}"
        raise UsageError(f"{file} {wrong}", advice=f"Its columns are {', '.join(columns)}.")
    return header


def _decoded(content: bytes) -> Iterator[str]:
    # Line by line, so that one row in another encoding does not cost the others.
    for line in content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True):
        yield line.decode("utf-8", errors="replace").replace("\0", "\ufffd")
