"""The title of a spreadsheet: a line of text that stands alone above the table."""

from __future__ import annotations

import re

from ingest.description.bodies import is_organisation
from ingest.description.findings import one_line
from ingest.description.junk import is_junk

_FIRST_ROWS = 12
# Rows with so many cells in a row of it are the table's.
_TABLE_CELLS = 3
# What a form tells who fills it in.
_ASKS = re.compile(r"^(?:select|choose|enter|click|fill|pilih|isi|masukkan|klik)\b", re.IGNORECASE)
_WORDS_OF_A_SPANNING_CELL = 4


def title_of_sheet(text: str) -> str | None:
    """Return the title of a sheet whose first line is its name; None when nothing stands above the table."""
    alone: list[str] = []
    for row in text.split("\n")[1 : _FIRST_ROWS + 1]:
        cells = [one_line(cell) for cell in row.rstrip("\t").split("\t")]
        filled = [cell for cell in cells if cell]
        if len(filled) == 1 and _may_be_title(filled[0]):
            alone.append(filled[0])
        elif len(filled) > 1 and not cells[1] and len(cells[0].split()) >= _WORDS_OF_A_SPANNING_CELL:
            # It runs over the cells beside it, and something else stands further right.
            alone.append(cells[0])
        if len(filled) >= _TABLE_CELLS and alone:
            break
    if not alone:
        return None
    # A choice or a short name, and then what is shown of it: "All States", "All States Summary by Year".
    return next((line for line in alone[1:] if line.startswith(f"{alone[0]} ")), alone[0])


def _may_be_title(cell: str) -> bool:
    return not is_junk(cell) and _ASKS.match(cell) is None and not is_organisation(cell, frozenset())
