"""The API: its description, the shapes of its answers, its errors, and that it gives what the rest of the hub gives."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from app.contract import search_object
from app.contract_documents import document_object
from app.factory import create_app
from app.problems import MEDIA_TYPE
from holdings.access import Viewer
from holdings.database import Database
from holdings.settings import Settings
from indexer.discover import discover
from indexer.hub import Hub, open_hub
from indexer.model import Facet, SearchRequest, Sort
from indexer.reading import read_document
from indexer.related import related
from indexer.synchronise import synchronise
from tests.making import record_document

PARAMETERS = {"q", "theme", "province", "kind", "organisation", "group", "priority", "language", "year", "sort", "size",
              "page", "label_language"}  # fmt: skip


@pytest.fixture(scope="module")
def client(sample_hub: Hub) -> FlaskClient:
    return create_app(sample_hub).test_client()


@pytest.fixture(scope="module")
def description(client: FlaskClient) -> dict[str, Any]:
    described = client.get("/api/v1/openapi.json").json
    assert isinstance(described, dict)
    return described


@pytest.fixture(scope="module")
def some_id(sample_hub: Hub) -> str:
    return discover(sample_hub, SearchRequest("terorisme", size=1)).hits[0].document_id


@pytest.fixture
def without_engine(sample_settings: Settings) -> Iterator[FlaskClient]:
    """A client of the hub over the samples while its search engine is away."""
    server = sample_settings.indexer.elasticsearch.model_copy(update={"url": "http://127.0.0.1:9"})
    indexer = sample_settings.indexer.model_copy(update={"engine": "elasticsearch", "elasticsearch": server})
    with open_hub(sample_settings.model_copy(update={"indexer": indexer})) as hub:
        yield create_app(hub).test_client()


def check(description: dict[str, Any], path: str, response: Any) -> Any:
    """Assert that an answer is described, for this path and status, under its media type; return its content."""
    described = description["paths"][path]["get"]["responses"][str(response.status_code)]
    schema = described["content"][response.mimetype]["schema"]
    OAS31Validator({**schema, "components": description["components"]}).validate(response.json)
    return response.json


def test_the_description_is_valid_openapi(description: dict[str, Any]) -> None:
    validate(description)


def test_every_route_is_described_and_written_down(client: FlaskClient, description: dict[str, Any]) -> None:
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/") or rule.rule == "/health"
    }
    assert set(description["paths"]) == routes - {"/api/v1/openapi.json"}
    written = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    for route in routes:
        assert f"`{route}`" in written


def test_every_parameter_is_described_and_written_down(description: dict[str, Any]) -> None:
    parameters = {
        parameter["name"]: parameter for parameter in description["paths"]["/api/v1/search"]["get"]["parameters"]
    }
    assert set(parameters) == PARAMETERS
    assert {name for name, p in parameters.items() if p["schema"].get("type") == "array"} == {
        facet.value for facet in Facet
    }
    written = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    for name, parameter in parameters.items():
        assert parameter["description"]
        assert f"`{name}`" in written


# The search


@pytest.mark.parametrize(
    "query",
    ["", "q=terorisme", "q=%22hak+asasi+manusia%22&size=3&page=2", "q=xyzzyplugh", "sort=title&size=100",
     "q=anak&kind=regulation&kind=report&theme=human-rights&year=1990..2010&year=2018", "q=%22broken&label_language=en",
     "page=100000", "q=" + "kata+" * 2000, "q=" + "(" * 5000, "q=%00", "q=%ff"],
    ids=lambda query: query[:40],
)  # fmt: skip
def test_a_search_has_the_shape_that_is_described(client: FlaskClient, description: dict[str, Any], query: str) -> None:
    response = client.get(f"/api/v1/search?{query}")
    assert response.status_code == 200
    found = check(description, "/api/v1/search", response)
    assert set(found) == {"total", "took_ms", "engine", "hits", "facets", "notes"}
    assert list(found["facets"]) == [facet.value for facet in Facet]
    for hit in found["hits"]:
        expected = {"document_id", "title", "kind", "date", "language", "inferred", "title_by_ocr", "page_hits"}
        assert set(hit) == expected, "no score for the public"
        for page_hit in hit["page_hits"]:
            assert set(page_hit) == {"page", "snippet", "by_ocr"}
            assert "<mark>" in page_hit["snippet"]
            assert not re.search(r"<(?!/?mark>)", page_hit["snippet"])


def test_a_search_gives_what_discover_gives(client: FlaskClient, sample_hub: Hub) -> None:
    request = SearchRequest(
        "hukum -anak",
        filters={Facet.KIND: ("regulation",), Facet.YEAR: ("2000..2010", "2018")},
        sort=Sort.OLDEST,
        size=4,
        page=2,
        label_language="en",
    )
    answer = client.get(
        "/api/v1/search?q=hukum+-anak&kind=regulation&year=2000..2010&year=2018&sort=oldest&size=4&page=2"
        "&label_language=en"
    ).json
    assert answer is not None
    expected = search_object(discover(sample_hub, request), with_score=False)
    assert answer | {"took_ms": 0} == dict(expected) | {"took_ms": 0}
    assert 1 < len(answer["hits"]) <= 4


def test_those_who_may_see_everything_see_scores(sample_hub: Hub) -> None:
    by_relevance = search_object(discover(sample_hub, SearchRequest("terorisme")), with_score=True)
    assert all(isinstance(hit["score"], float) for hit in by_relevance["hits"])
    by_date = search_object(discover(sample_hub, SearchRequest("terorisme", sort=Sort.NEWEST)), with_score=True)
    assert all(hit["score"] is None for hit in by_date["hits"])


def test_page_hits_are_empty_where_only_metadata_matched(hub: Hub) -> None:
    record_document(hub, "Deradikalisasi", ["Teks yang lain"])
    synchronise(hub)
    answer = create_app(hub).test_client().get("/api/v1/search?q=deradikalisasi").json
    assert answer is not None
    assert [hit["page_hits"] for hit in answer["hits"]] == [[]]


def test_snippets_are_escaped(hub: Hub) -> None:
    record_document(hub, "Judul", ['Tanda <script>alert("korban")</script> & lain'])
    synchronise(hub)
    answer = create_app(hub).test_client().get("/api/v1/search?q=korban").json
    assert answer is not None
    snippet = answer["hits"][0]["page_hits"][0]["snippet"]
    assert snippet == "Tanda &lt;script&gt;alert(&#34;<mark>korban</mark>&#34;)&lt;/script&gt; &amp; lain"


def test_what_the_public_may_not_see_is_not_counted(hub: Hub) -> None:
    record_document(hub, "Terbuka", theme="youth")
    hidden = record_document(hub, "Mitra", access=["partners"], theme="digital-space")
    synchronise(hub)
    client = create_app(hub).test_client()
    answer = client.get("/api/v1/search").json
    assert answer is not None
    assert answer["total"] == 1
    assert [value["id"] for value in answer["facets"]["theme"]] == ["youth"]
    assert client.get(f"/api/v1/documents/{hidden}").status_code == 404
    assert "2" not in client.get("/health").text


# A document


def test_a_document_has_the_shape_that_is_described(
    client: FlaskClient, description: dict[str, Any], sample_hub: Hub
) -> None:
    for hit in discover(sample_hub, SearchRequest(size=100)).hits:
        response = client.get(f"/api/v1/documents/{hit.document_id}?label_language=en")
        content = check(description, "/api/v1/documents/{document_id}", response)
        document = read_document(sample_hub, hit.document_id, Viewer())
        relations = related(sample_hub, document.id, Viewer())
        expected = document_object(sample_hub, document, relations=relations, label_language="en", with_access=False)
        assert content == expected
        assert not {"access", "receipt", "receipts"} & set(content)
        assert content["title"]["value"] == hit.title
        assert [stated["value"] for stated in content["themes"]] == list(hit.themes)


def test_those_who_keep_a_document_see_who_may_read_it_and_its_receipts(sample_hub: Hub, some_id: str) -> None:
    document = read_document(sample_hub, some_id, Viewer())
    shown = document_object(sample_hub, document, relations=[], receipts=[])
    assert shown["access"] == {"labels": ["public"], "embargo_until": None, "keeper": None}
    assert (shown["receipts"], shown["receipt"]) == ([], None)


# Errors


@pytest.mark.parametrize(
    ("address", "status", "code", "names"),
    [
        ("/api/v1/search?foo=1", 400, "bad_parameter", ["foo"]),
        ("/api/v1/search?page=abc", 400, "bad_parameter", ["page"]),
        ("/api/v1/search?page=0&size=101", 400, "bad_parameter", ["page", "size"]),
        ("/api/v1/search?page=" + "9" * 5000, 400, "bad_parameter", ["page"]),
        ("/api/v1/search?sort=best", 400, "bad_parameter", ["sort"]),
        ("/api/v1/search?q=a&q=b", 400, "bad_parameter", ["q"]),
        ("/api/v1/search?label_language=fr", 400, "bad_parameter", ["label_language"]),
        ("/api/v1/search?year=abc", 400, "bad_parameter", ["year"]),
        ("/api/v1/search?year=2018..abc", 400, "bad_parameter", ["year"]),
        ("/api/v1/search?theme=nonsense", 400, "unknown_id", ["theme"]),
        ("/api/v1/search?theme=youth&theme=x&province=99&kind=%00", 400, "unknown_id", ["kind", "theme", "province"]),
        ("/api/v1/search?organisation=nobody", 400, "unknown_id", ["organisation"]),
        ("/api/v1/search?group=x", 400, "unknown_id", ["group"]),
        ("/api/v1/search?priority=x", 400, "unknown_id", ["priority"]),
        ("/api/v1/search?language=12", 400, "unknown_id", ["language"]),
        ("/api/v1/documents/0000000000", 404, "unknown_id", None),
        ("/api/v1/documents/a%00b", 404, "unknown_id", None),
        ("/api/v1/documents/%ff", 404, "unknown_id", None),
        ("/api/v1/documents/0000000000?foo=1", 400, "bad_parameter", ["foo"]),
    ],
    ids=lambda value: str(value)[:50],
)
def test_an_error_is_a_problem(
    client: FlaskClient, description: dict[str, Any], address: str, status: int, code: str, names: list[str] | None
) -> None:
    response = client.get(address)
    assert (response.status_code, response.mimetype) == (status, MEDIA_TYPE)
    path = "/api/v1/search" if "/search" in address else "/api/v1/documents/{document_id}"
    problem = check(description, path, response)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]
    assert problem["advice"]
    assert sorted(p["name"] for p in problem.get("parameters", [])) == sorted(names or [])


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/", 404),
        ("POST", "/api/v1/search", 405),
        ("DELETE", "/health", 405),
    ],
)
def test_an_error_of_the_protocol_is_a_problem_too(client: FlaskClient, method: str, address: str, status: int) -> None:
    response = client.open(address, method=method)
    assert (response.status_code, response.mimetype) == (status, MEDIA_TYPE)
    assert response.json is not None
    assert response.json["code"]


def test_while_the_engine_is_away(without_engine: FlaskClient, description: dict[str, Any], some_id: str) -> None:
    response = without_engine.get("/api/v1/search?q=terorisme")
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert check(description, "/api/v1/search", response)["code"] == "engine_unavailable"
    assert "127.0.0.1" not in response.text
    assert without_engine.get(f"/api/v1/documents/{some_id}").status_code == 200
    health = check(description, "/health", without_engine.get("/health"))
    assert (health["status"], health["catalogue"]["status"]) == ("degraded", "ok")
    assert health["engine"] == {"status": "engine_unavailable", "name": "elasticsearch"}


def test_without_an_index_the_hub_says_so(hub: Hub, description: dict[str, Any]) -> None:
    client = create_app(hub).test_client()
    response = client.get("/api/v1/search")
    assert response.status_code == 503
    assert check(description, "/api/v1/search", response)["code"] == "index_outdated"


def test_a_fault_is_logged_and_tells_nothing(
    client: FlaskClient, description: dict[str, Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(*_arguments: object) -> None:
        raise RuntimeError("secret of the machine")

    monkeypatch.setattr("app.api.routes.discover", fault)
    response = client.get("/api/v1/search")
    assert (response.status_code, response.mimetype) == (500, MEDIA_TYPE)
    assert response.json is not None
    assert response.json["code"] == "internal"
    assert "secret" not in response.text
    assert "secret of the machine" in caplog.text


# Health


def test_a_hub_that_works_says_so(client: FlaskClient, description: dict[str, Any]) -> None:
    response = client.get("/health?from=a-probe")
    assert check(description, "/health", response) == {
        "status": "ok",
        "catalogue": {"status": "ok"},
        "engine": {"status": "ok", "name": "embedded"},
    }


def test_a_hub_that_cannot_be_read_says_so(sample_hub: Hub, description: dict[str, Any], tmp_path: Path) -> None:
    catalogue = Database(f"sqlite:///{tmp_path / 'nowhere' / 'catalogue.sqlite3'}", tmp_path)
    client = create_app(dataclasses.replace(sample_hub, catalogue=catalogue)).test_client()
    response = client.get("/health")
    assert response.status_code == 503
    assert check(description, "/health", response)["status"] == "unavailable"
    assert client.get("/documents/0000000000").status_code == 503
    catalogue.close()
