"""The site where it must hold: what the public may not see, faults, headers, and whatever is typed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from werkzeug.test import TestResponse

import app
from holdings import documents
from holdings.settings import Settings
from indexer.hub import Hub, open_hub
from indexer.synchronise import synchronise
from tests.integration.site_pages import client_of, file_address, get, href, law, one, words
from tests.making import record_document


@pytest.fixture(scope="module")
def client(sample_hub: Hub) -> FlaskClient:
    return client_of(sample_hub)


@pytest.fixture
def own(hub: Hub) -> FlaskClient:
    """A client of an empty hub that the test fills."""
    return client_of(hub)


PREFIXES = ("", "/en")


@pytest.fixture
def hidden(hub: Hub) -> dict[str, str]:
    """Ids of documents beside a public one: for partners, for an organisation, and under embargo."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    record_document(hub, "Terbuka terorisme", theme="youth")
    ids = {
        "partners": record_document(hub, "Mitra terorisme", access=["partners"], theme="digital-space"),
        "organisation": record_document(hub, "Lembaga terorisme", access=["org:bnpt"], province="33"),
        "embargo": record_document(hub, "Nanti terorisme", embargo_until=tomorrow, kind="report"),
    }
    synchronise(hub)
    return ids


@pytest.mark.parametrize(
    "address", ["/", "/search", "/search?q=terorisme", "/search?q=mitra", "/search?theme=digital-space"]
)
def test_hidden_documents_are_not_seen_not_even_as_a_count(
    own: FlaskClient, hidden: dict[str, str], address: str
) -> None:
    for prefix in PREFIXES:
        text = get(own, prefix + address).html or ""
        assert not any(i in text for i in hidden.values())
        assert not any(name in text for name in ("Mitra t", "Lembaga t", "Nanti t"))
        assert "digital-space" not in text or "theme=digital-space" in address
    assert words(one(get(own, "/"), ".total")) == "1 dokumen"


@pytest.mark.parametrize("who", ["partners", "organisation", "embargo"])
def test_a_hidden_document_is_as_one_that_does_not_exist(
    own: FlaskClient, hub: Hub, hidden: dict[str, str], who: str
) -> None:
    document_id = hidden[who]
    with hub.catalogue.read() as session:
        sha256 = documents.get(session, document_id).files[0].sha256
    for end in ("", "/pages/1", "/pages?number=1", f"/files/{sha256}"):
        there, nowhere = own.get(f"/documents/{document_id}{end}"), own.get(f"/documents/0000000000{end}")
        assert there.status_code == nowhere.status_code == 404
        assert there.data.replace(document_id.encode(), b"") == nowhere.data.replace(b"0000000000", b"")


def test_what_documents_say_is_shown_and_never_run(own: FlaskClient, hub: Hub) -> None:
    attack = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    document_id = record_document(
        hub, f"Judul {attack}", [f"Teks {attack} korban"], abstract=f"Ringkasan {attack}", author=attack, number=attack
    )
    synchronise(hub)
    for address in ("/", "/search?q=korban", f"/documents/{document_id}", f"/documents/{document_id}/pages/1?q=korban"):
        page = get(own, address)
        assert "alert(1)" in page.text()
        assert page.css("main script") == page.css("main img") == []
    page = get(own, "/search?" + urlencode({"q": f'"{attack}', "theme": attack}))
    assert page.css("main script") == page.css("main img") == []
    assert page.css("form script") == []


@pytest.mark.parametrize(
    ("prefix", "title"), [("", "Halaman ini tidak ditemukan"), ("/en", "This page does not exist")]
)
@pytest.mark.parametrize(
    "address", ["/nothing", "/documents/0000000000", "/documents/a%00b", "/documents/%ff", "/documents/{}/pages/0",
                "/documents/{}/pages/50", "/documents/{}/pages/99999999999999999999", "/documents/{}/pages/x"]
)  # fmt: skip
def test_what_does_not_exist_says_so(
    client: FlaskClient, sample_hub: Hub, address: str, prefix: str, title: str
) -> None:
    page = get(client, prefix + address.format(law(sample_hub).id), 404)
    assert words(one(page, "h1")) == title
    assert words(one(page, "code")) in {"not_found", "unknown_id"}


def test_a_method_that_is_not_allowed_is_refused(client: FlaskClient) -> None:
    response = client.post("/search")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


@pytest.fixture
def without_engine(sample_settings: Settings) -> Iterator[FlaskClient]:
    """A client of the hub over the samples while its search engine is away."""
    server = sample_settings.indexer.elasticsearch.model_copy(update={"url": "http://127.0.0.1:9"})
    indexer = sample_settings.indexer.model_copy(update={"engine": "elasticsearch", "elasticsearch": server})
    with open_hub(sample_settings.model_copy(update={"indexer": indexer})) as hub:
        yield client_of(hub)


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/", "Layanan sedang tidak tersedia"),
        ("/search?q=a", "Layanan sedang tidak tersedia"),
        ("/en/search?q=a", "The hub is not available at the moment"),
    ],
)
def test_while_the_engine_is_away_a_search_says_so(without_engine: FlaskClient, address: str, title: str) -> None:
    page = get(without_engine, address, 503)
    assert words(one(page, "h1")) == title
    assert words(one(page, "code")) == "engine_unavailable"
    assert int(without_engine.get(address).headers["Retry-After"]) > 0
    assert "127.0.0.1:9" not in (page.html or "")


