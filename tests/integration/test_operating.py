"""What those who run the hub rely on: files that break off, trying again, reading again, figures."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.metrics import registry_of, write_metrics
from holdings import arrivals, documents, failed_arrivals, texts
from holdings.errors import FileOutcome, UnknownIdError, UsageError
from holdings.model import Arrival, Document, DocumentField, Source
from holdings.settings import Settings
from indexer.discover import discover
from indexer.hub import Hub
from indexer.model import SearchRequest
from ingest import reprocessing, work
from ingest.editing import edit_document
from ingest.extractors import EXTRACTORS, Reader
from ingest.media_types import PLAIN_TEXT
from ingest.pipeline import finish_arrival
from ingest.sandbox import Sandbox
from tests.integration import hostile_readers

TEXT = "Laporan pelaksanaan rencana aksi daerah pencegahan ekstremisme di Kabupaten Poso. " * 12


def _receive(hub: Hub, *paths: Path) -> list[int]:
    return work.receive(hub, paths)


def _read_by(hub: Hub, path: Path, reader: str) -> Arrival:
    """Ingest a file as if a reader of `hostile_readers` were the one of its format."""
    (arrival_id,) = _receive(hub, path)
    with Sandbox(extractors=f"{hostile_readers.__name__}:AS_TEXT_{reader}") as sandbox:
        return finish_arrival(hub, sandbox, arrival_id)


def _add(hub: Hub, *paths: Path) -> list[Arrival]:
    ids = _receive(hub, *paths)
    work.finish(hub, ids)
    with hub.catalogue.read() as session:
        return arrivals.get_many(session, ids)


def _document(hub: Hub, document_id: str | None) -> Document:
    assert document_id is not None
    with hub.catalogue.read() as session:
        return documents.get(session, document_id)


def _written(path: Path, text: str = TEXT) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_readable_in_a_damaged_file_is_read(hub: Hub, tmp_path: Path) -> None:
    arrival = _read_by(hub, _written(tmp_path / "a.txt"), "BREAKS_OFF")
    assert arrival.outcome is FileOutcome.INGESTED
    assert arrival.text is not None
    assert arrival.text.pages == 2
    assert arrival.text.truncated == (
        "Only the first 2 pages could be read (corrupt): The file cannot be read: ValueError: no third page",
    )


def test_a_file_of_which_no_word_can_be_read_has_failed(hub: Hub, tmp_path: Path) -> None:
    arrival = _read_by(hub, _written(tmp_path / "a.txt"), "BREAKS_OFF_AT_ONCE")
    assert arrival.outcome is FileOutcome.FAILED
    assert arrival.error is not None
    assert arrival.error.code == "corrupt"


def test_pages_that_wait_for_ocr_are_counted(hub: Hub, tmp_path: Path) -> None:
    arrival = _read_by(hub, _written(tmp_path / "a.txt"), "WITH_SCANS")
    assert arrival.text is not None
    assert arrival.text.scans == (2, 3)
    with hub.catalogue.read() as session:
        assert texts.waiting_for_ocr(session) == [arrival.text.sha256]
        assert texts.pages_waiting_for_ocr(session) == 2
        texts.add_reading(session, arrival.text.sha256, texts.PageReading(2, "dua", "tesseract 5"))
        assert texts.pages_waiting_for_ocr(session) == 1
    assert [page.scan for page in hub.files.pages(arrival.text.sha256)] == [False, True, True]


def test_without_ocr_no_page_waits_for_it(settings: Settings, hub: Hub, tmp_path: Path) -> None:
    hub.settings.ingest.ocr.__dict__["enabled"] = False
    arrival = _read_by(hub, _written(tmp_path / "a.txt"), "WITH_SCANS")
    assert arrival.text is not None
    assert arrival.text.scans == ()
    assert arrival.text.pages_without_text == 1


def _failed(hub: Hub) -> set[str]:
    with hub.catalogue.read() as session:
        return {arrival.path for arrival in failed_arrivals.all_failed(session)}


def test_retry_takes_what_failed_and_no_more(hub: Hub, tmp_path: Path) -> None:
    good, missing, program = _written(tmp_path / "good.txt"), tmp_path / "missing.txt", tmp_path / "program.pdf"
    program.write_bytes(b"\x7fELF" + b"\0" * 100)
    _add(hub, good, missing, program)
    assert _failed(hub) == {str(missing), str(program)}

    ids, gone = reprocessing.retry(hub)
    assert (ids, [a.path for a in gone]) == ([], [str(missing)]), "it is still not there"
    _written(missing, TEXT + "Kini ada.")
    ids, gone = reprocessing.retry(hub)
    assert gone == []
    with hub.catalogue.read() as session:
        assert [a.path for a in arrivals.get_many(session, ids)] == [str(missing)]
    work.finish(hub, ids)
    assert _failed(hub) == {str(program)}, "what was tried again stands no more"

    ids, _ = reprocessing.retry(hub, rejected=True)
    work.finish(hub, ids)
    with hub.catalogue.read() as session:
        assert [a.outcome for a in arrivals.get_many(session, ids)] == [FileOutcome.REJECTED]
    assert len(reprocessing.retry(hub, codes=["corrupt"])[0]) == 0
    assert len(reprocessing.retry(hub, paths=[str(program)])[0]) == 1
    with pytest.raises(UsageError, match=r"good\.txt"):
        reprocessing.retry(hub, paths=[str(good)])


def test_retry_reads_from_the_store_what_is_gone_from_its_place(hub: Hub, tmp_path: Path) -> None:
    path = _written(tmp_path / "a.txt")
    failed = _read_by(hub, path, "BREAKS_OFF_AT_ONCE")
    path.unlink()
    ids, _ = reprocessing.retry(hub)
    work.finish(hub, ids)
    with hub.catalogue.read() as session:
        (again,) = arrivals.get_many(session, ids)
    assert again.outcome is FileOutcome.INGESTED
    assert again.sha256 == failed.sha256


def test_reprocess_reads_again_what_an_older_reader_read(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = _add(hub, _written(tmp_path / "a.txt"), _written(tmp_path / "b.txt", TEXT + "Lain."))
    assert first.document_id is not None
    edit_document(hub, first.document_id, ["title=Judul yang benar"])
    assert reprocessing.outdated(hub) == []
    assert len(reprocessing.outdated(hub, every=True)) == 2

    newer = Reader("ingest.extractors.text", "charset-normalizer", revision=99)
    monkeypatch.setattr("ingest.extractors.EXTRACTORS", {**EXTRACTORS, PLAIN_TEXT: newer})
    outdated = reprocessing.outdated(hub)
    assert {read.document_id for read in outdated} == {first.document_id, second.document_id}
    told: list[object] = []
    summary = work.reprocess(hub, outdated, report=lambda read, error: told.append(error))
    assert (summary.stopped_by, told) == (None, [None, None])
    assert reprocessing.outdated(hub) == []
    document = _document(hub, first.document_id)
    assert document.text.reader.endswith("text 99")
    assert document.title == "Judul yang benar", "what a person declared stays"
    assert discover(hub, SearchRequest(query="ekstremisme")).total == 2


def test_reprocess_gives_a_document_its_new_words(hub: Hub, tmp_path: Path) -> None:
    arrival = _read_by(hub, _written(tmp_path / "a.txt"), "BREAKS_OFF")
    work.run(hub)
    assert discover(hub, SearchRequest(query="reintegrasi")).total == 1
    with pytest.raises(UnknownIdError):
        reprocessing.outdated(hub, ["nonesuch"])
    assert arrival.document_id is not None
    work.reprocess(hub, reprocessing.outdated(hub, [arrival.document_id], every=True))
    assert discover(hub, SearchRequest(query="reintegrasi")).total == 0
    assert discover(hub, SearchRequest(query="rencana aksi daerah")).total == 1
    with hub.catalogue.read() as session:
        (receipt,) = arrivals.receipts_of(session, arrival.document_id)
    assert receipt.text is not None
    assert receipt.text.truncated == (), "the receipt tells of the text that the document has now"


def test_a_document_can_be_described_again(hub: Hub, tmp_path: Path) -> None:
    (arrival,) = _add(hub, _written(tmp_path / "a.txt"))
    assert arrival.document_id is not None
    with hub.catalogue.write() as session:
        documents.infer(session, arrival.document_id, [])
    assert _document(hub, arrival.document_id).language == "und"
    reprocessing.describe_again(hub, arrival.document_id)
    document = _document(hub, arrival.document_id)
    assert document.language == "id"
    assert all(s.source is Source.INFERRED for s in document.stated(DocumentField.LANGUAGE))
    revision = document.revision
    reprocessing.describe_again(hub, arrival.document_id)
    assert _document(hub, arrival.document_id).revision == revision, "nothing new is no change"


def test_the_figures_say_what_the_catalogue_knows(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").touch()
    _add(hub, _written(tmp_path / "a.txt"), tmp_path / "empty.pdf")
    _receive(hub, _written(tmp_path / "later.txt", "nanti"))
    _read_by(hub, _written(tmp_path / "scans.txt", "pindaian"), "WITH_SCANS")
    write_metrics(hub, tmp_path / "ikhub.prom")
    families = {f.name: f for f in text_string_to_metric_families((tmp_path / "ikhub.prom").read_text())}

    def value(name: str, **labels: str) -> float:
        return next(s.value for s in families[name].samples if s.labels == labels)

    assert value("ikhub_up") == 1
    assert value("ikhub_files", outcome="ingested") == 2
    assert value("ikhub_files", outcome="waiting") == 1
    assert value("ikhub_files_standing", code="empty") == 1
    assert value("ikhub_documents") == 2
    assert value("ikhub_documents_to_index") == 1
    assert value("ikhub_pages_awaiting_ocr") == 2
    assert value("ikhub_oldest_waiting_seconds") >= 0
    assert value("ikhub_data_free_bytes") > 0


def test_the_figures_are_served(hub: Hub, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", "metrics", "--port", "0"],
        env={"IKHUB_DATA": str(hub.settings.data), "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        killer = threading.Timer(60, process.kill)
        killer.start()
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[-1]
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert b"ikhub_up 1.0" in answer.read()
        finally:
            process.terminate()
            assert process.wait(20) == 0
            killer.cancel()


def test_the_figures_say_so_when_the_catalogue_is_away(hub: Hub) -> None:
    from prometheus_client import generate_latest

    (hub.settings.data / "catalogue.sqlite3").rename(hub.settings.data / "away.sqlite3")
    hub.catalogue.close()
    (hub.settings.data / "catalogue.sqlite3").mkdir()
    assert b"ikhub_up 0.0" in generate_latest(registry_of(hub))


def test_the_commands(hub: Hub, tmp_path: Path) -> None:
    arrival = _read_by(hub, _written(tmp_path / "a.txt"), "BREAKS_OFF_AT_ONCE")
    environment = {"IKHUB_DATA": str(hub.settings.data), "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)}

    def ikhub(*arguments: str) -> tuple[int, list[dict[str, object]]]:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments, "--json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    code, (found,) = ikhub("ingest", "status")
    assert code == 0
    assert found["standing_by_code"] == {"corrupt": 1}
    code, (line,) = ikhub("ingest", "retry")
    assert (code, line["outcome"], line["path"]) == (0, "ingested", arrival.path)
    code, lines = ikhub("ingest", "reprocess", "--all")
    assert (code, lines) == (0, [{"document_id": line["document_id"], "error": None}])
    assert ikhub("ingest", "reprocess", "--describe")[0] == 0
    assert ikhub("ingest", "reprocess", "nonesuch")[0] == 2
    assert ikhub("ingest", "retry", "nonesuch")[0] == 2
