"""The samples that a newcomer reads first: every file described, every id known, marked as what it is, and small."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from holdings.vocabularies import Vocabularies, load_vocabularies
from ingest.metadata import COLUMNS, read_metadata

SAMPLES = Path(__file__).parents[2] / "samples"
METADATA = SAMPLES / "metadata.csv"
NOT_INGESTED = {"README.md", "metadata.csv"}


@pytest.fixture(scope="module")
def vocabularies() -> Vocabularies:
    return load_vocabularies()


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with METADATA.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _several(cell: str) -> list[str]:
    return [value for value in cell.split(";") if value]


def _text(path: Path) -> str:
    if path.suffix == ".docx":
        return "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)
    return path.read_text(encoding="utf-8")


def test_every_file_has_one_row_and_every_row_a_file(rows: list[dict[str, str]]) -> None:
    files = {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*") if path.is_file()} - NOT_INGESTED
    assert sorted(row["path"] for row in rows) == sorted(files)


def test_the_hub_reads_every_row(rows: list[dict[str, str]], vocabularies: Vocabularies) -> None:
    metadata = read_metadata(METADATA, vocabularies)
    assert metadata.problems == []
    assert len(metadata.declared) == len(rows)
    assert set(rows[0]) == {"path", "access", "embargo_until", *COLUMNS}


def test_every_id_is_known(rows: list[dict[str, str]], vocabularies: Vocabularies) -> None:
    for row in rows:
        assert row["kind"] in vocabularies.kinds
        assert row["language"] in {"id", "en"}
        assert set(_several(row["organisation"])) <= set(vocabularies.organisations)
        assert 1 <= len(_several(row["themes"])) <= 3
        assert set(_several(row["themes"])) <= set(vocabularies.themes)
        assert set(_several(row["provinces"])) <= set(vocabularies.provinces)


def test_every_row_is_complete(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert date.fromisoformat(row["date"])
        for column in ("title", "organisation", "licence", "abstract"):
            assert row[column].strip(), (row["path"], column)


def test_no_province_is_named_before_it_existed(rows: list[dict[str, str]], vocabularies: Vocabularies) -> None:
    for row in rows:
        for province in _several(row["provinces"]):
            assert vocabularies.provinces[province].existed_on(date.fromisoformat(row["date"]))


def test_laws_are_numbered_as_they_are_titled_and_named(rows: list[dict[str, str]]) -> None:
    laws = [row for row in rows if row["kind"] == "regulation"]
    assert len(laws) >= 14
    for row in laws:
        found = re.fullmatch(r"Undang-Undang Nomor (\d+) Tahun (\d{4}) tentang .+", row["title"])
        assert found is not None, row["title"]
        number, year = found.groups()
        assert row["number"] == f"UU {number}/{year}"
        assert row["path"] == f"uu-{number}-{year}.pdf"
        assert row["date"].startswith(year)


def test_documents_of_our_own_say_in_their_text_that_they_are_samples(rows: list[dict[str, str]]) -> None:
    own = [row for row in rows if row["organisation"] == "ikhub"]
    assert len(own) >= 5
    for row in own:
        assert re.search(r"\((Contoh|Sample)\)$", row["title"])
        text = _text(SAMPLES / row["path"]).casefold()
        assert "dokumen contoh" in text or "sample document" in text, row["path"]


def test_the_samples_cover_formats_languages_and_kinds(rows: list[dict[str, str]]) -> None:
    assert {Path(row["path"]).suffix for row in rows} == {".pdf", ".docx", ".html", ".md", ".txt"}
    assert {row["language"] for row in rows} == {"id", "en"}
    kinds = {"regulation", "report", "policy-paper", "programme-document", "research", "guideline"}
    assert {row["kind"] for row in rows} == kinds


def test_the_samples_are_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 5_000_000
