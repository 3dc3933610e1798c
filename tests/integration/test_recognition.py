"""Scans: found page by page, read by tesseract after everything else, and marked as read so."""

from __future__ import annotations

from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image

from holdings import arrivals, documents, texts
from holdings.errors import FileOutcome, LockedError
from holdings.model import Arrival, DocumentField
from indexer.discover import discover
from indexer.hub import Hub
from indexer.model import SearchRequest
from indexer.synchronise import check, synchronise
from ingest import recognition, reprocessing, work
from ingest.editing import edit_document
from ingest.pipeline import finish_arrival
from ingest.sandbox import Sandbox
from tests.conftest import SAMPLES
from tests.files import scans
from tests.fixtures_services import require
from tests.services.components import TESSERACT

LAW = SAMPLES / "uu-15-2003.pdf"


@pytest.fixture(scope="module")
def pages() -> list[Image.Image]:
    """The pages of a law as pictures; only where tesseract is there to read them."""
    require(TESSERACT.path)
    return scans.pictures_of(LAW)


def _scan(path: Path, pages: list[Image.Image]) -> Path:
    path.write_bytes(scans.scanned(pages))
    return path


def _mixed(path: Path, scan: Path) -> Path:
    """A PDF whose first page has text, and whose others are pictures."""
    mixed = pypdfium2.PdfDocument.new()
    for source, numbers in ((LAW, [0]), (scan, None)):
        document = pypdfium2.PdfDocument(source)
        mixed.import_pages(document, numbers)
        document.close()
    mixed.save(path)
    mixed.close()
    return path


def _recorded(hub: Hub, path: Path) -> Arrival:
    """Read all of a file but its scans."""
    (arrival_id,) = work.receive(hub, [path])
    with Sandbox() as sandbox:
        return finish_arrival(hub, sandbox, arrival_id)


def test_a_scan_is_read_and_found(hub: Hub, pages: list[Image.Image], tmp_path: Path) -> None:
    ids = work.receive(hub, [_scan(tmp_path / "scan.pdf", pages[:2])])
    summary = work.finish(hub, ids)
    assert (summary.outcomes, summary.pages_awaiting_ocr) == ({"ingested": 1}, 0)
    with hub.catalogue.read() as session:
        (receipt,) = arrivals.get_many(session, ids)
        document = documents.get(session, receipt.document_id or "")
    assert receipt.text is not None
    assert (receipt.text.pages, receipt.text.pages_without_text, receipt.text.pages_by_ocr) == (2, 0, 2)
    assert document.value(DocumentField.NUMBER) == "UU 15/2003", "it is described from what was recognised"
    assert all(page.by_ocr for page in hub.files.pages(document.text.sha256))
    assert discover(hub, SearchRequest(query="pemberantasan terorisme")).total == 1
    assert list(check(hub)) == []


def test_a_document_is_found_by_its_text_pages_before_its_scans_are_read(
    hub: Hub, pages: list[Image.Image], tmp_path: Path
) -> None:
    path = _mixed(tmp_path / "mixed.pdf", _scan(tmp_path / "scan.pdf", pages[1:3]))
    arrival = _recorded(hub, path)
    assert arrival.outcome is FileOutcome.INGESTED
    assert arrival.text is not None
    assert arrival.text.scans == (2, 3)
    synchronise(hub)
    assert discover(hub, SearchRequest(query="terorisme")).total == 1
    before = [page.text for page in hub.files.pages(arrival.text.sha256)]
    assert before[1:] == ["", ""]

    assert work.run(hub).pages_awaiting_ocr == 0
    with hub.catalogue.read() as session:
        text = documents.get(session, arrival.document_id or "").text
    after = list(hub.files.pages(text.sha256))
    assert [page.by_ocr for page in after] == [False, True, True]
    assert after[0].text == before[0]
    assert "Menetapkan" in after[1].text
    assert dict(text.readers).keys() == {after[1].reader, text.reader}


