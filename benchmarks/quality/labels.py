"""Reading the labels and checking them: documents of the corpus (CSV) and texts written for the purpose (JSON lines).

labels/README.md says how they were made and what the columns mean.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from holdings.model import MANY_VALUED, DocumentField
from holdings.vocabularies import Vocabularies

LABELS = Path(__file__).parent / "labels"
COLUMNS = [
    "path",
    "sha256",
    "title",
    "alternative_titles",
    "kind",
    "date",
    "authors",
    "organisation",
    "number",
    "language",
    "themes",
    "provinces",
    "notes",
]
# What a line of written.jsonl may say beside its fields.
_WRITTEN_KEYS = frozenset({"id", "origin", "text", "alternative_titles", "notes"})
FIELDS = (
    DocumentField.TITLE,
    DocumentField.KIND,
    DocumentField.DATE,
    DocumentField.AUTHOR,
    DocumentField.ORGANISATION,
    DocumentField.NUMBER,
    DocumentField.LANGUAGE,
    DocumentField.THEME,
    DocumentField.PROVINCE,
    DocumentField.PRIORITY,
)
_CHECKSUM_DIGITS = 16
_LANGUAGE = re.compile(r"[a-z]{2}|und")
_DATE = re.compile(r"\d{4}(-\d{2}){0,2}")


class LabelError(ValueError):
    """A label that cannot be right; the message names the file and the case."""


class Origin(StrEnum):
    """Where the text of a case is from."""

    REAL = "real"
    WRITTEN = "written"


class Half(StrEnum):
    """The half that the detector may be tuned on, and the one that only measures it."""

    DEVELOPMENT = "development"
    HELD_OUT = "held-out"


@dataclass(frozen=True, slots=True)
class Expected:
    """One value that a document has, in any of its accepted forms. An optional one counts neither way."""

    forms: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled document. `id` is its path in the corpus's `documents/` folder, or the id of a written text; `part`
    is the name of the file of labels.

    `expected` has the values of each field that is labelled: an empty tuple says that there is none to be found, a
    field that is missing was not labelled. `sha256` begins the checksum of the bytes that were read for the labels.
    """

    id: str
    origin: Origin
    expected: Mapping[DocumentField, tuple[Expected, ...]]
    sha256: str = ""
    pages: tuple[str, ...] = ()
    notes: str = field(default="", compare=False)
    part: str = field(default="", compare=False)

    @property
    def half(self) -> Half:
        """The half to which the case belongs, by the checksum of its name: stable, and not chosen."""
        digit = hashlib.sha256(Path(self.id).name.encode()).hexdigest()[0]
        return Half.HELD_OUT if int(digit, 16) % 2 else Half.DEVELOPMENT

    def first(self, document_field: DocumentField) -> str:
        """Return the first form of the first value of a field, or nothing."""
        values = self.expected.get(document_field, ())
        return values[0].forms[0] if values else ""


def read_labels(vocabularies: Vocabularies, folder: Path = LABELS) -> list[Case]:
    """Return all labelled cases, real ones first. Raises LabelError for the first that cannot be right."""
    cases = [case for path in sorted(folder.glob("documents-*.csv")) for case in _documents(path)]
    written = folder / "written.jsonl"
    cases += list(_written(written)) if written.exists() else []
    _check(cases, vocabularies)
    return cases


def _documents(path: Path) -> Iterator[Case]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != COLUMNS:
            raise LabelError(f"{path.name}: the columns are {rows.fieldnames}, not {COLUMNS}")
        for row in rows:
            where = f"{path.name}: {row['path']}"
            if None in row or any(value is None for value in row.values()):
                raise LabelError(f"{where}: the row has another number of values than the header")
            expected = {f: _values(f, row[f.value]) for f in FIELDS if f.value in row}
            expected[DocumentField.TITLE] = _title(row["title"], row["alternative_titles"].split(" | "))
            yield Case(row["path"], Origin.REAL, expected, row["sha256"], notes=row["notes"], part=path.stem)


def _written(path: Path) -> Iterator[Case]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            said: dict[str, Any] = json.loads(line)
            unknown = set(said) - _WRITTEN_KEYS - {f.value for f in FIELDS}
            if unknown or said["origin"] != Origin.WRITTEN.value:
                raise LabelError(f"{path.name}:{number}: {unknown or said['origin']} is not known")
            expected = {f: _values(f, _joined(f, said[f.value])) for f in FIELDS if f.value in said}
            if "title" in said:
                expected[DocumentField.TITLE] = _title(said["title"], said.get("alternative_titles", []))
            pages, notes = tuple(said["text"]), said.get("notes", "")
            yield Case(said["id"], Origin.WRITTEN, expected, pages=pages, notes=notes, part=path.stem)
        except (json.JSONDecodeError, KeyError) as error:
            raise LabelError(f"{path.name}:{number}: {error!r}") from error


def _joined(document_field: DocumentField, value: str | Sequence[str]) -> str:
    if isinstance(value, str):
        return value
    return (";" if document_field in MANY_VALUED else " | ").join(value)


def _title(title: str, alternatives: Iterable[str]) -> tuple[Expected, ...]:
    forms = tuple(filter(None, (form.strip() for form in (title, *alternatives))))
    return (Expected(forms),) if forms else ()


def _values(document_field: DocumentField, text: str) -> tuple[Expected, ...]:
    """Read `a;b | c;d?`: three values, of which the second may also be called c, and the third is optional."""
    parts = text.split(";") if document_field in MANY_VALUED else [text]
    return tuple(
        Expected(tuple(form.strip() for form in part.rstrip(" ?").split(" | ")), part.rstrip().endswith("?"))
        for part in parts
        if part.strip()
    )


def _check(cases: Sequence[Case], vocabularies: Vocabularies) -> None:
    known: dict[DocumentField, Iterable[str]] = {
        DocumentField.KIND: vocabularies.kinds,
        DocumentField.THEME: vocabularies.themes,
        DocumentField.PROVINCE: vocabularies.provinces,
        DocumentField.PRIORITY: vocabularies.priorities,
    }
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise LabelError(f"{case.id} is labelled twice")
        seen.add(case.id)
        if case.origin is Origin.REAL and not re.fullmatch(rf"[0-9a-f]{{{_CHECKSUM_DIGITS}}}", case.sha256):
            raise LabelError(f"{case.id}: {case.sha256!r} is not the beginning of a checksum")
        if case.origin is Origin.WRITTEN and not any(page.strip() for page in case.pages):
            raise LabelError(f"{case.id} has no text")
        for document_field, values in case.expected.items():
            for form in (form for value in values for form in value.forms):
                if document_field in known and form not in known[document_field]:
                    raise LabelError(f"{case.id}: {form!r} is no id of {document_field.value}")
                if document_field is DocumentField.LANGUAGE and not _LANGUAGE.fullmatch(form):
                    raise LabelError(f"{case.id}: {form!r} is no language")
                if document_field is DocumentField.DATE and not _is_date(form):
                    raise LabelError(f"{case.id}: {form!r} is no date")


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return True
