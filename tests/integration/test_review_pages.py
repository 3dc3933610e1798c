"""The pages of review: the queue, its filters and batches, a document at the desk, previews, other people's ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from desk.looking import actions
from desk.reviewing import take
from holdings import documents, personal_data, relations, review_queue
from holdings.access import Access
from holdings.accounts import Account
from holdings.personal_data import FoundPlace, Kind
from holdings.relations import Relation
from holdings.review_queue import QueueOrder, Wanted
from holdings.states import State
from holdings.tables import RecordRow
from holdings.workflow import Action
from indexer.hub import Hub, open_hub
from tests.integration.site_pages import client_of, get, one, words
from tests.making import record_document
from tests.people import sign_in
from tests.review_cast import Cast, audited, make_cast, now, put_in


@pytest.fixture
def people(hub: Hub) -> Cast:
    return make_cast(hub)


def _browser(hub: Hub, account: Account) -> FlaskClient:
    client = client_of(hub)
    sign_in(hub, client, account)
    return client


def _send(client: FlaskClient, address: str, form: str = "main form[method=post]", **values: str | list[str]) -> str:
    """Fill in the form of a page and send it; return where it leads, or what the page says."""
    page = get(client, address)
    found = page.css(form)[0]
    hidden: dict[str, str | list[str]] = {
        node.attributes["name"] or "": node.attributes.get("value") or "" for node in found.css("input[type=hidden]")
    }
    response = client.post(found.attributes["action"] or address, data={**hidden, **values})
    assert response.status_code in {200, 302}, response.status_code
    return response.headers.get("Location") or response.text


def _listed(hub: Hub, by: Account, wanted: Wanted | None = None, order: QueueOrder = QueueOrder.LONGEST) -> list[str]:
    with hub.catalogue.read() as session:
        found = review_queue.listed(session, by, wanted or Wanted(), datetime.now(UTC), order=order, limit=100)
        assert review_queue.count(session, by, wanted or Wanted(), datetime.now(UTC)) == len(found)
        return [waiting.document_id for waiting in found]


def test_the_queue_is_what_the_workflow_lets_them_look_at(hub: Hub, people: Cast) -> None:
    """The clause of the database and the table of the workflow say the same, of every state and space."""
    made = [
        put_in(hub, people, state, keeper=keeper, title=f"{state.value} {keeper}").id
        for state in State
        for keeper in ("org:bnpt", "org:fkpt", None)
    ]
    for who in (people.editor, people.stranger, people.curator, people.administrator):
        for state in State:
            may = {i for i in made if now(hub, i).state is state and Action.LOOK in actions(who, now(hub, i))}
            assert set(_listed(hub, who, Wanted(state=state))) == may, (who.name, state)
    assert _listed(hub, people.contributor) == []


def test_filters(hub: Hub, people: Cast) -> None:
    plain, other = put_in(hub, people, title="Satu"), put_in(hub, people, title="Dua", keeper="org:fkpt")
    report = now(
        hub, record_document(hub, "Tiga", keeper="org:bnpt", state=State.SUBMITTED, kind="report", contributor="nobody")
    )
    with hub.catalogue.write() as session:
        personal_data.put(session, plain.id, plain.text.sha256, [FoundPlace(Kind.NIK, 1, 0, 4)])
        session.get_one(RecordRow, other.id).created_at = datetime.now(UTC) - timedelta(days=10)
    who = people.curator
    assert _listed(hub, who) == [other.id, plain.id, report.id], "the longest first"
    assert _listed(hub, who, order=QueueOrder.LATEST) == [report.id, plain.id, other.id]
    assert _listed(hub, who, order=QueueOrder.SPACE) == [plain.id, report.id, other.id]
    assert _listed(hub, who, Wanted(space="fkpt")) == [other.id]
    assert _listed(hub, who, Wanted(contributor=people.contributor.id)) == [other.id, plain.id]
    assert _listed(hub, who, Wanted(kind="report")) == [report.id]
    assert _listed(hub, who, Wanted(with_personal_data=True)) == [plain.id]
    assert _listed(hub, who, Wanted(before=datetime.now(UTC) - timedelta(days=7))) == [other.id]
    take(hub, None, other.id, Action.RETURN, edition=now(hub, other.id).edition, comment="x")
    take(hub, None, other.id, Action.SUBMIT, edition=now(hub, other.id).edition)
    assert _listed(hub, who, Wanted(before=datetime.now(UTC) - timedelta(days=7))) == [], "it waits anew"


def test_a_duplicate_counts_only_for_who_may_read_it(hub: Hub, people: Cast) -> None:
    submitted = put_in(hub, people)
    hidden = put_in(hub, people, State.PUBLISHED, keeper="org:fkpt", access=("org:fkpt",), title="Rahasia fkpt")
    with hub.catalogue.write() as session:
        relations.settle(session, submitted.id, hidden.id, Relation.NEW_VERSION, by="test")
    assert _listed(hub, people.editor, Wanted(with_duplicates=True)) == []
    assert "Rahasia" not in words(get(_browser(hub, people.editor), f"/review/{submitted.id}").body)
    access = Access(frozenset({"public"}), keeper="org:fkpt")
    with hub.catalogue.write() as session:
        documents.set_access(session, hidden.id, access)
    assert _listed(hub, people.editor, Wanted(with_duplicates=True)) == [submitted.id]


def test_the_page_of_the_queue(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people)
    for language in ("", "/en"):
        page = get(_browser(hub, people.editor), f"{language}/review")
        assert document.title in words(page.body)
        assert "Citra" in words(page.body)
    get(_browser(hub, people.editor), "/review?state=nonsense&page=-4&days=x&order=%00&space=%27&contributor=a/b")
    get(_browser(hub, people.editor), "/review?page=99999999999999999999")
    assert _browser(hub, people.contributor).get("/review").status_code == 404
    assert client_of(hub).get("/review").status_code == 302
    assert audited(hub, "submitted") == []
    get(_browser(hub, people.curator), "/review")
    assert audited(hub, "submitted") == [(people.curator.pseudonym, "review.list", {"documents": [document.id]})]


def test_an_administrator_finds_what_is_withdrawn_and_nothing_else(hub: Hub, people: Cast) -> None:
    withdrawn = put_in(hub, people, State.WITHDRAWN, title="Ditarik")
    for state in set(State) - {State.WITHDRAWN}:
        put_in(hub, people, state, title=f"Dokumen {state.value}")
    client = _browser(hub, people.administrator)
    address = one(get(client, "/administration"), "main .tabs a[href*=review]").attributes["href"] or ""
    for asked in (address, "/review", "/review?state=withdrawn"):
        page = get(client, asked)
        (found,) = page.css(".queue-row a")
        assert found.attributes["href"] == f"/review/{withdrawn.id}"
        assert [words(tab) for tab in page.css("main .tabs a")] == ["Ditarik"], "of no other state, and no reports"
    assert not get(client, "/review?state=submitted").css(".queue-row")
    assert audited(hub, "withdrawn")[-1] == (
        people.administrator.pseudonym,
        "review.list",
        {"documents": [withdrawn.id]},
    )
    assert get(client, f"/review/{withdrawn.id}").css(".crumbs a[href='/review']")


def test_the_page_for_readers_leads_those_whom_it_concerns_to_the_desk(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, State.PUBLISHED)
    concerned = (people.contributor, people.colleague, people.editor, people.curator)
    for who in (*concerned, people.administrator, people.stranger):
        page = get(_browser(hub, who), f"/documents/{document.id}")
        ways = [node.attributes["href"] for node in page.css(".document-head a[href*=review]")]
        assert ways == ([f"/review/{document.id}"] if who in concerned else []), who.name
    assert not get(client_of(hub), f"/documents/{document.id}").css("a[href*=review]")


@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED])
def test_a_draft_is_submitted_on_its_own_page_alone(hub: Hub, people: Cast, state: State) -> None:
    """There what is missing is said, and a new version is settled."""
    document = put_in(hub, people, state)
    client, address = _browser(hub, people.contributor), f"/review/{document.id}"
    page = get(client, address)
    assert one(page, "section.decision a").attributes["href"] == f"/work/{document.id}"
    assert not page.css("button[value=submit]")
    _send(client, address, action="submit")
    assert now(hub, document.id).state is state


def test_several_are_decided_each_by_itself(hub: Hub, people: Cast) -> None:
    first, second, third = (put_in(hub, people, title=title) for title in ("Satu", "Dua", "Tiga"))
    client = _browser(hub, people.editor)
    assert "centang" in _send(client, "/review", action="publish").casefold()
    ticks = [f"{d.id}:{d.edition}" for d in (first, second, third)]
    refused = _send(client, "/review", action="return", document=ticks[:2])
    assert "komentar" in refused.casefold()
    ticked = LexborHTMLParser(refused).css("input[name=document][checked]")
    assert {node.attributes["value"] for node in ticked} == set(ticks[:2])
    take(hub, people.other_editor, second.id, Action.RETURN, edition=second.edition, comment="Salah halaman.")
    strange = put_in(hub, people, keeper="org:fkpt", title="Bukan milik Anda")
    answer = _send(
        client, "/review", action="publish", document=[*ticks, f"{strange.id}:{strange.edition}", "nonsense", "'\0:x"]
    )
    assert now(hub, first.id).state is now(hub, third.id).state is State.PUBLISHED
    assert now(hub, second.id).state is State.RETURNED
    assert now(hub, strange.id).state is State.SUBMITTED
    assert "Selesai: 2. Tidak dijalankan: 4." in answer
    assert not LexborHTMLParser(answer).css("input[name=document][checked]")
    assert "Erna" in answer
    assert "Salah halaman." in answer
    assert "Bukan milik Anda" not in answer


def test_a_step_on_the_page_of_a_document(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people)
    client, address = _browser(hub, people.editor), f"/review/{document.id}"
    assert "wajib" in _send(client, address, action="return", comment=" ")
    assert now(hub, document.id).state is State.SUBMITTED
    assert _send(client, address, action="return", comment="Tanggalnya keliru.") == address
    assert now(hub, document.id).state is State.RETURNED
    page = words(get(_browser(hub, people.contributor), address).body)
    assert "Tanggalnya keliru." in page
    assert "Eko" in page
    assert _send(client, address, action="nonsense").startswith("<!"), "nothing is done, and the page says so"


def test_two_editors_with_the_page_open(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people)
    slow, quick, address = _browser(hub, people.editor), _browser(hub, people.curator), f"/review/{document.id}"
    opened = get(slow, address)
    _send(quick, address, action="return", comment="Judulnya keliru.")
    hidden = {n.attributes["name"]: n.attributes.get("value") for n in opened.css("main form input[type=hidden]")}
    assert slow.post(address, data={**hidden, "action": "publish"}).headers["Location"] == address
    said = words(get(slow, address).body)
    assert "Kartika" in said
    assert "Judulnya keliru." in said
    assert now(hub, document.id).state is State.RETURNED


def test_a_curator_is_told_in_the_queue_of_what_an_editor_returned(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people)
    client, address = _browser(hub, people.curator), f"/review/{document.id}"
    opened = get(client, address)
    take(hub, people.editor, document.id, Action.RETURN, edition=document.edition, comment="Judulnya keliru.")
    hidden = {n.attributes["name"]: n.attributes.get("value") for n in opened.css("main form input[type=hidden]")}
    assert client.post(address, data={**hidden, "action": "publish"}).headers["Location"] == "/review"
    assert "Judulnya keliru." in words(get(client, "/review").body)
    assert client.get(address).status_code == 404


def test_a_form_that_was_opened_before_a_restart(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people)
    client, address = _browser(hub, people.editor), f"/review/{document.id}"
    opened = get(client, address)
    hidden = {n.attributes["name"]: n.attributes.get("value") for n in opened.css("main form input[type=hidden]")}
    cookies = {name: client.get_cookie(name) for name in ("ikhub", "ikhub-form")}
    with open_hub(hub.settings) as restarted:
        after = client_of(restarted)
        for name, cookie in cookies.items():
            assert cookie is not None
            after.set_cookie(name, cookie.value)
        assert after.post(address, data={**hidden, "action": "publish"}).status_code == 302
    assert now(hub, document.id).state is State.PUBLISHED


def test_changing_access_by_the_form(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, State.PUBLISHED)
    client, address = _browser(hub, people.editor), f"/review/{document.id}/access"
    page = get(client, address)
    assert one(page, "input[name=readers][checked]").attributes["value"] == "public"
    assert "sekurangnya satu organisasi" in _send(client, address, readers="named")
    _send(client, address, readers="named", organisations=["fkpt"], embargo_until="2027-01-05T08:30")
    access = now(hub, document.id).access
    assert access.labels == {"org:bnpt", "org:fkpt"}
    assert access.embargo_until == datetime(2027, 1, 5, 1, 30, tzinfo=UTC), "Asia/Jakarta is entered"
    page = get(client, address)
    assert one(page, "input[name=embargo_until]").attributes["value"] == "2027-01-05T08:30"
    assert [n.attributes["value"] for n in page.css("input[name=organisations][checked]")] == ["fkpt"]
    _send(client, address, readers="own")
    assert now(hub, document.id).access.labels == {"org:bnpt"}
    assert now(hub, document.id).access.embargo_until is None


def test_withdrawing_and_purging_by_the_forms(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, State.PUBLISHED)
    base = f"/review/{document.id}"
    editor = _browser(hub, people.editor)
    assert _send(editor, f"{base}/withdraw").startswith("<!"), "a reason is needed"
    assert _send(editor, f"{base}/withdraw", reason="wrong", note="Keliru.", hides_title="y") == base
    assert now(hub, document.id).state is State.WITHDRAWN
    assert editor.get(f"{base}/purge").status_code == 403
    administrator = _browser(hub, people.administrator)
    assert f"{base}/purge" in administrator.get(base).text
    assert _send(administrator, f"{base}/purge", reason="personal-data").startswith("<!"), "it must be meant"
    assert _send(administrator, f"{base}/purge", reason="personal-data", with_text="y", is_meant="y") == base
    assert now(hub, document.id).text.pages == 0
    assert administrator.get(f"{base}/files/{document.files[0].sha256}").status_code == 410
    assert "dihapus" in words(get(administrator, base).body)
    assert f"{base}/purge" not in administrator.get(base).text, "nothing is left to be destroyed"
    _send(administrator, base, f"form[action='{base}/allow-again']")
    assert "allow-again" not in administrator.get(base).text
    _send(_browser(hub, people.curator), base, action="reinstate")
    page = get(client_of(hub), f"/documents/{document.id}")
    assert "dihapus" in words(page.body)


def test_a_preview_is_what_its_reader_would_see(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, access=("partners",), title="Untuk mitra")
    older = put_in(hub, people, State.PUBLISHED, title="Pendahulu milik bnpt", access=("org:bnpt",))
    with hub.catalogue.write() as session:
        relations.settle(session, document.id, older.id, Relation.NEW_VERSION, by="test")
    client, base = _browser(hub, people.editor), f"/review/{document.id}/preview"
    for address in (base, f"{base}?as=partners", f"{base}?as=nonsense"):
        page = get(client, address)
        assert words(one(page, "h1")) == "Untuk mitra"
        assert "Pratinjau" in words(one(page, ".preview-bar"))
        assert "Pendahulu" not in words(page.body)
    assert "Pendahulu" in words(get(client, f"{base}?as=org:bnpt").body)
    public = get(client, f"{base}?as=public")
    assert "Untuk mitra" not in words(public.body)
    assert "Untuk mitra" in words(get(client, f"{base}/pages/1?as=partners").body)
    assert client.get(f"{base}/pages/9").status_code == 404
    # Its links stay in the preview: the public addresses lead nowhere yet.
    for node in get(client, base).css("main a"):
        target = node.attributes["href"] or ""
        assert not target.startswith(f"/documents/{document.id}"), target


def test_a_preview_shows_no_more_than_its_editor_may_read(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, access=("org:bnpt", "org:fkpt"))
    theirs = put_in(hub, people, State.PUBLISHED, keeper="org:fkpt", access=("org:fkpt",), title="Rahasia fkpt")
    with hub.catalogue.write() as session:
        relations.settle(session, document.id, theirs.id, Relation.NEW_VERSION, by="test")
    page = get(_browser(hub, people.editor), f"/review/{document.id}/preview?as=org:fkpt")
    assert "Rahasia" not in words(page.body)
    assert "2" not in {words(node) for node in page.css(".document-head .hit-meta span")}


PAGES = ("", "/access", "/withdraw", "/purge", "/preview", "/preview/pages/1")


@pytest.mark.parametrize("state", list(State))
def test_of_another_s_document_no_address_exists(hub: Hub, people: Cast, state: State) -> None:
    document = put_in(hub, people, state)
    addresses = [f"/review/{document.id}{page}" for page in PAGES]
    addresses.append(f"/review/{document.id}/files/{document.files[0].sha256}")
    stranger, nobody = _browser(hub, people.stranger), client_of(hub)
    token = one(get(stranger, "/review"), "input[name=csrf_token]").attributes["value"]
    before = now(hub, document.id)
    for address in addresses:
        assert stranger.get(address).status_code == 404, address
        assert stranger.get(address.replace(document.id, "nosuchidid")).status_code == 404
        assert stranger.get(address.replace(document.id, "%00")).status_code == 404
        assert nobody.get(address).status_code == 302
        if "preview" not in address and "files" not in address:
            sent = {"csrf_token": token, "edition": document.edition, "action": "publish", "comment": "x"}
            more = {"readers": "public", "reason": "personal-data", "is_meant": "y", "decision": "withdraw"}
            assert stranger.post(address, data={**sent, **more}).status_code == 404, address
    assert now(hub, document.id) == before


def test_the_version_is_named_on_the_page(hub: Hub, people: Cast) -> None:
    old, new = put_in(hub, people, State.PUBLISHED), put_in(hub, people, State.PUBLISHED, title="Edisi kedua")
    hidden = put_in(hub, people, State.PUBLISHED, title="Edisi ketiga", access=("org:bnpt",))
    with hub.catalogue.write() as session:
        relations.settle(session, new.id, old.id, Relation.NEW_VERSION, by="test")
        relations.settle(session, hidden.id, new.id, Relation.NEW_VERSION, by="test")
    public, member = client_of(hub), _browser(hub, people.colleague)
    assert "version 1 of 2" in words(one(get(public, f"/en/documents/{old.id}"), ".document-head"))
    assert "version 2 of 2" in words(one(get(public, f"/en/documents/{new.id}"), ".document-head"))
    page = get(member, f"/en/documents/{old.id}")
    assert "version 1 of 3" in words(one(page, ".document-head"))
    assert one(page, f".notice a[href='/en/documents/{hidden.id}']")
    assert f"/documents/{old.id}" in words(one(get(public, f"/documents/{old.id}"), ".citation"))