def test_what_was_recognised_survives_a_crash_and_is_not_read_twice(
    hub: Hub, pages: list[Image.Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrival = _recorded(hub, _scan(tmp_path / "scan.pdf", pages[:3]))
    assert arrival.text is not None
    with hub.catalogue.write() as session:
        for number in (1, 2):
            texts.add_reading(
                session, arrival.text.sha256, texts.PageReading(number, f"kata halaman {number}", "tesseract 0")
            )
    assert texts_waiting(hub) == 1
    with Sandbox() as sandbox:
        assert recognition.recognise(hub, sandbox, arrival.text.sha256) == [arrival.document_id]
    with hub.catalogue.read() as session:
        text = documents.get(session, arrival.document_id or "").text
    found = [page.text for page in hub.files.pages(text.sha256)]
    assert found[:2] == ["kata halaman 1", "kata halaman 2"]
    assert len(found[2]) > 200
    assert texts_waiting(hub) == 0


def texts_waiting(hub: Hub) -> int:
    with hub.catalogue.read() as session:
        return texts.pages_waiting_for_ocr(session)


def test_long_scans_are_read_in_batches(
    hub: Hub, pages: list[Image.Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "BATCH", 2)
    arrival = _recorded(hub, _scan(tmp_path / "scan.pdf", pages[:3]))
    assert arrival.text is not None
    with Sandbox() as sandbox:
        assert recognition.recognise(hub, sandbox, arrival.text.sha256) is None
        assert texts_waiting(hub) == 1
        assert recognition.recognise(hub, sandbox, arrival.text.sha256) == [arrival.document_id]


def test_two_processes_do_not_read_the_same_scan(hub: Hub, pages: list[Image.Image], tmp_path: Path) -> None:
    arrival = _recorded(hub, _scan(tmp_path / "scan.pdf", pages[:1]))
    assert arrival.text is not None
    with (
        hub.catalogue.locks.hold(f"ocr-{arrival.text.sha256}"),
        Sandbox() as sandbox,
        pytest.raises(LockedError),
    ):
        recognition.recognise(hub, sandbox, arrival.text.sha256)


def test_where_tesseract_is_missing_pages_wait_until_it_is_there(
    hub: Hub, pages: list[Image.Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.setenv("PATH", str(tmp_path))
        ids = work.receive(hub, [_scan(tmp_path / "scan.pdf", pages[:1])])
        summary = work.finish(hub, ids)
        assert (summary.outcomes, summary.pages_awaiting_ocr) == ({"ingested": 1}, 1)
        assert work.run(hub).pages_awaiting_ocr == 1
    assert work.run(hub).pages_awaiting_ocr == 0
    assert discover(hub, SearchRequest(query="undang-undang")).total == 1


def test_a_page_that_cannot_be_recognised_says_why_and_the_others_are_read(
    hub: Hub, pages: list[Image.Image], tmp_path: Path
) -> None:
    arrival = _recorded(hub, _scan(tmp_path / "scan.pdf", pages[:2]))
    assert arrival.text is not None
    (hub.files.original(arrival.sha256 or "")).chmod(0o640)
    with hub.catalogue.write() as session:
        row = texts.get(session, arrival.text.sha256)
        assert row.scans == (1, 2)
        texts.add_reading(
            session, arrival.text.sha256, texts.PageReading(1, "", "tesseract 0", "OCR of page 1 failed (timeout)")
        )
    work.run(hub)
    with hub.catalogue.read() as session:
        text = documents.get(session, arrival.document_id or "").text
    assert text.truncated == ("OCR of page 1 failed (timeout)",)
    assert (text.pages_without_text, text.scans) == (1, ())


def test_a_declaration_made_before_a_scan_was_read_stays(hub: Hub, pages: list[Image.Image], tmp_path: Path) -> None:
    arrival = _recorded(hub, _scan(tmp_path / "scan.pdf", pages[:1]))
    assert arrival.document_id is not None
    edit_document(hub, arrival.document_id, ["title=Judul dari orang"])
    work.run(hub)
    with hub.catalogue.read() as session:
        assert documents.get(session, arrival.document_id).title == "Judul dari orang"


def test_reading_again_does_not_recognise_again(
    hub: Hub, pages: list[Image.Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = work.receive(hub, [_scan(tmp_path / "scan.pdf", pages[:1])])
    work.finish(hub, ids)
    assert reprocessing.outdated(hub) == []
    work.reprocess(hub, reprocessing.outdated(hub, every=True))
    assert texts_waiting(hub) == 0
    monkeypatch.setattr(reprocessing, "ocr_reader", lambda languages: "tesseract 99 ind+eng")
    assert len(reprocessing.outdated(hub)) == 1, "an older tesseract has read it"
