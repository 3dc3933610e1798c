"""The pages of those who are signed in: nothing that axe finds, nothing wider than the screen, no need of a mouse.

One hub, with a document in each state; each role looks at its pages in Indonesian on a phone, its menu open, and in
English at a desk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from holdings import sessions
from holdings.accounts import Account, HubRole, Role
from holdings.settings import load_settings
from holdings.states import State
from indexer.hub import Hub, initialise, open_hub
from indexer.synchronise import synchronise
from tests.browser.conftest import serving
from tests.browser.test_accessibility import AXE_RULES, width_of
from tests.making import record_document
from tests.people import make_account

PAGES = {
    "contributor": (
        "/work",
        "/work/{draft}",
        "/work/{draft}/pages/1",
        "/upload",
        "/searches",
        "/searches/new?q=hukum",
        "/account",
        "/account/security",
        "/account/tokens",
        "/account/data",
        "/notices",
    ),
    "editor": (
        "/review",
        "/review/{submitted}",
        "/review/{submitted}/preview",
        "/review/{published}/withdraw",
        "/members",
    ),
    "curator": ("/review", "/review/{published}/access", "/review/reports"),
    "administrator": (
        "/administration",
        "/administration/people",
        "/administration/invite",
        "/administration/organisations/bnpt",
        "/administration/organisations/bnpt/merge",
        "/administration/vocabularies/theme",
        "/administration/vocabularies/theme/terms/youth",
        "/administration/files",
        "/administration/index",
        "/administration/mail",
        "/administration/audit",
    ),
}
PHONE, DESK, NARROWEST = 390, 1280, 320
_PERSONAL = "Nama Budi Contoh, NIK 3273014503900001, telepon 0812-3456-7890."


@dataclass(frozen=True, slots=True)
class Stage:
    """A running hub, the secret of a session of each role, and a document in each state by the name of the state."""

    address: str
    secrets: Mapping[str, str]
    documents: Mapping[str, str]

    def enter(self, page: Page, role: str) -> None:
        """Let a browser be that of somebody in this role."""
        page.context.add_cookies([{"name": "ikhub", "value": self.secrets[role], "url": self.address}])


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    settings = load_settings(None, {"IKHUB_DATA": str(tmp_path_factory.mktemp("members") / "data")})
    initialise(settings)
    with open_hub(settings) as hub:
        secrets, documents = _people_and_documents(hub)
    with serving(settings) as (address, _process):
        yield Stage(address, secrets, documents)


def _people_and_documents(hub: Hub) -> tuple[dict[str, str], dict[str, str]]:
    people = {
        "contributor": make_account(hub, "Sari", roles={"bnpt": Role.CONTRIBUTOR}),
        "editor": make_account(hub, "Budi", roles={"bnpt": Role.EDITOR}),
        "curator": make_account(hub, "Ayu", hub_role=HubRole.CURATOR),
        "administrator": make_account(hub, "Tari", hub_role=HubRole.ADMINISTRATOR),
    }
    documents = {state.value: _record(hub, state, people["contributor"]) for state in State}
    synchronise(hub)
    with hub.catalogue.write() as session:
        secrets = {
            role: sessions.begin(session, account.id, address="127.0.0.1", agent="test", second_factor=True)
            for role, account in people.items()
        }
    return secrets, documents


def _record(hub: Hub, state: State, contributor: Account) -> str:
    return record_document(
        hub,
        f"Laporan {state}",
        [f"Halaman pertama tentang pencegahan. {_PERSONAL}"],
        state=state,
        keeper="org:bnpt",
        contributor=contributor.id,
        organisation="bnpt",
        theme="youth",
    )


def test_the_pages_of_members_are_accessible(new_page: Callable[..., Page], stage: Stage) -> None:
    found = []
    for role, paths in PAGES.items():
        page = new_page()
        stage.enter(page, role)
        for path in (one.format(**stage.documents) for one in paths):
            for prefix, width in (("", PHONE), ("/en", DESK)):
                found += [
                    f"{role} {prefix}{path}: {fault}" for fault in _faults(page, stage.address + prefix + path, width)
                ]
    assert found == []


def _faults(page: Page, address: str, width: int) -> list[str]:
    """Look at a page as it comes and with everything unfolded; return what is wrong with it."""
    faults = []
    response = page.goto(address)
    if response is None or not response.ok:
        return ["does not open"]
    for looked_at in (NARROWEST, width):
        page.set_viewport_size({"width": looked_at, "height": 844})
        if width_of(page) > looked_at:
            faults.append(f"is wider than {looked_at}")
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    if width_of(page) > width:
        faults.append(f"is wider than {width} when it is unfolded")
    results = Axe().run(page, options=AXE_RULES)
    if results.violations_count:
        faults.append(results.generate_report())
    return faults


def test_on_a_phone_the_menu_leaves_the_screen_to_the_page(new_page: Callable[..., Page], stage: Stage) -> None:
    page = new_page(viewport={"width": PHONE, "height": 844}, java_script_enabled=False)
    stage.enter(page, "editor")
    for prefix in ("", "/en"):
        page.goto(f"{stage.address}{prefix}/review")
        header = page.locator("header.header").bounding_box()
        assert header is not None
        assert header["height"] < 844 / 3
    work = page.get_by_role("link", name="My work", exact=True)
    expect(work).to_be_hidden()
    page.locator(".people summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(work).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{stage.address}/en/work")


def test_a_submission_is_published_with_the_keyboard_alone_and_without_a_script(
    new_page: Callable[..., Page], stage: Stage
) -> None:
    page = new_page(viewport={"width": DESK, "height": 900}, java_script_enabled=False)
    stage.enter(page, "editor")
    page.goto(f"{stage.address}/en/review/{stage.documents['submitted']}")
    publish = page.get_by_role("button", name="Publish", exact=True)
    for _step in range(40):
        page.keyboard.press("Tab")
        if publish.evaluate("button => button === document.activeElement"):
            break
    expect(publish).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_be_visible()
    assert page.request.get(f"{stage.address}/documents/{stage.documents['submitted']}").ok
