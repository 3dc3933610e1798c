"""What is put into a space: a document of its own, in the state and with the access that its contributor gave it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from holdings import arrivals, documents, relations
from holdings.access import Access, Viewer
from holdings.errors import FileOutcome, UnknownIdError, WithdrawnError
from holdings.model import Arrival, Declared
from holdings.relations import Relation
from holdings.states import State
from indexer.discover import discover
from indexer.hub import Hub
from indexer.model import SearchRequest
from indexer.synchronise import check, synchronise
from ingest import work
from tests.making import record_document
from tests.people import make_account

WORDS = "Laporan pelaksanaan rencana aksi daerah pencegahan ekstremisme di Kabupaten Poso. " * 12


def _put(hub: Hub, path: Path, declared: Declared) -> Arrival:
    with hub.catalogue.write() as session:
        ids = arrivals.receive(session, [(path.name, str(path), declared)])
    work.finish(hub, ids)
    with hub.catalogue.read() as session:
        return arrivals.get(session, ids[0])


def _found(hub: Hub, *labels: str) -> set[str]:
    return {hit.document_id for hit in discover(hub, SearchRequest(query="poso", viewer=Viewer.of(*labels))).hits}


def test_what_a_contributor_puts_in_is_a_draft_of_its_own(hub: Hub, tmp_path: Path) -> None:
    public = tmp_path / "umum.txt"
    public.write_text(WORDS, encoding="utf-8")
    there = _put(hub, public, Declared())
    account = make_account(hub)
    draft = Declared(access=("org:bnpt",), state=State.DRAFT, space="bnpt", contributor=account.id)
    copy = tmp_path / "salinan.txt"
    copy.write_bytes(public.read_bytes())
    receipt = _put(hub, copy, draft)
    assert receipt.outcome is FileOutcome.INGESTED
    assert receipt.document_id != there.document_id
    with hub.catalogue.read() as session:
        document = documents.get(session, str(receipt.document_id))
    assert (document.state, document.contributor_id, document.published_at) == (State.DRAFT, account.id, None)
    assert document.access.keeper == "org:bnpt"
    assert _found(hub, "org:bnpt") == {there.document_id}
    assert list(check(hub)) == []


def test_the_hub_says_that_a_draft_is_a_copy(hub: Hub, tmp_path: Path) -> None:
    receipts = []
    for name, declared in (("a", Declared()), ("b", Declared(state=State.DRAFT, space="bnpt", contributor="someone"))):
        path = tmp_path / f"{name}.txt"
        path.write_text(WORDS, encoding="utf-8")
        receipts.append(_put(hub, path, declared))
    with hub.catalogue.read() as session:
        (pair,) = relations.of_document(session, str(receipts[1].document_id))
    assert pair.relation is Relation.IDENTICAL


@pytest.mark.parametrize(
    ("access", "joins", "is_shown"),
    [(("public",), True, True), (("partners",), False, False), (("org:bnpt",), False, False)],
)
def test_other_bytes_with_the_same_words_join_only_what_they_may_be_shown_with(
    hub: Hub, tmp_path: Path, access: tuple[str, ...], joins: bool, is_shown: bool
) -> None:
    first, second = tmp_path / "umum.txt", tmp_path / "nama-rahasia.txt"
    first.write_text(WORDS, encoding="utf-8")
    second.write_text(f"\n\n{WORDS}", encoding="utf-8")
    there = _put(hub, first, Declared())
    receipt = _put(hub, second, Declared(access=access))
    assert (receipt.document_id == there.document_id) is joins
    with hub.catalogue.read() as session:
        names = {name for file in documents.get(session, str(there.document_id)).files for name in file.names}
    assert ("nama-rahasia.txt" in names) is is_shown


def test_the_same_bytes_for_fewer_join_without_telling_their_name(hub: Hub, tmp_path: Path) -> None:
    first, second = tmp_path / "umum.txt", tmp_path / "nama-rahasia.txt"
    for path in (first, second):
        path.write_text(WORDS, encoding="utf-8")
    there = _put(hub, first, Declared())
    receipt = _put(hub, second, Declared(access=("partners",)))
    assert (receipt.outcome, receipt.document_id) == (FileOutcome.DUPLICATE, there.document_id)
    with hub.catalogue.read() as session:
        (file,) = documents.get(session, str(there.document_id)).files
    assert file.names == ("umum.txt",)


def test_a_file_under_embargo_does_not_join_what_is_read_already(hub: Hub, tmp_path: Path) -> None:
    first, second = tmp_path / "umum.txt", tmp_path / "nanti.txt"
    first.write_text(WORDS, encoding="utf-8")
    second.write_text(f"{WORDS}\n", encoding="utf-8")
    there = _put(hub, first, Declared())
    receipt = _put(hub, second, Declared(embargo_until=datetime.now(UTC) + timedelta(days=1)))
    assert receipt.document_id != there.document_id


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.RETURNED, State.WITHDRAWN])
def test_only_what_is_published_is_read(hub: Hub, state: State) -> None:
    document_id = record_document(hub, "Poso", keeper="org:bnpt")
    synchronise(hub)
    assert _found(hub, "org:bnpt") == {document_id}
    with hub.catalogue.write() as session:
        access = documents.get(session, document_id).access
        documents.set_access(session, document_id, replace(access, state=state))
    # The index is behind: the change holds all the same.
    assert _found(hub, "org:bnpt") == set()
    with hub.catalogue.read() as session, pytest.raises((UnknownIdError, WithdrawnError)) as raised:
        documents.read(session, document_id, Viewer.of("org:bnpt"), datetime.now(UTC))
    assert isinstance(raised.value, WithdrawnError) is (state is State.WITHDRAWN)
    synchronise(hub)
    assert _found(hub, "org:bnpt") == set()
    assert list(check(hub)) == []
    with hub.catalogue.write() as session:
        documents.set_access(session, document_id, replace(access, state=State.PUBLISHED))
    synchronise(hub)
    assert _found(hub) == {document_id}


def test_a_tombstone_is_for_those_who_could_read(hub: Hub) -> None:
    document_id = record_document(hub, "Poso", access=["partners"])
    with hub.catalogue.write() as session:
        documents.set_access(session, document_id, Access(frozenset({"partners"}), state=State.WITHDRAWN))
    with hub.catalogue.read() as session:
        with pytest.raises(WithdrawnError):
            documents.read(session, document_id, Viewer.of("partners"), datetime.now(UTC))
        with pytest.raises(UnknownIdError):
            documents.read(session, document_id, Viewer(), datetime.now(UTC))
