"""How the index stands, and asking the workers to bring it up to date."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import gettext
from app.people import only_for, person
from app.site.links import link
from desk import index_state
from holdings.accounts import HubRole

_REFUSED_AT_MOST = 50


def add_routes(site: Blueprint) -> None:
    """Add the page of the index to the site."""
    site.add_url_rule("/administration/index", "administered_index", shown)
    site.add_url_rule("/administration/index/synchronise", "synchronise_index", synchronise, methods=["POST"])


@only_for(HubRole.ADMINISTRATOR)
def shown() -> str:
    """Show how the index stands."""
    found = index_state.state(current_hub())
    return render_template(
        "members/administration/index.html",
        tab="administered_index",
        found=found,
        refused=found.refused[:_REFUSED_AT_MOST],
    )


@only_for(HubRole.ADMINISTRATOR)
def synchronise() -> ResponseReturnValue:
    """Ask a worker to bring the index up to date."""
    index_state.ask_for_synchronising(current_hub(), person())
    flash(gettext("A worker was asked to bring the index up to date."), "done")
    return redirect(link("administered_index"))
