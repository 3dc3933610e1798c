"""Backup and restore: what comes back is what was there, whatever the hub was doing meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from app.cli import main
from desk import signing_in
from desk.signing_in import Browser
from holdings import accounts, audit, documents, purges, sessions
from holdings.accounts import HubRole, Role
from holdings.audit import COMMAND_LINE
from holdings.audit_chain import verify
from holdings.backup import making, manifest, restoring
from holdings.backup.making import BackupReport
from holdings.errors import (
    BackupDamagedError,
    ConfigurationError,
    LockedError,
    RestoreRefusedError,
    StorageFullError,
    UsageError,
)
from holdings.filestore import original_place, text_place
from holdings.model import Document
from holdings.purges import Purged
from holdings.reasons import Reason
from holdings.secret_key import secret_key
from holdings.settings import Settings, load_settings
from holdings.tables import RecordRow
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import SearchRequest
from indexer.synchronise import check, rebuild
from ingest import work
from tests.conftest import SAMPLES
from tests.people import make_account

QUERIES = ("terorisme", "pencegahan ekstremisme", "undang-undang", "deradikalisasi")


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Return the environment of a hub by its name: each has a data folder and a database of its own."""
    url = request.getfixturevalue("new_postgresql_url") if request.param == "postgresql" else None

    def environment(name: str) -> dict[str, str]:
        return {
            "IKHUB_DATA": str(tmp_path / name),
            "IKHUB_HOLDINGS__DATABASE_URL": url() if url else "",
        }

    return environment


@pytest.fixture
def settings(environment: Callable[[str], dict[str, str]]) -> Settings:
    return load_settings(None, environment("data"))


@pytest.fixture
def elsewhere(environment: Callable[[str], dict[str, str]]) -> Settings:
    """Settings of a place that holds nothing."""
    return load_settings(None, environment("elsewhere"))


@pytest.fixture
def full(hub: Hub) -> Hub:
    """A hub with some of the samples in it, searchable."""
    files = sorted(path for path in SAMPLES.rglob("*") if path.suffix in {".md", ".html", ".txt"})[:4]
    assert len(files) == 4
    assert work.finish(hub, work.receive(hub, files)).outcomes == {"ingested": 4}
    return hub


def back_up(hub: Hub, folder: Path) -> BackupReport:
    return making.back_up(hub.settings, hub.catalogue, folder, by=COMMAND_LINE)


def all_documents(hub: Hub) -> list[Document]:
    with hub.catalogue.read() as session:
        return documents.get_many(session, list(session.scalars(select(RecordRow.id).order_by(RecordRow.id))))


def found(hub: Hub, query: str) -> list[object]:
    answer = discover(hub, SearchRequest(query=query, size=50))
    return [answer.total, [(hit.document_id, hit.page_hits) for hit in answer.hits]]


def assert_whole(hub: Hub) -> None:
    """See that every document has its text and its originals, and that the audit log fits."""
    for document in all_documents(hub):
        assert len(list(hub.files.pages(document.text.sha256))) == document.text.pages
        for file in document.files:
            assert hub.files.original(file.sha256).stat().st_size == file.size
    with hub.catalogue.read() as session:
        assert verify(session).broken is None


def test_what_comes_back_is_what_was_there(full: Hub, elsewhere: Settings, tmp_path: Path) -> None:
    before = all_documents(full)
    searches = {query: found(full, query) for query in QUERIES}
    report = back_up(full, tmp_path / "backup")
    assert (report.manifest.documents, report.manifest.lacking) == (4, ())
    restored = restoring.restore(elsewhere, tmp_path / "backup")
    assert (restored.damaged, restored.verification.broken) == ((), None)
    with open_hub(elsewhere) as again:
        assert all_documents(again) == before
        assert_whole(again)
        rebuild(again)
        assert {query: found(again, query) for query in QUERIES} == searches
        assert list(check(again)) == []
        with again.catalogue.read() as session:
            entries = [audit.head(session)]
        assert entries[0] is not None


