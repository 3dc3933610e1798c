"""The site says what the hub inferred and what was recognised from a scan, wherever it shows it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborNode

from app.contract_documents import document_object
from holdings import arrivals
from holdings.access import Viewer
from holdings.errors import FileOutcome
from holdings.model import Declared, DocumentField, Evidence
from indexer.hub import Hub
from indexer.reading import read_document, receipts
from indexer.synchronise import synchronise
from tests.integration.site_pages import client_of, get, href, one, words
from tests.making import record_document
from tests.making_inferred import OCR, infer, read_anew

TITLE, KIND, DATE = DocumentField.TITLE, DocumentField.KIND, DocumentField.DATE


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    return client_of(hub)


def marks(node: LexborNode) -> list[str]:
    return [words(mark) for mark in node.css(".mark-inferred")]


@pytest.mark.parametrize("address", ["/search?q=pendanaan", "/"])
def test_a_hit_marks_what_was_inferred_where_it_stands(client: FlaskClient, hub: Hub, address: str) -> None:
    document_id = record_document(hub, "Judul", ["Pendanaan"], kind="report", language="id", theme="youth")
    infer(hub, document_id, (TITLE, "Judul"), (DATE, "2020"), (DocumentField.PROVINCE, "33"))
    synchronise(hub)
    hit = one(get(client, address), ".hit")
    assert marks(one(hit, ".hit-meta")) == ["disimpulkan: tanggal"]
    assert marks(one(hit, ".hit-head")) == ["judul disimpulkan"]
    assert marks(one(hit, ".subjects")) == ["disimpulkan: provinsi"]
    assert words(one(hit, ".hit-title")) == "Judul", "the mark is no part of the title"
    english = one(get(client, f"/en{address}"), ".hit")
    assert marks(english) == ["inferred: date", "title inferred", "inferred: province"]


def test_a_line_of_which_all_was_inferred_says_so_once(client: FlaskClient, hub: Hub) -> None:
    document_id = record_document(hub, "Judul", ["Pendanaan"])
    infer(hub, document_id, (KIND, "report"), (DATE, "2020"), (DocumentField.LANGUAGE, "id"))
    synchronise(hub)
    assert marks(one(get(client, "/search"), ".hit")) == ["semua disimpulkan"]
    head = one(get(client, f"/en/documents/{document_id}"), ".document-head")
    assert marks(one(head, ".hit-meta")) == ["all inferred"]


def test_what_people_stated_has_no_mark(client: FlaskClient, hub: Hub) -> None:
    document_id = record_document(hub, "Judul", ["Teks"], kind="report", date="2020", language="id", province="33")
    synchronise(hub)
    for address in ("/search", "/", f"/documents/{document_id}", f"/documents/{document_id}/pages/1"):
        page = get(client, address)
        assert page.css(".mark-inferred, .mark-ocr, .inferred, .notice") == [], address


def test_a_citation_of_inferred_parts_says_so(client: FlaskClient, hub: Hub) -> None:
    document_id = record_document(hub, "Judul", ["Teks"], kind="report", author="Siti Rahma")
    infer(hub, document_id, (TITLE, "Judul"), (DATE, "2020"))
    note = one(get(client, f"/en/documents/{document_id}"), ".citation-note")
    assert words(note) == "inferred: date, title Check this before you cite."


def scan(hub: Hub) -> str:
    """Record a document of four pages: two read by OCR, one that waits for it, one of text."""
    document_id = record_document(hub, "Judul", language="id")
    read_anew(
        hub,
        document_id,
        ("Pendanaan terorisme", OCR, False),
        ("Pendanaan <teroris>", OCR, False),
        ("Pendanaan terorlsrne", None, True),
        ("Pendanaan", "pdfminer.six 20260107", False),
        ("", None, True),
        truncated=["Page 4 was cut after 2,000,000 characters"],
    )
    infer(
        hub,
        document_id,
        (TITLE, "Pendanaan terorisme", Evidence(1, "Pendanaan terorisme")),
        (DocumentField.THEME, "youth", Evidence(4, "Pendanaan")),
    )
    synchronise(hub)
    return document_id


def test_text_from_a_scan_is_marked_in_results(client: FlaskClient, hub: Hub) -> None:
    scan(hub)
    hit = one(get(client, "/search?q=pendanaan"), ".hit")
    marked = {words(one(li, ".page-link")): [words(m) for m in li.css(".mark-ocr")] for li in hit.css(".passages li")}
    assert set(marked) <= {f"Halaman {number}" for number in range(1, 5)}
    assert len(marked) >= 3
    for name, said in marked.items():
        expected = ["teks dikenali dari pindaian (OCR)"] if name in {"Halaman 1", "Halaman 2"} else []
        assert said == expected, name
    assert marks(one(hit, ".hit-head")) == ["judul disimpulkan dari pindaian (OCR)"]


def test_a_page_says_that_its_text_is_from_a_scan_or_waits(client: FlaskClient, hub: Hub) -> None:
    document_id = scan(hub)
    address = f"/en/documents/{document_id}/pages"
    assert "was recognised from a scan (OCR)" in words(one(get(client, f"{address}/1"), ".notice"))
    assert marks(one(get(client, f"{address}/1"), ".reading")) == ["title inferred from a scan (OCR)"]
    assert "waits to be read (OCR)" in words(one(get(client, f"{address}/3"), ".notice"))
    assert get(client, f"{address}/4").css(".notice") == []
    assert "waits to be read (OCR)" in words(one(get(client, f"{address}/5"), ".sheet .blank"))
    assert get(client, f"{address}/5").css(".notice") == []


def test_a_document_says_how_it_was_read(client: FlaskClient, hub: Hub) -> None:
    document_id = scan(hub)
    page = get(client, f"/en/documents/{document_id}?q=teroris")
    (card,) = (section for section in page.css(".card") if section.css("#receipt"))
    rows = {words(one(row, "dt")): [words(value) for value in row.css("dd")] for row in card.css(".row")}
    assert rows["Read by"] == [
        "pypdfium2 5.0.0: 2 pages",
        f"{OCR}: 2 pages text recognised from a scan (OCR)",
        "pdfminer.six 20260107: 1 page",
    ]
    assert rows["From scans"] == ["The text of 2 pages was recognised from scans (OCR) and may hold mistakes"]
    assert rows["Waiting"] == ["2 scans wait to be read (OCR): what they say is not found yet"]
    assert rows["Without text"] == ["1 page"]
    assert rows["Left out"] == ["Page 4 was cut after 2,000,000 characters"]
    assert all(li.css(".mark-ocr") for li in page.css(".inside-hits .passages li"))
    grounds = {words(one(ground, "q")): bool(ground.css(".mark-ocr")) for ground in page.css(".ground li")}
    assert grounds == {"Pendanaan terorisme": True, "Pendanaan": False}


def test_where_a_file_came_from_is_told_to_those_who_keep_it_alone(client: FlaskClient, hub: Hub) -> None:
    document_id = scan(hub)
    with hub.catalogue.write() as session:
        inside = "kotak/lemari.zip!/berkas/dalam.pdf"
        (arrival,) = arrivals.receive(session, [(inside, f"/srv/{inside}", Declared())])
        arrivals.finish(session, arrival, FileOutcome.DUPLICATE, seconds=0.1, document_id=document_id)
    for address in (f"/documents/{document_id}", f"/api/v1/documents/{document_id}", "/api/v1/search?q=pendanaan"):
        text = client.get(address).text
        assert not [word for word in ("kotak", "lemari", "berkas/", "dalam.pdf", "/srv") if word in text], address
    found = read_document(hub, document_id, Viewer())
    kept = document_object(hub, found, relations=[], receipts=receipts(hub, found))
    assert [(r["path"], r["outcome"]) for r in kept["receipts"]] == [("Judul", "ingested"), (inside, "duplicate")]


def test_long_lists_fold(client: FlaskClient, hub: Hub) -> None:
    document_id = record_document(hub, "Judul", ["Teks"])
    provinces = ["11", "12", "13", "14", "31", "32", "33", "34", "35"]
    infer(hub, document_id, *((DocumentField.PROVINCE, code, Evidence(1, code)) for code in provinces))
    (row,) = (
        row for row in get(client, f"/documents/{document_id}").css(".row") if words(one(row, "dt")) == "Provinsi"
    )
    links = [href(a) for a in row.css("a") if "province=" in href(a)]
    assert links == [f"/search?province={code}" for code in provinces]
    assert len(row.css("dd")) == 7
    assert words(one(row, ".more > summary")) == "Tampilkan 3 lainnya: Provinsi"


def test_a_phrase_over_several_short_pages_is_shown_whole(client: FlaskClient, hub: Hub) -> None:
    document_id = record_document(hub, "Judul", ["perlindungan hak", "asasi", "manusia adalah kewajiban"])
    synchronise(hub)
    results = one(get(client, "/search?q=%22hak+asasi+manusia%22"), ".passages .snippet")
    inside = one(get(client, f"/documents/{document_id}?q=%22hak+asasi+manusia%22"), ".passages .snippet")
    assert words(inside) == words(results)
    assert words(one(inside, "mark")) == "hak asasi manusia"
