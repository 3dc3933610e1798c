"""Both engines know of a hit what the hub inferred of it, and which of its pages were read by OCR."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.contract import search_object
from holdings import documents
from holdings.model import DocumentField, Evidence, Source, Statement
from holdings.settings import load_settings
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import Hit, SearchRequest
from indexer.synchronise import synchronise
from tests.making import record_document
from tests.making_inferred import OCR, infer, read_anew

TITLE, KIND, DATE = DocumentField.TITLE, DocumentField.KIND, DocumentField.DATE


@pytest.fixture(params=["embedded", "elasticsearch"])
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("marks")
    environment = {"IKHUB_DATA": str(folder / "data"), "IKHUB_INDEXER__ENGINE": request.param}
    if request.param == "elasticsearch":
        environment["IKHUB_INDEXER__ELASTICSEARCH__URL"] = request.getfixturevalue("elasticsearch_url")
        environment["IKHUB_INDEXER__ELASTICSEARCH__PREFIX"] = f"ikhub-{folder.name}"
    settings = load_settings(None, environment)
    initialise(settings)
    with open_hub(settings) as opened:
        yield opened


def hit_of(hub: Hub, query: str) -> Hit:
    synchronise(hub)
    (hit,) = discover(hub, SearchRequest(query)).hits
    return hit


def test_a_hit_says_what_was_inferred_until_a_person_declares_it(hub: Hub) -> None:
    document_id = record_document(hub, "Pendanaan", ["Pendanaan terorisme"], kind="report", theme="youth")
    assert hit_of(hub, "pendanaan").inferred == ("language",), "that a language is unknown is the hub's own word"
    infer(hub, document_id, (TITLE, "Pendanaan"), (KIND, "guideline"), (DATE, "2020"), (DocumentField.LANGUAGE, "id"))
    hit = hit_of(hub, "pendanaan")
    assert hit.inferred == ("title", "kind", "date", "language")
    with hub.catalogue.write() as session:
        documents.state(session, document_id, [KIND], [Statement(KIND, "report", Source.DECLARED)])
    hit = hit_of(hub, "pendanaan")
    assert (hit.kind, hit.inferred) == ("report", ("title", "date", "language")), "declared beats inferred"


def test_subjects_and_issuers_are_inferred_too(hub: Hub) -> None:
    document_id = record_document(hub, "Judul", ["Pendanaan terorisme"], theme="youth", language="id")
    infer(hub, document_id, (DocumentField.PROVINCE, "33"), (DocumentField.PROVINCE, "72"))
    hit = hit_of(hub, "pendanaan")
    assert hit.provinces == ("33", "72")
    assert hit.inferred == ("provinces",)
    assert search_object(discover(hub, SearchRequest("pendanaan")), with_score=False)["hits"][0]["inferred"] == []


def test_a_page_hit_says_whether_it_was_read_by_ocr(hub: Hub) -> None:
    document_id = record_document(hub, "Judul", language="id")
    read_anew(
        hub,
        document_id,
        ("Pendanaan terorisme", OCR, False),
        ("Pendanaan terorisme", "pdfminer.six 20260107", False),
        ("Pendanaan terorisme", None, True),
    )
    hit = hit_of(hub, "pendanaan")
    assert {page.page: page.by_ocr for page in hit.page_hits} == {1: True, 2: False, 3: False}
    found = search_object(discover(hub, SearchRequest("pendanaan")), with_score=False)["hits"][0]
    assert {page["page"]: page["by_ocr"] for page in found["page_hits"]} == {1: True, 2: False, 3: False}


@pytest.mark.parametrize(("page", "by_ocr"), [(1, True), (2, False), (None, False)])
def test_a_title_that_was_read_by_ocr_says_so(hub: Hub, page: int | None, by_ocr: bool) -> None:
    document_id = record_document(hub, "Judul", language="id")
    read_anew(hub, document_id, ("Pendanaan terorisme", OCR, False), ("Pendanaan", None, False))
    infer(hub, document_id, (TITLE, "Pendanaan", Evidence(page, "Pendanaan")))
    assert hit_of(hub, "pendanaan").title_by_ocr is by_ocr
    found = search_object(discover(hub, SearchRequest("pendanaan")), with_score=False)["hits"][0]
    assert found["title_by_ocr"] is by_ocr
