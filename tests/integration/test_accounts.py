"""Accounts over the site: invited, made, signed in to, guarded, changed. Their second factor is in
`test_second_factor`, their data in `test_own_data`."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from werkzeug.test import TestResponse

from app.cli import main
from desk import accounts as desk_accounts
from desk import own_account, signing_in
from desk import people as desk_people
from desk.dates import moment_in_words
from desk.forgetting import forget_old
from desk.signing_in import Browser
from holdings import (
    account_changes,
    accounts,
    audit,
    audit_search,
    credentials,
    invitations,
    organisations,
    passwords,
    sessions,
)
from holdings.accounts import Account, AccountStatus, HubRole, Role
from holdings.errors import (
    ChangedMeanwhileError,
    LastAdministratorError,
    LinkSpentError,
    NotAllowedError,
    UsageError,
    WeakPasswordError,
)
from holdings.settings import Settings, load_settings
from holdings.tables_people import InvitationRow, PasswordResetRow, SessionRow
from indexer.hub import Hub
from tests.integration.posting import letters_to, path_in, submit, token_of
from tests.integration.site_pages import client_of, get, one, words
from tests.people import make_account, sign_in

PASSWORD = "hujan turun di bogor"
OTHER = "tujuh gajah menari pelan"
BROWSER = Browser("127.0.0.1", "test")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a hub that does not count how often it is asked: what is tested here is the account's own wait."""
    limits = ("SIGN_IN", "SECOND_FACTOR", "PASSWORD_RESET", "INVITATION", "FORM")
    return load_settings(
        None, {"IKHUB_DATA": str(tmp_path / "data"), **{f"IKHUB_APP__LIMITS__{name}": "" for name in limits}}
    )


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    return client_of(hub)


def with_password(hub: Hub, account: Account, password: str = PASSWORD) -> Account:
    """Give an account a password."""
    with hub.catalogue.write() as session:
        credentials.set_password(session, account.id, passwords.hash_password(password))
        return accounts.get(session, account.id)


def enter(client: FlaskClient, email: str = "sari@example.org", password: str = PASSWORD) -> TestResponse:
    return submit(client, "/sign-in", email=email, password=password)


def who(client: FlaskClient) -> str | None:
    """Return the name in the head of a page, one that needs no index; None for the public."""
    found = get(client, "/no-such-page", 404).css_first(".people-name")
    return words(found) if found is not None else None


def actions(hub: Hub, action: str) -> int:
    with hub.catalogue.read() as session:
        return sum(entry.action == action for entry in audit_search.oldest(session, audit_search.Wanted()))


# Invitations


def invited(hub: Hub, by: Account | None = None, **given: Any) -> str:
    """Invite somebody and return the path in the letter."""
    with hub.catalogue.write() as session:
        organisations.ensure(session, ["bnpt"], hub.vocabularies)
    desk_accounts.invite(
        hub,
        by,
        **{"email": "Sari@Example.org", "role": Role.EDITOR, "organisation_id": "bnpt", **given},
    )
    return path_in(letters_to(hub, str(given.get("email", "sari@example.org")).lower())[-1].text)


