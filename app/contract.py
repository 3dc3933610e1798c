"""What leaves the hub as JSON: the search object, for the API and the command line alike.

Its shape is declared here once: the functions are checked against it, and the API's schema is made from it.
`app.contract_documents` has the document object.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NotRequired

from markupsafe import Markup, escape
from pydantic import Field
from typing_extensions import TypedDict

from indexer.model import Facet, Hit, Mark, SearchResponse, Snippet

ELLIPSIS = "…"
SHOWN_OF_A_HIT = ("title", "kind", "date", "language")


class PageHitObject(TypedDict):
    page: Annotated[int, Field(description="Number of the page, from 1.")]
    snippet: Annotated[
        str,
        Field(description="Text escaped for HTML, with what matched between `<mark>` and `</mark>`; no other tags."),
    ]
    by_ocr: Annotated[bool, Field(description="Whether the text was recognised from a scan, and may hold mistakes.")]


class HitObject(TypedDict):
    document_id: str
    title: str
    kind: str | None
    date: Annotated[str | None, Field(description="`2018`, `2018-06` or `2018-06-22`.")]
    language: Annotated[str, Field(description="ISO 639-1, `und` where unknown.")]
    inferred: Annotated[
        list[str],
        Field(description="Which of title, kind, date and language the hub inferred; people stated the rest."),
    ]
    title_by_ocr: Annotated[bool, Field(description="Whether the title was recognised from a scan.")]
    score: NotRequired[
        Annotated[float | None, Field(description="Null when not sorted by relevance; absent for the public.")]
    ]
    page_hits: Annotated[
        list[PageHitObject], Field(description="The best pages, best first; empty where only metadata matched.")
    ]


class FacetValueObject(TypedDict):
    id: str
    label: str
    count: Annotated[int, Field(description="Documents, with the filters of the other facets applied.")]
    selected: bool


class FacetsObject(TypedDict):
    kind: list[FacetValueObject]
    theme: list[FacetValueObject]
    province: list[FacetValueObject]
    organisation: list[FacetValueObject]
    group: list[FacetValueObject]
    priority: list[FacetValueObject]
    language: list[FacetValueObject]
    year: list[FacetValueObject]


class NoteObject(TypedDict):
    code: Annotated[str, Field(description="query_as_words, query_cut, unknown_id, former_id or page_out_of_range.")]
    message: str


class SearchObject(TypedDict):
    """The answer to a search."""

    total: Annotated[int, Field(description="Documents found, whatever the page.")]
    took_ms: int
    engine: str
    hits: list[HitObject]
    facets: FacetsObject
    notes: Annotated[list[NoteObject], Field(description="What was understood otherwise than asked for.")]


def search_object(response: SearchResponse, *, with_score: bool) -> SearchObject:
    """Return the answer to a search as the contract has it. `with_score` only for those who may see everything."""
    facets = {
        facet.value: [
            FacetValueObject(id=value.id, label=value.label, count=value.count, selected=value.selected)
            for value in response.facets.get(facet, ())
        ]
        for facet in Facet
    }
    return {
        "total": response.total,
        "took_ms": response.took_ms,
        "engine": response.engine,
        "hits": [_hit(hit, with_score=with_score) for hit in response.hits],
        "facets": FacetsObject(**facets),  # type: ignore[typeddict-item]
        "notes": [{"code": note.code, "message": note.message} for note in response.notes],
    }


def _hit(hit: Hit, *, with_score: bool) -> HitObject:
    result: HitObject = {
        "document_id": hit.document_id,
        "title": hit.title,
        "kind": hit.kind,
        "date": hit.date,
        "language": hit.language,
        "inferred": [name for name in hit.inferred if name in SHOWN_OF_A_HIT],
        "title_by_ocr": hit.title_by_ocr,
        "page_hits": [
            {"page": page.page, "snippet": str(snippet_html(page.snippet)), "by_ocr": page.by_ocr}
            for page in hit.page_hits
        ],
    }
    if with_score:
        result["score"] = hit.score
    return result


def snippet_html(snippet: Snippet) -> Markup:
    """Return a snippet as HTML: escaped, what matched in `<mark>`, an ellipsis where it was cut."""
    before = ELLIPSIS if snippet.cut_before else ""
    after = ELLIPSIS if snippet.cut_after else ""
    return Markup("{}{}{}").format(before, marked_html(snippet.text, snippet.marks), after)


def marked_html(text: str, marks: Sequence[Mark]) -> Markup:
    """Return a text as HTML: escaped, what matched in `<mark>`."""
    pieces: list[Markup] = []
    at = 0
    for mark in marks:
        pieces += [escape(text[at : mark.start]), Markup("<mark>{}</mark>").format(text[mark.start : mark.end])]
        at = mark.end
    return Markup("").join([*pieces, escape(text[at:])])
