"""Two at once, on both databases: a code, a letter and an invitation serve one of them; one administrator stays."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pyotp
import pytest

from desk import accounts as desk_accounts
from desk import own_account, personal, signing_in
from desk import people as desk_people
from desk.signing_in import Browser
from holdings import account_changes, accounts, credentials, organisations, passwords, second_factor, sessions
from holdings.accounts import Account, AccountStatus, HubRole, Role
from holdings.errors import ChangedMeanwhileError, HubError, LastAdministratorError, UsageError
from holdings.sessions import SignedIn
from holdings.settings import Settings
from indexer.hub import Hub, initialise, open_hub
from tests.people import make_account

PASSWORD = "hujan turun di bogor"
AT_ONCE = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Hub]:
    """An empty hub on each kind of database."""
    if request.param == "postgresql":
        kept = settings.holdings.model_copy(update={"database_url": request.getfixturevalue("postgresql_url")})
        settings = settings.model_copy(update={"holdings": kept})
    initialise(settings)
    with open_hub(settings) as opened:
        yield opened


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Return what calls give that are made at the same moment, an error of the hub as itself; others fail the test."""
    results: list[object] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(number: int) -> None:
        start.wait()
        try:
            results[number] = calls[number]()
        except HubError as error:
            results[number] = error
        except Exception as error:  # noqa: BLE001 - told below, in the test's own thread
            results[number] = AssertionError(repr(error))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, AssertionError):
            raise result
    return results


def successes(results: list[object]) -> list[object]:
    return [one for one in results if one is not None and not isinstance(one, HubError)]


def browser_of(hub: Hub, account: Account) -> SignedIn:
    with hub.catalogue.write() as session:
        found = sessions.find(session, sessions.begin(session, account.id, address="", agent=""))
    assert found is not None
    return found


def with_second_factor(hub: Hub) -> tuple[Account, str, list[str]]:
    sari = make_account(hub)
    secret = own_account.secret_for_app(hub, sari)
    done = own_account.set_second_factor(hub, browser_of(hub, sari), pyotp.TOTP(secret).at(time.time() - 30))
    assert done is not None
    with hub.catalogue.read() as session:
        return accounts.get(session, sari.id), secret, done[0]


def test_a_code_of_the_app_serves_one(hub: Hub) -> None:
    sari, secret, _ = with_second_factor(hub)
    browsers = [browser_of(hub, sari) for _ in range(4)]
    code = pyotp.TOTP(secret).now()
    results = at_once(*[lambda b=b: signing_in.give_code(hub, b, code) for b in browsers])
    assert len(successes(results)) == 1


def test_a_recovery_code_serves_one(hub: Hub) -> None:
    sari, _, codes = with_second_factor(hub)
    browsers = [browser_of(hub, sari) for _ in range(4)]
    results = at_once(*[lambda b=b: signing_in.give_code(hub, b, codes[0]) for b in browsers])
    assert len(successes(results)) == 1
    with hub.catalogue.read() as session:
        assert second_factor.recovery_codes_left(session, sari.id) == len(codes) - 1


def test_a_letter_for_a_new_password_serves_one(hub: Hub) -> None:
    sari = make_account(hub)
    token = signing_in.reset_address(hub, sari.id).rpartition("/")[2]
    words = [f"gajah nomor {number} menari pelan" for number in range(AT_ONCE)]
    results = at_once(*[lambda w=w: signing_in.reset(hub, token, w) for w in words])
    assert len(successes(results)) == 1
    with hub.catalogue.read() as session:
        kept = credentials.password_hash(session, sari.id)
    assert [passwords.matches(kept, one) for one in words].count(True) == 1


def test_an_invitation_makes_one_account(hub: Hub) -> None:
    made = desk_accounts.invite(hub, None, email="sari@example.org", role=HubRole.ADMINISTRATOR)
    token = made.address.rpartition("/")[2]
    results = at_once(
        *[lambda: desk_accounts.accept(hub, token, name="Sari", password=PASSWORD) for _ in range(AT_ONCE)]
    )
    assert len(successes(results)) == 1
    with hub.catalogue.read() as session:
        assert len(accounts.all_accounts(session)) == 1


def test_two_invitations_of_one_person_make_one_account(hub: Hub) -> None:
    made = [
        desk_accounts.invite(hub, None, email="sari@example.org", role=Role.EDITOR, organisation_id=one)
        for one in ("bnpt", "komnas-ham")
    ]
    tokens = [one.address.rpartition("/")[2] for one in made]
    results = at_once(*[lambda t=t: desk_accounts.accept(hub, t, name="Sari", password=PASSWORD) for t in tokens])
    assert len(successes(results)) == 1
    with hub.catalogue.read() as session:
        (sari,) = accounts.all_accounts(session)
    other = next(t for t, one in zip(tokens, made, strict=True) if one.invitation.organisation_id not in sari.roles)
    assert set(desk_accounts.accept_as(hub, sari, other).roles) == {"bnpt", "komnas-ham"}


