"""Files that others met in the wild or made to do harm, and the real laws: what the hub makes of each of them."""

from __future__ import annotations

import csv
import re
import time
from itertools import islice
from pathlib import Path

from holdings.errors import FileError
from holdings.model import DocumentField, Page
from ingest.description import Excerpts, describe
from ingest.extractors import pdf
from ingest.extractors.cleaning import cleaned
from ingest.media_types import PDF
from ingest.model import FileMetadata
from ingest.sandbox import Limits, Sandbox
from ingest.sniffing import sniff

LIMITS = Limits(seconds=20, cpu_seconds=20, memory_mb=1_000, output_mb=20)
# What becomes of a file of a kind; files of none of these may end in any way that is coded.
EXPECTED = {
    "pdf_password_required": {"encrypted"},
    "office_encrypted": {"encrypted"},
    "pdf_encrypted_openable": {"read", "encrypted"},
    "zero_byte": {"empty"},
    "non_utf8_text": {"read", "unsupported_format"},
    # Without LibreOffice those of Word and PowerPoint are refused.
    "legacy_ole": {"read", "unsupported_format", "encrypted", "corrupt"},
}


def test_each_hostile_file_is_read_or_refused_with_a_code(corpus: Path) -> None:
    folder = corpus / "hostile"
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as manifest:
        rows = list(csv.DictReader(manifest))
    outcomes: dict[str, str] = {}
    began = time.monotonic()
    with Sandbox(LIMITS) as sandbox:
        for row in rows:
            outcomes[row["file"]] = _outcome(sandbox, folder / row["file"])
    assert time.monotonic() - began < 300
    wrong = {
        row["file"]: outcomes[row["file"]]
        for row in rows
        for tag in row["tags"].split(";")
        if outcomes[row["file"]] not in EXPECTED.get(tag, {outcomes[row["file"]]})
    }
    assert wrong == {}
    assert sum(outcome == "read" for outcome in outcomes.values()) > len(rows) / 2
    assert not {"crashed", "timeout", "out_of_memory", "not_found"} & set(outcomes.values())


def _outcome(sandbox: Sandbox, path: Path) -> str:
    try:
        for event in sandbox.extract(path, sniff(path)):
            if isinstance(event, Page):
                event.text.encode("utf-8")
    except FileError as error:
        return error.code
    return "read"


def test_laws_are_known_by_their_first_pages(corpus: Path) -> None:
    # Every third, lest the test take long.
    laws = sorted((corpus / "documents" / "files").glob("uu-*[0-9].pdf"))[::3]
    assert laws, f"no laws in {corpus}"
    missed = []
    for path in laws:
        excerpts = Excerpts()
        for page in [event for event in islice(cleaned(pdf.extract(path)), 4) if isinstance(event, Page)][:2]:
            excerpts.add(page)
        found = {s.field: s.value for s in describe(excerpts, FileMetadata(), name=path.name, media_type=PDF)}
        year, number = re.findall(r"\d+", path.stem)[:2]
        title = f"Undang-Undang Nomor {int(number)} Tahun {year} tentang "
        if found.get(DocumentField.NUMBER) != f"UU {int(number)}/{year}" or not found[DocumentField.TITLE].startswith(
            title
        ):
            missed.append((path.name, found))
    assert len(missed) <= 0.03 * len(laws), missed