def test_people_sign_in_with_what_they_had_and_second_factors_stay(
    hub: Hub, elsewhere: Settings, tmp_path: Path
) -> None:
    person = make_account(hub, "Sari", roles={"bnpt": Role.EDITOR})
    administrator = make_account(hub, "Admin", hub_role=HubRole.ADMINISTRATOR)
    key = secret_key(hub.settings)
    signing_in.reset(hub, signing_in.reset_address(hub, person.id).rsplit("/", 1)[1], "empat kata yang panjang")
    with hub.catalogue.write() as session:
        token = sessions.begin(session, administrator.id, address="", agent="", second_factor=True)
    back_up(hub, tmp_path / "backup")
    restoring.restore(elsewhere, tmp_path / "backup")
    with open_hub(elsewhere) as again:
        assert signing_in.sign_in(again, person.email, "empat kata yang panjang", Browser("", "")) is not None
        with again.catalogue.read() as session:
            assert accounts.get(session, person.id).roles == {"bnpt": Role.EDITOR}
            assert accounts.get(session, administrator.id).has_second_factor
            assert sessions.find(session, token) is None, "who was signed in signs in again"
    assert secret_key(elsewhere) == key


_BUSY = """
import sys, itertools
from pathlib import Path
from holdings.settings import load_settings
from indexer.hub import open_hub
from ingest import work
from ingest.editing import edit_document
folder = Path(sys.argv[1])
with open_hub(load_settings(None)) as hub:
    print("ready", flush=True)
    for number in itertools.count():
        file = folder / f"laporan-{number}.md"
        sentence = f"Deradikalisasi di kabupaten {number}, pencegahan di desa {folder.name}{number}. "
        file.write_text(f"# Laporan {number}\\n\\n" + sentence * 40)
        (identifier,) = work.receive(hub, [file])
        work.finish(hub, [identifier])
        from holdings import arrivals
        with hub.catalogue.read() as session:
            document_id = arrivals.get(session, identifier).document_id
        edit_document(hub, document_id, [f"title=Judul {number}"])
"""


def test_a_hub_in_use_is_backed_up_as_of_one_moment(
    hub: Hub, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "IKHUB_DATA": str(settings.data),
        "IKHUB_HOLDINGS__DATABASE_URL": settings.holdings.database_url,
    }
    busy = []
    try:
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            busy.append(
                subprocess.Popen([sys.executable, "-c", _BUSY, str(tmp_path / name)], env=environment, stdout=-1)
            )
        for process in busy:
            assert process.stdout is not None
            process.stdout.readline()
        deadline = time.monotonic() + 90
        while len(all_documents(hub)) < 4:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        reports = []
        for _ in range(3):
            reports.append(back_up(hub, tmp_path / "backup"))
            time.sleep(1)
        assert all(process.poll() is None for process in busy), "they were at work all the time"
    finally:
        for process in busy:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
    assert [report.manifest.lacking for report in reports] == [(), (), ()]
    made = reports[-1].manifest
    assert 4 <= made.documents < len(all_documents(hub)) + 1
    restored = restoring.restore(elsewhere, tmp_path / "backup")
    assert restored.verification.broken is None
    with open_hub(elsewhere) as again:
        kept = all_documents(again)
        assert len(kept) == made.documents
        assert_whole(again)
        # What was begun and not finished is finished here, or told to have failed.
        work.run(again)
        assert list(check(again)) == []


