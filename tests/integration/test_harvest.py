"""Harvesting from a real web server on this machine: what is taken, what is asked for again, and what is refused."""

from __future__ import annotations

import gzip
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from holdings import arrivals, documents, harvests
from holdings.errors import HubError, NoSourceError, UsageError
from holdings.model import Arrival, Document, DocumentField, Source
from holdings.settings import Settings, load_settings
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import SearchRequest
from ingest import work
from ingest.harvest.addresses import Boundary, is_public, parse_url
from ingest.harvest.receiving import HarvestSummary, Withdrawn, folder_of
from ingest.harvest.running import HarvestRequest, harvest
from tests.files.web_site import Answer, OaiPmh, OaiRecord, Request, WebSite
from tests.fixtures_services import require
from tests.services.components import OPENSSL

ROOT = Path(__file__).parents[2]


def text(words: str) -> Answer:
    """A document of plain text that differs from others."""
    return Answer(f"Laporan pencegahan ekstremisme di {words}. ".encode() * 12, "text/plain; charset=utf-8")


def page(*links: str, meta: str = "") -> Answer:
    given = f'<meta name="citation_pdf_url" content="{meta}">' if meta else ""
    anchors = "".join(f'<a href="{link}">berkas</a>' for link in links)
    return Answer(f"<html><head>{given}<title>Rekaman</title></head><body>{anchors}</body></html>".encode())


