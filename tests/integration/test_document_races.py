"""Two who change one document at once, on both databases: each change counts, and the index is told of both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from holdings import documents, organisations, relations, succession
from holdings.access import PARTNERS
from holdings.database import Session
from holdings.relations import Relation
from holdings.settings import Settings
from holdings.states import State
from indexer.hub import Hub, initialise, open_hub
from ingest.editing import edit_document
from tests.making import record_document

BLOCKED_SECONDS = 0.5


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Hub]:
    """An empty hub on each kind of database."""
    if request.param == "postgresql":
        kept = settings.holdings.model_copy(update={"database_url": request.getfixturevalue("postgresql_url")})
        settings = settings.model_copy(update={"holdings": kept})
    initialise(settings)
    with open_hub(settings) as opened:
        yield opened


def while_another(hub: Hub, first: Callable[[Session], object], second: Callable[[], object]) -> None:
    """Have `second` begin while the transaction of `first` is open, and that commit a moment later."""
    thread = threading.Thread(target=second)
    with hub.catalogue.write() as session:
        first(session)
        session.flush()
        thread.start()
        thread.join(BLOCKED_SECONDS)
    thread.join()


def withdraw(session: Session, document_id: str) -> None:
    document = documents.held(session, document_id)
    documents.set_access(session, document_id, replace(document.access, state=State.WITHDRAWN))


def test_of_two_changes_of_access_both_raise_the_revision_and_neither_undoes_the_other(hub: Hub) -> None:
    document_id = record_document(hub, "Laporan")
    with hub.catalogue.read() as session:
        before = documents.get(session, document_id)
    until = datetime(2099, 1, 1, tzinfo=UTC)

    def embargo(session: Session) -> None:
        document = documents.held(session, document_id)
        documents.set_access(session, document_id, replace(document.access, embargo_until=until))

    while_another(hub, embargo, lambda: edit_document(hub, document_id, [f"access={PARTNERS}"]))
    with hub.catalogue.read() as session:
        after = documents.get(session, document_id)
    assert after.access_revision == before.access_revision + 2
    assert after.access == replace(before.access, labels=frozenset({PARTNERS}), embargo_until=until)


def test_what_is_withdrawn_meanwhile_stays_withdrawn(hub: Hub) -> None:
    document_id = record_document(hub, "Laporan")
    while_another(
        hub,
        lambda session: withdraw(session, document_id),
        lambda: edit_document(hub, document_id, [f"access={PARTNERS}"]),
    )
    with hub.catalogue.read() as session:
        after = documents.get(session, document_id)
    assert (after.state, after.access.labels) == (State.WITHDRAWN, frozenset({PARTNERS}))


def test_an_edit_beside_a_change_of_what_supersedes_it_is_not_forgotten(hub: Hub) -> None:
    older, newer = record_document(hub, "Laporan"), record_document(hub, "Laporan kedua")
    with hub.catalogue.write() as session:
        relations.settle(session, newer, older, Relation.NEW_VERSION, by="test")
    with hub.catalogue.read() as session:
        before = documents.get(session, older).revision
    while_another(
        hub,
        lambda session: withdraw(session, newer),
        lambda: edit_document(hub, older, ["title=Laporan pertama"]),
    )
    with hub.catalogue.read() as session:
        assert documents.get(session, older).revision == before + 2


def test_a_merger_beside_a_change_of_access_waits_for_it(hub: Hub) -> None:
    with hub.catalogue.write() as session:
        organisations.ensure(session, ["bnpt", "komnas-ham"], hub.vocabularies)
    document_id = record_document(hub, "Laporan", keeper="bnpt")

    def merge() -> None:
        with hub.catalogue.write() as session:
            succession.merge(session, "bnpt", "komnas-ham", by="test")

    thread = threading.Thread(target=merge)
    with hub.catalogue.write() as session:
        document = documents.held(session, document_id)
        thread.start()
        thread.join(BLOCKED_SECONDS)
        documents.set_access(session, document_id, replace(document.access, labels=frozenset({PARTNERS})))
    thread.join()
    with hub.catalogue.read() as session:
        after = documents.get(session, document_id)
    assert (after.access.keeper, after.access.labels) == ("org:komnas-ham", frozenset({PARTNERS}))
