"""The pages of those who run the hub: what they show, what they change, and that nobody else sees them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from app.members.administration.file_words import reason_words
from desk import auditing, letters
from desk.searches import STOPPED
from desk.sending import ABANDONED, NO_LONGER_THEIRS
from holdings import accounts, arrivals, audit, audit_search, documents, invitations, mails, organisations
from holdings.accounts import Account, AccountStatus, HubRole, Role
from holdings.audit import COMMAND_LINE, Entry
from holdings.audit_search import Wanted
from holdings.backup.restoring import _HELD_BACK
from holdings.errors import FileError, FileOutcome
from holdings.mails import MailState
from holdings.model import Declared, FailureReport
from indexer.hub import Hub
from indexer.synchronise import synchronise
from ingest import work
from tests.integration.site_pages import client_of, get, one, words
from tests.making import record_document
from tests.people import make_account, sign_in

PAGES = (
    "/administration",
    "/administration/people",
    "/administration/invite",
    "/administration/files",
    "/administration/index",
    "/administration/mail",
    "/administration/audit",
)


@pytest.fixture
def admin(hub: Hub) -> Account:
    return make_account(hub, "Dewi Lestari", hub_role=HubRole.ADMINISTRATOR)


@pytest.fixture
def client(hub: Hub, admin: Account) -> FlaskClient:
    """A browser in which an administrator is signed in."""
    browser = client_of(hub)
    sign_in(hub, browser, admin)
    return browser


@pytest.fixture
def post(client: FlaskClient) -> Callable[..., str]:
    """Send a form as the administrator, with the token of the hub's forms, and return the page that follows."""

    def post(address: str, status: int = 200, **fields: object) -> str:
        token = form_token(client)
        response = client.post(address, data={"csrf_token": token, **fields}, follow_redirects=True)
        assert response.status_code == status, response.text
        return " ".join(response.text.split())

    return post


def form_token(client: FlaskClient) -> str:
    """Return the token of the hub's forms in the browser of the test."""
    return get(client, "/administration/invite").css("input[name=csrf_token]")[0].attributes["value"] or ""


def log(hub: Hub, **conditions: str) -> list[Entry]:
    with hub.catalogue.read() as session:
        return audit_search.newest(session, Wanted(**conditions), limit=100)  # type: ignore[arg-type]


def account(hub: Hub, account_id: str) -> Account:
    with hub.catalogue.read() as session:
        return accounts.get(session, account_id)


def person_page(who: Account) -> str:
    return f"/administration/people/{who.id}"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["", "/en"])
def test_an_empty_hub_is_administered_too(client: FlaskClient, page: str, language: str) -> None:
    shown = get(client, language + page)
    assert len(shown.css("h1")) == 1
    assert len(shown.css(".tabs a[aria-current=page]")) == 1


@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_sees_the_administration(hub: Hub, page: str) -> None:
    for name, role, roles in (
        ("Kurator", HubRole.CURATOR, {}),
        ("Penyunting", None, {"bnpt": Role.EDITOR}),
    ):
        browser = client_of(hub)
        sign_in(hub, browser, make_account(hub, name, hub_role=role, roles=roles))
        assert browser.get(page).status_code == 404
    stranger = client_of(hub).get(page)
    assert stranger.status_code == 302
    assert "/sign-in" in stranger.headers["Location"]


def test_the_overview_says_what_needs_attention(hub: Hub, client: FlaskClient, tmp_path: Path) -> None:
    broken = tmp_path / "rusak.pdf"
    broken.write_bytes(b"%PDF-1.7 no")
    work.finish(hub, work.receive(hub, [broken]))
    with hub.catalogue.write() as session:
        organisations.ensure(session, ["bnpt"], hub.vocabularies)
    record_document(hub, "Laporan", keeper="org:bnpt")
    shown = words(get(client, "/en/administration").css_first("main"))
    assert "1 file did not get into the hub" in shown
    assert "The audit log was never verified" in shown
    assert "nearly full" not in shown
    auditing.verify(hub, COMMAND_LINE)
    assert "never verified" not in words(get(client, "/en/administration").css_first("main"))


