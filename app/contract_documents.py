"""What leaves the hub as JSON: the document object, for the API and the command line alike.

Its shape is declared here once, as that of a search is in `app.contract`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from holdings.model import Arrival, Document, DocumentField, Evidence, Source, Statement, receipt_line
from indexer.facets import facet_label
from indexer.hub import Hub
from indexer.model import Facet, Language
from indexer.projection import inferred_fields, priorities_of, year_of
from indexer.reading import pages_by_ocr
from indexer.related import Direction, Related


class EvidenceObject(TypedDict):
    page: Annotated[int | None, Field(description="Null for the file's own metadata or its name.")]
    words: str
    by_ocr: NotRequired[Annotated[bool, Field(description="True where the words were recognised from a scan.")]]


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


# `class` is a word of the language, so that its type cannot be declared by fields.
RelationObject = TypedDict(
    "RelationObject",
    {
        "class": Annotated[
            Literal["identical", "new-version", "translation", "excerpt", "related"],
            Field(description="What the two have to do with each other."),
        ],
        "direction": Annotated[
            Direction,
            Field(
                description="`to`: this document is the newer version, the translation or the excerpt of the other; "
                "`from`: the other is that of this one; `both`: it may be said of either."
            ),
        ],
        "document_id": Annotated[str, Field(description="The other document.")],
        "title": Annotated[str, Field(description="Of the other document.")],
        "inferred": Annotated[list[str], Field(description="`title` where the hub inferred the other's title.")],
        "shared": Annotated[float | None, Field(ge=0, le=1, description="Share of common passages; null if unknown.")],
        "pages": Annotated[
            list[list[int]], Field(description="Pages where they stand: of this document, then of the other.")
        ],
        "source": Annotated[Source, Field(description="`declared` where a person confirmed it.")],
    },
)


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
    pages_by_ocr: Annotated[int, Field(description="Pages whose text was recognised from a scan.")]
    pages_awaiting_ocr: Annotated[int, Field(description="Scans that wait to be read.")]
    readers: Annotated[dict[str, int], Field(description="Who read the pages, with version, and how many each.")]
    truncated: Annotated[list[str], Field(description="What was left out of the text, and why.")]
    relations: Annotated[
        list[RelationObject], Field(description="What it has to do with other documents that the caller may read.")
    ]
    recorded_at: str
    updated_at: str
    access: NotRequired[AccessObject]
    receipt: NotRequired[Annotated[dict[str, object] | None, Field(description="Of the file whose text it has.")]]
    receipts: NotRequired[list[dict[str, object]]]


def document_object(
    hub: Hub,
    document: Document,
    *,
    relations: Sequence[Related],
    label_language: Language = "id",
    with_access: bool = True,
    receipts: Sequence[Arrival] | None = None,
) -> DocumentObject:
    """Return what the hub knows of a document, with who says so. `relations` are those that the caller may read of.

    `with_access` and `receipts` (oldest first) are for those who keep the document: they tell of other readers and of
    the machine that the files came from.
    """

    by_ocr = pages_by_ocr(hub, document)

    def stated(field: DocumentField, facet: Facet | None = None) -> list[StatedObject]:
        return [
            _stated(s, facet_label(hub, facet, s.value, label_language) if facet else None, by_ocr=by_ocr)
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
        "priorities": _priorities(hub, document, label_language, by_ocr),
        "organisation": stated(DocumentField.ORGANISATION, Facet.ORGANISATION),
        "authors": stated(DocumentField.AUTHOR),
        "abstract": surest(DocumentField.ABSTRACT),
        "licence": _licence(hub, surest(DocumentField.LICENCE), label_language),
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
        "pages_by_ocr": document.text.pages_by_ocr,
        "pages_awaiting_ocr": len(document.text.scans),
        "readers": dict(document.text.readers),
        "truncated": list(document.text.truncated),
        "relations": [relation_object(relation) for relation in relations],
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


def relation_object(relation: Related) -> RelationObject:
    """Return what a document has to do with another as the contract has it."""
    return {
        "class": relation.relation.value,  # type: ignore[typeddict-item]
        "direction": relation.direction,
        "document_id": relation.document.id,
        "title": relation.document.title,
        "inferred": [field.value for field in inferred_fields(relation.document) if field is DocumentField.TITLE],
        "shared": relation.shared,
        "pages": [list(pages) for pages in relation.pages],
        "source": relation.source,
    }


def _stated(statement: Statement, label: str | None = None, *, by_ocr: Collection[int] = ()) -> StatedObject:
    result: StatedObject = {
        "value": statement.value,
        "source": statement.source,
        "confidence": statement.confidence,
        "evidence": [_evidence(evidence, by_ocr) for evidence in statement.evidence],
    }
    if label is not None:
        result["label"] = label
    return result


def _evidence(evidence: Evidence, by_ocr: Collection[int]) -> EvidenceObject:
    result: EvidenceObject = {"page": evidence.page, "words": evidence.words}
    if evidence.page in by_ocr:
        result["by_ocr"] = True
    return result


def _unstated(value: str) -> StatedObject:
    """Return what the hub falls back to where neither a person nor a file says anything."""
    return {"value": value, "source": Source.INFERRED, "confidence": 0.0, "evidence": []}


def _year(date: StatedObject | None) -> StatedObject | None:
    year = year_of(str(date["value"])) if date else None
    if date is None or year is None:
        return None
    return {"value": year, "source": date["source"], "confidence": date["confidence"], "evidence": date["evidence"]}


def _priorities(hub: Hub, document: Document, language: Language, by_ocr: Collection[int]) -> list[StatedObject]:
    """Return the national priorities: those stated with the broader ones they belong to, else those of the themes."""
    stated = {statement.value: statement for statement in document.stated(DocumentField.PRIORITY)}
    grounds = document.stated(DocumentField.PRIORITY) or document.stated(DocumentField.THEME)
    sure = max((statement.confidence for statement in grounds), default=0.0)
    return [
        _stated(
            stated.get(value) or Statement(DocumentField.PRIORITY, value, Source.INFERRED, sure),
            facet_label(hub, Facet.PRIORITY, value, language),
            by_ocr=by_ocr,
        )
        for value in priorities_of(document, hub.vocabularies)
    ]


def _licence(hub: Hub, stated: StatedObject | None, language: Language) -> StatedObject | None:
    """Return what is stated of the licence with its name, where it is one of the vocabulary."""
    term = hub.vocabularies.licences.get(str(stated["value"])) if stated is not None else None
    if stated is not None and term is not None:
        stated["label"] = term.label(language)
    return stated


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
