"""The inbox: files that come into a folder are received when they are whole, and lie where they belong afterwards."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ingest.inbox_places
from holdings import arrivals, documents, inboxes
from holdings.errors import InboxFolderError, LockedError
from holdings.model import Arrival, DocumentField
from holdings.settings import load_settings
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import SearchRequest
from ingest import work
from ingest.inbox import Inbox, InboxSummary
from ingest.inbox_files import being_written, waits
from tests.integration.inbox_driver import STEPS

ROOT = Path(__file__).parents[2]
TEXT = "Laporan tentang pencegahan ekstremisme di daerah. " * 20


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "kotak"
    folder.mkdir()
    return folder


def drop(folder: Path, name: str, words: str = "") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{TEXT} {words or name}", encoding="utf-8")
    return path


def once(hub: Hub, folder: Path, *, settle: float = 0, **options: Any) -> InboxSummary:
    return Inbox(hub, folder, settle_seconds=settle, **options).once()


def there(folder: Path) -> list[str]:
    """The files of a folder, by name from its top."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())


def receipt(folder: Path, name: str) -> dict[str, Any]:
    content = (folder / f"{name}.receipt.json").read_text(encoding="utf-8")
    assert content.count("\n") == 1
    value: dict[str, Any] = json.loads(content)
    return value


def counts(hub: Hub) -> dict[str, int]:
    with hub.catalogue.read() as session:
        return arrivals.counts(session)


def test_files_are_moved_with_their_receipts_and_folders(hub: Hub, inbox: Path) -> None:
    drop(inbox, "a.txt")
    drop(inbox, "2026/laporan/b.txt").chmod(0o444)
    (inbox / "kosong.pdf").touch()
    reported: list[Arrival] = []
    summary = once(hub, inbox, access=("partners",), report=reported.append)
    assert summary.outcomes == {"ingested": 2, "rejected": 1}
    assert summary.troubled
    assert there(inbox) == [
        "done/2026/laporan/b.txt",
        "done/2026/laporan/b.txt.receipt.json",
        "done/a.txt",
        "done/a.txt.receipt.json",
        "failed/kosong.pdf",
        "failed/kosong.pdf.receipt.json",
    ]
    line = receipt(inbox, "done/a.txt")
    assert set(line) >= {
        "path", "sha256", "outcome", "document_id", "pages", "pages_without_text", "truncated", "seconds", "error",
    }  # fmt: skip
    assert (line["path"], line["outcome"], line["error"]) == (str(inbox / "a.txt"), "ingested", None)
    assert receipt(inbox, "failed/kosong.pdf")["error"]["code"] == "empty"
    assert {arrival.path for arrival in reported} == {
        str(inbox / name) for name in ("a.txt", "2026/laporan/b.txt", "kosong.pdf")
    }
    assert discover(hub, SearchRequest()).total == 0, "partners only"
    with hub.catalogue.read() as session:
        assert documents.get(session, line["document_id"]).access.labels == {"partners"}
    assert not once(hub, inbox).outcomes, "what is done is not looked at"


def test_names_that_come_again_overwrite_nothing(hub: Hub, inbox: Path) -> None:
    for words in ("satu", "dua", "tiga"):
        drop(inbox, "laporan.txt", words)
        once(hub, inbox)
    drop(inbox, "laporan.txt", "tiga")
    assert once(hub, inbox).outcomes == {"unchanged": 1}
    assert there(inbox / "done") == sorted(
        f"laporan{number}.txt{end}" for number in ("", " (2)", " (3)", " (4)") for end in ("", ".receipt.json")
    )
    assert (inbox / "done/laporan (2).txt").read_text(encoding="utf-8").endswith("dua")
    with hub.catalogue.read() as session:
        locations = {arrival.location for arrival in arrivals.get_many(session, range(1, 5))}
    assert locations == {str(inbox / "laporan.txt")}, "other bytes under the name are a candidate for a new version"


def test_files_that_are_being_written_wait(hub: Hub, inbox: Path) -> None:
    drop(inbox, "selesai.txt")
    for name in (".tersembunyi.txt", "a.pdf.part", "b.pdf.crdownload", "~$c.docx", ".folder/d.txt", "Thumbs.db"):
        drop(inbox, name)
    with (inbox / "terbuka.txt").open("w", encoding="utf-8") as writer:
        writer.write(TEXT)
        writer.flush()
        summary = once(hub, inbox)
        assert summary.outcomes == {"ingested": 1}
        assert summary.waiting == 5
        assert (inbox / "terbuka.txt").exists()
    assert once(hub, inbox).outcomes == {"ingested": 1}
    assert "a.pdf.part" in there(inbox)