def urlset(*entries: tuple[str, str | None]) -> bytes:
    listed = "".join(
        f"<url><loc>{address}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</url>"
        for address, lastmod in entries
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'.encode()


def sitemap(*entries: tuple[str, str | None]) -> Answer:
    return Answer(urlset(*entries), "application/xml")


@pytest.fixture
def site() -> Iterator[WebSite]:
    with WebSite() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that let this machine be harvested, without pauses."""
    return load_settings(
        None,
        {
            "IKHUB_DATA": str(tmp_path / "data"),
            "IKHUB_INGEST__HARVEST__PRIVATE_NETWORKS": "127.0.0.0/8",
            "IKHUB_INGEST__HARVEST__DELAY_SECONDS": "0",
            "IKHUB_APP__CONTACT": "hub@example.org",
        },
    )


class Harvester:
    """Harvests into a hub and keeps what was reported. `slept` are the waits asked for, none of them waited."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.arrivals: list[Arrival] = []
        self.withdrawn: list[Withdrawn] = []
        self.slept: list[float] = []

    def __call__(self, url: str, **options: Any) -> HarvestSummary:
        self.arrivals.clear()
        self.withdrawn.clear()
        run = {name: options.pop(name) for name in ("resolver", "wait") if name in options}
        return harvest(
            self.hub,
            HarvestRequest(url, **options),
            report=self.arrivals.append,
            tell=self.withdrawn.append,
            sleep=self.slept.append,
            **run,
        )

    def document(self, path: str) -> Document:
        (arrival,) = [a for a in self.arrivals if a.path.endswith(path)]
        assert arrival.document_id is not None, arrival
        with self.hub.catalogue.read() as session:
            return documents.get(session, arrival.document_id)

    @property
    def codes(self) -> dict[str, str]:
        return {a.path.partition("//")[2].partition("/")[2]: a.error.code for a in self.arrivals if a.error}


@pytest.fixture
def harvester(hub: Hub) -> Harvester:
    return Harvester(hub)


def with_harvest(hub: Hub, **changes: Any) -> Hub:
    """The hub with other settings of harvests."""
    ingest = hub.settings.ingest
    changed = ingest.model_copy(update={"harvest": ingest.harvest.model_copy(update=changes)})
    return replace(hub, settings=hub.settings.model_copy(update={"ingest": changed}))


RECORD = [
    ("title", "Laporan Kesiapsiagaan Nasional"),
    ("creator", "Siti Aminah"),
    ("creator", "Budi Santoso"),
    ("date", "2021-05-06T10:11:12Z"),
    ("date", "2020-03"),
    ("language", "ind"),
    ("publisher", "BNPT"),
    ("type", "info:eu-repo/semantics/report"),
    ("rights", "Bebas dipakai"),
    ("rights", "https://creativecommons.org/licenses/by/4.0/"),
    ("description", "Ringkasan tentang kesiapsiagaan."),
]


# OAI-PMH


def test_records_are_taken_with_what_they_declare(harvester: Harvester, site: WebSite) -> None:
    site.pages["/berkas/satu.txt"] = text("Poso")
    record = OaiRecord("oai:x:1", "2026-11-01T00:00:00Z", [*RECORD, ("identifier", f"{site.url}/berkas/satu.txt")])
    site.pages["/oai"] = OaiPmh([record])
    summary = harvester(f"{site.url}/oai?verb=Identify", access=("partners",))
    assert (summary.work.outcomes, summary.complete, summary.problems) == ({"ingested": 1}, True, [])
    document = harvester.document("/berkas/satu.txt")
    declared = {s.field: s.value for s in document.statements if s.source is Source.DECLARED}
    assert document.values(DocumentField.AUTHOR) == ("Siti Aminah", "Budi Santoso")
    assert declared == {
        DocumentField.TITLE: "Laporan Kesiapsiagaan Nasional",
        DocumentField.AUTHOR: "Budi Santoso",
        DocumentField.DATE: "2020-03",
        DocumentField.LANGUAGE: "id",
        DocumentField.ORGANISATION: "bnpt",
        DocumentField.KIND: "report",
        DocumentField.LICENCE: "https://creativecommons.org/licenses/by/4.0/",
        DocumentField.ABSTRACT: "Ringkasan tentang kesiapsiagaan.",
    }
    assert document.access.labels == {"partners"}
    assert discover(harvester.hub, SearchRequest()).total == 0, "the public does not see it"
    assert list(folder_of(harvester.hub).iterdir()) == [], "the file store has it"
    agent = site.requests[0].headers["user-agent"]
    assert agent.startswith("ikhub/")
    assert "hub@example.org" in agent


def test_the_files_are_found_through_pages_of_records(harvester: Harvester, site: WebSite) -> None:
    site.pages |= {
        "/a": page("/lain.txt", meta="/berkas/a.txt"),
        "/b": page("/gambar.png", "b1.txt", "b1.txt#hal2", "http://other.example/c.txt"),
        "/c": page("/tentang"),
        "/berkas/a.txt": text("Poso"),
        "/b1.txt": text("Ambon"),
        "/galley": text("Solo"),
    }
    records = [
        OaiRecord("oai:x:a", "2026-11-01T00:00:00Z", [("identifier", f"{site.url}/a"), ("identifier", "ISBN 1")]),
        OaiRecord("oai:x:b", "2026-11-01T00:00:00Z", [("identifier", f"{site.url}/b")]),
        OaiRecord("oai:x:c", "2026-11-01T00:00:00Z", [("identifier", f"{site.url}/c")]),
        OaiRecord(
            "oai:x:d", "2026-11-01T00:00:00Z", [("identifier", f"{site.url}/c"), ("relation", f"{site.url}/galley")]
        ),
    ]
    site.pages["/oai"] = OaiPmh(records, page_size=3)
    summary = harvester(f"{site.url}/oai")
    assert sorted(a.path.removeprefix(site.url) for a in harvester.arrivals) == ["/b1.txt", "/berkas/a.txt", "/galley"]
    assert (summary.without_file, summary.work.outcomes) == (1, {"ingested": 3})


def test_the_next_run_asks_for_what_changed(harvester: Harvester, site: WebSite) -> None:
    oai = OaiPmh(
        [
            OaiRecord(f"oai:x:{n}", f"2026-11-0{n}T00:00:00Z", [("identifier", f"{site.url}/{n}.txt")])
            for n in range(1, 6)
        ]
    )
    site.pages |= {f"/{n}.txt": text(f"Poso {n}") for n in range(1, 6)}
    site.pages["/oai"] = oai
    assert harvester(f"{site.url}/oai").work.outcomes == {"ingested": 5}
    site.forget()
    oai.now = "2026-11-21T10:00:00Z"
    again = harvester(f"{site.url}/oai")
    assert (again.work.outcomes, again.complete) == ({}, True)
    assert [r.query.get("from") for r in site.requests if r.query.get("verb") == "ListRecords"] == [
        "2026-11-20T10:00:00Z"
    ]
    old = harvester.hub.catalogue
    oai.records[1] = OaiRecord("oai:x:2", "2026-11-22T00:00:00Z", [("identifier", f"{site.url}/2.txt")])
    site.pages["/2.txt"] = text("Palu, naskah kedua")
    changed = harvester(f"{site.url}/oai")
    assert changed.work.outcomes == {"ingested": 1}
    with old.read() as session:
        locations = {a.location for a in arrivals.get_many(session, range(1, 8)) if a.path.endswith("/2.txt")}
    assert len(locations) == 1, "other bytes at the same address are a candidate for a new version"


def test_metadata_that_changed_without_the_file_is_applied(harvester: Harvester, site: WebSite) -> None:
    def file(request: Request) -> Answer:
        if request.headers.get("if-none-match") == '"v1"':
            return Answer(status=304)
        return replace(text("Poso"), headers={"ETag": '"v1"'})

    site.pages["/1.txt"] = file
    oai = OaiPmh(
        [OaiRecord("oai:x:1", "2026-11-01T00:00:00Z", [("title", "Lama"), ("identifier", f"{site.url}/1.txt")])]
    )
    site.pages["/oai"] = oai
    harvester(f"{site.url}/oai")
    assert harvester.document("/1.txt").title == "Lama"
    oai.records[0] = OaiRecord("oai:x:1", "2026-11-25", [("title", "Baru"), ("identifier", f"{site.url}/1.txt")])
    assert harvester(f"{site.url}/oai").work.outcomes == {"unchanged": 1}
    assert harvester.document("/1.txt").title == "Baru"


def test_a_source_that_dates_by_day_hides_no_later_change(harvester: Harvester, site: WebSite) -> None:
    oai = OaiPmh([OaiRecord("oai:x:1", "2026-11-20", [("identifier", f"{site.url}/1.txt")])], granularity="YYYY-MM-DD")
    site.pages |= {"/oai": oai, "/1.txt": text("Poso")}
    harvester(f"{site.url}/oai")
    site.pages["/1.txt"] = text("Palu, pada sore hari yang sama")
    oai.now = "2026-11-21T01:00:00Z"
    assert harvester(f"{site.url}/oai").work.outcomes == {"ingested": 1}
    assert {r.query["from"] for r in site.requests if "from" in r.query} == {"2026-11-20"}


def test_what_a_source_withdraws_is_told_and_stays(harvester: Harvester, site: WebSite) -> None:
    site.pages["/1.txt"] = text("Poso")
    oai = OaiPmh([OaiRecord("oai:x:1", "2026-11-01T00:00:00Z", [("identifier", f"{site.url}/1.txt")])])
    site.pages["/oai"] = oai
    harvester(f"{site.url}/oai")
    document_id = harvester.document("/1.txt").id
    oai.records = [
        OaiRecord("oai:x:1", "2026-11-25T00:00:00Z", deleted=True),
        OaiRecord("oai:x:9", "2026-11-25T00:00:00Z", deleted=True),
    ]
    summary = harvester(f"{site.url}/oai")
    assert [(w.identifier, w.path, w.document_ids) for w in harvester.withdrawn] == [
        ("oai:x:1", f"{site.url}/1.txt", (document_id,))
    ]
    assert (summary.withdrawn, summary.work.outcomes) == (1, {})
    assert discover(harvester.hub, SearchRequest()).total == 1, "the document stays"
    assert harvester(f"{site.url}/oai", since="2026-01-01").withdrawn == 0, "it is told once"


def test_an_interrupted_run_goes_on_where_it_was(harvester: Harvester, site: WebSite) -> None:
    numbers = range(1, 8)
    oai = OaiPmh(
        [OaiRecord(f"oai:x:{n}", f"2026-11-0{n}T00:00:00Z", [("identifier", f"{site.url}/{n}.txt")]) for n in numbers]
    )
    site.pages |= {f"/{n}.txt": text(f"Poso {n}") for n in numbers} | {"/oai": oai}
    first = harvester(f"{site.url}/oai", max_items=3)
    assert (first.work.outcomes, first.complete) == ({"ingested": 3}, False)
    site.forget()
    second = harvester(f"{site.url}/oai", max_items=2)
    assert (second.work.outcomes, second.complete) == ({"ingested": 2}, False)
    assert [path for path in site.asked if path != "/oai"] == ["/4.txt", "/5.txt"]
    assert all("from" not in r.query for r in site.requests)
    oai.tokens.clear()  # the source forgets where it was
    third = harvester(f"{site.url}/oai")
    assert (third.work.outcomes, third.complete) == ({"ingested": 2}, True)
    fourth = harvester(f"{site.url}/oai")
    assert (fourth.work.outcomes, fourth.complete) == ({}, True)
    with harvester.hub.catalogue.read() as session:
        assert arrivals.counts(session) == {"ingested": 7}, "nothing twice"


def test_a_run_that_dies_loses_nothing_and_does_nothing_twice(
    harvester: Harvester, site: WebSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = range(1, 6)
    oai = OaiPmh(
        [OaiRecord(f"oai:x:{n}", f"2026-11-0{n}T00:00:00Z", [("identifier", f"{site.url}/{n}.txt")]) for n in numbers]
    )
    site.pages |= {f"/{n}.txt": text(f"Poso {n}") for n in numbers} | {"/oai": oai}
    real, calls = harvests.note_item, []

    def deadly(*args: Any, **options: Any) -> None:
        calls.append(args)
        if len(calls) in (2, 4):
            raise KeyboardInterrupt
        real(*args, **options)

    monkeypatch.setattr(harvests, "note_item", deadly)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            harvester(f"{site.url}/oai")
    summary = harvester(f"{site.url}/oai")
    assert summary.complete
    with harvester.hub.catalogue.read() as session:
        assert arrivals.counts(session) == {"ingested": 5}
    assert list(folder_of(harvester.hub).iterdir()) == []


def test_what_could_not_be_fetched_is_asked_for_again(harvester: Harvester, site: WebSite) -> None:
    oai = OaiPmh([OaiRecord("oai:x:1", "2026-11-01T00:00:00Z", [("identifier", f"{site.url}/1.txt")])])
    site.pages["/oai"] = oai
    assert harvester(f"{site.url}/oai").troubled
    assert harvester.codes == {"1.txt": "not_fetched"}
    again = harvester(f"{site.url}/oai")
    assert (again.work.outcomes, again.complete) == ({"failed": 1}, True)
    with harvester.hub.catalogue.read() as session:
        assert arrivals.counts(session) == {"failed": 1}, "the same trouble has one receipt"
    site.pages["/1.txt"] = text("Poso")
    site.forget()
    assert harvester(f"{site.url}/oai").work.outcomes == {"ingested": 1}
    assert "GetRecord" in {r.query.get("verb") for r in site.requests}
    assert harvester(f"{site.url}/oai").work.outcomes == {}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<OAI-PMH><responseDate>2026-11-20T10:00:00Z</responseDate><ListRecords><record>", "not well-formed"),
        (b"<!DOCTYPE OAI-PMH [<!ENTITY a 'x'>]><OAI-PMH><ListRecords/></OAI-PMH>", "DOCTYPE"),
        (b"<html><body>Server error</body></html>", "not OAI-PMH"),
        (b"", "not well-formed"),
    ],
)
def test_a_list_that_is_not_whole_ends_the_run_and_is_no_end_of_the_list(
    harvester: Harvester, site: WebSite, body: bytes, said: str
) -> None:
    oai = OaiPmh([OaiRecord("oai:x:1", "2026-11-01T00:00:00Z", [("identifier", f"{site.url}/1.txt")])])
    site.pages["/1.txt"] = text("Poso")
    site.pages["/oai"] = lambda r: Answer(body, "text/xml") if r.query.get("verb") == "ListRecords" else oai(r)
    summary = harvester(f"{site.url}/oai")
    assert not summary.complete
    assert said in summary.problems[0]
    site.pages["/oai"] = oai
    assert harvester(f"{site.url}/oai").work.outcomes == {"ingested": 1}