def test_an_invitation_makes_an_account_and_signs_in(hub: Hub, client: FlaskClient) -> None:
    path = invited(hub)
    page = get(client, path)
    assert "editor" in words(one(page, "main .lead"))
    response = submit(client, path, name=" Sari  Wulandari ", password=PASSWORD, repeated=PASSWORD)
    assert (response.status_code, response.location) == (302, "/")
    assert who(client) == "Sari Wulandari"
    with hub.catalogue.read() as session:
        made = accounts.find(session, "sari@example.org")
    assert made is not None
    assert (made.roles, made.hub_role, made.has_password) == ({"bnpt": Role.EDITOR}, None, True)
    assert [
        actions(hub, one) for one in ("invitation.send", "invitation.accept", "account.take-role", "account.sign-in")
    ] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"password": "short", "repeated": "short"}, "terlalu pendek"),
        ({"password": "indonesia1945", "repeated": "indonesia1945"}, "pertama kali dicoba"),
        ({"name": "Wahyuningsih", "password": "wahyuningsih22", "repeated": "wahyuningsih22"}, "tersusun dari nama"),
        ({"password": PASSWORD, "repeated": OTHER}, "tidak sama"),
        ({"name": "  ", "password": PASSWORD, "repeated": PASSWORD}, "harus diisi"),
        ({"password": "x" * 2000, "repeated": "x" * 2000}, "terlalu panjang"),
    ],
)
def test_what_cannot_be_accepted_is_told_at_its_field(
    hub: Hub, client: FlaskClient, given: dict[str, str], wrong: str
) -> None:
    path = invited(hub)
    page = LexborHTMLParser(submit(client, path, **{"name": "Sari", **given}).text)
    assert any(wrong in words(node) for node in page.css(".field-wrong .wrong"))
    with hub.catalogue.read() as session:
        assert accounts.find(session, "sari@example.org") is None


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_spent_invitation_says_so(hub: Hub, client: FlaskClient, language: str) -> None:
    path = invited(hub, language=language)
    said = set()
    with hub.catalogue.write() as session:
        session.query(InvitationRow).update({"expires_at": datetime.now(UTC) - timedelta(seconds=1)})
    said.add(words(one(get(client, path, 410), "main .lead")))
    newer = invited(hub, language=language)
    said.add(words(one(get(client, path, 410), "main .lead")))
    submit(client, newer, name="Sari", password=PASSWORD, repeated=PASSWORD)
    said.add(words(one(get(client_of(hub), newer, 410), "main .lead")))
    said.add(words(one(get(client, f"{newer}x", 410), "main .lead")))
    assert len(said) == 4, "expired, replaced, accepted and unknown are told apart"
    token = token_of(client, "/account")
    assert client.post(newer, data={"csrf_token": token}).status_code == 410


def test_who_has_an_account_accepts_after_signing_in(hub: Hub, client: FlaskClient) -> None:
    sari = with_password(hub, make_account(hub, roles={"komnas-ham": Role.PARTNER}))
    path = invited(hub)
    sign_in_link = one(get(client, path), "main .buttons a").attributes["href"] or ""
    response = submit(client, sign_in_link, email=sari.email, password=PASSWORD)
    assert response.location == path
    response = submit(client, path, f"{path}/accept")
    assert response.location == "/account"
    with hub.catalogue.read() as session:
        assert accounts.get(session, sari.id).roles == {"komnas-ham": Role.PARTNER, "bnpt": Role.EDITOR}
    assert submit_again(client, f"{path}/accept").status_code == 410


def submit_again(client: FlaskClient, address: str) -> TestResponse:
    return client.post(address, data={"csrf_token": token_of(client, "/account")})


def test_an_invitation_is_for_its_person_only(hub: Hub, client: FlaskClient) -> None:
    path = invited(hub)
    budi = make_account(hub, "Budi", roles={"komnas-ham": Role.PARTNER})
    sign_in(hub, client, budi)
    assert "sari@example.org" in words(one(get(client, path), "main .notice-wrong"))
    submit_again(client, f"{path}/accept")
    with hub.catalogue.read() as session:
        assert accounts.get(session, budi.id).roles == {"komnas-ham": Role.PARTNER}
    with pytest.raises(NotAllowedError):
        desk_accounts.accept_as(hub, budi, path.rpartition("/")[2])


