"""Taking a record a step further: what a step leaves behind, what is refused, and two who decide at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from desk.looking import look
from desk.reviewing import change_access, take
from holdings import documents, reviews
from holdings.access import Access, Viewer
from holdings.accounts import Account, HubRole, Role
from holdings.errors import (
    CatalogueUnavailableError,
    ChangedMeanwhileError,
    HubError,
    IncompleteError,
    NotAllowedError,
    UnknownIdError,
    UsageError,
    WithdrawnError,
)
from holdings.model import Document, DocumentField, Source, Statement
from holdings.reasons import Reason
from holdings.reviews import Withdrawal
from holdings.settings import Settings, load_settings
from holdings.states import State
from holdings.tables_desk import ReviewRow
from holdings.workflow import Action
from indexer.hub import Hub, initialise, open_hub
from indexer.reading import read_document
from tests.fixtures_services import require
from tests.integration.site_pages import client_of, get
from tests.making import record_document
from tests.people import make_account, sign_in
from tests.review_cast import Cast, audited, make_cast, now, put_in, told
from tests.services.postgresql import PostgresqlServer, fresh_database


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Hub]:
    """A hub on either database, for what goes by its locks."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
        settings = load_settings(None, {"IKHUB_DATA": str(settings.data), "IKHUB_HOLDINGS__DATABASE_URL": url})
    initialise(settings)
    with open_hub(settings) as opened:
        yield opened


@pytest.fixture
def people(hub: Hub) -> Cast:
    return make_cast(hub)


def _described(hub: Hub, people: Cast, **fields: str) -> Document:
    by = people.contributor.id
    made = record_document(hub, "Laporan", keeper="org:bnpt", state=State.DRAFT, contributor=by, **fields)  # type: ignore[arg-type]
    return now(hub, made)


def test_the_whole_way(either: Hub) -> None:
    """Each step changes the state, and leaves a review, an entry of the audit log, and notices to whom it concerns."""
    hub, people = either, make_cast(either)
    document = _described(hub, people, kind="report", date="2024")
    steps: list[tuple[Account, Action, str, State, list[Account]]] = [
        (people.contributor, Action.SUBMIT, "", State.SUBMITTED, [people.editor, people.other_editor]),
        (people.editor, Action.RETURN, "Tanggalnya salah.", State.RETURNED, [people.contributor]),
        (people.contributor, Action.COMMENT, "Sudah.", State.RETURNED, [people.editor, people.other_editor]),
        (people.contributor, Action.SUBMIT, "", State.SUBMITTED, [people.editor, people.other_editor]),
        (people.curator, Action.PUBLISH, "", State.PUBLISHED, [people.contributor]),
        (people.other_editor, Action.WITHDRAW, "Keliru.", State.WITHDRAWN, [people.contributor]),
        (people.curator, Action.REINSTATE, "", State.PUBLISHED, [people.contributor]),
    ]
    for number, (by, action, comment, to, concerned) in enumerate(steps, 1):
        before = document
        document = take(hub, by, document.id, action, edition=before.edition, comment=comment)
        assert document.state is to
        assert document == now(hub, document.id)
        with hub.catalogue.read() as session:
            done = reviews.history(session, document.id)
        assert len(done) == number
        last = done[-1]
        assert (last.account_id, last.action, last.comment) == (by.id, action, comment)
        assert (last.from_state, last.to_state) == (before.state, to)
        actor, entry, details = audited(hub, document.id)[-1]
        assert (actor, entry) == (by.pseudonym, f"document.{action.value}")
        assert (details["from"], details["to"]) == (before.state.value, to.value)
        assert {name for name, _ in told(hub, document.id)[-len(concerned) :]} == {account.id for account in concerned}
        assert {kind for _, kind in told(hub, document.id)[-len(concerned) :]} == {f"document-{action.value}"}
    assert document.published_at is not None


def test_the_audit_log_names_nobody(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people)
    take(hub, people.editor, document.id, Action.RETURN, edition=document.edition, comment="Tanya Citra dulu")
    assert "Citra" not in json.dumps(audited(hub, document.id))


@pytest.mark.parametrize("who", ["stranger", "administrator"])
@pytest.mark.parametrize("action", [Action.PUBLISH, Action.RETURN, Action.COMMENT, Action.WITHDRAW, Action.DISCARD])
def test_for_whom_it_does_not_concern_it_does_not_exist(hub: Hub, people: Cast, who: str, action: Action) -> None:
    document = put_in(hub, people)
    account = getattr(people, who)
    with pytest.raises(UnknownIdError):
        look(hub, account, document.id)
    for edition in (document.edition, "0.0"):
        with pytest.raises(UnknownIdError):
            take(hub, account, document.id, action, edition=edition, comment="x")
    assert now(hub, document.id) == document


