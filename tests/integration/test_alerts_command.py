"""`ikhub alerts send`, and the workers that do the same without being told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from desk import alerts, chores, sending
from holdings.errors import BrokerUnavailableError, LockedError
from holdings.settings import Settings
from indexer.hub import Hub, initialise, open_hub
from ingest.chores import Chore, attend, perform
from tests.integration.mail_hub import mail_settings, put_letter
from tests.services.smtp import SmtpSink

ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(tmp_path: Path, smtp_sink: SmtpSink) -> Settings:
    """Settings of a hub that sends its letters to the mail server of the tests."""
    return mail_settings(tmp_path / "data", smtp_sink)


def environment(settings: Settings) -> dict[str, str]:
    return {
        "IKHUB_DATA": str(settings.data),
        "IKHUB_INGEST__BROKER_URL": settings.ingest.broker_url,
        "IKHUB_DESK__MAIL__HOST": settings.desk.mail.host,
        "IKHUB_DESK__MAIL__PORT": str(settings.desk.mail.port),
        "IKHUB_DESK__MAIL__SECURITY": "none",
    }


def run(settings: Settings, *options: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["alerts", "send", *options], env=environment(settings))
    return result.exit_code, result.stdout, result.stderr


def test_it_says_in_one_line_what_it_did(hub: Hub, smtp_sink: SmtpSink) -> None:
    put_letter(hub, "sari@example.org")
    code, output, _ = run(hub.settings, "--json")
    assert code == 0
    assert json.loads(output) == {
        "searches": 0,
        "searches_failed": 0,
        "matches": 0,
        "alerts": 0,
        "sent": 1,
        "put_off": 0,
        "refused": 0,
        "unknown": 0,
        "withheld": 0,
        "waiting": 0,
        "stopped_by": None,
    }
    code, output, _ = run(hub.settings)
    assert (code, output.splitlines()[-1]) == (0, "0 letters sent.")


def test_a_letter_that_cannot_go_is_an_exit_code_of_its_own(hub: Hub, smtp_sink: SmtpSink) -> None:
    put_letter(hub, "refused@example.org")
    code, output, _ = run(hub.settings)
    assert (code, output.splitlines()[-1]) == (1, "0 letters sent; 1 refused for good.")


def test_while_the_mail_server_is_away_it_says_to_try_later(hub: Hub, smtp_sink: SmtpSink) -> None:
    put_letter(hub, "sari@example.org")
    smtp_sink.stop()
    code, output, trouble = run(hub.settings, "--json")
    assert code == 75
    assert json.loads(output)["stopped_by"] == "mail_unavailable"
    assert "[mail_unavailable]" in trouble


@pytest.mark.parametrize("lock", [sending.LOCK, alerts.LOCK])
def test_a_second_run_leaves_the_work_to_the_first(hub: Hub, smtp_sink: SmtpSink, lock: str) -> None:
    put_letter(hub, "sari@example.org")
    with hub.catalogue.locks.hold(lock):
        code, output, _ = run(hub.settings, "--json")
    assert (code, json.loads(output)["stopped_by"]) == (75, "locked")
    assert len(smtp_sink.taken) == (lock == alerts.LOCK), "what nobody is at is done all the same"


def test_without_a_mail_server_it_says_that_letters_wait(hub: Hub, smtp_sink: SmtpSink) -> None:
    put_letter(hub, "sari@example.org")
    given = environment(hub.settings) | {"IKHUB_DESK__MAIL__HOST": ""}
    result = CliRunner().invoke(main, ["alerts", "send"], env=given)
    assert result.exit_code == 0
    assert "There is no mail server" in result.stderr


def test_no_time_is_no_work(hub: Hub, smtp_sink: SmtpSink) -> None:
    put_letter(hub, "sari@example.org")
    code, output, _ = run(hub.settings, "--max-seconds", "0", "--json")
    assert (code, json.loads(output)["waiting"]) == (0, 1)


def test_before_init_it_says_so(tmp_path: Path, smtp_sink: SmtpSink) -> None:
    code, _, trouble = run(mail_settings(tmp_path / "none", smtp_sink))
    assert (code, "not_initialised" in trouble) == (2, True)


def test_a_chore_that_fails_is_tried_again_and_hinders_no_other(hub: Hub) -> None:
    done: list[str] = []

    def fails(_: Hub) -> None:
        done.append("fails")
        raise BrokerUnavailableError("away")

    def breaks(_: Hub) -> None:
        done.append("breaks")
        raise ValueError("unforeseen")

    def is_locked(_: Hub) -> None:
        raise LockedError("another is at it")

    assert not perform(hub, Chore("fails", 1, fails))
    assert not perform(hub, Chore("breaks", 1, breaks))
    assert perform(hub, Chore("is-locked", 1, is_locked))
    stop = threading.Event()

    def works(_: Hub) -> None:
        done.append("works")
        if done.count("works") == 3:
            stop.set()

    attend(hub, [Chore("fails", 0.1, fails), Chore("works", 0.1, works)], stop)
    assert done.count("works") == 3
    assert done.count("fails") >= 3


def test_what_the_chores_do_is_what_the_command_does(hub: Hub, smtp_sink: SmtpSink) -> None:
    put_letter(hub, "sari@example.org")
    for chore in chores.CHORES:
        assert perform(hub, chore)
    assert len(smtp_sink.taken) == 1
    put_letter(hub, "budi@example.org")
    smtp_sink.stop()
    assert [perform(hub, chore) for chore in chores.CHORES] == [True, False, True, True]


@contextmanager
def worker(settings: Settings, log: Path) -> Iterator[None]:
    """A worker in a process of its own, until the block ends."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "app.cli", "worker"],
            cwd=ROOT,
            env=os.environ | environment(settings) | {"IKHUB_INGEST__WORKERS": "1"},
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()
            assert process.wait(30) == 0, log.read_text()


def until(condition: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


@pytest.mark.parametrize("broker", ["", "redis"])
def test_workers_send_letters_without_being_told(
    tmp_path: Path, smtp_sink: SmtpSink, broker: str, request: pytest.FixtureRequest
) -> None:
    url = str(request.getfixturevalue("redis_url")) if broker else ""
    settings = mail_settings(tmp_path / "data", smtp_sink, IKHUB_INGEST__BROKER_URL=url)
    initialise(settings)
    log = tmp_path / "log"
    with open_hub(settings) as hub, worker(settings, log):
        put_letter(hub, "sari@example.org")
        until(lambda: len(smtp_sink.taken) == 1, log)
