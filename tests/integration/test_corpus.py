"""The real documents: each gets its receipt, and searches find the right ones at the right pages, on both engines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdings import arrivals, documents
from holdings.access import Viewer
from holdings.errors import FileOutcome
from holdings.model import Arrival
from holdings.settings import Settings, load_settings
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import SearchRequest, SearchResponse
from indexer.reading import read_document, read_page
from indexer.synchronise import check, synchronise
from ingest import work
from tests.fixtures_services import require
from tests.services.components import LIBREOFFICE, TESSERACT

Corpus = tuple[Settings, list[Arrival]]


@pytest.fixture(scope="module")
def ingested(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    require(LIBREOFFICE.path)
    require(TESSERACT.path)
    settings = load_settings(None, {"IKHUB_DATA": str(tmp_path_factory.mktemp("corpus"))})
    initialise(settings)
    with open_hub(settings) as hub:
        ids = work.receive(hub, [corpus / "documents"])
        summary = work.finish(hub, ids)
        assert (summary.waiting, summary.stopped_by) == (0, None)
        with hub.catalogue.read() as session:
            return settings, arrivals.get_many(session, ids)


@pytest.fixture(scope="module", params=["embedded", "elasticsearch"])
def hub(request: pytest.FixtureRequest, ingested: Corpus) -> Iterator[Hub]:
    settings, _ = ingested
    if request.param == "elasticsearch":
        url = request.getfixturevalue("elasticsearch_url")
        settings = load_settings(
            None,
            {
                "IKHUB_DATA": str(settings.data),
                "IKHUB_INDEXER__ENGINE": "elasticsearch",
                "IKHUB_INDEXER__ELASTICSEARCH__URL": url,
                "IKHUB_INDEXER__ELASTICSEARCH__PREFIX": "ikhub-corpus",
            },
        )
    with open_hub(settings) as opened:
        synchronise(opened)
        yield opened


def test_nothing_is_unread_that_a_person_could_read(ingested: Corpus, corpus: Path) -> None:
    _, receipts = ingested
    files = [path for path in (corpus / "documents").rglob("*") if path.is_file()]
    assert len(receipts) == len(files)
    assert [(r.path, r.error) for r in receipts if r.error is not None] == []
    assert {r.outcome for r in receipts} <= {FileOutcome.INGESTED, FileOutcome.DUPLICATE}
    read = [r.text for r in receipts if r.text is not None]
    assert sum(text.pages for text in read) > 5700
    assert sum(len(text.scans) for text in read) == 0, "every scan was read"
    # By eye: 33 pages of these documents are blank, or blank for the damage that the file has.
    assert sum(text.pages_without_text for text in read) <= 35
    assert sum(text.pages_by_ocr for text in read) >= 50


def _names(hub: Hub, response: SearchResponse) -> list[str]:
    with hub.catalogue.read() as session:
        found = documents.get_many(session, [hit.document_id for hit in response.hits])
    return [document.files[0].names[0] for document in found]


@pytest.mark.parametrize(
    ("query", "first", "among_the_first_ten"),
    [
        ('"hak asasi manusia"', {"uu-1999-39.pdf", "uu-2000-26.pdf"}, {"uu-1999-39.pdf", "uu-2000-26.pdf"}),
        (
            "terorisme",
            {"uu-2003-15.pdf", "uu-2003-16.pdf", "uu-2013-09.pdf", "uu-2018-05.pdf"},
            {"uu-2003-15.pdf", "uu-2003-16.pdf", "uu-2013-09.pdf", "uu-2018-05.pdf", "uu-2006-06.pdf"},
        ),
        ("pendanaan terorisme", {"uu-2013-09.pdf"}, {"uu-2013-09.pdf", "uu-2006-06.pdf", "uu-2018-05.pdf"}),
        ("otonomi khusus Papua", {"uu-2001-21.pdf"}, {"uu-2001-21.pdf"}),
        ("disaster", set(), set()),
    ],
)
def test_the_right_documents_at_the_right_pages(
    hub: Hub, query: str, first: set[str], among_the_first_ten: set[str]
) -> None:
    response = discover(hub, SearchRequest(query=query))
    names = _names(hub, response)
    assert response.total > 0
    if first:
        assert names[0] in first, names
    assert among_the_first_ten <= set(names), names
    words = re.findall(r"\w+", query.casefold())
    for hit in response.hits:
        document = read_document(hub, hit.document_id, Viewer())
        assert hit.page_hits or any(word in hit.title.casefold() for word in words), hit
        for page_hit in hit.page_hits:
            page = read_page(hub, document, page_hit.page)
            shown = [page_hit.snippet.text[m.start : m.end] for m in page_hit.snippet.marks]
            assert shown
            if query == "disaster":
                assert "disaster" in page.text.casefold(), (hit.title, page_hit.page)


def test_a_word_is_found_wherever_it_stands(hub: Hub, ingested: Corpus) -> None:
    """Every document whose text has the word is found, and no other."""
    _, receipts = ingested
    holding = set()
    for receipt in receipts:
        if receipt.text and receipt.document_id:
            text = "\n".join(page.text for page in hub.files.pages(receipt.text.sha256))
            if re.search(r"\bterorisme\b", text, re.IGNORECASE):
                holding.add(receipt.document_id)
    found: set[str] = set()
    for page in range(1, 20):
        hits = discover(hub, SearchRequest(query="terorisme", size=100, page=page)).hits
        if not hits:
            break
        found |= {hit.document_id for hit in hits}
    assert holding <= found
    assert len(found - holding) <= len(holding) * 0.5, "stems meet, but not everything is one stem"


def test_catalogue_and_index_agree(hub: Hub) -> None:
    assert list(check(hub)) == []
