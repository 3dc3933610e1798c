"""Withdrawal: out of every list and read path at once, with a tombstone for those who could read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from desk.reviewing import take
from desk.tombstones import tombstone
from holdings import relations
from holdings.access import Viewer
from holdings.errors import UnknownIdError
from holdings.model import Document
from holdings.reasons import Reason
from holdings.relations import Relation
from holdings.reviews import Withdrawal
from holdings.states import State
from holdings.workflow import Action
from indexer.discover import discover
from indexer.hub import Hub
from indexer.model import SearchRequest
from indexer.synchronise import synchronise
from tests.integration.site_pages import client_of, get, one, words
from tests.making import record_document
from tests.people import sign_in
from tests.review_cast import Cast, make_cast, now, put_in


@pytest.fixture
def people(hub: Hub) -> Cast:
    return make_cast(hub)


def _withdraw(hub: Hub, document: Document, said: Withdrawal | None = None) -> Document:
    return take(hub, None, document.id, Action.WITHDRAW, edition=now(hub, document.id).edition, withdrawal=said)


def _addresses(document: Document) -> list[str]:
    base = f"/documents/{document.id}"
    return [base, f"/en{base}", f"{base}/pages/1", f"{base}/pages?number=1", f"{base}/files/{document.files[0].sha256}"]


def test_it_is_gone_from_every_path_at_once(hub: Hub, people: Cast) -> None:
    """Nothing is synchronised in between: the index still has it."""
    document = put_in(hub, people, State.PUBLISHED)
    synchronise(hub)
    client = client_of(hub)
    assert discover(hub, SearchRequest(query="deradikalisasi")).total == 1
    _withdraw(hub, document)
    assert discover(hub, SearchRequest(query="deradikalisasi")).total == 0
    for address in _addresses(document):
        response = client.get(address)
        assert response.status_code == 410, address
        assert response.mimetype == "text/html"
    answer = client.get(f"/api/v1/documents/{document.id}")
    assert answer.status_code == 410
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "withdrawn"
    synchronise(hub)
    assert discover(hub, SearchRequest(query="deradikalisasi")).total == 0


def test_the_tombstone_says_what_it_may(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, State.PUBLISHED)
    _withdraw(hub, document, Withdrawal(Reason.WRONG, "Tabel 3 keliru."))
    page = get(client_of(hub), f"/en/documents/{document.id}", 410)
    assert words(one(page, "h1")) == document.title
    said = words(page.body)
    assert "what it says is wrong" in said
    assert "Tabel 3 keliru." in said
    assert "Citra" not in said


def test_a_title_that_gives_away_too_much_is_not_named(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, State.PUBLISHED, title="Daftar saksi Budi Santoso")
    _withdraw(hub, document, Withdrawal(Reason.PERSONAL_DATA, hides_title=True))
    response = client_of(hub).get(f"/documents/{document.id}")
    assert response.status_code == 410
    assert "Budi" not in response.text
    assert tombstone(hub, document.id, Viewer()).title == ""


def test_who_could_not_read_it_learns_nothing(hub: Hub, people: Cast) -> None:
    closed = put_in(hub, people, State.PUBLISHED, access=("org:bnpt",))
    _withdraw(hub, closed)
    client = client_of(hub)
    for address in _addresses(closed):
        assert client.get(address).status_code == 404
    sign_in(hub, client, people.stranger)
    assert client.get(f"/documents/{closed.id}").status_code == 404
    sign_in(hub, client, people.colleague)
    assert client.get(f"/documents/{closed.id}").status_code == 410
    with pytest.raises(UnknownIdError):
        tombstone(hub, closed.id, Viewer())


def test_what_was_under_embargo_stays_unknown_until_it_ends(hub: Hub) -> None:
    document_id = record_document(hub, "Nanti", embargo_until=datetime.now(UTC) + timedelta(days=1))
    take(hub, None, document_id, Action.WITHDRAW, edition=now(hub, document_id).edition)
    assert client_of(hub).get(f"/documents/{document_id}").status_code == 404


def test_it_leads_to_the_version_that_took_its_place(hub: Hub, people: Cast) -> None:
    old, new = put_in(hub, people, State.PUBLISHED), put_in(hub, people, State.PUBLISHED, title="Edisi kedua")
    hidden = put_in(hub, people, State.PUBLISHED, title="Edisi ketiga", access=("org:bnpt",))
    with hub.catalogue.write() as session:
        relations.settle(session, new.id, old.id, Relation.NEW_VERSION, by="test")
        relations.settle(session, hidden.id, new.id, Relation.NEW_VERSION, by="test")
    client = client_of(hub)
    page = get(client, f"/documents/{old.id}")
    assert one(page, f".notice a[href='/documents/{new.id}']")
    _withdraw(hub, old)
    page = get(client, f"/documents/{old.id}", 410)
    assert one(page, f"a[href='/documents/{new.id}']")
    assert hidden.id not in str(page.html)


def test_it_can_be_published_again(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, State.PUBLISHED)
    withdrawn = _withdraw(hub, document)
    take(hub, people.curator, document.id, Action.REINSTATE, edition=withdrawn.edition)
    assert client_of(hub).get(f"/documents/{document.id}").status_code == 200
    synchronise(hub)
    assert discover(hub, SearchRequest(query="deradikalisasi")).total == 1


def test_what_was_never_published_has_no_tombstone(hub: Hub, people: Cast) -> None:
    for state in (State.DRAFT, State.SUBMITTED, State.RETURNED):
        document = put_in(hub, people, state, title=f"Belum {state.value}")
        assert client_of(hub).get(f"/documents/{document.id}").status_code == 404
