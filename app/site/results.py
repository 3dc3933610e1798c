"""The page of results: facets, hits, order, paging, and what was understood otherwise than typed."""

from __future__ import annotations

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import current_hub, current_viewer
from app.i18n import current_language, gettext, number
from app.parameters import SearchParameters, read_leniently
from app.site import panel
from app.site.hits import hit_views
from app.site.links import link
from indexer.discover import discover, sort_in_use
from indexer.facets import lead_on, unknown_ids
from indexer.hub import Hub
from indexer.model import MAX_WINDOW, Facet, Note, SearchResponse, Sort

_SIZES = (10, 25, 50)
# Parameters of the form alone: it has two fields for a range of years, an address has one.
_YEAR_FIELDS = ("from", "to")


def search() -> ResponseReturnValue:
    """Show what is found. The form's range of years is redirected to the address that can be shared."""
    arguments = request.args.copy()
    bounds = [arguments.poplist(name) for name in _YEAR_FIELDS]
    parameters, ignored = read_leniently(arguments)
    if any(bounds):
        first, last = ((values[-1].strip()[:20] if values else "") for values in bounds)
        return redirect(link("search", **_with_years(parameters, first, last).arguments()))
    hub, language = current_hub(), current_language()
    present, _ = lead_on(hub, parameters.filters)
    if present != parameters.filters:
        led = parameters.changed(organisation=list(present[Facet.ORGANISATION]), page=parameters.page)
        return redirect(link("search", **led.arguments()), 301)
    asked = parameters.request(current_viewer(), language)
    response = discover(hub, asked)
    return render_template(
        "results.html",
        parameters=parameters,
        response=response,
        hits=hit_views(hub, response, parameters, language),
        panels=panel.panels(response, parameters),
        years=panel.year_bounds(parameters),
        chips=panel.chips(response, parameters),
        notes=[*_notes(hub, response, parameters), *_ignored(ignored)],
        sorts=_sorts(parameters, sort_in_use(asked)),
        sizes=[(size, link("search", **parameters.changed(size=size).arguments())) for size in _SIZES],
        paging=panel.paging(response, parameters),
    )


def _with_years(parameters: SearchParameters, first: str, last: str) -> SearchParameters:
    """Return the parameters with a range of years besides the single years that are chosen."""
    single = [value for value in parameters.year if ".." not in value]
    if first.isdecimal() and last.isdecimal() and first > last:
        first, last = last, first
    between = [] if not first and not last else [first] if first == last else [f"{first}..{last}"]
    return parameters.changed(year=[*between, *(value for value in single if value not in between)])


def _sorts(parameters: SearchParameters, in_use: Sort) -> list[tuple[str, str, bool]]:
    names = {
        Sort.RELEVANCE: gettext("Relevance"),
        Sort.NEWEST: gettext("Newest"),
        Sort.OLDEST: gettext("Oldest"),
        Sort.TITLE: gettext("Title"),
    }
    return [
        (name, link("search", **parameters.changed(sort=sort).arguments()), sort is in_use)
        for sort, name in names.items()
        if sort is not Sort.RELEVANCE or parameters.q.strip()
    ]


def _notes(hub: Hub, response: SearchResponse, parameters: SearchParameters) -> list[str]:
    """Return the notes of a response in the present language."""
    unknown = {
        note.message: gettext("%(facet)s: there is nothing called “%(value)s”.")
        % {"facet": panel.facet_name(facet), "value": value}
        for facet, values in parameters.filters.items()
        for value in values
        for note in unknown_ids(hub, {facet: (value,)})
    }
    return [unknown.get(note.message) or _note(note, response) for note in response.notes]


def _note(note: Note, response: SearchResponse) -> str:
    match note.code:
        case "query_as_words":
            return gettext(
                "This was searched as plain words: it could not be read as a query, "
                "perhaps because a quotation mark or a parenthesis has no partner."
            )
        case "query_cut":
            return gettext("The query is too long: only its beginning was searched.")
        case "unknown_id":
            return gettext("A part of the query names a term that does not exist: it was searched as words.")
        case "page_out_of_range":
            last = -(-min(response.total, MAX_WINDOW) // response.size)
            return gettext("The results end at page %(number)s.") % {"number": number(last)}
        case _:
            return note.message


def _ignored(names: tuple[str, ...]) -> list[str]:
    text = gettext("“%(name)s” in the address was left out: it is unknown, or its value does not fit.")
    return [text % {"name": name[:60]} for name in names]
