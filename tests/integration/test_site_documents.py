"""The site over the samples: a document, its pages and its originals."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from holdings import documents
from holdings.access import Viewer
from holdings.model import DocumentField, Evidence, Source, Statement
from indexer.discover import discover
from indexer.hub import Hub
from indexer.model import Facet, SearchRequest
from indexer.reading import matching_pages, read_document, read_page
from tests.integration.site_pages import client_of, file_address, get, href, law, one, words
from tests.making import record_document


@pytest.fixture(scope="module")
def client(sample_hub: Hub) -> FlaskClient:
    return client_of(sample_hub)


@pytest.fixture
def own(hub: Hub) -> FlaskClient:
    """A client of an empty hub that the test fills."""
    return client_of(hub)


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


def test_a_pdf_is_shown_as_it_came(client: FlaskClient, sample_hub: Hub) -> None:
    document = law(sample_hub)
    response = client.get(file_address(document))
    assert response.status_code == 200
    assert response.data == sample_hub.files.original(document.files[0].sha256).read_bytes()
    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"] == "inline; filename=uu-5-2018.pdf"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert client.get(file_address(document, "?save=1")).headers["Content-Disposition"].startswith("attachment")


def test_a_part_of_an_original_can_be_asked_for_and_a_copy_be_kept(client: FlaskClient, sample_hub: Hub) -> None:
    document = law(sample_hub)
    part = client.get(file_address(document), headers={"Range": "bytes=0-4"})
    assert (part.status_code, part.data) == (206, b"%PDF-")
    etag = client.get(file_address(document)).headers["ETag"]
    assert client.get(file_address(document), headers={"If-None-Match": etag}).status_code == 304


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
    response = client.get(file_address(document))
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    page = get(client, f"/documents/{document.id}")
    assert [words(a).split()[0] for a in page.css(".file-actions a")] == ["Unduh"]


def test_a_plain_text_is_shown_in_a_sandbox(client: FlaskClient, sample_hub: Hub) -> None:
    hits = discover(sample_hub, SearchRequest(filters={Facet.KIND: ("research",)})).hits
    document = read_document(sample_hub, hits[0].document_id, Viewer())
    response = client.get(file_address(document))
    assert response.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("sha256", ["0" * 64, "nonsense", "..%2f..%2fconfig.yaml", "%00"])
def test_only_the_files_of_a_document_are_given(client: FlaskClient, sample_hub: Hub, sha256: str) -> None:
    assert client.get(f"/documents/{law(sample_hub).id}/files/{sha256}").status_code == 404


def test_an_original_of_another_document_is_not_given(client: FlaskClient, sample_hub: Hub) -> None:
    other = law(sample_hub, "UU 9/2013").files[0].sha256
    assert client.get(f"/documents/{law(sample_hub).id}/files/{other}").status_code == 404
