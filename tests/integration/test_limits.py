"""What a request may be: how often, how large, and under which name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask.testing import FlaskClient
from redis import Redis
from selectolax.lexbor import LexborHTMLParser

from app import limits
from app.limits import MAX_REQUEST_BYTES
from holdings.accounts import Role
from holdings.settings import Settings
from indexer.hub import Hub, initialise, open_hub
from indexer.synchronise import synchronise
from tests.integration.site_pages import client_of, one, words
from tests.people import make_account, sign_in
from tests.services.redis import RedisServer

Opener = Callable[..., tuple[Hub, FlaskClient]]


@pytest.fixture
def opened(settings: Settings) -> Iterator[Opener]:
    """A call that opens the hub with settings of `app` and `app.limits`, and gives it with a client of its site."""
    initialise(settings)
    with ExitStack() as hubs:

        def make(rates: dict[str, str] | None = None, **of_app: object) -> tuple[Hub, FlaskClient]:
            changed = settings.app.model_copy(
                update={"limits": settings.app.limits.model_copy(update=rates or {}), **of_app}
            )
            hub = hubs.enter_context(open_hub(settings.model_copy(update={"app": changed})))
            synchronise(hub)
            return hub, client_of(hub)

        yield make


def _statuses(client: FlaskClient, address: str, number: int, **options: object) -> list[int]:
    return [client.get(address, **options).status_code for _ in range(number)]


def test_who_asks_too_often_is_told_when_to_come_again(opened: Opener) -> None:
    _, client = opened({"search": "3/minute"})
    assert _statuses(client, "/search?q=a", 3) == [200, 200, 200]
    for address, title in (("/search?q=a", "Terlalu banyak permintaan"), ("/en/search?q=a", "Too many requests")):
        response = client.get(address)
        assert response.status_code == 429
        assert response.headers["Retry-After"] == "60"
        page = LexborHTMLParser(response.text)
        assert (words(one(page, "h1")), words(one(page, "code"))) == (title, "too_many_requests")
    # What is not searching goes on, and so do static files.
    assert _statuses(client, "/organisations", 5) == [200] * 5
    assert _statuses(client, "/static/site.css", 5) == [200] * 5
    assert _statuses(client, "/health", 5) == [200] * 5


def test_a_program_is_told_in_json(opened: Opener) -> None:
    _, client = opened({"api": "1/minute"})
    assert _statuses(client, "/api/v1/search", 1) == [200]
    response = client.get("/api/v1/search")
    assert (response.status_code, response.mimetype) == (429, "application/problem+json")
    assert response.json is not None
    assert (response.json["code"], response.json["detail"]) == (
        "too_many_requests",
        "More than 1 per 1 minute requests came from here.",
    )
    assert response.headers["Retry-After"] == "60"


def test_addresses_are_counted_apart_and_networks_of_ipv6_together(opened: Opener) -> None:
    _, client = opened({"search": "1/minute"})

    def ask(address: str) -> int:
        return client.get("/search", environ_overrides={"REMOTE_ADDR": address}).status_code

    assert [ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.2")] == [200, 429, 200]
    assert [ask("2001:db8::1"), ask("2001:db8::2:3"), ask("2001:db8:0:1::1")] == [200, 429, 200]


def test_a_forged_forwarded_address_counts_for_nothing(opened: Opener) -> None:
    for proxies, expected in ((0, [200, 429]), (1, [200, 200])):
        _, client = opened({"search": "1/minute"}, proxies=proxies)
        found = [
            client.get("/search", headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code for number in (1, 2)
        ]
        assert found == expected
        # Behind a proxy only the last of the addresses is its word.
        forged = [
            client.get("/search", headers={"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"}).status_code
            for number in (1, 2)
        ]
        assert forged == [429, 429] if proxies == 0 else [200, 429]


def test_who_is_signed_in_is_counted_by_account(opened: Opener) -> None:
    hub, client = opened({"search": "1/minute"})
    sari = make_account(hub, "Sari", roles={"bnpt": Role.CONTRIBUTOR})
    assert _statuses(client, "/search", 2) == [200, 429]
    sign_in(hub, client, sari)
    assert _statuses(client, "/search", 2) == [200, 429]
    assert _statuses(client, "/search", 1, environ_overrides={"REMOTE_ADDR": "192.0.2.9"}) == [429]


def test_only_what_is_sent_counts_as_an_attempt_to_sign_in(opened: Opener) -> None:
    _, client = opened({"sign_in": "2/minute"})
    assert _statuses(client, "/sign-in", 5) == [200] * 5
    sent = [client.post("/sign-in", data={"email": "a@example.org", "password": "x"}).status_code for _ in range(3)]
    assert sent[-1] == 429
    assert 429 not in sent[:2]
    assert client.post("/en/sign-in").status_code == 429, "both languages count together"


def test_every_view_that_is_counted_apart_is_there_and_has_a_setting(opened: Opener) -> None:
    hub, client = opened()
    views = {rule.endpoint.rpartition(".")[2] for rule in client.application.url_map.iter_rules()}
    assert set(limits.KINDS) <= views
    rates = hub.settings.app.limits.model_dump()
    assert {*limits.KINDS.values(), "form", "api", "upload"} == set(rates) - {"storage_url"}


def test_whatever_changes_something_is_counted(opened: Opener) -> None:
    _, client = opened()
    application = client.application
    for rule in application.url_map.iter_rules():
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            values = {name: 1 if "number" in name or name == "arrival_id" else "x" for name in rule.arguments}
            with application.test_request_context(rule.build(values)[1], method=method):  # type: ignore[index]
                assert limits.kind_of_request(), (rule.endpoint, method)


def test_an_empty_rate_is_no_limit(opened: Opener) -> None:
    _, client = opened({"search": ""})
    assert _statuses(client, "/search", 30) == [200] * 30


def test_processes_count_together_in_redis(opened: Opener, redis_url: str) -> None:
    _, one_process = opened({"search": "2/minute", "storage_url": redis_url})
    _, another = opened({"search": "2/minute", "storage_url": redis_url})
    assert [_statuses(client, "/search", 1) for client in (one_process, another, one_process)] == [[200], [200], [429]]
    with Redis.from_url(redis_url) as redis:
        assert all(b"ikhub" in key for key in redis.scan_iter())


def test_the_redis_of_the_workers_is_taken_where_no_other_is_named(settings: Settings) -> None:
    def stored(broker: str, own: str) -> str:
        ingest = settings.ingest.model_copy(update={"broker_url": broker})
        app = settings.app.model_copy(update={"limits": settings.app.limits.model_copy(update={"storage_url": own})})
        return limits.storage_of(settings.model_copy(update={"ingest": ingest, "app": app}))

    assert stored("", "") == "memory://"
    assert stored("redis://127.0.0.1/0", "") == "redis://127.0.0.1/0"
    assert stored("redis://127.0.0.1/0", "redis://127.0.0.1/1") == "redis://127.0.0.1/1"


def test_while_redis_is_away_each_process_counts_for_itself(opened: Opener, redis_server: RedisServer) -> None:
    _, client = opened({"search": "3/minute", "storage_url": redis_server.url})
    assert _statuses(client, "/search", 1) == [200]
    redis_server.stop()
    assert _statuses(client, "/search", 4) == [200, 200, 200, 429]


def test_a_redis_that_was_never_there_stops_nothing(opened: Opener) -> None:
    _, client = opened({"search": "2/minute", "storage_url": "redis://127.0.0.1:9/0"})
    assert _statuses(client, "/search", 3) == [200, 200, 429]


def test_a_form_that_is_too_large_is_refused(opened: Opener) -> None:
    _, client = opened()
    response = client.post("/sign-in", data={"email": "a" * (MAX_REQUEST_BYTES + 1)})
    assert response.status_code == 413
    assert words(one(LexborHTMLParser(response.text), "h1")) == "Kiriman ini terlalu besar"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("hub.example.org", 200),
        ("HUB.example.org:443", 200),
        ("localhost:8080", 200),
        ("127.0.0.1", 200),
        ("evil.example", 400),
        ("hub.example.org.evil.example", 400),
        ("hub.example.org:80@evil.example", 400),
    ],
)
def test_the_hub_answers_to_its_own_name_only(opened: Opener, host: str, status: int) -> None:
    _, client = opened(public_url="https://hub.example.org")
    response = client.get("/", headers={"Host": host})
    assert response.status_code == status
    assert "evil" not in response.text


def test_a_hub_without_a_name_answers_to_any(opened: Opener) -> None:
    _, client = opened()
    assert client.get("/", headers={"Host": "anything.example"}).status_code == 200
