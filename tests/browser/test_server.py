"""The server that `ikhub serve` starts: what it says, how it ends, and what gunicorn would refuse by itself."""

from __future__ import annotations

import signal
import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from app.server import serve
from holdings.errors import NotInitialisedError
from holdings.settings import Settings
from indexer.hub import initialise, open_hub
from indexer.synchronise import synchronise
from tests.browser.conftest import serving
from tests.making import record_document


def _status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("query", ["a" * 10_000, "kata+" * 2_000, "%C3%A9" * 10_000, "(" * 5_000])
@pytest.mark.parametrize("path", ["/search", "/en/search", "/api/v1/search"])
def test_a_query_of_ten_thousand_characters_is_answered(live_server_url: str, path: str, query: str) -> None:
    assert _status(f"{live_server_url}{path}?q={query}") == 200


def test_what_is_longer_than_any_query_is_refused(live_server_url: str) -> None:
    assert _status(f"{live_server_url}/search?q={'a' * 70_000}") == 414
    assert _status(f"{live_server_url}/health") == 200


def test_a_request_line_without_end_is_not_waited_for(live_server_url: str) -> None:
    parts = urlsplit(live_server_url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as connection:
        try:
            for _ in range(64):
                connection.sendall(b"GET /" + b"a" * 65_536)
            answer = connection.recv(100)
        except (BrokenPipeError, ConnectionResetError):
            answer = b"closed"
    assert b"414" in answer or answer in {b"", b"closed"}


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_asked(sample_settings: Settings, sent: signal.Signals) -> None:
    with serving(sample_settings) as (address, process):
        assert _status(f"{address}/health") == 200
        process.send_signal(sent)
        assert process.wait(30) == 0


def test_what_is_added_is_found_without_a_restart(settings: Settings) -> None:
    initialise(settings)
    with open_hub(settings) as hub:
        record_document(hub, "Dokumen pertama", ["kewaspadaan"])
        synchronise(hub)
        with serving(settings) as (address, _process):
            assert _found(address) == 1
            record_document(hub, "Dokumen kedua", ["kewaspadaan lagi"])
            synchronise(hub)
            assert _found(address) == 2


def _found(address: str) -> int:
    with urllib.request.urlopen(f"{address}/en/search?q=kewaspadaan", timeout=30) as response:
        return int(response.read().decode().count('class="hit"'))


def test_a_hub_that_was_not_initialised_is_not_served(settings: Settings) -> None:
    with pytest.raises(NotInitialisedError):
        serve(settings)
