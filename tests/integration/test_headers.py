"""The headers of answers to people: what keeps them safe, and what no browser or proxy may keep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from flask.testing import FlaskClient

from app.people import set_cookie
from holdings import sessions
from holdings.accounts import Role
from holdings.settings import Settings
from indexer.hub import Hub, open_hub
from indexer.synchronise import synchronise
from tests.integration.site_pages import client_of
from tests.making import record_document
from tests.people import make_account, sign_in


@pytest.fixture
def document_id(hub: Hub) -> str:
    """A public document in the hub."""
    made = record_document(hub, "Laporan terbuka")
    synchronise(hub)
    return made


@pytest.fixture
def over_https(settings: Settings, hub: Hub) -> Iterator[FlaskClient]:
    """A client of the same hub where people reach it over https."""
    with ExitStack() as stack:
        app = settings.app.model_copy(update={"public_url": "https://hub.example.org"})
        yield client_of(stack.enter_context(open_hub(settings.model_copy(update={"app": app}))))


def _addresses(document_id: str) -> list[str]:
    return ["/", "/search?q=a", f"/documents/{document_id}", f"/en/documents/{document_id}/pages/1", "/nothing",
            "/api/v1/search", f"/api/v1/documents/{document_id}", "/organisations"]  # fmt: skip


def test_what_a_signed_in_person_gets_is_kept_nowhere(hub: Hub, document_id: str) -> None:
    client = client_of(hub)
    for address in _addresses(document_id):
        assert client.get(address).headers["Cache-Control"] == "private, no-cache", address
    sign_in(hub, client, make_account(hub, "Sari", roles={"bnpt": Role.CONTRIBUTOR}))
    for address in _addresses(document_id):
        assert client.get(address).headers["Cache-Control"] == "no-store", address
    assert "no-store" not in client.get("/static/site.css").headers["Cache-Control"]


def test_no_other_site_is_told_an_address(hub: Hub, document_id: str) -> None:
    client = client_of(hub)
    assert {client.get(address).headers["Referrer-Policy"] for address in _addresses(document_id)} == {"same-origin"}


def test_browsers_are_told_to_stay_with_https_where_people_come_by_it(
    hub: Hub, over_https: FlaskClient, document_id: str
) -> None:
    for address in _addresses(document_id):
        assert "Strict-Transport-Security" not in client_of(hub).get(address).headers
        told = over_https.get(address, base_url="https://hub.example.org").headers["Strict-Transport-Security"]
        assert told == "max-age=63072000; includeSubDomains"


def test_the_cookie_of_a_session_is_bound_to_the_host_and_out_of_reach_of_scripts(
    hub: Hub, over_https: FlaskClient
) -> None:
    account = make_account(hub, "Sari")
    for client, expected in ((client_of(hub), "ikhub="), (over_https, "__Host-ikhub=")):
        application = client.application
        with application.test_request_context("/"), hub.catalogue.write() as session:
            response = application.make_response("")
            set_cookie(response, sessions.begin(session, account.id, address="127.0.0.1", agent="test"))
        cookie = response.headers["Set-Cookie"]
        assert cookie.startswith(expected)
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert ("Secure" in cookie) is expected.startswith("__Host-")


def test_a_secret_of_a_session_that_the_hub_did_not_give_is_none(hub: Hub, document_id: str) -> None:
    client = client_of(hub)
    client.set_cookie("ikhub", "chosen-by-somebody-else")
    response = client.get(f"/documents/{document_id}")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-cache"


def test_what_is_refused_is_in_the_log_with_a_pseudonym(
    hub: Hub, document_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(hub)
    client.get("/documents/0000000000")
    assert caplog.messages == [], "what the public does not find is no refusal"
    with caplog.at_level("INFO", logger="app.factory"):
        client.post("/sign-in", data={"email": "sari@example.org", "password": "rahasia"})
        sari = make_account(hub, "Sari")
        sign_in(hub, client, sari)
        client.get("/review/0000000000")
    assert caplog.messages == [
        "refused to public: POST /sign-in [form_expired]",
        f"refused to {sari.pseudonym}: GET /review/0000000000 [unknown_id]",
    ]
    assert not any("rahasia" in line or "sari@" in line for line in caplog.messages)