def test_control_characters_in_a_list_are_left_out(harvester: Harvester, site: WebSite) -> None:
    record = OaiRecord(
        "oai:x:1", "2026-11-01T00:00:00Z", [("title", "Lap\x0boran"), ("identifier", f"{site.url}/1.txt")]
    )
    site.pages |= {"/oai": OaiPmh([record]), "/1.txt": text("Poso")}
    harvester(f"{site.url}/oai")
    assert harvester.document("/1.txt").title == "Laporan"


# Sitemaps


def test_a_site_is_harvested_by_its_sitemaps(harvester: Harvester, site: WebSite) -> None:
    index = (
        f"<sitemapindex><sitemap><loc>{site.url}/peta-1.xml.gz</loc></sitemap>"
        f"<sitemap><loc>{site.url}/hilang.xml</loc></sitemap></sitemapindex>"
    )
    site.pages |= {
        "/robots.txt": Answer(f"User-agent: *\nDisallow: /rahasia\nSitemap: {site.url}/indeks".encode(), "text/plain"),
        "/indeks": Answer(index.encode(), "text/xml"),
        "/peta-1.xml.gz": Answer(
            gzip.compress(
                urlset(
                    (f"{site.url}/laporan.txt", "2026-01-02"),
                    (f"{site.url}/berita", None),
                    (f"{site.url}/foto.jpg", None),
                    (f"{site.url}/gambar", None),
                    (f"{site.url}/rahasia/x.txt", None),
                    ("https://other.example/y.txt", None),
                )
            ),
            "application/gzip",
        ),
        "/laporan.txt": text("Poso"),
        "/berita": Answer(f"<html><title>Berita</title><p>{'Kabar dari Palu. ' * 30}</p></html>".encode()),
        "/gambar": Answer(b"\x89PNG", "image/png"),
    }
    summary = harvester(site.url)
    assert summary.work.outcomes == {"ingested": 2, "rejected": 2}
    assert harvester.codes == {"rahasia/x.txt": "robots", "y.txt": "address_refused"}
    assert summary.skipped == 2
    assert any("hilang.xml" in problem for problem in summary.problems)
    assert "/rahasia/x.txt" not in site.asked
    assert "/foto.jpg" not in site.asked


