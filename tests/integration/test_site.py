"""The site over the samples: home, results and languages."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborNode

from indexer.discover import discover
from indexer.hub import Hub
from indexer.model import Facet, SearchRequest, Sort
from indexer.synchronise import synchronise
from tests.integration.site_pages import client_of, get, href, law, one, words


@pytest.fixture(scope="module")
def client(sample_hub: Hub) -> FlaskClient:
    return client_of(sample_hub)


@pytest.fixture
def own(hub: Hub) -> FlaskClient:
    """A client of an empty hub that the test fills."""
    return client_of(hub)


@pytest.mark.parametrize(("prefix", "total"), [("", "23 dokumen"), ("/en", "23 documents")])
def test_home_shows_how_many_and_the_newest(client: FlaskClient, sample_hub: Hub, prefix: str, total: str) -> None:
    page = get(client, f"{prefix}/")
    assert words(one(page, ".total")) == total
    newest = discover(sample_hub, SearchRequest(sort=Sort.NEWEST, size=6))
    assert [words(title) for title in page.css(".hit-title")] == [hit.title for hit in newest.hits]


@pytest.mark.parametrize("facet", [Facet.THEME, Facet.PROVINCE, Facet.KIND, Facet.GROUP])
def test_home_leads_into_the_collection(client: FlaskClient, sample_hub: Hub, facet: Facet) -> None:
    links = get(client, "/").css(f'a[href^="/search?{facet.value}="]')
    shown = {parse_qs(urlsplit(href(a)).query)[facet.value][0]: words(a) for a in links}
    values = discover(sample_hub, SearchRequest()).facets[facet]
    assert shown == {value.id: f"{value.label} {value.count}" for value in values}
    value = values[0]
    assert f"{value.count} dokumen" in words(one(get(client, f"/search?{facet.value}={value.id}"), "#found"))


def test_an_empty_hub_has_a_home_page(own: FlaskClient, hub: Hub) -> None:
    synchronise(hub)
    page = get(own, "/")
    assert "Belum ada dokumen" in words(page.body)
    assert "0 dokumen" in words(one(page, ".total"))


def test_results_are_those_of_discover(client: FlaskClient, sample_hub: Hub) -> None:
    page = get(client, "/search?q=terorisme&size=25")
    response = discover(sample_hub, SearchRequest("terorisme", size=25))
    assert words(one(page, "#found")) == f"{response.total} dokumen"
    assert [words(title) for title in page.css(".hit-title")] == [hit.title for hit in response.hits]
    for article, hit in zip(page.css(".hits .hit"), response.hits, strict=True):
        assert href(one(article, ".hit-title a")) == f"/documents/{hit.document_id}?q=terorisme&size=25"
        links = article.css(".page-link")
        assert [urlsplit(href(a)).path for a in links] == [
            f"/documents/{hit.document_id}/pages/{found.page}" for found in hit.page_hits
        ]
        assert all(re.fullmatch(r"(Halaman|Bagian) \d+", words(a)) for a in links)
        marked = [words(mark) for mark in article.css(".snippet mark")]
        assert len(marked) == sum(len(found.snippet.marks) for found in hit.page_hits)
        assert all("teror" in mark.casefold() for mark in marked)


def test_a_page_link_leads_to_the_page_with_the_words_marked(client: FlaskClient) -> None:
    link = get(client, "/search?q=%22hak+asasi+manusia%22").css(".page-link")[0]
    page = get(client, href(link))
    assert words(one(page, "h1 .reading-page")) == words(link)
    marked = " ".join(words(mark).casefold() for mark in page.css(".sheet mark"))
    assert marked
    assert marked.replace("hak asasi manusia", "").strip() == "", "a phrase that crosses a line is marked on both"


@pytest.mark.parametrize(("prefix", "language"), [("", "id"), ("/en", "en")])
def test_facets_have_the_counts_of_discover(client: FlaskClient, sample_hub: Hub, prefix: str, language: str) -> None:
    page = get(client, f"{prefix}/search?q=hukum&theme=human-rights")
    request = SearchRequest(
        "hukum", filters={Facet.THEME: ("human-rights",)}, label_language="en" if language == "en" else "id"
    )
    for facet, values in discover(sample_hub, request).facets.items():
        boxes = page.css(f'.filters input[name="{facet.value}"]')
        shown = {box.attributes["value"]: words(box.parent) for box in boxes}
        assert shown == {value.id: f"{value.label} {value.count}" for value in values}
    assert one(page, ".filters input[checked]").attributes["value"] == "human-rights"
    assert page.css('.filters input[name="theme"]')[0].attributes["value"] == "human-rights", "chosen values come first"


def _submitted(form: LexborNode, **ticked: str) -> str:
    """Return the address to which a form leads, with boxes ticked and fields filled in addition."""
    pairs: list[tuple[str, str]] = []
    for field in form.css("input"):
        name, value = field.attributes["name"] or "", field.attributes.get("value") or ""
        is_box = field.attributes.get("type") == "checkbox"
        if name in ticked and not is_box:
            pairs.append((name, ticked[name]))
        elif not is_box or "checked" in field.attributes or ticked.get(name) == value:
            pairs.append((name, value))
    return f"{form.attributes['action']}?{urlencode(pairs)}"


def test_the_form_of_filters_keeps_the_search_and_what_was_chosen(client: FlaskClient, sample_hub: Hub) -> None:
    page = get(client, "/search?q=hukum&sort=oldest&theme=human-rights")
    response = client.get(_submitted(one(page, ".filters form"), kind="regulation"))
    assert response.status_code == 302
    assert response.location == "/search?q=hukum&kind=regulation&theme=human-rights&sort=oldest"
    filters = {Facet.KIND: ("regulation",), Facet.THEME: ("human-rights",)}
    expected = discover(sample_hub, SearchRequest("hukum", filters=filters, sort=Sort.OLDEST))
    shown = get(client, response.location).css(".hit-title")
    assert [words(title) for title in shown] == [hit.title for hit in expected.hits]


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"from": "2001", "to": "2006"}, "/search?year=2001..2006"),
        ({"from": "2006", "to": "2001"}, "/search?year=2001..2006"),
        ({"from": "2018", "to": "2018"}, "/search?year=2018"),
        ({"to": "2001"}, "/search?year=..2001"),
        ({"from": "abc"}, "/search?year=abc.."),
        ({}, "/search"),
    ],
)
def test_a_range_of_years_becomes_one_parameter(client: FlaskClient, fields: dict[str, str], address: str) -> None:
    response = client.get(_submitted(one(get(client, "/search"), ".filters form"), **fields))
    assert response.location == address
    page = get(client, address)
    if "abc" in address:
        assert "“year” dalam alamat diabaikan" in words(one(page, ".notes"))
    elif ".." in address:
        again = _submitted(one(page, ".filters form"))
        assert client.get(again).location == address


def test_the_search_box_keeps_the_filters(client: FlaskClient) -> None:
    page = get(client, "/search?q=hukum&theme=human-rights&year=1999..2010&page=2")
    box = one(page, ".header form")
    assert _submitted(box, q="anak") == "/search?q=anak&theme=human-rights&year=1999..2010"


def test_filters_in_use_are_taken_off_one_by_one(client: FlaskClient) -> None:
    page = get(client, "/search?q=hukum&theme=human-rights&theme=legal-framework&kind=regulation&page=2&size=5")
    chips = {words(a): href(a) for a in page.css("a.chip")}
    assert chips == {
        "Hapus filter: Jenis Peraturan ×": "/search?q=hukum&theme=human-rights&theme=legal-framework&size=5",
        "Hapus filter: Tema Hak asasi manusia ×": "/search?q=hukum&kind=regulation&theme=legal-framework&size=5",
        "Hapus filter: Tema Kerangka hukum ×": "/search?q=hukum&kind=regulation&theme=human-rights&size=5",
    }
    assert href(one(page, "a.clear")) == "/search?q=hukum&size=5"


@pytest.mark.parametrize("sort", list(Sort))
def test_the_order_can_be_chosen(client: FlaskClient, sample_hub: Hub, sort: Sort) -> None:
    other = "title" if sort is Sort.RELEVANCE else "relevance"
    names = {Sort.RELEVANCE: "Relevansi", Sort.NEWEST: "Terbaru", Sort.OLDEST: "Terlama", Sort.TITLE: "Judul"}
    (link,) = (a for a in get(client, f"/search?q=anak&sort={other}").css(".sorts a") if words(a) == names[sort])
    page = get(client, href(link))
    assert words(one(page, ".sorts [aria-current]")) == words(link)
    expected = discover(sample_hub, SearchRequest("anak", sort=sort))
    assert [words(title) for title in page.css(".hit-title")] == [hit.title for hit in expected.hits]


def test_without_a_query_nothing_is_more_relevant(client: FlaskClient) -> None:
    sorts = get(client, "/search").css(".sorts a")
    assert [words(a) for a in sorts] == ["Terbaru", "Terlama", "Judul"]
    assert "aria-current" in sorts[0].attributes


def test_pages_of_results_follow_each_other(client: FlaskClient) -> None:
    seen: list[str] = []
    address: str | None = "/search?size=5&sort=title"
    while address:
        page = get(client, address)
        seen += [href(a) for a in page.css(".hit-title a")]
        following = page.css('.paging a[rel="next"]')
        assert [href(a) for a in following] == [href(a) for a in page.css('head link[rel="next"]')]
        address = href(following[0]) if following else None
    assert len({urlsplit(link).path for link in seen}) == len(seen) == 23
    assert href(one(page, '.paging a[rel="prev"]')) == "/search?sort=title&size=5&page=4"


@pytest.mark.parametrize("number", ["3", "10000", "999999999"])
def test_beyond_the_last_page_there_is_a_way_back(client: FlaskClient, number: str) -> None:
    page = get(client, f"/search?q=terorisme&page={number}")
    assert page.css(".hit") == []
    assert words(one(page, ".notes")) == "Hasil hanya sampai halaman 2."
    assert href(one(page, '.paging a[rel="prev"]')) == "/search?q=terorisme&page=2"


def test_nothing_found_says_what_may_help(client: FlaskClient) -> None:
    page = get(client, "/search?q=xyzzyplugh&province=33")
    assert words(one(page, "#found")) == "0 dokumen"
    assert href(one(page, ".empty li a[href*='q=']")) == "/search?q=xyzzyplugh"


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("q=%22hak+asasi", "ditelusuri sebagai kata biasa"),
        ("q=" + "kata+" * 2000, "terlalu panjang"),
        ("q=theme:tidakada", "istilah yang tidak dikenal"),
        ("theme=tidak-ada", "Tema: “tidak-ada” tidak dikenal."),
        ("foo=1", "“foo” dalam alamat diabaikan"),
        ("page=abc", "“page” dalam alamat diabaikan"),
        ("size=1000", "“size” dalam alamat diabaikan"),
    ],
)
def test_what_was_understood_otherwise_is_said_in_the_language_of_the_page(
    client: FlaskClient, query: str, note: str
) -> None:
    assert note in words(one(get(client, f"/search?{query}"), ".notes"))
    english = words(one(get(client, f"/en/search?{query}"), ".notes"))
    assert note not in english
    assert re.search(r"\b(searched|there is|left out)\b", english)


@pytest.mark.parametrize(
    "address", ["/", "/search?q=terorisme&theme=legal-framework&page=2", "/documents/{}/pages/2?q=a"]
)
def test_the_other_language_is_the_same_page(client: FlaskClient, sample_hub: Hub, address: str) -> None:
    address = address.format(law(sample_hub).id)
    indonesian, english = get(client, address), get(client, f"/en{address}")
    assert (one(indonesian, "html").attributes["lang"], one(english, "html").attributes["lang"]) == ("id", "en")
    assert href(one(indonesian, ".languages a")) == f"/en{address}"
    assert href(one(english, ".languages a")) == address
    assert one(indonesian, 'link[rel="alternate"]').attributes["hreflang"] == "en"
    internal = [href(a) for a in english.css("main a") if href(a).startswith("/")]
    assert internal
    assert all(link.startswith("/en/") for link in internal)


def test_english_pages_are_english_and_indonesian_ones_are_not(client: FlaskClient) -> None:
    assert "Skip to the content" in get(client, "/en/search").text()
    assert "Skip to the content" not in get(client, "/search").text()
    assert words(get(client, "/en/search?kind=regulation").css(".hit .kind")[0]) == "Regulation"
