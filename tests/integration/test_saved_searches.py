"""The pages of saved searches and their private feeds, and what others may do with their addresses: nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import etree  # type: ignore[import-untyped]

from desk import searches
from desk.alerts import write_due
from holdings import accounts, audit, documents, saved_searches
from holdings.access import Access
from holdings.accounts import Account, AccountStatus, Role
from holdings.errors import UsageError
from holdings.saved_searches import Frequency, SavedSearch
from indexer.hub import Hub
from indexer.synchronise import synchronise
from tests.integration.site_pages import client_of, get, href, one, words
from tests.making import record_document
from tests.people import make_account, sign_in

ATOM = "{http://www.w3.org/2005/Atom}"
WORDS = "Program deradikalisasi di lembaga pemasyarakatan."


@pytest.fixture(autouse=True)
def _searchable(hub: Hub) -> None:
    record_document(hub, "Laporan lama", [WORDS], theme="deradicalisation")
    synchronise(hub)


@pytest.fixture
def sari(hub: Hub) -> Account:
    return make_account(hub, "Sari", roles={"bnpt": Role.PARTNER})


@pytest.fixture
def client(hub: Hub, sari: Account) -> FlaskClient:
    """A browser in which Sari is signed in."""
    made = client_of(hub)
    sign_in(hub, made, sari)
    return made


def of(hub: Hub, account: Account) -> list[SavedSearch]:
    with hub.catalogue.read() as session:
        return saved_searches.of(session, account.id)


def token(client: FlaskClient) -> str:
    value = get(client, "/searches/new?q=x").css("input[name=csrf_token]")[0].attributes["value"]
    assert value is not None
    return value


def post(client: FlaskClient, address: str, status: int = 302, **fields: Any) -> str:
    response = client.post(address, data={"csrf_token": token(client), **fields})
    assert response.status_code == status, response.status_code
    return response.text


def make(hub: Hub, by: Account, *, feed: bool = False, **parameters: Any) -> tuple[SavedSearch, str | None]:
    given = parameters or {"q": "deradikalisasi"}
    return searches.save(hub, by, name="Tersimpan", parameters=given, frequency=Frequency.DAILY, with_feed=feed)


def test_a_search_is_saved_from_the_page_of_its_results(hub: Hub, sari: Account, client: FlaskClient) -> None:
    page = get(client, "/en/search?q=deradikalisasi&theme=deradicalisation&sort=newest&page=1")
    form = get(client, href(one(page, ".save-search")))
    assert one(form, "input[name=name]").attributes["value"] == "deradikalisasi, Deradicalisation and disengagement"
    address = one(form, "main form").attributes["action"]
    assert address is not None
    post(client, address, name="Kajian", frequency="weekly")
    (saved,) = of(hub, sari)
    assert (saved.name, saved.frequency, saved.has_feed) == ("Kajian", Frequency.WEEKLY, False)
    assert saved.parameters == {"q": "deradikalisasi", "theme": ["deradicalisation"]}
    assert saved.due_at is not None
    listed = get(client, "/en/searches")
    link = one(listed, ".card-title a")
    assert words(link) == "Kajian"
    assert href(link) == "/en/search?q=deradikalisasi&theme=deradicalisation"
    assert "Once a week" in words(one(listed, ".cards"))


def test_the_public_is_not_offered_to_save(hub: Hub) -> None:
    stranger = client_of(hub)
    assert get(stranger, "/search?q=deradikalisasi").css(".save-search") == []
    for address in ("/searches", "/searches/new?q=x", "/searches/abc"):
        assert "/sign-in" in stranger.get(address).headers["Location"]


def test_name_and_frequency_are_changed(hub: Hub, sari: Account, client: FlaskClient) -> None:
    saved, _ = make(hub, sari)
    page = get(client, f"/searches/{saved.id}")
    assert one(page, "input[name=name]").attributes["value"] == "Tersimpan"
    assert one(page, "input[name=frequency][checked]").attributes["value"] == "daily"
    post(client, f"/searches/{saved.id}", name="Lain\n nama", frequency="never")
    (changed,) = of(hub, sari)
    assert (changed.name, changed.frequency, changed.due_at) == ("Lain nama", Frequency.NEVER, None)


@pytest.mark.parametrize(("name", "frequency"), [("", "daily"), ("x" * 201, "daily"), ("x", "hourly"), ("x", "")])
def test_what_does_not_fit_is_said_in_the_form(
    hub: Hub, sari: Account, client: FlaskClient, name: str, frequency: str
) -> None:
    saved, _ = make(hub, sari)
    for address in ("/searches/new?q=a", f"/searches/{saved.id}"):
        assert "mohon perbaiki yang ditandai" in post(client, address, 200, name=name, frequency=frequency)
    assert of(hub, sari) == [saved]


def test_a_name_of_odd_characters_is_kept_as_a_line(hub: Hub, sari: Account, client: FlaskClient) -> None:
    post(client, "/searches/new?q=a%00b", name="A\tB\0\x01<b>", frequency="daily")
    (saved,) = of(hub, sari)
    assert saved.name == "A B <b>"
    assert "A B &lt;b&gt;" in client.get("/searches").text
    assert client.get(f"/searches/{saved.id}").status_code == 200


def test_a_search_is_deleted(hub: Hub, sari: Account, client: FlaskClient) -> None:
    saved, _ = make(hub, sari)
    post(client, f"/searches/{saved.id}/remove")
    assert of(hub, sari) == []
    assert client.get(f"/searches/{saved.id}").status_code == 404


def test_there_is_an_end_to_how_many_one_person_keeps(hub: Hub, sari: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "MOST", 1)
    make(hub, sari)
    with pytest.raises(UsageError):
        make(hub, sari)


def test_the_searches_of_others_are_not_there(hub: Hub, sari: Account, client: FlaskClient) -> None:
    other = make_account(hub, "Budi")
    saved, _ = make(hub, other, feed=True)
    before = of(hub, other)
    for search_id in (saved.id, "none", "%00", "x" * 100):
        assert client.get(f"/searches/{search_id}").status_code == 404
        for what in ("", "/remove", "/feed", "/feed/end"):
            post(client, f"/searches/{search_id}{what}", 404, name="x", frequency="never")
    assert of(hub, other) == before
    assert "Tersimpan" not in client.get("/searches").text


def test_every_change_comes_from_a_form_of_the_hub(hub: Hub, sari: Account, client: FlaskClient) -> None:
    saved, _ = make(hub, sari, feed=True)
    for what in ("", "/remove", "/feed", "/feed/end"):
        assert client.post(f"/searches/{saved.id}{what}", data={"name": "x", "frequency": "never"}).status_code == 400
    assert of(hub, sari) == [saved]


def test_changes_are_on_record(hub: Hub, sari: Account) -> None:
    saved, _ = make(hub, sari)
    searches.change(hub, sari, saved.id, name="Lain", frequency=Frequency.NEVER)
    searches.renew_feed(hub, sari, saved.id)
    searches.end_feed(hub, sari, saved.id)
    searches.remove(hub, sari, saved.id)
    with hub.catalogue.write() as session:
        assert audit.append(session, sari, "x", "x", "x").sequence == 6


# The private feed


def feed_address(text: str) -> str:
    """Return the path of the feed whose address a page shows."""
    found = re.search(r"<code>(http://[^<]+/feeds/[^<]+)</code>", text)
    assert found is not None
    return urlsplit(found[1]).path


def entries(client: FlaskClient, address: str) -> list[tuple[str, str]]:
    """Return title and reason of each entry of a feed."""
    response = client.get(address)
    assert response.status_code == 200
    assert response.mimetype == "application/atom+xml"
    root = etree.fromstring(response.data)
    return [
        (entry.findtext(f"{ATOM}title") or "", entry.findtext(f"{ATOM}summary") or "")
        for entry in root.findall(f"{ATOM}entry")
    ]


def test_a_feed_says_what_is_found_and_why_to_whoever_has_its_address(
    hub: Hub, sari: Account, client: FlaskClient
) -> None:
    page = post(client, "/en/searches/new?q=deradikalisasi", 200, name="Umpan", frequency="never", feed="y")
    address = feed_address(page)
    record_document(hub, "Mitra & <b>", [WORDS + " Mitra. \x07"], access=["partners"])
    record_document(hub, "Rahasia", [WORDS + " Rahasia."], access=["org:polri"])
    synchronise(hub)
    reader = client_of(hub)
    found = entries(reader, address)
    assert [title for title, _ in found] == ["Mitra & <b>", "Laporan lama"]
    assert "On page 1: “Program *deradikalisasi* di" in found[0][1]
    response = reader.get(address)
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers


def test_a_feed_tells_first_what_became_readable_last(hub: Hub, sari: Account) -> None:
    widened = record_document(hub, "Dilonggarkan", [WORDS + " Satu."], access=["org:polri"])
    synchronise(hub)
    _, secret = make(hub, sari, feed=True)
    record_document(hub, "Baru", [WORDS + " Dua."])
    synchronise(hub)
    with hub.catalogue.write() as session:
        documents.set_access(session, widened, Access(frozenset({"public"})))
        for search in saved_searches.of(session, sari.id):
            saved_searches.set_due(session, search.id, datetime.now(UTC) - timedelta(seconds=1))
    synchronise(hub)
    write_due(hub)
    found = entries(client_of(hub), f"/feeds/{secret}")
    assert {title for title, _ in found[:2]} == {"Dilonggarkan", "Baru"}
    assert found[2][0] == "Laporan lama"


def test_a_feed_ends_with_its_address_its_search_and_its_person(hub: Hub, sari: Account, client: FlaskClient) -> None:
    saved, secret = make(hub, sari, feed=True)
    first = f"/feeds/{secret}"
    reader = client_of(hub)
    assert reader.get(first).status_code == 200
    second = feed_address(post(client, f"/searches/{saved.id}/feed", 200))
    assert (reader.get(first).status_code, reader.get(second).status_code) == (404, 200)
    with hub.catalogue.write() as session:
        accounts.account_row(session, sari.id).status = AccountStatus.SUSPENDED.value
    assert reader.get(second).status_code == 404
    with hub.catalogue.write() as session:
        accounts.account_row(session, sari.id).status = AccountStatus.ACTIVE.value
    assert reader.get(second).status_code == 200
    searches.end_feed(hub, sari, saved.id)
    assert reader.get(second).status_code == 404
    for wrong in ("none", "%00", "x" * 3000):
        assert reader.get(f"/feeds/{wrong}").status_code == 404


def test_a_feed_says_at_once_what_is_no_longer_theirs(hub: Hub, sari: Account) -> None:
    document_id = record_document(hub, "Sebentar", [WORDS + " Ya."])
    synchronise(hub)
    _, secret = make(hub, sari, feed=True)
    reader = client_of(hub)
    assert len(entries(reader, f"/feeds/{secret}")) == 2
    with hub.catalogue.write() as session:
        documents.set_access(session, document_id, Access(frozenset({"org:polri"})))
    assert [title for title, _ in entries(reader, f"/feeds/{secret}")] == ["Laporan lama"]


def test_the_secret_of_a_feed_is_not_kept(hub: Hub, sari: Account) -> None:
    _, secret = make(hub, sari, feed=True)
    assert secret is not None
    for path in hub.settings.data.glob("catalogue.sqlite3*"):
        assert secret.encode() not in path.read_bytes()


# The link that stops letters


def test_the_link_of_a_letter_stops_by_a_button_and_by_a_program_of_the_mail(hub: Hub, sari: Account) -> None:
    saved, _ = make(hub, sari, feed=True)
    stranger = client_of(hub)
    address = f"/en{searches.stop_path(hub.settings, saved.id)}"
    page = get(stranger, address)
    assert words(one(page, "main h1")) == "Stop these letters"
    (still,) = of(hub, sari)
    assert still.frequency is Frequency.DAILY, "looking at the page changes nothing"
    assert one(page, "main form").attributes["action"] == address
    response = stranger.post(address, data={"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    (stopped,) = of(hub, sari)
    assert (stopped.frequency, stopped.has_feed) == (Frequency.NEVER, True)
    assert words(one(get(stranger, address), "main h1")) == "No more letters"


def test_a_link_that_was_not_made_here_stops_nothing(hub: Hub, sari: Account) -> None:
    saved, _ = make(hub, sari)
    other, _ = make(hub, sari)
    code = searches.stop_path(hub.settings, other.id).rpartition("/")[2]
    stranger = client_of(hub)
    for wrong in (f"{saved.id}/{code}", f"{saved.id}/{code[:-1]}", f"{saved.id}/é", f"none/{code}", f"%00/{code}"):
        assert stranger.get(f"/searches/stop/{wrong}").status_code == 404
        assert stranger.post(f"/searches/stop/{wrong}").status_code == 404
    assert {search.frequency for search in of(hub, sari)} == {Frequency.DAILY}