def test_while_the_engine_is_away_documents_can_be_read(without_engine: FlaskClient, sample_hub: Hub) -> None:
    document = law(sample_hub)
    page = get(without_engine, f"/documents/{document.id}/pages/4?q=korban")
    assert page.css(".sheet mark")
    assert "sedang tidak tersedia" in words(one(page, ".hit-steps"))
    assert "sedang tidak tersedia" in words(
        one(get(without_engine, f"/documents/{document.id}?q=korban"), ".inside-hits")
    )
    assert without_engine.get(file_address(document)).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["a" * 10_000, "kata " * 2_000, "(" * 5_000, ")" * 5_000, '"' * 4_999, "a\x00b", "\x00", "\ud7ff", "-", "-a", "*",
     "a*", "title:", "AND OR NOT", "é" * 10_000, "\u202ea", "%", "%(number)s", "{{ 7 * 7 }}",
     "'; DROP TABLE document; --"],
    ids=lambda query: f"{query[:12]!r} {len(query)}",
)  # fmt: skip
def test_whatever_is_typed_gives_a_page(client: FlaskClient, sample_hub: Hub, query: str) -> None:
    document = law(sample_hub)
    for address in ("/search", "/en/search", f"/documents/{document.id}", f"/documents/{document.id}/pages/2"):
        assert client.get(address, query_string={"q": query}).status_code == 200


@pytest.mark.parametrize(
    "query", ["q=%ff%fe", "theme=%00", "theme=%ff", "year=9999..0000", "year=..", "year=2018..abc", "organisation=%00",
              "language=%00", "page=" + "9" * 5000, "page=-1", "page=1.5", "size=0", "from=%00&to=%ff", "q=a&q=b",
              "&&=&=x"]
)  # fmt: skip
def test_whatever_stands_in_an_address_gives_a_page(client: FlaskClient, query: str) -> None:
    assert client.get(f"/search?{query}").status_code in {200, 302}


def _responses(client: FlaskClient, hub: Hub) -> dict[str, TestResponse]:
    document = law(hub)
    addresses = [
        *("/", "/en/search", f"/documents/{document.id}", f"/documents/{document.id}/pages/1", "/nothing"),
        *("/static/site.css", "/api/v1/search", "/api/nothing", "/health", "/robots.txt", file_address(document)),
    ]
    return {address: client.get(address) for address in addresses}


def test_every_answer_has_the_headers_that_keep_it_safe(client: FlaskClient, sample_hub: Hub) -> None:
    for address, response in _responses(client, sample_hub).items():
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, address
        assert "frame-ancestors 'none'" in policy, address
        assert "default-src 'self'" in policy or "default-src 'none'" in policy, address
        assert response.headers["X-Content-Type-Options"] == "nosniff", address
        assert response.headers["Referrer-Policy"], address
        assert response.headers["Cache-Control"], address
        assert "Set-Cookie" not in response.headers, address


def test_pages_need_no_script_and_nothing_from_elsewhere(client: FlaskClient, sample_hub: Hub) -> None:
    for address, response in _responses(client, sample_hub).items():
        if response.mimetype != "text/html":
            continue
        page = LexborHTMLParser(response.text)
        assert page.css("script, style, iframe, [style], [onclick], [onload]") == [], address
        for node in page.css("link[href]:not([rel=canonical]), img[src], source[src]"):
            assert (node.attributes.get("href") or node.attributes.get("src") or "").startswith("/"), address
    style = client.get("/static/site.css").text
    assert "//" not in style
    assert "@import" not in style


def test_static_files_are_kept_for_as_long_as_they_stay_the_same(client: FlaskClient) -> None:
    address = href(one(get(client, "/"), 'link[rel="stylesheet"]'))
    response = client.get(address)
    assert "immutable" in response.headers["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert "immutable" not in client.get("/static/site.css?v=old").headers["Cache-Control"]
    assert client.get("/static/../factory.py").status_code == 404


def test_robots_are_told_where_there_is_nothing_for_them(client: FlaskClient) -> None:
    assert "Disallow: /search" in client.get("/robots.txt").text


def test_the_look_is_small() -> None:
    assert (Path(app.__file__).parent / "static" / "site.css").stat().st_size < 21_504


@pytest.mark.parametrize(
    ("contact", "address"),
    [
        ("https://ikhub.example", "https://ikhub.example"),
        ("hub@ikhub.example", "mailto:hub@ikhub.example"),
        ("Sekretariat, Jakarta", None),
        ("javascript:alert(1)", None),
    ],
)
def test_those_who_run_the_hub_can_be_reached(sample_settings: Settings, contact: str, address: str | None) -> None:
    app_settings = sample_settings.app.model_copy(update={"contact": contact, "name_id": "Pusat Uji"})
    with open_hub(sample_settings.model_copy(update={"app": app_settings})) as hub:
        page = get(client_of(hub), "/")
    links = [href(a) for a in page.css(".footer a") if href(a).startswith(("https:", "mailto:", "javascript:"))]
    assert links == ([address] if address else [])
    assert address or contact in words(one(page, ".footer"))
    assert "Pusat Uji" in words(one(page, ".brand"))