def test_what_nobody_can_do_anything_about_needs_no_attention(
    hub: Hub, client: FlaskClient, post: Callable[..., str], letter: str, tmp_path: Path
) -> None:
    empty = tmp_path / "kosong.txt"
    empty.write_bytes(b"")
    work.finish(hub, work.receive(hub, [empty]))
    shown = words(get(client, "/en/administration").css_first("main"))
    assert "1 letter did not go" in shown
    assert "did not get into the hub" not in shown
    post(f"/administration/mail/{letter}/give-up", reason="left the organisation")
    assert "did not go" not in words(get(client, "/en/administration").css_first("main"))


def test_people_are_found(hub: Hub, client: FlaskClient) -> None:
    make_account(hub, "Sari", roles={"bnpt": Role.EDITOR})
    make_account(hub, "Budi", roles={"bnpt": Role.PARTNER})
    for query, found in (
        ("", {"Sari", "Budi", "Dewi Lestari"}),
        ("q=sar", {"Sari"}),
        ("q=budi%40example", {"Budi"}),
        ("q=bnpt", {"Sari", "Budi"}),
        ("role=editor", {"Sari"}),
        ("role=administrator", {"Dewi Lestari"}),
        ("status=suspended", set()),
        ("q=bnpt&role=partner&status=active", {"Budi"}),
    ):
        shown = get(client, f"/administration/people?{query}").css("table.list tbody td:first-child a")
        assert {words(link) for link in shown} == found, query


def test_somebody_is_invited_and_the_invitation_looked_after(
    hub: Hub, client: FlaskClient, post: Callable[..., str]
) -> None:
    make_account(hub, "Sari", roles={"bnpt": Role.EDITOR})
    fields = {"email": "baru@example.org", "role": "contributor", "organisation": "bnpt", "language": "en"}
    assert "baru@example.org" in post("/en/administration/invite", **fields)
    with hub.catalogue.read() as session:
        (first,) = invitations.all_open(session)
    post(f"/administration/invitations/{first.id}/again")
    with hub.catalogue.read() as session:
        (second,) = invitations.all_open(session)
    assert (second.email, second.role, second.organisation_id, second.language) == (
        "baru@example.org",
        Role.CONTRIBUTOR,
        "bnpt",
        "en",
    )
    assert second.id != first.id
    post(f"/administration/invitations/{second.id}/revoke")
    with hub.catalogue.read() as session:
        assert invitations.all_open(session) == []
    assert "sudah" in post(f"/administration/invitations/{second.id}/revoke")
    post("/administration/invitations/none/revoke", 404)
    assert [entry.action for entry in log(hub, subject_type="invitation")] == [
        "invitation.revoke",
        "invitation.send",
        "invitation.send",
    ]


@pytest.mark.parametrize(
    ("role", "organisation"), [("contributor", ""), ("curator", "bnpt"), ("king", ""), ("editor", "none")]
)
def test_an_invitation_that_cannot_be_is_refused(
    hub: Hub, post: Callable[..., str], role: str, organisation: str
) -> None:
    make_account(hub, "Sari", roles={"bnpt": Role.EDITOR})
    fields = {"email": "baru@example.org", "role": role, "organisation": organisation, "language": "id"}
    assert "field-wrong" in post("/administration/invite", **fields)
    with hub.catalogue.read() as session:
        assert invitations.all_open(session) == []


def edition(client: FlaskClient, who: Account) -> str:
    return one(get(client, person_page(who)), "input[name=edition]").attributes["value"] or ""


def test_roles_are_changed_and_the_change_is_on_record(hub: Hub, client: FlaskClient, post: Callable[..., str]) -> None:
    sari = make_account(hub, "Sari", roles={"bnpt": Role.EDITOR, "wahid-foundation": Role.PARTNER})
    opened = edition(client, sari)
    fields = {"edition": opened, "hub_role": "curator", "role-bnpt": "", "role-wahid-foundation": "contributor"}
    post(f"{person_page(sari)}/roles", **fields)
    changed = account(hub, sari.id)
    assert (changed.hub_role, changed.roles) == (HubRole.CURATOR, {"wahid-foundation": Role.CONTRIBUTOR})
    assert len(log(hub, subject_id=sari.id)) == 3
    # The form was open in another window meanwhile.
    assert "Orang lain" in post(f"{person_page(sari)}/roles", **(fields | {"hub_role": "administrator"}))
    assert account(hub, sari.id).hub_role is HubRole.CURATOR
    fields = {"edition": edition(client, sari), "hub_role": "", "organisation": "bnpt", "role": "partner"}
    post(f"{person_page(sari)}/roles", **fields)
    assert account(hub, sari.id).roles == {"bnpt": Role.PARTNER}


