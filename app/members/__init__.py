"""The pages of people who sign in: accounts, uploads, review, notices, saved searches, administration.

Each part is a module or a package here with `add_routes(site)`; views are behind `app.people.signed_in_only` or
`only_for`, unless they say why not. What they decide lives in `desk`, without the web.
"""

from __future__ import annotations

from flask import Blueprint

from app.people import current_account
from holdings.errors import HubError


def add_routes(site: Blueprint) -> None:
    """Add the pages of all parts to the site."""


def menu() -> dict[str, object]:
    """Return what the head of every page needs to know of who asks."""
    try:
        account = current_account()
    except HubError:
        # The page may be the one that says that the catalogue is away.
        account = None
    return {"account": account}
