"""The second factor: set up, asked for, required of curators and administrators, each code accepted once."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pyotp
import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from selectolax.lexbor import LexborHTMLParser

from desk import own_account
from desk import people as desk_people
from holdings import accounts, credentials, passwords, second_factor
from holdings.accounts import Account, HubRole, Role
from holdings.settings import Settings, load_settings
from indexer.hub import Hub
from tests.integration.posting import letters_to, submit, token_of
from tests.integration.site_pages import client_of, get, one, words
from tests.people import make_account

PASSWORD = "hujan turun di bogor"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a hub that does not count how often it is asked: what is tested here is the account's own wait."""
    limits = ("SIGN_IN", "SECOND_FACTOR", "FORM")
    return load_settings(
        None, {"IKHUB_DATA": str(tmp_path / "data"), **{f"IKHUB_APP__LIMITS__{name}": "" for name in limits}}
    )


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    return client_of(hub)


@pytest.fixture
def sari(hub: Hub) -> Account:
    """A person with a password and without a second factor."""
    made = make_account(hub, roles={"bnpt": Role.EDITOR})
    with hub.catalogue.write() as session:
        credentials.set_password(session, made.id, passwords.hash_password(PASSWORD))
        return accounts.get(session, made.id)


def enter(client: FlaskClient) -> str | None:
    return submit(client, "/sign-in", email="sari@example.org", password=PASSWORD).location


def secret_on(page: LexborHTMLParser) -> str:
    return words(one(page, "code.secret")).replace(" ", "")


