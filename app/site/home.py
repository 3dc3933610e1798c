"""The home page: the search box, what is newest, and ways into the collection."""

from __future__ import annotations

from flask import render_template

from app.hub import current_hub, current_viewer
from app.i18n import current_language
from app.parameters import SearchParameters
from app.site.hits import hit_views
from indexer.discover import discover
from indexer.model import Facet, SearchRequest, Sort

_NEWEST = 6
_BROWSED = (Facet.THEME, Facet.PROVINCE, Facet.KIND, Facet.GROUP)


def home() -> str:
    hub, language = current_hub(), current_language()
    request = SearchRequest(sort=Sort.NEWEST, size=_NEWEST, viewer=current_viewer(), label_language=language)
    response = discover(hub, request)
    return render_template(
        "home.html",
        total=response.total,
        hits=hit_views(hub, response, SearchParameters.model_validate({}), language),
        browse={facet.value: response.facets[facet] for facet in _BROWSED},
    )
