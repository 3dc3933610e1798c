"""The pages of people who sign in: accounts, uploads, review, notices, saved searches, administration.

Each part is a module or a package here with `add_routes(site)`; views are behind `app.people.signed_in_only` or
`only_for`, unless they say why not. What they decide lives in `desk`, without the web.
"""

from __future__ import annotations

from flask import Blueprint

from app.members import (
    account,
    administration,
    feeds,
    invitation,
    notices,
    organisation_people,
    own_data,
    own_tokens,
    providers,
    reviewing,
    searches,
    security,
    signing_in,
    uploading,
)
from app.people import current_account
from holdings.errors import HubError


def add_routes(site: Blueprint) -> None:
    """Add the pages of all parts to the site."""
    for part in (signing_in, providers, invitation, account, security, own_tokens, own_data, organisation_people):
        part.add_routes(site)
    administration.add_routes(site)
    reviewing.add_routes(site)
    uploading.add_routes(site)
    for part in (notices, searches, feeds):
        part.add_routes(site)


def menu() -> dict[str, object]:
    """Return what the head of every page needs to know of who asks."""
    try:
        account = current_account()
        unread = notices.unread(account) if account is not None else 0
    except HubError:
        # The page may be the one that says that the catalogue is away.
        account, unread = None, 0
    return {"account": account, "unread_notices": unread}
