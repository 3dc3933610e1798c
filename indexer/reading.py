"""Reading a document that was found: the record, its pages, what matches in them, and the original."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from holdings import arrivals, documents, purges
from holdings.access import Viewer
from holdings.errors import HubError, PurgedFileError, UnknownIdError
from holdings.model import Arrival, Document, Page, PageUnit
from holdings.purges import Purge
from indexer.clauses import pages_body
from indexer.facets import resolve_facet
from indexer.hub import Hub
from indexer.model import Mark
from indexer.projection import pages_of_title
from indexer.query import Leaf, Phrase, parse
from indexer.schema import IndexName
from indexer.snippets import marks, snippet

_MAX_MATCHING_PAGES = 10_000


def read_document(hub: Hub, document_id: str, viewer: Viewer) -> Document:
    """Return a document. Raises UnknownIdError, also when it was removed or `viewer` may not read it."""
    with hub.catalogue.read() as session:
        return documents.read(session, document_id, viewer, datetime.now(UTC))


def receipts(hub: Hub, document: Document) -> list[Arrival]:
    """Return the receipts of the files that led to a document, oldest first."""
    with hub.catalogue.read() as session:
        return arrivals.receipts_of(session, document.id)


def read_pages(hub: Hub, document: Document) -> Iterator[Page]:
    """Yield the pages of a document as text, in order."""
    return hub.files.pages(document.text.sha256)


def unit_of(hub: Hub, document: Document) -> PageUnit:
    """Return what people call the parts of a document when they cite it."""
    first = next(read_pages(hub, document), None)
    return first.unit if first is not None else PageUnit.PAGE


def read_page(hub: Hub, document: Document, number: int) -> Page:
    """Return one page of a document. Raises UnknownIdError when it has no such page."""
    for page in read_pages(hub, document) if number >= 1 else ():
        if page.number == number:
            return page
    raise UnknownIdError(f"The document {document.id} has no page {number}: it has {document.text.pages}")


def pages_by_ocr(hub: Hub, document: Document) -> frozenset[int]:
    """Return the numbers of the pages whose text was recognised from a scan."""
    if not document.text.pages_by_ocr:
        return frozenset()
    return frozenset(page.number for page in read_pages(hub, document) if page.by_ocr)


def title_is_by_ocr(hub: Hub, document: Document) -> bool:
    """Say whether the title was read on a page whose text was recognised from a scan."""
    wanted = pages_of_title(document)
    if not wanted or not document.text.pages_by_ocr:
        return False
    pages = takewhile(lambda page: page.number <= max(wanted), read_pages(hub, document))
    return any(page.by_ocr for page in pages if page.number in wanted)


def leaves_of(hub: Hub, query: str) -> tuple[Leaf, ...]:
    """Return what of a query can match in a text."""
    return parse(query, hub.analyzer, lambda facet, text: resolve_facet(hub, facet, text)).leaves


def matching_pages(hub: Hub, document: Document, query: str) -> tuple[int, ...]:
    """Return the numbers of the pages on which something of the query matches, ascending."""
    leaves = leaves_of(hub, query)
    body = pages_body(hub.templates, leaves, document.id, size=_MAX_MATCHING_PAGES)
    if body is None:
        return ()
    answer = hub.engine.search(IndexName.PAGES, [body])[0]
    stored = [hit["_source"]["stored"] for hit in answer["hits"]["hits"]]
    if any(isinstance(leaf, Phrase) for leaf in leaves):
        # The index finds a phrase near the end of a page on the next page as well: the text says where it begins.
        stored = [
            page for page in stored if snippet(page["text"], page["continuation"], leaves, hub.analyzer, characters=1)
        ]
    return tuple(sorted(page["number"] for page in stored))


def mark(hub: Hub, text: str, query: str | Sequence[Leaf]) -> tuple[Mark, ...]:
    """Return where a query matches in a text, in order, without overlaps."""
    leaves = leaves_of(hub, query) if isinstance(query, str) else query
    return marks(text, leaves, hub.analyzer)


def removed_originals(hub: Hub, document: Document) -> dict[str, Purge]:
    """Return, by checksum, which originals of a document were destroyed on purpose and did not come in again."""
    with hub.catalogue.read() as session:
        found = purges.of_originals(session, [file.sha256 for file in document.files])
    return {
        sha256: purge
        for sha256, purge in found.items()
        if purge.lifted_at is None or not hub.files.has_original(sha256)
    }


def original(hub: Hub, document: Document, sha256: str) -> Path:
    """Return where an original of a document stands.

    Raises UnknownIdError when the document has no such file, and PurgedFileError when it was removed on purpose.
    """
    if all(file.sha256 != sha256 for file in document.files):
        raise UnknownIdError(f"The document {document.id} has no file {sha256}")
    if sha256 in removed_originals(hub, document):
        raise PurgedFileError(f"The original {sha256} was removed on purpose")
    return hub.files.original(sha256)


def hub_health(hub: Hub) -> dict[str, Any]:
    """Return how the hub is: `status` is `ok`, `degraded` (it can be read but not searched) or `unavailable`."""
    health: dict[str, Any] = {"status": "ok", "engine": {"name": hub.engine.name, "status": "ok"}}
    try:
        hub.catalogue.require_current()
        health["catalogue"] = {"status": "ok"}
    except HubError as error:
        health["catalogue"] = {"status": error.code}
        health["status"] = "unavailable"
    try:
        live = hub.engine.live()
        health["engine"]["generation"] = live.name if live else None
        if live is None:
            health["engine"]["status"] = "index_outdated"
    except HubError as error:
        health["engine"]["status"] = error.code
    if health["engine"]["status"] != "ok" and health["status"] == "ok":
        health["status"] = "degraded"
    return health