def code_of(secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(time.time() + 30 * steps)


def set_up(hub: Hub, client: FlaskClient, **fields: str) -> tuple[str, list[str]]:
    """Set up the second factor on its page and return the secret and the recovery codes."""
    page = get(client, "/second-factor/set-up")
    secret = secret_on(page)
    response = submit(client, "/second-factor/set-up", code=code_of(secret, steps=-1), **fields)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    codes = [words(code) for code in LexborHTMLParser(response.text).css(".codes code")]
    return secret, codes


def test_it_is_set_up_asked_for_and_given(hub: Hub, client: FlaskClient, sari: Account) -> None:
    enter(client)
    before = client.get_cookie("ikhub")
    secret, codes = set_up(hub, client, present=PASSWORD)
    after = client.get_cookie("ikhub")
    assert before is not None
    assert after is not None
    assert before.value != after.value, "the session has a new secret"
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert get(client, "/account")

    other = client_of(hub)
    assert enter(other) == "/second-factor"
    held = other.get_cookie("ikhub")
    assert other.get("/account").location == "/sign-in?then=/account"
    assert other.get("/sign-in?then=/account").location == "/second-factor?then=/account"
    assert other.get("/second-factor/set-up").location == "/second-factor", "no other can be set up in between"
    assert submit(other, "/second-factor?then=/account", code=code_of(secret)).location == "/account"
    assert get(other, "/account")
    renewed = other.get_cookie("ikhub")
    assert held is not None
    assert renewed is not None
    assert held.value != renewed.value
    stale = client_of(hub)
    stale.set_cookie("ikhub", held.value)
    assert stale.get("/account").status_code == 302, "the secret of before is of no use"


def test_the_picture_says_what_the_key_says(hub: Hub, client: FlaskClient, sari: Account) -> None:
    enter(client)
    page = get(client, "/second-factor/set-up")
    picture = one(page, ".qr svg").html or ""
    assert "<path" in picture
    assert not re.search(r"style=|<script|href|url\(|data:", picture), "nothing that the policy of the page refuses"
    address = second_factor.address_for_app(sari, secret_on(page), "I-KHub")
    assert pyotp.parse_uri(address).name == sari.email
    assert secret_on(page) == secret_on(get(client, "/second-factor/set-up")), "it stays until it is confirmed"


def test_a_code_is_accepted_once(hub: Hub, client: FlaskClient, sari: Account) -> None:
    enter(client)
    secret, _ = set_up(hub, client, present=PASSWORD)
    code = code_of(secret)
    first, second = client_of(hub), client_of(hub)
    for browser in (first, second):
        assert enter(browser) == "/second-factor"
    assert submit(first, "/second-factor", code=f" {code[:3]} {code[3:]} ").status_code == 302
    assert submit(second, "/second-factor", code=code).status_code == 200
    assert submit(second, "/second-factor", code=code_of(secret, steps=-1)).status_code == 200, "nor an earlier one"
    assert submit(second, "/second-factor", code=code_of(secret, steps=1)).status_code == 302


def test_a_recovery_code_stands_in_once(hub: Hub, client: FlaskClient, sari: Account) -> None:
    enter(client)
    _, codes = set_up(hub, client, present=PASSWORD)
    first, second = client_of(hub), client_of(hub)
    for browser in (first, second):
        enter(browser)
    assert submit(first, "/second-factor", code=codes[0].upper()).status_code == 302
    assert submit(second, "/second-factor", code=codes[0]).status_code == 200
    assert submit(second, "/second-factor", code=codes[1].replace("-", " ")).status_code == 302
    assert "8." in words(get(client, "/account/security").body)


def test_recovery_codes_are_saved_and_renewed(hub: Hub, client: FlaskClient, sari: Account) -> None:
    enter(client)
    _, codes = set_up(hub, client, present=PASSWORD)
    token = token_of(client, "/account")
    address = "/account/security/recovery-codes.txt"
    saved = client.post(address, data={"csrf_token": token, "code": codes})
    assert saved.text.split() == codes
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert client.post(address, data={"csrf_token": token, "code": ["<b>mine</b>"]}).status_code == 302, "no echo"
    address = "/account/security/recovery-codes"
    assert submit(client, "/account/security", address, **{"codes-present": "no"}).text.count("<code>") == 0
    response = submit(client, "/account/security", address, **{"codes-present": PASSWORD})
    newer = [words(code) for code in LexborHTMLParser(response.text).css(".codes code")]
    assert not set(codes) & set(newer)
    other = client_of(hub)
    enter(other)
    assert submit(other, "/second-factor", code=codes[5]).status_code == 200
    assert submit(other, "/second-factor", code=newer[5]).status_code == 302


@pytest.mark.parametrize("hub_role", list(HubRole))
def test_without_it_curators_and_administrators_reach_nothing_else(
    hub: Hub, client: FlaskClient, sari: Account, hub_role: HubRole
) -> None:
    desk_people.change_roles(hub, None, sari.id, hub_role=hub_role, roles=sari.roles)
    assert enter(client) == "/second-factor/set-up"
    assert client.get("/account").location == "/sign-in?then=/account"
    assert client.get("/sign-in").location == "/second-factor"
    assert client.get("/second-factor").location == "/second-factor/set-up"
    assert client.get("/api/v1/me").json == {"account": None, "token": None}
    set_up(hub, client)
    assert get(client, "/account")


def test_a_failed_code_counts_and_a_right_password_does_not_clear_it(
    hub: Hub, client: FlaskClient, sari: Account
) -> None:
    enter(client)
    secret, codes = set_up(hub, client, present=PASSWORD)
    for _ in range(credentials.FREE_FAILURES):
        other = client_of(hub)
        assert enter(other) == "/second-factor"
        assert submit(other, "/second-factor", code="000000").status_code == 200
    with hub.catalogue.read() as session:
        assert accounts.account_row(session, sari.id).failures == credentials.FREE_FAILURES
    assert submit(other, "/second-factor", code=code_of(secret, steps=1)).status_code == 200, "while it waits"
    assert submit(other, "/second-factor", code=codes[0]).status_code == 200
    assert enter(client_of(hub)) is None


def test_it_is_switched_off_after_the_password(hub: Hub, client: FlaskClient, sari: Account) -> None:
    enter(client)
    set_up(hub, client, present=PASSWORD)
    address = "/account/security/second-factor"
    assert submit(client, "/account/security", address, **{"off-present": "no"}).status_code == 200
    assert submit(client, "/account/security", address, **{"off-present": PASSWORD}).location == "/account/security"
    assert letters_to(hub, sari.email, "second-factor-off")
    assert enter(client_of(hub)) == "/"


def test_who_needs_one_sets_up_another_at_once(hub: Hub, client: FlaskClient, sari: Account) -> None:
    desk_people.change_roles(hub, None, sari.id, hub_role=HubRole.CURATOR, roles={})
    enter(client)
    first, _ = set_up(hub, client)
    address = "/account/security/second-factor"
    response = submit(client, "/account/security", address, **{"off-present": PASSWORD})
    assert response.location == "/second-factor/set-up"
    assert client.get("/account").status_code == 302
    second, _ = set_up(hub, client)
    assert first != second


def test_one_that_was_lost_is_taken_away_by_an_administrator(hub: Hub, client: FlaskClient, sari: Account) -> None:
    enter(client)
    set_up(hub, client, present=PASSWORD)
    desk_people.take_second_factor(hub, make_account(hub, "Ani", hub_role=HubRole.ADMINISTRATOR), sari.id)
    assert client.get("/account").status_code == 302
    assert enter(client) == "/"


def test_it_is_set_up_after_the_password_only(hub: Hub, client: FlaskClient, sari: Account) -> None:
    enter(client)
    secret = secret_on(get(client, "/second-factor/set-up"))
    wrong = submit(client, "/second-factor/set-up", code=code_of(secret), present="no")
    assert "bukan kata sandi Anda" in wrong.text
    with hub.catalogue.read() as session:
        assert not accounts.get(session, sari.id).has_second_factor


def test_the_secret_is_encrypted_and_lost_with_the_key(hub: Hub, sari: Account) -> None:
    secret = own_account.secret_for_app(hub, sari)
    with hub.catalogue.read() as session:
        kept = accounts.account_row(session, sari.id).totp_secret
    assert kept is not None
    assert secret not in kept
    rekeyed = hub.settings.app.model_copy(update={"secret_key": SecretStr("another key")})
    other = hub.settings.model_copy(update={"app": rekeyed})
    with hub.catalogue.write() as session:
        assert second_factor.confirm(session, other, sari.id, code_of(secret)) is None
        assert second_factor.begin(session, other, sari.id) != secret
