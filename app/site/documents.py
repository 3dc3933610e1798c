"""The page of a document, its pages as text, and its originals."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from flask import Response, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue

from app.contract import snippet_html
from app.contract_documents import document_object
from app.hub import current_hub, current_viewer, find_document
from app.i18n import current_language, gettext
from app.parameters import SearchParameters, read_leniently
from app.site.hits import PageView, language_name, page_name, text_language
from app.site.links import link
from app.site.reading import (
    inferred_in_citation,
    inferred_in_head,
    reader_views,
    relation_view,
    relation_views,
)
from app.site.text import paragraphs
from holdings.errors import TryAgainLaterError
from holdings.model import Document, DocumentField, StoredFile
from indexer.continuation import with_continuation
from indexer.hub import Hub
from indexer.projection import inferred_fields
from indexer.reading import (
    leaves_of,
    mark,
    matching_pages,
    original,
    read_page,
    read_pages,
    title_is_by_ocr,
    unit_of,
)
from indexer.related import Related, newest, related
from indexer.snippets import snippet
from ingest.media_types import PDF, PLAIN_TEXT, name_of

log = logging.getLogger(__name__)

_SNIPPETS = 8
_SNIPPET_CHARACTERS = 220
# What a browser may show as it is; everything else is handed over to be saved.
_SHOWN = frozenset({PDF, PLAIN_TEXT})
# Nothing in an original may run, load anything or be taken for a part of the site.
_ORIGINAL_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
# Some browsers' PDF viewers do not start in a sandbox, and a PDF runs nothing in the origin that it came from.
_PDF_POLICY = "default-src 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class FileView:
    """An original as a reader meets it."""

    name: str
    format: str
    size: int
    address: str
    save_address: str
    is_shown: bool
    has_pages: bool


@dataclass(frozen=True, slots=True)
class HitPages:
    """Pages of a document on which a query matches, seen from one of them (0 from outside).

    `are_known` is false while the search engine does not answer: the document can be read all the same.
    """

    numbers: tuple[int, ...] = ()
    current: int = 0
    are_known: bool = True

    @property
    def previous(self) -> int | None:
        return max((number for number in self.numbers if number < self.current), default=None)

    @property
    def following(self) -> int | None:
        return min((number for number in self.numbers if number > self.current), default=None)

    @property
    def position(self) -> int | None:
        """Return the how-manieth of the pages that match the present one is."""
        return self.numbers.index(self.current) + 1 if self.current in self.numbers else None


def document(document_id: str) -> str:
    hub, parameters = current_hub(), read_leniently(request.args)[0]
    found = find_document(document_id)
    language = current_language()
    hits, unit = _hit_pages(hub, found, parameters.q), unit_of(hub, found)
    others = related(hub, found.id, current_viewer())
    described = document_object(hub, found, relations=others, label_language=language, with_access=False)
    language_said = language_name(hub, found.language, language)
    return render_template(
        "document.html",
        described=described,
        hits=hits,
        page_views=_page_views(hub, found, hits, parameters),
        unit=unit,
        language_name=language_said,
        head_inferred=inferred_in_head(described, with_language=bool(language_said)),
        citation_inferred=inferred_in_citation(described),
        name_of_page=partial(page_name, unit),
        readers=reader_views(found.text),
        relations=relation_views(hub, found, others, language),
        **_common(hub, found, others, parameters),
    )


def page(document_id: str, number: int) -> str:
    hub, parameters = current_hub(), read_leniently(request.args)[0]
    found = find_document(document_id)
    shown = read_page(hub, found, number)
    return render_template(
        "page.html",
        page=shown,
        page_title=page_name(shown.unit, shown.number),
        paragraphs=paragraphs(shown, mark(hub, shown.text, parameters.q)),
        hits=_hit_pages(hub, found, parameters.q, number),
        unit=shown.unit,
        **_common(hub, found, related(hub, found.id, current_viewer()), parameters),
    )


def go_to_page(document_id: str) -> ResponseReturnValue:
    """Lead from the form that asks for a page number to that page, or to the nearest that there is."""
    arguments = request.args.copy()
    wanted = re.sub(r"\D", "", arguments.pop("number", ""))[:7] or "1"
    parameters = read_leniently(arguments)[0]
    found = find_document(document_id)
    number = min(max(1, int(wanted)), max(1, found.text.pages))
    return redirect(link("page", document_id=document_id, number=number, **parameters.arguments()))


def file(document_id: str, sha256: str) -> Response:
    """Give an original as it came: to be looked at where a browser may, else to be saved."""
    found = find_document(document_id)
    path = original(current_hub(), found, sha256)
    stored = next(file for file in found.files if file.sha256 == sha256)
    save = stored.media_type not in _SHOWN or "save" in request.args
    response = send_file(
        path,
        mimetype=stored.media_type,
        as_attachment=save,
        download_name=_file_name(stored),
        conditional=True,
        etag=sha256,
        max_age=0,
    )
    is_shown_pdf = stored.media_type == PDF and not save
    response.headers["Content-Security-Policy"] = _PDF_POLICY if is_shown_pdf else _ORIGINAL_POLICY
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _common(hub: Hub, found: Document, others: list[Related], parameters: SearchParameters) -> dict[str, Any]:
    """Return what both pages of a document need."""
    files = [_file_view(found, file) for file in found.files]
    newer = newest(others)
    return {
        "document": found,
        "title": found.title,
        "title_inferred": DocumentField.TITLE in inferred_fields(found),
        "title_by_ocr": title_is_by_ocr(hub, found),
        "newer": relation_view(hub, found, replace(newer, pages=()), current_language()) if newer else None,
        "text_language": text_language(found.language),
        "parameters": parameters,
        "search": parameters.arguments(),
        "files": files,
        "shown_file": next((file for file in files if file.has_pages), None),
    }


def _hit_pages(hub: Hub, found: Document, query: str, current: int = 0) -> HitPages:
    if not query.strip():
        return HitPages(current=current)
    try:
        return HitPages(matching_pages(hub, found, query), current)
    except TryAgainLaterError as error:
        log.warning("document %s: the pages that match are not known: %s", found.id, error.message)
        return HitPages(current=current, are_known=False)


def _page_views(hub: Hub, found: Document, hits: HitPages, parameters: SearchParameters) -> list[PageView]:
    """Return the first pages that match with the words around what matched."""
    wanted = set(hits.numbers[:_SNIPPETS])
    if not wanted:
        return []
    leaves, views = leaves_of(hub, parameters.q), []
    for shown, continuation in with_continuation(read_pages(hub, found)):
        if shown.number > max(wanted):
            break
        if shown.number not in wanted:
            continue
        cut = snippet(shown.text, continuation, leaves, hub.analyzer, characters=_SNIPPET_CHARACTERS)
        if cut is not None:
            address = link("page", document_id=found.id, number=shown.number, **parameters.arguments())
            views.append(PageView(page_name(shown.unit, shown.number), address, snippet_html(cut), shown.by_ocr))
    return views


def _file_view(found: Document, stored: StoredFile) -> FileView:
    def address(**values: str) -> str:
        return link("file", document_id=found.id, sha256=stored.sha256, **values)

    return FileView(
        name=_file_name(stored),
        format=gettext("plain text") if stored.media_type == PLAIN_TEXT else name_of(stored.media_type),
        size=stored.size,
        address=address(),
        save_address=address(save="1"),
        is_shown=stored.media_type in _SHOWN,
        has_pages=stored.media_type == PDF,
    )


def _file_name(stored: StoredFile) -> str:
    """Return the name of a file without its folders, and without characters that mean something in a header."""
    name = PurePosixPath((stored.names or (stored.sha256,))[0].replace("\\", "/").rpartition("!/")[2]).name
    return re.sub(r"[\x00-\x1f\x7f]", "", name) or stored.sha256
