"""The pages of saved searches: saving what was just searched, changing how new matches are told of, stopping that."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from app.forms import HubForm, csrf
from app.hub import current_hub
from app.i18n import current_language, gettext
from app.members.second_factor_pages import shown_once
from app.members.wording import frequency_words
from app.parameters import SearchParameters, read_leniently
from app.people import person, signed_in_only
from app.site import panel
from app.site.links import link
from desk import addresses, searches
from holdings import saved_searches
from holdings.saved_searches import Frequency, SavedSearch
from indexer.facets import facet_label
from indexer.hub import Hub


class SearchForm(HubForm):
    """What a person calls a search, and how they want to hear of new matches."""

    name = StringField(validators=[InputRequired(), Length(max=searches.LONGEST_NAME)])
    frequency = RadioField(
        choices=[frequency.value for frequency in Frequency],
        default=Frequency.DAILY.value,
        validators=[InputRequired()],
    )


class NewSearchForm(SearchForm):
    """As `SearchForm`, for a search that is not saved yet."""

    feed = BooleanField()


def add_routes(site: Blueprint) -> None:
    """Add the pages of saved searches."""
    # A program of the reader's mail posts to it (RFC 8058) and holds no form: the code in the address is what counts.
    csrf.exempt(stop)
    both = ["GET", "POST"]
    site.add_url_rule("/searches", "searches", listed)
    site.add_url_rule("/searches/new", "save_search", save, methods=both)
    site.add_url_rule("/searches/<search_id>", "change_search", change, methods=both)
    site.add_url_rule("/searches/<search_id>/remove", "remove_search", remove, methods=["POST"])
    site.add_url_rule("/searches/<search_id>/feed", "renew_feed", renew_feed, methods=["POST"])
    site.add_url_rule("/searches/<search_id>/feed/end", "end_feed", end_feed, methods=["POST"])
    site.add_url_rule("/searches/stop/<search_id>/<code>", "stop_search", stop, methods=both)


@signed_in_only
def listed() -> str:
    """Show the person's saved searches."""
    hub = current_hub()
    with hub.catalogue.read() as session:
        found = saved_searches.of(session, person().id)
    rows = [(search, searched_for(hub, search), _results(search)) for search in found]
    return render_template("members/searches.html", searches=rows, frequencies=frequency_words())


@signed_in_only
def save() -> ResponseReturnValue:
    """Save the search whose parameters stand in the address."""
    parameters = read_leniently(request.args)[0].changed()
    form = NewSearchForm()
    if form.validate_on_submit():
        saved, secret = searches.save(
            current_hub(),
            person(),
            name=form.name.data,
            parameters=_kept(parameters),
            frequency=Frequency(form.frequency.data),
            with_feed=form.feed.data,
        )
        if secret is not None:
            return _with_feed(saved, secret)
        flash(gettext("The search is saved."), "done")
        return redirect(link("searches"))
    if request.method == "GET":
        form.name.data = _suggested_name(current_hub(), parameters)
    return render_template(
        "members/save-search.html",
        form=form,
        frequencies=frequency_words(),
        terms=_terms(current_hub(), parameters),
        here=link("save_search", **_kept(parameters)),
    )


@signed_in_only
def change(search_id: str) -> ResponseReturnValue:
    """Change the name and the frequency of a search, and its feed."""
    hub = current_hub()
    with hub.catalogue.read() as session:
        search = searches.own(session, person(), search_id)
    form = SearchForm(data={"name": search.name, "frequency": search.frequency.value})
    if form.validate_on_submit():
        frequency = Frequency(form.frequency.data)
        searches.change(hub, person(), search_id, name=form.name.data, frequency=frequency)
        flash(gettext("The change is saved."), "done")
        return redirect(link("searches"))
    return render_template(
        "members/saved-search.html",
        form=form,
        search=search,
        frequencies=frequency_words(),
        terms=searched_for(hub, search),
        results=_results(search),
    )


@signed_in_only
def remove(search_id: str) -> ResponseReturnValue:
    """Delete a search."""
    searches.remove(current_hub(), person(), search_id)
    flash(gettext("The search is deleted."), "done")
    return redirect(link("searches"))


@signed_in_only
def renew_feed(search_id: str) -> ResponseReturnValue:
    """Make a new address for the feed of a search, and show it, once."""
    hub = current_hub()
    secret = searches.renew_feed(hub, person(), search_id)
    with hub.catalogue.read() as session:
        return _with_feed(searches.own(session, person(), search_id), secret)


@signed_in_only
def end_feed(search_id: str) -> ResponseReturnValue:
    """End the feed of a search."""
    searches.end_feed(current_hub(), person(), search_id)
    flash(gettext("The feed is ended: its address leads nowhere any more."), "done")
    return redirect(link("change_search", search_id=search_id))


def stop(search_id: str, code: str) -> str:
    """Stop the letters about a search: for whoever has the link of one, signed in or not."""
    hub = current_hub()
    if request.method == "POST":
        return render_template("members/search-stopped.html", search=searches.stop(hub, search_id, code), done=True)
    search = searches.stoppable(hub, search_id, code)
    return render_template(
        "members/search-stopped.html",
        search=search,
        done=search.frequency is Frequency.NEVER,
        here=link("stop_search", search_id=search_id, code=code),
    )


def searched_for(hub: Hub, search: SavedSearch) -> list[str]:
    """Return what a saved search asks for, in words."""
    return _terms(hub, SearchParameters.model_validate(dict(search.parameters)))


def _terms(hub: Hub, parameters: SearchParameters) -> list[str]:
    language = current_language()
    words = [f"“{parameters.q.strip()}”"] if parameters.q.strip() else []
    return words + [
        f"{panel.facet_name(facet)}: {', '.join(facet_label(hub, facet, value, language) for value in values)}"
        for facet, values in parameters.filters.items()
    ]


def _suggested_name(hub: Hub, parameters: SearchParameters) -> str:
    language = current_language()
    labels = [
        facet_label(hub, facet, value, language) for facet, values in parameters.filters.items() for value in values
    ]
    return ", ".join([part for part in (parameters.q.strip(), *labels) if part])[: searches.LONGEST_NAME]


def _kept(parameters: SearchParameters) -> dict[str, object]:
    """Return what is kept of a search: not how its results were shown."""
    return {name: value for name, value in parameters.arguments().items() if name not in {"sort", "size", "page"}}


def _results(search: SavedSearch) -> str:
    return addresses.localised(searches.results_path(search), current_language())


def _with_feed(search: SavedSearch, secret: str) -> ResponseReturnValue:
    address = addresses.address(current_hub().settings, f"/feeds/{secret}", current_language())
    return shown_once("members/new-feed.html", search=search, address=address)
