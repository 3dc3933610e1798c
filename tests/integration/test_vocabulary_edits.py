"""Vocabularies edited by people: overlaid, foreseen, indexed anew, taken up by every process, kept over an upgrade."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from desk import vocabularies as desk
from holdings import terms
from holdings.accounts import HubRole
from holdings.audit import COMMAND_LINE
from holdings.errors import ChangedMeanwhileError, UnknownIdError, UsageError
from holdings.model import DocumentField, Page, PageUnit
from holdings.settings import Settings, load_settings
from holdings.tables import TermRow
from holdings.vocabularies.edits import TermEdit, edit_of
from indexer import hub as hub_module
from indexer.discover import discover
from indexer.facets import facet_label
from indexer.hub import Hub, initialise, open_hub
from indexer.model import Facet, SearchRequest
from indexer.synchronise import synchronise
from ingest.description import Excerpts, describe
from ingest.model import FileMetadata
from tests.integration.site_pages import client_of, get, one, words
from tests.making import record_document
from tests.people import make_account, sign_in

NEW = TermEdit(
    "theme",
    "sports",
    "Olahraga pencegahan",
    "Sport for prevention",
    ("turnamen damai",),
    ("peace cup",),
    ("prevention",),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an empty hub, on either database."""
    environment = {"IKHUB_DATA": str(tmp_path_factory.mktemp("hub") / "data")}
    if request.param == "postgresql":
        environment["IKHUB_HOLDINGS__DATABASE_URL"] = request.getfixturevalue("postgresql_url")
    return load_settings(None, environment)


@pytest.fixture
def hub(settings: Settings) -> Iterator[Hub]:
    initialise(settings)
    with open_hub(settings) as opened:
        yield opened


def _term(hub: Hub, term_id: str, vocabulary: str = "theme") -> TermEdit:
    found = edit_of(hub.words.all(fresh=True), vocabulary, term_id)
    assert found is not None
    return found


def _save(hub: Hub, before: TermEdit | None, edit: TermEdit) -> None:
    edition = terms.edition_of(before) if before is not None else None
    desk.save(hub, edit, edition=edition, by=COMMAND_LINE)


def test_an_edited_theme_is_found_under_its_new_names(hub: Hub) -> None:
    found = record_document(hub, "Laporan kegiatan", theme="youth")
    record_document(hub, "Lain", theme="digital-space")
    synchronise(hub)
    assert discover(hub, SearchRequest(query="zoomerwati")).total == 0
    before = _term(hub, "youth")
    edit = replace(before, label_en="Young people", synonyms_id=(*before.synonyms_id, "zoomerwati"))
    assert desk.preview(hub, before, edit, by=COMMAND_LINE).reindexed == 1
    _save(hub, before, edit)
    assert synchronise(hub).written == 1
    assert [hit.document_id for hit in discover(hub, SearchRequest(query="zoomerwati")).hits] == [found]
    assert facet_label(hub, Facet.THEME, "youth", "en") == "Young people"
    with hub.catalogue.read() as session:
        row = session.get_one(TermRow, ("theme", "youth"))
        assert "zoomerwati" in row.synonyms


def test_a_preview_says_how_many_documents_hold_the_names(hub: Hub) -> None:
    record_document(hub, "Satu", ["Sekolah sungai bersih mengajak pemuda."], theme="youth", access=["org:bnpt"])
    record_document(hub, "Dua", ["Tentang sekolah sungai yang bersih."])
    record_document(hub, "Tiga", ["Sungai dan sekolah."])
    synchronise(hub)
    before = _term(hub, "youth")
    edit = replace(before, synonyms_id=(*before.synonyms_id[1:], "sekolah sungai"))
    preview = desk.preview(hub, before, edit, by=COMMAND_LINE)
    (added,), (dropped,) = preview.added, preview.dropped
    assert (added.name, added.naming, added.of_them, added.without) == ("sekolah sungai", 2, 1, 1)
    assert dropped.name == before.synonyms_id[0]
    # Of labels that no entry holds, none is written anew.
    kind = _term(hub, "report", "kind")
    assert desk.preview(hub, kind, replace(kind, label_en="Account"), by=COMMAND_LINE) == desk.Preview(0, 0)


def test_texts_are_described_by_what_was_edited(hub: Hub) -> None:
    page = Page(1, PageUnit.PAGE, "Turnamen damai melawan terorisme. Turnamen damai di Kota Atas Angin.")

    def inferred(field: DocumentField) -> set[str]:
        excerpts = Excerpts(hub.words.all(fresh=True))
        excerpts.add(page)
        found = describe(excerpts, FileMetadata(), name="x.txt", media_type="text/plain")
        return {statement.value for statement in found if statement.field is field}

    assert "sports" not in inferred(DocumentField.THEME)
    _save(hub, None, NEW)
    assert "sports" in inferred(DocumentField.THEME)
    assert "prevention" in inferred(DocumentField.PRIORITY)
    _save(hub, NEW, replace(NEW, retired=True))
    assert "sports" not in inferred(DocumentField.THEME)
    assert "33" not in inferred(DocumentField.PROVINCE)
    central_java = _term(hub, "33", "province")
    _save(hub, central_java, replace(central_java, synonyms_id=(*central_java.synonyms_id, "Atas Angin")))
    assert "33" in inferred(DocumentField.PROVINCE)


