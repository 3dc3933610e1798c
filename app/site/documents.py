"""The page of a document, its pages as text, and its originals."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.contract import snippet_html
from app.contract_documents import document_object
from app.hub import current_hub, current_viewer, find_document
from app.i18n import current_language
from app.parameters import SearchParameters, read_leniently
from app.people import current_account
from app.site.hits import PageView, language_name, page_name, text_language
from app.site.links import link
from app.site.originals import Link, file_views, original_response
from app.site.reading import (
    inferred_in_citation,
    inferred_in_head,
    reader_views,
    relation_view,
    relation_views,
)
from app.site.text import paragraphs
from desk.looking import may_look
from desk.uploads import may_replace
from holdings.access import Viewer
from holdings.errors import TryAgainLaterError
from holdings.model import Document, DocumentField
from indexer.continuation import with_continuation
from indexer.hub import Hub
from indexer.projection import inferred_fields
from indexer.reading import (
    leaves_of,
    mark,
    matching_pages,
    read_page,
    read_pages,
    title_is_by_ocr,
    unit_of,
)
from indexer.related import Related, newest, place_among_versions, related
from indexer.snippets import snippet

log = logging.getLogger(__name__)

_SNIPPETS = 8
_SNIPPET_CHARACTERS = 220


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
    found = find_document(document_id)
    others, account = related(current_hub(), found.id, current_viewer()), current_account()
    replaceable = account is not None and bool(account.spaces) and may_replace(account, found)
    concerned = account is not None and may_look(account, found)
    return document_page(found, others, current_viewer(), may_replace=replaceable, is_at_desk=concerned)


def page(document_id: str, number: int) -> str:
    found = find_document(document_id)
    return text_page(found, number, related(current_hub(), found.id, current_viewer()), current_viewer())


def document_page(found: Document, others: list[Related], viewer: Viewer, *, to: Link = link, **more: Any) -> str:
    """Return the page of a document as `viewer` sees it, with `others` that it has to do with.

    `to` makes the addresses within the document; `more` is what the template needs besides.
    """
    hub, parameters = current_hub(), read_leniently(request.args)[0]
    language = current_language()
    hits, unit = _hit_pages(hub, found, parameters.q), unit_of(hub, found)
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
        **_common(hub, found, others, viewer, parameters, to),
        **more,
    )


def text_page(
    found: Document, number: int, others: list[Related], viewer: Viewer, *, to: Link = link, **more: Any
) -> str:
    """Return a page of a document's text, as `document_page` returns that of the document."""
    hub, parameters = current_hub(), read_leniently(request.args)[0]
    shown = read_page(hub, found, number)
    return render_template(
        "page.html",
        page=shown,
        page_title=page_name(shown.unit, shown.number),
        paragraphs=paragraphs(shown, mark(hub, shown.text, parameters.q)),
        hits=_hit_pages(hub, found, parameters.q, number),
        unit=shown.unit,
        **_common(hub, found, others, viewer, parameters, to),
        **more,
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
    return original_response(find_document(document_id), sha256)


def _common(
    hub: Hub, found: Document, others: list[Related], viewer: Viewer, parameters: SearchParameters, to: Link
) -> dict[str, Any]:
    """Return what both pages of a document need."""
    files = file_views(hub, found, to)
    place = place_among_versions(hub, found, viewer)
    newer = place.newest_as_related or newest(others)
    return {
        "document": found,
        "title": found.title,
        "title_inferred": DocumentField.TITLE in inferred_fields(found),
        "title_by_ocr": title_is_by_ocr(hub, found),
        "place": place,
        "newer": relation_view(hub, found, replace(newer, pages=()), current_language()) if newer else None,
        "text_language": text_language(found.language),
        "parameters": parameters,
        "search": parameters.arguments(),
        "files": files,
        "shown_file": next((file for file in files if file.has_pages and file.removed is None), None),
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
