"""Uploads as a library: pieces, going on after a cut, limits, room, expiry, and contributors who no longer are."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from desk import organisations as desk_organisations
from desk import uploads
from desk.progress import Stage, progress
from desk.upload_files import place_of
from desk.upload_names import clean_name, shown_name
from desk.upload_room import room
from holdings import accounts, arrivals, audit, documents
from holdings import uploads as rows
from holdings.accounts import Account, AccountStatus, Role
from holdings.database import Session
from holdings.errors import (
    EmptyUploadError,
    FileOutcome,
    HubError,
    LockedError,
    NotAllowedError,
    QuotaExceededError,
    UnknownIdError,
    UploadRefusedError,
    UploadTooLargeError,
    WrongOffsetError,
)
from holdings.settings import Settings
from holdings.states import State
from holdings.tables import OrganisationRow
from holdings.tables_desk import AuditRow, UploadRow
from holdings.tables_people import AccountRow, MembershipRow
from holdings.uploads import Upload
from indexer.hub import Hub, initialise, open_hub
from ingest import work
from tests.conftest import SAMPLES
from tests.making import record_document
from tests.people import make_account

CONTENT = b"Laporan kesiapsiagaan di daerah.\n" * 50


@pytest.fixture
def sari(hub: Hub) -> Account:
    return make_account(hub, roles={"bnpt": Role.CONTRIBUTOR})


def _begin(
    hub: Hub, by: Account, content: bytes = CONTENT, name: str = "laporan.txt", replaces: str | None = None
) -> Upload:
    return uploads.begin(hub, by, space="bnpt", name=name, size=len(content), batch="b", replaces=replaces)


def _sent(hub: Hub, by: Account, content: bytes = CONTENT, name: str = "laporan.txt") -> Upload:
    return uploads.receive(hub, by, _begin(hub, by, content, name).id, 0, [content])


def _cut_after(content: bytes, error: Exception) -> Iterator[bytes]:
    yield content
    raise error


def test_a_file_sent_in_pieces_becomes_a_draft_of_its_space(hub: Hub, sari: Account) -> None:
    upload = _begin(hub, sari)
    for start in range(0, len(CONTENT), 500):
        assert upload.is_open
        upload = uploads.receive(hub, sari, upload.id, start, [CONTENT[start : start + 500]])
    assert not upload.is_open
    assert upload.arrival_id is not None
    work.run(hub)
    with hub.catalogue.read() as session:
        arrival = arrivals.get(session, upload.arrival_id)
        assert arrival.outcome is FileOutcome.INGESTED
        assert arrival.document_id is not None
        draft = documents.get(session, arrival.document_id)
        came_from = rows.of_document(session, draft.id)
    assert came_from is not None
    assert came_from.id == upload.id
    assert draft.state is State.DRAFT
    assert draft.contributor_id == sari.id
    assert draft.access.keeper == "org:bnpt"
    assert draft.access.labels == {"org:bnpt"}
    assert draft.files[0].names == ("laporan.txt",)
    assert hub.files.original(draft.files[0].sha256).read_bytes() == CONTENT


def test_pieces_must_follow_each_other(hub: Hub, sari: Account) -> None:
    upload = uploads.receive(hub, sari, _begin(hub, sari).id, 0, [CONTENT[:100]])
    for wrong in (0, 99, 101, len(CONTENT)):
        with pytest.raises(WrongOffsetError) as caught:
            uploads.receive(hub, sari, upload.id, wrong, [CONTENT[wrong:]])
        assert caught.value.offset == 100
    assert uploads.receive(hub, sari, upload.id, 100, [CONTENT[100:]]).arrival_id is not None
    assert hub.settings.data.joinpath("uploads", f"{upload.id}.txt").read_bytes() == CONTENT


def test_what_came_before_the_line_was_cut_stays(hub: Hub, sari: Account) -> None:
    upload = _begin(hub, sari)
    with pytest.raises(ConnectionResetError):
        uploads.receive(hub, sari, upload.id, 0, _cut_after(CONTENT[:700], ConnectionResetError()))
    (waiting,) = uploads.unfinished(hub, sari)
    assert (waiting.id, waiting.received) == (upload.id, 700)
    assert uploads.receive(hub, sari, upload.id, 700, [CONTENT[700:]]).received == len(CONTENT)


def test_what_was_not_counted_before_a_crash_is_sent_again(hub: Hub, sari: Account) -> None:
    upload = uploads.receive(hub, sari, _begin(hub, sari).id, 0, [CONTENT[:600]])
    with place_of(hub, upload).open("ab") as file:
        file.write(b"written, and the machine went down before it was counted")
    assert uploads.find(hub, sari, upload.id).received == 600
    uploads.receive(hub, sari, upload.id, 600, [CONTENT[600:]])
    assert place_of(hub, upload).read_bytes() == CONTENT


def test_what_the_disk_has_lost_is_sent_again(hub: Hub, sari: Account) -> None:
    upload = uploads.receive(hub, sari, _begin(hub, sari).id, 0, [CONTENT[:600]])
    os.truncate(place_of(hub, upload), 200)
    assert uploads.find(hub, sari, upload.id).received == 200
    place_of(hub, upload).unlink()
    assert uploads.find(hub, sari, upload.id).received == 0
    assert uploads.receive(hub, sari, upload.id, 0, [CONTENT]).arrival_id is not None


def test_a_crash_between_the_last_byte_and_the_pipeline_loses_nothing(hub: Hub, sari: Account) -> None:
    one, other = _begin(hub, sari), _begin(hub, sari, name="lain.txt")
    for upload in (one, other):
        place_of(hub, upload).parent.mkdir(exist_ok=True)
        place_of(hub, upload).write_bytes(CONTENT)
        with hub.catalogue.write() as session:
            rows.note_received(session, upload.id, len(CONTENT))
    # Whoever sent it asks how far it came, and says that this is all; or the sweep finds it.
    assert uploads.receive(hub, sari, one.id, len(CONTENT), []).arrival_id is not None
    uploads.clear(hub)
    assert uploads.find(hub, sari, other.id).arrival_id is not None
    assert work.run(hub).outcomes == {"ingested": 2}


def test_two_requests_do_not_write_one_file_at_once(hub: Hub, sari: Account) -> None:
    upload = _begin(hub, sari)
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> Iterator[bytes]:
        yield CONTENT[:10]
        begun.set()
        go_on.wait(30)
        yield CONTENT[10:]

    thread = threading.Thread(target=uploads.receive, args=(hub, sari, upload.id, 0, slowly()))
    thread.start()
    assert begun.wait(30)
    with pytest.raises(LockedError):
        uploads.receive(hub, sari, upload.id, 0, [CONTENT])
    with pytest.raises(LockedError):
        uploads.cancel(hub, sari, upload.id)
    go_on.set()
    thread.join()
    assert place_of(hub, upload).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("size", "name", "error"),
    [
        (0, "kosong.pdf", EmptyUploadError),
        (-1, "kurang.pdf", EmptyUploadError),
        (2_000_000_000, "besar.pdf", UploadTooLargeError),
        (1, "  ", UploadRefusedError),
        (1, "\0", UploadRefusedError),
    ],
)
def test_what_will_not_be_taken_is_refused_before_a_byte_is_sent(
    hub: Hub, sari: Account, size: int, name: str, error: type[HubError]
) -> None:
    with pytest.raises(error):
        uploads.begin(hub, sari, space="bnpt", name=name, size=size, batch="b")
    assert uploads.unfinished(hub, sari) == []


def test_more_than_was_announced_is_refused_while_it_comes(hub: Hub, sari: Account) -> None:
    upload = _begin(hub, sari)
    with pytest.raises(UploadTooLargeError):
        uploads.receive(hub, sari, upload.id, 0, [CONTENT[:-10], b"x" * 11])
    assert uploads.find(hub, sari, upload.id).received == len(CONTENT) - 10


@pytest.mark.parametrize(
    ("given", "clean", "shown"),
    [
        ("../../etc/passwd", "passwd", "../../etc/passwd"),
        ("C:\\Users\\sari\\laporan.docx", "laporan.docx", "C:\\Users\\sari\\laporan.docx"),
        ("laporan\u202efdp.exe", "laporanfdp.exe", "laporan[U+202E]fdp.exe"),
        ("a\nb\x1b[31m.pdf", "ab[31m.pdf", "a[U+000A]b[U+001B][31m.pdf"),
        ("..", "unnamed", ".."),
        ("laporan akhir – 2024.pdf", "laporan akhir – 2024.pdf", "laporan akhir – 2024.pdf"),
    ],
)
def test_names_lead_nowhere_and_hide_nothing(hub: Hub, sari: Account, given: str, clean: str, shown: str) -> None:
    assert (clean_name(given), shown_name(given)) == (clean, shown)
    upload = _sent(hub, sari, name=given)
    assert place_of(hub, upload).parent == hub.settings.data / "uploads"
    assert upload.arrival_id is not None
    with hub.catalogue.read() as session:
        assert arrivals.get(session, upload.arrival_id).path == clean


def test_a_name_of_any_length_is_taken(hub: Hub, sari: Account) -> None:
    upload = _sent(hub, sari, name="\ud800" + "panjang " * 200 + ".pdf")
    assert len(upload.name) == 400


def test_a_file_that_is_not_what_its_name_says_is_told_by_what_it_is(hub: Hub, sari: Account) -> None:
    upload = _sent(hub, sari, content=(SAMPLES / "uu-6-2006.pdf").read_bytes(), name="anggaran.xlsx")
    work.run(hub)
    assert upload.arrival_id is not None
    with hub.catalogue.read() as session:
        assert arrivals.get(session, upload.arrival_id).media_type == "application/pdf"


def test_the_room_of_an_organisation_is_not_exceeded(hub: Hub, sari: Account) -> None:
    with hub.catalogue.write() as session:
        session.get_one(OrganisationRow, "bnpt").quota_mb = 1
    upload = uploads.begin(hub, sari, space="bnpt", name="a", size=600_000, batch="b")
    with pytest.raises(QuotaExceededError) as caught:
        uploads.begin(hub, sari, space="bnpt", name="b", size=400_001, batch="b")
    assert caught.value.free == 400_000
    uploads.begin(hub, sari, space="bnpt", name="c", size=400_000, batch="b")
    uploads.cancel(hub, sari, upload.id)
    uploads.begin(hub, sari, space="bnpt", name="b", size=400_001, batch="b")


def test_what_is_kept_and_what_waits_for_the_worker_takes_room(hub: Hub, sari: Account) -> None:
    def used() -> int:
        with hub.catalogue.read() as session:
            return room(session, hub.settings, "bnpt").used

    upload = _sent(hub, sari)
    assert used() == len(CONTENT)
    work.run(hub)
    assert used() == len(CONTENT)
    assert upload.arrival_id is not None
    with hub.catalogue.write() as session:
        documents.remove(session, arrivals.get(session, upload.arrival_id).document_id or "")
    assert used() == 0


def test_what_nobody_sends_on_is_thrown_away(hub: Hub, sari: Account) -> None:
    old = uploads.receive(hub, sari, _begin(hub, sari).id, 0, [CONTENT[:10]])
    fresh = uploads.receive(hub, sari, _begin(hub, sari).id, 0, [CONTENT[:10]])
    with hub.catalogue.write() as session:
        session.get_one(UploadRow, old.id).updated_at = datetime.now(UTC) - timedelta(hours=49)
    assert uploads.clear(hub) == 1
    assert [upload.id for upload in uploads.unfinished(hub, sari)] == [fresh.id]
    assert not place_of(hub, old).exists()
    assert place_of(hub, fresh).exists()
    with pytest.raises(UnknownIdError):
        uploads.receive(hub, sari, old.id, 10, [CONTENT[10:]])


def test_the_bytes_go_when_the_file_store_has_them(hub: Hub, sari: Account) -> None:
    upload = _sent(hub, sari)
    uploads.clear(hub)
    assert place_of(hub, upload).exists()
    work.run(hub)
    uploads.clear(hub)
    assert not place_of(hub, upload).exists()


def test_what_was_received_of_a_cancelled_one_is_deleted(hub: Hub, sari: Account) -> None:
    upload = uploads.receive(hub, sari, _begin(hub, sari).id, 0, [CONTENT[:10]])
    uploads.cancel(hub, sari, upload.id)
    assert not place_of(hub, upload).exists()
    for call in (
        lambda: uploads.receive(hub, sari, upload.id, 10, [CONTENT[10:]]),
        lambda: uploads.cancel(hub, sari, upload.id),
    ):
        with pytest.raises(UnknownIdError):
            call()


def test_what_is_in_the_hub_cannot_be_cancelled_but_what_failed_goes_off_the_list(hub: Hub, sari: Account) -> None:
    good = _sent(hub, sari)
    bad = _sent(hub, sari, content=b"%PDF-1.7 and nothing more", name="rusak.pdf")
    for upload in (good, bad):
        with pytest.raises(UnknownIdError):
            uploads.cancel(hub, sari, upload.id)
    work.run(hub)
    with pytest.raises(UnknownIdError):
        uploads.cancel(hub, sari, good.id)
    uploads.cancel(hub, sari, bad.id)


def test_an_upload_is_of_whoever_began_it(hub: Hub, sari: Account) -> None:
    colleague = make_account(hub, "Budi", roles={"bnpt": Role.EDITOR})
    upload = _begin(hub, sari)
    for call in (
        lambda: uploads.find(hub, colleague, upload.id),
        lambda: uploads.receive(hub, colleague, upload.id, 0, [CONTENT]),
        lambda: uploads.cancel(hub, colleague, upload.id),
        lambda: uploads.find(hub, sari, "nothing"),
    ):
        with pytest.raises(UnknownIdError):
            call()
    assert uploads.unfinished(hub, colleague) == []


def test_only_contributors_and_editors_of_a_space_put_into_it(hub: Hub, sari: Account) -> None:
    partner = make_account(hub, "Putri", roles={"bnpt": Role.PARTNER})
    for by, space in ((partner, "bnpt"), (sari, "polri"), (sari, "nowhere")):
        with pytest.raises(NotAllowedError):
            uploads.begin(hub, by, space=space, name="a", size=1, batch="b")


def _demote(hub: Hub, account: Account) -> None:
    with hub.catalogue.write() as session:
        session.get_one(MembershipRow, (account.id, "bnpt")).role = Role.PARTNER.value


def _remove(hub: Hub, account: Account) -> None:
    with hub.catalogue.write() as session:
        session.delete(session.get_one(MembershipRow, (account.id, "bnpt")))


def _suspend(hub: Hub, account: Account) -> None:
    with hub.catalogue.write() as session:
        session.get_one(AccountRow, account.id).status = AccountStatus.SUSPENDED.value


@pytest.mark.parametrize("change", [_demote, _remove, _suspend])
def test_who_is_no_longer_a_contributor_sends_nothing_more(hub: Hub, sari: Account, change: object) -> None:
    upload = uploads.receive(hub, sari, _begin(hub, sari).id, 0, [CONTENT[:10]])
    change(hub, sari)  # type: ignore[operator]
    with pytest.raises(NotAllowedError):
        uploads.receive(hub, sari, upload.id, 10, [CONTENT[10:]])
    assert not place_of(hub, upload).exists()
    assert uploads.unfinished(hub, sari) == []
    with hub.catalogue.read() as session:
        assert arrivals.all_ids(session) == []


def test_it_is_noticed_within_one_long_piece(hub: Hub, sari: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_COUNTED", 100)
    upload = _begin(hub, sari)

    def pieces() -> Iterable[bytes]:
        yield CONTENT[:100]
        _demote(hub, sari)
        yield CONTENT[100:200]
        raise AssertionError("nothing more is asked for")

    with pytest.raises(NotAllowedError):
        uploads.receive(hub, sari, upload.id, 0, pieces())


def test_a_space_that_gets_another_id_while_a_file_is_sent_keeps_it(hub: Hub, sari: Account) -> None:
    upload = _begin(hub, sari)

    def pieces() -> Iterator[bytes]:
        yield CONTENT[:500]
        desk_organisations.rename(
            hub, "bnpt", name_id="Badan Baru", name_en="New Agency", acronym=None, by="test", new_id="badan-baru"
        )
        yield CONTENT[500:]

    uploads.receive(hub, sari, upload.id, 0, pieces())
    work.run(hub)
    with hub.catalogue.read() as session:
        (made,) = documents.of_contributor(session, sari.id)
    assert made.access.keeper == "org:badan-baru"


def test_what_takes_the_place_of_another_must_be_of_ones_own_space(hub: Hub, sari: Account) -> None:
    own = record_document(hub, "Milik sendiri", keeper="org:bnpt", access=["org:bnpt"])
    of_nobody = record_document(hub, "Undang-undang")
    of_others = record_document(hub, "Milik lain", keeper="org:polri")
    hidden = record_document(hub, "Rahasia lain", keeper="org:polri", access=["org:polri"])
    for document_id in (own, of_nobody):
        assert _begin(hub, sari, replaces=document_id).replaces_id == document_id
    for document_id in (of_others, hidden, "nothing"):
        with pytest.raises(UnknownIdError):
            _begin(hub, sari, replaces=document_id)


def test_what_a_person_does_is_on_record(hub: Hub, sari: Account) -> None:
    _sent(hub, sari)
    uploads.cancel(hub, sari, _begin(hub, sari).id)
    with hub.catalogue.read() as session:
        said = [(entry.actor, entry.action) for entry in _entries(session)]
    actions = ["upload.begin", "upload.received", "upload.begin", "upload.cancel"]
    assert said == [(sari.pseudonym, action) for action in actions]


def _entries(session: Session) -> list[audit.Entry]:
    return [audit.entry_of(row) for row in session.scalars(select(AuditRow).order_by(AuditRow.sequence))]


def test_a_full_disk_stops_a_piece_and_loses_nothing(hub: Hub, sari: Account, small_disk: object) -> None:
    folder: Path = small_disk(1)  # type: ignore[operator]
    (hub.settings.data / "uploads").symlink_to(folder)
    content = os.urandom(3_000_000)
    upload = _begin(hub, sari, content)
    with pytest.raises(HubError) as caught:
        uploads.receive(hub, sari, upload.id, 0, [content[i : i + 65_536] for i in range(0, len(content), 65_536)])
    assert caught.value.code == "storage_full"
    received = uploads.find(hub, sari, upload.id).received
    assert 0 < received <= 1_048_576
    assert place_of(hub, upload).read_bytes()[:received] == content[:received]


def test_an_account_changes_nothing_of_what_it_was_given(hub: Hub, sari: Account) -> None:
    """A stale account in hand is no way round: what it may do is read anew."""
    stale = replace(sari, roles={"polri": Role.EDITOR})
    with hub.catalogue.read() as session:
        assert "polri" not in accounts.get(session, sari.id).roles
    with pytest.raises(NotAllowedError):
        uploads.begin(hub, stale, space="polri", name="a", size=1, batch="b")


def test_on_postgresql_as_on_sqlite(settings: Settings, postgresql_url: str) -> None:
    holdings = settings.holdings.model_copy(update={"database_url": postgresql_url})
    on_postgresql = settings.model_copy(update={"holdings": holdings})
    initialise(on_postgresql)
    with open_hub(on_postgresql) as hub:
        sari = make_account(hub, roles={"bnpt": Role.CONTRIBUTOR})
        first = uploads.receive(hub, sari, _begin(hub, sari).id, 0, [CONTENT[:100]])
        with pytest.raises(WrongOffsetError):
            uploads.receive(hub, sari, first.id, 0, [CONTENT])
        uploads.receive(hub, sari, first.id, 100, [CONTENT[100:]])
        given_up = _begin(hub, sari, name="lain\0.txt")
        assert [entry.stage for entry in progress(hub, sari).entries] == [Stage.SENDING, Stage.WAITING]
        uploads.cancel(hub, sari, given_up.id)
        with hub.catalogue.write() as session:
            assert room(session, hub.settings, "bnpt").used == len(CONTENT)
        work.run(hub)
        uploads.clear(hub)
        (read,) = progress(hub, sari).entries
        assert read.stage is Stage.READ
        assert read.document is not None
        with hub.catalogue.write() as session:
            documents.set_access(session, read.document.id, replace(read.document.access, state=State.PUBLISHED))
        assert [entry.stage for entry in progress(hub, sari).entries] == [Stage.PUBLISHED]
        work.run(hub)
        assert [entry.stage for entry in progress(hub, sari).entries] == [Stage.FOUND]
        _remove(hub, sari)
        again = _now(hub, sari)
        assert progress(hub, again).entries == ()


def _now(hub: Hub, account: Account) -> Account:
    with hub.catalogue.read() as session:
        return accounts.get(session, account.id)
