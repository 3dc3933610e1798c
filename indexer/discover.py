"""`discover()`: from what a person asks to what they find. Site, API and command line all search through it.

Words are retrieved first (`_retrieve`), then the best pages of the documents on the result page (`_pages`). A second
retrieval, passage vectors, will stand beside `_retrieve`, give ids and scores as it does, and be fused with it before
the pages are asked for: nothing after it depends on where a document was found.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from indexer.clauses import Clause, documents_body, pages_body
from indexer.engines.base import Response
from indexer.facets import Filters, facet_label, is_year, lead_on, resolve_facet, unknown_ids, with_former_ids
from indexer.hub import Hub
from indexer.model import (
    MAX_SIZE,
    MAX_WINDOW,
    Facet,
    FacetValue,
    Hit,
    Note,
    PageHit,
    SearchRequest,
    SearchResponse,
    Sort,
)
from indexer.query import ParsedQuery, Phrase, TextField, parse
from indexer.schema import IndexName
from indexer.snippets import marks, snippet
from indexer.supersession import search_filter


def discover(hub: Hub, request: SearchRequest, *, among: Collection[str] | None = None) -> SearchResponse:
    """Return what `request.viewer` may read of what the request asks for, and, where it is given, is `among` these.

    Whatever a person types gives an answer; `notes` say what was understood otherwise than typed. Raises
    EngineUnavailableError when the engine is away, IndexOutdatedError when there is no index yet.
    """
    began = time.perf_counter()
    request = replace(request, page=max(1, request.page), size=min(max(1, request.size), MAX_SIZE))
    parsed = parse(request.query, hub.analyzer, lambda facet, text: resolve_facet(hub, facet, text))
    filters, led_on = lead_on(hub, request.filters)
    request = replace(request, filters=filters)
    notes = [*parsed.notes, *led_on, *unknown_ids(hub, filters)]
    response = _retrieve(hub, request, parsed, among)
    total = int(response["hits"]["total"]["value"])
    found = response["hits"]["hits"]
    if not found and total:
        notes.append(_beyond(request, total))
    page_hits = _pages(hub, parsed, [hit["_id"] for hit in found])
    return SearchResponse(
        total=total,
        took_ms=round((time.perf_counter() - began) * 1000),
        engine=hub.engine.name,
        hits=tuple(_hit(hub, hit, page_hits.get(hit["_id"], ()), parsed) for hit in found),
        facets=_facets(hub, request, response.get("aggregations", {})),
        notes=tuple(notes),
        page=request.page,
        size=request.size,
    )


def _retrieve(hub: Hub, request: SearchRequest, parsed: ParsedQuery, among: Collection[str] | None) -> Response:
    offset = (request.page - 1) * request.size
    access = search_filter(hub, request.viewer)
    if among is not None:
        access = {"bool": {"filter": [access, {"terms": {"id": sorted(among)}}]}}
    # Beyond the window nothing is fetched, but the counts are still true.
    size = request.size if offset + request.size <= MAX_WINDOW else 0
    body = body_of(hub, request, parsed, access, offset=offset if size else 0, size=size)
    return hub.engine.search(IndexName.DOCUMENTS, [body])[0]


def body_of(hub: Hub, request: SearchRequest, parsed: ParsedQuery, access: Clause, *, offset: int, size: int) -> Clause:
    """Return the body that asks for what a request, whose filters were led on, finds among what `access` allows."""
    filters = with_former_ids(hub, _known_years(request.filters))
    return documents_body(hub.templates, parsed.root, filters, access, sort=request.sort, offset=offset, size=size)


def _known_years(filters: Filters) -> Filters:
    """Return the filters with years that are none as a year in which there is nothing: they match no document."""
    years = filters.get(Facet.YEAR, ())
    if all(is_year(value) for value in years):
        return filters
    return {**filters, Facet.YEAR: tuple(value for value in years if is_year(value)) or ("0000",)}


def _beyond(request: SearchRequest, total: int) -> Note:
    last = -(-min(total, MAX_WINDOW) // request.size)
    if request.page > last and total <= MAX_WINDOW:
        return Note("page_out_of_range", f"There are {last} pages of results.")
    return Note("page_out_of_range", f"Results can be paged up to page {last}: narrow the search to see others.")


def _pages(hub: Hub, parsed: ParsedQuery, document_ids: list[str]) -> dict[str, tuple[PageHit, ...]]:
    """Return the best pages of each document, best first, with their snippets."""
    template = hub.templates.pages
    # One more than is shown where there is a phrase: the page where it only ends is found, too.
    size = template["pages_per_document"] + any(isinstance(leaf, Phrase) for leaf in parsed.leaves)
    bodies = [
        body for i in document_ids if (body := pages_body(hub.templates, parsed.leaves, i, size=size)) is not None
    ]
    if not bodies:
        return {}
    answers = hub.engine.search(IndexName.PAGES, bodies)
    found: dict[str, tuple[PageHit, ...]] = {}
    for document_id, answer in zip(document_ids, answers, strict=True):
        stored = (hit["_source"]["stored"] for hit in answer["hits"]["hits"])
        hits = (_page_hit(hub, page, parsed, template["snippet_characters"]) for page in stored)
        found[document_id] = tuple(hit for hit in hits if hit is not None)[: template["pages_per_document"]]
    return found


def _page_hit(hub: Hub, page: Mapping[str, Any], parsed: ParsedQuery, characters: int) -> PageHit | None:
    cut = snippet(page["text"], page["continuation"], parsed.leaves, hub.analyzer, characters=characters)
    # Until it is rebuilt, a generation of an earlier version is searched, which does not say this: here and in `_hit`.
    return PageHit(page["number"], page["unit"], cut, by_ocr=page.get("by_ocr", False)) if cut is not None else None


def _hit(hub: Hub, hit: Mapping[str, Any], page_hits: tuple[PageHit, ...], parsed: ParsedQuery) -> Hit:
    stored = hit["_source"]["stored"]
    return Hit(
        document_id=hit["_id"],
        title=stored["title"],
        kind=stored["kind"],
        date=stored["date"],
        language=stored["language"],
        score=hit["_score"],
        page_hits=page_hits,
        pages=stored["pages"],
        organisations=tuple(stored["organisations"]),
        themes=tuple(stored["themes"]),
        provinces=tuple(stored["provinces"]),
        abstract=stored["abstract"],
        media_type=stored["media_type"],
        title_marks=marks(stored["title"], parsed.leaves, hub.analyzer, fields=(TextField.ANY, TextField.TITLE)),
        inferred=tuple(stored.get("inferred", ())),
        title_by_ocr=stored.get("title_by_ocr", False),
    )


def _facets(
    hub: Hub, request: SearchRequest, aggregations: Mapping[str, Any]
) -> Mapping[Facet, tuple[FacetValue, ...]]:
    return {facet: tuple(_facet(hub, request, facet, aggregations.get(facet.value, {}))) for facet in Facet}


def _facet(hub: Hub, request: SearchRequest, facet: Facet, aggregation: Mapping[str, Any]) -> Iterable[FacetValue]:
    buckets = aggregation.get("values", aggregation).get("buckets", [])
    counts: Counter[str] = Counter()
    for bucket in buckets:
        key = str(bucket["key"])
        # What an index that is behind holds of an organisation under a former id counts under the present one.
        value = (hub.organisations.present(key) or key) if facet is Facet.ORGANISATION else key
        counts[value] += int(bucket["doc_count"])
    selected = request.filters.get(facet, ())
    for value in [*counts, *(value for value in selected if value not in counts)]:
        count = counts.get(value, 0)
        if facet is Facet.YEAR and ".." in value and is_year(value):
            count = sum(number for year, number in counts.items() if _in_range(int(year), value))
        yield FacetValue(value, facet_label(hub, facet, value, request.label_language), count, value in selected)


def _in_range(year: int, value: str) -> bool:
    first, _, last = value.partition("..")
    return (not first or int(first) <= year) and (not last or year <= int(last))


def sort_in_use(request: SearchRequest) -> Sort:
    """Return the order that `discover` gives: without a query nothing is more relevant, so the newest come first."""
    return Sort.NEWEST if request.sort is Sort.RELEVANCE and not request.query.strip() else request.sort