def test_who_may_look_is_refused_in_words(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people)
    for who in (people.colleague, people.contributor):
        with pytest.raises(NotAllowedError):
            take(hub, who, document.id, Action.PUBLISH, edition=document.edition)
    assert now(hub, document.id).state is State.SUBMITTED


def test_returning_needs_a_comment(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people)
    with pytest.raises(UsageError):
        take(hub, people.editor, document.id, Action.RETURN, edition=document.edition, comment="  ")
    assert now(hub, document.id) == document


def test_what_lacks_a_title_a_kind_or_a_date_is_submitted_by_nobody_but_the_command_line(
    hub: Hub, people: Cast
) -> None:
    document = _described(hub, people, kind="report")
    declared = Statement(DocumentField.TITLE, "", Source.DECLARED)
    with hub.catalogue.write() as session:
        documents.state(session, document.id, [DocumentField.TITLE], [declared])
    document = now(hub, document.id)
    for who in (people.contributor, people.editor):
        with pytest.raises(IncompleteError) as refused:
            take(hub, who, document.id, Action.SUBMIT, edition=document.edition)
        assert refused.value.missing == ("title", "date")
    assert now(hub, document.id) == document
    submitted = take(hub, None, document.id, Action.SUBMIT, edition=document.edition)
    published = take(hub, people.editor, document.id, Action.PUBLISH, edition=submitted.edition)
    assert published.state is State.PUBLISHED, "who reviews decides of what was submitted"


def test_the_command_line_takes_what_the_state_allows(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, State.SUBMITTED, keeper=None)
    published = take(hub, None, document.id, Action.PUBLISH, edition=document.edition)
    assert published.state is State.PUBLISHED
    with pytest.raises(NotAllowedError):
        take(hub, None, document.id, Action.PUBLISH, edition=published.edition)
    assert audited(hub, document.id)[-1][0] == "command-line"


def test_what_no_space_keeps_is_told_to_the_curators(hub: Hub, people: Cast) -> None:
    for keeper in (None, "org:undp"):
        document = put_in(hub, people, State.DRAFT, keeper=keeper)
        take(hub, None, document.id, Action.SUBMIT, edition=document.edition)
        assert told(hub, document.id) == [(people.curator.id, "document-submit")]


def test_a_comment_is_told_only_to_those_whom_the_document_concerns(hub: Hub) -> None:
    curator = make_account(hub, "Kurator", hub_role=HubRole.CURATOR)
    alone = make_account(hub, "Uli", roles={"undp": Role.CONTRIBUTOR})
    document_id = record_document(
        hub, "Konsep", keeper="org:undp", state=State.DRAFT, contributor=alone.id, kind="report", date="2026"
    )
    take(hub, alone, document_id, Action.COMMENT, edition=now(hub, document_id).edition, comment="Sebentar.")
    assert told(hub, document_id) == [], "the space has no editors, and drafts do not concern the curators"
    take(hub, alone, document_id, Action.SUBMIT, edition=now(hub, document_id).edition)
    take(hub, alone, document_id, Action.COMMENT, edition=now(hub, document_id).edition, comment="Silakan.")
    assert told(hub, document_id) == [(curator.id, "document-submit"), (curator.id, "document-comment")]


def test_a_contributor_who_left_is_not_told(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, keeper="org:fkpt")
    take(hub, people.curator, document.id, Action.PUBLISH, edition=document.edition)
    assert told(hub, document.id) == []


def test_a_draft_that_is_discarded_is_gone(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, State.DRAFT)
    assert take(hub, people.contributor, document.id, Action.DISCARD, edition=document.edition).removed_at is not None
    with pytest.raises(UnknownIdError):
        look(hub, people.contributor, document.id)
    with pytest.raises(UnknownIdError):
        take(hub, people.contributor, document.id, Action.SUBMIT, edition=document.edition)


def test_a_withdrawal_keeps_its_reason(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, State.PUBLISHED)
    take(
        hub,
        people.editor,
        document.id,
        Action.WITHDRAW,
        edition=document.edition,
        comment="Nomor telepon saksi.",
        withdrawal=Withdrawal(Reason.PERSONAL_DATA, "Versi yang diperbaiki menyusul.", hides_title=True),
    )
    with hub.catalogue.read() as session:
        said = reviews.withdrawal(session, document.id)
    assert (said.reason, said.note, said.hides_title) == (
        Reason.PERSONAL_DATA,
        "Versi yang diperbaiki menyusul.",
        True,
    )
    assert said.at is not None
    with pytest.raises(WithdrawnError):
        read_document(hub, document.id, Viewer())