def test_a_file_that_grows_while_it_is_looked_at_waits(hub: Hub, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(inbox, "tumbuh.txt")
    drop(inbox, "tetap.txt")
    looks = Inbox(hub, inbox, settle_seconds=0.05)
    wait = looks._stop.wait

    def meanwhile(seconds: float | None = None) -> bool:
        with path.open("a", encoding="utf-8") as writer:
            writer.write("lagi")
        return wait(seconds)

    monkeypatch.setattr(looks._stop, "wait", meanwhile)
    summary = looks.once()
    assert summary.outcomes == {"ingested": 1}
    assert summary.waiting == 1
    assert path.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who has a file open")
def test_who_writes_and_who_reads(tmp_path: Path) -> None:
    written, read = tmp_path / "w", tmp_path / "r"
    read.touch()
    with written.open("ab"), read.open("rb"):
        assert being_written([written, read]) == {written}
    assert being_written([written, read]) == set()


@pytest.mark.parametrize("name", ["a/.b", "a.part", "A.PART", "x.crdownload", "~$x.docx", "x.tmp", "x.filepart", "x~"])
def test_names_of_what_is_unfinished(name: str) -> None:
    assert waits(name)
    assert not waits(f"{name}.pdf") or name[0] in "~." or "/." in name


def test_a_metadata_file_beside_files_applies(hub: Hub, inbox: Path) -> None:
    drop(inbox, "a.txt")
    drop(inbox, "dalam/b.txt")
    drop(inbox, "dalam/c.txt")
    (inbox / "metadata.csv").write_text("path,title,access\na.txt,Judul A,partners\ndalam/b.txt,Judul B,\n", "utf-8")
    (inbox / "dalam/metadata.csv").write_text("path,title,date\nc.txt,Judul C,someday\n", "utf-8")
    summary = once(hub, inbox)
    assert summary.outcomes == {"ingested": 3}
    assert any("line 2" in problem for problem in summary.problems)
    titles = {}
    with hub.catalogue.read() as session:
        for name in ("a.txt", "dalam/b.txt", "dalam/c.txt"):
            document = documents.get(session, receipt(inbox, f"done/{name}")["document_id"])
            titles[name] = document.value(DocumentField.TITLE)
            assert document.access.labels == ({"partners"} if name == "a.txt" else {"public"})
    assert titles["a.txt"] == "Judul A"
    assert titles["dalam/b.txt"] == "Judul B"
    assert (inbox / "metadata.csv").exists(), "it stays for what comes later"


@pytest.mark.parametrize("name", ["metadata.csv", "metadata.csv.part", ".metadata.csv.x7"])
def test_files_wait_for_a_metadata_file_that_cannot_be_read_yet(hub: Hub, inbox: Path, name: str) -> None:
    drop(inbox, "dalam/a.txt")
    (inbox / name).write_text("judul\nx\n", encoding="utf-8")
    summary = once(hub, inbox)
    assert (summary.outcomes, summary.waiting) == ({}, 1 if name == "metadata.csv" else 2)
    assert "wait" in summary.problems[0]
    (inbox / name).unlink()
    (inbox / "metadata.csv").write_text("path,access\ndalam/a.txt,partners\n", encoding="utf-8")
    assert once(hub, inbox).outcomes == {"ingested": 1}
    assert discover(hub, SearchRequest()).total == 0


def test_links_are_refused(hub: Hub, inbox: Path, tmp_path: Path) -> None:
    secret = drop(tmp_path, "rahasia.txt")
    (inbox / "tautan.txt").symlink_to(secret)
    (inbox / "folder").symlink_to(tmp_path)
    assert once(hub, inbox).outcomes == {"rejected": 2}
    assert receipt(inbox, "failed/tautan.txt")["error"]["code"] == "unsafe"
    assert (inbox / "failed/tautan.txt").is_symlink()
    assert secret.exists()


def test_what_is_no_file_is_refused(hub: Hub, inbox: Path) -> None:
    os.mkfifo(inbox / "pipa.pdf")
    assert once(hub, inbox).troubled
    assert "failed/pipa.pdf" in there(inbox)


def test_a_long_name_keeps_its_receipt(hub: Hub, inbox: Path) -> None:
    name = f"{'panjang' * 35}.txt"
    for words in ("satu", "dua"):
        drop(inbox, name, words)
        assert once(hub, inbox).outcomes == {"ingested": 1}
    assert len(there(inbox / "done")) == 4


def test_names_that_are_no_utf_8(hub: Hub, inbox: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(inbox) + b"/lap\xffran.txt"))
    path.write_text(TEXT, encoding="utf-8")
    assert once(hub, inbox).outcomes == {"ingested": 1}
    assert [os.fsencode(path.name) for path in (inbox / "done").glob("*.txt")] == [b"lap\xffran.txt"]