def test_addresses_that_did_not_change_are_not_fetched_again(harvester: Harvester, site: WebSite) -> None:
    def tagged(request: Request) -> Answer:
        if request.headers.get("if-none-match") == '"a"' or "if-modified-since" in request.headers:
            return Answer(status=304)
        return replace(text("Ambon"), headers={"ETag": '"a"'})

    def dated(request: Request) -> Answer:
        if request.headers.get("if-modified-since") == "Mon, 02 Nov 2026 00:00:00 GMT":
            return Answer(status=304)
        return replace(text("Solo"), headers={"Last-Modified": "Mon, 02 Nov 2026 00:00:00 GMT"})

    listed = {"1.txt": "2026-01-02", "2.txt": None, "3.txt": None}
    site.pages |= {
        "/sitemap.xml": lambda _: sitemap(*((f"{site.url}/{name}", lastmod) for name, lastmod in listed.items())),
        "/1.txt": text("Poso"),
        "/2.txt": tagged,
        "/3.txt": dated,
    }
    assert harvester(f"{site.url}/sitemap.xml").work.outcomes == {"ingested": 3}
    site.forget()
    again = harvester(f"{site.url}/sitemap.xml")
    assert (again.work.outcomes, again.passed) == ({}, 3)
    assert "/1.txt" not in site.asked
    site.pages["/1.txt"] = text("Palu")
    listed["1.txt"] = "2026-11-20T01:00:00+07:00"
    assert harvester(f"{site.url}/sitemap.xml").work.outcomes == {"ingested": 1}
    del site.pages["/2.txt"]
    gone = harvester(f"{site.url}/sitemap.xml")
    assert (gone.withdrawn, [w.path for w in harvester.withdrawn]) == (1, [f"{site.url}/2.txt"])
    assert harvester(f"{site.url}/sitemap.xml").withdrawn == 0