def test_nobody_becomes_less_by_accepting(hub: Hub) -> None:
    sari = make_account(hub, roles={"bnpt": Role.EDITOR})
    token = invited(hub, role=Role.PARTNER).rpartition("/")[2]
    assert desk_accounts.accept_as(hub, sari, token).roles == {"bnpt": Role.EDITOR}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"email": "no address"}, UsageError),
        ({"email": "a@b"}, UsageError),
        ({"email": "a@example.org\nBcc: b@example.org"}, UsageError),
        ({"email": "x" * 250 + "@example.org"}, UsageError),
        ({"organisation_id": None}, UsageError),
        ({"role": HubRole.CURATOR}, UsageError),
    ],
)
def test_what_cannot_be_an_invitation(hub: Hub, given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        invited(hub, **given)


def test_editors_invite_to_their_own_organisation_only(hub: Hub) -> None:
    editor = make_account(hub, "Budi", roles={"bnpt": Role.EDITOR, "komnas-ham": Role.CONTRIBUTOR})
    curator = make_account(hub, "Wati", hub_role=HubRole.CURATOR)
    invited(hub, editor)
    refused: list[tuple[Account, dict[str, Any]]] = [
        (editor, {"organisation_id": "komnas-ham"}),
        (editor, {"organisation_id": None, "role": HubRole.CURATOR}),
        (curator, {}),
        (curator, {"organisation_id": None, "role": HubRole.ADMINISTRATOR}),
    ]
    for by, given in refused:
        with pytest.raises(NotAllowedError):
            invited(hub, by, **given)


def test_a_weak_password_is_refused_by_the_desk_too(hub: Hub) -> None:
    token = invited(hub).rpartition("/")[2]
    with pytest.raises(WeakPasswordError, match="common"):
        desk_accounts.accept(hub, token, name="Sari", password="password1234")


# Signing in


def test_signing_in_and_out(hub: Hub, client: FlaskClient) -> None:
    with_password(hub, make_account(hub))
    assert who(client) is None
    response = enter(client)
    assert (response.status_code, response.location) == (302, "/")
    cookie = next(value for value in response.headers.getlist("Set-Cookie") if value.startswith("ikhub="))
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert who(client) == "Sari"
    held = client.get_cookie("ikhub")
    response = client.post("/sign-out", data={"csrf_token": token_of(client, "/account")})
    assert (response.status_code, response.location) == (302, "/")
    assert who(client) is None
    assert held is not None
    client.set_cookie("ikhub", held.value)
    assert who(client) is None, "the secret is of no use after signing out"


def test_signing_out_by_a_link_does_nothing(hub: Hub, client: FlaskClient) -> None:
    sign_in(hub, client, make_account(hub))
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400
    assert who(client) == "Sari"


def test_a_sign_in_leads_back_and_nowhere_else(hub: Hub, client: FlaskClient) -> None:
    with_password(hub, make_account(hub))
    led = client.get("/account/tokens").location
    assert led == "/sign-in?then=/account/tokens"
    assert submit(client, led, email="sari@example.org", password=PASSWORD).location == "/account/tokens"
    assert client.get("/sign-in?then=/account").location == "/account"
    for evil in ("//evil.example", "https://evil.example", "/%5Cevil.example", "/%09/evil.example"):
        fresh = client_of(hub)
        assert "evil" not in (one(get(fresh, f"/sign-in?then={evil}"), "main").html or "")
        token = token_of(fresh, "/sign-in")
        sent = {"email": "sari@example.org", "password": PASSWORD, "csrf_token": token}
        assert fresh.post(f"/sign-in?then={evil}", data=sent).location == "/"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("sari@example.org", OTHER),
        ("nobody@example.org", PASSWORD),
        ("", ""),
        ("sari@example.org\0", "\0"),
        ("é" * 300, "x"),
    ],
)
def test_a_refusal_is_the_same_for_every_address(hub: Hub, client: FlaskClient, email: str, password: str) -> None:
    with_password(hub, make_account(hub))
    response = enter(client, email, password)
    assert response.status_code == 200
    assert who(client) is None


def test_refusals_do_not_tell_who_has_an_account(hub: Hub, client: FlaskClient) -> None:
    with_password(hub, make_account(hub))
    suspended = with_password(hub, make_account(hub, "Budi"))
    desk_people.suspend(hub, None, suspended.id)

    def said(email: str, password: str) -> str:
        page = LexborHTMLParser(enter(client, email, password).text)
        return words(one(page, "main .notice-wrong"))

    wrong = said("sari@example.org", OTHER)
    assert said("nobody@example.org", OTHER) == wrong
    assert said("budi@example.org", PASSWORD) == wrong, "suspended"
    for _ in range(credentials.FREE_FAILURES):
        assert said("sari@example.org", OTHER) == wrong
    assert said("sari@example.org", PASSWORD) == wrong, "while it waits, the right one is refused as well"