def test_a_term_in_use_is_retired_not_deleted(hub: Hub) -> None:
    _save(hub, None, NEW)
    record_document(hub, "Piala", theme="sports")
    edition = terms.edition_of(NEW)
    with pytest.raises(UsageError):
        desk.restore(hub, "theme", "sports", edition=edition, by=COMMAND_LINE)
    retired = replace(NEW, retired=True)
    _save(hub, NEW, retired)
    synchronise(hub)
    response = discover(hub, SearchRequest(query="turnamen damai", filters={Facet.THEME: ("sports",)}))
    assert response.total == 1
    other = replace(NEW, id="games", label_id="Permainan", label_en="Games", synonyms_id=(), synonyms_en=())
    _save(hub, None, other)
    desk.restore(hub, "theme", "games", edition=terms.edition_of(other), by=COMMAND_LINE)
    assert "games" not in hub.vocabularies.themes


@pytest.mark.parametrize(
    "change",
    [
        {"synonyms_en": ("Youth",)},
        {"label_id": "  "},
        {"priorities": ("tidak-ada",)},
        {"id": "Bukan Id"},
        {"vocabulary": "kind"},
        {"vocabulary": "province", "id": "99"},
    ],
)
def test_what_does_not_fit_is_refused(hub: Hub, change: dict[str, object]) -> None:
    youth = _term(hub, "youth")
    assert "Youth" in {name.capitalize() for name in youth.names}
    with pytest.raises(UsageError):
        _save(hub, None, replace(NEW, **change))  # type: ignore[arg-type]
    assert _term(hub, "youth") == youth


def test_two_who_edit_at_once_do_not_undo_each_other(hub: Hub) -> None:
    before = _term(hub, "youth")
    _save(hub, before, replace(before, label_en="Young people"))
    with pytest.raises(ChangedMeanwhileError):
        _save(hub, before, replace(before, label_en="Adolescents"))
    with pytest.raises(UnknownIdError):
        desk.restore(hub, "theme", "digital-space", edition="", by=COMMAND_LINE)
    with pytest.raises(ChangedMeanwhileError):
        desk.restore(hub, "theme", "youth", edition=terms.edition_of(before), by=COMMAND_LINE)
    edited = _term(hub, "youth")
    desk.restore(hub, "theme", "youth", edition=terms.edition_of(edited), by=COMMAND_LINE)
    assert _term(hub, "youth") == before


def test_another_process_takes_up_what_was_edited(
    hub: Hub, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "_WORDS_SECONDS", 0.0)
    with open_hub(settings) as other:
        before = other.vocabularies
        assert other.vocabularies is before, "nothing was edited: lexica that were made of them stay good"
        _save(hub, None, NEW)
        assert "sports" in other.vocabularies.themes


def test_initialising_again_keeps_edits(hub: Hub, settings: Settings) -> None:
    before = _term(hub, "youth")
    edit = replace(before, label_en="Young people")
    _save(hub, before, edit)
    _save(hub, None, NEW)
    initialise(settings)
    with open_hub(settings) as again, again.catalogue.read() as session:
        assert again.vocabularies.themes["youth"].label_en == "Young people"
        assert session.get_one(TermRow, ("theme", "youth")).label_en == "Young people"
        assert session.get_one(TermRow, ("theme", "sports")).label_id == NEW.label_id


def _send(client: FlaskClient, address: str, status: int, **fields: str) -> str:
    form = get(client, address).css("main form[method=post]")[0]
    sent: dict[str, object] = {
        node.attributes["name"] or "": (node.text() if node.tag == "textarea" else node.attributes.get("value")) or ""
        for node in form.css("input[name]:not([type=checkbox]), textarea")
    }
    sent["priorities"] = [node.attributes["value"] for node in form.css("input[name=priorities][checked]")]
    response = client.post(address, data={**sent, **fields})
    assert response.status_code == status, response.text
    return response.text


def test_an_administrator_sees_what_changes_before_it_is_saved(hub: Hub) -> None:
    record_document(hub, "Laporan", ["Kaum milenial bersatu."], theme="youth")
    synchronise(hub)
    client = client_of(hub)
    sign_in(hub, client, make_account(hub, "Rahmat", hub_role=HubRole.ADMINISTRATOR))
    listed = get(client, "/en/administration/vocabularies/theme")
    assert len(listed.css("table.list tbody tr")) == len(hub.vocabularies.themes)
    for vocabulary in ("kind", "group", "priority", "province"):
        get(client, f"/administration/vocabularies/{vocabulary}")
    address = "/en/administration/vocabularies/theme/terms/youth"
    names = "\n".join((*_term(hub, "youth").synonyms_id, "kaum milenial"))
    # Nothing is saved that was not shown before, as it is now.
    shown = _send(client, address, 200, step="save", synonyms_id=names)
    assert "1 published document holds these words" in shown
    assert "kaum milenial" not in _term(hub, "youth").names
    edition = terms.edition_of(replace(_term(hub, "youth"), synonyms_id=tuple(names.split("\n"))))
    _send(client, address, 302, step="save", synonyms_id=names, previewed=edition)
    assert "kaum milenial" in _term(hub, "youth").names
    taken = _send(client, address, 200, step="preview", label_en=_term(hub, "digital-space").label_en)
    assert "a name belongs to one term" in taken
    assert words(one(get(client, address), "h1"))
    get(client, "/administration/vocabularies/kind/new", 404)
    get(client, "/administration/vocabularies/theme/terms/tidak-ada", 404)
    get(client, "/administration/vocabularies/regency", 404)
