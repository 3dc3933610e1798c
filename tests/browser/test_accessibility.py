"""Every page, in both languages, at desktop and phone width: nothing that axe finds, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from holdings.access import Viewer
from holdings.model import DocumentField
from indexer.discover import discover
from indexer.hub import Hub
from indexer.model import SearchRequest
from indexer.reading import read_document
from tests.integration.site_pages import law

# Desktop, phone, and the narrowest that WCAG asks for.
WIDTHS = (1280, 390, 320)
PAGES = {
    "home": "/",
    "results": "/search?q=terorisme",
    "filtered": "/search?q=hukum&kind=regulation&theme=human-rights&year=1999..2010&size=5&page=2",
    "notes": "/search?q=%22hak+asasi&theme=nothing&foo=1&page=900",
    "nothing found": "/search?q=xyzzyplugh",
    "long query": "/search?q=" + "x" * 300,
    "document": "/documents/{id}",
    "document searched": "/documents/{id}?q=korban",
    "page": "/documents/{id}/pages/4?q=korban",
    "page alone": "/documents/{id}/pages/1",
    "section": "/documents/{other}/pages/2?q=terorisme",
    "inferred": "/documents/{other}",
    "not found": "/nothing",
}
AXE_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


@pytest.fixture(scope="session")
def ids(sample_hub: Hub) -> dict[str, str]:
    """A law and a document of which something was inferred."""
    hits = discover(sample_hub, SearchRequest(size=100)).hits
    found = [read_document(sample_hub, hit.document_id, Viewer()) for hit in hits]
    other = next(d for d in found if d.text.pages > 2 and not d.values(DocumentField.NUMBER))
    return {"id": law(sample_hub).id, "other": other.id}


@pytest.mark.parametrize("prefix", ["", "/en"], ids=["Indonesian", "English"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible(
    page: Page, page_problems: list[str], live_server_url: str, ids: dict[str, str], name: str, prefix: str
) -> None:
    page.goto(live_server_url + prefix + PAGES[name].format(**ids))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert width_of(page) <= width
    # What is folded is looked at, too.
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    for width in WIDTHS[:2]:
        page.set_viewport_size({"width": width, "height": 900})
        assert width_of(page) <= width
        results = Axe().run(page, options=AXE_RULES)
        assert results.violations_count == 0, results.generate_report()
    if name == "not found":
        page_problems[:] = [problem for problem in page_problems if "404" not in problem]


def width_of(page: Page) -> int:
    """Return how wide the page is: what does not fit has to be scrolled to."""
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("name", ["home", "filtered", "document searched", "page"])
def test_headings_and_landmarks_give_a_page_its_shape(
    page: Page, live_server_url: str, ids: dict[str, str], name: str
) -> None:
    page.goto(live_server_url + PAGES[name].format(**ids))
    for landmark in ("header", "main", "footer", "[role=search]"):
        assert page.locator(landmark).count() >= 1, landmark
    levels = page.eval_on_selector_all("h1, h2, h3, h4", "nodes => nodes.map(node => Number(node.tagName[1]))")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), levels


def test_a_page_can_be_enlarged_to_twice_its_size(new_page: Callable[..., Page], live_server_url: str) -> None:
    page = new_page(viewport={"width": 640, "height": 450})  # 1280 pixels at 200%
    for address in ("/", "/search?q=terorisme"):
        page.goto(live_server_url + address)
        assert width_of(page) <= 640


def test_paper_gets_the_text_and_not_the_tools(page: Page, live_server_url: str, ids: dict[str, str]) -> None:
    page.emulate_media(media="print")
    page.goto(live_server_url + PAGES["page"].format(**ids))
    assert page.locator(".sheet").is_visible()
    assert not page.locator(".reading-tools").is_visible()
    assert not page.locator(".header form").is_visible()
