"""Triage of duplicates in a hub: what is found, what a crash leaves, who is told, on both databases."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from app.cli import main
from benchmarks.quality.deriving import edited, misread
from holdings import documents, relations
from holdings.errors import UnknownIdError
from holdings.model import Page, PageUnit
from holdings.relations import RelatedPair, Relation, RelationStatus
from holdings.settings import Settings, load_settings
from holdings.tables import DocumentRow, MarkRow, RelationRow
from indexer.hub import Hub, initialise, open_hub
from ingest import duplicates
from ingest.editing import remove_document
from tests.making import record_document
from tests.unit.test_duplicates import FORMULA, TestTranslations, prose

steps = import_module("ingest.duplicates.triage")
PAGES = tuple(prose(1000 + number, 300) for number in range(6))


@pytest.fixture(params=["sqlite", "postgresql"])
def any_hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    environment = {"IKHUB_DATA": str(tmp_path / "data")}
    if request.param == "postgresql":
        environment["IKHUB_HOLDINGS__DATABASE_URL"] = str(request.getfixturevalue("postgresql_url"))
    settings = load_settings(None, environment)
    initialise(settings)
    with open_hub(settings) as hub:
        yield hub


def triaged(hub: Hub, *document_ids: str) -> list[RelatedPair]:
    for document_id in document_ids:
        duplicates.triage(hub, document_id)
    return found(hub)


def found(hub: Hub) -> list[RelatedPair]:
    with hub.catalogue.read() as session:
        return relations.all_relations(session)


def untriaged(hub: Hub) -> list[str]:
    with hub.catalogue.read() as session:
        return duplicates.untriaged(session)


def replace_text(hub: Hub, document_id: str, *texts: str) -> None:
    """Give a document another text, as OCR does."""
    other = record_document(hub, f"text for {document_id}", texts)
    with hub.catalogue.write() as session:
        row = session.get_one(DocumentRow, document_id)
        row.text_sha256 = documents.get(session, other).text.sha256
    remove_document(hub, other)


def test_every_class_is_found_whichever_comes_first(any_hub: Hub) -> None:
    hub = any_hub
    whole = record_document(hub, "Pedoman Pencegahan", PAGES, language="id")
    version_pages = edited(list(PAGES), 0.15, [prose(1, 500)], random.Random(3))
    made = {
        "identical": record_document(hub, "Pedoman", [misread(p, 0.01, random.Random(4)) for p in PAGES]),
        "new-version": record_document(hub, "Pedoman Pencegahan Edisi Revisi", version_pages, language="id"),
        "excerpt": record_document(hub, "Kutipan", PAGES[2:4], language="id"),
        "related": record_document(hub, "Ulasan", (prose(5, 600), PAGES[0], prose(6, 500)), language="id"),
    }
    translated = (
        record_document(hub, "Laporan", (TestTranslations.INDONESIAN,), language="id"),
        record_document(hub, "Report", (TestTranslations.ENGLISH,), language="en"),
    )
    record_document(hub, "Lain", (FORMULA, prose(7, 500)), language="id")
    pairs = triaged(hub, *reversed(untriaged(hub)))
    to_whole = {p.relation.value: p.document_id for p in pairs if p.other_id == whole}
    assert to_whole | {"identical": made["identical"]} == made
    copy = next(p for p in pairs if p.relation is Relation.IDENTICAL and whole in (p.document_id, p.other_id))
    assert {copy.document_id, copy.other_id} == {whole, made["identical"]}
    excerpt = next(p for p in pairs if p.document_id == made["excerpt"] and p.other_id == whole)
    assert (excerpt.pages, excerpt.shared) == (((1, 3), (2, 4)), 1.0)
    assert [(p.document_id, p.other_id) for p in pairs if p.relation is Relation.TRANSLATION] == [translated[::-1]]
    assert untriaged(hub) == []


def test_doing_it_twice_changes_nothing(hub: Hub) -> None:
    ids = [record_document(hub, "A", PAGES), record_document(hub, "B", PAGES[:3])]
    first = triaged(hub, *ids)
    assert len(first) == 1
    assert triaged(hub, *ids, *ids) == first


@pytest.mark.parametrize("step", [(steps, "candidates"), (steps, "compare"), (relations, "record")])
def test_what_a_crash_leaves_is_finished_by_the_next(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, step: tuple[ModuleType, str]
) -> None:
    first, second = record_document(hub, "A", PAGES), record_document(hub, "B", PAGES[:3])
    duplicates.triage(hub, first)
    with monkeypatch.context() as broken:
        broken.setattr(*step, lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            duplicates.triage(hub, second)
    assert untriaged(hub) == [second]
    (pair,) = triaged(hub, second)
    assert (pair.relation, pair.document_id, pair.other_id) == (Relation.EXCERPT, second, first)


def test_many_at_once_find_each_other_once(any_hub: Hub) -> None:
    hub = any_hub
    ids = [record_document(hub, f"Bagian {n}", [*PAGES[n:], prose(n, 200)]) for n in range(5)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda document_id: duplicates.triage(hub, document_id), [*ids, *ids]))
    pairs = found(hub)
    assert {frozenset((p.document_id, p.other_id)) for p in pairs} == {
        frozenset((a, b)) for a in ids for b in ids if a != b
    }
    assert untriaged(hub) == []


def test_another_text_is_compared_anew(hub: Hub) -> None:
    whole, scan = record_document(hub, "A", PAGES), record_document(hub, "B", (prose(9, 300),))
    assert triaged(hub, whole, scan) == []
    replace_text(hub, scan, *PAGES[1:3])
    assert untriaged(hub) == [scan]
    (pair,) = triaged(hub, scan)
    assert (pair.document_id, pair.other_id, pair.relation) == (scan, whole, Relation.EXCERPT)
    replace_text(hub, scan, prose(9, 300), prose(10, 300))
    assert triaged(hub, scan) == []


def test_what_was_removed_is_left_out_and_found_no_more(hub: Hub) -> None:
    whole, part = record_document(hub, "A", PAGES), record_document(hub, "B", PAGES[:3])
    triaged(hub, whole, part)
    remove_document(hub, whole)
    assert found(hub) == []
    assert untriaged(hub) == []
    duplicates.triage(hub, whole)
    with hub.catalogue.read() as session:
        assert session.query(MarkRow).filter_by(record_id=whole).count() == 0
    other = record_document(hub, "C", PAGES[:2])
    (pair,) = triaged(hub, other)
    assert {pair.document_id, pair.other_id} == {part, other}


def test_a_document_that_is_not_there_is_no_trouble(hub: Hub) -> None:
    duplicates.triage(hub, "0000000000")


def test_a_person_has_the_last_word(hub: Hub) -> None:
    whole, part = record_document(hub, "A", PAGES), record_document(hub, "B", PAGES[:3])
    triaged(hub, whole, part)
    with hub.catalogue.write() as session:
        relations.settle(session, part, whole, Relation.NONE, by="test")
    replace_text(hub, part, *PAGES[1:5])
    assert triaged(hub, part) == []
    with hub.catalogue.write() as session:
        settled = relations.settle(session, whole, part, Relation.NEW_VERSION, by="test")
    assert (settled.status, settled.settled_by) == (RelationStatus.CONFIRMED, "test")
    assert settled.pages[0] == (1, 1)
    replace_text(hub, part, prose(9, 300))
    assert triaged(hub, part) == [settled]
    with pytest.raises(UnknownIdError), hub.catalogue.write() as session:
        relations.settle(session, part, "0000000000", Relation.RELATED, by="test")
    with pytest.raises(UnknownIdError), hub.catalogue.write() as session:
        relations.settle(session, part, part, Relation.RELATED, by="test")


def test_what_took_a_place_is_compared_whatever_it_shares(hub: Hub) -> None:
    old, new = record_document(hub, "Laporan", PAGES), record_document(hub, "Laporan", (prose(1, 400), prose(2, 400)))
    with hub.catalogue.write() as session:
        relations.propose(session, new, old)
        relations.propose(session, old, new)
    (candidate,) = found(hub)
    assert (candidate.status, candidate.shared) == (RelationStatus.CANDIDATE, None)
    duplicates.triage(hub, old)
    assert triaged(hub, new) == []
    with hub.catalogue.read() as session:
        (known,) = relations.of_document(session, new)
    assert (known.relation, known.status, known.shared) == (Relation.NONE, RelationStatus.FOUND, 0.0)


def test_marks_that_many_have_are_common(hub: Hub) -> None:
    """Of a family that is larger than a mark may stand for, the last is still found: by likeness of the whole."""
    family = [
        record_document(hub, f"Salinan {n}", [misread(page, 0.002, random.Random(n)) for page in PAGES])
        for n in range(relations.MOST_DOCUMENTS + 3)
    ]
    pairs = triaged(hub, *family)
    assert any(family[-1] in (pair.document_id, pair.other_id) for pair in pairs)
    with hub.catalogue.read() as session:
        holders = relations.holders(
            session, [row.mark for row in session.query(MarkRow).filter_by(record_id=family[0])], but=""
        )
    assert max(map(len, holders.values())) <= relations.MOST_DOCUMENTS


@pytest.fixture
def run(settings: Settings, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("IKHUB_DATA", str(settings.data))
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def test_the_command_tells_only_what_one_may_read(run: CliRunner, hub: Hub) -> None:
    whole = record_document(hub, "Terbuka", PAGES)
    part = record_document(hub, "Rahasia", PAGES[:3], access=("org:bnpt",))
    triaged(hub, whole, part)
    line = {
        "class": "excerpt",
        "document_id": part,
        "other_id": whole,
        "shared": 1.0,
        "pages": [[1, 1], [2, 2], [3, 3]],
        "status": "found",
    }
    assert json.loads(run.invoke(main, ["duplicates", "list", "--json"]).output) == line
    assert json.loads(run.invoke(main, ["duplicates", "list", "--json", "--as", "org:bnpt"]).stdout) == line
    for label in ("public", "partners", "org:polri"):
        assert run.invoke(main, ["duplicates", "list", "--json", "--as", label]).stdout == ""
    assert part in run.invoke(main, ["duplicates", "list"]).output


def test_the_command_settles(run: CliRunner, hub: Hub) -> None:
    whole, part = record_document(hub, "A", PAGES), record_document(hub, "B", PAGES[:3])
    triaged(hub, whole, part)
    settled = run.invoke(main, ["duplicates", "resolve", part, whole, "--as-class", "new-version", "--json"])
    assert json.loads(settled.output)["status"] == "confirmed"
    rejected = run.invoke(main, ["duplicates", "resolve", whole, part, "--as-class", "none"])
    assert rejected.exit_code == 0
    assert run.invoke(main, ["duplicates", "list", "--json"]).output == ""
    unknown = run.invoke(main, ["duplicates", "resolve", whole, "0000000000", "--as-class", "none"])
    assert unknown.exit_code == 2


def test_laws_of_one_pattern_are_no_versions_of_each_other(hub: Hub, corpus: Path) -> None:
    """Regencies formed in one year, budgets of following years: real laws, each number and name its own."""
    import pypdfium2  # type: ignore[import-untyped]

    from ingest.description import Excerpts, describe
    from ingest.model import FileMetadata

    ids = []
    for name in ("uu-2003-30", "uu-2003-31", "uu-2003-39", "uu-2000-09", "uu-2000-15", "uu-2012-19", "uu-2013-23"):
        with pypdfium2.PdfDocument(corpus / "documents" / "files" / f"{name}.pdf") as pdf:
            texts = [page.get_textpage().get_text_range() for page in pdf]
        excerpts = Excerpts()
        for number, text in enumerate(texts, 1):
            excerpts.add(Page(number, PageUnit.PAGE, text))
        stated = {s.field.value: s.value for s in describe(excerpts, FileMetadata(), name=name, media_type="")}
        ids.append(record_document(hub, stated["title"], texts, language="id"))
    pairs = triaged(hub, *ids)
    assert len(pairs) >= 4
    assert {pair.relation for pair in pairs} == {Relation.RELATED}


def test_what_the_first_catalogue_noted_is_kept(settings: Settings) -> None:
    """A catalogue of the first schema, with a pair noted in both directions, is brought to the present one."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, text

    settings.data.mkdir(parents=True)
    with create_engine(settings.database_url).connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(relations.__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        record = "INSERT INTO records VALUES (:id, 'programme', 1, 1, NULL, NULL, :at, :at, NULL)"
        connection.execute(text(record), [{"id": name, "at": "2026-01-01 00:00:00"} for name in ("new", "old")])
        noted = "INSERT INTO relations VALUES (:a, :b, 'new-version', 'candidate', :at)"
        connection.execute(text(noted), {"a": "old", "b": "new", "at": "2026-01-01 00:00:00"})
        connection.execute(text(noted), {"a": "new", "b": "old", "at": "2026-01-02 00:00:00"})
        connection.commit()
    initialise(settings)
    with open_hub(settings) as hub, hub.catalogue.read() as session:
        row = session.get_one(RelationRow, "new old")
        assert (row.record_id, row.other_id, row.relation, row.proposed) == ("new", "old", "new-version", True)


def test_what_is_confirmed_to_be_of_one_work_has_one_work_id(hub: Hub) -> None:
    ids = [record_document(hub, f"Laporan {number}") for number in range(4)]

    def works() -> list[str]:
        with hub.catalogue.read() as session:
            return [documents.get(session, identifier).work_id for identifier in ids]

    def settle(one: int, other: int, relation: Relation) -> None:
        with hub.catalogue.write() as session:
            relations.settle(session, ids[one], ids[other], relation, by="test")

    assert works() == ids
    settle(1, 0, Relation.NEW_VERSION)
    settle(3, 2, Relation.TRANSLATION)
    first, second, third, fourth = works()
    assert first == second != third == fourth
    assert not {first, third} & set(ids), "no document's own id is told by it"
    settle(2, 1, Relation.NEW_VERSION)
    assert len(set(works())) == 1
    settle(2, 1, Relation.RELATED)
    first, second, third, fourth = works()
    assert first == second != third == fourth
    settle(3, 2, Relation.NONE)
    assert works()[2:] == ids[2:]