def test_one_of_two_administrators_who_go_at_once_stays(hub: Hub) -> None:
    one, two = (make_account(hub, name, hub_role=HubRole.ADMINISTRATOR) for name in ("Ani", "Budi"))

    def go() -> bool:
        personal.erase(hub, one, by=one)
        return True

    results = at_once(
        go,
        lambda: desk_people.change_roles(hub, None, two.id, hub_role=None, roles={}),
    )
    assert len(successes(results)) == 1
    with hub.catalogue.read() as session:
        assert len(accounts.with_hub_role(session, HubRole.ADMINISTRATOR)) == 1


def test_a_role_that_two_give_at_once_is_given_once(hub: Hub) -> None:
    sari = make_account(hub, roles={})
    with hub.catalogue.write() as session:
        organisations.ensure(session, ["bnpt"], hub.vocabularies)
    given = [lambda: desk_people.change_roles(hub, None, sari.id, hub_role=None, roles={"bnpt": Role.EDITOR})] * 4
    assert len(successes(at_once(*given))) == 4
    taken = [lambda: desk_people.change_roles(hub, None, sari.id, hub_role=None, roles={})] * 4
    assert len(successes(at_once(*taken))) == 4


def test_of_two_who_change_the_same_roles_as_they_saw_them_one_is_told(hub: Hub) -> None:
    sari = make_account(hub, roles={})
    with hub.catalogue.write() as session:
        organisations.ensure(session, ["bnpt"], hub.vocabularies)
    seen = desk_people.edition_of(sari)
    results = at_once(
        *[
            lambda role=role: desk_people.change_roles(
                hub, None, sari.id, hub_role=None, roles={"bnpt": role}, edition=seen
            )
            for role in (*Role, *Role)
        ]
    )
    assert len(successes(results)) == 1
    assert {type(one) for one in results if isinstance(one, HubError)} == {ChangedMeanwhileError}


def test_administrators_who_change_each_other_do_not_wait_for_each_other(hub: Hub) -> None:
    several = [make_account(hub, name, hub_role=HubRole.ADMINISTRATOR) for name in ("Ani", "Budi", "Citra", "Dewi")]
    calls = [lambda one=one: desk_people.change_roles(hub, None, one.id, hub_role=None, roles={}) for one in several]
    results = at_once(*calls, *[lambda one=one: desk_people.suspend(hub, None, one.id) for one in several])
    assert {type(one) for one in results if isinstance(one, HubError)} == {LastAdministratorError}
    with hub.catalogue.read() as session:
        assert len(accounts.with_hub_role(session, HubRole.ADMINISTRATOR)) == 1


def test_who_is_erased_meanwhile_is_not_suspended_or_given_roles_any_more(hub: Hub) -> None:
    make_account(hub, "Ani", hub_role=HubRole.ADMINISTRATOR)
    for number in range(AT_ONCE):
        sari = make_account(hub, f"Sari {number}")
        at_once(
            partial(personal.erase, hub, sari, by=sari),
            partial(desk_people.suspend, hub, None, sari.id),
            partial(desk_people.restore, hub, None, sari.id),
        )
        with hub.catalogue.read() as session:
            assert accounts.get(session, sari.id).status is AccountStatus.ERASED


def test_an_address_that_two_take_at_once_is_one_persons(hub: Hub) -> None:
    several = [make_account(hub, name) for name in ("Ani", "Budi", "Citra", "Dewi")]

    def take(account: Account) -> Account:
        with hub.catalogue.write() as session:
            return account_changes.set_email(session, account.id, "Satu@Example.org")

    results = at_once(*[lambda one=one: take(one) for one in several])
    assert len(successes(results)) == 1
    assert {type(one) for one in results if isinstance(one, HubError)} == {UsageError}


def test_a_former_password_does_not_outlive_the_new_one(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    sari = make_account(hub)
    with hub.catalogue.write() as session:
        credentials.set_password(session, sari.id, passwords.hash_password(PASSWORD))
    signed_in, matches = browser_of(hub, sari), passwords.matches

    def meanwhile(*given: str) -> bool:
        right = matches(*given)
        own_account.change_password(hub, signed_in, "tujuh gajah menari pelan")
        return right

    monkeypatch.setattr(passwords, "matches", meanwhile)
    assert signing_in.sign_in(hub, sari.email, PASSWORD, Browser("", "")) is None


def test_many_guesses_at_once_are_not_more_than_one_after_another(hub: Hub) -> None:
    sari = make_account(hub)
    with hub.catalogue.write() as session:
        credentials.set_password(session, sari.id, passwords.hash_password(PASSWORD))

    def begin() -> bool:
        with hub.catalogue.write() as session:
            return credentials.begin_attempt(session, sari.id)

    results = at_once(*[begin for _ in range(3 * credentials.FREE_FAILURES)])
    assert results.count(True) == credentials.FREE_FAILURES
    assert signing_in.sign_in(hub, sari.email, PASSWORD, Browser("", "")) is None
