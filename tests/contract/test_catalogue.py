"""The catalogue says the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

import holdings.database
from holdings import arrivals, documents, indexed, organisations, terms
from holdings.access import Access, Viewer
from holdings.database import SCHEMA_REVISION, Database
from holdings.errors import (
    CatalogueUnavailableError,
    ConfigurationError,
    FileOutcome,
    LockedError,
    NotInitialisedError,
    UnknownIdError,
)
from holdings.filestore import StoredText
from holdings.model import (
    Declared,
    DocumentField,
    Evidence,
    FailureReport,
    Source,
    Statement,
    StoredFile,
    Text,
)
from holdings.tables import Base
from holdings.vocabularies import load_vocabularies

PUBLIC = Access(frozenset({"public"}))
NOW = datetime(2026, 6, 1, tzinfo=UTC)
TEXT = Text(
    "a" * 64,
    pages=2,
    pages_without_text=1,
    characters=10,
    reader="test 1",
    truncated=("page 2: too long",),
    readers=(("test 1", 2),),
)
FILE = StoredFile("b" * 64, 10, "application/pdf", ("laporan.pdf",))
TITLE = Statement(DocumentField.TITLE, "Laporan", Source.INFERRED, 0.8, (Evidence(1, "LAPORAN"),))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"sqlite:///{tmp_path}/data/catalogue.sqlite3"


@pytest.fixture
def catalogue(url: str, tmp_path: Path) -> Iterator[Database]:
    database = Database(url, tmp_path / "data")
    database.upgrade()
    yield database
    database.close()


def _received(catalogue: Database, *locations: str, declared: Declared | None = None) -> list[int]:
    with catalogue.write() as session:
        return arrivals.receive(session, [(f"./{name}", f"/{name}", declared or Declared()) for name in locations])


def _recorded(catalogue: Database, *statements: Statement, access: Access = PUBLIC) -> str:
    """Take a file all the way into the catalogue and return its document."""
    (arrival,) = _received(catalogue, "laporan.pdf")
    with catalogue.write() as session:
        arrivals.note_stored(session, arrival, FILE)
        arrivals.note_text(session, arrival, StoredText(TEXT, "f" * 64))
        document = documents.add(session, statements=statements or (TITLE,), access=access, text=TEXT, file=FILE)
        arrivals.finish(session, arrival, FileOutcome.INGESTED, seconds=1.5, document_id=document)
    return document


def test_migrations_make_what_the_tables_declare(catalogue: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with catalogue._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert set(inspect(connection).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_the_revision_that_is_asked_for_is_the_newest() -> None:
    versions = sorted((Path(holdings.database.__file__).parent / "migrations" / "versions").glob("*.py"))
    assert versions[-1].stem.split("_")[0] == SCHEMA_REVISION


def test_a_catalogue_of_a_newer_version_is_left_alone(catalogue: Database) -> None:
    with catalogue.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="9999"):
        catalogue.upgrade()
    with pytest.raises(NotInitialisedError, match="9999"):
        catalogue.require_current()


def test_upgrading_twice_changes_nothing(catalogue: Database) -> None:
    document = _recorded(catalogue)
    catalogue.upgrade()
    catalogue.require_current()
    with catalogue.read() as session:
        assert documents.get(session, document).title == "Laporan"


def test_a_catalogue_that_was_not_made_is_said(url: str, tmp_path: Path) -> None:
    database = Database(url, tmp_path / "data")
    with pytest.raises(NotInitialisedError):
        database.require_current()
    database.close()


def test_a_document_comes_out_as_it_went_in(catalogue: Database) -> None:
    theme = Statement(DocumentField.THEME, "deradicalisation", Source.DECLARED)
    access = Access(frozenset({"partners", "org:bnpt"}), NOW + timedelta(days=1), "org:bnpt")
    document_id = _recorded(catalogue, TITLE, theme, access=access)
    with catalogue.read() as session:
        document = documents.get(session, document_id)
    assert document.statements == (TITLE, theme)
    assert document.access == access
    assert document.text == TEXT
    assert document.files == (FILE,)
    assert (document.revision, document.access_revision, document.work_id) == (1, 1, document_id)


def test_reading_needs_the_right(catalogue: Database) -> None:
    hidden = _recorded(catalogue, access=Access(frozenset({"partners"}), NOW + timedelta(days=1), "org:bnpt"))
    with catalogue.read() as session:
        for viewer, moment, readable in [
            (Viewer(), NOW, False),
            (Viewer.of("partners"), NOW, False),
            (Viewer.of("partners"), NOW + timedelta(days=2), True),
            (Viewer.of("org:bnpt"), NOW, True),
        ]:
            if readable:
                assert documents.read(session, hidden, viewer, moment).id == hidden
            else:
                with pytest.raises(UnknownIdError):
                    documents.read(session, hidden, viewer, moment)


def test_declared_comes_before_inferred_and_can_be_taken_back(catalogue: Database) -> None:
    document_id = _recorded(catalogue)
    with catalogue.write() as session:
        declared = Statement(DocumentField.TITLE, "Laporan Tahunan", Source.DECLARED)
        documents.state(session, document_id, {DocumentField.TITLE}, [declared])
    with catalogue.read() as session:
        document = documents.get(session, document_id)
        assert (document.title, document.revision) == ("Laporan Tahunan", 2)
        assert TITLE in document.statements
    with catalogue.write() as session:
        documents.state(session, document_id, {DocumentField.TITLE}, [])
    with catalogue.read() as session:
        assert documents.get(session, document_id).title == "Laporan"


def test_access_has_a_revision_of_its_own(catalogue: Database) -> None:
    document_id = _recorded(catalogue)
    for labels in ({"partners"}, {"partners", "org:bnpt"}, {"public"}):
        with catalogue.write() as session:
            documents.set_access(session, document_id, Access(frozenset(labels)))
        with catalogue.read() as session:
            document = documents.get(session, document_id)
            assert document.access.labels == labels
    assert (document.revision, document.access_revision) == (1, 4)


def test_a_removed_document_is_gone_and_its_id_stays_taken(catalogue: Database) -> None:
    document_id = _recorded(catalogue)
    with catalogue.write() as session:
        documents.remove(session, document_id)
    with catalogue.read() as session:
        with pytest.raises(UnknownIdError):
            documents.read(session, document_id, Viewer(), NOW)
        assert documents.get(session, document_id).removed_at is not None
        assert documents.with_file(session, FILE.sha256) == []
        assert documents.count(session) == 0
        assert arrivals.document_read_before(session, "/laporan.pdf", FILE.sha256) is None


def test_files_are_found_by_bytes_and_by_words(catalogue: Database) -> None:
    document_id = _recorded(catalogue)
    with catalogue.write() as session:
        documents.add_file(session, document_id, StoredFile(FILE.sha256, 10, "application/pdf", ("salinan.pdf",)))
        documents.add_file(session, document_id, StoredFile(FILE.sha256, 10, "application/pdf", ("salinan.pdf",)))
    with catalogue.read() as session:
        (by_bytes,) = documents.with_file(session, FILE.sha256)
        (by_words,) = documents.with_fingerprint(session, "f" * 64)
        assert by_bytes.id == by_words.id == document_id
        assert by_bytes.files[0].names == ("laporan.pdf", "salinan.pdf")
        assert by_bytes.revision == 2, "a name that was known already changes nothing"


def test_arrivals_are_the_queue_of_record(catalogue: Database) -> None:
    declared = Declared((TITLE,), ("partners",), NOW)
    first, second = _received(catalogue, "a.pdf", "b.pdf", declared=declared)
    with catalogue.write() as session:
        failure = FailureReport("corrupt", "It is broken.", "Save it anew.")
        arrivals.finish(session, first, FileOutcome.FAILED, seconds=0.5, error=failure)
    with catalogue.read() as session:
        assert arrivals.unfinished(session) == [second]
        assert arrivals.counts(session) == {"failed": 1, "waiting": 1}
        receipt = arrivals.get(session, first)
    assert (receipt.error, receipt.declared, receipt.outcome) == (failure, declared, FileOutcome.FAILED)
    assert receipt.finished_at is not None
    assert receipt.finished_at.tzinfo is not None


def test_a_waiting_file_is_not_recorded_twice_and_the_last_word_counts(catalogue: Database) -> None:
    (first,) = _received(catalogue, "a.pdf")
    (again,) = _received(catalogue, "a.pdf", declared=Declared(access=("partners",)))
    assert first == again
    with catalogue.read() as session:
        assert arrivals.get(session, first).declared.access == ("partners",)


def test_a_write_that_raises_leaves_nothing(catalogue: Database) -> None:
    def fails_halfway() -> None:
        with catalogue.write() as session:
            arrivals.receive(session, [("a", "/a", Declared())])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails_halfway()
    with catalogue.read() as session:
        assert arrivals.unfinished(session) == []


def test_pending_says_what_an_index_lacks(catalogue: Database) -> None:
    document_id = _recorded(catalogue)

    def pending(generation: str = "g1") -> list[tuple[str, bool]]:
        with catalogue.read() as session:
            return [(p.record_id, p.removed) for p in indexed.pending(session, "embedded", generation, limit=10)]

    def remember() -> None:
        with catalogue.write() as session:
            found = indexed.pending(session, "embedded", "g1", limit=10)
            indexed.remember(session, "embedded", "g1", found, {})

    assert pending() == [(document_id, False)]
    remember()
    assert pending() == []
    assert pending("g2") == [(document_id, False)], "another generation has nothing"
    with catalogue.write() as session:
        documents.set_access(session, document_id, Access(frozenset({"partners"})))
    assert pending() == [(document_id, False)]
    remember()
    with catalogue.write() as session:
        documents.remove(session, document_id)
    assert pending() == [(document_id, True)]
    assert pending("g2") == [], "what another generation never had need not leave it"
    remember()
    assert pending() == []
    with catalogue.read() as session:
        assert list(indexed.remembered(session, "embedded", "g1")) == []
    with catalogue.write() as session:
        indexed.forget(session, "embedded", "g1")


def test_pending_comes_in_pages(catalogue: Database) -> None:
    ids = sorted(_recorded(catalogue) for _ in range(3))
    with catalogue.read() as session:
        first = indexed.pending(session, "embedded", "g", limit=2)
        rest = indexed.pending(session, "embedded", "g", limit=2, after=first[-1].record_id)
    assert [p.record_id for p in (*first, *rest)] == ids


def test_organisations_are_known_by_any_name_or_added(catalogue: Database) -> None:
    vocabularies = load_vocabularies()
    with catalogue.write() as session:
        terms.load_vocabularies_into(session, vocabularies)
        terms.load_vocabularies_into(session, vocabularies)
        ids = organisations.ensure(session, ["BNPT", "bnpt", "Yayasan  Contoh Damai"], vocabularies)
        again = organisations.ensure(session, ["yayasan contoh damai"], vocabularies)
    assert ids == ["bnpt", "yayasan-contoh-damai"]
    assert again == ["yayasan-contoh-damai"]
    with catalogue.read() as session:
        known = organisations.all_organisations(session)
        assert known["bnpt"].group == "ministry"
        assert known["yayasan-contoh-damai"].name_id == "Yayasan Contoh Damai"
        counted = session.execute(text("SELECT vocabulary, count(*) FROM terms GROUP BY vocabulary")).all()
    assert dict(tuple(row) for row in counted)["province"] == 38


def test_a_lock_keeps_others_out_until_it_ends(catalogue: Database) -> None:
    with catalogue.locks.hold("work"):
        with pytest.raises(LockedError), catalogue.locks.hold("work"):
            pass
        with catalogue.locks.hold("other work"):
            pass
    with catalogue.locks.hold("work"):
        pass


def test_a_lock_is_waited_for(catalogue: Database) -> None:
    held, order = threading.Event(), []

    def holder() -> None:
        with catalogue.locks.hold("work"):
            held.set()
            order.append("first")

    thread = threading.Thread(target=holder)
    thread.start()
    held.wait()
    with catalogue.locks.hold("work", wait_seconds=10):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_a_lock_ends_with_the_process_that_holds_it(catalogue: Database, url: str, tmp_path: Path) -> None:
    holder = (
        "import sys, time, pathlib\n"
        "from holdings.database import Database\n"
        "with Database(sys.argv[1], pathlib.Path(sys.argv[2])).locks.hold('work'):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, url, str(tmp_path / "data")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(LockedError), catalogue.locks.hold("work"):
            pass
        process.kill()
        process.wait()
        with catalogue.locks.hold("work", wait_seconds=10):
            pass


def test_writers_wait_for_each_other_and_none_is_lost(catalogue: Database) -> None:
    def many(name: str) -> None:
        for number in range(10):
            _received(catalogue, f"{name}-{number}.pdf")

    threads = [threading.Thread(target=many, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with catalogue.read() as session:
        assert len(arrivals.unfinished(session)) == 40


@pytest.mark.parametrize("wrong", ["no url", "mysql://u@h/d", "postgresql+nodriver://u@h/d"])
def test_a_database_that_cannot_be_used_is_a_matter_of_configuration(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="database_url"):
        Database(wrong, tmp_path)


def test_a_database_that_is_away_is_said(tmp_path: Path) -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing", tmp_path)
    with pytest.raises(CatalogueUnavailableError):
        database.require_current()
    database.close()
