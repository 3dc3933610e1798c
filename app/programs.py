"""Programs that ask in the name of a person: the token that a request to the API shows, and what it is for.

A token is looked at on addresses under /api/ only. One that is not good is an error: whoever sends it never gets the
public's answer in the place of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request

from app.hub import current_hub
from holdings import tokens
from holdings.accounts import Account
from holdings.errors import InsufficientScopeError, InvalidTokenError
from holdings.tokens import Scope, Token

_SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class Presented:
    """A good token and its person."""

    token: Token
    account: Account


def is_for_programs() -> bool:
    """Say whether the present address is one of the API."""
    return request.path.startswith("/api/")


def presented() -> Presented | None:
    """Return the token that the present request shows; None where it shows none. Raises InvalidTokenError."""
    if "presented" not in g:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        g.presented = _find(secret.strip()) if is_for_programs() and scheme.casefold() == _SCHEME else None
    found = g.presented
    assert found is None or isinstance(found, Presented)
    return found


def require_scope(scope: Scope) -> None:
    """Raise InsufficientScopeError where the request shows a token that was not made for this."""
    shown = presented()
    if shown is not None and scope not in shown.token.scopes:
        raise InsufficientScopeError(f"The token has not the scope {scope.value}")


def _find(secret: str) -> Presented:
    catalogue = current_hub().catalogue
    with catalogue.read() as session:
        found = tokens.find(session, secret)
    if found is None:
        raise InvalidTokenError("The token is unknown, has run out, or was revoked")
    token, account = found
    if account.needs_second_factor and not account.has_second_factor:
        raise InvalidTokenError(
            "The token rests", advice="Sign in, and set up the second factor that your role requires."
        )
    if tokens.needs_touch(token):
        with catalogue.write() as session:
            tokens.touch(session, token.id)
    return Presented(token, account)
