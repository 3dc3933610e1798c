"""Letters on their way to a real mail server: sent once, kept while it is away, and told apart when nobody knows."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from desk import forgetting, sending
from desk.forgetting import forget_old
from desk.sending import send_waiting, wait_after
from holdings import mails
from holdings.errors import LockedError, MailServerUnavailableError, UnknownIdError
from holdings.mails import MailState
from holdings.settings import Settings
from holdings.tables_desk import MailRow
from indexer.hub import Hub, initialise, open_hub
from tests.fixtures_services import require
from tests.integration.mail_hub import letter, mail_settings, put_letter
from tests.services.components import OPENSSL
from tests.services.smtp import SmtpSink
from tests.services.smtp_sink import PASSWORD, USER

ROOT = Path(__file__).parents[2]
KILLS = 12


@pytest.fixture
def settings(tmp_path: Path, smtp_sink: SmtpSink) -> Settings:
    """Settings of a hub that sends its letters to the mail server of the tests."""
    return mail_settings(tmp_path / "data", smtp_sink)


def recipients(sink: SmtpSink) -> list[str]:
    return [taken.recipient for taken in sink.taken]


def test_a_letter_arrives_once_as_it_was_written(hub: Hub, smtp_sink: SmtpSink) -> None:
    mail_id = put_letter(hub, "sari@example.org", subject="Baru: “pencegahan” –" + " panjang" * 20)
    assert send_waiting(hub).sent == 1
    assert send_waiting(hub).sent == 0
    (taken,) = smtp_sink.taken
    assert (taken.sender, taken.recipient) == ("no-reply@hub.example.go.id", "sari@example.org")
    assert taken.text.replace("\r\n", "\n").endswith("\n.begins with a dot\n")
    headers = taken.message
    assert headers["Subject"] == letter(hub, mail_id).subject
    assert headers["From"] == "I-KHub <no-reply@hub.example.go.id>"
    assert headers["Message-ID"] == f"<{mail_id}@hub.example.go.id>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert abs(parsedate_to_datetime(headers["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert max(len(line) for line in taken.raw.splitlines()) <= 998


def test_the_text_is_kept_no_longer_than_until_it_was_sent(hub: Hub, smtp_sink: SmtpSink) -> None:
    mail_id = put_letter(hub, "sari@example.org")
    assert letter(hub, mail_id).text
    send_waiting(hub)
    sent = letter(hub, mail_id)
    assert (sent.state, sent.text, sent.due_at, sent.error) == (MailState.SENT, "", None, None)


def test_nothing_that_is_typed_becomes_a_header(hub: Hub, smtp_sink: SmtpSink) -> None:
    put_letter(hub, "sari@example.org", subject="Hello\r\nBcc: all@example.org\r\n\r\nx")
    send_waiting(hub)
    (taken,) = smtp_sink.taken
    assert taken.message["Bcc"] is None
    assert taken.message["Subject"] == "Hello Bcc: all@example.org x"


@pytest.mark.parametrize("address", ["", "nobody", "a@b\r\nRCPT TO:<c@d.example>", "a@b.example,c@d.example", "é@b.id"])
def test_what_is_no_address_is_not_tried_again(hub: Hub, smtp_sink: SmtpSink, address: str) -> None:
    mail_id = put_letter(hub, address)
    other = put_letter(hub, "sari@example.org")
    done = send_waiting(hub)
    assert (done.refused, done.sent) == (1, 1)
    assert letter(hub, mail_id).state is MailState.FAILED
    assert letter(hub, other).state is MailState.SENT
    assert recipients(smtp_sink) == ["sari@example.org"]


def test_a_domain_may_be_written_in_its_own_letters(hub: Hub, smtp_sink: SmtpSink) -> None:
    put_letter(hub, "sari@bücher.example")
    send_waiting(hub)
    assert recipients(smtp_sink) == ["sari@xn--bcher-kva.example"]


@pytest.mark.parametrize("beginning", ["refused", "spam"])
def test_what_is_refused_for_good_is_not_tried_again(hub: Hub, smtp_sink: SmtpSink, beginning: str) -> None:
    mail_id = put_letter(hub, f"{beginning}@example.org")
    other = put_letter(hub, "sari@example.org")
    assert send_waiting(hub).refused == 1
    refused = letter(hub, mail_id)
    assert refused.state is MailState.FAILED
    assert refused.error is not None
    assert "answers 55" in refused.error
    assert letter(hub, other).state is MailState.SENT
    assert send_waiting(hub).refused == 0


@pytest.mark.parametrize("beginning", ["later", "full"])
def test_what_is_refused_for_now_is_tried_again_after_a_wait_that_grows(
    hub: Hub, smtp_sink: SmtpSink, beginning: str
) -> None:
    mail_id = put_letter(hub, f"{beginning}@example.org")
    for minutes in (1, 2, 4):
        before = datetime.now(UTC)
        assert send_waiting(hub).put_off == 1
        put_off = letter(hub, mail_id)
        assert put_off.state is MailState.WAITING
        assert put_off.due_at is not None
        assert timedelta(0) <= put_off.due_at - before - timedelta(minutes=minutes) < timedelta(seconds=20)
        assert send_waiting(hub).put_off == 0, "not before it is due"
        with hub.catalogue.write() as session:
            mails.note_refused(session, mail_id, "as if the time had passed", datetime.now(UTC))


def test_the_attempts_end_after_about_five_days() -> None:
    waits = [wait_after(attempts) for attempts in range(1, 29)]
    assert waits[-1] is None
    kept = [wait for wait in waits if wait is not None]
    assert len(kept) == len(waits) - 1
    assert kept[0] == timedelta(minutes=1)
    assert max(kept) == timedelta(hours=6)
    assert timedelta(days=4.5) < sum(kept, timedelta()) < timedelta(days=5.5)


def test_while_the_server_is_away_letters_stay_due_and_say_why(hub: Hub, smtp_sink: SmtpSink) -> None:
    ids = [put_letter(hub, f"person-{number}@example.org") for number in range(3)]
    smtp_sink.stop()
    for _ in range(3):
        done = send_waiting(hub)
        assert isinstance(done.stopped_by, MailServerUnavailableError)
        assert (done.sent, done.waiting) == (0, 3)
    for mail_id in ids:
        waiting = letter(hub, mail_id)
        assert (waiting.state, waiting.attempts) == (MailState.WAITING, 0)
        assert waiting.error is not None
        assert "does not answer" in waiting.error
    smtp_sink.start()
    assert send_waiting(hub).sent == 3
    assert len(set(recipients(smtp_sink))) == 3


def test_a_server_that_closes_in_between_ends_the_run_and_nothing_is_lost(hub: Hub, smtp_sink: SmtpSink) -> None:
    closing = put_letter(hub, "closing@example.org")
    done = send_waiting(hub)
    assert done.stopped_by is not None
    waiting = letter(hub, closing)
    assert (waiting.state, waiting.attempts) == (MailState.WAITING, 0)


def test_a_letter_that_the_server_goes_away_from_does_not_keep_the_others(hub: Hub, smtp_sink: SmtpSink) -> None:
    poison = put_letter(hub, "closing@example.org")
    put_letter(hub, "sari@example.org")
    assert send_waiting(hub).stopped_by is not None
    assert recipients(smtp_sink) == []
    assert send_waiting(hub).sent == 1
    assert recipients(smtp_sink) == ["sari@example.org"]
    assert letter(hub, poison).state is MailState.WAITING


@pytest.mark.parametrize(("beginning", "arrives"), [("cut", 1), ("lost", 0), ("slow", 1)])
def test_when_nobody_knows_whether_it_went_it_is_not_sent_again_by_itself(
    hub: Hub, smtp_sink: SmtpSink, beginning: str, arrives: int
) -> None:
    mail_id = put_letter(hub, f"{beginning}@example.org")
    other = put_letter(hub, "sari@example.org")
    done = send_waiting(hub)
    assert (done.unknown, done.sent) == (1, 1)
    assert letter(hub, mail_id).state is MailState.UNKNOWN
    assert letter(hub, other).state is MailState.SENT
    send_waiting(hub)
    assert len(smtp_sink.taken) == arrives + 1


def _written(hub: Hub, ids: list[str], at: datetime) -> None:
    """Have it as if letters had been written, begun and sent at a moment, as far as each was."""
    with hub.catalogue.write() as session:
        for row in session.query(MailRow).where(MailRow.id.in_(ids)):
            row.created_at = at
            row.begun_at = at if row.begun_at else None
            row.sent_at = at if row.sent_at else None


def test_of_old_letters_nothing_of_a_person_is_kept_and_those_that_wait_are(
    hub: Hub, settings: Settings, smtp_sink: SmtpSink
) -> None:
    kept_for = timedelta(days=settings.desk.mail.keep_days)
    sent, failed, unknown, young = (
        put_letter(hub, f"{beginning}@example.org") for beginning in ("sari", "refused", "lost", "budi")
    )
    send_waiting(hub)
    waiting = put_letter(hub, "wati@example.org")
    with hub.catalogue.write() as session:
        row = session.get_one(MailRow, sent)
        row.key, row.names = "once", ["document"]
    _written(hub, [sent, failed, unknown, waiting], datetime.now(UTC) - kept_for - timedelta(minutes=1))
    _written(hub, [young], datetime.now(UTC) - kept_for + timedelta(minutes=1))
    states = {mail_id: letter(hub, mail_id).state for mail_id in (sent, failed, unknown)}
    assert set(states.values()) == {MailState.SENT, MailState.FAILED, MailState.UNKNOWN}
    forget_old(hub)
    for mail_id, state in states.items():
        old = letter(hub, mail_id)
        assert (old.address, old.subject, old.text, old.headers, old.names, old.error) == ("", "", "", {}, (), None)
        assert (old.kind, old.state) == ("test", state)
        with hub.catalogue.write() as session:
            assert mails.send_again(session, mail_id, datetime.now(UTC)).state is state, "there is nothing to send"
    assert letter(hub, young).address == "budi@example.org"
    assert (letter(hub, waiting).state, letter(hub, waiting).address) == (MailState.WAITING, "wati@example.org")
    assert letter(hub, waiting).text
    with hub.catalogue.write() as session:
        assert not mails.put(session, replace(letter(hub, waiting), id="new"), "once"), "it is not told again"


def test_many_old_letters_are_forgotten_in_portions(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "_AT_A_TIME", 3)
    ids = [put_letter(hub, f"person-{number}@example.org") for number in range(7)]
    with hub.catalogue.write() as session:
        for mail_id in ids:
            mails.drop(session, mail_id, "An administrator gave it up.")
    _written(hub, ids, datetime.now(UTC) - timedelta(days=1000))
    forget_old(hub)
    assert {letter(hub, mail_id).address for mail_id in ids} == {""}


def test_an_administrator_decides_of_what_is_unknown(hub: Hub, smtp_sink: SmtpSink) -> None:
    again, given_up = put_letter(hub, "lost-1@example.org"), put_letter(hub, "lost-2@example.org")
    assert send_waiting(hub).unknown == 2
    with hub.catalogue.write() as session:
        assert {mail.id for mail in mails.listed(session, MailState.UNKNOWN)} == {again, given_up}
        mails.send_again(session, again, datetime.now(UTC))
        mails.drop(session, given_up, "An administrator gave it up.")
        with pytest.raises(UnknownIdError):
            mails.drop(session, "none", "x")
    assert send_waiting(hub).unknown == 1
    assert letter(hub, given_up).state is MailState.FAILED
    assert letter(hub, given_up).text == ""


def test_what_was_sent_or_is_being_sent_is_not_sent_again_on_request(hub: Hub, smtp_sink: SmtpSink) -> None:
    mail_id = put_letter(hub, "sari@example.org")
    with hub.catalogue.write() as session:
        mails.begin(session, mail_id, datetime.now(UTC))
        assert mails.send_again(session, mail_id, datetime.now(UTC)).state is MailState.BEGUN
        assert mails.drop(session, mail_id, "x").state is MailState.BEGUN
        mails.note_sent(session, mail_id, datetime.now(UTC))
        assert mails.send_again(session, mail_id, datetime.now(UTC)).state is MailState.SENT
    assert send_waiting(hub).sent == 0


def test_a_person_who_is_erased_while_their_letter_is_sent_hinders_nothing(hub: Hub, smtp_sink: SmtpSink) -> None:
    mail_id = put_letter(hub, "sari@example.org")
    with hub.catalogue.write() as session:
        assert mails.begin(session, mail_id, datetime.now(UTC)) is not None
    with hub.catalogue.write() as session:
        session.delete(session.get_one(MailRow, mail_id))
    with hub.catalogue.write() as session:
        mails.note_sent(session, mail_id, datetime.now(UTC))
    assert send_waiting(hub).sent == 0


def test_without_a_mail_server_letters_wait(hub: Hub, settings: Settings) -> None:
    put_letter(hub, "sari@example.org")
    mail = settings.desk.mail.model_copy(update={"host": ""})
    without = replace(
        hub, settings=settings.model_copy(update={"desk": settings.desk.model_copy(update={"mail": mail})})
    )
    done = send_waiting(without)
    assert (done.sent, done.waiting, done.stopped_by) == (0, 1, None)


def test_a_letter_with_a_key_that_was_used_is_not_put_in(hub: Hub) -> None:
    now = datetime.now(UTC)
    first = mails.Mail("one", "test", "a@example.org", "en", "x", "x", now, due_at=now)
    with hub.catalogue.write() as session:
        assert mails.put(session, first, "key")
        assert not mails.put(session, replace(first, id="two"), "key")
        assert mails.put(session, replace(first, id="three"))
        assert mails.counts(session)[MailState.WAITING] == 2


def test_alerts_go_after_what_somebody_waits_for(hub: Hub, smtp_sink: SmtpSink) -> None:
    put_letter(hub, "alert@example.org", kind=mails.LAST_KIND)
    put_letter(hub, "password@example.org")
    send_waiting(hub)
    assert recipients(smtp_sink) == ["password@example.org", "alert@example.org"]


def test_no_more_are_sent_in_an_hour_than_the_server_takes(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    settings = mail_settings(tmp_path / "data", smtp_sink, IKHUB_DESK__MAIL__MAX_PER_HOUR="2")
    initialise(settings)
    with open_hub(settings) as hub:
        for number in range(3):
            put_letter(hub, f"person-{number}@example.org")
        assert (send_waiting(hub).sent, send_waiting(hub).sent) == (2, 0)
        assert len(smtp_sink.taken) == 2


def test_many_letters_go_over_several_conversations(hub: Hub, smtp_sink: SmtpSink) -> None:
    for number in range(120):
        put_letter(hub, f"person-{number}@example.org")
    assert send_waiting(hub).sent == 120
    assert len(set(recipients(smtp_sink))) == 120


def test_a_run_that_has_no_time_leaves_the_rest(hub: Hub, smtp_sink: SmtpSink) -> None:
    put_letter(hub, "sari@example.org")
    done = send_waiting(hub, max_seconds=0)
    assert (done.sent, done.waiting) == (0, 1)


def test_one_process_sends_at_a_time(hub: Hub, smtp_sink: SmtpSink) -> None:
    put_letter(hub, "sari@example.org")
    with hub.catalogue.locks.hold(sending.LOCK), pytest.raises(LockedError):
        send_waiting(hub)
    results: list[int] = []

    def send() -> None:
        try:
            results.append(send_waiting(hub).sent)
        except LockedError:
            results.append(0)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(results) == 1
    assert len(smtp_sink.taken) == 1


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, signed by itself, and its key."""
    openssl = require(OPENSSL.path)
    files = tmp_path / "server.pem", tmp_path / "server.key"
    options = [
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=sink",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]
    command = [str(openssl), "req", "-x509", *options, "-out", str(files[0]), "-keyout", str(files[1])]
    subprocess.run(command, check=True, capture_output=True)
    return files


@pytest.mark.parametrize(
    ("ca", "password", "sent", "said"),
    [(True, PASSWORD, 1, ""), (True, "wrong", 0, "535"), (False, PASSWORD, 0, "CERTIFICATE_VERIFY_FAILED")],
)
def test_the_server_is_known_by_its_certificate_and_the_hub_by_its_password(
    tmp_path: Path, certificate: tuple[Path, Path], ca: bool, password: str, sent: int, said: str
) -> None:
    with SmtpSink(tmp_path / "letters", certificate) as sink:
        given = {
            "IKHUB_DESK__MAIL__SECURITY": "starttls",
            "IKHUB_DESK__MAIL__USERNAME": USER,
            "IKHUB_DESK__MAIL__PASSWORD": password,
            **({"IKHUB_DESK__MAIL__CA_CERTS": str(certificate[0])} if ca else {}),
        }
        settings = mail_settings(tmp_path / "data", sink, **given)
        initialise(settings)
        with open_hub(settings) as hub:
            put_letter(hub, "sari@example.org")
            done = send_waiting(hub)
    assert done.sent == sent
    assert len(sink.taken) == sent
    assert said in (done.stopped_by.message if done.stopped_by else "")


def _database_url(engine: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("postgresql_url")) if engine == "postgresql" else ""


@pytest.fixture(params=["sqlite", "postgresql"])
def killable(
    request: pytest.FixtureRequest, tmp_path: Path, smtp_sink: SmtpSink
) -> Iterator[tuple[Hub, Callable[[], subprocess.Popen[str]]]]:
    """A hub on either database, and a call that starts a sender for it in a process of its own."""
    url = _database_url(request.param, request)
    settings = mail_settings(tmp_path / "data", smtp_sink, IKHUB_HOLDINGS__DATABASE_URL=url)
    initialise(settings)
    command = [
        sys.executable,
        "-m",
        "tests.integration.sending_driver",
        str(tmp_path / "data"),
        str(smtp_sink.port),
        url,
    ]

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    with open_hub(settings) as hub:
        yield hub, start


def test_senders_that_are_killed_send_none_twice_and_lose_none(
    killable: tuple[Hub, Callable[[], subprocess.Popen[str]]], smtp_sink: SmtpSink
) -> None:
    hub, start = killable
    addresses = [f"person-{number}@example.org" for number in range(400)]
    written = {put_letter(hub, address): address for address in addresses}
    chance = random.Random(6)
    for _ in range(KILLS):
        with start() as sender:
            assert sender.stdout is not None
            assert re.match("ready", sender.stdout.readline())
            time.sleep(chance.uniform(0, 0.25))
            sender.send_signal(signal.SIGKILL)
    assert 0 < len(smtp_sink.taken) < len(addresses), "the kills fell in the middle of the sending"
    _wait_for_lock(hub)
    assert send_waiting(hub).waiting == 0
    with hub.catalogue.read() as session:
        unknown = {written[mail.id] for mail in mails.listed(session, MailState.UNKNOWN)}
        sent = mails.counts(session)[MailState.SENT]
    arrived = Counter(recipients(smtp_sink))
    assert max(arrived.values()) == 1, "none twice"
    assert set(addresses) - unknown <= arrived.keys(), "all arrive of which it is not unknown"
    assert len(unknown) <= KILLS
    assert sent + len(unknown) == len(addresses)


def _wait_for_lock(hub: Hub) -> None:
    """Wait until the database has noticed that the last sender is gone."""
    with hub.catalogue.locks.hold(sending.LOCK, wait_seconds=20):
        pass
