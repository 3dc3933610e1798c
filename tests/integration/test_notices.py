"""Notices on the site: in the reader's language, counted, and silent about what is no longer the reader's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from desk import notices
from desk.forgetting import forget_old
from holdings import accounts, documents, mails
from holdings import notices as kept
from holdings.access import Access
from holdings.accounts import Account, AccountStatus, Role
from holdings.mails import MailState
from holdings.states import State
from holdings.tables_desk import NoticeRow
from holdings.tables_people import MembershipRow
from indexer.hub import Hub
from tests.integration.site_pages import client_of, get, href, one, words
from tests.making import record_document
from tests.people import make_account, sign_in

TITLE = "Laporan rahasia"


@pytest.fixture
def sari(hub: Hub) -> Account:
    return make_account(hub, "Sari", roles={"bnpt": Role.CONTRIBUTOR})


@pytest.fixture
def client(hub: Hub, sari: Account) -> FlaskClient:
    """A browser in which Sari is signed in."""
    made = client_of(hub)
    sign_in(hub, made, sari)
    return made


def tell(
    hub: Hub, *to: Account, document_id: str | None = None, kind: str = "document-publish", **details: str
) -> None:
    with hub.catalogue.write() as session:
        document = documents.get(session, document_id) if document_id else None
        notices.tell(session, hub.settings, to, kind, document=document, **{"comment": "", **details})


def test_a_notice_names_the_document_and_leads_to_it(hub: Hub, sari: Account, client: FlaskClient) -> None:
    document_id = record_document(hub, TITLE)
    tell(hub, sari, document_id=document_id)
    page = get(client, "/notices")
    assert words(one(page, ".card-title")) == f"Belum dibaca: “{TITLE}” telah diterbitkan."
    assert href(one(page, ".card-title a")) == f"/documents/{document_id}"
    english = get(client, "/en/notices")
    assert words(one(english, ".card-title a")) == f"“{TITLE}” was published."
    assert href(one(english, ".card-title a")) == f"/en/documents/{document_id}"


def test_a_letter_of_the_same_kind_is_written(hub: Hub, sari: Account) -> None:
    document_id = record_document(hub, TITLE)
    tell(hub, sari, sari, document_id=document_id)
    with hub.catalogue.read() as session:
        (letter,) = mails.listed(session, MailState.WAITING)
    assert (letter.kind, letter.address, letter.names) == ("document-publish", "sari@example.org", (document_id,))
    assert TITLE in letter.text
    assert f"/documents/{document_id}" in letter.text


def test_who_may_not_sign_in_is_not_told(hub: Hub, sari: Account) -> None:
    tell(hub, replace(sari, status=AccountStatus.SUSPENDED))
    with hub.catalogue.read() as session:
        assert mails.counts(session)[MailState.WAITING] == 0


@pytest.mark.parametrize(
    "access",
    [
        Access(frozenset({"org:polri"}), keeper="org:polri"),
        Access(frozenset({"public"}), keeper="org:polri", state=State.DRAFT),
    ],
)
def test_what_may_no_longer_be_looked_at_is_not_named(
    hub: Hub, sari: Account, client: FlaskClient, access: Access
) -> None:
    document_id = record_document(hub, TITLE)
    tell(hub, sari, document_id=document_id, kind="document-comment", comment="Tentang Budi")
    assert TITLE in client.get("/notices").text
    with hub.catalogue.write() as session:
        documents.set_access(session, document_id, access)
    page = client.get("/notices").text
    assert "Ada komentar pada sebuah dokumen." in page
    assert "Dokumen ini tidak lagi terbuka bagi Anda" in page
    assert not get(client, "/notices").css(".card-title a"), "nor does it lead anywhere"
    for secret in (TITLE, document_id, "Budi"):
        assert secret not in page


def test_a_removed_document_is_not_named(hub: Hub, sari: Account, client: FlaskClient) -> None:
    document_id = record_document(hub, TITLE)
    tell(hub, sari, document_id=document_id)
    with hub.catalogue.write() as session:
        documents.remove(session, document_id)
    assert TITLE not in client.get("/notices").text
    assert words(one(get(client, "/en/notices"), ".cards .hint")).endswith("or no longer in the hub.")


@pytest.mark.parametrize("place", ["work", "review", "review/reports"])
def test_who_left_the_desk_is_led_to_the_page_for_readers(
    hub: Hub, sari: Account, client: FlaskClient, place: str
) -> None:
    """What a notice leads to is never a page that is closed to its reader."""
    document_id = record_document(hub, TITLE, keeper="org:bnpt")
    with hub.catalogue.write() as session:
        session.query(MembershipRow).filter_by(account_id=sari.id).update({"role": Role.EDITOR.value})
    tell(hub, sari, document_id=document_id, kind="document-comment", path=f"/{place}/{document_id}")
    assert href(one(get(client, "/en/notices"), ".card-title a")) == f"/en/{place}/{document_id}"
    with hub.catalogue.write() as session:
        session.query(MembershipRow).filter_by(account_id=sari.id).update({"role": Role.PARTNER.value})
    assert href(one(get(client, "/en/notices"), ".card-title a")) == f"/en/documents/{document_id}"
    with hub.catalogue.write() as session:
        documents.set_access(
            session, document_id, Access(frozenset({"org:bnpt"}), keeper="org:bnpt", state=State.DRAFT)
        )
    page = get(client, "/en/notices")
    assert not page.css(".card-title a")
    assert words(one(page, ".cards .hint")).startswith("The document is no longer open to you")


def test_the_desk_still_names_what_is_not_published(hub: Hub, sari: Account, client: FlaskClient) -> None:
    document_id = record_document(hub, TITLE)
    with hub.catalogue.write() as session:
        draft = Access(frozenset({"public"}), keeper="org:bnpt", state=State.RETURNED)
        documents.set_access(session, document_id, draft)
    tell(hub, sari, document_id=document_id, kind="document-return", path=f"/review/{document_id}")
    page = get(client, "/en/notices")
    assert href(one(page, ".card-title a")) == f"/en/review/{document_id}"


def test_notices_are_counted_and_marked_as_read(hub: Hub, sari: Account, client: FlaskClient) -> None:
    for number in range(3):
        tell(hub, sari, document_id=record_document(hub, f"Laporan {number}"))
    assert words(one(get(client, "/notices"), ".people .badge")) == "Belum dibaca: 3"
    page = get(client, "/notices")
    first = page.css("input[name=notice]")[0].attributes["value"]
    token = page.css("input[name=csrf_token]")[0].attributes["value"]
    assert client.post("/notices/read", data={"csrf_token": token, "notice": first}).status_code == 302
    assert words(one(get(client, "/notices"), ".people .badge")) == "Belum dibaca: 2"
    assert client.post("/notices/read", data={"csrf_token": token}).status_code == 302
    assert get(client, "/notices").css(".people .badge") == []
    assert get(client, "/notices").css(".notice-unread") == []


def test_a_notice_of_another_person_is_not_there(hub: Hub, sari: Account, client: FlaskClient) -> None:
    other = make_account(hub, "Budi")
    tell(hub, other, document_id=record_document(hub, TITLE))
    page = get(client, "/notices")
    assert page.css(".cards") == []
    token = one(page, "input[name=csrf_token]").attributes["value"]
    for given in ("1", "999", "99999999999999999999", "x", "", "-1", "1\0"):
        assert client.post("/notices/read", data={"csrf_token": token, "notice": given}).status_code == 404
    with hub.catalogue.read() as session:
        assert len(accounts.all_accounts(session)) == 2


def test_only_for_who_is_signed_in_and_only_from_a_form_of_the_hub(hub: Hub, client: FlaskClient) -> None:
    stranger = client_of(hub)
    assert stranger.get("/notices").status_code == 302
    assert stranger.post("/notices/read").status_code in {302, 400}
    assert client.post("/notices/read").status_code == 400


def test_many_notices_stand_on_several_pages(hub: Hub, sari: Account, client: FlaskClient) -> None:
    document_id = record_document(hub, TITLE)
    for _ in range(51):
        tell(hub, sari, document_id=document_id)
    assert len(get(client, "/notices").css(".cards > li")) == 50
    second = get(client, "/notices?page=2")
    assert len(second.css(".cards > li")) == 1
    assert href(one(second, ".paging a")) == "/notices?page=1"
    assert get(client, "/notices?page=x").css(".cards > li") != []


def test_a_kind_that_is_not_known_is_told_in_general(hub: Hub, sari: Account, client: FlaskClient) -> None:
    with hub.catalogue.write() as session:
        kept.add(session, sari.id, "of-a-later-version", None, {"path": "//elsewhere.example"})
    page = get(client, "/notices")
    assert words(one(page, ".card-title")).endswith("Ada sesuatu yang perlu Anda ketahui.")
    assert page.css(".card-title a") == []


def test_what_was_read_long_ago_is_deleted_and_what_was_not_read_is_kept(hub: Hub, sari: Account) -> None:
    for _ in range(3):
        tell(hub, sari, document_id=record_document(hub, TITLE))
    long_ago = datetime.now(UTC) - timedelta(days=hub.settings.desk.keep_notices_days, minutes=1)
    with hub.catalogue.write() as session:
        unread, young, old = kept.of(session, sari.id, limit=10)
        session.query(NoticeRow).update({"created_at": long_ago})
        kept.note_read(session, sari.id, old.id, now=long_ago)
        kept.note_read(session, sari.id, young.id, now=datetime.now(UTC))
    forget_old(hub)
    with hub.catalogue.read() as session:
        assert [notice.id for notice in kept.of(session, sari.id, limit=10)] == [unread.id, young.id]
