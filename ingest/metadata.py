"""The metadata file for bulk import: CSV in UTF-8, a header, one row a file.

A row that cannot be read is reported with its line number and stops only itself: its file is ingested as if nothing
was declared of it but who may read it, and in which state and space. Where these cannot be read, the file is not
ingested, lest it become public.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from holdings.access import parse_label
from holdings.errors import HubError, UsageError
from holdings.model import MANY_VALUED, Declared, DocumentField, Source, Statement
from holdings.states import State
from holdings.vocabularies import Vocabularies
from holdings.vocabularies.lookup import resolve
from ingest.csv_rows import csv_rows
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
# Who may read the file, and where its document begins on its way.
ACCESS_COLUMNS = ("access", "embargo_until", "state", "space")
# A document is returned to somebody who put it in at the desk.
_STATES = (State.DRAFT, State.SUBMITTED, State.PUBLISHED, State.WITHDRAWN)
_SPACE = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


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


def read_metadata(path: Path, vocabularies: Vocabularies, zone: tzinfo) -> MetadataFile:
    """Read a metadata file. Relative paths in it start at its own folder, moments without a time zone are of `zone`.

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
            result.declared[location], problem = _declared(row, vocabularies, zone, problem)
        if problem is not None:
            result.problems.append(RowProblem(line, problem))
    return result


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str], str | None]]:
    """Yield each row with its line number and, where it is not well-formed, what is wrong with it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The metadata file {path} cannot be opened: {error.strerror}") from error
    columns = ("path", *COLUMNS, *ACCESS_COLUMNS)
    return csv_rows(content, f"The metadata file {path}", required="path", columns=columns)


def _location(folder: Path, row: Mapping[str, str]) -> str | None:
    name = row.get("path")
    return location_of(folder / name) if name else None


def _declared(
    row: Mapping[str, str], vocabularies: Vocabularies, zone: tzinfo, problem: str | None
) -> tuple[Declared, str | None]:
    """Return what a row declares and what is wrong with it, if anything is."""
    try:
        if problem is not None:
            raise UsageError(problem)
        readable = Declared(
            access=tuple(parse_label(label) for label in _several(row.get("access", ""))),
            embargo_until=parse_moment(row["embargo_until"], zone) if row.get("embargo_until") else None,
            state=_state(row.get("state", "")),
            space=_space(row.get("space", "")),
        )
    except HubError as error:
        return Declared(unreadable=error.message), error.message
    statements: list[Statement] = []
    try:
        for column, document_field in COLUMNS.items():
            statements.extend(declare(document_field, row.get(column, ""), vocabularies))
    except HubError as error:
        return readable, error.message
    return replace(readable, statements=tuple(statements)), None


def _state(text: str) -> State:
    state = next((state for state in _STATES if state.value == text.casefold()), None)
    if text and state is None:
        raise UsageError(f"{text!r} is not a state: {', '.join(_STATES)}")
    return state or State.PUBLISHED


def _space(text: str) -> str | None:
    if text and not _SPACE.fullmatch(text):
        raise UsageError(f"{text!r} is not the id of an organisation such as bnpt")
    return text or None


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


def parse_moment(text: str, zone: tzinfo) -> datetime:
    """Return the moment that an ISO 8601 date or date-time names, in `zone` where it says no other. Raises UsageError.

    A date is the moment at which its day begins.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{text!r} is not a date such as 2027-01-31 or 2027-01-31T09:00+07:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


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
