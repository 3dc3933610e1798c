"""The pages of organisations: the public ones, for whom they show what, and those of administrators."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from desk import organisations as desk
from holdings import organisations
from holdings.accounts import HubRole, Role
from holdings.audit import COMMAND_LINE
from indexer.hub import Hub
from indexer.synchronise import synchronise
from tests.integration.site_pages import client_of, get, href, one, words
from tests.making import record_document
from tests.people import make_account, sign_in

ADDRESSES = (
    "/administration/organisations",
    "/administration/new-organisation",
    "/administration/import-organisations",
    "/administration/organisations/bnpt",
    "/administration/organisations/bnpt/rename",
    "/administration/organisations/bnpt/merge",
    "/administration/vocabularies/theme",
    "/administration/vocabularies/theme/new",
    "/administration/vocabularies/theme/terms/youth",
)


@pytest.fixture
def published(hub: Hub) -> dict[str, str]:
    """Documents of BNPT: two that all may read, one for its members, and one of another organisation."""
    ids = {
        "open": record_document(hub, "Laporan terbuka", organisation="bnpt", theme="youth", date="2021-05-01"),
        "older": record_document(hub, "Laporan lama", organisation="bnpt", theme="youth", date="2019"),
        "own": record_document(
            hub, "Catatan sendiri", organisation="bnpt", theme="digital-space", date="2024", access=["org:bnpt"]
        ),
        "hidden": record_document(hub, "Catatan polisi", organisation="polri", access=["org:polri"]),
    }
    synchronise(hub)
    return ids


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    return client_of(hub)


@pytest.fixture
def administrator(hub: Hub) -> FlaskClient:
    """A browser in which an administrator is signed in."""
    client = client_of(hub)
    sign_in(hub, client, make_account(hub, "Rahmat", hub_role=HubRole.ADMINISTRATOR))
    return client


def _post(client: FlaskClient, address: str, status: int = 302, **fields: object) -> str:
    """Send a form as its page has it, with these fields in it; return where it leads, or the page."""
    page = get(client, address)
    form = page.css("main form[method=post]")[-1]
    sent: dict[str, object] = {}
    for node in form.css("input, textarea, select"):
        name = node.attributes.get("name")
        if name and node.attributes.get("type") not in {"checkbox", "file"}:
            chosen = node.css_first("option[selected]") if node.tag == "select" else None
            value = chosen.attributes.get("value") if chosen else node.attributes.get("value")
            sent[name] = (node.text() if node.tag == "textarea" else value) or ""
    response = client.post(address, data={**sent, **fields})
    assert response.status_code == status, response.text
    return response.headers.get("Location", "") or response.text


def _counts(client: FlaskClient, address: str = "/organisations") -> dict[str, str]:
    page = get(client, address)
    return {
        href(node).rsplit("/", 1)[1]: words(node.css_first(".count"))
        for node in page.css(".browse a")
        if node.css(".count")
    }


def test_all_organisations_are_listed_and_only_what_may_be_read_is_counted(
    hub: Hub, client: FlaskClient, published: dict[str, str]
) -> None:
    assert _counts(client) == {"bnpt": "2"}
    assert len(get(client, "/organisations").css(".browse a")) == len(hub.organisations.all())
    sign_in(hub, client, make_account(hub, "Dewi", roles={"bnpt": Role.PARTNER}))
    assert _counts(client, "/en/organisations") == {"bnpt": "3"}


def test_the_page_of_an_organisation_shows_what_the_viewer_may_read(
    hub: Hub, client: FlaskClient, published: dict[str, str]
) -> None:
    page = get(client, "/organisations/bnpt")
    assert "Badan Nasional Penanggulangan Terorisme" in words(one(page, "h1"))
    titles = [words(node) for node in page.css(".hit-title")]
    assert titles == ["Laporan terbuka", "Laporan lama"]
    assert "Catatan" not in (page.html or "")
    searches = [href(node) for node in page.css(".ways .browse a")]
    assert "/search?organisation=bnpt&year=2021" in searches
    assert not any("digital-space" in address or "2024" in address for address in searches)
    sign_in(hub, client, make_account(hub, "Dewi", roles={"bnpt": Role.PARTNER}))
    assert len(get(client, "/en/organisations/bnpt").css(".hit-title")) == 3
    # One of which nothing may be read has its page, and nothing on it.
    assert get(client, "/organisations/polri").css(".hit-title") == []
    for unknown in ("tidak-ada", "A%00B", "..", "x" * 200):
        get(client, f"/organisations/{unknown}", 404)


def test_what_was_published_is_gone_from_the_page_as_soon_as_it_is_withdrawn(
    hub: Hub, client: FlaskClient, published: dict[str, str]
) -> None:
    from ingest.editing import edit_document

    edit_document(hub, published["open"], ["access=org:bnpt"])
    assert [words(node) for node in get(client, "/organisations/bnpt").css(".hit-title")] == ["Laporan lama"]
    assert _counts(client) == {"bnpt": "1"}


def test_former_addresses_and_searches_lead_on(hub: Hub, client: FlaskClient, published: dict[str, str]) -> None:
    desk.merge(hub, "bnpt", "polri", by=COMMAND_LINE, edition=desk.foresee(hub, "bnpt", "polri").edition)
    for prefix in ("", "/en"):
        response = client.get(f"{prefix}/organisations/bnpt")
        assert (response.status_code, response.headers["Location"]) == (301, f"{prefix}/organisations/polri")
    response = client.get("/search?q=laporan&organisation=bnpt&sort=title")
    assert (response.status_code, response.headers["Location"]) == (
        301,
        "/search?q=laporan&organisation=polri&sort=title",
    )
    # The index may be behind: what it holds under the former id is found and counted under the present one.
    for is_behind in (True, False):
        answer = client.get("/api/v1/search?organisation=bnpt").json
        assert answer is not None
        assert answer["total"] == 2, is_behind
        assert [note["code"] for note in answer["notes"]] == ["former_id"]
        assert [(v["id"], v["count"], v["selected"]) for v in answer["facets"]["organisation"]] == [("polri", 2, True)]
        assert len(get(client, "/organisations/polri").css(".hit-title")) == 2
        synchronise(hub)
    assert client.get("/api/v1/search?organisation=tidak-ada").status_code == 400


def test_a_website_is_linked_and_does_not_get_at_the_hub(hub: Hub, administrator: FlaskClient) -> None:
    synchronise(hub)
    _post(
        administrator,
        "/administration/organisations/bnpt",
        website="https://www.bnpt.example/",
        description_id="Badan <b>negara</b>.\n\nKedua.",
        quota_mb="2000",
    )
    page = get(administrator, "/organisations/bnpt")
    link = one(page, ".website a")
    assert (href(link), link.attributes["rel"]) == ("https://www.bnpt.example/", "noopener nofollow")
    assert "<b>negara" not in (page.html or "")
    with hub.catalogue.read() as session:
        assert organisations.get(session, "bnpt").quota_mb == 2000
    for wrong in ("javascript:alert(1)", "www.bnpt.example", "https://user@bnpt.example", "http://", "ftp://x.example"):
        page_text = _post(administrator, "/administration/organisations/bnpt", 200, website=wrong)
        assert "field-wrong" in page_text


def test_administration_is_for_administrators(hub: Hub, client: FlaskClient) -> None:
    for address in ADDRESSES:
        assert client.get(address).status_code == 302
    sign_in(hub, client, make_account(hub, "Kurnia", hub_role=HubRole.CURATOR))
    for address in ADDRESSES:
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in {400, 404, 405}


def test_an_organisation_is_added_changed_and_renamed(hub: Hub, administrator: FlaskClient) -> None:
    new: dict[str, Any] = {
        "name_id": "Yayasan Contoh",
        "name_en": "Example Foundation",
        "acronym": "YC",
        "group": "ngo",
    }
    assert _post(administrator, "/administration/new-organisation", **new) == "/administration/organisations/yc"
    assert "field-wrong" in _post(administrator, "/administration/new-organisation", 200, **new)
    stale = get(administrator, "/administration/organisations/yc")
    _post(administrator, "/administration/organisations/yc", name_id="Yayasan Contoh Baru")
    edition = one(stale, "input[name=edition]").attributes["value"]
    _post(administrator, "/administration/organisations/yc", 409, edition=edition, name_id="Lain")
    moved = _post(administrator, "/administration/organisations/yc/rename", new_id="ycb", name_en="New Foundation")
    assert moved == "/administration/organisations/ycb"
    assert administrator.get("/administration/organisations/yc").status_code == 301
    assert "field-wrong" in _post(administrator, "/administration/organisations/ycb/rename", 200, new_id="bnpt")
    with hub.catalogue.read() as session:
        assert organisations.get(session, "ycb").name_en == "New Foundation"
    listed = get(administrator, "/en/administration/organisations?q=new+foundation")
    assert [href(node) for node in listed.css("table.list a")] == ["/en/administration/organisations/ycb"]


def test_a_merger_is_shown_before_it_is_done(hub: Hub, administrator: FlaskClient, published: dict[str, str]) -> None:
    address = "/administration/organisations/bnpt/merge"
    assert not get(administrator, address).css("button.button-danger")
    shown = get(administrator, f"{address}?into=polri")
    numbers = [words(node) for node in shown.css(".facts-numbers dd")]
    assert numbers[:2] == ["1", "1"], "what members of each will read anew"
    record_document(hub, "Baru", access=["org:bnpt"])
    edition = one(shown, "input[name=edition]").attributes["value"]
    _post(administrator, f"{address}?into=polri", 409, edition=edition)
    assert _post(administrator, f"{address}?into=polri") == "/administration/organisations/polri"
    with hub.catalogue.read() as session:
        assert organisations.resolve(session, "bnpt") == "polri"


def test_a_file_is_imported_with_a_report_of_its_rows(hub: Hub, administrator: FlaskClient) -> None:
    address = "/administration/import-organisations"
    content = b"id,name_id,group\nyc,Yayasan Contoh,ngo\nsalah id,Salah,ngo\n"
    page = _post(administrator, address, 200, file=(BytesIO(content), "organisasi.csv"))
    assert "1 ditambahkan" in page
    assert "<td>3</td>" in page
    with hub.catalogue.read() as session:
        assert organisations.get(session, "yc").group == "ngo"
    for wrong in (b"", b"\xff\xfe\x00", b"nama\nx\n"):
        assert "field-wrong" in _post(administrator, address, 200, file=(BytesIO(wrong), "x.csv"))