def test_a_second_backup_copies_only_what_is_new(full: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    first = back_up(full, folder)
    file = tmp_path / "baru.md"
    file.write_text("# Baru\n\n" + "Dokumen yang baru ditambahkan. " * 30)
    work.finish(full, work.receive(full, [file]))
    second = back_up(full, folder)
    assert first.kept == 0
    assert (second.copied, second.kept) == (2, first.copied)
    assert second.manifest.documents == 5
    assert len(list(folder.glob("catalogue-*"))) == len(list(folder.glob("contents-*"))) == 1
    assert restoring.check(folder)[1] == []


def test_it_is_readable_by_its_owner_alone_and_verifiable_without_the_hub(full: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    made = back_up(full, folder).manifest
    for path in (folder, *(path for path in folder.rglob("*") if path.is_file())):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
    done = subprocess.run(["sha256sum", "--check", "--quiet", made.contents], cwd=folder, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("what", ["text", "original", "catalogue", "key", "contents"])
@pytest.mark.parametrize("how", ["changed", "cut off", "missing"])
def test_damage_is_found_and_named_and_nothing_is_restored(
    full: Hub, elsewhere: Settings, tmp_path: Path, what: str, how: str
) -> None:
    folder = tmp_path / "backup"
    secret_key(full.settings)  # made when it is first needed
    made = back_up(full, folder).manifest
    document = all_documents(full)[0]
    name = {
        "text": text_place(document.text.sha256).as_posix(),
        "original": original_place(document.files[0].sha256).as_posix(),
        "catalogue": made.catalogue,
        "key": made.secret_key or "",
        "contents": made.contents,
    }[what]
    damage(folder / name, how)
    assert name in restoring.check(folder)[1]
    with pytest.raises(BackupDamagedError, match=Path(name).name):
        restoring.restore(elsewhere, folder)
    assert not elsewhere.data.exists() or list(elsewhere.data.iterdir()) == []
    # Nothing stands in the way of restoring from another backup.
    shutil.rmtree(folder)
    back_up(full, folder)
    restoring.restore(elsewhere, folder)


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "cut off":
        path.write_bytes(content[:-1])
    else:
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])


def test_what_is_whole_can_be_restored_despite_damage(full: Hub, elsewhere: Settings, tmp_path: Path) -> None:
    back_up(full, tmp_path / "backup")
    place = original_place(all_documents(full)[0].files[0].sha256).as_posix()
    damage(tmp_path / "backup" / place, "changed")
    assert restoring.restore(elsewhere, tmp_path / "backup", despite_damage=True).damaged == (place,)
    with open_hub(elsewhere) as again:
        assert len(all_documents(again)) == 4


def test_a_full_disk_leaves_no_half_backup_that_looks_whole(
    full: Hub, tmp_path: Path, small_disk: Callable[[int], Path], elsewhere: Settings
) -> None:
    large = tmp_path / "besar.md"
    large.write_text("# Besar\n\n" + "\n\n".join(os.urandom(60).hex() for _ in range(40_000)))
    work.finish(full, work.receive(full, [large]))
    folder = small_disk(3) / "backup"
    with pytest.raises(StorageFullError):
        back_up(full, folder)
    assert not manifest.exists(folder)
    assert not list(folder.rglob("*.part")) + list(folder.glob("catalogue-*")) + list(folder.glob("contents-*"))
    with pytest.raises(UsageError, match="no complete backup"):
        restoring.restore(elsewhere, folder)


def test_a_full_disk_leaves_the_former_backup(
    full: Hub, elsewhere: Settings, tmp_path: Path, small_disk: Callable[[int], Path]
) -> None:
    folder = small_disk(6) / "backup"
    former = back_up(full, folder).manifest
    large = tmp_path / "besar.md"
    large.write_text("# Besar\n\n" + "\n\n".join(os.urandom(60).hex() for _ in range(60_000)))
    work.finish(full, work.receive(full, [large]))
    with pytest.raises(StorageFullError):
        back_up(full, folder)
    assert manifest.read(folder) == former
    restoring.restore(elsewhere, folder)
    with open_hub(elsewhere) as again:
        assert len(all_documents(again)) == former.documents


def test_a_disk_that_is_full_on_restoring_leaves_nothing(
    full: Hub, environment: Callable[[str], dict[str, str]], tmp_path: Path, small_disk: Callable[[int], Path]
) -> None:
    large = tmp_path / "besar.md"
    large.write_text("# Besar\n\n" + "\n\n".join(os.urandom(60).hex() for _ in range(40_000)))
    work.finish(full, work.receive(full, [large]))
    back_up(full, tmp_path / "backup")
    there = {**environment("elsewhere"), "IKHUB_DATA": str(small_disk(3))}
    with pytest.raises(StorageFullError):
        restoring.restore(load_settings(None, there), tmp_path / "backup")
    assert list(Path(there["IKHUB_DATA"]).iterdir()) == []


@pytest.mark.parametrize("are_gone", [True, False])
def test_what_was_purged_is_not_missing_and_does_not_come_back(
    full: Hub, elsewhere: Settings, tmp_path: Path, are_gone: bool
) -> None:
    folder = tmp_path / "backup"
    back_up(full, folder)
    document = all_documents(full)[0]
    original, words = document.files[0].sha256, document.text.sha256
    with full.catalogue.write() as session:
        purges.add(session, None, document.id, original, Purged.ORIGINAL, Reason.COURT_ORDER, "")
        purges.add(session, None, document.id, words, Purged.TEXT, Reason.COURT_ORDER, "")
    places = [original_place(original), text_place(words)]
    if are_gone:
        for place in places:
            (full.settings.data / place).unlink()
    made = back_up(full, folder).manifest
    assert made.lacking == ()
    assert not any((folder / place).exists() for place in places), "it is destroyed in the backup as well"
    restoring.restore(elsewhere, folder)
    assert not any((elsewhere.data / place).exists() for place in places)


def test_what_the_store_has_lost_is_named_and_kept_where_the_backup_has_it(full: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    back_up(full, folder)
    first, second = (all_documents(full)[number].files[0].sha256 for number in (0, 1))
    full.files.original(first).unlink()
    damage(full.files.original(second), "cut off")
    made = back_up(full, folder).manifest
    lost = {original_place(first).as_posix(), original_place(second).as_posix()}
    assert set(made.lacking) == lost
    assert restoring.check(folder)[1] == [], "the copies of before are still there"
    assert all((folder / place).is_file() for place in lost)


def test_nothing_is_restored_over_a_hub(full: Hub, elsewhere: Settings, tmp_path: Path) -> None:
    back_up(full, tmp_path / "backup")
    with pytest.raises(RestoreRefusedError):
        restoring.restore(full.settings, tmp_path / "backup")
    elsewhere.data.mkdir()
    (elsewhere.data / "something").touch()
    with pytest.raises(RestoreRefusedError):
        restoring.restore(elsewhere, tmp_path / "backup")
    (elsewhere.data / "something").unlink()
    initialise(elsewhere)
    with pytest.raises(RestoreRefusedError):
        restoring.restore(elsewhere, tmp_path / "backup")
    assert_whole(full)


def test_a_backup_does_not_go_where_something_else_is(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="data folder"):
        back_up(hub, hub.settings.data / "backup")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").touch()
    with pytest.raises(UsageError, match="something else"):
        back_up(hub, tmp_path / "photos")


def test_a_backup_that_was_interrupted_is_taken_up(full: Hub, elsewhere: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    back_up(full, folder)
    (folder / "manifest.json").unlink()
    sha256 = all_documents(full)[0].files[0].sha256
    # As a machine leaves it that lost power: the name, with nothing in it that was not flushed.
    place = folder / original_place(sha256)
    place.write_bytes(b"\0" * place.stat().st_size)
    again = back_up(full, folder)
    assert again.copied == 1
    assert restoring.check(folder)[1] == []


def test_only_one_backup_is_made_at_a_time(hub: Hub, tmp_path: Path) -> None:
    with hub.catalogue.locks.hold("backup"), pytest.raises(LockedError):
        back_up(hub, tmp_path / "backup")


def test_a_backup_of_another_version_or_database_is_refused(hub: Hub, elsewhere: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    back_up(hub, folder)
    stated = json.loads((folder / "manifest.json").read_text())
    for change in ({"schema": "9999"}, {"database": "oracle"}):
        (folder / "manifest.json").write_text(json.dumps(stated | change))
        with pytest.raises(ConfigurationError):
            restoring.restore(elsewhere, folder)
    for broken in ("", "{}", "[]", '{"format": 1}'):
        (folder / "manifest.json").write_text(broken)
        with pytest.raises(BackupDamagedError):
            restoring.restore(elsewhere, folder)


def test_a_log_that_was_tampered_with_in_the_backup_is_said(full: Hub, elsewhere: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    back_up(full, folder)
    stated = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(stated | {"audit_head": f"1:{'a' * 64}"}))
    broken = restoring.restore(elsewhere, folder).verification.broken
    assert broken is not None
    assert broken.fault == "rewritten"


@pytest.fixture
def run(settings: Settings, elsewhere: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command, on the hub of the test or in the place that holds nothing."""

    def run(*arguments: str | Path, on: Settings = settings) -> Result:
        monkeypatch.setenv("IKHUB_DATA", str(on.data))
        monkeypatch.setenv("IKHUB_HOLDINGS__DATABASE_URL", on.holdings.database_url)
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return run


def test_the_commands_say_what_they_did(
    full: Hub, elsewhere: Settings, tmp_path: Path, run: Callable[..., Result]
) -> None:
    folder = tmp_path / "backup"
    made = run("backup", folder, "--json")
    assert made.exit_code == 0
    assert json.loads(made.stdout)["documents"] == 4
    assert run("backup", folder, "--check").exit_code == 0
    restored = run("restore", folder, on=elsewhere)
    assert restored.exit_code == 0
    assert "ikhub index rebuild" in restored.stdout
    assert run("restore", folder, on=elsewhere).exit_code == 2
    assert run("restore", tmp_path / "nowhere", on=elsewhere).exit_code == 2
    place = original_place(all_documents(full)[0].files[0].sha256)
    damage(folder / place, "missing")
    checked = run("backup", folder, "--check")
    assert checked.exit_code == 1
    assert place.name in checked.stdout
    damage(full.files.original(all_documents(full)[1].files[0].sha256), "missing")
    assert run("backup", folder).exit_code == 1