def test_changing_access_of_what_is_published(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people, State.PUBLISHED)
    new = Access(frozenset({"org:bnpt"}), keeper="org:undp", state=State.DRAFT)
    changed = change_access(hub, people.editor, document.id, new, edition=document.edition)
    assert changed.access == Access(frozenset({"org:bnpt"}), keeper="org:bnpt", state=State.PUBLISHED)
    with pytest.raises(UnknownIdError):
        read_document(hub, document.id, Viewer())
    with pytest.raises(UsageError):
        change_access(hub, people.editor, document.id, Access(frozenset()), edition=changed.edition)
    with pytest.raises(NotAllowedError):
        change_access(hub, people.contributor, document.id, new, edition=changed.edition)
    assert [entry[1] for entry in audited(hub, document.id)] == ["document.change-access"]


def test_looking_by_privilege_is_on_record(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people)
    for who in (people.contributor, people.colleague, people.editor):
        assert look(hub, who, document.id) == document
    assert audited(hub, document.id) == []
    look(hub, people.curator, document.id)
    assert audited(hub, document.id) == [(people.curator.pseudonym, "document.look", {"state": "submitted"})]


@pytest.mark.parametrize("attempt", range(3))
def test_two_who_decide_at_once(either: Hub, attempt: int) -> None:
    """One decision is taken, the others are told that somebody else was faster; never two, never none."""
    hub, people = either, make_cast(either)
    document = put_in(hub, people)
    together = threading.Barrier(3)
    outcomes: dict[str, Document | HubError] = {}

    def decide(by: Account, action: Action) -> None:
        together.wait(timeout=10)
        try:
            outcomes[by.name] = take(hub, by, document.id, action, edition=document.edition, comment="Begini.")
        except HubError as error:
            outcomes[by.name] = error

    decisions = [
        (people.editor, Action.RETURN),
        (people.other_editor, Action.PUBLISH),
        (people.curator, Action.PUBLISH),
    ]
    threads = [threading.Thread(target=decide, args=decision) for decision in decisions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    done = [name for name, outcome in outcomes.items() if isinstance(outcome, Document)]
    late = [outcome for outcome in outcomes.values() if isinstance(outcome, HubError)]
    assert len(outcomes) == 3
    assert len(done) == 1, outcomes
    assert {type(error) for error in late} == {ChangedMeanwhileError}
    assert now(hub, document.id).state is (State.RETURNED if done == ["Eko"] else State.PUBLISHED)
    with hub.catalogue.read() as session:
        assert len(list(session.scalars(select(ReviewRow).where(ReviewRow.record_id == document.id)))) == 1
    assert len(audited(hub, document.id)) == 1


def test_what_happened_meanwhile_is_known(hub: Hub, people: Cast) -> None:
    document = put_in(hub, people)
    take(hub, people.editor, document.id, Action.RETURN, edition=document.edition, comment="Salah tanggal.")
    with pytest.raises(ChangedMeanwhileError):
        # What is returned does not concern a curator, who looked at it before, though.
        take(hub, people.curator, document.id, Action.PUBLISH, edition=document.edition)
    with hub.catalogue.read() as session:
        (since,) = reviews.since(session, document.id, document.edition)
    assert (since.account_id, since.action, since.comment) == (people.editor.id, Action.RETURN, "Salah tanggal.")


def test_a_database_that_goes_away_in_the_middle_of_a_step(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing half done: neither the state nor a notice; the same form does it when the database is back."""
    with require(PostgresqlServer) as server, fresh_database(server.url) as database:
        settings = load_settings(None, {"IKHUB_DATA": str(settings.data), "IKHUB_HOLDINGS__DATABASE_URL": database})
        initialise(settings)
        with open_hub(settings) as hub:
            people = make_cast(hub)
            document = put_in(hub, people)

            def stopped(*_args: object, **_details: object) -> None:
                server.stop()

            client = client_of(hub)
            sign_in(hub, client, people.editor)
            page = get(client, f"/review/{document.id}")
            hidden = {n.attributes["name"]: n.attributes.get("value") for n in page.css("main form input[type=hidden]")}
            sent = {**hidden, "action": "publish"}
            with monkeypatch.context() as patched:
                patched.setattr("desk.notices.tell", stopped)
                try:
                    answer = client.post(f"/review/{document.id}", data=sent)
                    assert answer.status_code == 503
                    assert answer.headers["Retry-After"]
                    with pytest.raises(CatalogueUnavailableError):
                        take(hub, people.curator, document.id, Action.PUBLISH, edition=document.edition)
                finally:
                    server.start()
            assert now(hub, document.id) == document
            assert told(hub, document.id) == []
            assert audited(hub, document.id) == []
            assert client.post(f"/review/{document.id}", data=sent).status_code == 302
            assert now(hub, document.id).state is State.PUBLISHED