def test_an_account_waits_after_failures_and_then_opens_again(hub: Hub) -> None:
    sari = with_password(hub, make_account(hub))
    for _ in range(credentials.FREE_FAILURES):
        assert signing_in.sign_in(hub, sari.email, OTHER, BROWSER) is None
    assert signing_in.sign_in(hub, sari.email, PASSWORD, BROWSER) is None
    with hub.catalogue.write() as session:
        row = accounts.account_row(session, sari.id)
        assert row.failures == credentials.FREE_FAILURES, "what is refused while it waits does not lengthen the wait"
        row.locked_until = datetime.now(UTC) - timedelta(seconds=1)
    assert signing_in.sign_in(hub, sari.email, PASSWORD, BROWSER) is not None
    with hub.catalogue.read() as session:
        row = accounts.account_row(session, sari.id)
        assert (row.failures, row.locked_until) == (0, None)


def test_a_kept_password_follows_the_parameters(hub: Hub) -> None:
    sari = make_account(hub)
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with hub.catalogue.write() as session:
        credentials.set_password(session, sari.id, old)
    assert signing_in.sign_in(hub, sari.email, PASSWORD, BROWSER) is not None
    with hub.catalogue.read() as session:
        kept = credentials.password_hash(session, sari.id)
    assert kept is not None
    assert kept != old
    assert not passwords.needs_rehash(kept)
    assert passwords.matches(kept, PASSWORD)


def test_an_open_page_outlives_a_restart(hub: Hub) -> None:
    with_password(hub, make_account(hub))
    before = client_of(hub)
    token = token_of(before, "/sign-in")
    cookie = before.get_cookie("ikhub-form")
    assert cookie is not None
    after = client_of(hub)
    after.set_cookie("ikhub-form", cookie.value)
    response = after.post("/sign-in", data={"csrf_token": token, "email": "sari@example.org", "password": PASSWORD})
    assert response.status_code == 302
    for language, said in (("", "Formulir ini tidak diterima"), ("/en", "This form was not accepted")):
        refused = client_of(hub).post(f"{language}/sign-in", data={"csrf_token": token})
        assert refused.status_code == 400
        assert said in refused.text


# Sessions


def test_sessions_are_listed_and_ended(hub: Hub) -> None:
    sari = with_password(hub, make_account(hub))
    here, there = client_of(hub), client_of(hub)
    for client in (here, there):
        enter(client, sari.email)
    page = get(here, "/account/security")
    assert len(page.css(".cards > li")) == 2
    action = next(f.attributes["action"] or "" for f in page.css(".cards form"))
    submit(here, "/account/security", action)
    assert (who(here), who(there)) == ("Sari", None)
    enter(there, sari.email)
    submit(here, "/account/security", "/account/security/sessions/end")
    assert (who(here), who(there)) == ("Sari", None)


def test_another_persons_session_cannot_be_ended(hub: Hub, client: FlaskClient) -> None:
    sari, budi = make_account(hub), make_account(hub, "Budi")
    sign_in(hub, client, sari)
    other = client_of(hub)
    sign_in(hub, other, budi)
    with hub.catalogue.read() as session:
        (theirs,) = sessions.of(session, budi.id)
    assert submit_again(client, f"/account/security/sessions/{theirs.id}/end").status_code == 404
    assert who(other) == "Budi"


def test_a_session_ends_by_itself(hub: Hub, client: FlaskClient) -> None:
    sign_in(hub, client, make_account(hub))
    with hub.catalogue.write() as session:
        session.query(SessionRow).update({"seen_at": datetime.now(UTC) - sessions.IDLE - timedelta(seconds=1)})
    assert who(client) is None


