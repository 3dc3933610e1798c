"""What the hub holds on a person, taken along and erased: all of it is told, nothing that says who they are stays."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import inspect, select, update

from desk import accounts as desk_accounts
from desk import own_account, personal
from desk import people as desk_people
from holdings import accounts, audit_chain, credentials, identities, notices, organisations, passwords, saved_searches
from holdings import personal as held_on
from holdings.accounts import Account, AccountStatus, HubRole, Role
from holdings.errors import LastAdministratorError, NotAllowedError
from holdings.saved_searches import Frequency
from holdings.settings import Settings
from holdings.tables import Base
from holdings.tables_desk import AlertedRow, MailRow, TakedownReportRow
from holdings.tokens import Scope
from indexer.hub import Hub, initialise, open_hub
from tests.integration.posting import submit, token_of
from tests.integration.site_pages import client_of, get
from tests.making import record_document
from tests.people import make_account, sign_in

PASSWORD = "hujan turun di bogor"
NAME = "Sari Wulandari"
EMAIL = "sari.wulandari@example.org"


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Hub]:
    """An empty hub on each kind of database."""
    if request.param == "postgresql":
        kept = settings.holdings.model_copy(update={"database_url": request.getfixturevalue("postgresql_url")})
        settings = settings.model_copy(update={"holdings": kept})
    initialise(settings)
    with open_hub(settings) as opened:
        yield opened


@pytest.fixture
def sari(both: Hub) -> Account:
    """A person of whom every part of the hub holds something."""
    hub = both
    made = make_account(hub, NAME, roles={"bnpt": Role.EDITOR})
    with hub.catalogue.write() as session:
        organisations.ensure(session, ["komnas-ham"], hub.vocabularies)
    document = record_document(hub, "Laporan", keeper="bnpt", contributor=made.id)
    with hub.catalogue.write() as session:
        credentials.set_password(session, made.id, passwords.hash_password(PASSWORD))
        credentials.begin_reset(session, made.id)
        identities.link(session, made.id, "https://sso.example.org", "123")
        notices.add(session, made.id, "kind", document, {"title": "x"})
        search = saved_searches.add(
            session,
            made.id,
            name="Mine",
            parameters={"q": "x"},
            frequency=Frequency.DAILY,
            feed_sha256="f" * 64,
            due_at=None,
            now=made.created_at,
        )
        own = session.scalars(select(MailRow.id)).first()
        session.add(AlertedRow(search_id=search.id, record_id=document, at=made.created_at, mail_id=own))
        session.add(
            TakedownReportRow(
                id="r1",
                record_id=document,
                reason="other",
                text="x",
                name=NAME,
                email="Sari.Wulandari@Example.org",
                created_at=made.created_at,
            )
        )
        session.add(
            TakedownReportRow(
                id="r2",
                record_id=document,
                reason="other",
                text="Nama saya Budi.",
                name="Budi",
                email="budi.sendiri@example.org",
                created_at=made.created_at,
                status="rejected",
                handled_by=made.id,
            )
        )
    own_account.create_token(hub, made, name="Laptop", scopes=[Scope.READ], days=1)
    own_account.secret_for_app(hub, made)
    own_account.new_recovery_codes(hub, made)
    desk_accounts.invite(hub, None, email=EMAIL, role=Role.PARTNER, organisation_id="komnas-ham")
    desk_accounts.invite(hub, made, email="budi@example.org", role=Role.PARTNER, organisation_id="bnpt")
    sign_in(hub, client_of(hub), made)
    with hub.catalogue.read() as session:
        return accounts.get(session, made.id)


def test_all_of_it_is_exported_without_secrets(both: Hub, sari: Account) -> None:
    held = personal.export(both, sari, by=sari)
    json.dumps(held)
    filled = {name for name, rows in held.items() if rows}
    assert filled >= {
        "account", "memberships", "identities", "sessions", "tokens", "recovery_codes", "password_resets",
        "invitations", "invitations_made", "notices", "saved_searches", "letters", "documents", "takedown_reports",
        "audit",
    }  # fmt: skip
    assert held["account"][0]["email"] == EMAIL
    told = json.dumps(held)
    for secret in ("token_sha256", "code_sha256", "feed_sha256", "argon2", "totp_secret", "/reset/", "ikh_"):
        assert secret not in told, secret


def test_who_asked_them_for_something_is_not_told(both: Hub, sari: Account) -> None:
    held = personal.export(both, sari, by=sari)
    assert [report["id"] for report in held["takedown_reports_handled"]] == ["r2"]
    assert len(held["invitations_made"]) == 1
    assert "budi" not in json.dumps(held).casefold()


def test_no_table_that_knows_people_is_left_out(both: Hub, sari: Account) -> None:
    knowing = {
        table.name
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name in {"email", "contributor_id"}
        or any(key.column.table.name == "accounts" for key in column.foreign_keys)
    }
    with both.catalogue.read() as session:
        covered = {table.name for part in held_on._parts(sari) for table in inspect(part.row).tables}
        assert held_on.gather(session, sari)
    assert knowing <= covered


def test_nothing_that_says_who_they_are_stays(both: Hub, sari: Account) -> None:
    hub = both
    with hub.catalogue.write() as session:
        # A letter to somebody else, in which the person invites them, has no text any more when it was sent.
        session.execute(update(MailRow).where(MailRow.address == "budi@example.org").values(text=""))
    personal.erase(hub, sari, by=sari)
    with hub.catalogue.read() as session:
        left = accounts.get(session, sari.id)
        assert (left.status, left.email, left.name, left.roles) == (AccountStatus.ERASED, "", "", {})
        assert left.pseudonym == sari.pseudonym
        assert not left.viewer.labels - {"public"}
        assert accounts.find(session, EMAIL) is None
        for table in Base.metadata.sorted_tables:
            rows = session.execute(select(table)).all()
            text = " ".join(str(value) for row in rows for value in row).casefold()
            for word in ("wulandari", "sari@", "argon2"):
                assert word not in text, f"{word} in {table.name}"
        assert audit_chain.verify(session).broken is None
    assert gone(hub, sari) == {"account", "invitations_made", "documents", "takedown_reports_handled", "audit"}


def test_no_file_of_the_catalogue_keeps_who_they_were(hub: Hub) -> None:
    admin = make_account(hub, "Ani", hub_role=HubRole.ADMINISTRATOR)
    erased = make_account(hub, "Sekar Wulandari")
    address = erased.email.encode()

    def holding() -> list[str]:
        return [path.name for path in hub.settings.data.glob("catalogue.sqlite3*") if address in path.read_bytes()]

    assert holding()
    with hub.catalogue.read() as reading:
        accounts.get(reading, admin.id)
        personal.erase(hub, erased, by=admin)  # somebody else reads meanwhile: it is not waited for long
    personal.erase(hub, make_account(hub, "Lestari"), by=admin)
    assert holding() == []


def gone(hub: Hub, account: Account) -> set[str]:
    """Return the parts of which something is left."""
    with hub.catalogue.read() as session:
        return {name for name, rows in held_on.gather(session, account).items() if rows}


def test_who_was_erased_can_be_invited_anew_as_somebody_else(both: Hub, sari: Account) -> None:
    hub = both
    personal.erase(hub, sari, by=None)
    made = desk_accounts.invite(hub, None, email=EMAIL, role=Role.PARTNER, organisation_id="bnpt")
    again = desk_accounts.accept(hub, made.address.rpartition("/")[2], name=NAME, password="tujuh gajah menari pelan")
    assert again.id != sari.id
    for change in (
        lambda: personal.erase(hub, accounts_get(hub, sari.id), by=None),
        lambda: desk_people.restore(hub, None, sari.id),
        lambda: desk_people.change_roles(hub, None, sari.id, hub_role=HubRole.CURATOR, roles={}),
    ):
        with pytest.raises(NotAllowedError):
            change()


def accounts_get(hub: Hub, account_id: str) -> Account:
    with hub.catalogue.read() as session:
        return accounts.get(session, account_id)


def test_only_they_and_administrators_may(hub: Hub) -> None:
    sari, budi = make_account(hub), make_account(hub, "Budi", roles={"bnpt": Role.EDITOR})
    curator = make_account(hub, "Wati", hub_role=HubRole.CURATOR)
    admin = make_account(hub, "Ani", hub_role=HubRole.ADMINISTRATOR)
    for by in (budi, curator):
        with pytest.raises(NotAllowedError):
            personal.export(hub, sari, by=by)
        with pytest.raises(NotAllowedError):
            personal.erase(hub, sari, by=by)
    personal.export(hub, sari, by=admin)
    personal.erase(hub, sari, by=admin)
    with pytest.raises(LastAdministratorError):
        personal.erase(hub, admin, by=admin)


def test_it_is_done_on_the_page(hub: Hub) -> None:
    sari = make_account(hub)
    with hub.catalogue.write() as session:
        credentials.set_password(session, sari.id, passwords.hash_password(PASSWORD))
    client = client_of(hub)
    sign_in(hub, client, sari)
    saved = submit(client, "/account/data", "/account/data/export")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert saved.json is not None
    assert saved.json["account"][0]["name"] == "Sari"
    address = "/account/data/erase"
    for given in ({"present": PASSWORD}, {"present": "no", "sure": "y"}):
        assert submit(client, "/account/data", address, **given).status_code == 200
        assert accounts_get(hub, sari.id).status is AccountStatus.ACTIVE
    refused = submit(client, "/account/data", address, present="no", sure="y").text
    assert "Belum ada yang dihapus" in refused
    assert "Belum ada yang disimpan" not in refused
    token_of(client, "/account")
    response = submit(client, "/account/data", address, present=PASSWORD, sure="y")
    assert "telah dihapus" in response.text
    assert accounts_get(hub, sari.id).status is AccountStatus.ERASED
    assert client.get("/account").status_code == 302


def test_the_last_administrator_is_told_why_not(hub: Hub) -> None:
    admin = make_account(hub, "Ani", hub_role=HubRole.ADMINISTRATOR)
    client = client_of(hub)
    sign_in(hub, client, admin)
    page = submit(client, "/account/data", "/account/data/erase", sure="y")
    assert "satu-satunya administrator" in page.text
    assert get(client, "/account")
