"""What leaves the hub as JSON: the search object and the document object, for the API and the command line alike.

Their shapes are declared here once: the functions are checked against them, and the API's schema is made from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NotRequired

from markupsafe import Markup, escape
from pydantic import Field
from typing_extensions import TypedDict

from holdings.model import Arrival, Document, DocumentField, Source, Statement, receipt_line
from indexer.facets import facet_label
from indexer.hub import Hub
from indexer.model import Facet, Hit, Language, Mark, SearchResponse, Snippet
from indexer.projection import priorities_of, year_of

ELLIPSIS = "…"


class PageHitObject(TypedDict):
    page: Annotated[int, Field(description="Number of the page, from 1.")]
    snippet: Annotated[
        str,
        Field(description="Text escaped for HTML, with what matched between `<mark>` and `</mark>`; no other tags."),
    ]


class HitObject(TypedDict):
    document_id: str
    title: str
    kind: str | None
    date: Annotated[str | None, Field(description="`2018`, `2018-06` or `2018-06-22`.")]
    language: Annotated[str, Field(description="ISO 639-1, `und` where unknown.")]
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
    code: Annotated[str, Field(description="query_as_words, query_cut, unknown_id or page_out_of_range.")]
    message: str


class SearchObject(TypedDict):
    """The answer to a search."""

    total: Annotated[int, Field(description="Documents found, whatever the page.")]
    took_ms: int
    engine: str
    hits: list[HitObject]
    facets: FacetsObject
    notes: Annotated[list[NoteObject], Field(description="What was understood otherwise than asked for.")]


class EvidenceObject(TypedDict):
    page: Annotated[int | None, Field(description="Null for the file's own metadata or its name.")]
    words: str


class StatedObject(TypedDict):
    """One value of one field, and who says so."""

    value: str | int
    label: NotRequired[Annotated[str, Field(description="Name of the value, where it is a term.")]]
    source: Source
    confidence: Annotated[float, Field(ge=0, le=1, description="1 for what a person declared.")]
    evidence: list[EvidenceObject]


class FileObject(TypedDict):
    sha256: str
    names: list[str]
    size: Annotated[int, Field(description="Bytes.")]
    media_type: str


class AccessObject(TypedDict):
    labels: list[str]
    embargo_until: str | None
    keeper: str | None


class DocumentObject(TypedDict):
    """What the hub knows of a document."""

    document_id: str
    work_id: Annotated[str, Field(description="The same for all versions and translations of a work.")]
    title: StatedObject
    kind: StatedObject | None
    number: StatedObject | None
    year: StatedObject | None
    date: StatedObject | None
    language: StatedObject
    provinces: list[StatedObject]
    themes: list[StatedObject]
    priorities: list[StatedObject]
    organisation: list[StatedObject]
    authors: list[StatedObject]
    abstract: StatedObject | None
    licence: StatedObject | None
    files: list[FileObject]
    pages: int
    pages_without_text: int
    truncated: Annotated[list[str], Field(description="What was left out of the text, and why.")]
    recorded_at: str
    updated_at: str
    access: NotRequired[AccessObject]
    receipt: NotRequired[Annotated[dict[str, object] | None, Field(description="Of the file whose text it has.")]]
    receipts: NotRequired[list[dict[str, object]]]


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
        "page_hits": [{"page": page.page, "snippet": str(snippet_html(page.snippet))} for page in hit.page_hits],
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


def document_object(
    hub: Hub,
    document: Document,
    *,
    label_language: Language = "id",
    with_access: bool = True,
    receipts: Sequence[Arrival] | None = None,
) -> DocumentObject:
    """Return what the hub knows of a document, with who says so.

    `with_access` and `receipts` (oldest first) are for those who keep the document: they tell of other readers and of
    the machine that the files came from.
    """

    def stated(field: DocumentField, facet: Facet | None = None) -> list[StatedObject]:
        return [
            _stated(s, facet_label(hub, facet, s.value, label_language) if facet else None)
            for s in document.stated(field)
        ]

    def surest(field: DocumentField, facet: Facet | None = None) -> StatedObject | None:
        return max(stated(field, facet), key=lambda s: s["confidence"], default=None)

    date = surest(DocumentField.DATE)
    result: DocumentObject = {
        "document_id": document.id,
        "work_id": document.work_id,
        "title": surest(DocumentField.TITLE) or _unstated(document.title),
        "kind": surest(DocumentField.KIND, Facet.KIND),
        "number": surest(DocumentField.NUMBER),
        "year": _year(date),
        "date": date,
        "language": surest(DocumentField.LANGUAGE, Facet.LANGUAGE) or _unstated(document.language),
        "provinces": stated(DocumentField.PROVINCE, Facet.PROVINCE),
        "themes": stated(DocumentField.THEME, Facet.THEME),
        "priorities": _priorities(hub, document, label_language),
        "organisation": stated(DocumentField.ORGANISATION, Facet.ORGANISATION),
        "authors": stated(DocumentField.AUTHOR),
        "abstract": surest(DocumentField.ABSTRACT),
        "licence": surest(DocumentField.LICENCE),
        "files": [
            {
                "sha256": file.sha256,
                # Under which other names copies came is for those who keep the document.
                "names": list(file.names if with_access else file.names[:1]),
                "size": file.size,
                "media_type": file.media_type,
            }
            for file in document.files
        ],
        "pages": document.text.pages,
        "pages_without_text": document.text.pages_without_text,
        "truncated": list(document.text.truncated),
        "recorded_at": _moment(document.created_at),
        "updated_at": _moment(document.updated_at),
    }
    if with_access:
        access = document.access
        result["access"] = {
            "labels": sorted(access.labels),
            "embargo_until": _moment(access.embargo_until) if access.embargo_until else None,
            "keeper": access.keeper,
        }
    if receipts is not None:
        result["receipts"] = [dict(receipt_line(receipt)) for receipt in receipts]
        result["receipt"] = result["receipts"][0] if receipts else None
    return result


def _stated(statement: Statement, label: str | None = None) -> StatedObject:
    result: StatedObject = {
        "value": statement.value,
        "source": statement.source,
        "confidence": statement.confidence,
        "evidence": [{"page": evidence.page, "words": evidence.words} for evidence in statement.evidence],
    }
    if label is not None:
        result["label"] = label
    return result


def _unstated(value: str) -> StatedObject:
    """Return what the hub falls back to where neither a person nor a file says anything."""
    return {"value": value, "source": Source.INFERRED, "confidence": 0.0, "evidence": []}


def _year(date: StatedObject | None) -> StatedObject | None:
    year = year_of(str(date["value"])) if date else None
    if date is None or year is None:
        return None
    return {"value": year, "source": date["source"], "confidence": date["confidence"], "evidence": date["evidence"]}


def _priorities(hub: Hub, document: Document, language: Language) -> list[StatedObject]:
    """Return the national priorities: those stated with the broader ones they belong to, else those of the themes."""
    stated = {statement.value: statement for statement in document.stated(DocumentField.PRIORITY)}
    grounds = document.stated(DocumentField.PRIORITY) or document.stated(DocumentField.THEME)
    sure = max((statement.confidence for statement in grounds), default=0.0)
    return [
        _stated(
            stated.get(value) or Statement(DocumentField.PRIORITY, value, Source.INFERRED, sure),
            facet_label(hub, Facet.PRIORITY, value, language),
        )
        for value in priorities_of(document, hub.vocabularies)
    ]


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