def test_a_role_that_does_not_exist_is_refused(hub: Hub, client: FlaskClient, post: Callable[..., str]) -> None:
    sari = make_account(hub, "Sari", roles={"bnpt": Role.EDITOR})
    opened = {"edition": edition(client, sari)}
    post(f"{person_page(sari)}/roles", 400, **opened, hub_role="king")
    post(f"{person_page(sari)}/roles", 404, **opened, organisation="none", role="editor")
    assert account(hub, sari.id).roles == {"bnpt": Role.EDITOR}


def test_the_last_administrator_stays(hub: Hub, client: FlaskClient, post: Callable[..., str], admin: Account) -> None:
    shown = post(f"{person_page(admin)}/roles", edition=edition(client, admin), hub_role="")
    assert "administrator" in shown
    post(f"{person_page(admin)}/suspend", 403)
    post(f"{person_page(admin)}/erase", email=admin.email)
    assert account(hub, admin.id).hub_role is HubRole.ADMINISTRATOR
    other = make_account(hub, "Lain", hub_role=HubRole.ADMINISTRATOR)
    post(f"{person_page(other)}/roles", edition=edition(client, other), hub_role="")
    assert account(hub, other.id).hub_role is None


def test_a_person_is_suspended_at_once_and_restored(hub: Hub, post: Callable[..., str]) -> None:
    sari = make_account(hub, "Sari", roles={"bnpt": Role.EDITOR})
    browser = client_of(hub)
    sign_in(hub, browser, sari)
    assert browser.get("/account").status_code == 200
    post(f"{person_page(sari)}/suspend")
    assert browser.get("/account").status_code == 302
    assert account(hub, sari.id).status is AccountStatus.SUSPENDED
    post(f"{person_page(sari)}/restore")
    assert account(hub, sari.id).status is AccountStatus.ACTIVE
    assert [entry.action for entry in log(hub, subject_id=sari.id)] == ["account.restore", "account.suspend"]


def test_a_person_is_signed_out_everywhere(hub: Hub, post: Callable[..., str]) -> None:
    sari = make_account(hub, "Sari", roles={"bnpt": Role.EDITOR})
    browser = client_of(hub)
    sign_in(hub, browser, sari)
    post(f"{person_page(sari)}/end-sessions")
    assert browser.get("/account").status_code == 302


def test_a_lost_second_factor_is_taken_away_and_the_person_told(hub: Hub, post: Callable[..., str]) -> None:
    kurator = make_account(hub, "Kurator", hub_role=HubRole.CURATOR)
    post(f"{person_page(kurator)}/second-factor")
    assert not account(hub, kurator.id).has_second_factor
    with hub.catalogue.read() as session:
        (letter,) = mails.listed(session, MailState.WAITING)
    assert letter.address == kurator.email
    assert "Administrator hub telah mencabut faktor kedua" in letter.text
    assert [entry.action for entry in log(hub, subject_id=kurator.id)] == ["account.take-second-factor"]


def test_what_the_hub_holds_on_a_person_is_exported_and_erased(
    hub: Hub, client: FlaskClient, post: Callable[..., str]
) -> None:
    sari = make_account(hub, "Sari", roles={"bnpt": Role.EDITOR})
    token = form_token(client)
    exported = client.post(f"{person_page(sari)}/export", data={"csrf_token": token})
    assert "attachment" in exported.headers["Content-Disposition"]
    assert sari.email in json.dumps(exported.json)
    post(f"{person_page(sari)}/erase", email="another@example.org")
    assert account(hub, sari.id).status is AccountStatus.ACTIVE
    post(f"{person_page(sari)}/erase", email=f" {sari.email.upper()} ")
    assert account(hub, sari.id).status is AccountStatus.ERASED
    get(client, person_page(sari), 404)
    assert [e.action for e in log(hub, subject_id=sari.id)] == ["account.erase", "account.export"]


