"""Sign-in with an OpenID Connect provider that runs, in a process of its own: who may come in, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import requests
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from werkzeug.test import TestResponse

from desk import accounts as desk_accounts
from desk import people as desk_people
from holdings import accounts, audit_search, identities
from holdings.accounts import Account, HubRole, Role
from holdings.audit_search import Wanted
from holdings.errors import ConfigurationError
from holdings.settings import Settings, load_settings
from holdings.tables_people import SessionRow
from indexer.hub import Hub, initialise, open_hub
from tests.integration.posting import submit, token_of
from tests.integration.site_pages import client_of, get, one, words
from tests.people import make_account, sign_in
from tests.services.identity_provider import CLIENT_ID, CLIENT_SECRET, FAULTS, IdentityProvider

BACK = tuple(f"http://127.0.0.1:8080{prefix}/sign-in/provider/callback" for prefix in ("", "/en"))


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    """The provider, for all tests of the module."""
    with IdentityProvider(*BACK) as running:
        yield running


@pytest.fixture
def given() -> dict[str, str]:
    """Settings of the provider besides the usual ones."""
    return {}


@pytest.fixture
def settings(tmp_path: object, provider: IdentityProvider, given: dict[str, str]) -> Settings:
    values = {
        "ISSUER": provider.issuer,
        "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": CLIENT_SECRET,
        "NAME": "SSO Kementerian",
        **given,
    }
    return load_settings(
        None,
        {"IKHUB_DATA": f"{tmp_path}/data", **{f"IKHUB_APP__OIDC__{name}": value for name, value in values.items()}},
    )


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    return client_of(hub)


def leave(client: FlaskClient, address: str = "/sign-in/provider") -> str:
    """Let a browser be sent to the provider, and return where."""
    location = client.get(address).location
    assert location is not None
    return location


def back_from(address: str, person: str) -> str:
    """Be signed in by the provider as a person, and return the address that leads back to the hub."""
    answer = requests.get(f"{address}&as={person}", allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    location = urlsplit(answer.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" in BACK
    return f"{location.path}?{location.query}"


def sign_in_as(client: FlaskClient, person: str, address: str = "/sign-in/provider") -> TestResponse:
    return client.get(back_from(leave(client, address), person))


def refusal(client: FlaskClient, response: TestResponse) -> str:
    """Return what a page of sign-in says that a browser was led back to."""
    assert response.status_code == 302
    assert response.location is not None
    assert response.location.endswith("/sign-in")
    return words(one(get(client, response.location), "main .notice-wrong"))


def who(client: FlaskClient) -> str | None:
    found = get(client, "/no-such-page", 404).css_first(".people-name")
    return words(found) if found is not None else None


def invite(hub: Hub, role: Role | HubRole = Role.EDITOR) -> str:
    organisation = "bnpt" if isinstance(role, Role) else None
    made = desk_accounts.invite(hub, None, email="sari@example.org", role=role, organisation_id=organisation)
    return urlsplit(made.address).path


def test_the_page_of_sign_in_offers_it(client: FlaskClient) -> None:
    offered = one(get(client, "/en/sign-in?then=/en/account"), "main a.button")
    assert words(offered) == "Sign in with SSO Kementerian"
    asked = parse_qs(urlsplit(leave(client, offered.attributes["href"] or "")).query)
    assert asked["redirect_uri"] == [BACK[1]]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid email profile"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)


def test_who_has_an_account_is_linked_once_and_known_from_then_on(hub: Hub, client: FlaskClient) -> None:
    sari = make_account(hub)
    assert sign_in_as(client, "sari", "/sign-in/provider?then=/account").location == "/account"
    assert who(client) == "Sari"
    with hub.catalogue.write() as session:
        assert len(identities.issuers(session, sari.id)) == 1
        accounts.account_row(session, sari.id).email = "other@example.org"
    other = client_of(hub)
    assert sign_in_as(other, "sari").location == "/"
    assert who(other) == "Sari", "by the provider's id of the person, whatever the address is by now"


@pytest.mark.parametrize("person", ["sari", "by-userinfo"])
def test_who_was_invited_gets_an_account(hub: Hub, client: FlaskClient, person: str) -> None:
    path = invite(hub)
    assert "SSO Kementerian" in words(one(get(client, path), "main a.button"))
    assert sign_in_as(client, person).status_code == 302
    with hub.catalogue.read() as session:
        made = accounts.find(session, "sari@example.org")
    assert made is not None
    assert (made.roles, made.has_password) == ({"bnpt": Role.EDITOR}, False)
    assert who(client) == made.name
    get(client_of(hub), path, 410)


@pytest.mark.parametrize("person", ["stranger", "unverified", "says-nothing", "without-email", *FAULTS])
def test_nobody_else_comes_in(hub: Hub, client: FlaskClient, person: str) -> None:
    make_account(hub)
    said = refusal(client, sign_in_as(client, person))
    assert "Anda tidak dapat masuk" in said
    assert who(client) is None
    with hub.catalogue.read() as session:
        (sari,) = accounts.all_accounts(session)
        assert identities.issuers(session, sari.id) == []


def test_who_is_suspended_stays_out(hub: Hub, client: FlaskClient) -> None:
    sari = make_account(hub)
    sign_in_as(client, "sari")
    desk_people.suspend(hub, None, sari.id)
    refusal(client, sign_in_as(client, "sari"))
    assert who(client) is None


def test_an_answer_counts_once_and_in_its_browser_only(hub: Hub, client: FlaskClient) -> None:
    make_account(hub)
    back = back_from(leave(client), "sari")
    other = client_of(hub)
    refusal(other, other.get(back))
    leave(other)
    refusal(other, other.get(back))
    assert client.get(back).location == "/"
    again = client_of(hub)
    cookie = client.get_cookie("ikhub-form")
    if cookie is not None:
        again.set_cookie("ikhub-form", cookie.value)
    refusal(again, again.get(back))
    assert who(other) is None


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=x&code=x", "?error=access_denied", "?state=%00&code=%00", "?iss=https://evil.example"],
)
def test_what_is_no_answer_is_refused(hub: Hub, client: FlaskClient, query: str) -> None:
    leave(client)
    refusal(client, client.get(f"/sign-in/provider/callback{query}"))
    fresh = client_of(hub)
    refusal(fresh, fresh.get(f"/sign-in/provider/callback{query}"))


def test_a_code_that_is_not_the_providers_is_refused(hub: Hub, client: FlaskClient) -> None:
    state = parse_qs(urlsplit(leave(client)).query)["state"][0]
    refusal(client, client.get(f"/sign-in/provider/callback?state={state}&code=invented"))


def test_the_provider_asks_for_the_verifier(hub: Hub, client: FlaskClient) -> None:
    """Of two questions of one browser, the answer to the first does not fit the verifier of the second."""
    make_account(hub)
    first = urlsplit(back_from(leave(client), "sari"))
    state = parse_qs(urlsplit(leave(client)).query)["state"][0]
    code = parse_qs(first.query)["code"][0]
    refusal(client, client.get(f"{first.path}?state={state}&code={code}"))


@pytest.mark.parametrize("hub_role", list(HubRole))
def test_the_second_factor_of_the_hub_is_still_asked_for(hub: Hub, client: FlaskClient, hub_role: HubRole) -> None:
    invite(hub, hub_role)
    assert sign_in_as(client, "mfa").location == "/second-factor/set-up"
    assert client.get("/account").status_code == 302
    secret = words(one(get(client, "/second-factor/set-up"), "code.secret")).replace(" ", "")
    code = pyotp.TOTP(secret).at(time.time() - 30)
    assert LexborHTMLParser(submit(client, "/second-factor/set-up", code=code).text).css(".codes")
    other = client_of(hub)
    assert sign_in_as(other, "mfa").location == "/second-factor"
    assert submit(other, "/second-factor", code=pyotp.TOTP(secret).now()).location == "/"


@pytest.mark.parametrize("given", [{"TRUST_SECOND_FACTOR": "true"}])
def test_unless_the_provider_is_trusted_with_it(hub: Hub, client: FlaskClient) -> None:
    invite(hub, HubRole.CURATOR)
    assert sign_in_as(client, "mfa").location == "/"
    assert get(client, "/account")
    other = client_of(hub)
    assert refusal(other, sign_in_as(other, "sari")), "linked with another identity of the same address"


def test_the_pages_call_the_provider_by_its_name_and_speak_of_no_password(
    hub: Hub, client: FlaskClient, provider: IdentityProvider
) -> None:
    make_account(hub)
    sign_in_as(client, "sari")
    shown = words(one(get(client, "/en/account/security"), "main"))
    assert "You can also sign in with SSO Kementerian." in shown
    assert provider.issuer not in shown
    secret = words(one(get(client, "/second-factor/set-up"), "code.secret")).replace(" ", "")
    submit(client, "/second-factor/set-up", code=pyotp.TOTP(secret).now())
    other = client_of(hub)
    assert sign_in_as(other, "sari").location == "/second-factor"
    assert "password" not in words(one(get(other, "/en/second-factor"), "main"))


def test_one_whom_the_provider_made_anew_is_unlinked_and_comes_in_again(hub: Hub, client: FlaskClient) -> None:
    sari = make_account(hub)
    sign_in_as(client, "sari")
    anew = client_of(hub)
    refusal(anew, sign_in_as(anew, "mfa"))
    admin, browser = make_account(hub, "Ani", hub_role=HubRole.ADMINISTRATOR), client_of(hub)
    sign_in(hub, browser, admin)
    page = f"/en/administration/people/{sari.id}"
    assert "Unlink the provider" in words(one(get(browser, page), "main"))
    submit(browser, page, f"{page}/provider")
    assert "Unlink the provider" not in words(one(get(browser, page), "main"))
    assert who(client) is None, "the sessions have ended"
    assert sign_in_as(anew, "mfa").location == "/"
    assert who(anew) == "Sari"
    with hub.catalogue.read() as session:
        (entry,) = audit_search.newest(session, Wanted(action="account.unlink-identity"), limit=2)
    assert (entry.actor, entry.subject_id) == (admin.pseudonym, sari.id)


def test_an_office_signs_in_as_often_as_the_limit_says(hub: Hub, client: FlaskClient) -> None:
    make_account(hub)
    for _ in range(10):
        browser = client.application.test_client()
        assert sign_in_as(browser, "sari").location == "/"
    assert client.get("/sign-in/provider").status_code == 429


@pytest.mark.parametrize("given", [{"REQUIRED_CLAIMS": "groups=ikhub"}])
def test_claims_that_are_required(hub: Hub, client: FlaskClient) -> None:
    make_account(hub)
    refusal(client, sign_in_as(client, "mfa"))
    assert sign_in_as(client, "sari").location == "/"


def test_without_a_password_a_fresh_session_is_what_confirms(hub: Hub, client: FlaskClient) -> None:
    invite(hub)
    sign_in_as(client, "sari")
    assert get(client, "/account/tokens").css_first("#present") is None
    assert "ikh_" in submit(client, "/account/tokens", name="x").text
    sari = the_account(hub)
    with hub.catalogue.write() as session:
        session.query(SessionRow).update({"created_at": datetime.now(UTC) - timedelta(minutes=16)})
    page = submit(client, "/account/tokens", name="y").text
    assert "ikh_" not in page
    assert sari.has_password is False


def the_account(hub: Hub) -> Account:
    with hub.catalogue.read() as session:
        found = accounts.find(session, "sari@example.org")
    assert found is not None
    return found


@pytest.mark.parametrize("given", [{"ISSUER": "http://127.0.0.1:9"}, {"ISSUER": "http://localhost:9/x"}])
def test_a_provider_that_is_away_is_told(hub: Hub, client: FlaskClient) -> None:
    said = refusal(client, client.get("/sign-in/provider"))
    assert "sedang tidak menjawab" in said
    assert token_of(client, "/sign-in")


def test_one_that_calls_itself_otherwise_is_not_asked(hub: Hub, provider: IdentityProvider, tmp_path: object) -> None:
    settings = load_settings(
        None,
        {
            "IKHUB_DATA": f"{tmp_path}/other",
            "IKHUB_APP__OIDC__ISSUER": f"http://localhost:{provider.port}",
            "IKHUB_APP__OIDC__CLIENT_ID": CLIENT_ID,
        },
    )
    initialise(settings)
    with open_hub(settings) as other:
        client = client_of(other)
        refusal(client, client.get("/sign-in/provider"))


@pytest.mark.parametrize("issuer", ["http://sso.example.org", "ftp://127.0.0.1", "https://sso.example.org?x=1", "sso"])
def test_an_issuer_is_https_or_on_this_machine(issuer: str) -> None:
    with pytest.raises(ConfigurationError, match="issuer"):
        load_settings(None, {"IKHUB_APP__OIDC__ISSUER": issuer})


@pytest.mark.parametrize("given", [{"ISSUER": ""}])
def test_without_a_provider_there_is_no_such_page(hub: Hub, client: FlaskClient) -> None:
    get(client, "/sign-in/provider", 404)
    get(client, "/sign-in/provider/callback", 404)
    assert not get(client, "/sign-in").css("main a.button")
