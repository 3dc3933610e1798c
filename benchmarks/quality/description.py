"""Precision and recall of the description, field by field: `python -m benchmarks.quality.description`.

Documents of the corpus are read as the pipeline reads them, in the sandbox, scans by OCR where it is installed; texts
written for the purpose are described as they are. docs/quality.md has the figures, made by `report`.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.corpora import CORPUS
from benchmarks.quality.labels import FIELDS, Case, Half, Origin, read_labels
from benchmarks.quality.scoring import Comparison, Outcome, Tally, tally
from holdings.errors import FileError
from holdings.filestore import checksum
from holdings.model import MANY_VALUED, DocumentField, Page, PageUnit, Statement
from holdings.vocabularies import Vocabularies, load_vocabularies
from ingest import media_types as types
from ingest.description import Excerpts, describe
from ingest.extractors import EXTRACTORS
from ingest.extractors.ocr import ocr_version
from ingest.model import FileMetadata, ReadingOptions
from ingest.sandbox import Sandbox
from ingest.sniffing import sniff

_AIMS = {
    DocumentField.TITLE: ".95",
    DocumentField.DATE: ".9",
    DocumentField.KIND: ".9",
    DocumentField.LANGUAGE: ".99",
    DocumentField.PROVINCE: ".9 / .85",
    DocumentField.THEME: ".8 / .8",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """The outcomes of all fields of all cases, and the cases that could not be measured, with the reason."""

    outcomes: tuple[Outcome, ...]
    unread: tuple[tuple[Case, str], ...]

    @property
    def cases(self) -> list[Case]:
        return list({outcome.case.id: outcome.case for outcome in self.outcomes}.values())

    def of(self, document_field: DocumentField, origin: Origin | None = None) -> list[Outcome]:
        return [o for o in self.outcomes if o.field is document_field and origin in (None, o.case.origin)]


def infer(
    pages: Iterable[Page], metadata: FileMetadata, *, name: str, media_type: str, vocabularies: Vocabularies
) -> list[Statement]:
    """Return what the hub infers of a document: the one place that calls the description."""
    excerpts = Excerpts(vocabularies)
    for page in pages:
        excerpts.add(page)
    return describe(excerpts, metadata, name=name, media_type=media_type)


def measure(half: Half | None = None, *, corpus: Path = CORPUS, ocr: bool = True) -> Measured:
    """Describe every labelled document, or those of one half, and compare.

    A file that cannot be read counts as one of which nothing was found. One that is not there, or has other bytes than
    were labelled, is left out and told.
    """
    vocabularies = load_vocabularies()
    comparison = Comparison(vocabularies)
    outcomes: list[Outcome] = []
    unread: list[tuple[Case, str]] = []
    with Sandbox() as sandbox:
        for case in read_labels(vocabularies):
            if half not in (None, case.half):
                continue
            path = corpus / "documents" / case.id
            statements: list[Statement] = []
            if case.origin is Origin.WRITTEN:
                statements = _inferred_of_text(case, vocabularies)
            elif not path.is_file() or not (checksum(path) or "").startswith(case.sha256):
                unread.append((case, "not in the corpus, or with other bytes"))
                continue
            else:
                try:
                    statements = _inferred_of_file(path, sandbox, vocabularies, ocr=ocr)
                except FileError as error:
                    unread.append((case, f"{error.code}: {error.message}"))
            found: dict[DocumentField, list[str]] = defaultdict(list)
            for statement in statements:
                found[statement.field].append(statement.value)
            outcomes += comparison.outcomes(case, found)
    return Measured(tuple(outcomes), tuple(unread))


def _inferred_of_text(case: Case, vocabularies: Vocabularies) -> list[Statement]:
    pages = [Page(number, PageUnit.PAGE, text) for number, text in enumerate(case.pages, 1)]
    # The id tells what the text is about: the description must not see it.
    return infer(pages, FileMetadata(), name="scan0001.pdf", media_type=types.PDF, vocabularies=vocabularies)


def _inferred_of_file(path: Path, sandbox: Sandbox, vocabularies: Vocabularies, *, ocr: bool) -> list[Statement]:
    media_type = sniff(path)
    metadata = FileMetadata()
    pages: dict[int, Page] = {}
    for event in sandbox.extract(path, media_type):
        match event:
            case Page():
                pages[event.number] = event
            case FileMetadata():
                metadata = event
    scans = tuple(number for number, page in pages.items() if page.scan)
    options = ReadingOptions()
    if scans and ocr and types.OCR in EXTRACTORS and ocr_version(options.ocr_languages) is not None:
        # One page at a time: a document of many scans may take longer than the sandbox gives one reading.
        for number in scans:
            with contextlib.suppress(FileError):
                for event in sandbox.extract(path, types.OCR, replace(options, pages=(number,))):
                    if isinstance(event, Page):
                        pages[event.number] = event
    return infer(pages.values(), metadata, name=path.name, media_type=media_type, vocabularies=vocabularies)


def report(measured: Measured | None = None) -> str:
    """Return the figures as a section of docs/quality.md, measured now unless they are given."""
    measured = measured or measure()
    cases = measured.cases
    held_out = _only(measured, lambda case: case.half is Half.HELD_OUT)
    real = sum(case.origin is Origin.REAL for case in cases)
    themes = tally(measured.of(DocumentField.THEME)).expected
    themes_written = tally(measured.of(DocumentField.THEME, Origin.WRITTEN)).expected
    lines = [
        "## Description",
        "",
        f"{real} documents of the corpus (real) and {len(cases) - real} texts written for the purpose (written). The "
        f"real ones say little of this field: {themes_written} of {themes} labels of themes are those of written "
        "texts, which are short, and have no file properties.",
        "",
        "A document is right in a field when each value that it has is found, and no other. Precision and recall count "
        "values. A label that a person might give or not counts neither way. A real document that cannot be read "
        "counts as one of which nothing was found.",
        "",
        f"The **held-out** half alone, {len(held_out.cases)} cases:",
        "",
        *_fields(held_out),
        "",
        f"**All** {len(cases)} cases, the development half among them:",
        "",
        *_fields(measured),
        "",
        "The real documents alone, by language of the document (`documents-1` and `documents-2` of the labels):",
        "",
        *_by_part(measured),
        "",
        "### Cases by class",
        "",
        "Of all cases. For kinds and languages, how many documents are right in these fields.",
        "",
        *_by_class(measured, DocumentField.KIND, (DocumentField.TITLE, DocumentField.KIND, DocumentField.DATE)),
        "",
        *_by_class(measured, DocumentField.LANGUAGE, (DocumentField.LANGUAGE, DocumentField.TITLE)),
    ]
    for document_field in (DocumentField.THEME, DocumentField.PROVINCE, DocumentField.PRIORITY):
        if measured.of(document_field):
            lines += ["", *_by_value(measured, document_field)]
    if measured.unread:
        lines += ["", "Not read:", "", *(f"- {case.id}: {reason}" for case, reason in measured.unread)]
    return "\n".join(lines) + "\n"


def mistakes(measured: Measured) -> str:
    """Return one line for each field of a document that is not right."""
    lines = []
    for document_field in FIELDS:
        for outcome in measured.of(document_field):
            if not outcome.exact:
                found, missed = "; ".join(outcome.wrong), "; ".join(outcome.missed)
                lines.append(f"{document_field.value}\t{outcome.case.id}\tfound: {found}\tmissed: {missed}")
    return "\n".join(lines) + "\n"


def _only(measured: Measured, chosen: Callable[[Case], bool]) -> Measured:
    return Measured(
        tuple(outcome for outcome in measured.outcomes if chosen(outcome.case)),
        tuple(unread for unread in measured.unread if chosen(unread[0])),
    )


def _fields(measured: Measured) -> list[str]:
    lines = [
        "| field | origin | documents | right | precision | recall | values | aim |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for document_field in FIELDS:
        for origin in (None, *Origin):
            outcomes = measured.of(document_field, origin)
            if not outcomes:
                continue
            counts = tally(outcomes)
            name, aim = (document_field.value, _AIMS.get(document_field, "")) if origin is None else ("", "")
            lines.append(
                f"| {name} | {origin.value if origin else 'all'} | {counts.cases} | {_share(counts.accuracy)} | "
                f"{_share(counts.precision)} | {_share(counts.recall)} | {counts.expected} | {aim} |"
            )
    return lines


def _by_part(measured: Measured) -> list[str]:
    """Return the figures of the real documents by file of labels, side by side."""
    names = {"documents-1": "Indonesian", "documents-2": "other languages"}
    parts = {part: _only(measured, lambda case, part=part: case.part == part) for part in names}  # type: ignore[misc]
    lines = [
        "| field |" + "".join(f" {name}: documents | right | precision | recall |" for name in names.values()),
        "|---" * (1 + 4 * len(names)) + "|",
    ]
    for document_field in FIELDS:
        counts = [tally(part.of(document_field)) for part in parts.values()]
        if any(count.cases for count in counts):
            cells = "".join(
                f" {count.cases} | {_share(count.accuracy)} | {_share(count.precision)} | {_share(count.recall)} |"
                for count in counts
            )
            lines.append(f"| {document_field.value} |{cells}")
    return lines


def _by_value(measured: Measured, document_field: DocumentField) -> list[str]:
    """Return precision and recall of each value of a field with several, and in how many cases it is labelled."""
    assert document_field in MANY_VALUED
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    written: Counter[str] = Counter()
    for outcome in measured.of(document_field):
        right.update(outcome.right)
        wrong.update(outcome.wrong)
        missed.update(outcome.missed)
        if outcome.case.origin is Origin.WRITTEN:
            written.update(outcome.right + outcome.missed)
    lines = [
        f"| {document_field.value} | cases | of them written | found | precision | recall |",
        "|---|---|---|---|---|---|",
    ]
    for value in sorted(set(right + wrong + missed), key=lambda v: (-(right + missed)[v], v)):
        counts = Tally(0, 0, right[value], right[value] + missed[value], right[value] + wrong[value])
        lines.append(
            f"| {value} | {counts.expected} | {written[value]} | {counts.found} | {_share(counts.precision)} | "
            f"{_share(counts.recall)} |"
        )
    return lines


def _by_class(measured: Measured, by: DocumentField, fields: Sequence[DocumentField]) -> list[str]:
    classes: dict[str, list[Case]] = defaultdict(list)
    for case in measured.cases:
        classes[case.first(by) or "none"].append(case)
    lines = [
        f"| {by.value} | cases | of them written | {' | '.join(f.value for f in fields)} |",
        "|---" * (3 + len(fields)) + "|",
    ]
    for name, cases in sorted(classes.items(), key=lambda item: (-len(item[1]), item[0])):
        ids = {case.id for case in cases}
        shares = (_share(tally(o for o in measured.of(f) if o.case.id in ids).accuracy) for f in fields)
        written = sum(case.origin is Origin.WRITTEN for case in cases)
        lines.append(f"| {name} | {len(cases)} | {written} | {' | '.join(shares)} |")
    return lines


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.3f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.description", description=__doc__)
    parser.add_argument("--half", choices=[half.value for half in Half], help="measure this half of the cases only")
    parser.add_argument("--mistakes", action="store_true", help="list what is wrong, too")
    parser.add_argument("--no-ocr", action="store_true", help="leave scans as they are")
    chosen = parser.parse_args(arguments)
    measured = measure(Half(chosen.half) if chosen.half else None, ocr=not chosen.no_ocr)
    print(report(measured))
    if chosen.mistakes:
        print(mistakes(measured))
    for case, reason in measured.unread:
        print(f"{case.id}: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