def test_the_receipt_of_an_archive_has_those_of_its_members(hub: Hub, inbox: Path) -> None:
    with zipfile.ZipFile(inbox / "berkas.zip", "w") as archive:
        archive.writestr("satu.txt", f"{TEXT} satu")
        archive.writestr("kosong.pdf", "")
    summary = once(hub, inbox)
    line = receipt(inbox, "failed/berkas.zip")
    assert line["outcome"] == "unpacked"
    assert {member["path"].rpartition("!/")[2]: member["outcome"] for member in line["members"]} == {
        "satu.txt": "ingested",
        "kosong.pdf": "rejected",
    }
    assert summary.outcomes == {"unpacked": 1, "ingested": 1, "rejected": 1}


# What goes wrong


@pytest.mark.parametrize("place", ["done", "failed"])
def test_a_place_that_cannot_be_written_is_said_before_anything_is_read(hub: Hub, inbox: Path, place: str) -> None:
    drop(inbox, "a.txt")
    (inbox / place).touch()
    with pytest.raises(InboxFolderError, match=place):
        once(hub, inbox)
    assert counts(hub) == {}


def test_a_folder_that_cannot_be_written_is_said(hub: Hub, small_disk: Callable[[int], Path]) -> None:
    disk = small_disk(4)
    drop(disk, "a.txt")
    for name in ("done", "failed"):
        (disk / name).mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(InboxFolderError, match="cannot write in"):
        once(hub, disk)
    assert counts(hub) == {}