def test_who_did_what_is_seen_by_pseudonym_and_a_name_costs_an_entry(
    hub: Hub, client: FlaskClient, post: Callable[..., str]
) -> None:
    sari = make_account(hub, "Sari", roles={"bnpt": Role.EDITOR})
    with hub.catalogue.write() as session:
        audit.append(session, sari, "document.publish", "document", "d1", **{"from": "submitted"})
    page = f"/en/administration/audit?actor={sari.pseudonym}"
    shown = words(get(client, page).css_first("main"))
    assert "Published the document document.publish" in shown
    assert "Sari" not in shown
    indonesian = words(get(client, page.removeprefix("/en")).css_first("main"))
    assert "Menerbitkan dokumen document.publish" in indonesian
    assert "is Sari, sari@example.org" in post("/en/administration/audit/actor", actor=sari.pseudonym)
    assert log(hub, action=auditing.NAMED)[0].subject_id == sari.id
    assert "document.publish" in post(f"/en{person_page(sari)}/log")
    assert len(log(hub, action=auditing.NAMED)) == 2
    post("/administration/audit/actor", 404, actor="p-nobody")
    post(f"{person_page(sari)}/erase", email=sari.email)
    erased = post("/en/administration/audit/actor", actor=sari.pseudonym)
    assert "was erased" in erased
    assert "sari@example.org" not in erased


def test_the_log_is_filtered_and_comes_in_pages(hub: Hub, client: FlaskClient) -> None:
    with hub.catalogue.write() as session:
        for number in range(120):
            audit.append(session, COMMAND_LINE, "edit" if number % 2 else "remove", "document", f"d{number}")

    def rows(address: str) -> list[str]:
        return [words(cell) for cell in get(client, address).css("table.audit tbody td:first-child")]

    seen = rows("/administration/audit")
    assert seen == [str(number) for number in range(120, 70, -1)]
    older = one(get(client, "/administration/audit"), "a[href*=before]").attributes["href"]
    assert rows(older or "") == [str(number) for number in range(70, 20, -1)]
    assert len(rows("/administration/audit?action=edit&before=21")) == 10
    assert rows("/administration/audit?subject_id=d7") == ["8"]
    today = datetime.now(hub.settings.app.zone).date().isoformat()
    assert len(rows(f"/administration/audit?since={today}&until={today}")) == 50
    assert rows("/administration/audit?until=2020-01-01") == []
    get(client, "/administration/audit?since=yesterday", 400)
    get(client, "/administration/audit?actor=%00&subject_id=%27%3Cscript%3E")


def test_the_log_is_verified_and_exported_on_record(
    hub: Hub, client: FlaskClient, post: Callable[..., str], admin: Account
) -> None:
    with hub.catalogue.write() as session:
        audit.append(session, COMMAND_LINE, "edit", "document", "d1")
        audit.append(session, COMMAND_LINE, "remove", "document", "d2")
    assert "All entries fit: 2" in post("/en/administration/audit/verify")
    assert admin.pseudonym in words(get(client, "/en/administration/audit").css_first("main"))
    token = form_token(client)
    asked = {"csrf_token": token, "form": "json", "action": "edit"}
    lines = client.post("/administration/audit/export", data=asked).text.splitlines()
    assert [json.loads(line)["subject_id"] for line in lines] == ["d1"]
    (entry,) = log(hub, action=auditing.EXPORTED)
    assert entry.details == {"form": "json", "wanted": {"action": "edit"}}
    csv = client.post("/administration/audit/export", data={"csrf_token": token})
    assert csv.mimetype == "text/csv"
    assert len(csv.text.splitlines()) == 6


@pytest.fixture
def broken(hub: Hub, tmp_path: Path) -> list[int]:
    """Arrivals that failed or were rejected: a damaged PDF that is kept, and an empty file that is gone."""
    damaged, empty = tmp_path / "rusak.pdf", tmp_path / "kosong.txt"
    damaged.write_bytes(b"%PDF-1.7 no")
    empty.touch()
    ids = work.receive(hub, [damaged, empty])
    work.finish(hub, ids)
    empty.unlink()
    return ids


def test_failed_files_are_listed_with_their_receipts(hub: Hub, client: FlaskClient, broken: list[int]) -> None:
    shown = get(client, "/en/administration/files")
    assert {Path(words(label)).name for label in shown.css("label.card-title")} == {"rusak.pdf", "kosong.txt"}
    assert {box.attributes["value"] for box in shown.css("input[name=file]:not([disabled])")} == {str(broken[0])}
    only = get(client, "/en/administration/files?code=empty")
    assert [Path(words(label)).name for label in only.css("label.card-title")] == ["kosong.txt"]
    receipt = words(get(client, f"/en/administration/files/{broken[1]}").css_first("main"))
    assert "The file is empty" in receipt
    get(client, "/administration/files/999999", 404)