def test_a_cut_off_run_over_a_sitemap_goes_on(harvester: Harvester, site: WebSite) -> None:
    names = [f"/{n}.txt" for n in range(5)]
    site.pages |= {"/sitemap.xml": sitemap(*((site.url + name, None) for name in names))}
    site.pages |= {name: text(name) for name in names}
    assert not harvester(f"{site.url}/sitemap.xml", max_items=2).complete
    site.forget()
    rest = harvester(f"{site.url}/sitemap.xml")
    assert (rest.complete, rest.work.outcomes) == (True, {"ingested": 3})
    assert site.asked == ["/sitemap.xml", "/sitemap.xml", *names[2:]]


# Politeness


def test_a_server_that_asks_to_wait_is_waited_for(harvester: Harvester, site: WebSite) -> None:
    asked = []

    def busy(request: Request) -> Answer:
        asked.append(request)
        return Answer(status=503, headers={"Retry-After": "7"}) if len(asked) < 3 else text("Poso")

    site.pages |= {"/sitemap.xml": sitemap((f"{site.url}/1.txt", None)), "/1.txt": busy}
    assert harvester(f"{site.url}/sitemap.xml").work.outcomes == {"ingested": 1}
    assert harvester.slept == [7, 7]


def test_a_server_that_asks_for_too_long_is_left_for_later(harvester: Harvester, site: WebSite) -> None:
    oai = OaiPmh(
        [OaiRecord(f"oai:x:{n}", f"2026-11-0{n}T00:00:00Z", [("identifier", f"{site.url}/{n}.txt")]) for n in (1, 2, 3)]
    )
    site.pages |= {f"/{n}.txt": text(f"Poso {n}") for n in (1, 2, 3)}

    def tired(request: Request) -> Answer:
        return (
            Answer(status=503, headers={"Retry-After": "86400"}) if "resumptionToken" in request.query else oai(request)
        )

    site.pages["/oai"] = tired
    summary = harvester(f"{site.url}/oai")
    assert summary.stopped_by is not None
    assert (summary.stopped_by.code, summary.work.outcomes) == ("source_unavailable", {"ingested": 2})
    site.pages["/oai"] = oai
    assert harvester(f"{site.url}/oai").work.outcomes == {"ingested": 1}


