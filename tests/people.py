"""People made for a test, and browsers in which they are signed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flask.testing import FlaskClient

from holdings import accounts, organisations, sessions
from holdings.accounts import Account, HubRole, Role
from indexer.hub import Hub


def make_account(
    hub: Hub,
    name: str = "Sari",
    *,
    roles: Mapping[str, Role] | None = None,
    hub_role: HubRole | None = None,
    language: str = "id",
) -> Account:
    """Record a person, with their organisations where these are not known yet, and a second factor where the role
    asks for one."""
    with hub.catalogue.write() as session:
        organisations.ensure(session, list(roles or {}), hub.vocabularies)
        made = accounts.add(
            session,
            email=f"{name.casefold().replace(' ', '.')}@example.org",
            name=name,
            language=language,
            hub_role=hub_role,
            roles=roles,
        )
        if hub_role is not None:
            accounts.account_row(session, made.id).totp_confirmed_at = datetime.now(UTC)
        return accounts.get(session, made.id)


def sign_in(hub: Hub, client: FlaskClient, account: Account) -> None:
    """Give a client's browser a session of this person, second factor given."""
    with hub.catalogue.write() as session:
        token = sessions.begin(session, account.id, address="127.0.0.1", agent="test", second_factor=True)
    client.set_cookie("ikhub", token)
