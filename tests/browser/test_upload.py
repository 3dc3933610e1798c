"""Putting files in with a real browser, a real server and a real worker: dropped, chosen, cut off, and gone on with."""

from __future__ import annotations

import base64
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from holdings import sessions
from holdings.accounts import Account, Role
from holdings.settings import Settings
from indexer.hub import initialise, open_hub
from tests.browser.conftest import serving
from tests.conftest import ROOT, SAMPLES
from tests.people import make_account
from tests.services.process import free_port

FIVE = (
    "uu-5-2018.pdf",
    "laporan-penyusunan-rad-pe.html",
    "policy-brief-finding-overlap.docx",
    "research-note-reintegration.txt",
    "pedoman-metadata-i-khub.md",
)
# The worker reads five files, a law of 49 pages among them, on a machine that does much else.
_READ_MS = 240_000
_SENT_MS = 120_000
_END_SECONDS = 60


@pytest.fixture
def sari(settings: Settings) -> Account:
    initialise(settings)
    with open_hub(settings) as hub:
        return make_account(hub, roles={"bnpt": Role.CONTRIBUTOR})


@pytest.fixture
def secret(settings: Settings, sari: Account) -> str:
    """The secret of a session of hers."""
    with open_hub(settings) as hub, hub.catalogue.write() as session:
        return sessions.begin(session, sari.id, address="127.0.0.1", agent="test", second_factor=True)


@pytest.fixture
def address(settings: Settings, sari: Account) -> Iterator[str]:
    with serving(settings) as (address, _process):
        yield address


@contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    environment = {**os.environ, "IKHUB_DATA": str(settings.data), "IKHUB_CONFIG": os.devnull}
    process = subprocess.Popen([sys.executable, "-m", "app.cli", "worker"], cwd=ROOT, env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(_END_SECONDS)


def _signed_in(page: Page, address: str, secret: str) -> Page:
    page.context.add_cookies([{"name": "ikhub", "value": secret, "url": address}])
    return page


def _drop(page: Page, files: dict[str, bytes]) -> None:
    """Let files fall on the page as a person does who drags them there."""
    content = [[name, base64.b64encode(data).decode()] for name, data in files.items()]
    page.evaluate(
        """content => {
            const carried = new DataTransfer();
            for (const [name, data] of content) {
                const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
                carried.items.add(new File([bytes], name, { lastModified: 1_700_000_000_000 }));
            }
            const options = { dataTransfer: carried, bubbles: true, cancelable: true };
            const zone = document.getElementById("drop");
            for (const kind of ["dragenter", "dragover", "drop"]) zone.dispatchEvent(new DragEvent(kind, options));
        }""",
        content,
    )


def test_five_files_are_dropped_and_become_drafts(
    settings: Settings, address: str, secret: str, new_page: Callable[..., Page]
) -> None:
    page = _signed_in(new_page(), address, secret)
    page.goto(f"{address}/en/upload")
    expect(page.get_by_role("button", name="Send")).to_be_hidden()
    _drop(page, {name: (SAMPLES / name).read_bytes() for name in FIVE} | {"kosong.pdf": b""})
    rows = page.locator("#sent-files > li")
    expect(rows).to_have_count(6)
    expect(rows.filter(has_text="kosong.pdf")).to_contain_text("There is nothing in the file.")
    for name in FIVE:
        expect(rows.filter(has_text=name)).to_contain_text("Received: waits to be read", timeout=_SENT_MS)
    with _worker(settings):
        for name in FIVE:
            row = rows.filter(has_text=name)
            expect(row).to_contain_text("Read: please check", timeout=_READ_MS)
    assert "Read: please check" in (page.locator("#said").text_content() or "")
    rows.filter(has_text="uu-5-2018.pdf").get_by_role("link", name="Check and submit").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nomor 5 Tahun 2018")
    expect(page.get_by_label("Number", exact=False).first).to_have_value("UU 5/2018")


def test_without_scripts_a_form_does_it(
    settings: Settings, address: str, secret: str, new_page: Callable[..., Page]
) -> None:
    page = _signed_in(new_page(java_script_enabled=False), address, secret)
    page.goto(f"{address}/upload")
    page.get_by_label("Berkas").set_input_files([SAMPLES / name for name in FIVE])
    page.get_by_role("button", name="Kirim").click()
    expect(page).to_have_url(f"{address}/work")
    expect(page.get_by_role("status")).to_contain_text("5 berkas telah diterima.")
    with _worker(settings):
        deadline = time.monotonic() + _READ_MS / 1000
        while page.locator("section[aria-labelledby=drafts] li").count() < 5:
            assert time.monotonic() < deadline
            time.sleep(2)
            page.get_by_role("link", name="Lihat kabar terbaru").click()
    page.get_by_role("link", name=re.compile("Finding Overlap")).click()
    page.get_by_label("Tanggal").fill("2026-03")
    page.get_by_role("button", name="Simpan dan ajukan").click()
    expect(page).to_have_url(f"{address}/work")
    expect(page.locator("section[aria-labelledby=submitted] li")).to_have_count(1)


@pytest.fixture
def cut_lines(page_problems: list[str], new_page: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """A call as `new_page`, for tests that cut lines: that the browser notes each of them is no fault of the page."""
    pages: list[Page] = []

    def make() -> Page:
        pages.append(new_page())
        return pages[-1]

    yield make
    for page in pages:
        page.evaluate("0")  # for what the browser has noted to be here
    page_problems[:] = [problem for problem in page_problems if "net::ERR_" not in problem]


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of several pieces."""
    path = tmp_path / "catatan besar.bin"
    path.write_bytes(random.Random(1).randbytes(18_000_000))
    return path


def _arrived(settings: Settings) -> bytes:
    (part,) = (settings.data / "uploads").glob("*.bin")
    return part.read_bytes()


def test_a_server_that_starts_anew_in_the_middle_costs_nothing(
    settings: Settings, sari: Account, secret: str, large: Path, cut_lines: Callable[..., Page]
) -> None:
    environment = {**os.environ, "IKHUB_APP__PORT": str(free_port())}
    page = cut_lines()
    offsets: list[int] = []

    def slowly(route: Route) -> None:
        if route.request.method == "PATCH":
            offsets.append(int(route.request.headers["upload-offset"]))
        route.continue_()

    with serving(settings, environment) as (address, _process):
        _signed_in(page, address, secret).route("**/api/v1/uploads/*", slowly)
        page.goto(f"{address}/en/upload")
        page.locator("#files").set_input_files(large)
        while len(offsets) < 2:
            page.wait_for_timeout(10)
    expect(page.locator("#sent-files")).to_contain_text("The connection is lost", timeout=_SENT_MS)
    with serving(settings, environment):
        expect(page.locator("#sent-files")).to_contain_text("Received: waits to be read", timeout=_SENT_MS)
    assert _arrived(settings) == large.read_bytes()
    assert offsets.count(0) == 1, "what had arrived was not sent again"


def test_a_page_that_was_left_goes_on_when_the_file_is_chosen_again(
    settings: Settings, address: str, secret: str, large: Path, cut_lines: Callable[..., Page]
) -> None:
    page = _signed_in(cut_lines(), address, secret)
    offsets: list[int] = []

    def cut(route: Route) -> None:
        if route.request.method == "PATCH":
            offsets.append(int(route.request.headers["upload-offset"]))
            if len(offsets) > 2:
                route.abort("connectionreset")
                return
        route.continue_()

    page.route("**/api/v1/uploads/*", cut)
    page.goto(f"{address}/en/upload")
    page.locator("#files").set_input_files(large)
    expect(page.locator("#sent-files")).to_contain_text("The connection is lost", timeout=_SENT_MS)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{address}/en/work")
    expect(page.locator(".stage")).to_have_text("Not sent to its end yet")
    page.unroute("**/api/v1/uploads/*")
    page.goto(f"{address}/en/upload")
    expect(page.locator("#unfinished-files")).to_contain_text("catatan besar.bin")
    with page.expect_request(lambda request: request.method == "PATCH") as first:
        page.locator("#files").set_input_files(large)
    assert first.value.headers["upload-offset"] == "8000000"
    expect(page.locator("#sent-files")).to_contain_text("Received: waits to be read", timeout=_SENT_MS)
    assert page.locator("#unfinished-files > li").count() == 0
    assert _arrived(settings) == large.read_bytes()


def test_a_file_can_be_given_up(
    settings: Settings, address: str, secret: str, large: Path, cut_lines: Callable[..., Page]
) -> None:
    page = _signed_in(cut_lines(), address, secret)
    page.route("**/api/v1/uploads/*", lambda r: r.abort() if r.request.method == "PATCH" else r.continue_())
    page.goto(f"{address}/en/upload")
    page.locator("#files").set_input_files(large)
    expect(page.locator("#sent-files")).to_contain_text("The connection is lost", timeout=_SENT_MS)
    page.get_by_role("button", name="Give up: catatan besar.bin").click()
    expect(page.locator("#sent-files")).to_contain_text("Given up", timeout=_SENT_MS)
    page.goto(f"{address}/en/work")
    expect(page.locator(".stage")).to_have_count(0)
