"""Reports that ask for a document to be taken down: who may make one, who decides, what is done and answered."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from desk import takedowns
from desk.reviewing import take
from desk.takedowns import Complaint, Decision
from holdings import purges, reviews
from holdings import takedowns as recorded
from holdings.access import Viewer
from holdings.errors import (
    ChangedMeanwhileError,
    NotAllowedError,
    PurgedFileError,
    UnknownIdError,
    UsageError,
    WithdrawnError,
)
from holdings.model import Document
from holdings.reasons import Reason
from holdings.reviews import Withdrawal
from holdings.states import State
from holdings.takedowns import Report, ReportStatus
from holdings.workflow import Action
from indexer.hub import Hub
from indexer.reading import original, read_document
from tests.integration.site_pages import client_of, get, one, words
from tests.people import sign_in
from tests.review_cast import Cast, audited, letters_to, make_cast, now, put_in, told

COMPLAINT = Complaint(Reason.PERSONAL_DATA, "Di halaman 2 ada nomor telepon saya.", "Budi", "budi@example.org", "id")


@pytest.fixture
def people(hub: Hub) -> Cast:
    return make_cast(hub)


@pytest.fixture
def document(hub: Hub, people: Cast) -> Document:
    return put_in(hub, people, State.PUBLISHED)


@pytest.fixture
def made(hub: Hub, document: Document) -> Report:
    return takedowns.report(hub, None, Viewer(), document.id, COMPLAINT)


def test_a_report_is_recorded_and_told_to_those_who_decide(hub: Hub, people: Cast, document: Document) -> None:
    made = takedowns.report(hub, None, Viewer(), document.id, COMPLAINT)
    deciders = {people.editor.id, people.other_editor.id, people.curator.id}
    assert set(told(hub, document.id)) == {(account_id, "takedown-reported") for account_id in deciders}
    actor, action, details = audited(hub, document.id)[-1]
    assert (actor, action, details) == ("public", "takedown.report", {"report": made.id, "reason": "personal-data"})
    assert "Budi" not in str(audited(hub, document.id))
    (letter,) = letters_to(hub, people.editor.email)
    assert f"/review/reports/{made.id}" in letter.text
    assert "Budi" not in letter.text


def test_only_what_one_may_read_can_be_reported(hub: Hub, people: Cast, document: Document) -> None:
    closed = put_in(hub, people, State.PUBLISHED, access=("org:bnpt",), title="Tertutup")
    draft = put_in(hub, people, State.DRAFT, title="Konsep")
    for hidden in (closed, draft):
        with pytest.raises(UnknownIdError):
            takedowns.report(hub, None, Viewer(), hidden.id, COMPLAINT)
    takedowns.report(hub, people.editor, people.editor.viewer, closed.id, COMPLAINT)
    take(hub, None, document.id, Action.WITHDRAW, edition=document.edition)
    with pytest.raises(WithdrawnError):
        takedowns.report(hub, None, Viewer(), document.id, COMPLAINT)
    with pytest.raises(UsageError):
        takedowns.report(hub, people.editor, people.editor.viewer, closed.id, Complaint(Reason.OTHER, " "))


def test_others_do_not_learn_of_a_report(hub: Hub, people: Cast, made: Report) -> None:
    for who in (people.contributor, people.stranger, people.administrator):
        with pytest.raises(UnknownIdError):
            takedowns.look_at(hub, who, made.id)
        with pytest.raises(UnknownIdError):
            takedowns.decide(hub, who, made.id, Decision.REJECT, "Tidak.", edition="1.1")
    found, about = takedowns.look_at(hub, people.editor, made.id)
    assert (found, about.id) == (made, made.document_id)
    assert audited(hub, about.id)[-1][:2] == (people.editor.pseudonym, "takedown.look")


def test_a_report_is_rejected_with_words(hub: Hub, people: Cast, document: Document, made: Report) -> None:
    with pytest.raises(UsageError):
        takedowns.decide(hub, people.editor, made.id, Decision.REJECT, " ", edition=document.edition)
    closed = takedowns.decide(
        hub, people.editor, made.id, Decision.REJECT, "Itu nomor kantor.", edition=document.edition
    )
    assert (closed.status, closed.resolution, closed.handled_by) == (
        ReportStatus.REJECTED,
        "Itu nomor kantor.",
        people.editor.id,
    )
    assert now(hub, document.id).state is State.PUBLISHED
    (letter,) = letters_to(hub, "budi@example.org")
    assert made.id in letter.subject
    assert "Itu nomor kantor." in letter.text
    assert document.title not in letter.text
    with pytest.raises(ChangedMeanwhileError):
        takedowns.decide(hub, people.curator, made.id, Decision.WITHDRAW, "Ya.", edition=document.edition)
    assert now(hub, document.id).state is State.PUBLISHED


def test_a_report_withdraws(hub: Hub, people: Cast, document: Document, made: Report) -> None:
    said = Withdrawal(Reason.PERSONAL_DATA, "Versi tanpa nomor menyusul.")
    takedowns.decide(
        hub, people.editor, made.id, Decision.WITHDRAW, "Benar.", edition=document.edition, withdrawal=said
    )
    assert now(hub, document.id).state is State.WITHDRAWN
    with hub.catalogue.read() as session:
        assert reviews.withdrawal(session, document.id).note == "Versi tanpa nomor menyusul."
        assert recorded.count(session, None, is_open=True) == 0
        assert recorded.count(session, ["bnpt"], is_open=False) == 1
        assert recorded.count(session, ["fkpt"], is_open=False) == 0
    assert (people.contributor.id, "document-withdraw") in told(hub, document.id)


def test_a_report_purges_in_one_step(hub: Hub, people: Cast, document: Document, made: Report) -> None:
    with pytest.raises(NotAllowedError):
        takedowns.decide(hub, people.editor, made.id, Decision.PURGE, "Ya.", edition=document.edition)
    with pytest.raises(ChangedMeanwhileError):
        takedowns.decide(hub, people.curator, made.id, Decision.PURGE, "Ya.", edition="0.0")
    takedowns.decide(hub, people.curator, made.id, Decision.PURGE, "Ya.", edition=document.edition)
    after = now(hub, document.id)
    assert (after.state, after.text.pages) == (State.WITHDRAWN, 0)
    with pytest.raises(PurgedFileError):
        original(hub, after, document.files[0].sha256)
    with hub.catalogue.read() as session:
        assert {p.reason for p in purges.of_document(session, document.id)} == {Reason.PERSONAL_DATA}


def _form(client: FlaskClient, address: str, **values: str) -> tuple[int, str]:
    """Fill in the form of a page and send it; return the status and where it leads."""
    page = get(client, address)
    hidden = {n.attributes["name"]: n.attributes.get("value") or "" for n in page.css("main form input[type=hidden]")}
    response = client.post(address, data={**hidden, **values})
    return response.status_code, response.headers.get("Location", "")


def test_the_form_for_anybody(hub: Hub, people: Cast, document: Document) -> None:
    client, address = client_of(hub), f"/documents/{document.id}/report"
    assert one(get(client, f"/documents/{document.id}"), f"a[href='{address}']")
    status, _ = _form(client, address, reason="wrong", text="Angka pada tabel 3 keliru.")
    assert status == 302
    with hub.catalogue.read() as session:
        (listed,) = recorded.listed(session, None, is_open=True, limit=10)
    assert (listed.reason, listed.text, listed.email, listed.language) == (
        Reason.WRONG,
        "Angka pada tabel 3 keliru.",
        "",
        "id",
    )
    for values in (
        {"reason": "wrong", "text": "x"},
        {"reason": "court-order", "text": "Angka pada tabel 3 keliru."},
        {"reason": "wrong", "text": "Angka pada tabel 3 keliru.", "email": "bukan alamat"},
    ):
        assert _form(client, address, **values)[0] == 200
    assert client.post(address, data={"reason": "wrong", "text": "Tanpa tanda formulir"}).status_code == 400
    closed = put_in(hub, people, State.PUBLISHED, access=("org:bnpt",), title="Tertutup")
    assert client.get(f"/documents/{closed.id}/report").status_code == 404
    assert client.get("/documents/no-such/report").status_code == 404


def test_a_program_that_fills_in_what_nobody_sees_is_thanked_and_not_recorded(hub: Hub, document: Document) -> None:
    address = f"/documents/{document.id}/report"
    assert _form(client_of(hub), address, reason="wrong", text="Beli murah di sini", website="http://x")[0] == 302
    with hub.catalogue.read() as session:
        assert recorded.count(session, None, is_open=True) == 0


def test_the_pages_of_reports(hub: Hub, people: Cast, document: Document, made: Report) -> None:
    client = client_of(hub)
    sign_in(hub, client, people.editor)
    assert document.title in words(get(client, "/review/reports").body)
    page = get(client, f"/en/review/reports/{made.id}")
    assert "budi@example.org" in words(page.body)
    assert len(page.css("input[name=decision]")) == 2, "an editor does not destroy"
    status, location = _form(client, f"/review/reports/{made.id}", decision="withdraw", reason="wrong", answer="Benar.")
    assert (status, location) == (302, "/review/reports")
    assert now(hub, document.id).state is State.WITHDRAWN
    assert "Benar." in words(get(client, f"/review/reports/{made.id}").body)
    assert document.title in words(get(client, "/review/reports?show=closed").body)
    for who in (people.contributor, people.stranger, people.administrator):
        other = client_of(hub)
        sign_in(hub, other, who)
        assert other.get(f"/review/reports/{made.id}").status_code == 404
    stranger = client_of(hub)
    sign_in(hub, stranger, people.stranger)
    assert document.title not in words(get(stranger, "/review/reports?show=closed").body)
    assert client_of(hub).get("/review/reports").status_code == 302


def test_what_may_no_longer_be_read_is_not_reported(hub: Hub, document: Document) -> None:
    take(hub, None, document.id, Action.WITHDRAW, edition=document.edition)
    assert client_of(hub).get(f"/documents/{document.id}/report").status_code == 410
    with pytest.raises(WithdrawnError):
        read_document(hub, document.id, Viewer())
