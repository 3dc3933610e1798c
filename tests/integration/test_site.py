"""The site over the samples: every page in both languages, what the public may not see, originals, and bad input."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from selectolax.parser import HTMLParser, Node
from werkzeug.test import TestResponse

from app.factory import create_app
from holdings.access import Viewer
from holdings.model import Document, DocumentField, Evidence, Source, Statement
from holdings.settings import Settings
from indexer.discover import discover
from indexer.hub import Hub, open_hub
from indexer.model import Facet, SearchRequest, Sort
from indexer.reading import matching_pages, read_document, read_page
from indexer.synchronise import synchronise
from tests.making import record_document

PREFIXES = ("", "/en")


@pytest.fixture(scope="module")
def client(sample_hub: Hub) -> FlaskClient:
    return create_app(sample_hub).test_client()


@pytest.fixture
def own(hub: Hub) -> FlaskClient:
    """A client of an empty hub that the test fills."""
    return create_app(hub).test_client()


def get(client: FlaskClient, address: str, status: int = 200) -> HTMLParser:
    response = client.get(address)
    assert response.status_code == status, f"{address}: {response.status_code}"
    assert response.mimetype == "text/html"
    return HTMLParser(response.text)


def one(root: HTMLParser | Node, selector: str) -> Node:
    found = root.css(selector)
    assert len(found) == 1, f"{len(found)} of {selector}"
    return found[0]


def words(node: Node | None) -> str:
    assert node is not None
    return " ".join(node.text().split())


def href(node: Node) -> str:
    address = node.attributes["href"]
    assert address is not None
    return address


def law(hub: Hub, number: str = "UU 5/2018") -> Document:
    """Return one of the laws among the samples, by its number."""
    for hit in discover(hub, SearchRequest(size=100)).hits:
        document = read_document(hub, hit.document_id, Viewer())
        if number in document.values(DocumentField.NUMBER):
            return document
    raise AssertionError(number)


# Home


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


# Results


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
    assert {words(mark).casefold() for mark in page.css(".sheet mark")} == {"hak asasi manusia"}


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


def _submitted(form: Node, **ticked: str) -> str:
    """Return the address to which a form leads, with boxes ticked and fields filled in addition."""
    pairs = []
    for field in form.css("input"):
        name, value = field.attributes["name"], field.attributes.get("value") or ""
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
        assert "Tahun: “abc..” tidak dikenal." in words(one(page, ".notes"))
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
    (link,) = (
        (a for a in get(client, "/search?q=anak").css(".sorts a") if a.attributes.get("href", "").count(sort))
        if (sort is not Sort.RELEVANCE)
        else get(client, "/search?q=anak&sort=title").css(".sorts a")[:1]
    )
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


# Languages


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


# A document


def test_a_document_says_what_is_known_of_it(client: FlaskClient, sample_hub: Hub) -> None:
    document = law(sample_hub)
    page = get(client, f"/documents/{document.id}")
    assert words(one(page, "h1")) == document.title
    rows = {words(one(row, "dt")): [words(value) for value in row.css("dd")] for row in page.css(".rows .row")}
    assert rows["Nomor"] == ["UU 5/2018"]
    assert rows["Tanggal"] == ["22 Juni 2018"]
    assert rows["Tebal"] == ["49 halaman"]
    assert rows["Tema"][:3] == ["Penegakan hukum dan peradilan", "Kerangka hukum", "Deradikalisasi dan disengagement"]
    assert "(2018)" in words(one(page, ".citation"))
    assert f"/documents/{document.id}" in words(one(page, ".citation"))


def test_what_was_inferred_is_marked_and_shows_its_ground(own: FlaskClient, hub: Hub) -> None:
    document_id = record_document(hub, "Judul", ["Kota Semarang"], theme="youth", province="33")
    with hub.catalogue.write() as session:
        from holdings import documents

        evidence = (Evidence(1, "Kota Semarang"), Evidence(None, "semarang.pdf"))
        statement = Statement(DocumentField.PROVINCE, "33", Source.INFERRED, 0.8, evidence)
        documents.state(session, document_id, [DocumentField.PROVINCE], [statement])
    page = get(own, f"/documents/{document_id}")
    rows = {words(one(row, "dt")): row for row in page.css(".rows .row")}
    ground = one(rows["Provinsi"], ".inferred")
    assert words(one(ground, "summary")) == "disimpulkan"
    assert "80%" in words(ground)
    assert [words(quote) for quote in ground.css("q")] == ["Kota Semarang", "semarang.pdf"]
    assert href(one(ground, "a")) == f"/documents/{document_id}/pages/1"
    assert rows["Tema"].css(".inferred") == [], "what a person declared is not marked"


def test_a_document_that_was_searched_for_shows_where(client: FlaskClient, sample_hub: Hub) -> None:
    document = law(sample_hub)
    numbers = matching_pages(sample_hub, document, "korban")
    page = get(client, f"/documents/{document.id}?q=korban&theme=legal-framework")
    assert [words(a) for a in page.css(".numbers a")] == [str(number) for number in numbers]
    assert [words(a) for a in page.css(".page-link")] == [f"Halaman {number}" for number in numbers[:8]]
    assert f"korban ada di {len(numbers)} halaman" in words(one(page, ".inside-hits h3"))
    assert href(one(page, ".crumbs a")) == "/search?q=korban&theme=legal-framework"
    original = page.css(".actions a")[1]
    assert href(original).endswith(f"#page={numbers[0]}")


def test_a_document_without_a_search_has_no_way_back(client: FlaskClient, sample_hub: Hub) -> None:
    assert get(client, f"/documents/{law(sample_hub).id}").css(".crumbs") == []


# Its pages


def test_a_page_is_one_page_with_its_words_marked(client: FlaskClient, sample_hub: Hub) -> None:
    document = law(sample_hub)
    page = get(client, f"/documents/{document.id}/pages/4?q=korban")
    text = read_page(sample_hub, document, 4).text
    assert words(one(page, ".sheet")) == " ".join(text.split())
    assert [words(mark).casefold() for mark in page.css(".sheet mark")] == re.findall("korban", text.casefold())


def test_matches_lead_from_one_to_the_next(client: FlaskClient, sample_hub: Hub) -> None:
    document = law(sample_hub)
    numbers = matching_pages(sample_hub, document, "kesiapsiagaan")
    assert len(numbers) > 2
    seen, address = [], f"/documents/{document.id}/pages/{numbers[0]}?q=kesiapsiagaan"
    while address:
        page = get(client, address)
        seen.append(int(words(one(page, ".numbers [aria-current]"))))
        assert f"Temuan ke-{len(seen)} dari {len(numbers)}" in words(one(page, ".hit-steps"))
        following = [a for a in page.css(".hit-steps a") if words(a) == "Temuan berikutnya"]
        address = href(following[0]) if following else ""
    assert tuple(seen) == numbers


@pytest.mark.parametrize(
    ("number", "steps"),
    [
        (1, {"Berikutnya": 2, "Akhir": 49}),
        (2, {"Awal": 1, "Sebelumnya": 1, "Berikutnya": 3, "Akhir": 49}),
        (49, {"Awal": 1, "Sebelumnya": 48}),
    ],
)
def test_pages_lead_to_their_neighbours(
    client: FlaskClient, sample_hub: Hub, number: int, steps: dict[str, int]
) -> None:
    document = law(sample_hub)
    page = get(client, f"/documents/{document.id}/pages/{number}?q=korban")
    links = {words(a): href(a) for a in page.css(".steps")[0].css("a")}
    assert links == {name: f"/documents/{document.id}/pages/{n}?q=korban" for name, n in steps.items()}


@pytest.mark.parametrize(
    ("given", "reached"), [("7", 7), ("0", 1), ("999", 49), ("", 1), ("abc", 1), ("9" * 5000, 49), ("-3", 3)]
)
def test_the_form_for_a_page_leads_to_one_that_there_is(
    client: FlaskClient, sample_hub: Hub, given: str, reached: int
) -> None:
    document = law(sample_hub)
    response = client.get(f"/documents/{document.id}/pages", query_string={"number": given, "q": "korban"})
    assert response.location == f"/documents/{document.id}/pages/{reached}?q=korban"
    get(client, response.location)


def test_a_page_without_text_says_so(own: FlaskClient, hub: Hub) -> None:
    document_id = record_document(hub, "Pindaian", ["Halaman pertama", "  \n "])
    assert "tidak memuat teks" in words(one(get(own, f"/documents/{document_id}/pages/2"), ".sheet"))


# Originals


def _file(document: Document, address: str = "") -> str:
    return f"/documents/{document.id}/files/{document.files[0].sha256}{address}"


def test_a_pdf_is_shown_as_it_came(client: FlaskClient, sample_hub: Hub) -> None:
    document = law(sample_hub)
    response = client.get(_file(document))
    assert response.status_code == 200
    assert response.data == sample_hub.files.original(document.files[0].sha256).read_bytes()
    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"] == "inline; filename=uu-5-2018.pdf"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert client.get(_file(document, "?save=1")).headers["Content-Disposition"].startswith("attachment")


def test_a_part_of_an_original_can_be_asked_for_and_a_copy_be_kept(client: FlaskClient, sample_hub: Hub) -> None:
    document = law(sample_hub)
    part = client.get(_file(document), headers={"Range": "bytes=0-4"})
    assert (part.status_code, part.data) == (206, b"%PDF-")
    etag = client.get(_file(document)).headers["ETag"]
    assert client.get(_file(document), headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("extension", ["html", "docx", "md"])
def test_what_might_run_is_handed_over_and_never_shown(client: FlaskClient, sample_hub: Hub, extension: str) -> None:
    (document,) = (
        document
        for hit in discover(sample_hub, SearchRequest(size=100)).hits
        if (document := read_document(sample_hub, hit.document_id, Viewer()))
        .files[0]
        .names[0]
        .endswith(f".{extension}")
        and document.language == ("en" if extension == "docx" else "id")
    )
    response = client.get(_file(document))
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    page = get(client, f"/documents/{document.id}")
    assert [words(a).split()[0] for a in page.css(".file-actions a")] == ["Unduh"]


def test_a_plain_text_is_shown_in_a_sandbox(client: FlaskClient, sample_hub: Hub) -> None:
    hits = discover(sample_hub, SearchRequest(filters={Facet.KIND: ("research",)})).hits
    document = read_document(sample_hub, hits[0].document_id, Viewer())
    response = client.get(_file(document))
    assert response.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("sha256", ["0" * 64, "nonsense", "..%2f..%2fconfig.yaml", "%00"])
def test_only_the_files_of_a_document_are_given(client: FlaskClient, sample_hub: Hub, sha256: str) -> None:
    assert client.get(f"/documents/{law(sample_hub).id}/files/{sha256}").status_code == 404


def test_an_original_of_another_document_is_not_given(client: FlaskClient, sample_hub: Hub) -> None:
    other = law(sample_hub, "UU 9/2013").files[0].sha256
    assert client.get(f"/documents/{law(sample_hub).id}/files/{other}").status_code == 404


# What the public may not see


@pytest.fixture
def hidden(hub: Hub) -> Iterator[dict[str, str]]:
    """Ids of documents beside a public one: for partners, for an organisation, and under embargo."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    record_document(hub, "Terbuka terorisme", theme="youth")
    ids = {
        "partners": record_document(hub, "Mitra terorisme", access=["partners"], theme="digital-space"),
        "organisation": record_document(hub, "Lembaga terorisme", access=["org:bnpt"], province="33"),
        "embargo": record_document(hub, "Nanti terorisme", embargo_until=tomorrow, kind="report"),
    }
    synchronise(hub)
    yield ids


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
        from holdings import documents

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