@contextmanager
def counted_questions() -> Iterator[list[str]]:
    """Collect what is asked of databases meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def file_codes(kind: type[FileError] = FileError) -> set[str]:
    """Return every code that the receipt of a file can have."""
    return {code for below in kind.__subclasses__() for code in file_codes(below)} or {kind.code}


def test_failed_files_come_in_pages_each_of_few_questions(hub: Hub, client: FlaskClient) -> None:
    gone = FailureReport("not_found", "The file is gone", "Add it again.")
    with hub.catalogue.write() as session:
        files = [(f"{number:03}.pdf", f"/nowhere/{number}.pdf", Declared()) for number in range(120)]
        for arrival_id in arrivals.receive(session, files):
            arrivals.finish(session, arrival_id, FileOutcome.FAILED, seconds=0, error=gone)

    def names(address: str) -> list[str]:
        return [words(label) for label in get(client, address).css("label.card-title")]

    with counted_questions() as asked:
        first = names("/administration/files")
    assert first == [f"{number:03}.pdf" for number in range(119, 69, -1)]
    assert len(asked) < 40, "not one for each file"
    page = get(client, "/administration/files?code=not_found&page=2")
    assert [words(label) for label in page.css("label.card-title")][-1] == "020.pdf"
    assert [link.attributes["href"] for link in page.css("main a[href*='page=']")] == [
        "/administration/files?code=not_found&page=1",
        "/administration/files?code=not_found&page=3",
    ]
    assert len(names("/administration/files?page=3")) == 20
    assert names("/administration/files?page=4") == []
    assert "Berkas sudah tidak ada" in words(one(page, "#code option[selected]"))


def test_every_reason_has_words_of_its_own(client: FlaskClient) -> None:
    codes = sorted(file_codes())
    assert {"empty", "internal", "ocr_unavailable", "purged"} <= set(codes)
    with client.application.test_request_context("/"):
        assert len({reason_words(code) for code in [*codes, "no such code"]}) == len(codes) + 1


def test_failed_files_are_tried_again_by_the_workers_not_by_the_site(
    hub: Hub, client: FlaskClient, post: Callable[..., str], broken: list[int], admin: Account
) -> None:
    with hub.catalogue.read() as session:
        before = len(arrivals.all_ids(session))
    assert "1 file is tried again" in post("/en/administration/files/retry", file=str(broken[0]))
    with hub.catalogue.read() as session:
        (waiting,) = arrivals.unfinished(session)
        assert len(arrivals.all_ids(session)) == before + 1
    assert waiting not in broken
    (entry,) = log(hub, action="file.retry")
    assert (entry.actor, entry.subject_id) == (admin.pseudonym, str(broken[0]))
    assert "meanwhile" in post("/en/administration/files/retry", file=str(broken[0]))
    assert "never kept" in post("/en/administration/files/retry", file=str(broken[1]))
    assert "Choose the files" in post("/en/administration/files/retry")


def test_a_file_of_a_contributor_says_whose_it_is(hub: Hub, client: FlaskClient) -> None:
    sari = make_account(hub, "Sari", roles={"bnpt": Role.CONTRIBUTOR})
    with hub.catalogue.write() as session:
        declared = Declared(contributor=sari.id, space="bnpt")
        (arrival_id,) = arrivals.receive(session, [("laporan.pdf", "uploads/none.pdf", declared)])
    work.run(hub)
    assert "put in by Sari" in words(get(client, "/en/administration/files").css_first("main"))
    get(client, f"/administration/files/{arrival_id}")
    assert log(hub, action="file.look")[0].subject_id == str(arrival_id)


def facts(client: FlaskClient) -> dict[str, str]:
    """Return what the page of the index says, by name."""
    shown = get(client, "/en/administration/index")
    return {words(name): words(value) for name, value in zip(shown.css("dt"), shown.css("dd"), strict=True)}


def test_the_index_says_how_it_stands(hub: Hub, client: FlaskClient, post: Callable[..., str]) -> None:
    document_id = record_document(hub, "Laporan")
    assert facts(client)["Generation"] == "none yet"
    synchronise(hub)
    assert facts(client)["Waiting to be written or taken out"] == "0"
    with hub.catalogue.write() as session:
        documents.remove(session, document_id)
    assert facts(client)["Waiting to be written or taken out"] == "1"
    assert facts(client)["Changes of access on the way"] == "1"
    post("/administration/index/synchronise")
    assert [entry.action for entry in log(hub, subject_type="index")] == ["index.synchronise"]


@pytest.fixture
def letter(hub: Hub, admin: Account) -> str:
    """A letter that did not go."""
    with hub.catalogue.write() as session:
        letters.write(
            session,
            hub.settings,
            "second-factor-off",
            address=admin.email,
            language="en",
            name=admin.name,
            link="http://127.0.0.1/x",
        )
        (waiting,) = mails.listed(session, MailState.WAITING)
        mails.note_refused(session, waiting.id, "550 no such mailbox", None)
    return waiting.id


def test_mail_that_did_not_go_is_sent_again(
    hub: Hub, client: FlaskClient, post: Callable[..., str], letter: str
) -> None:
    shown = words(get(client, "/en/administration/mail").css_first("main"))
    assert "550 no such mailbox" in shown
    post(f"/administration/mail/{letter}/again")
    with hub.catalogue.read() as session:
        assert mails.get(session, letter).state is MailState.WAITING
    post("/administration/mail/none/again", 404)
    assert [entry.details["state"] for entry in log(hub, subject_id=letter)] == ["failed"]


def test_mail_that_did_not_go_is_given_up_with_a_reason(
    hub: Hub, client: FlaskClient, post: Callable[..., str], letter: str
) -> None:
    assert "Say why" in post(f"/en/administration/mail/{letter}/give-up")
    post(f"/en/administration/mail/{letter}/give-up", reason="left the organisation")
    shown = words(get(client, "/en/administration/mail").css_first("main"))
    assert "left the organisation" in shown
    assert "its text is gone" in shown
    with hub.catalogue.read() as session:
        assert mails.get(session, letter).text == ""


def test_mail_of_which_nobody_knows_whether_it_went_is_told_apart(hub: Hub, client: FlaskClient, letter: str) -> None:
    with hub.catalogue.write() as session:
        mails.send_again(session, letter, datetime.now(UTC))
        mails.begin(session, letter, datetime.now(UTC))
        mails.note_unknown(session, letter, "the connection broke")
    shown = words(get(client, "/en/administration/mail?state=unknown").css_first("main"))
    assert "the connection broke" in shown
    assert "may come twice" in shown


@pytest.mark.parametrize("error", [ABANDONED, NO_LONGER_THEIRS, STOPPED, _HELD_BACK])
def test_what_the_hub_says_of_a_letter_is_in_the_language_of_the_page(
    hub: Hub, client: FlaskClient, letter: str, error: str
) -> None:
    with hub.catalogue.write() as session:
        mails.note_refused(session, letter, error, None)
    assert error not in words(get(client, "/administration/mail").css_first("main"))
    assert error in words(get(client, "/en/administration/mail").css_first("main"))


def test_what_a_mail_server_said_is_quoted(hub: Hub, client: FlaskClient, letter: str) -> None:
    with hub.catalogue.write() as session:
        mails.note_refused(session, letter, "The mail server answers 550 no such mailbox", None)
    assert "Server surel menjawab 550 no such mailbox" in words(get(client, "/administration/mail").css_first("main"))


def test_details_of_entries_are_in_the_language_of_the_page(hub: Hub, client: FlaskClient, admin: Account) -> None:
    with hub.catalogue.write() as session:
        audit.append(session, admin, "account.change-hub-role", "account", admin.id, role=HubRole.CURATOR)
        audit.append(session, admin, "account.sign-in", "account", admin.id, means="provider")
        audit.append(session, admin, "document.reinstate", "document", "d", **{"from": "withdrawn", "to": "published"})
        audit.append(session, admin, "review.list", "queue", "submitted", documents=["d1", "d2"])
    shown = words(get(client, "/administration/audit").css_first("table"))
    for said in ("Peran: Kurator hub", "Masuk dengan: Penyedia", "Sebelumnya: Ditarik", "antrean peninjauan Diajukan"):
        assert said in shown
    assert "submitted" not in shown


def test_every_change_needs_the_token_of_a_form(hub: Hub, client: FlaskClient) -> None:
    addresses = [
        re.sub("<[^>]+>", "1", rule.rule)
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/administration") and "POST" in (rule.methods or set())
    ]
    assert len(addresses) > 15
    for address in addresses:
        assert client.post(address).status_code == 400, address