def test_hosts_get_a_pause_and_robots_may_ask_for_a_longer_one(hub: Hub, site: WebSite) -> None:
    site.pages |= {
        "/robots.txt": Answer(b"User-agent: ikhub\nCrawl-delay: 9\n", "text/plain"),
        "/sitemap.xml": sitemap((f"{site.url}/1.txt", None)),
        "/1.txt": text("Poso"),
    }
    harvester = Harvester(with_harvest(hub, delay_seconds=2.0))
    harvester(f"{site.url}/sitemap.xml")
    # The first page after robots.txt, its second reading and the file.
    assert len(harvester.slept) == 3
    assert all(8 < pause <= 9 for pause in harvester.slept)


def test_a_site_whose_robots_cannot_be_read_is_left_alone(harvester: Harvester, site: WebSite) -> None:
    site.pages |= {"/robots.txt": Answer(status=500), "/sitemap.xml": sitemap((f"{site.url}/1.txt", None))}
    with pytest.raises(NoSourceError, match=r"robots\.txt"):
        harvester(f"{site.url}/sitemap.xml")
    assert site.asked == []


# Limits


def test_a_file_that_is_too_large_is_cut_off_with_a_receipt(hub: Hub, site: WebSite) -> None:
    ingest = hub.settings.ingest.model_copy(update={"max_file_mb": 1})
    harvester = Harvester(replace(hub, settings=hub.settings.model_copy(update={"ingest": ingest})))
    large = b"x" * 1_000_001
    site.pages |= {
        "/sitemap.xml": sitemap(*((f"{site.url}/{n}.txt", None) for n in (1, 2, 3))),
        "/1.txt": Answer(large, "text/plain"),
        # It lies of its length, and packs itself.
        "/2.txt": Answer(gzip.compress(b"x" * 90_000_000), "text/plain", headers={"Content-Encoding": "gzip"}),
        "/3.txt": text("Poso"),
    }
    summary = harvester(f"{site.url}/sitemap.xml")
    assert summary.work.outcomes == {"rejected": 2, "ingested": 1}
    assert harvester.codes == {"1.txt": "too_large", "2.txt": "too_large"}
    assert list(folder_of(hub).iterdir()) == []


def test_a_sitemap_that_unpacks_without_end_is_cut_off(harvester: Harvester, site: WebSite) -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * 60_000_000 + b"</urlset>")
    site.pages["/sitemap.xml.gz"] = Answer(bomb, "application/gzip")
    with pytest.raises(NoSourceError, match="larger"):
        harvester(f"{site.url}/sitemap.xml.gz")


