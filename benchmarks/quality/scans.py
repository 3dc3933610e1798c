"""Whether pages that need OCR are found: `python -m benchmarks.quality.scans`.

All real PDFs are read as the pipeline reads them, and what it says of the labelled pages is compared with
`labels/scans.csv`: a scan, and a picture of text under a bad text layer, should wait for OCR, other pages should not.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpora import CORPUS
from holdings.errors import FileError
from holdings.filestore import checksum
from holdings.settings import load_settings
from ingest.media_types import PDF
from ingest.model import Page
from ingest.reading import options_of
from ingest.sandbox import Sandbox

LABELS = Path(__file__).parent / "labels" / "scans.csv"
_COLUMNS = ["path", "sha256", "page", "class", "notes"]
# How the notes of pages begin whose text layer was made by an older recognition.
_UNDER_PICTURE = "scan under a text layer"
# Of each class, whether its pages should wait for OCR.
CLASSES = {"scan": True, "bad-text-layer": True, "outlines": True, "text": False, "blank": False}


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled page. `path` is in the corpus's `documents/` folder."""

    path: str
    sha256: str
    page: int
    label: str
    notes: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What was said of the labelled pages; `others` are pages without a label that wait for OCR, of `pages` in all."""

    said: tuple[tuple[Label, bool], ...]
    unread: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, int], ...] = ()
    pages: int = 0


def read_labels(path: Path = LABELS) -> list[Label]:
    """Return the labelled pages. Raises ValueError for one that cannot be right, or stands there twice."""
    labels: dict[tuple[str, int], Label] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != _COLUMNS:
            raise ValueError(f"{path.name}: the columns are {rows.fieldnames}, not {_COLUMNS}")
        for row in rows:
            label = Label(row["path"], row["sha256"], int(row["page"]), row["class"], row["notes"])
            if label.label not in CLASSES:
                raise ValueError(f"{path.name}: {label.label!r} is no class")
            if (label.path, label.page) in labels:
                raise ValueError(f"{path.name}: page {label.page} of {label.path} is labelled twice")
            labels[label.path, label.page] = label
    return list(labels.values())


def measure(corpus: Path = CORPUS) -> Measured:
    """Read all PDFs and compare. A labelled page that cannot be read, or has other bytes, is left out and told."""
    labels = {(label.path, label.page): label for label in read_labels()}
    options = options_of(load_settings(None, {}))
    waiting: dict[tuple[str, int], bool] = {}
    unread: list[tuple[str, str]] = []
    folder = corpus / "documents"
    checksums = {label.path: label.sha256 for label in labels.values()}
    with Sandbox() as sandbox:
        for path in sorted((folder / "files").glob("*.pdf")):
            name = str(path.relative_to(folder))
            if name in checksums and not (checksum(path) or "").startswith(checksums[name]):
                unread.append((name, "has other bytes than were labelled"))
                continue
            try:
                for event in sandbox.extract(path, PDF, options):
                    if isinstance(event, Page):
                        waiting[name, event.number] = event.scan
            except FileError as error:
                unread.append((name, f"{error.code}: {error.message}"))
    told = {name for name, _ in unread}
    lost = Counter(name for name, page in labels if (name, page) not in waiting and name not in told)
    unread += [(name, f"{number} labelled pages were not found") for name, number in sorted(lost.items())]
    said = tuple((label, waiting[at]) for at, label in labels.items() if at in waiting)
    others = tuple(at for at, waits in waiting.items() if waits and at not in labels)
    return Measured(said, tuple(unread), others, len(waiting))


def report(measured: Measured | None = None) -> str:
    """Return the figures as a section of docs/quality.md, measured now unless they are given."""
    measured = measured or measure()
    lines = [
        "## Scans",
        "",
        f"{len(measured.said)} of {measured.pages:,} pages of real PDFs, labelled by looking at the rendered page "
        "beside its text layer (`benchmarks/quality/labels/README.md`); none is written or derived. They are those "
        "where finding is hard, and not drawn by lot. A scan should wait for OCR, and so should a page with a bad text "
        "layer under its picture.",
        "",
        "| class | should wait | pages | wait for OCR | right |",
        "|---|---|---|---|---|",
    ]
    for name, should in CLASSES.items():
        said = [waits for label, waits in measured.said if label.label == name]
        right = _share(sum(waits == should for waits in said), len(said))
        lines.append(f"| {name} | {'yes' if should else 'no'} | {len(said)} | {sum(said)} | {right} |")
    lines += ["", "| | precision | recall |", "|---|---|---|"]
    for title, wanted in (
        ("all that should wait", {"scan", "bad-text-layer", "outlines"}),
        ("scans, without the pages of bad text layers", {"scan"}),
        ("bad text layers, without the scans", {"bad-text-layer"}),
    ):
        counted = [
            (label.label in wanted, waits)
            for label, waits in measured.said
            if label.label in wanted or not CLASSES[label.label]
        ]
        right_ones = sum(should and waits for should, waits in counted)
        precision = _share(right_ones, sum(waits for _, waits in counted))
        lines.append(f"| {title} | {precision} | {_share(right_ones, sum(should for should, _ in counted))} |")
    missed = [label for label, waits in measured.said if CLASSES[label.label] and not waits]
    wrong = [label for label, waits in measured.said if waits and not CLASSES[label.label]]
    if missed:
        lines += ["", "Missed:", "", *map(_mistake, missed)]
    by_kind = {
        kind: [label for label in wrong if label.notes.startswith(_UNDER_PICTURE) is kind] for kind in (True, False)
    }
    if again := by_kind[True]:
        pages = Counter(Path(label.path).name for label in again)
        named = ", ".join(f"{name} {number}" for name, number in sorted(pages.items()))
        lines += [
            "",
            f"Found wrongly, {len(again)} pages of scans under a text layer that is good enough on them ({named}). "
            "Once a document has shown a bad page, the hub has all such pages after it recognised again, and keeps the "
            "old text where that is the better: which text is kept, these figures do not say.",
        ]
    if by_kind[False]:
        lines += ["", "Found wrongly, others:", "", *map(_mistake, by_kind[False])]
    lines += ["", _unlabelled(measured)]
    if measured.unread:
        lines += ["", "Not read:", "", *(f"- {name}: {reason}" for name, reason in measured.unread)]
    return "\n".join(lines) + "\n"


def _mistake(label: Label) -> str:
    return f"- {Path(label.path).name}, page {label.page}, {label.label}: {label.notes}"


def _unlabelled(measured: Measured) -> str:
    if not measured.others:
        return (
            "No page without a label waits for OCR: precision is that of all pages, recall that of the labelled ones."
        )
    named = ", ".join(f"{Path(name).name} page {page}" for name, page in measured.others)
    return f"Pages that wait for OCR and have no label, so that they count neither way: {named}."


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else ""


if __name__ == "__main__":
    print(report())
