"""The page of a withdrawn document, at the address that it had, for those who could read it."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, make_response, render_template

from app.hub import current_hub, current_viewer
from app.i18n import current_language
from app.site.hits import text_language
from app.site.links import link
from desk.tombstones import tombstone
from indexer.facets import facet_label
from indexer.model import Facet


def tombstone_page(document_id: str) -> Response:
    """Return the page that stands in the place of all pages of a withdrawn document. Raises UnknownIdError."""
    hub = current_hub()
    found = tombstone(hub, document_id, current_viewer())
    newest = found.newest
    response = make_response(
        render_template(
            "tombstone.html",
            tombstone=found,
            text_language=text_language(found.language),
            issuers=[facet_label(hub, Facet.ORGANISATION, one, current_language()) for one in found.organisations],
            newest_address=link("document", document_id=newest.id) if newest is not None else None,
            newest_language=text_language(newest.language) if newest is not None else "",
        )
    )
    response.status_code = HTTPStatus.GONE
    return response