def test_entities_are_not_expanded(harvester: Harvester, site: WebSite) -> None:
    site.pages["/sitemap.xml"] = Answer(
        b"<!DOCTYPE urlset [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&x;</loc></url></urlset>",
        "text/xml",
    )
    with pytest.raises(NoSourceError):
        harvester(f"{site.url}/sitemap.xml")


def test_a_run_ends_at_the_bytes_that_it_may_fetch(hub: Hub, site: WebSite) -> None:
    harvester = Harvester(with_harvest(hub, max_run_mb=1))
    site.pages |= {
        "/sitemap.xml": sitemap(*((f"{site.url}/{n}.txt", None) for n in range(5))),
        **{f"/{n}.txt": Answer(f"Kata {n} ".encode() * 100_000, "text/plain") for n in range(5)},
    }
    summary = harvester(f"{site.url}/sitemap.xml")
    assert (summary.complete, summary.work.outcomes) == (False, {"ingested": 2})


def test_a_server_that_drips_is_not_waited_for(hub: Hub, site: WebSite) -> None:
    def drip(request: Request) -> Answer:
        return Answer(b"x", "text/plain", headers={"Content-Length": "1000"})

    harvester = Harvester(with_harvest(hub, timeout_seconds=0.2, request_seconds=0.5))
    site.pages |= {"/sitemap.xml": sitemap((f"{site.url}/1.txt", None)), "/1.txt": drip}
    harvester(f"{site.url}/sitemap.xml")
    assert harvester.codes == {"1.txt": "not_fetched"}


# Where a harvest does not go


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/x",
        "//10.0.0.1/x",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "http://user:secret@127.0.0.1/x",
        "http://[::ffff:169.254.169.254]/x",
    ],
)
def test_a_redirect_leads_nowhere_else(harvester: Harvester, site: WebSite, target: str) -> None:
    site.pages |= {
        "/sitemap.xml": sitemap((f"{site.url}/1.txt", None)),
        "/1.txt": Answer(status=302, headers={"Location": target}),
    }
    harvester(f"{site.url}/sitemap.xml")
    assert harvester.codes == {"1.txt": "address_refused"}
    assert "secret" not in (harvester.arrivals[0].error or AssertionError()).message  # type: ignore[union-attr]


def test_redirects_on_the_host_are_followed_and_end(harvester: Harvester, site: WebSite) -> None:
    site.pages |= {
        "/sitemap.xml": sitemap((f"{site.url}/1.txt", None), (f"{site.url}/2.txt", None)),
        "/1.txt": Answer(status=301, headers={"Location": "/baru/1.txt"}),
        "/baru/1.txt": text("Poso"),
        "/2.txt": Answer(status=301, headers={"Location": "/2.txt"}),
    }
    assert harvester(f"{site.url}/sitemap.xml").work.outcomes == {"ingested": 1, "failed": 1}
    assert harvester.codes == {"2.txt": "not_fetched"}


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/sitemap.xml", "http://169.254.169.254/sitemap.xml"])
def test_private_addresses_are_refused_without_a_setting(hub: Hub, address: str) -> None:
    with pytest.raises(NoSourceError, match="not on the public internet"):
        Harvester(with_harvest(hub, private_networks=[]))(address)