def test_no_such_folder(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(InboxFolderError):
        once(hub, tmp_path / "missing")


def test_what_cannot_be_moved_is_told_and_moved_later(hub: Hub, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(inbox, "a.txt")

    def refuse(*_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr("ingest.inbox.move", refuse)
        summary = once(hub, inbox)
        assert "cannot be moved" in summary.problems[0]
        assert summary.under_way == 1
        again = once(hub, inbox)
        assert again.under_way == 1
    assert once(hub, inbox).outcomes == {"ingested": 1}
    assert counts(hub) == {"ingested": 1}, "it is read once"
    assert there(inbox) == ["done/a.txt", "done/a.txt.receipt.json"]


def test_across_file_systems(
    hub: Hub, inbox: Path, monkeypatch: pytest.MonkeyPatch, small_disk: Callable[[int], Path]
) -> None:
    disk = small_disk(4)
    (inbox / "done").mkdir()
    subprocess.run(["mount", "--bind", str(disk), str(inbox / "done")], check=True)
    try:
        drop(inbox, "a.txt")
        assert once(hub, inbox).outcomes == {"ingested": 1}
        assert there(inbox) == ["done/a.txt", "done/a.txt.receipt.json"]
    finally:
        subprocess.run(["umount", str(inbox / "done")], check=True)


def test_other_bytes_that_come_while_a_file_is_read_are_a_file_of_their_own(
    hub: Hub, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(inbox, "a.txt", "satu")
    real = work.finish

    def meanwhile(*args: Any, **options: Any) -> work.WorkSummary:
        done = real(*args, **options)
        path.write_text(f"{TEXT} dua, dan lebih panjang", encoding="utf-8")
        return done

    with monkeypatch.context() as patched:
        patched.setattr(work, "finish", meanwhile)
        once(hub, inbox)
    assert path.exists()
    assert once(hub, inbox).outcomes == {"ingested": 1}
    assert counts(hub) == {"ingested": 2}
    assert (inbox / "done/a.txt").read_text(encoding="utf-8").endswith("panjang")


def test_a_file_that_is_taken_away_leaves_its_receipt(hub: Hub, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(inbox, "a.txt")
    real = work.finish

    def meanwhile(*args: Any, **options: Any) -> work.WorkSummary:
        done = real(*args, **options)
        path.unlink()
        return done

    monkeypatch.setattr(work, "finish", meanwhile)
    assert once(hub, inbox).outcomes == {"ingested": 1}
    assert there(inbox) == ["done/a.txt.receipt.json"]


def test_one_process_a_folder(hub: Hub, inbox: Path, tmp_path: Path) -> None:
    other_name = tmp_path / "lain"
    other_name.symlink_to(inbox)
    watching = Inbox(hub, inbox, settle_seconds=0)
    with watching._held(), pytest.raises(LockedError):
        once(hub, other_name)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step(step: str, when: str, inbox: Path, tmp_path: Path) -> None:
    settings = load_settings(None, {"IKHUB_DATA": str(tmp_path / "data")})
    initialise(settings)
    drop(inbox, "dalam/a.txt")
    died = subprocess.run(
        [sys.executable, "-m", "tests.integration.inbox_driver", step, when, str(settings.data), str(inbox)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, f"{step} was never reached: {died.stderr}"
    with open_hub(settings) as hub:
        once(hub, inbox)
        assert counts(hub) == {"ingested": 1}, "nothing twice"
        assert there(inbox) == ["done/dalam/a.txt", "done/dalam/a.txt.receipt.json"]
        assert receipt(inbox, "done/dalam/a.txt")["outcome"] == "ingested"
        with hub.catalogue.read() as session:
            assert inboxes.under_way(session, str(inbox)) == []
        assert discover(hub, SearchRequest()).total == 1


def test_killed_between_the_copy_and_the_removal_across_file_systems(
    hub: Hub, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(inbox, "a.txt")

    def half(source: Path, target: Path) -> None:
        shutil.copy2(source, target)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("ingest.inbox.move", half)
        with pytest.raises(KeyboardInterrupt):
            once(hub, inbox)
    assert path.exists()
    once(hub, inbox)
    assert there(inbox) == ["done/a.txt", "done/a.txt.receipt.json"]
    assert counts(hub) == {"ingested": 1}


# The command


def _command(data: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", "ingest", "watch", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "error", "IKHUB_DATA": str(data), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_once_for_cron(hub: Hub, inbox: Path) -> None:
    drop(inbox, "a.txt")
    with _command(hub.settings.data, str(inbox), "--once", "--settle", "0.1", "--json") as process:
        output, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    (line,) = [json.loads(line) for line in output.splitlines()]
    assert line == receipt(inbox, "done/a.txt")
    with _command(hub.settings.data, str(inbox / "missing"), "--once") as process:
        process.communicate(timeout=120)
    assert process.returncode == 2


def test_watching_goes_on_until_it_is_told_to_stop(hub: Hub, inbox: Path) -> None:
    poll = {"IKHUB_INGEST__INBOX__POLL_SECONDS": "0.1"}
    with _command(hub.settings.data, str(inbox), "--settle", "0.2", "--json", **poll) as process:
        for name in ("a.txt", "b.txt"):
            drop(inbox, name)
            _until(lambda name=name: (inbox / "done" / name).exists())  # type: ignore[misc]
        process.send_signal(signal.SIGTERM)
        output, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert [json.loads(line)["outcome"] for line in output.splitlines()] == ["ingested", "ingested"]


def test_with_a_broker_the_workers_read_and_the_watcher_moves(tmp_path: Path, inbox: Path, redis_url: str) -> None:
    settings = load_settings(None, {"IKHUB_DATA": str(tmp_path / "data"), "IKHUB_INGEST__BROKER_URL": redis_url})
    initialise(settings)
    stop = threading.Event()
    with open_hub(settings) as hub:
        watching = threading.Thread(
            target=lambda: Inbox(hub, inbox, settle_seconds=0.1, stop=stop).watch(lambda problem: None)
        )
        watching.start()
        try:
            drop(inbox, "a.txt")
            _until(lambda: counts(hub) == {"waiting": 1})
            # Nobody works yet: the watcher goes on looking meanwhile, and the file stays where it was.
            assert (inbox / "a.txt").exists()
            worker = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "worker"],
                cwd=ROOT,
                env={**os.environ, "IKHUB_DATA": str(settings.data), "IKHUB_INGEST__BROKER_URL": redis_url},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                _until(lambda: (inbox / "done/a.txt.receipt.json").exists() and (inbox / "done/a.txt").exists())
            finally:
                worker.terminate()
                worker.wait(60)
        finally:
            stop.set()
            watching.join(60)
    assert not watching.is_alive()


def _until(condition: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_places_are_numbered(inbox: Path) -> None:
    for number in ("", " (2)", " (3)"):
        place = ingest.inbox_places.choose_place(inbox, "done", "x/a.tar.gz")
        assert place.name == f"done/x/a.tar{number}.gz"
        place.file.parent.mkdir(parents=True, exist_ok=True)
        (place.receipt if number else place.file).touch()
