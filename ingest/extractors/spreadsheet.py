"""Extraction of Excel's spreadsheets (XLSX, XLSM, XLSB, XLS) by python-calamine, a page a sheet, hidden ones too.

The library gives the cells; comments, text boxes, charts and margins are read beside it (`spreadsheet_asides`,
`legacy_sheets`). Where it cannot read a file, or would need the whole grid in memory for a few cells, LibreOffice does.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, load_workbook

from holdings.errors import CorruptError, EncryptedError
from ingest.extractors import legacy_sheets, opendocument
from ingest.extractors.legacy import converted, is_installed
from ingest.extractors.open_packaging import OfficePackage, core_metadata
from ingest.extractors.spreadsheet_asides import SheetAsides, sheet_extents
from ingest.extractors.tables import cell_text, sheet_pages
from ingest.model import ExtractionEvent, FileMetadata, Page, PageUnit, Truncation

_ZIP = b"PK"
# The library keeps a cell for each place between the first and the last: 32 bytes for each.
_MAX_GRID = 15_000_000
# Named, for LibreOffice takes what it does not know for a table in plain text.
_FILTERS = {"xls": "MS Excel 97", "xlsx": "Calc MS Excel 2007 XML", "xlsb": "Calc MS Excel 2007 Binary"}
_Result = TypeVar("_Result")


class _Asides(Protocol):
    """What a workbook says besides its cells, by the name of the sheet."""

    def of(self, sheet: str) -> Sequence[str]: ...


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the sheets of a spreadsheet and what it says of itself.

    Raises EncryptedError, CorruptError, ArchiveBombError, UnsafeFileError.
    """
    with path.open("rb") as file:
        is_package = file.read(len(_ZIP)) == _ZIP
    if not is_package:
        yield from _read(path, "xls", legacy_sheets.asides(path), FileMetadata())
        return
    with OfficePackage(path) as package:
        suffix = "xlsb" if any(name.casefold() == "xl/workbook.bin" for name in package.names) else "xlsx"
        metadata = core_metadata(package, None)
        if any(rows * columns > _MAX_GRID for rows, columns in sheet_extents(path)) and is_installed():
            yield from _by_libreoffice(path, suffix, "the cells lie far apart")
            return
        asides = SheetAsides(package, path)
        yield from _read(path, suffix, asides, metadata)
        for problem in package.problems:
            yield Truncation(problem)


def _read(path: Path, suffix: str, asides: _Asides, metadata: FileMetadata) -> Iterator[ExtractionEvent]:
    with tempfile.TemporaryDirectory(prefix="sheets-") as folder:
        # The library tells formats by the suffix, and says only then why it cannot read one.
        named = Path(folder) / f"file.{suffix}"
        named.symlink_to(path.absolute())
        try:
            workbook = _calling(lambda: load_workbook(str(named)))
        except PasswordError as error:
            raise EncryptedError("The spreadsheet asks for a password") from error
        except CorruptError as error:
            if not is_installed():
                raise
            yield from _by_libreoffice(path, suffix, error.message)
            return
        yield metadata
        yield from _sheets(workbook, asides)


def _sheets(workbook: CalamineWorkbook, asides: _Asides) -> Iterator[ExtractionEvent]:
    number = 1
    for name in workbook.sheet_names:
        rows: Iterator[list[str]] = iter(())
        try:
            sheet = _calling(partial(workbook.get_sheet_by_name, name))
            rows = ([cell_text(cell) for cell in row] for row in sheet.iter_rows())
        except CorruptError as error:
            yield Truncation(f"The sheet {name!r} cannot be read: {error.message}")
        for text in sheet_pages(name, rows, partial(asides.of, name)):
            yield Page(number, PageUnit.SHEET, text)
            number += 1
    if number == 1:
        yield Page(1, PageUnit.SHEET, "")


def _by_libreoffice(path: Path, suffix: str, reason: str) -> Iterator[ExtractionEvent]:
    """Raises CorruptError where there are no words in what LibreOffice makes of a file, as of one that is no table."""
    with converted(path, suffix, "ods", filter_name=_FILTERS[suffix]) as made:
        events = list(opendocument.extract(made))
    if not any(isinstance(event, Page) and event.text.strip() for event in events):
        raise CorruptError(reason)
    yield from events
    yield Truncation(f"The file was read through LibreOffice: {reason}")


def _calling(call: Callable[[], _Result]) -> _Result:
    """Return what a call into the library gives. Raises PasswordError, CorruptError for its failures."""
    try:
        return call()
    except PasswordError:
        raise
    except (CalamineError, OSError, ValueError) as error:
        raise CorruptError(f"The spreadsheet cannot be read: {error}") from error
    except BaseException as error:
        # What goes wrong within the library is no Exception of Python's, so that nobody takes it for handled.
        if type(error).__name__ != "PanicException":
            raise
        raise CorruptError(f"The spreadsheet cannot be read: {error}") from error
