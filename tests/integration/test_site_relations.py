"""What documents have to do with each other, on the site, in the API and on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from selectolax.lexbor import LexborNode

from app.cli import main
from holdings import documents, relations
from holdings.access import Viewer
from holdings.model import DocumentField
from holdings.relations import RelatedPair, Relation, RelationStatus
from indexer.hub import Hub
from indexer.related import related
from tests.integration.site_pages import client_of, get, href, one, words
from tests.making import record_document
from tests.making_inferred import infer

FOUND, CONFIRMED = RelationStatus.FOUND, RelationStatus.CONFIRMED


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    return client_of(hub)


def relate(
    hub: Hub,
    one_id: str,
    other_id: str,
    relation: Relation,
    status: RelationStatus = FOUND,
    shared: float | None = None,
    pages: tuple[tuple[int, int], ...] = (),
) -> None:
    with hub.catalogue.write() as session:
        pair = RelatedPair(one_id, other_id, relation, status, shared, pages)
        relations.record(session, one_id, [pair], {other_id})


def cards(client: FlaskClient, document_id: str, prefix: str = "/en") -> list[LexborNode]:
    return get(client, f"{prefix}/documents/{document_id}").css(".relations > li")


@pytest.mark.parametrize(
    ("relation", "there", "back"),
    [
        (Relation.NEW_VERSION, "New version of", "There is a newer version"),
        (Relation.EXCERPT, "Excerpt of", "There is an excerpt of this document"),
        (Relation.TRANSLATION, "Translation of", "There is a translation of this document"),
        (Relation.IDENTICAL, "Has the same text as", "Has the same text as"),
        (Relation.RELATED, "Shares passages with", "Shares passages with"),
    ],
)
def test_a_relation_is_shown_from_both_sides(
    client: FlaskClient, hub: Hub, relation: Relation, there: str, back: str
) -> None:
    first = record_document(hub, "Pertama", ["a"] * 3, kind="report", date="2020")
    second = record_document(hub, "Kedua", ["b"] * 9, kind="guideline", date="2021-05")
    relate(hub, second, first, relation, shared=0.874, pages=((7, 2), (8, 3)))
    for seen, other, what, title, facts, pages in (
        (second, first, there, "Pertama", "Report2020", [(7, 2), (8, 3)]),
        (first, second, back, "Kedua", "GuidelineMay 2021", [(2, 7), (3, 8)]),
    ):
        (card,) = cards(client, seen)
        assert words(card.css(".hit-meta")[0]) == f"{what} inferred"
        assert (words(one(card, ".relation-title a")), href(one(card, ".relation-title a"))) == (
            title,
            f"/en/documents/{other}",
        )
        assert words(card.css(".hit-meta")[1]) == f"{facts}87% of the passages in common"
        assert [[href(a) for a in row.css("a")] for row in card.css("tbody tr")] == [
            [f"/en/documents/{seen}/pages/{page}", f"/en/documents/{other}/pages/{other_page}"]
            for page, other_page in pages
        ]


def test_what_a_person_confirmed_is_not_marked_and_what_is_inferred_of_the_other_is(
    client: FlaskClient, hub: Hub
) -> None:
    first, second = record_document(hub, "Pertama"), record_document(hub, "Kedua", date="2020")
    infer(hub, first, (DocumentField.TITLE, "Pertama"), (DocumentField.KIND, "report"))
    relate(hub, second, first, Relation.EXCERPT, CONFIRMED)
    (card,) = cards(client, second, "")
    assert words(card.css(".hit-meta")[0]) == "Petikan dari"
    assert [words(mark) for mark in card.css(".mark-inferred")] == ["judul disimpulkan", "disimpulkan: jenis"]
    (shown,) = client.get(f"/api/v1/documents/{second}").get_json()["relations"]
    assert (shown["source"], shown["inferred"], shown["shared"], shown["pages"]) == ("declared", ["title"], None, [])


def test_relations_show_only_among_what_the_viewer_may_read(client: FlaskClient, hub: Hub) -> None:
    seen = record_document(hub, "Dilihat")
    hidden = record_document(hub, "Rahasia", access=["partners"])
    embargoed = record_document(hub, "Embargo", embargo_until=datetime.now(UTC) + timedelta(days=1))
    removed, rejected, candidate, nothing = (record_document(hub, title) for title in ("R", "T", "C", "N"))
    for other in (hidden, embargoed, removed):
        relate(hub, other, seen, Relation.NEW_VERSION)
    relate(hub, rejected, seen, Relation.RELATED, RelationStatus.REJECTED)
    relate(hub, candidate, seen, Relation.NEW_VERSION, RelationStatus.CANDIDATE)
    relate(hub, nothing, seen, Relation.NONE)
    with hub.catalogue.write() as session:
        documents.remove(session, removed)
    page = get(client, f"/documents/{seen}")
    assert page.css(".relations, #relations, .notice") == []
    assert get(client, f"/documents/{seen}/pages/1").css(".notice") == []
    assert client.get(f"/api/v1/documents/{seen}").get_json()["relations"] == []
    assert [r.document.id for r in related(hub, seen, Viewer.of("partners"))] == [hidden]
    assert {r.document.id for r in related(hub, seen, None)} == {hidden, embargoed}


def test_the_newest_version_is_announced_on_the_older_ones_pages(client: FlaskClient, hub: Hub) -> None:
    first = record_document(hub, "Edisi 2020", date="2020")
    third = record_document(hub, "Edisi 2022", date="2022")
    second = record_document(hub, "Edisi 2021", date="2021")
    for other in (second, third):
        relate(hub, other, first, Relation.NEW_VERSION, shared=0.9 if other == second else 0.8)
    for address in (f"/en/documents/{first}", f"/en/documents/{first}/pages/1"):
        notice = one(get(client, address), ".notice")
        assert words(notice) == "There is a newer version of this document: Edisi 2022 (2022) inferred"
        assert href(one(notice, "a")) == f"/en/documents/{third}"
    assert get(client, f"/en/documents/{third}").css(".notice") == []


def test_many_relations_fold(client: FlaskClient, hub: Hub) -> None:
    seen = record_document(hub, "Dilihat")
    for number in range(9):
        relate(hub, record_document(hub, f"Laporan {number}"), seen, Relation.RELATED, shared=number / 10)
    (card,) = (s for s in get(client, f"/en/documents/{seen}").css(".card") if s.css("#relations"))
    assert [words(title) for title in card.css(".relation-title a")] == [f"Laporan {n}" for n in range(8, -1, -1)]
    assert words(card.css(".relations + .more > summary")[0]) == "Show 3 more: Related documents"


def test_the_api_gives_relations_in_both_directions(client: FlaskClient, hub: Hub) -> None:
    first, second = record_document(hub, "Pertama"), record_document(hub, "Kedua")
    relate(hub, second, first, Relation.TRANSLATION, shared=0.5, pages=((7, 2),))
    expected = {"class": "translation", "inferred": [], "shared": 0.5, "source": "inferred"}
    assert client.get(f"/api/v1/documents/{second}").get_json()["relations"] == [
        {**expected, "direction": "to", "document_id": first, "title": "Pertama", "pages": [[7, 2]]}
    ]
    assert client.get(f"/api/v1/documents/{first}").get_json()["relations"] == [
        {**expected, "direction": "from", "document_id": second, "title": "Kedua", "pages": [[2, 7]]}
    ]


def test_the_command_line_shows_all_relations(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    first = record_document(hub, "Pertama")
    second = record_document(hub, "Kedua", access=["partners"])
    relate(hub, second, first, Relation.NEW_VERSION, shared=0.5, pages=((7, 2),))
    monkeypatch.setenv("IKHUB_DATA", str(hub.settings.data))
    shown = CliRunner().invoke(main, ["document", "show", first])
    assert shown.exit_code == 0, shown.output
    assert (
        f"there is a newer version: Kedua  {second}, 50% of the passages in common, pages 2-7  inferred" in shown.output
    )
    assert "ingested   Pertama" in shown.output, "the receipt, with the path"
