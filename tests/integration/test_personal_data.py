"""What looks like personal data in the texts that contributors put in, and what they decide of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from holdings import arrivals, audit_search, documents, personal_data
from holdings.accounts import Account, Role
from holdings.model import Declared, Document, Page, PageUnit
from holdings.personal_data import FoundPlace, Judgement, Kind
from holdings.states import State
from holdings.tables_desk import PersonalDataRow
from indexer.hub import Hub
from ingest import work
from ingest.reading import put_in_place, read_again
from tests.people import make_account

TEXT = "Laporan kegiatan. Peserta: Sari, NIK 3173054507900001, HP 0812-3456-7890. Kantor: info@contoh.go.id. " + (
    "Pelatihan pencegahan ekstremisme bagi perangkat desa. " * 6
)


@pytest.fixture
def contributor(hub: Hub) -> Account:
    return make_account(hub, "Sari", roles={"bnpt": Role.CONTRIBUTOR})


def _put_in(hub: Hub, path: Path, account: Account | None) -> Document:
    path.write_text(TEXT, encoding="utf-8")
    declared = (
        Declared(state=State.DRAFT, space="bnpt", contributor=account.id, access=("public",)) if account else Declared()
    )
    with hub.catalogue.write() as session:
        ids = arrivals.receive(session, [(path.name, str(path), declared)])
    work.finish(hub, ids)
    with hub.catalogue.read() as session:
        document_id = arrivals.get(session, ids[0]).document_id
        assert document_id is not None
        return documents.get(session, document_id)


def _words(hub: Hub, document: Document, place: FoundPlace) -> str:
    page = next(page for page in hub.files.pages(document.text.sha256) if page.number == place.page)
    return page.text[place.start : place.end]


def test_what_a_contributor_puts_in_is_looked_through(hub: Hub, tmp_path: Path, contributor: Account) -> None:
    document = _put_in(hub, tmp_path / "laporan.txt", contributor)
    with hub.catalogue.read() as session:
        found = personal_data.places(session, document)
        assert personal_data.asks_for_decision(session, document)
    assert [(place.kind, _words(hub, document, place)) for place in found] == [
        (Kind.NIK, "3173054507900001"),
        (Kind.PHONE, "0812-3456-7890"),
        (Kind.OFFICE_EMAIL, "info@contoh.go.id"),
    ]


def test_what_comes_by_the_command_line_is_not(hub: Hub, tmp_path: Path) -> None:
    document = _put_in(hub, tmp_path / "laporan.txt", None)
    with hub.catalogue.read() as session:
        assert personal_data.places(session, document) == []
        assert session.scalar(select(func.count()).select_from(PersonalDataRow)) == 0


def test_a_decision_is_on_record_without_the_data(hub: Hub, tmp_path: Path, contributor: Account) -> None:
    document = _put_in(hub, tmp_path / "laporan.txt", contributor)
    with hub.catalogue.write() as session:
        personal_data.decide(session, document, contributor, Judgement.NOT_PERSONAL)
        personal_data.decide(session, document, contributor, Judgement.MAY_BE_READ, "Sari agreed in writing")
    with hub.catalogue.read() as session:
        decided = personal_data.decision(session, document)
        assert not personal_data.asks_for_decision(session, document)
        entry = audit_search.last_of(session, "personal-data.decide")
    assert decided is not None
    assert entry is not None
    assert (decided.judgement, decided.account_id) == (Judgement.MAY_BE_READ, contributor.id)
    assert decided.counts == {"nik": 1, "phone": 1, "office-email": 1}
    assert (entry.actor, entry.subject_id) == (contributor.pseudonym, document.id)
    assert "Sari" not in str(entry.details)


def test_a_text_in_the_place_of_another_is_looked_through_and_asks_anew(
    hub: Hub, tmp_path: Path, contributor: Account
) -> None:
    document = _put_in(hub, tmp_path / "laporan.txt", contributor)
    with hub.catalogue.write() as session:
        personal_data.decide(session, document, contributor, Judgement.NOT_PERSONAL)
    with hub.files.text_writer() as writer:
        writer.add(Page(1, PageUnit.PAGE, "Kosong. "))
        writer.add(Page(2, PageUnit.PAGE, "NPWP 01.234.567.8-901.000. " + TEXT))
        stored = writer.finish(reader="another", truncated=(), file_sha256=document.files[0].sha256)
    assert put_in_place(hub, document.text.sha256, stored, read_again(hub, stored.text)) == [document.id]
    with hub.catalogue.read() as session:
        document = documents.get(session, document.id)
        found = personal_data.places(session, document)
        assert personal_data.decision(session, document) is None
        assert personal_data.asks_for_decision(session, document)
    assert [(place.kind, place.page) for place in found][:2] == [(Kind.NPWP, 2), (Kind.NIK, 2)]
