"""Who asks: the person that the present request is signed in as, and what is only for some."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import ParamSpec

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from app import programs
from app.forms import csrf
from app.hub import current_hub
from app.i18n import current_language
from holdings import sessions
from holdings.access import Viewer
from holdings.accounts import Account, HubRole
from holdings.audit import PUBLIC
from holdings.errors import SignInNeededError, UnknownIdError
from holdings.sessions import SignedIn
from holdings.tokens import Scope

_P = ParamSpec("_P")
_COOKIE = "ikhub"
_READING = {"GET", "HEAD", "OPTIONS"}


def current_session() -> SignedIn | None:
    """Return the signed-in browser that asks, also one that still owes its second factor; None for anybody else.

    It is looked up once a request, so that a session that was ended, and a person who was suspended, ends at once.
    """
    if "signed_in" not in g:
        token = request.cookies.get(cookie_name())
        g.signed_in = _find(token) if token else None
    found = g.signed_in
    assert found is None or isinstance(found, SignedIn)
    return found


def current_account() -> Account | None:
    """Return the person who asks; None for the public, and for whoever still owes the second factor.

    A program that shows a token asks as its person, but never with a role of the hub. Raises InvalidTokenError.
    """
    shown = programs.presented()
    if shown is not None:
        return replace(shown.account, hub_role=None)
    signed_in = current_session()
    return signed_in.account if signed_in is not None and signed_in.is_complete else None


def reader() -> Viewer:
    """Return what the one who asks reads as. Raises InvalidTokenError, and InsufficientScopeError for a token that is
    not for reading."""
    shown = programs.presented()
    if shown is not None:
        programs.require_scope(Scope.READ)
        return shown.account.viewer
    account = current_account()
    return account.viewer if account is not None else Viewer()


def pseudonym() -> str:
    """Return who asks as a log may name them, without asking the catalogue: whoever was not looked up is the public."""
    known = g.get("presented") or g.get("signed_in")
    return str(known.account.pseudonym) if known is not None else PUBLIC


def person() -> Account:
    """Return the person who asks, in a view that is only for those who signed in."""
    account = current_account()
    assert account is not None, "the view is not behind `signed_in_only`"
    return account


def signed_in_only(view: Callable[_P, ResponseReturnValue]) -> Callable[_P, ResponseReturnValue]:
    """Let only people who signed in reach a view; others are led to the sign-in, and back from there."""

    @wraps(view)
    def only(*args: _P.args, **values: _P.kwargs) -> ResponseReturnValue:
        if current_account() is None:
            wanted = request.full_path.rstrip("?") if request.method == "GET" else None
            # Not by `app.site.links`: the site is made of views that this guards.
            return redirect(url_for(f"{current_language()}.sign_in", then=wanted))
        return view(*args, **values)

    return only


def scoped(scope: Scope) -> Callable[[Callable[_P, ResponseReturnValue]], Callable[_P, ResponseReturnValue]]:
    """Let only people, and programs whose token has this scope, reach a view of the API.

    Raises SignInNeededError for the public, InsufficientScopeError for other programs.
    """

    def decorate(view: Callable[_P, ResponseReturnValue]) -> Callable[_P, ResponseReturnValue]:
        @wraps(view)
        def only(*args: _P.args, **values: _P.kwargs) -> ResponseReturnValue:
            if current_account() is None:
                raise SignInNeededError("This is only for people who are signed in")
            programs.require_scope(scope)
            return view(*args, **values)

        return only

    return decorate


def check_program() -> None:
    """Look at who asks before a request to the API is answered.

    A token must be good. A change in the name of a browser's session must carry the hub's own sign against forged
    requests, in the header X-CSRFToken; a token is nothing that another site could make a browser send.

    Raises InvalidTokenError, and BadRequest for the missing sign.
    """
    if programs.presented() is None and request.method not in _READING and request.cookies.get(cookie_name()):
        csrf.protect()


def only_for(*roles: HubRole) -> Callable[[Callable[_P, ResponseReturnValue]], Callable[_P, ResponseReturnValue]]:
    """Let only people with one of these roles of the hub reach a view; for others it does not exist."""

    def decorate(view: Callable[_P, ResponseReturnValue]) -> Callable[_P, ResponseReturnValue]:
        @wraps(view)
        def only(*args: _P.args, **values: _P.kwargs) -> ResponseReturnValue:
            if person().hub_role not in roles:
                raise UnknownIdError("There is no such page")
            return view(*args, **values)

        return signed_in_only(only)

    return decorate


def cookie_name() -> str:
    """Return the name of the cookie: browsers hold one with this prefix to this host, over https."""
    return f"__Host-{_COOKIE}" if is_secure() else _COOKIE


def is_secure() -> bool:
    """Say whether people reach the hub over https."""
    return current_hub().settings.app.public_url.startswith("https://")


def set_cookie(response: BaseResponse, token: str) -> None:
    """Give a browser the secret of its session. It ends with the browser, and on the server when `sessions` says."""
    response.set_cookie(cookie_name(), token, secure=is_secure(), httponly=True, samesite="Lax", path="/")


def clear_cookie(response: BaseResponse) -> None:
    """Take the secret of its session from a browser."""
    response.delete_cookie(cookie_name(), secure=is_secure(), httponly=True, samesite="Lax", path="/")


def _find(token: str) -> SignedIn | None:
    catalogue = current_hub().catalogue
    with catalogue.read() as session:
        found = sessions.find(session, token)
    if found is not None and sessions.needs_touch(found):
        with catalogue.write() as session:
            sessions.touch(session, found.id)
    return found