@pytest.mark.parametrize("url", ["", "sitemap.xml", "file:///etc/passwd", "http://a:b@example.org/", "http:///x"])
def test_what_is_no_address_is_said(harvester: Harvester, url: str) -> None:
    with pytest.raises(NoSourceError):
        harvester(url)


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(harvester: Harvester, site: WebSite) -> None:
    """A name server that first gives a good address and then a bad one: every connection is to a checked one."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    def close(answer: Answer) -> Answer:
        return replace(answer, headers={"Connection": "close"})

    host = f"http://sumber.test:{site.port}"
    site.pages |= {"/robots.txt": close(Answer(status=404)), "/sitemap.xml": sitemap((f"{host}/1.txt", None))}
    with pytest.raises(NoSourceError, match=r"169\.254\.169\.254"):
        harvester(f"{host}/sitemap.xml", resolver=rebinding)
    assert asked == ["sumber.test", "sumber.test"]
    assert site.requests[0].headers["host"] == f"sumber.test:{site.port}"
    assert len(site.requests) == 1


def test_one_bad_address_among_good_ones_is_enough(harvester: Harvester, site: WebSite) -> None:
    with pytest.raises(NoSourceError, match=r"10\.1\.1\.1"):
        harvester(f"http://sumber.test:{site.port}/sitemap.xml", resolver=lambda *_: ["127.0.0.1", "10.1.1.1"])
    assert site.requests == []


def test_a_certificate_is_checked_by_the_name_and_not_by_the_address(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openssl = require(OPENSSL.path)
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=sumber.test", "-addext", "subjectAltName=DNS:sumber.test"]
    command = [str(openssl), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    harvester = Harvester(hub)
    with WebSite(context) as site:
        good, bad = f"https://sumber.test:{site.port}", f"https://lain.test:{site.port}"
        site.pages |= {"/sitemap.xml": sitemap((f"{good}/1.txt", None)), "/1.txt": text("Poso")}
        assert harvester(f"{good}/sitemap.xml", resolver=lambda *_: ["127.0.0.1"]).work.outcomes == {"ingested": 1}
        assert set(names) == {"sumber.test"}
        with pytest.raises(NoSourceError, match=r"robots\.txt"):
            harvester(f"{bad}/sitemap.xml", resolver=lambda *_: ["127.0.0.1"])


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("198.18.0.1", False),
        ("192.0.2.1", False),
        ("::1", False),
        ("::", False),
        ("::8.8.8.8", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", False),
        ("2002:7f00:1::", False),
        ("2001:0:53aa:64c::1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("2001:db8::1", False),
        ("no address", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert Boundary(parse_url("http://example.org/")).allows(address) is public


def test_networks_that_are_named_are_allowed() -> None:
    inside = Boundary(parse_url("http://intranet/"), ["files.example.org"], [ip_network("10.1.2.0/24")])
    assert inside.allows("10.1.2.3")
    assert not inside.allows("10.1.3.3")
    assert inside.checked("https://FILES.example.org./x").path == "/x"
    assert is_public.__doc__


# The command


def test_the_command(site: WebSite, tmp_path: Path, settings: Settings) -> None:
    initialise(settings)
    site.pages |= {
        "/sitemap.xml": sitemap((f"{site.url}/1.txt", None), (f"{site.url}/2.txt", None)),
        "/1.txt": text("Poso"),
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "error",
            "IKHUB_DATA": str(settings.data),
            "IKHUB_INGEST__HARVEST__PRIVATE_NETWORKS": "127.0.0.0/8",
            "IKHUB_INGEST__HARVEST__DELAY_SECONDS": "0",
        }
        command = [sys.executable, "-m", "app.cli", "ingest", "harvest", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    done = run(f"{site.url}/sitemap.xml", "--json", "--no-wait")
    assert done.returncode == 1, done.stderr
    (failed,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (failed["path"], failed["outcome"]) == (f"{site.url}/2.txt", "failed")
    with open_hub(settings) as hub:
        assert work.run(hub).outcomes == {"ingested": 1}
    site.pages["/2.txt"] = text("Palu")
    done = run(f"{site.url}/sitemap.xml", "--json")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["path"].removeprefix(site.url): line["outcome"] for line in lines} == {
        "/1.txt": "unchanged",
        "/2.txt": "ingested",
    }
    assert run(f"{site.url}/oai").returncode == 2
    assert run("http://192.168.0.1/sitemap.xml").returncode == 2


def test_a_second_harvest_of_a_host_waits_its_turn(harvester: Harvester, site: WebSite) -> None:
    with harvester.hub.catalogue.locks.hold("harvest-127.0.0.1"), pytest.raises(HubError) as caught:
        harvester(f"{site.url}/sitemap.xml")
    assert caught.value.code == "locked"


def test_wrong_words_are_said(harvester: Harvester, site: WebSite) -> None:
    site.pages["/oai"] = OaiPmh([])
    with pytest.raises(UsageError, match="date"):
        harvester(f"{site.url}/oai", since="yesterday")
    with pytest.raises(UsageError, match="cannotDisseminateFormat"):
        harvester(f"{site.url}/oai", metadata_prefix="marc")
    with pytest.raises(UsageError, match="no name"):
        harvester(f"{site.url}/oai", set_name="a b")
