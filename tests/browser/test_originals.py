"""Originals in a real browser: nothing in them runs in the hub's origin, however they are opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from holdings import arrivals, documents
from holdings.access import Access
from holdings.errors import FileOutcome
from holdings.model import Declared, PageUnit, StoredFile
from holdings.model import Page as TextPage
from holdings.settings import Settings
from indexer.hub import Hub
from indexer.synchronise import synchronise
from tests.browser.conftest import serving
from tests.files.pdf import start

# It would show itself in the page's title, in its text, and by asking for an address of the hub.
_SCRIPT = "document.title='RAN'; document.documentElement.setAttribute('data-ran', '1'); fetch('/ran');"
_XHTML = "http://www.w3.org/1999/xhtml"
_FILES = {
    "page.html": (
        "text/html",
        f'<!doctype html><title>page</title><script>{_SCRIPT}</script><img src=x onerror="{_SCRIPT}">',
    ),
    "page.xhtml": (
        "application/xhtml+xml",
        f'<html xmlns="{_XHTML}"><head><title>page</title></head><body><script>{_SCRIPT}</script></body></html>',
    ),
    "picture.svg": ("image/svg+xml", f'<svg xmlns="http://www.w3.org/2000/svg"><script>{_SCRIPT}</script></svg>'),
    "data.xml": ("application/xml", f'<data><script xmlns="{_XHTML}">{_SCRIPT}</script></data>'),
    "words.txt": ("text/plain", f"<html><script>{_SCRIPT}</script></html>"),
}


def _pdf() -> bytes:
    made = start(["a page"])
    # The viewer runs scripts of a PDF by itself, apart from the page: they reach the hub neither by a form nor a link.
    script = b"this.submitForm('/ran'); this.getURL('/ran'); app.launchURL('/ran'); this.title = 'RAN';"
    action = made.add(b"<< /S /JavaScript /JS (%s) >>" % script.replace(b"(", b"\\(").replace(b")", b"\\)"))
    made.objects[1] = made.objects[1].replace(b">>", b"/OpenAction %d 0 R >>" % action)
    return made.build()


@pytest.fixture
def addresses(hub: Hub, tmp_path: Path) -> dict[str, str]:
    """Originals with scripts in them, by name: the paths of their addresses."""
    found = {}
    contents = {name: (media_type, text.encode()) for name, (media_type, text) in _FILES.items()}
    for name, (media_type, content) in (contents | {"form.pdf": ("application/pdf", _pdf())}).items():
        (tmp_path / name).write_bytes(content)
        stored = hub.files.add_original(tmp_path / name, max_bytes=10**6)
        file = StoredFile(stored.sha256, stored.size, media_type, (name,))
        with hub.files.text_writer() as writer:
            writer.add(TextPage(1, PageUnit.PAGE, name))
            text = writer.finish(reader="made for a test", truncated=())
        with hub.catalogue.write() as session:
            (arrival,) = arrivals.receive(session, [(name, f"/{name}", Declared())])
            arrivals.note_stored(session, arrival, file)
            arrivals.note_text(session, arrival, text)
            document_id = documents.add(
                session, statements=(), access=Access(frozenset({"public"})), text=text.text, file=file
            )
            arrivals.finish(session, arrival, FileOutcome.INGESTED, seconds=0.0, document_id=document_id)
        found[name] = f"/documents/{document_id}/files/{stored.sha256}"
    synchronise(hub)
    return found


@pytest.fixture
def server(settings: Settings, addresses: dict[str, str]) -> Iterator[str]:
    """The address of a server of the hub with these originals."""
    with serving(settings) as (address, _process):
        yield address


def _as_if_shown(route: Route) -> None:
    """Answer as the hub does, but without the word that the file is to be saved: as if a browser did not heed it."""
    response = route.fetch(max_retries=3)
    headers = {name: value for name, value in response.headers.items() if name.lower() != "content-disposition"}
    route.fulfill(response=response, headers=headers)


@pytest.mark.parametrize("name", [*_FILES, "form.pdf"])
def test_a_script_in_an_original_does_not_run(
    new_page: Callable[..., Page], page_problems: list[str], server: str, addresses: dict[str, str], name: str
) -> None:
    page = new_page()
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    if name != "form.pdf":
        page.route("**/files/**", _as_if_shown)
    page.goto(server + addresses[name])
    page.wait_for_timeout(500)
    assert page.title() != "RAN"
    if not name.endswith(".pdf"):
        assert page.evaluate("document.documentElement.getAttribute('data-ran')") is None
        # The document has an origin of its own: no cookie and no page of the hub is within its reach.
        assert page.evaluate("self.origin") == "null"
    assert not any("/ran" in url for url in asked)
    page.goto("about:blank")
    # The browser says in its console that it blocked the scripts, and its viewer of PDF asks for parts of its own.
    page_problems.clear()


@pytest.mark.parametrize("name", list(_FILES))
def test_an_original_is_no_script_and_no_frame_of_a_page(
    new_page: Callable[..., Page], page_problems: list[str], server: str, addresses: dict[str, str], name: str
) -> None:
    page = new_page()
    # A page of the same origin without a policy of its own, as a hole in the site would be.
    page.route(
        "**/hole", lambda route: route.fulfill(body="<!doctype html><title>hole</title>", content_type="text/html")
    )
    page.goto(f"{server}/hole")
    page.evaluate(
        """address => new Promise(done => {
            const script = document.createElement('script');
            script.src = address; script.onload = script.onerror = done;
            document.head.append(script);
        })""",
        addresses[name],
    )
    page.evaluate(
        """address => {
            const frame = document.createElement('iframe');
            frame.src = address;
            document.body.append(frame);
        }""",
        addresses[name],
    )
    page.wait_for_timeout(500)
    assert page.title() == "hole"
    assert page.evaluate("document.documentElement.getAttribute('data-ran')") is None
    page_problems.clear()


def test_what_a_browser_could_run_is_handed_over_to_be_saved(
    page: Page, server: str, addresses: dict[str, str]
) -> None:
    for name in ("page.html", "page.xhtml", "picture.svg", "data.xml"):
        response = page.request.get(server + addresses[name])
        assert response.headers["content-disposition"].startswith("attachment"), name
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in response.headers["content-security-policy"]
