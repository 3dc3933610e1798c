"""The samples that a newcomer reads first: every file described, every id known, marked as what it is, and small."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date
from pathlib import Path

import pytest
from docx import Document

from holdings.states import State
from holdings.vocabularies import Vocabularies, load_vocabularies
from ingest.metadata import COLUMNS, read_metadata

SAMPLES = Path(__file__).parents[2] / "samples"
METADATA = SAMPLES / "metadata.csv"
NOT_INGESTED = {"README.md", "metadata.csv", "organisations.csv"}
STAKEHOLDERS = SAMPLES / "stakeholders"


@pytest.fixture(scope="module")
def vocabularies() -> Vocabularies:
    return load_vocabularies()


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return _rows(METADATA)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file() and path.name not in NOT_INGESTED)


def _several(cell: str) -> list[str]:
    return [value for value in cell.split(";") if value]


def _text(path: Path) -> str:
    if path.suffix == ".docx":
        return "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)
    return path.read_text(encoding="utf-8")


def test_every_file_has_one_row_and_every_row_a_file(rows: list[dict[str, str]]) -> None:
    assert sorted(row["path"] for row in rows) == _files(SAMPLES)
    assert sorted(row["path"] for row in _rows(STAKEHOLDERS / "metadata.csv")) == _files(STAKEHOLDERS)


def test_the_hub_reads_every_row(rows: list[dict[str, str]], vocabularies: Vocabularies) -> None:
    metadata = read_metadata(METADATA, vocabularies, UTC)
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


def test_the_stakeholders_have_documents_of_every_access_and_state(vocabularies: Vocabularies) -> None:
    metadata = read_metadata(STAKEHOLDERS / "metadata.csv", vocabularies, UTC)
    assert metadata.problems == []
    declared = metadata.declared.values()
    assert {one.state for one in declared} == {State.DRAFT, State.SUBMITTED, State.PUBLISHED, State.WITHDRAWN}
    published = [one for one in declared if one.state is State.PUBLISHED]
    assert {"public", "partners"} < {label for one in published for label in one.access}
    assert any(one.access == (f"org:{one.space}",) for one in published)
    assert any(len(one.access) > 1 for one in published)
    assert any(one.embargo_until is not None for one in published)
    organisations = {row["id"]: row["group"] for row in _rows(STAKEHOLDERS / "organisations.csv")}
    assert {one.space for one in declared} == set(organisations)
    assert len(organisations) == 3
    assert set(organisations.values()) <= set(vocabularies.stakeholder_groups)


@pytest.mark.parametrize("name", _files(STAKEHOLDERS))
def test_documents_of_stakeholders_say_in_their_text_that_they_are_samples(name: str) -> None:
    text = _text(STAKEHOLDERS / name).casefold()
    assert "dokumen contoh" in text or "sample document" in text
