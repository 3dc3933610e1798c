"""Tokens: made once and shown once, for a scope and a time, and never taken for the public when they are not good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from werkzeug.test import TestResponse

from app.problems import MEDIA_TYPE
from desk import own_account, personal
from desk import people as desk_people
from holdings import accounts, credentials, passwords, sessions, tokens
from holdings.accounts import Account, HubRole, Role
from holdings.errors import UnknownIdError, UsageError
from holdings.tables_people import ApiTokenRow
from holdings.tokens import Scope
from indexer.hub import Hub
from indexer.synchronise import synchronise
from tests.integration.posting import letters_to, submit, token_of
from tests.integration.site_pages import client_of, get, one, words
from tests.making import record_document
from tests.people import make_account, sign_in

PASSWORD = "hujan turun di bogor"


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    return client_of(hub)


@pytest.fixture
def sari(hub: Hub) -> Account:
    return make_account(hub, roles={"bnpt": Role.CONTRIBUTOR})


def new_token(hub: Hub, account: Account, *scopes: Scope, days: int = 90) -> str:
    _, secret = own_account.create_token(hub, account, name="Laptop", scopes=scopes or (Scope.READ,), days=days)
    return secret


def ask(client: FlaskClient, secret: str | None, path: str = "/api/v1/me", **options: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {secret}"} if secret is not None else {}
    return client.open(path, headers={**headers, **options.pop("headers", {})}, **options)


def test_a_token_is_made_shown_once_and_revoked(hub: Hub, client: FlaskClient) -> None:
    sari = make_account(hub)
    with hub.catalogue.write() as session:
        credentials.set_password(session, sari.id, passwords.hash_password(PASSWORD))
    sign_in(hub, client, sari)
    made = {"name": "Rapor <b>", "scopes": ["read", "upload"], "days": "30"}
    refused = submit(client, "/account/tokens", **made, present="no")
    assert "bukan kata sandi Anda" in refused.text
    response = submit(client, "/account/tokens", **made, present=PASSWORD)
    assert response.headers["Cache-Control"] == "no-store"
    secret = words(LexborHTMLParser(response.text).css(".once code")[0])
    assert secret.startswith(tokens.PREFIX)
    page = get(client, "/account/tokens")
    assert secret not in (page.html or "")
    assert "Rapor <b>" in words(one(page, ".cards .card-title"))
    program = client_of(hub)
    answer = ask(program, secret).json
    assert answer is not None
    assert answer["account"]["name"] == "Sari"
    assert answer["token"]["scopes"] == ["read", "upload"]
    assert letters_to(hub, sari.email, "new-token")
    with hub.catalogue.read() as session:
        (token,) = tokens.of(session, sari.id)
        assert session.query(ApiTokenRow).one().token_sha256 == sessions.hash_of(secret)
    assert token.used_at is not None
    assert timedelta(days=29) < token.expires_at - datetime.now(UTC) <= timedelta(days=30)
    submit(client, "/account/tokens", f"/account/tokens/{token.id}/revoke")
    assert ask(program, secret).status_code == 401
    assert not get(client, "/account/tokens").css(".cards form")


@pytest.mark.parametrize(
    ("days", "scopes"), [("0", ["read"]), ("366", ["read"]), ("x", ["read"]), ("90", []), ("90", ["admin"])]
)
def test_what_cannot_be_a_token(hub: Hub, client: FlaskClient, sari: Account, days: str, scopes: list[str]) -> None:
    sign_in(hub, client, sari)
    page = submit(client, "/account/tokens", name="x", days=days, scopes=scopes)
    assert LexborHTMLParser(page.text).css(".field-wrong")
    with hub.catalogue.read() as session:
        assert tokens.of(session, sari.id) == []


def test_the_desk_refuses_them_too(hub: Hub, sari: Account) -> None:
    for scopes, days in (((), 90), ((Scope.READ,), 366), ((Scope.READ,), 0)):
        with pytest.raises(UsageError):
            own_account.create_token(hub, sari, name="x", scopes=scopes, days=days)


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/search", "/api/v1/documents/abc", "/api/v1/openapi.json"])
@pytest.mark.parametrize("secret", ["ikh_nobody", "something", "", "ikh_é", "ikh_" + "x" * 5000])
def test_a_token_that_is_not_good_is_never_the_public(client: FlaskClient, path: str, secret: str) -> None:
    response = ask(client, secret, path)
    assert response.status_code == 401
    assert response.mimetype == MEDIA_TYPE
    assert response.json is not None
    assert response.json["code"] == "invalid_token"
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("how", ["expired", "revoked", "suspended", "erased", "role without second factor"])
def test_a_token_ends(hub: Hub, client: FlaskClient, sari: Account, how: str) -> None:
    secret = new_token(hub, sari)
    assert ask(client, secret).status_code == 200
    if how == "expired":
        with hub.catalogue.write() as session:
            session.query(ApiTokenRow).update({"expires_at": datetime.now(UTC)})
    elif how == "revoked":
        with hub.catalogue.read() as session:
            (token,) = tokens.of(session, sari.id)
        own_account.revoke_token(hub, sari, token.id)
    elif how == "suspended":
        desk_people.suspend(hub, None, sari.id)
    elif how == "erased":
        personal.erase(hub, sari, by=None)
    else:
        desk_people.change_roles(hub, None, sari.id, hub_role=HubRole.CURATOR, roles=sari.roles)
    assert ask(client, secret).status_code == 401


def test_a_token_reads_what_its_person_may_and_no_more(hub: Hub, client: FlaskClient, sari: Account) -> None:
    budi = make_account(hub, "Budi", roles={"komnas-ham": Role.CONTRIBUTOR})
    document = record_document(hub, "Rahasia dagang", access=["org:bnpt"])
    synchronise(hub)
    seen = {}
    for name, secret in (("sari", new_token(hub, sari)), ("budi", new_token(hub, budi)), ("public", None)):
        seen[name] = (
            ask(client, secret, f"/api/v1/documents/{document}").status_code,
            (ask(client, secret, "/api/v1/search").json or {})["total"],
        )
    assert seen == {"sari": (200, 1), "budi": (404, 0), "public": (404, 0)}
    desk_people.set_role(hub, None, sari.id, "bnpt", None)
    assert ask(client, new_token(hub, sari), f"/api/v1/documents/{document}").status_code == 404


def test_a_token_counts_on_the_api_alone(hub: Hub, client: FlaskClient, sari: Account) -> None:
    assert ask(client, new_token(hub, sari), "/account").location == "/sign-in?then=/account"
    assert ask(client, "ikh_nobody", "/forgotten").status_code == 200
    assert client.get("/api/v1/me", headers={"Authorization": "Basic YTpi"}).json == {"account": None, "token": None}


def test_a_token_never_administers(hub: Hub, client: FlaskClient) -> None:
    admin = make_account(hub, "Ani", hub_role=HubRole.ADMINISTRATOR, roles={"bnpt": Role.EDITOR})
    answer = ask(client, new_token(hub, admin, *Scope)).json
    assert answer is not None
    assert answer["account"]["hub_role"] is None
    assert answer["account"]["organisations"] == [{"id": "bnpt", "role": "editor"}]
    sign_in(hub, client, admin)
    answer = client.get("/api/v1/me").json
    assert answer is not None
    assert (answer["account"]["hub_role"], answer["token"]) == ("administrator", None)


def test_a_scope_that_is_lacking_is_said(hub: Hub, client: FlaskClient, sari: Account) -> None:
    for path, method, scope in (("/api/v1/search", "GET", Scope.UPLOAD), ("/api/v1/uploads", "POST", Scope.READ)):
        response = ask(client, new_token(hub, sari, scope), path, method=method, json={} if method == "POST" else None)
        assert response.status_code == 403, path
        assert response.json is not None
        assert response.json["code"] == "insufficient_scope"
    response = ask(client, None, "/api/v1/uploads", method="POST", json={})
    assert response.status_code == 401
    assert response.json is not None
    assert response.json["code"] == "sign_in_needed"


def test_a_browser_changes_something_by_the_api_with_its_sign_only(
    hub: Hub, client: FlaskClient, sari: Account
) -> None:
    sign_in(hub, client, sari)
    begun = {"space": "bnpt", "name": "a.pdf", "size": 10}
    assert client.post("/api/v1/uploads", json=begun).status_code == 400, "without the sign"
    headers = {"X-CSRFToken": token_of(client, "/account")}
    assert client.post("/api/v1/uploads", json=begun, headers={"X-CSRFToken": "x"}).status_code == 400
    assert client.post("/api/v1/uploads", json=begun, headers=headers).status_code == 201
    secret = new_token(hub, sari, Scope.UPLOAD)
    assert ask(client_of(hub), secret, "/api/v1/uploads", method="POST", json=begun).status_code == 201


def test_another_persons_token_cannot_be_revoked(hub: Hub, client: FlaskClient, sari: Account) -> None:
    budi = make_account(hub, "Budi")
    new_token(hub, budi)
    with hub.catalogue.read() as session:
        (theirs,) = tokens.of(session, budi.id)
    with pytest.raises(UnknownIdError):
        own_account.revoke_token(hub, sari, theirs.id)
    sign_in(hub, client, sari)
    sent = {"csrf_token": token_of(client, "/account")}
    for token_id in (theirs.id, "nothing", "%00"):
        assert client.post(f"/account/tokens/{token_id}/revoke", data=sent).status_code == 404


def test_using_a_token_writes_once_a_minute(hub: Hub, client: FlaskClient, sari: Account) -> None:
    secret = new_token(hub, sari)
    ask(client, secret)
    with hub.catalogue.read() as session:
        (first,) = tokens.of(session, sari.id)
    ask(client, secret)
    with hub.catalogue.read() as session:
        (second,) = tokens.of(session, sari.id)
        assert accounts.get(session, sari.id).status.value == "active"
    assert first.used_at == second.used_at is not None
