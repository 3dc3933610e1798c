"""Searching is the same on both engines: what is found, where, how it is counted, and who may see it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from holdings import documents
from holdings.access import Access, Viewer
from holdings.errors import IndexOutdatedError, UnknownIdError
from holdings.settings import Settings, load_settings
from indexer.counting import Counted, count_naming
from indexer.discover import discover
from indexer.hub import Hub, initialise, open_hub
from indexer.model import Facet, FacetValue, SearchRequest, SearchResponse, Sort
from indexer.reading import mark, matching_pages, read_document, read_page
from indexer.synchronise import check, mend, rebuild, synchronise
from tests.making import record_document

FILLER = "ketentuan lain mengenai pelaksanaan pekerjaan umum di daerah. " * 20


@pytest.fixture(scope="module", params=["embedded", "elasticsearch"])
def found_settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("hub")
    environment = {"IKHUB_DATA": str(folder / "data"), "IKHUB_INDEXER__ENGINE": request.param}
    if request.param == "elasticsearch":
        environment["IKHUB_INDEXER__ELASTICSEARCH__URL"] = request.getfixturevalue("elasticsearch_url")
        environment["IKHUB_INDEXER__ELASTICSEARCH__PREFIX"] = f"ikhub-{folder.name}"
    return load_settings(None, environment)


@pytest.fixture(scope="module")
def hub(found_settings: Settings) -> Iterator[Hub]:
    initialise(found_settings)
    with open_hub(found_settings) as opened:
        _fill(opened)
        synchronise(opened)
        yield opened


def _fill(hub: Hub) -> None:
    record_document(
        hub,
        "Undang-Undang tentang Hak Asasi Manusia",
        [FILLER, f"{FILLER} perlindungan hak asasi", "manusia adalah kewajiban negara", FILLER],
        kind="regulation",
        date="1999-09-23",
        language="id",
        number="UU 39/1999",
        theme="human-rights",
        organisation="Pemerintah Contoh",
    )
    record_document(
        hub,
        "Deradikalisasi di Lembaga Pemasyarakatan",
        ["Program deradikalisasi narapidana terorisme di Poso.", f"{FILLER} Korban dan saksi dilindungi."],
        kind="report",
        date="2018",
        language="id",
        theme="deradicalisation",
        province=["72", "33"],
        organisation="bnpt",
        author="Siti Rahma",
    )
    record_document(
        hub,
        "Countering the Financing of Terrorism",
        ["Terrorism financing flows through charities and cash couriers.", "Victims and witnesses are protected."],
        kind="policy-paper",
        date="2020-05",
        language="en",
        theme="terrorist-financing" if "terrorist-financing" in hub.vocabularies.themes else [],
        organisation="undp" if "undp" in hub.vocabularies.organisations else "bnpt",
        abstract="How money reaches violent extremists, and how it is stopped.",
    )
    record_document(hub, "Laporan tanpa tanggal", ["Laporan tentang desa damai di Aceh."], kind="report", province="11")
    record_document(hub, "Rencana rahasia", ["Rahasia: terorisme di Poso."], access=["org:bnpt"], province="72")
    record_document(hub, "Untuk mitra", ["Terorisme dan mitra."], access=["partners"], kind="report")
    record_document(
        hub,
        "Masih diembargo",
        ["Terorisme di bawah embargo."],
        embargo_until=datetime.now(UTC) + timedelta(days=1),
        keeper="org:fkpt",
    )


def _search(hub: Hub, query: str = "", **options: Any) -> SearchResponse:
    return discover(hub, dataclasses.replace(SearchRequest(query=query), **options))


def _titles(hub: Hub, query: str = "", **options: Any) -> list[str]:
    return [hit.title for hit in _search(hub, query, **options).hits]


def _values(response: SearchResponse, facet: Facet) -> dict[str, int]:
    return {value.id: value.count for value in response.facets[facet]}


HAM = "Undang-Undang tentang Hak Asasi Manusia"
LAPAS = "Deradikalisasi di Lembaga Pemasyarakatan"
MONEY = "Countering the Financing of Terrorism"
DESA = "Laporan tanpa tanggal"


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("deradikalisasi", {LAPAS}),
        ('"hak asasi manusia"', {HAM}),
        ("terorisme narapidana", {LAPAS}),
        ("terorisme narapidana bulan", set()),
        ("korban OR charities", {LAPAS, MONEY}),
        ("saksi -poso", set()),
        ("desa AND aceh", {DESA}),
        ("-deradikalisasi", {HAM, MONEY, DESA}),
        ("deradikal*", {LAPAS}),
        ("title:laporan", {DESA}),
        ("author:siti", {LAPAS}),
        ("organisation:bnpt", {LAPAS}),
        ('number:"39/1999"', {HAM}),
        ("abstract:money", {MONEY}),
        ("province:33", {LAPAS}),
        ("provinsi:Aceh", {DESA}),
        ("year:1999..2018", {HAM, LAPAS}),
        ("kind:report -year:2018", {DESA}),
        ("kind:report AND (aceh OR poso)", {LAPAS, DESA}),
        ("zzzz", set()),
        ("", {HAM, LAPAS, MONEY, DESA}),
    ],
)
def test_what_is_found(hub: Hub, query: str, titles: set[str]) -> None:
    response = _search(hub, query)
    assert {hit.title for hit in response.hits} == titles
    assert response.total == len(titles)
    assert response.notes == ()


def test_a_hit_opens_at_its_pages(hub: Hub) -> None:
    (hit,) = _search(hub, "korban").hits
    assert [(p.page, p.unit) for p in hit.page_hits] == [(2, "page")]
    cut = hit.page_hits[0].snippet
    assert [cut.text[m.start : m.end].casefold() for m in cut.marks] == ["korban"]


def test_a_phrase_that_crosses_the_end_of_a_page_is_found_where_it_begins(hub: Hub) -> None:
    (hit,) = _search(hub, '"hak asasi manusia"').hits
    assert [p.page for p in hit.page_hits] == [2]
    cut = hit.page_hits[0].snippet
    assert [cut.text[m.start : m.end] for m in cut.marks] == ["hak asasi manusia"]
    assert matching_pages(hub, read_document(hub, hit.document_id, Viewer()), '"hak asasi manusia"') == (2,)


def test_a_hit_in_metadata_only_has_no_pages(hub: Hub) -> None:
    (hit,) = _search(hub, "author:siti").hits
    assert hit.page_hits == ()


def test_a_theme_is_found_under_its_names_in_the_other_language(hub: Hub) -> None:
    theme = hub.vocabularies.themes["deradicalisation"]
    assert LAPAS in _titles(hub, theme.label_en)


def test_facets_count_without_their_own_filter(hub: Hub) -> None:
    response = _search(hub, filters={Facet.KIND: ("report",)})
    assert {hit.title for hit in response.hits} == {LAPAS, DESA}
    assert _values(response, Facet.KIND) == {"report": 2, "regulation": 1, "policy-paper": 1}
    assert _values(response, Facet.PROVINCE) == {"72": 1, "33": 1, "11": 1}
    both = _search(hub, filters={Facet.KIND: ("report", "regulation"), Facet.LANGUAGE: ("id",)})
    assert {hit.title for hit in both.hits} == {HAM, LAPAS}
    assert _values(both, Facet.KIND) == {"regulation": 1, "report": 1}
    assert _values(both, Facet.LANGUAGE) == {"id": 2, "und": 1}


def test_facets_have_labels_in_both_languages(hub: Hub) -> None:
    for language, label in (("id", "Laporan"), ("en", "Report")):
        values = _search(hub, label_language=language).facets[Facet.KIND]
        assert FacetValue("report", label, 2, False) in values


def test_a_selected_value_without_documents_is_still_shown(hub: Hub) -> None:
    response = _search(hub, "deradikalisasi", filters={Facet.PROVINCE: ("12",)})
    assert response.total == 0
    assert any(v.id == "12" and v.selected and v.count == 0 for v in response.facets[Facet.PROVINCE])


@pytest.mark.parametrize(
    ("year", "titles"),
    [("2018", {LAPAS}), ("2018..", {LAPAS, MONEY}), ("..2000", {HAM}), ("2000..2019", {LAPAS}), ("1900", set())],
)
def test_years_and_ranges(hub: Hub, year: str, titles: set[str]) -> None:
    response = _search(hub, filters={Facet.YEAR: (year,)})
    assert {hit.title for hit in response.hits} == titles
    assert next(v.count for v in response.facets[Facet.YEAR] if v.selected) == len(titles)


def test_sorting(hub: Hub) -> None:
    assert _titles(hub, sort=Sort.NEWEST) == [MONEY, LAPAS, HAM, DESA]
    assert _titles(hub, sort=Sort.OLDEST) == [HAM, LAPAS, MONEY, DESA]
    assert _titles(hub, sort=Sort.TITLE) == [MONEY, LAPAS, DESA, HAM]
    assert _titles(hub) == [MONEY, LAPAS, HAM, DESA], "without a query the newest come first"


def test_scores_are_only_those_of_relevance(hub: Hub) -> None:
    assert all(hit.score is not None for hit in _search(hub, "terorisme").hits)
    assert all(hit.score is None for hit in _search(hub, "terorisme", sort=Sort.TITLE).hits)


def test_paging(hub: Hub) -> None:
    pages = [_titles(hub, sort=Sort.TITLE, size=2, page=number) for number in (1, 2)]
    assert [*pages[0], *pages[1]] == _titles(hub, sort=Sort.TITLE)
    beyond = _search(hub, sort=Sort.TITLE, size=2, page=3)
    assert (beyond.total, beyond.hits, [n.code for n in beyond.notes]) == (4, (), ["page_out_of_range"])
    far = _search(hub, page=10_000)
    assert (far.total, far.hits, [n.code for n in far.notes]) == (4, (), ["page_out_of_range"])


@pytest.mark.parametrize(
    ("viewer", "titles"),
    [
        (Viewer(), {LAPAS}),
        (Viewer.of("partners"), {LAPAS, "Untuk mitra"}),
        (Viewer.of("org:bnpt"), {LAPAS, "Rencana rahasia"}),
        (Viewer.of("org:fkpt"), {LAPAS, "Masih diembargo"}),
    ],
)
def test_nobody_sees_what_they_may_not_not_even_as_a_count(hub: Hub, viewer: Viewer, titles: set[str]) -> None:
    response = _search(hub, "terorisme", viewer=viewer)
    assert titles <= {hit.title for hit in response.hits} <= titles | {MONEY}
    every = _search(hub, viewer=viewer)
    assert sum(_values(every, Facet.LANGUAGE).values()) == every.total
    if "org:bnpt" not in viewer.labels:
        assert _values(every, Facet.PROVINCE)["72"] == 1


def test_what_may_not_be_read_cannot_be_told_from_what_does_not_exist(hub: Hub) -> None:
    (hidden,) = (h for h in _search(hub, viewer=Viewer.of("org:bnpt")).hits if h.title == "Rencana rahasia")
    with pytest.raises(UnknownIdError) as caught:
        read_document(hub, hidden.document_id, Viewer())
    with pytest.raises(UnknownIdError) as missing:
        read_document(hub, "0000000000", Viewer())
    assert caught.value.message.replace(hidden.document_id, "") == missing.value.message.replace("0000000000", "")


@pytest.mark.parametrize(
    "query",
    [
        "x" * 10_000,
        "terorisme " * 1000,
        "(" * 5000 + "terorisme" + ")" * 5000,
        '"',
        "*",
        "AND",
        "\x00",
        "\ud800",
        "a:b:c:d",
        "title:",
        "-",
        "--x",
        "/.*/",
        "{{words}}",
        "' OR 1=1",
        "\\",
        "😀 人权 حقوق",
        "a* b* c* d* e*",
    ],
)
def test_whatever_a_person_types_gives_an_answer(hub: Hub, query: str) -> None:
    assert _search(hub, query).total >= 0


def test_unknown_ids_are_said_and_match_nothing(hub: Hub) -> None:
    for facet in Facet:
        response = _search(hub, filters={facet: ("no such",)})
        assert (response.total, [n.code for n in response.notes]) == (0, ["unknown_id"]), facet


def test_matching_pages_and_marks(hub: Hub) -> None:
    (hit,) = _search(hub, "kewajiban").hits
    document = read_document(hub, hit.document_id, Viewer())
    assert matching_pages(hub, document, "kewajiban OR pelaksanaan") == (1, 2, 3, 4)
    assert matching_pages(hub, document, "title:hak") == ()
    text = read_page(hub, document, 3).text
    assert [text[m.start : m.end] for m in mark(hub, text, "kewajiban")] == ["kewajiban"]
    for number in (0, 5, 10_000):
        with pytest.raises(UnknownIdError):
            read_page(hub, document, number)


def test_catalogue_and_index_agree(hub: Hub) -> None:
    assert list(check(hub)) == []
    report = synchronise(hub)
    assert (report.written, report.removed, report.refused) == (0, 0, {})


def test_changes_reach_the_index_and_a_removed_document_is_gone(hub: Hub) -> None:
    document_id = record_document(hub, "Sementara", ["sementara satu", "sementara dua"])
    assert _search(hub, "sementara").total == 0
    assert [d.code for d in check(hub)] == ["missing"]
    synchronise(hub)
    assert _search(hub, "sementara").total == 1
    with hub.catalogue.write() as session:
        documents.set_access(session, document_id, Access(frozenset({"partners"})))
    assert [d.code for d in check(hub)] == ["outdated"]
    synchronise(hub)
    assert _search(hub, "sementara").total == 0
    assert _search(hub, "sementara", viewer=Viewer.of("partners")).total == 1
    with hub.catalogue.write() as session:
        documents.remove(session, document_id)
    assert [d.code for d in check(hub)] == ["superfluous"]
    report = synchronise(hub)
    assert (report.written, report.removed) == (0, 1)
    assert _search(hub, "sementara", viewer=Viewer.of("partners")).total == 0
    assert list(check(hub)) == []


def test_a_rebuild_gives_the_same_answers(hub: Hub) -> None:
    before = _search(hub, "terorisme OR korban OR hak")
    report = rebuild(hub)
    assert report.rebuilt
    after = _search(hub, "terorisme OR korban OR hak")
    assert [h.document_id for h in after.hits] == [h.document_id for h in before.hits]
    assert after.facets == before.facets
    assert list(check(hub)) == []
    assert len(hub.engine.generations()) == 1


def test_what_differs_is_mended(hub: Hub) -> None:
    from indexer.engines.base import Removal

    live = hub.engine.live()
    assert live is not None
    document_id = _search(hub, "korban").hits[0].document_id
    hub.engine.write(live, [Removal(document_id)])
    differences = list(check(hub))
    assert [(d.code, d.document_id) for d in differences] == [("missing", document_id)]
    assert synchronise(hub).written == 0, "the catalogue believes what it remembers"
    mend(hub, differences)
    assert synchronise(hub).written == 1
    assert list(check(hub)) == []


def test_a_damaged_text_is_said_and_stops_nothing_else(settings: Settings) -> None:
    initialise(settings)
    with open_hub(settings) as hub:
        damaged = record_document(hub, "Rusak", ["teks yang rusak"])
        record_document(hub, "Utuh", ["teks yang utuh"])
        with hub.catalogue.read() as session:
            text = documents.get(session, damaged).text.sha256
        next((settings.data / "texts").rglob(f"{text}.gz")).write_bytes(b"damaged")
        report = synchronise(hub)
        assert (report.written, list(report.refused)) == (1, [damaged])
        assert _titles(hub) == ["Utuh"]
        assert [(d.code, d.document_id) for d in check(hub)] == [("refused", damaged)]
        assert synchronise(hub).written == 0, "it is not tried again before it changes"


def test_without_an_index_a_search_says_so(settings: Settings) -> None:
    initialise(settings)
    with open_hub(settings) as empty:
        with pytest.raises(IndexOutdatedError):
            _search(empty)
        assert synchronise(empty).rebuilt
        assert _search(empty).total == 0


def test_documents_that_hold_a_name_are_counted_whoever_may_read_them(hub: Hub) -> None:
    open_and_hidden = count_naming(hub, "Deradikalisasi", Facet.THEME, "deradicalisation")
    assert open_and_hidden.documents >= open_and_hidden.with_value >= 1
    assert count_naming(hub, "couriers cash", Facet.THEME, "terrorist-financing") == Counted(0, 0)
    assert count_naming(hub, "Cash couriers", Facet.THEME, "deradicalisation") == Counted(1, 0)
    assert count_naming(hub, "–", Facet.THEME, "deradicalisation") == Counted(0, 0)