def test_where_somebody_was_is_forgotten_after_a_month(hub: Hub) -> None:
    sari = make_account(hub)
    with hub.catalogue.write() as session:
        old, newer, live = (sessions.begin(session, sari.id, address="10.0.0.1", agent="x") for _ in range(3))
        for token, days in ((old, 31), (newer, 29)):
            row = session.query(SessionRow).filter_by(token_sha256=sessions.hash_of(token)).one()
            row.ended_at = datetime.now(UTC) - timedelta(days=days)
    forget_old(hub)
    with hub.catalogue.read() as session:
        left = {row.token_sha256 for row in session.query(SessionRow)}
    assert left == {sessions.hash_of(newer), sessions.hash_of(live)}


@pytest.mark.parametrize("what", ["suspended", "removed"])
def test_a_person_who_goes_while_signed_in_is_the_public_at_once(hub: Hub, client: FlaskClient, what: str) -> None:
    sari = make_account(hub, roles={"bnpt": Role.EDITOR})
    sign_in(hub, client, sari)
    get(client, "/members")
    if what == "suspended":
        desk_people.suspend(hub, None, sari.id)
        assert client.get("/members").location == "/sign-in?then=/members"
        desk_people.restore(hub, None, sari.id)
        assert client.get("/members").status_code == 302, "it does not come back by itself"
    else:
        desk_people.set_role(hub, None, sari.id, "bnpt", None)
        get(client, "/members", 404)


# A new password


def test_a_forgotten_password_is_chosen_anew(hub: Hub, client: FlaskClient) -> None:
    sari = with_password(hub, make_account(hub))
    other = client_of(hub)
    enter(other, sari.email)
    said = [words(one(LexborHTMLParser(submit(client, "/forgotten", email=email).text), "main .notice-done"))
            for email in (sari.email, "nobody@example.org")]  # fmt: skip
    assert said[0] == said[1]
    (letter,) = letters_to(hub, sari.email, "password-reset")
    assert letters_to(hub, "nobody@example.org") == []
    path = path_in(letter.text)
    page = LexborHTMLParser(submit(client, path, password="sari sari sari", repeated="sari sari sari").text)
    assert page.css(".field-wrong")
    response = submit(client, path, password=OTHER, repeated=OTHER)
    assert response.status_code == 200
    assert who(other) is None, "all sessions end"
    assert (enter(client).status_code, enter(client, password=OTHER).status_code) == (200, 302)
    get(client, path, 410)
    assert letters_to(hub, sari.email, "password-changed")


