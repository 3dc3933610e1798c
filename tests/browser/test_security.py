"""The policy of the pages in a real browser: no page breaks it, in either language, whoever is signed in."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from holdings import sessions
from holdings.accounts import HubRole, Role
from holdings.settings import Settings
from holdings.states import State
from indexer.hub import Hub
from indexer.synchronise import synchronise
from tests.browser.conftest import serving
from tests.making import record_document
from tests.people import make_account

# What each role must have come by on its way, so that a menu that went missing does not pass.
SEEN = {
    "public": {"/", "/search", "/documents/*", "/sign-in", "/forgotten"},
    "partner": {"/searches", "/notices", "/account", "/account/security"},
    "contributor": {"/upload", "/work"},
    "editor": {"/review", "/review/*", "/members"},
    "curator": {"/review", "/review/*", "/review/reports"},
    "administrator": {"/administration", "/administration/people", "/administration/audit", "/administration/mail"},
}
_MOST_PAGES = 120


@pytest.fixture
def tokens(hub: Hub) -> Mapping[str, str]:
    """The secret of a session for each role, in a hub with a document in each state."""
    people = {
        "partner": make_account(hub, "Mitra", roles={"wahid-foundation": Role.PARTNER}),
        "contributor": make_account(hub, "Sari", roles={"bnpt": Role.CONTRIBUTOR}),
        "editor": make_account(hub, "Budi", roles={"bnpt": Role.EDITOR}),
        "curator": make_account(hub, "Ayu", hub_role=HubRole.CURATOR),
        "administrator": make_account(hub, "Tari", hub_role=HubRole.ADMINISTRATOR),
    }
    for state in State:
        record_document(
            hub,
            f"Laporan {state}",
            ["Halaman pertama tentang pencegahan."],
            state=state,
            keeper="org:bnpt",
            contributor=people["contributor"].id,
            organisation="bnpt",
            theme="youth",
        )
    synchronise(hub)
    with hub.catalogue.write() as session:
        return {
            role: sessions.begin(session, account.id, address="127.0.0.1", agent="test", second_factor=True)
            for role, account in people.items()
        }


@pytest.fixture
def server(settings: Settings, tokens: Mapping[str, str]) -> Iterator[str]:
    """The address of a server of this hub."""
    with serving(settings) as (address, _process):
        yield address


@pytest.mark.parametrize("role", SEEN)
def test_no_page_breaks_its_policy(
    new_page: Callable[..., Page], server: str, tokens: Mapping[str, str], role: str
) -> None:
    page = new_page()
    if role in tokens:
        page.context.add_cookies([{"name": "ikhub", "value": tokens[role], "url": server}])
    # A violation is an error of the console, which fails the test: see `page_problems`.
    seen = _visited(page, server)
    for prefix in ("", "/en"):
        assert {prefix + path if path != "/" else prefix or path for path in SEEN[role]} <= seen


def _visited(page: Page, server: str) -> set[str]:
    """Follow all links from the home page, to one page of each kind, and return the kinds."""
    waiting, seen = deque(["/", "/en/"]), set[str]()
    while waiting and len(seen) < _MOST_PAGES:
        path = waiting.popleft()
        kind = _kind(path)
        if kind in seen:
            continue
        seen.add(kind)
        response = page.goto(server + path)
        assert response is not None
        assert response.ok, path
        policy = response.headers["content-security-policy"]
        assert ("script-src 'self'" in policy) is kind.endswith("/upload"), path
        waiting.extend(path for path in map(_local_path, page.eval_on_selector_all("a[href]", _HREFS)) if path)
    return seen


_HREFS = "links => links.filter(a => a.host === location.host).map(a => a.href)"


def _local_path(address: str) -> str | None:
    parts = urlsplit(address)
    # Originals and answers for programs are no pages.
    if re.search(r"/files/|^/api/|\.txt$|/provider", parts.path):
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _kind(path: str) -> str:
    """Return a path without what tells two pages of the same kind apart."""
    path = re.sub(r"/(?=[a-z0-9]*\d)[a-z0-9]{10}(?=/|$)|/\d+(?=/|$)", "/*", urlsplit(path).path)
    path = re.sub(r"(?<=/organisations/)[^/]+|(?<=/vocabularies/)[^/]+|(?<=/terms/)[^/]+", "*", path)
    return path.rstrip("/") or "/"
