"""The first page of the administration: the numbers that matter, and what needs attention."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.hub import current_hub
from app.members.wording import organisation_name
from app.people import only_for
from desk.overview import overview
from holdings.accounts import HubRole

_LARGEST = 20


def add_routes(site: Blueprint) -> None:
    """Add the first page to the site."""
    site.add_url_rule("/administration", "administration", administration)


@only_for(HubRole.ADMINISTRATOR)
def administration() -> str:
    """Show the hub at a glance."""
    found = overview(current_hub())
    return render_template(
        "members/administration/overview.html",
        tab="administration",
        found=found,
        spaces=[(space, organisation_name(space), used, quota) for space, used, quota in found.spaces[:_LARGEST]],
    )
