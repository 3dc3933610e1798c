"""Purging: what is destroyed, what stays on record, what is refused afterwards, and a kill in the middle of it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from desk import purging
from desk.purging import PurgeOrder, purge
from desk.reviewing import take
from holdings import arrivals, documents, purges, texts
from holdings.audit import COMMAND_LINE
from holdings.backup.making import back_up
from holdings.errors import (
    ChangedMeanwhileError,
    FileOutcome,
    NotAllowedError,
    PurgedFileError,
    StillUsedError,
    UnknownIdError,
)
from holdings.filestore import original_place, text_place
from holdings.model import Arrival, Document, DocumentField, Page, PageUnit, Source
from holdings.purges import Purged
from holdings.reasons import Reason
from holdings.states import State
from holdings.workflow import Action
from indexer.discover import discover
from indexer.hub import Hub
from indexer.model import SearchRequest
from indexer.reading import original, read_pages
from indexer.synchronise import rebuild, synchronise
from ingest import work
from ingest.purging import destroy_purged
from ingest.reading import put_in_place, read_again
from ingest.reprocessing import outdated
from tests.conftest import SAMPLES
from tests.review_cast import Cast, audited, make_cast, now, put_in

COURT = PurgeOrder(Reason.COURT_ORDER, "Putusan 12/2026")
WORDS = "Nama saksi dalam perkara ini adalah rahasia dan tidak boleh diumumkan kepada siapa pun. " * 6


def _add(hub: Hub, path: Path) -> Arrival:
    """Add a file as the command line does and return its receipt."""
    ids = work.receive(hub, [path])
    work.finish(hub, ids)
    with hub.catalogue.read() as session:
        return arrivals.get(session, ids[0])


def _written(path: Path, text: str = WORDS) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _withdrawn(hub: Hub, document_id: str) -> Document:
    return take(hub, None, document_id, Action.WITHDRAW, edition=now(hub, document_id).edition)


def _document_of(arrival: Arrival) -> str:
    assert arrival.document_id is not None, arrival.error
    return arrival.document_id


def _purged(hub: Hub, document_id: str, order: PurgeOrder = COURT) -> Document:
    return purge(hub, None, document_id, order, edition=now(hub, document_id).edition)


def test_original_and_text_are_destroyed(hub: Hub, tmp_path: Path) -> None:
    before = now(hub, _document_of(_add(hub, _written(tmp_path / "saksi.txt"))))
    (file,) = before.files
    place = hub.files.original(file.sha256)
    _withdrawn(hub, before.id)
    after = _purged(hub, before.id)
    assert not place.exists()
    assert not list((hub.settings.data / "texts").rglob(f"{before.text.sha256}*"))
    assert list(read_pages(hub, after)) == []
    with pytest.raises(PurgedFileError):
        original(hub, after, file.sha256)
    with hub.catalogue.read() as session:
        told = {(p.what, p.sha256, p.reason, p.note) for p in purges.of_document(session, before.id)}
    assert told == {
        (Purged.ORIGINAL, file.sha256, Reason.COURT_ORDER, "Putusan 12/2026"),
        (Purged.TEXT, before.text.sha256, Reason.COURT_ORDER, "Putusan 12/2026"),
    }
    actor, action, details = audited(hub, before.id)[-1]
    assert (actor, action, details["reason"]) == ("command-line", "document.purge", "court-order")
    assert "Putusan" not in str(audited(hub, before.id))


def test_no_word_of_the_text_stays_in_the_catalogue(hub: Hub) -> None:
    arrival = _add(hub, SAMPLES / "uu-6-2006.pdf")
    document_id = _document_of(arrival)
    assert any(s.evidence for s in now(hub, document_id).statements)
    _withdrawn(hub, document_id)
    after = _purged(hub, document_id)
    assert all(not s.evidence for s in after.statements if s.source is Source.INFERRED)
    assert all(s.field is not DocumentField.ABSTRACT for s in after.statements if s.source is Source.INFERRED)


def test_the_text_can_be_kept(hub: Hub, tmp_path: Path) -> None:
    before = now(hub, _document_of(_add(hub, _written(tmp_path / "saksi.txt"))))
    _withdrawn(hub, before.id)
    after = _purged(hub, before.id, PurgeOrder(Reason.COPYRIGHT, with_text=False))
    assert "saksi" in next(read_pages(hub, after)).text
    take(hub, None, before.id, Action.REINSTATE, edition=after.edition)
    synchronise(hub)
    assert now(hub, before.id).state is State.PUBLISHED


def test_the_same_bytes_are_refused_until_they_are_allowed_again(hub: Hub, tmp_path: Path) -> None:
    path = _written(tmp_path / "saksi.txt")
    first = _add(hub, path)
    _withdrawn(hub, _document_of(first))
    _purged(hub, _document_of(first))
    again = _add(hub, _written(tmp_path / "lain.txt"))
    assert again.outcome is FileOutcome.REJECTED
    assert again.error is not None
    assert again.error.code == "purged"
    assert Reason.COURT_ORDER.value not in again.error.message, "whoever has the same file is not told why"
    assert first.sha256 is not None
    assert not hub.files.destroy_original(first.sha256), "it is out of the file store again"
    assert _add(hub, path).outcome is FileOutcome.REJECTED, "from its own place too"
    purging.allow_again(hub, None, first.sha256)
    allowed = _add(hub, _written(tmp_path / "ketiga.txt"))
    assert allowed.outcome is not FileOutcome.REJECTED
    assert hub.files.original(first.sha256).exists()
    assert destroy_purged(hub) == 0
    assert hub.files.original(first.sha256).exists()
    assert "saksi" in next(read_pages(hub, now(hub, _document_of(allowed)))).text
    with pytest.raises(UnknownIdError):
        purging.allow_again(hub, None, "0" * 64)


def test_a_file_that_was_allowed_again_is_read_anew(hub: Hub, tmp_path: Path) -> None:
    path, other = _written(tmp_path / "saksi.txt"), _written(tmp_path / "lain.txt", WORDS.replace("saksi", "pelapor"))
    first, second = (now(hub, _document_of(_add(hub, one))) for one in (path, other))
    for document in (first, second):
        _withdrawn(hub, document.id)
        _purged(hub, document.id)
    purging.allow_again(hub, None, first.files[0].sha256)
    again = _add(hub, path)
    assert (again.outcome, again.document_id) == (FileOutcome.UNCHANGED, first.id)
    assert again.text is not None
    assert again.text.pages == 1
    assert "saksi" in next(read_pages(hub, now(hub, first.id))).text
    assert now(hub, second.id).text.was_destroyed, "another document without text does not get these words"
    take(hub, None, first.id, Action.REINSTATE, edition=now(hub, first.id).edition)
    synchronise(hub)
    assert discover(hub, SearchRequest(query="saksi")).total == 1


def test_a_published_document_gets_its_text_back_from_elsewhere(hub: Hub, tmp_path: Path) -> None:
    before = now(hub, _document_of(_add(hub, _written(tmp_path / "saksi.txt"))))
    _withdrawn(hub, before.id)
    _purged(hub, before.id)
    take(hub, None, before.id, Action.REINSTATE, edition=now(hub, before.id).edition)
    purging.allow_again(hub, None, before.files[0].sha256)
    again = _add(hub, _written(tmp_path / "lain.txt"))
    assert (again.outcome, again.document_id) == (FileOutcome.DUPLICATE, before.id)
    assert "saksi" in next(read_pages(hub, now(hub, before.id))).text


def test_a_scan_whose_file_was_purged_waits_for_ocr_again(hub: Hub) -> None:
    with hub.files.text_writer() as writer:
        writer.add(Page(1, PageUnit.PAGE, "", scan=True))
        stored = writer.finish(reader="pdf", truncated=(), file_sha256="a" * 64)
    with hub.catalogue.write() as session:
        texts.record(session, stored)
        texts.wait_no_more(session, ["a" * 64])
    with hub.catalogue.write() as session:
        assert texts.get(session, stored.text.sha256).scans == ()
        texts.record(session, stored)
    with hub.catalogue.read() as session:
        assert texts.get(session, stored.text.sha256).scans == (1,)


def test_no_file_of_the_catalogue_keeps_its_words(hub: Hub) -> None:
    document_id = _document_of(_add(hub, SAMPLES / "uu-6-2006.pdf"))
    kept = next(e for s in now(hub, document_id).statements for e in s.evidence if len(e.words) > 15).words
    stored = json.dumps(kept)[1:-1].encode()
    assert any(stored in path.read_bytes() for path in hub.settings.data.glob("catalogue.sqlite3*"))
    _withdrawn(hub, document_id)
    _purged(hub, document_id)
    assert not any(stored in path.read_bytes() for path in hub.settings.data.glob("catalogue.sqlite3*"))


def test_the_archive_that_it_came_in_goes_too(hub: Hub, tmp_path: Path) -> None:
    archive = tmp_path / "berkas.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("saksi.txt", WORDS)
        made.writestr("lain.txt", "Laporan lain yang tidak ada hubungannya dengan perkara itu. " * 8)
    came = _add(hub, archive)
    with hub.catalogue.read() as session:
        members = arrivals.get_many(session, arrivals.members_of(session, [came.id]))
    ours, other = (next(m for m in members if m.path.endswith(name)) for name in ("saksi.txt", "lain.txt"))
    assert came.sha256 is not None
    _withdrawn(hub, _document_of(ours))
    _purged(hub, _document_of(ours))
    assert not hub.files.destroy_original(came.sha256)
    assert other.sha256 is not None
    assert hub.files.original(other.sha256).exists()
    # The same file in another archive: that one is not kept either.
    second = tmp_path / "kedua.zip"
    with zipfile.ZipFile(second, "w") as made:
        made.writestr("folder/saksi.txt", WORDS)
    added = _add(hub, second)
    assert added.sha256 is not None
    assert not hub.files.destroy_original(added.sha256)


def test_what_others_need_is_not_destroyed(hub: Hub, tmp_path: Path) -> None:
    first = _document_of(_add(hub, _written(tmp_path / "saksi.txt")))
    with hub.catalogue.write() as session:
        (file,) = documents.get(session, first).files
        second = documents.add(
            session,
            statements=(),
            access=documents.get(session, first).access,
            text=documents.get(session, first).text,
            file=file,
        )
    _withdrawn(hub, first)
    with pytest.raises(StillUsedError):
        _purged(hub, first)
    assert hub.files.original(file.sha256).exists()
    with hub.catalogue.read() as session:
        assert purges.of_document(session, first) == []
    _withdrawn(hub, second)
    _purged(hub, first)
    with pytest.raises(PurgedFileError):
        original(hub, now(hub, second), file.sha256)


def test_a_kill_before_the_bytes_went_is_finished_by_the_next_run(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = now(hub, _document_of(_add(hub, _written(tmp_path / "saksi.txt"))))
    place = hub.files.original(before.files[0].sha256)
    _withdrawn(hub, before.id)

    def killed(_: Hub) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(purging, "destroy_purged", killed)
        with pytest.raises(KeyboardInterrupt):
            _purged(hub, before.id)
    assert place.exists()
    with pytest.raises(PurgedFileError):
        original(hub, now(hub, before.id), before.files[0].sha256)
    work.run(hub)
    assert not place.exists()
    assert not list((hub.settings.data / "texts").rglob(f"{before.text.sha256}*"))


def test_nothing_waits_or_breaks_after_it(hub: Hub, tmp_path: Path) -> None:
    before = _document_of(_add(hub, _written(tmp_path / "saksi.txt")))
    _withdrawn(hub, before)
    _purged(hub, before)
    assert rebuild(hub).refused == {}
    summary = work.run(hub)
    assert (summary.waiting, summary.stopped_by, summary.problems) == (0, None, [])
    with hub.catalogue.read() as session:
        assert texts.waiting_for_ocr(session) == []
    assert outdated(hub, every=True) == [], "there is nothing to read again"


def test_what_a_worker_reads_meanwhile_is_destroyed_too(hub: Hub, tmp_path: Path) -> None:
    before = now(hub, _document_of(_add(hub, _written(tmp_path / "saksi.txt"))))
    with hub.files.text_writer() as writer:
        writer.add(Page(1, PageUnit.PAGE, f"Terbaca: {WORDS}"))
        stored = writer.finish(reader="ocr", truncated=(), file_sha256=before.files[0].sha256)
    reading = read_again(hub, stored.text)
    _withdrawn(hub, before.id)
    _purged(hub, before.id)
    assert put_in_place(hub, before.text.sha256, stored, reading) == []
    assert not (hub.settings.data / text_place(stored.text.sha256)).exists()
    with hub.catalogue.write() as session:
        assert not texts.add_reading(session, before.text.sha256, texts.PageReading(1, WORDS, "ocr"))
        assert texts.readings(session, before.text.sha256) == {}


@pytest.fixture
def people(hub: Hub) -> Cast:
    return make_cast(hub)


def test_who_may_purge(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, State.PUBLISHED)
    for who in (people.curator, people.editor):
        with pytest.raises(NotAllowedError):
            purge(hub, who, document.id, COURT, edition=document.edition)
    withdrawn = _withdrawn(hub, document.id)
    with pytest.raises(NotAllowedError):
        purge(hub, people.editor, document.id, COURT, edition=withdrawn.edition)
    with pytest.raises(UnknownIdError):
        purge(hub, people.stranger, document.id, COURT, edition=withdrawn.edition)
    with pytest.raises(ChangedMeanwhileError):
        purge(hub, people.administrator, document.id, COURT, edition=document.edition)
    purge(hub, people.administrator, document.id, COURT, edition=withdrawn.edition)
    with pytest.raises(NotAllowedError):
        purging.allow_again(hub, people.curator, document.files[0].sha256)
    purging.allow_again(hub, people.administrator, document.files[0].sha256)


def test_a_backup_neither_misses_nor_keeps_it(hub: Hub, tmp_path: Path) -> None:
    before = now(hub, _document_of(_add(hub, _written(tmp_path / "saksi.txt"))))
    folder = tmp_path / "backup"
    back_up(hub.settings, hub.catalogue, folder, by=COMMAND_LINE)
    places = [folder / original_place(before.files[0].sha256), folder / text_place(before.text.sha256)]
    assert all(place.exists() for place in places)
    _withdrawn(hub, before.id)
    _purged(hub, before.id)
    assert back_up(hub.settings, hub.catalogue, folder, by=COMMAND_LINE).manifest.lacking == ()
    assert not any(place.exists() for place in places)


def test_the_command_line(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document_id = _document_of(_add(hub, _written(tmp_path / "saksi.txt")))
    sha256 = now(hub, document_id).files[0].sha256
    monkeypatch.setenv("IKHUB_DATA", str(hub.settings.data))

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["document", *arguments])
        return done.exit_code, done.output

    assert run("purge", document_id, "--reason", "court-order", "--yes")[0] == 1, "it is not withdrawn"
    assert run("withdraw", document_id)[0] == 2, "a reason is needed"
    assert run("withdraw", document_id, "--reason", "court-order", "--note", "Putusan 12")[0] == 0
    assert run("reinstate", document_id)[0] == 0
    assert run("withdraw", document_id, "--reason", "court-order", "--hide-title")[0] == 0
    for destructive in (("purge", document_id, "--reason", "court-order"), ("remove", document_id)):
        code, said = run(*destructive)
        assert (code, "--yes" in said) == (2, True), "nobody is there to ask"
    assert hub.files.has_original(sha256)
    assert now(hub, document_id).removed_at is None
    code, said = run("purge", document_id, "--reason", "court-order", "--yes")
    assert code == 0
    assert sha256 in said
    assert not hub.files.has_original(sha256)
    assert run("publish", document_id)[0] == 1, "it was not submitted"
    assert run("allow-again", sha256)[0] == 0
    assert run("allow-again", sha256)[0] == 2
