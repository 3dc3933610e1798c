"""Marks, receipts and relations as a browser shows them: accessible, and nothing over anything else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from holdings import relations
from holdings.model import DocumentField, Evidence
from holdings.relations import RelatedPair, Relation
from holdings.settings import load_settings
from indexer.hub import initialise, open_hub
from indexer.synchronise import synchronise
from tests.browser.conftest import serving
from tests.browser.test_accessibility import AXE_RULES
from tests.making import record_document
from tests.making_inferred import OCR, infer, read_anew

TEXT = "Pendanaan terorisme di daerah diawasi bersama oleh lembaga yang berwenang. " * 6
PAGES = {
    "results": "/search?q=pendanaan",
    "home": "/",
    "document": "/documents/{id}?q=pendanaan",
    "recognised": "/documents/{id}/pages/1",
    "waiting": "/documents/{id}/pages/2",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server, and the id of a scan of which much was inferred and which has a newer version."""
    settings = load_settings(None, {"IKHUB_DATA": str(tmp_path_factory.mktemp("marks") / "data")})
    initialise(settings)
    with open_hub(settings) as hub:
        seen, newer = record_document(hub, "Judul"), record_document(hub, "Judul Edisi Kedua", [TEXT] * 30, date="2022")
        read_anew(hub, seen, (TEXT, OCR, False), ("", None, True), (TEXT, None, False), truncated=["Page 4 was cut"])
        title = (DocumentField.TITLE, "Pengawasan Pendanaan Terorisme", Evidence(1, "Pendanaan terorisme"))
        provinces = [
            (DocumentField.PROVINCE, code, Evidence(1, "di daerah"))
            for code in ("11", "12", "13", "31", "32", "33", "34", "35")
        ]
        infer(hub, seen, title, (DocumentField.KIND, "report"), (DocumentField.DATE, "2020"), *provinces)
        with hub.catalogue.write() as session:
            pages = tuple((number, 1 + number % 3) for number in range(1, 31))
            relations.record(
                session, seen, [RelatedPair(newer, seen, Relation.NEW_VERSION, shared=0.9, pages=pages)], {newer}
            )
        synchronise(hub)
    with serving(settings) as (address, _process):
        yield address, seen


@pytest.mark.parametrize("prefix", ["", "/en"], ids=["Indonesian", "English"])
@pytest.mark.parametrize("name", PAGES)
def test_marks_are_accessible(
    page: Page, page_problems: list[str], served: tuple[str, str], name: str, prefix: str
) -> None:
    address, seen = served
    page.goto(address + prefix + PAGES[name].format(id=seen))
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        results = Axe().run(page, options=AXE_RULES)
        assert results.violations_count == 0, results.generate_report()
    assert page_problems == []


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_no_mark_stands_over_words(page: Page, served: tuple[str, str], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for path in (PAGES["results"], f"/documents/{served[1]}?q=pendanaan"):
        page.goto(served[0] + path)
        assert page.locator(".mark-ocr").count() >= 1
        for passage in page.locator(".passages li").all():
            link = passage.locator(".page-link").bounding_box()
            words = passage.locator(".snippet").bounding_box()
            assert link is not None
            assert words is not None
            beside = link["x"] + link["width"] <= words["x"]
            above = link["y"] + link["height"] <= words["y"] + 1
            assert beside or above, (path, link, words)


def test_pages_side_by_side_lead_to_both(page: Page, served: tuple[str, str]) -> None:
    page.goto(f"{served[0]}/en/documents/{served[1]}")
    page.get_by_text("Pages side by side").first.click()
    page.get_by_role("link", name="Page 7 (The other)").click()
    assert page.locator("h1 .reading-page").inner_text() == "Page 7"
    assert "Judul Edisi Kedua" in page.locator("h1").inner_text()
