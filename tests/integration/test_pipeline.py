"""From real files to documents: receipts, copies, metadata, and what goes wrong."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from holdings import arrivals, documents
from holdings.access import Viewer
from holdings.errors import FileOutcome, LockedError, StorageFullError
from holdings.model import Arrival, Document, DocumentField, Source
from holdings.settings import load_settings
from holdings.states import State
from holdings.tables import RelationRow
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import SearchRequest
from indexer.synchronise import check, synchronise
from ingest import work
from ingest.editing import edit_document, remove_document
from ingest.metadata import read_metadata
from tests.conftest import SAMPLES

LAW = SAMPLES / "uu-15-2003.pdf"
TEXT = "Laporan pelaksanaan rencana aksi daerah pencegahan ekstremisme di Kabupaten Poso. " * 12


def _add(hub: Hub, *paths: Path, access: tuple[str, ...] = (), metadata: Path | None = None) -> list[Arrival]:
    declared = read_metadata(metadata, hub.vocabularies, hub.settings.app.zone) if metadata else None
    ids = work.receive(hub, paths, access=access, metadata=declared)
    work.finish(hub, ids)
    with hub.catalogue.read() as session:
        return arrivals.get_many(session, ids)


def _document(hub: Hub, arrival: Arrival) -> Document:
    assert arrival.document_id is not None
    with hub.catalogue.read() as session:
        return documents.get(session, arrival.document_id)


def _total(hub: Hub, query: str = "", *labels: str) -> int:
    return discover(hub, SearchRequest(query=query, viewer=Viewer.of(*labels))).total


def _written(path: Path, text: str = TEXT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_law_becomes_a_document_that_is_found(hub: Hub) -> None:
    (receipt,) = _add(hub, LAW)
    assert receipt.outcome is FileOutcome.INGESTED
    assert receipt.text is not None
    assert (receipt.text.pages, receipt.text.pages_without_text, receipt.text.truncated) == (5, 0, ())
    document = _document(hub, receipt)
    assert document.value(DocumentField.NUMBER) == "UU 15/2003"
    assert "Terorisme" in document.title
    assert document.language == "id"
    assert document.value(DocumentField.KIND) == "regulation"
    assert document.value(DocumentField.DATE) == "2003-04-04"
    assert all(s.source is Source.INFERRED and 0 < s.confidence <= 1 and s.evidence for s in document.statements)
    assert _total(hub, "terorisme") == 1
    assert list(check(hub)) == []


def test_a_folder_is_walked_and_every_file_has_its_receipt(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "cupboard"
    _written(folder / "b" / "laporan.txt")
    _written(folder / "a.html", f"<html lang='id'><title>Kajian</title><body><p>{TEXT} kajian</p></body></html>")
    (folder / "empty.pdf").touch()
    (folder / "picture.pdf").write_bytes(b"GIF89a" + b"\0" * 100)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF follows")
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 not a zip")
    (folder / "link").symlink_to(folder, target_is_directory=True)
    receipts = {Path(r.path).name: r for r in _add(hub, folder, tmp_path / "vanished.pdf")}
    assert {
        name: (r.outcome.value if r.outcome else None, r.error and r.error.code) for name, r in receipts.items()
    } == {
        "laporan.txt": ("ingested", None),
        "a.html": ("ingested", None),
        "empty.pdf": ("rejected", "empty"),
        "picture.pdf": ("rejected", "unsupported_format"),
        "broken.pdf": ("failed", "corrupt"),
        "broken.docx": ("failed", "corrupt"),
        "vanished.pdf": ("failed", "not_found"),
    }
    assert all(r.error is None or (r.error.message and r.error.advice) for r in receipts.values())
    for name, receipt in receipts.items():
        path = next(folder.rglob(name), None)
        assert receipt.sha256 == (hashlib.sha256(path.read_bytes()).hexdigest() if path else None), name
    assert receipts["laporan.txt"].path == str(folder / "b" / "laporan.txt"), "as walked from what was given"
    assert _total(hub) == 2


def test_names_that_are_no_text_are_read_and_shown(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for number, name in enumerate((b"\xff\xfe.txt", b"new\nline.txt", b"x" * 250 + b".txt")):
        _written(folder / os.fsdecode(name), f"{TEXT} {number}")
    (folder / "dangling.pdf").symlink_to("/nowhere")
    receipts = {Path(r.path).name: r for r in _add(hub, folder)}
    assert receipts.pop("dangling.pdf").outcome is FileOutcome.FAILED
    assert {r.outcome for r in receipts.values()} == {FileOutcome.INGESTED}
    assert "\\xff\\xfe.txt" in receipts
    assert _document(hub, receipts["\\xff\\xfe.txt"]).files[0].names == ("\\xff\\xfe.txt",)
    assert {r.outcome for r in _add(hub, folder)} == {FileOutcome.UNCHANGED, FileOutcome.FAILED}


def test_the_hub_does_not_ingest_its_own_data(hub: Hub, tmp_path: Path) -> None:
    _written(tmp_path / "a.txt")
    assert [Path(r.path).name for r in _add(hub, tmp_path)] == ["a.txt"], "the data folder is beside it"
    assert _add(hub, hub.settings.data) == []


def test_the_same_bytes_at_the_same_path_are_unchanged(hub: Hub, tmp_path: Path) -> None:
    path = _written(tmp_path / "laporan.txt")
    (first,) = _add(hub, path)
    (second,) = _add(hub, path)
    assert second.outcome is FileOutcome.UNCHANGED
    assert second.document_id == first.document_id
    assert second.text == first.text
    assert _document(hub, second).revision == 1


def test_the_same_bytes_elsewhere_and_the_same_words_join_the_document(hub: Hub, tmp_path: Path) -> None:
    (first,) = _add(hub, _written(tmp_path / "laporan.txt"))
    (copy,) = _add(hub, _written(tmp_path / "salinan" / "laporan (2).txt"))
    (resaved,) = _add(hub, _written(tmp_path / "laporan.md", TEXT.replace(". ", ".\n")))
    for receipt in (copy, resaved):
        assert (receipt.outcome, receipt.document_id) == (FileOutcome.DUPLICATE, first.document_id)
    document = _document(hub, first)
    assert [file.names for file in document.files] == [("laporan.txt", "laporan (2).txt"), ("laporan.md",)]
    assert _total(hub) == 1


def test_short_texts_are_not_copies_of_each_other(hub: Hub, tmp_path: Path) -> None:
    receipts = _add(hub, _written(tmp_path / "a.txt", "Lampiran"), _written(tmp_path / "b.md", "Lampiran\n"))
    assert [r.outcome for r in receipts] == [FileOutcome.INGESTED] * 2


def test_copies_of_what_one_may_not_read_are_neither_joined_nor_told(hub: Hub, tmp_path: Path) -> None:
    (theirs,) = _add(hub, _written(tmp_path / "a.txt"), access=("org:bnpt",))
    (mine,) = _add(hub, _written(tmp_path / "b.txt"))
    assert mine.outcome is FileOutcome.INGESTED
    assert mine.document_id != theirs.document_id
    (again,) = _add(hub, _written(tmp_path / "c.txt"), access=("partners",))
    assert (again.outcome, again.document_id) == (FileOutcome.DUPLICATE, mine.document_id), (
        "partners read what is public"
    )
    assert (_total(hub), _total(hub, "", "org:bnpt")) == (1, 2)


def test_other_bytes_at_a_known_path_are_compared_as_a_new_version(hub: Hub, tmp_path: Path) -> None:
    text = next(SAMPLES.glob("*.md")).read_text(encoding="utf-8")
    (first,) = _add(hub, _written(tmp_path / "a.txt", text))
    (second,) = _add(hub, _written(tmp_path / "a.txt", f"{text}\nBab tambahan tentang pemantauan dan evaluasi.\n"))
    assert second.outcome is FileOutcome.INGESTED
    assert second.document_id != first.document_id
    with hub.catalogue.read() as session:
        (relation,) = session.scalars(select(RelationRow))
        assert (relation.record_id, relation.other_id) == (second.document_id, first.document_id)
        assert (relation.relation, relation.status) == ("new-version", "found")


def test_what_failed_is_tried_again_when_it_is_added_again(hub: Hub, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    (missing,) = _add(hub, path)
    assert missing.outcome is FileOutcome.FAILED
    (found,) = _add(hub, _written(path))
    assert found.outcome is FileOutcome.INGESTED


def test_what_was_removed_is_a_new_document_when_it_is_added_again(hub: Hub, tmp_path: Path) -> None:
    (first,) = _add(hub, _written(tmp_path / "a.txt"))
    remove_document(hub, first.document_id or "")
    (second,) = _add(hub, tmp_path / "a.txt")
    assert second.outcome is FileOutcome.INGESTED
    assert second.document_id != first.document_id
    assert _total(hub) == 1


def test_a_file_is_ingested_from_the_store_once_it_is_there(hub: Hub, tmp_path: Path) -> None:
    """What was stored before a crash does not need the original any more."""
    path = _written(tmp_path / "a.txt")
    (arrival_id,) = work.receive(hub, [path])
    from holdings.model import StoredFile

    stored = hub.files.add_original(path, max_bytes=10**6)
    with hub.catalogue.write() as session:
        arrivals.note_stored(session, arrival_id, StoredFile(stored.sha256, stored.size, "text/plain", ("a.txt",)))
    path.unlink()
    assert work.run(hub).outcomes == {"ingested": 1}


def test_declared_beats_inferred(hub: Hub, tmp_path: Path) -> None:
    shutil.copy(LAW, tmp_path / "uu.pdf")
    (tmp_path / "m.csv").write_text(
        "path,title,kind,date,authors,organisation,themes,provinces,language,access,embargo_until,licence,abstract\n"
        'uu.pdf,Judul Sendiri,guideline,2020-02,"Siti; Budi",Yayasan Damai,deradicalisation;Hak asasi manusia,'
        "33;Aceh,en,partners,2020-01-01,CC-BY-4.0,Ringkasan\n",
        encoding="utf-8",
    )
    (receipt,) = _add(hub, tmp_path / "uu.pdf", metadata=tmp_path / "m.csv")
    document = _document(hub, receipt)
    assert document.title == "Judul Sendiri"
    assert document.values(DocumentField.AUTHOR) == ("Siti", "Budi")
    assert document.values(DocumentField.ORGANISATION) == ("yayasan-damai",)
    assert set(document.values(DocumentField.THEME)) == {"deradicalisation", "human-rights"}
    assert document.values(DocumentField.PROVINCE) == ("33", "11")
    assert (document.value(DocumentField.DATE), document.language) == ("2020-02", "en")
    assert document.access.labels == {"partners"}
    assert document.access.embargo_until == datetime(2020, 1, 1, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert any(s.source is Source.INFERRED for s in document.statements), "what was inferred is kept"


def test_a_corrected_metadata_file_is_applied_to_what_is_there(hub: Hub, tmp_path: Path) -> None:
    path, rows = _written(tmp_path / "a.txt"), tmp_path / "m.csv"
    rows.write_text("path,title,access\na.txt,Salah,\n", encoding="utf-8")
    (first,) = _add(hub, path, metadata=rows)
    rows.write_text("path,title,access\na.txt,Benar,partners\n", encoding="utf-8")
    (second,) = _add(hub, path, metadata=rows)
    assert (second.outcome, second.document_id) == (FileOutcome.UNCHANGED, first.document_id)
    document = _document(hub, second)
    assert document.title == "Benar"
    assert document.access.labels == {"partners"}
    assert (_total(hub, "benar"), _total(hub, "benar", "partners")) == (0, 1)


def test_a_row_that_cannot_be_read_stops_only_itself(hub: Hub, tmp_path: Path) -> None:
    for name in "abcdefg":
        _written(tmp_path / f"{name}.txt", f"{TEXT} {name}")
    (tmp_path / "m.csv").write_bytes(
        b"path,title,date,access,themes\n"
        b"a.txt,Satu,2018,partners,\n"
        b"b.txt,Dua,kemarin,partners,\n"  # line 3: no date
        b"c.txt,Tiga,2018,everyone,\n"  # line 4: no access label
        b"d.txt,Emp\xe4t,2018,partners,\n"  # line 5: not UTF-8
        b"e.txt,Lima,2018,partners,,,\n"  # line 6: too many cells
        b"f.txt,Enam,2018,partners,no-such-theme\n"  # line 7
        b'g.txt,"Tu"juh,2018,partners,\n'  # line 8: not CSV
    )
    metadata = read_metadata(tmp_path / "m.csv", hub.vocabularies, hub.settings.app.zone)
    assert [problem.line for problem in metadata.problems] == [3, 4, 5, 6, 7, 8]
    receipts = {Path(r.path).stem: r for r in _add(hub, tmp_path, metadata=tmp_path / "m.csv")}
    outcomes = {name: r.error.code if r.error else _document(hub, r).access.labels for name, r in receipts.items()}
    assert "m" not in outcomes, "the metadata file is no document"
    assert outcomes == {
        "a": {"partners"},
        "b": {"partners"},
        "c": "unreadable_metadata",
        "d": "unreadable_metadata",
        "e": "unreadable_metadata",
        "f": {"partners"},
        "g": "unreadable_metadata",
    }
    assert _total(hub) == 0, "nothing became public by mistake"


def test_state_and_space_are_taken_from_the_metadata_file(hub: Hub, tmp_path: Path) -> None:
    for name in "abcdefg":
        _written(tmp_path / f"{name}.txt", f"{TEXT} {name}")
    rows = tmp_path / "m.csv"
    rows.write_text(
        "path,state,space,access\na.txt,draft,bnpt,public\nb.txt,Submitted,bnpt,\nc.txt,,bnpt,partners\n"
        "d.txt,withdrawn,,\ne.txt,secret,bnpt,public\nf.txt,draft,no-such-organisation,public\ng.txt,draft,BNPT!,\n",
        encoding="utf-8",
    )
    metadata = read_metadata(rows, hub.vocabularies, hub.settings.app.zone)
    assert [problem.line for problem in metadata.problems] == [6, 8]
    receipts = {Path(r.path).stem: r for r in _add(hub, tmp_path, metadata=rows)}
    assert {name: receipt.error.code for name, receipt in receipts.items() if receipt.error} == dict.fromkeys(
        "efg", "unreadable_metadata"
    )
    access = {name: _document(hub, receipts[name]).access for name in "abcd"}
    assert {name: (one.state.value, one.keeper) for name, one in access.items()} == {
        "a": ("draft", "org:bnpt"),
        "b": ("submitted", "org:bnpt"),
        "c": ("published", "org:bnpt"),
        "d": ("withdrawn", None),
    }
    assert (_total(hub, ""), _total(hub, "", "partners", "org:bnpt")) == (0, 1)


def test_a_state_does_not_change_what_is_there(hub: Hub, tmp_path: Path) -> None:
    path, rows = _written(tmp_path / "a.txt"), tmp_path / "m.csv"
    (first,) = _add(hub, path)
    rows.write_text("path,state\na.txt,withdrawn\n", encoding="utf-8")
    (second,) = _add(hub, path, metadata=rows)
    assert (second.outcome, second.document_id) == (FileOutcome.UNCHANGED, first.document_id)
    assert _document(hub, second).state is State.PUBLISHED
    # The same bytes from another place, as a draft: a document of its own, and the public one stays as it is.
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "m.csv").write_text("path,state\nb.txt,draft\n", encoding="utf-8")
    shutil.copy(path, tmp_path / "b" / "b.txt")
    (third,) = _add(hub, tmp_path / "b" / "b.txt", metadata=tmp_path / "b" / "m.csv")
    assert third.document_id not in {None, first.document_id}
    assert _document(hub, third).state is State.DRAFT
    assert _total(hub) == 1


def test_an_embargo_ends_by_itself(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("path,embargo_until\na.txt,2999-01-01\n", encoding="utf-8")
    (receipt,) = _add(hub, _written(tmp_path / "a.txt"), metadata=tmp_path / "m.csv")
    assert _total(hub) == 0
    until = datetime.now(UTC) + timedelta(seconds=3)
    edit_document(hub, receipt.document_id or "", [f"embargo_until={until.isoformat()}"])
    synchronise(hub)
    assert _total(hub) == 0
    deadline = threading.Event()
    deadline.wait(max(0.0, (until - datetime.now(UTC)).total_seconds()) + 1.0)
    assert _total(hub) == 1


def test_editing_and_taking_back(hub: Hub, tmp_path: Path) -> None:
    (receipt,) = _add(hub, _written(tmp_path / "a.txt"))
    document_id = receipt.document_id or ""
    inferred = _document(hub, receipt).title
    edit_document(hub, document_id, ["title=Judul Baru", "themes=Deradikalisasi", "access=partners;org:bnpt"])
    changed = _document(hub, receipt)
    assert changed.title == "Judul Baru"
    assert changed.access.labels == {"partners", "org:bnpt"}
    edit_document(hub, document_id, ["title="])
    assert _document(hub, receipt).title == inferred


def test_a_second_run_at_the_same_time_is_told_to_wait(hub: Hub) -> None:
    with hub.catalogue.locks.hold("ingest-run"), pytest.raises(LockedError):
        work.run(hub)


def test_two_processes_that_add_the_same_folder_do_not_make_two_of_anything(hub: Hub, tmp_path: Path) -> None:
    for number in range(6):
        _written(tmp_path / "in" / f"{number}.txt", f"{TEXT} {number}")
    with open_hub(hub.settings) as other:
        threads = [threading.Thread(target=_add, args=(each, tmp_path / "in")) for each in (hub, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert _total(hub) == 6
    assert list(check(hub)) == []


def test_a_run_that_is_out_of_time_leaves_the_rest_for_the_next(hub: Hub, tmp_path: Path) -> None:
    for number in range(5):
        _written(tmp_path / f"{number}.txt", f"{TEXT} {number}")
    work.receive(hub, [tmp_path])
    summary = work.run(hub, max_seconds=0)
    assert (summary.outcomes, summary.waiting) == ({}, 5)
    assert work.run(hub).outcomes == {"ingested": 5}
    assert work.run(hub).outcomes == {}


def test_a_full_disk_is_a_clear_stop_and_nothing_is_lost(small_disk: Callable[[int], Path], tmp_path: Path) -> None:
    disk = small_disk(3)
    settings = load_settings(None, {"IKHUB_DATA": str(disk / "data")})
    initialise(settings)
    for number in range(4):
        _written(tmp_path / "in" / f"{number}.txt", f"{TEXT} {number}")
    with open_hub(settings) as hub:
        ids = work.receive(hub, [tmp_path / "in"])
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            while file.write(b"\0" * 4096) == 4096:
                if shutil.disk_usage(disk).free < 8192:
                    break
        summary = work.finish(hub, ids)
        assert isinstance(summary.stopped_by, StorageFullError)
        assert summary.waiting
        ballast.unlink()
        work.run(hub)
        with hub.catalogue.read() as session:
            assert {a.outcome for a in arrivals.get_many(session, ids)} == {FileOutcome.INGESTED}
        assert _total(hub) == 4
        assert list(check(hub)) == []
