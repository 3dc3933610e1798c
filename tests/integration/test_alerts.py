"""Alerts: what is new and theirs, once, by letters that a real mail server takes; and what stops them."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desk import alerts, searches
from desk.alerts import write_due
from desk.sending import send_waiting
from holdings import accounts, audit, documents, mails, relations, saved_searches
from holdings.access import Access
from holdings.accounts import Account, AccountStatus, Role
from holdings.errors import EngineUnavailableError, LockedError, UnknownIdError
from holdings.mails import MailState
from holdings.relations import Relation
from holdings.saved_searches import Frequency, SavedSearch
from holdings.settings import Settings
from holdings.states import State
from indexer.hub import Hub
from indexer.matching import matching
from indexer.synchronise import synchronise
from tests.integration.mail_hub import mail_settings
from tests.making import record_document
from tests.people import make_account
from tests.services.smtp import SmtpSink

WORDS = "Program deradikalisasi di lembaga pemasyarakatan berjalan sejak 2019."


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, smtp_sink: SmtpSink) -> Settings:
    """Settings of a hub on either database that sends its letters to the mail server of the tests."""
    url = str(request.getfixturevalue("postgresql_url")) if request.param == "postgresql" else ""
    return mail_settings(tmp_path / "data", smtp_sink, IKHUB_HOLDINGS__DATABASE_URL=url)


@pytest.fixture(autouse=True)
def _searchable(hub: Hub) -> None:
    """There is an index, with nothing in it."""
    synchronise(hub)


def add(hub: Hub, title: str, words: str = WORDS, **given: Any) -> str:
    """Add a document that is found at once."""
    document_id = record_document(hub, title, [words], **given)
    synchronise(hub)
    return document_id


def follow(
    hub: Hub, by: Account, frequency: Frequency = Frequency.AT_ONCE, *, name: str = "Deradikalisasi", **parameters: Any
) -> SavedSearch:
    given = parameters or {"q": "deradikalisasi"}
    return searches.save(hub, by, name=name, parameters=given, frequency=frequency, with_feed=False)[0]


def run(hub: Hub) -> alerts.Written:
    written = write_due(hub)
    send_waiting(hub)
    return written


def texts(sink: SmtpSink) -> list[str]:
    return [taken.text for taken in sink.taken]


def titles_told(sink: SmtpSink, titles: Sequence[str]) -> list[str]:
    return [title for text in texts(sink) for title in titles if title in text]


def set_access(hub: Hub, document_id: str, access: Access) -> None:
    with hub.catalogue.write() as session:
        documents.set_access(session, document_id, access)


def test_what_is_new_is_told_once_and_what_was_there_is_not(hub: Hub, smtp_sink: SmtpSink) -> None:
    add(hub, "Laporan lama")
    follow(hub, make_account(hub, "Sari", language="en"))
    assert run(hub).letters == 0
    new = add(hub, "Laporan baru", kind="report", date="2024-05-01")
    assert run(hub).letters == 1
    assert run(hub).letters == 0
    (taken,) = smtp_sink.taken
    assert taken.message["Subject"] == "New: Laporan baru: Deradikalisasi"
    assert "Laporan lama" not in taken.text
    assert "Report · 1 May 2024" in taken.text
    assert f"https://hub.example.go.id/en/documents/{new}" in taken.text
    assert "On page 1: “Program *deradikalisasi* di lembaga" in taken.text
    assert "https://hub.example.go.id/en/search?q=deradikalisasi" in taken.text


def test_a_letter_is_in_its_readers_language(hub: Hub, smtp_sink: SmtpSink) -> None:
    follow(hub, make_account(hub, "Sari"))
    add(hub, "Laporan baru")
    run(hub)
    (text,) = texts(smtp_sink)
    assert text.startswith("Yth. Sari,")
    assert "Di halaman 1: “" in text


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"q": "laporan"}, "In the title: “*Laporan* lapas”"),
        ({"theme": ["deradicalisation"], "year": ["2020..2024"]}, "Theme: Deradicalisation"),
        ({"kind": ["report"]}, "Kind: Report"),
        ({"q": "wahyuni"}, "In what is known of it"),
        ({"sort": "newest"}, "The search has no conditions"),
    ],
)
def test_each_item_says_why_it_matched(hub: Hub, smtp_sink: SmtpSink, parameters: dict[str, Any], why: str) -> None:
    follow(hub, make_account(hub, "Sari", language="en"), **parameters)
    add(hub, "Laporan lapas", kind="report", theme="deradicalisation", date="2023", author="Dewi Wahyuni")
    run(hub)
    assert why in texts(smtp_sink)[0]


def test_each_sees_only_what_is_theirs(hub: Hub, smtp_sink: SmtpSink) -> None:
    follow(hub, make_account(hub, "Reader"))
    follow(hub, make_account(hub, "Partner", roles={"ngo": Role.PARTNER}))
    follow(hub, make_account(hub, "Insider", roles={"bnpt": Role.CONTRIBUTOR}))
    add(hub, "Terbuka")
    add(hub, "Mitra", access=["partners"])
    add(hub, "Dalam", access=["org:bnpt"])
    set_access(hub, add(hub, "Konsep"), Access(frozenset({"public"}), keeper="org:bnpt", state=State.DRAFT))
    synchronise(hub)
    run(hub)
    told = {
        taken.recipient.split("@")[0]: {
            title for title in ("Terbuka", "Mitra", "Dalam", "Konsep") if title in taken.text
        }
        for taken in smtp_sink.taken
    }
    assert told == {
        "reader": {"Terbuka"},
        "partner": {"Terbuka", "Mitra"},
        "insider": {"Terbuka", "Mitra", "Dalam"},
    }


def test_what_becomes_readable_later_is_told_then(hub: Hub, smtp_sink: SmtpSink) -> None:
    follow(hub, make_account(hub, "Sari"))
    ends = datetime.now(UTC) + timedelta(seconds=4)
    add(hub, "Berembargo", embargo_until=ends)
    closed = add(hub, "Tertutup", access=["org:bnpt"])
    assert run(hub).letters == 0
    set_access(hub, closed, Access(frozenset({"public"})))
    synchronise(hub)
    run(hub)
    assert titles_told(smtp_sink, ["Berembargo", "Tertutup"]) == ["Tertutup"]
    threading.Event().wait(max(0.0, (ends - datetime.now(UTC)).total_seconds() + 1.1))
    run(hub)
    assert titles_told(smtp_sink, ["Berembargo", "Tertutup"]) == ["Tertutup", "Berembargo"]


@pytest.mark.parametrize(
    "access",
    [
        Access(frozenset({"org:bnpt"})),
        # Who could read it may know that it was withdrawn, and no longer what stands in it.
        Access(frozenset({"public"}), state=State.WITHDRAWN),
    ],
)
def test_a_letter_that_waits_does_not_tell_what_is_no_longer_theirs(
    hub: Hub, smtp_sink: SmtpSink, access: Access
) -> None:
    follow(hub, make_account(hub, "Sari"))
    gone, stays = add(hub, "Ditarik"), add(hub, "Bertahan")
    assert write_due(hub).letters == 1
    set_access(hub, gone, access)
    assert send_waiting(hub).withheld == 1
    assert smtp_sink.taken == []
    assert run(hub).letters == 1, "it is written anew, without what is no longer theirs"
    assert titles_told(smtp_sink, ["Ditarik", "Bertahan"]) == ["Bertahan"]
    set_access(hub, gone, Access(frozenset({"public"})))
    synchronise(hub)
    run(hub)
    assert titles_told(smtp_sink, ["Ditarik", "Bertahan"]) == ["Bertahan", "Ditarik"]
    assert stays not in texts(smtp_sink)[1]


def test_who_may_no_longer_sign_in_gets_no_more_letters(hub: Hub, smtp_sink: SmtpSink) -> None:
    account = make_account(hub, "Sari")
    follow(hub, account)
    add(hub, "Laporan")
    assert write_due(hub).letters == 1
    with hub.catalogue.write() as session:
        accounts.account_row(session, account.id).status = AccountStatus.SUSPENDED.value
    send_waiting(hub)
    add(hub, "Laporan kedua")
    assert run(hub).searches == 0
    assert smtp_sink.taken == []


def test_many_matches_are_counted_and_told_once(hub: Hub, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.matching.MAX_WINDOW", 7)
    follow(hub, make_account(hub, "Sari", language="en"))
    for number in range(30):
        record_document(hub, f"Laporan {number:03}", [f"{WORDS} {number}"])
    synchronise(hub)
    assert run(hub).matches == 30
    (taken,) = smtp_sink.taken
    assert taken.message["Subject"] == "30 new documents: Deradikalisasi"
    assert "And 10 more." in taken.text
    assert taken.text.count("/documents/") == alerts.SHOWN
    assert run(hub).letters == 0


def test_one_letter_a_search_and_run(hub: Hub, smtp_sink: SmtpSink) -> None:
    account = make_account(hub, "Sari")
    follow(hub, account, name="Satu")
    follow(hub, account, name="Dua")
    add(hub, "Laporan A")
    add(hub, "Laporan B", WORDS + " Ya.")
    assert run(hub).letters == 2
    assert len(smtp_sink.taken) == 2


def test_two_runs_at_once_tell_once(hub: Hub, smtp_sink: SmtpSink) -> None:
    for number in range(5):
        follow(hub, make_account(hub, f"Person {number}"))
    add(hub, "Laporan")
    results: list[int] = []

    def write() -> None:
        try:
            results.append(write_due(hub).letters)
        except LockedError:
            results.append(0)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    send_waiting(hub)
    assert sum(results) == len(smtp_sink.taken) == 5


def test_in_runs_that_have_no_time_for_all_each_search_has_its_turn(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Sari", "Budi"):
        follow(hub, make_account(hub, name), q="terorisme")
    follow(hub, make_account(hub, "Wati"))
    add(hub, "Laporan baru")
    monkeypatch.setattr(alerts, "time", SimpleNamespace(monotonic=itertools.count().__next__))
    # There is time for one search a run.
    assert [write_due(hub, 1.5).letters for _ in range(3)] == [0, 0, 1]


def test_a_search_that_was_changed_while_it_was_looked_at_is_left_for_the_next_run(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account(hub, "Sari")
    search = follow(hub, account)
    add(hub, "Laporan")

    def meanwhile(*given: Any, **more: Any) -> list[str]:
        searches.change(hub, account, search.id, name="Lain", frequency=Frequency.WEEKLY)
        return matching(*given, **more)

    monkeypatch.setattr(alerts, "matching", meanwhile)
    assert write_due(hub).letters == 0


def test_daily_and_weekly_searches_are_due_at_the_hour_of_alerts(settings: Settings) -> None:
    # A Tuesday, 06:30 in Jakarta.
    now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert searches.next_due(settings, Frequency.DAILY, now) == datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    assert searches.next_due(settings, Frequency.WEEKLY, now) == datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
    at_the_hour = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    assert searches.next_due(settings, Frequency.DAILY, at_the_hour) == datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
    assert searches.next_due(settings, Frequency.AT_ONCE, now) == now


def test_a_daily_search_waits_and_then_tells_of_all_in_one_letter(hub: Hub, smtp_sink: SmtpSink) -> None:
    search = follow(hub, make_account(hub, "Sari"), Frequency.DAILY)
    add(hub, "Laporan A")
    add(hub, "Laporan B", WORDS + " Ya.")
    assert run(hub).searches == 0
    with hub.catalogue.write() as session:
        saved_searches.set_due(session, search.id, datetime.now(UTC) - timedelta(minutes=1))
    assert run(hub).letters == 1
    assert titles_told(smtp_sink, ["Laporan A", "Laporan B"]) == ["Laporan A", "Laporan B"]
    with hub.catalogue.read() as session:
        due_at = saved_searches.get(session, search.id).due_at
    assert due_at is not None
    assert due_at > datetime.now(UTC)


def test_while_the_engine_is_away_nothing_is_lost(
    hub: Hub, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(hub, make_account(hub, "Sari"))
    add(hub, "Laporan")
    with monkeypatch.context() as away:

        def search(*_: object) -> None:
            raise EngineUnavailableError("away")

        away.setattr(type(hub.engine), "search", search)
        stopped = write_due(hub).stopped_by
        assert isinstance(stopped, EngineUnavailableError)
    assert run(hub).letters == 1


def test_of_the_versions_of_a_work_the_newest_that_is_theirs_is_told(hub: Hub, smtp_sink: SmtpSink) -> None:
    follow(hub, make_account(hub, "Reader"))
    follow(hub, make_account(hub, "Insider", roles={"bnpt": Role.PARTNER}))
    first = record_document(hub, "Edisi pertama", [WORDS])
    second = record_document(hub, "Edisi kedua", [WORDS + " Diperbarui."])
    internal = record_document(hub, "Edisi internal", [WORDS + " Rahasia."], access=["org:bnpt"])
    with hub.catalogue.write() as session:
        relations.settle(session, second, first, Relation.NEW_VERSION, by="test")
        relations.settle(session, internal, second, Relation.NEW_VERSION, by="test")
    synchronise(hub)
    run(hub)
    titles = ("Edisi pertama", "Edisi kedua", "Edisi internal")
    told = {taken.recipient: [title for title in titles if title in taken.text] for taken in smtp_sink.taken}
    assert told == {"reader@example.org": ["Edisi kedua"], "insider@example.org": ["Edisi internal"]}


def test_one_click_stops_the_letters_also_those_that_wait(hub: Hub, smtp_sink: SmtpSink) -> None:
    account = make_account(hub, "Sari")
    search = follow(hub, account)
    add(hub, "Laporan")
    assert write_due(hub).letters == 1
    code = searches.stop_path(hub.settings, search.id).rpartition("/")[2]
    with pytest.raises(UnknownIdError):
        searches.stop(hub, search.id, "0" * len(code))
    assert searches.stop(hub, search.id, code).frequency is Frequency.NEVER
    assert searches.stop(hub, search.id, code).frequency is Frequency.NEVER, "a second click is no error"
    run(hub)
    assert smtp_sink.taken == []
    with hub.catalogue.read() as session:
        assert mails.counts(session)[MailState.FAILED] == 1


def test_a_letter_carries_the_link_that_stops_it(hub: Hub, smtp_sink: SmtpSink) -> None:
    search = follow(hub, make_account(hub, "Sari", language="en"))
    add(hub, "Laporan")
    run(hub)
    (taken,) = smtp_sink.taken
    address = f"https://hub.example.go.id/en{searches.stop_path(hub.settings, search.id)}"
    assert taken.message["List-Unsubscribe"] == f"<{address}>"
    assert f"List-Unsubscribe: <{address}>\r\n" in taken.raw or f"List-Unsubscribe: <{address}>\n" in taken.raw
    assert taken.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in taken.text


def test_what_was_there_when_letters_are_asked_for_again_is_not_told(hub: Hub, smtp_sink: SmtpSink) -> None:
    account = make_account(hub, "Sari")
    search = follow(hub, account, Frequency.NEVER)
    add(hub, "Sebelumnya")
    assert run(hub).searches == 0
    searches.change(hub, account, search.id, name="Deradikalisasi", frequency=Frequency.AT_ONCE)
    add(hub, "Sesudahnya", WORDS + " Ya.")
    run(hub)
    assert titles_told(smtp_sink, ["Sebelumnya", "Sesudahnya"]) == ["Sesudahnya"]


def test_deleting_a_search_withholds_its_letters_and_is_on_record(hub: Hub, smtp_sink: SmtpSink) -> None:
    account = make_account(hub, "Sari")
    search = follow(hub, account)
    add(hub, "Laporan")
    assert write_due(hub).letters == 1
    searches.remove(hub, account, search.id)
    send_waiting(hub)
    assert smtp_sink.taken == []
    with hub.catalogue.write() as session:
        assert saved_searches.of(session, account.id) == []
        assert audit.append(session, account, "x", "x", "x").sequence == 3, "saving and deleting are on record"


def test_without_a_mail_server_alerts_wait_and_go_when_there_is_one(hub: Hub, smtp_sink: SmtpSink) -> None:
    settings = hub.settings
    mail = settings.desk.mail.model_copy(update={"host": ""})
    without = settings.model_copy(update={"desk": settings.desk.model_copy(update={"mail": mail})})
    follow(hub, make_account(hub, "Sari"))
    add(hub, "Laporan")
    assert run(replace(hub, settings=without)).letters == 1
    assert smtp_sink.taken == []
    assert send_waiting(hub).sent == 1