def test_how_long_the_answer_takes_does_not_tell_who_has_an_account(
    hub: Hub, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_password(hub, make_account(hub))
    write, work = signing_in._write_reset, []

    def timed(hub: Hub, email: str) -> None:
        began = time.monotonic()
        write(hub, email)
        work.append(time.monotonic() - began)

    monkeypatch.setattr(signing_in, "_write_reset", timed)
    # On a machine that is busy with other tests, too.
    monkeypatch.setattr(signing_in, "ANSWERED_AFTER_SECONDS", 1.0)
    for email in ("sari@example.org", "nobody@example.org"):
        began = time.monotonic()
        submit(client, "/forgotten", email=email)
        assert time.monotonic() - began >= 1.0
    assert max(work) < 1.0, "the letter is written within that time"
    assert len(letters_to(hub, "sari@example.org", "password-reset")) == 1


def test_a_second_letter_does_not_come_at_once_and_an_old_one_runs_out(hub: Hub, client: FlaskClient) -> None:
    sari = with_password(hub, make_account(hub))
    for _ in range(3):
        signing_in.begin_reset(hub, sari.email)
    assert len(letters_to(hub, sari.email)) in {1, 2}, "two only over the edge of five minutes"
    path = path_in(letters_to(hub, sari.email)[-1].text)
    with hub.catalogue.write() as session:
        session.query(PasswordResetRow).update({"expires_at": datetime.now(UTC)})
    get(client, path, 410)
    with pytest.raises(LinkSpentError):
        signing_in.reset(hub, path.rpartition("/")[2], OTHER)


def test_a_new_password_ends_the_wait(hub: Hub) -> None:
    sari = with_password(hub, make_account(hub))
    for _ in range(credentials.FREE_FAILURES + 1):
        signing_in.sign_in(hub, sari.email, OTHER, BROWSER)
    token = signing_in.reset_address(hub, sari.id).rpartition("/")[2]
    signing_in.reset(hub, token, OTHER)
    assert signing_in.sign_in(hub, sari.email, OTHER, BROWSER) is not None


def test_the_password_is_changed_after_the_present_one(hub: Hub) -> None:
    sari = with_password(hub, make_account(hub))
    here, there = client_of(hub), client_of(hub)
    for client in (here, there):
        enter(client, sari.email)
    address = "/account/security/password"
    wrong = submit(here, "/account/security", address, present=OTHER, password=OTHER, repeated=OTHER)
    assert "bukan kata sandi Anda" in wrong.text
    assert (
        submit(here, "/account/security", address, present=PASSWORD, password=OTHER, repeated=OTHER).status_code == 302
    )
    assert (who(here), who(there)) == ("Sari", None)
    assert enter(there, sari.email, OTHER).status_code == 302


# Name and address


def test_name_and_language_are_changed(hub: Hub, client: FlaskClient) -> None:
    sari = make_account(hub)
    sign_in(hub, client, sari)
    assert submit(client, "/account", name="Sari W.", language="en").location == "/account"
    assert who(client) == "Sari W."
    with hub.catalogue.read() as session:
        assert accounts.get(session, sari.id).language == "en"
    assert submit(client, "/account", name="Sari", language="xx").status_code == 200


def test_a_new_address_counts_when_it_is_confirmed(hub: Hub, client: FlaskClient) -> None:
    sari = with_password(hub, make_account(hub))
    enter(client, sari.email)
    submit(client, "/account", "/account/email", email="New@Example.org", present=PASSWORD)
    path = path_in(letters_to(hub, "new@example.org", "email-change")[0].text)
    assert client.get(path).status_code == 200
    with hub.catalogue.read() as session:
        assert accounts.get(session, sari.id).email == sari.email, "to look at the page changes nothing"
    assert submit(client, path).location == "/account"
    with hub.catalogue.read() as session:
        assert accounts.get(session, sari.id).email == "new@example.org"
    assert letters_to(hub, sari.email, "email-changed"), "the former address is told"
    assert submit(client, path).status_code == 410, "once"
    assert enter(client_of(hub), "new@example.org").status_code == 302


def test_a_letter_for_a_new_address_is_its_persons_and_ends_with_the_password(hub: Hub, client: FlaskClient) -> None:
    sari, budi = with_password(hub, make_account(hub)), with_password(hub, make_account(hub, "Budi"))
    own_account.begin_email_change(hub, sari, "new@example.org")
    token = path_in(letters_to(hub, "new@example.org")[0].text).rpartition("/")[2]
    for account, given in ((budi, token), (sari, token[:-4] + "AAAA"), (sari, "")):
        with pytest.raises(LinkSpentError):
            own_account.confirm_email_change(hub, account, given)
    with_password(hub, sari, OTHER)
    with pytest.raises(LinkSpentError):
        own_account.confirm_email_change(hub, sari, token)


def test_an_address_that_is_taken_is_not_told_of(hub: Hub, client: FlaskClient) -> None:
    sari = with_password(hub, make_account(hub))
    make_account(hub, "Budi")
    enter(client, sari.email)
    said = []
    for email in ("budi@example.org", "new@example.org"):
        assert submit(client, "/account", "/account/email", email=email, present=PASSWORD).location == "/account"
        said.append(words(one(get(client, "/account"), "main .notice-done")))
    assert said[0] == said[1]
    (letter,) = letters_to(hub, "budi@example.org")
    assert "/account/email/" not in letter.text
    assert "Sari" not in letter.text


# What people are


def test_roles_are_changed_by_administrators(hub: Hub) -> None:
    admin = make_account(hub, "Ani", hub_role=HubRole.ADMINISTRATOR)
    sari = make_account(hub, roles={"bnpt": Role.PARTNER})
    client = client_of(hub)
    sign_in(hub, client, sari)
    edition = desk_people.edition_of(sari)
    changed = desk_people.change_roles(
        hub, admin, sari.id, hub_role=HubRole.CURATOR, roles={"bnpt": Role.EDITOR}, edition=edition
    )
    assert (changed.hub_role, changed.roles) == (HubRole.CURATOR, {"bnpt": Role.EDITOR})
    assert who(client) is None, "a new role for the hub ends the sessions"
    with pytest.raises(ChangedMeanwhileError):
        desk_people.change_roles(hub, admin, sari.id, hub_role=None, roles={}, edition=edition)
    with pytest.raises(NotAllowedError):
        desk_people.change_roles(hub, changed, sari.id, hub_role=HubRole.ADMINISTRATOR, roles={})


def test_the_last_administrator_stays(hub: Hub) -> None:
    admin = make_account(hub, "Ani", hub_role=HubRole.ADMINISTRATOR)
    with pytest.raises(LastAdministratorError):
        desk_people.change_roles(hub, admin, admin.id, hub_role=None, roles={})
    with pytest.raises(LastAdministratorError):
        desk_people.suspend(hub, None, admin.id)
    with pytest.raises(NotAllowedError):
        desk_people.suspend(hub, admin, admin.id)
    second = make_account(hub, "Budi", hub_role=HubRole.ADMINISTRATOR)
    assert desk_people.suspend(hub, second, admin.id).status is AccountStatus.SUSPENDED
    with hub.catalogue.write() as session, pytest.raises(LastAdministratorError):
        account_changes.set_hub_role(session, second.id, HubRole.CURATOR)


def test_editors_look_after_the_people_of_their_organisation(hub: Hub, client: FlaskClient) -> None:
    budi = make_account(hub, "Budi", roles={"bnpt": Role.EDITOR})
    sari = make_account(hub, roles={"bnpt": Role.PARTNER, "komnas-ham": Role.PARTNER})
    stranger = make_account(hub, "Wati", roles={"komnas-ham": Role.EDITOR})
    sign_in(hub, client, budi)
    page = get(client, "/members")
    assert "Wati" not in words(page.body)
    assert submit(client, "/members", f"/members/bnpt/{sari.id}", role="contributor").location == "/members"
    with hub.catalogue.read() as session:
        assert accounts.get(session, sari.id).roles["bnpt"] is Role.CONTRIBUTOR
    asked = one(get(client, "/members"), f"details form[action='/members/bnpt/{sari.id}']")
    assert asked.css("input[name=remove]"), "only once it is asked"
    submit(client, "/members", f"/members/bnpt/{sari.id}", remove="1")
    with hub.catalogue.read() as session:
        assert accounts.get(session, sari.id).roles == {"komnas-ham": Role.PARTNER}
    sent = {"bnpt-email": "new@example.org", "bnpt-role": "contributor", "bnpt-language": "en"}
    assert submit(client, "/members", "/members/bnpt/invite", **sent).location == "/members"
    assert (
        "BNPT" in letters_to(hub, "new@example.org")[0].text or "Agency" in letters_to(hub, "new@example.org")[0].text
    )
    page = get(client, "/members")
    revoke = next(f.attributes["action"] or "" for f in page.css(".cards form"))
    submit(client, "/members", revoke)
    assert not get(client, "/members").css(".cards")
    token = token_of(client, "/members")
    for address, status in [
        (f"/members/bnpt/{stranger.id}", 404),
        (f"/members/komnas-ham/{stranger.id}", 404),
        ("/members/komnas-ham/invite", 404),
        ("/members/bnpt/nobody", 404),
        (revoke.replace("bnpt", "komnas-ham"), 404),
        ("/members/bnpt/invitations/nothing/revoke", 404),
    ]:
        sent = {"csrf_token": token, "role": "partner"}
        assert client.post(address, data=sent).status_code == status, address
    bad = {"csrf_token": token, "role": "administrator"}
    assert client.post(f"/members/bnpt/{budi.id}", data=bad).status_code == 400


def test_nobody_else_sees_the_people(hub: Hub, client: FlaskClient) -> None:
    sign_in(hub, client, make_account(hub, roles={"bnpt": Role.CONTRIBUTOR}))
    get(client, "/members", 404)


def test_every_step_is_on_record_without_a_name(hub: Hub, client: FlaskClient) -> None:
    path = invited(hub)
    submit(client, path, name="Sari Wulandari", password=PASSWORD, repeated=PASSWORD)
    enter(client_of(hub), password=OTHER)
    with hub.catalogue.read() as session:
        entries = list(audit_search.oldest(session, audit_search.Wanted()))
    assert {"invitation.send", "invitation.accept", "account.sign-in", "account.refuse-sign-in"} <= {
        entry.action for entry in entries
    }
    for entry in entries:
        assert "sari" not in f"{entry.actor} {entry.subject_id} {dict(entry.details)}".casefold()
    assert entries[0].actor == audit.COMMAND_LINE


def test_invitations_that_are_open(hub: Hub) -> None:
    invited(hub)
    invited(hub, email="budi@example.org")
    with hub.catalogue.read() as session:
        (first, _) = invitations.all_open(session)
        assert [one.email for one in invitations.open_of(session, "bnpt")] == ["sari@example.org", "budi@example.org"]
    desk_accounts.revoke_invitation(hub, None, first.id)
    with pytest.raises(LinkSpentError):
        desk_accounts.revoke_invitation(hub, None, first.id)


# The command line


def run(settings: Settings, *arguments: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IKHUB_DATA", str(settings.data))
        return CliRunner().invoke(main, ["account", *arguments])


def test_the_first_administrator_is_invited_by_the_command_line(
    hub: Hub, settings: Settings, client: FlaskClient
) -> None:
    done = run(settings, "invite", "ani@example.org", "--role", "administrator", "--language", "en")
    assert done.exit_code == 0
    with hub.catalogue.read() as session:
        (invitation,) = invitations.all_open(session)
    until = moment_in_words(invitation.expires_at, hub.settings.app.zone, "en")
    assert f"good until {until}:" in " ".join(done.stderr.split())
    assert f"good until {until}," in letters_to(hub, "ani@example.org", "invitation")[0].text
    address = done.stdout.strip()
    path = address.removeprefix("http://127.0.0.1:8080/en")
    response = submit(client, path, name="Ani", password=PASSWORD, repeated=PASSWORD)
    assert response.location == "/second-factor/set-up"
    line = json.loads(run(settings, "list", "--json").stdout)
    assert (line["name"], line["hub_role"], line["status"], line["second_factor"]) == (
        "Ani",
        "administrator",
        "active",
        False,
    )
    assert run(settings, "suspend", "ani@example.org").exit_code == 1, "the last administrator"
    assert run(settings, "invite", "x@example.org", "--role", "editor").exit_code == 2
    assert run(settings, "invite", "x@example.org", "--role", "editor", "--organisation", "none").exit_code == 2
    assert run(settings, "suspend", "nobody@example.org").exit_code == 2


def test_people_are_suspended_restored_and_reset_by_the_command_line(hub: Hub, settings: Settings) -> None:
    sari = with_password(hub, make_account(hub))
    assert run(settings, "suspend", sari.email).exit_code == 0
    assert signing_in.sign_in(hub, sari.email, PASSWORD, BROWSER) is None
    assert run(settings, "restore", sari.id).exit_code == 0
    assert signing_in.sign_in(hub, sari.email, PASSWORD, BROWSER) is not None
    token = run(settings, "reset", sari.email, "--second-factor").stdout.strip().rpartition("/")[2]
    signing_in.reset(hub, token, OTHER)
    assert signing_in.sign_in(hub, sari.email, OTHER, BROWSER) is not None


def test_with_a_mail_server_the_address_is_in_the_letter_only(
    hub: Hub, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IKHUB_DESK__MAIL__HOST", "127.0.0.1")
    done = run(settings, "invite", "ani@example.org", "--role", "administrator", "--json")
    assert json.loads(done.stdout)["address"] is None
    assert letters_to(hub, "ani@example.org", "invitation")