# Errors and headers


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
        yield create_app(hub).test_client()


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
    assert without_engine.get(_file(document)).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["a" * 10_000, "kata " * 2_000, "(" * 5_000, ")" * 5_000, '"' * 4_999, "a\x00b", "\x00", "\ud7ff", "-", "-a", "*", "a*",
     "title:", "AND OR NOT", "é" * 10_000, "\u202ea", "%", "%(number)s", "{{ 7 * 7 }}", "'; DROP TABLE document; --"],
    ids=lambda query: f"{query[:12]!r} {len(query)}",
)  # fmt: skip
def test_whatever_is_typed_gives_a_page(client: FlaskClient, sample_hub: Hub, query: str) -> None:
    document = law(sample_hub)
    for address in ("/search", "/en/search", f"/documents/{document.id}", f"/documents/{document.id}/pages/2"):
        assert client.get(address, query_string={"q": query}).status_code == 200


@pytest.mark.parametrize(
    "query", ["q=%ff%fe", "theme=%00", "theme=%ff", "year=9999..0000", "year=..", "year=2018..abc", "organisation=%00",
              "language=%00", "page=" + "9" * 5000, "page=-1", "page=1.5", "size=0", "from=%00&to=%ff", "q=a&q=b", "&&=&=x"]
)  # fmt: skip
def test_whatever_stands_in_an_address_gives_a_page(client: FlaskClient, query: str) -> None:
    assert client.get(f"/search?{query}").status_code in {200, 302}


def _responses(client: FlaskClient, hub: Hub) -> dict[str, TestResponse]:
    document = law(hub)
    addresses = ["/", "/en/search", f"/documents/{document.id}", f"/documents/{document.id}/pages/1", "/nothing",
                 "/static/site.css", "/api/v1/search", "/api/nothing", "/health", "/robots.txt", _file(document)]  # fmt: skip
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
        page = HTMLParser(response.text)
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
    from pathlib import Path

    import app

    assert (Path(app.__file__).parent / "static" / "site.css").stat().st_size < 24_000


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
        page = get(create_app(hub).test_client(), "/")
    links = [href(a) for a in page.css(".footer a") if href(a).startswith(("https:", "mailto:", "javascript:"))]
    assert links == ([address] if address else [])
    assert address or contact in words(one(page, ".footer"))
    assert "Pusat Uji" in words(one(page, ".brand"))
