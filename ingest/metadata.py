"""The metadata file for bulk import: CSV in UTF-8, a header, one row a file.

A row that cannot be read is reported with its line number and stops only itself: its file is ingested as if nothing
was declared of it but who may read it. Where that cannot be read, the file is not ingested, lest it become public.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from holdings.access import parse_label
from holdings.errors import HubError, UsageError
from holdings.model import MANY_VALUED, Declared, DocumentField, Source, Statement
from holdings.vocabularies import Vocabularies
from holdings.vocabularies.lookup import resolve
from ingest.walking import location_of

COLUMNS: dict[str, DocumentField] = {
    "title": DocumentField.TITLE,
    "kind": DocumentField.KIND,
    "date": DocumentField.DATE,
    "authors": DocumentField.AUTHOR,
    "organisation": DocumentField.ORGANISATION,
    "themes": DocumentField.THEME,
    "provinces": DocumentField.PROVINCE,
    "language": DocumentField.LANGUAGE,
    "number": DocumentField.NUMBER,
    "licence": DocumentField.LICENCE,
    "abstract": DocumentField.ABSTRACT,
}
_OTHER_COLUMNS = {"path", "access", "embargo_until"}
_MAX_CELL = 1_000_000


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was left out, and why. `line` counts from 1, the header included."""

    line: int
    message: str


@dataclass(slots=True)
class MetadataFile:
    """What a metadata file declares, by absolute location of the file, and the rows that could not be read.

    `location` is where it stands itself: it is not a document when it lies among those that it describes.
    """

    location: str | None = None
    declared: dict[str, Declared] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)


def read_metadata(path: Path, vocabularies: Vocabularies) -> MetadataFile:
    """Read a metadata file. Relative paths in it start at its own folder.

    Raises UsageError when the file cannot be opened, is not UTF-8 or lacks the column `path`.
    """
    result = MetadataFile(location_of(path))
    folder = path.parent
    for line, row, problem in _rows(path):
        location = _location(folder, row)
        if location is None:
            problem = problem or "the column 'path' is empty"
        elif location in result.declared:
            problem = "this file stands in an earlier row already"
        else:
            result.declared[location], problem = _declared(row, vocabularies, problem)
        if problem is not None:
            result.problems.append(RowProblem(line, problem))
    return result


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str], str | None]]:
    """Yield each row with its line number and, where it is not well-formed, what is wrong with it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The metadata file {path} cannot be opened: {error.strerror}") from error
    csv.field_size_limit(_MAX_CELL)
    reader = csv.reader(_decoded(content), strict=True)
    header = _header(reader, path)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # Reading goes on with the next line; what stands before the first comma tells which file this row is of.
            start = content.splitlines()[line - 1].decode("utf-8", errors="replace").split(",")[0]
            first = {header[0]: start.strip(' "')} if header[0] == "path" else {}
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


def _header(reader: Iterator[list[str]], path: Path) -> list[str]:
    try:
        header = [name.strip().casefold() for name in next(reader)]
    except (StopIteration, csv.Error) as error:
        raise UsageError(f"The metadata file {path} has no header") from error
    unknown = [name for name in header if name and name not in COLUMNS and name not in _OTHER_COLUMNS]
    if "path" not in header or unknown:
        wrong = f"has the unknown column {unknown[0]!r}" if unknown else "lacks the column 'path'"
        known = ", ".join(["path", *COLUMNS, "access", "embargo_until"])
        raise UsageError(f"The metadata file {path} {wrong}", advice=f"Its columns are {known}.")
    return header


def _decoded(content: bytes) -> Iterator[str]:
    # Line by line, so that one row in another encoding does not cost the others.
    for line in content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True):
        yield line.decode("utf-8", errors="replace").replace("\0", "\ufffd")


def _location(folder: Path, row: Mapping[str, str]) -> str | None:
    name = row.get("path")
    return location_of(folder / name) if name else None


def _declared(row: Mapping[str, str], vocabularies: Vocabularies, problem: str | None) -> tuple[Declared, str | None]:
    """Return what a row declares and what is wrong with it, if anything is."""
    try:
        if problem is not None:
            raise UsageError(problem)
        access = tuple(parse_label(label) for label in _several(row.get("access", "")))
        embargo_until = parse_moment(row["embargo_until"]) if row.get("embargo_until") else None
    except HubError as error:
        return Declared(unreadable=error.message), error.message
    statements: list[Statement] = []
    try:
        for column, document_field in COLUMNS.items():
            statements.extend(declare(document_field, row.get(column, ""), vocabularies))
    except HubError as error:
        return Declared((), access, embargo_until), error.message
    return Declared(tuple(statements), access, embargo_until), None


def declare(document_field: DocumentField, text: str, vocabularies: Vocabularies) -> list[Statement]:
    """Return what `text` declares of a field: several values separated by `;` where there may be several.

    Raises UsageError for a value that the field cannot have.
    """
    values = _several(text) if document_field in MANY_VALUED else [text.strip()]
    check = _CHECKS.get(document_field, _as_it_stands)
    checked = dict.fromkeys(check(value, vocabularies) for value in values if value)
    return [Statement(document_field, value, Source.DECLARED) for value in checked]


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def parse_date(text: str) -> str:
    """Return a date as the catalogue keeps it: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Raises UsageError."""
    if match := re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", text.strip()):
        year, month, day = match.groups()
        try:
            datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
        except ValueError:
            pass
        else:
            return text.strip()
    raise UsageError(f"{text!r} is not a date such as 2018, 2018-06 or 2018-06-21")


def parse_moment(text: str) -> datetime:
    """Return the moment that an ISO 8601 date or date-time names; UTC where it says no time zone. Raises UsageError."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{text!r} is not a date such as 2027-01-31 or 2027-01-31T09:00+07:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _as_it_stands(value: str, _: Vocabularies) -> str:
    return value


def _language(value: str, _: Vocabularies) -> str:
    if not re.fullmatch(r"[a-z]{2}|und", value.casefold()):
        raise UsageError(f"{value!r} is not an ISO 639-1 language such as id or en")
    return value.casefold()


def _term(vocabulary: str) -> Callable[[str, Vocabularies], str]:
    def checked(value: str, vocabularies: Vocabularies) -> str:
        found = resolve(vocabularies, vocabulary, value)
        if found is None:
            raise UsageError(f"there is no {vocabulary} {value!r}")
        return found

    return checked


_CHECKS: dict[DocumentField, Callable[[str, Vocabularies], str]] = {
    DocumentField.DATE: lambda value, _: parse_date(value),
    DocumentField.LANGUAGE: _language,
    DocumentField.KIND: _term("kind"),
    DocumentField.THEME: _term("theme"),
    DocumentField.PROVINCE: _term("province"),
    DocumentField.PRIORITY: _term("priority"),
}
