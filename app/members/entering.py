"""How a browser comes into a session: what is noted of it, its cookie, and where it goes then."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect, request, session
from werkzeug.wrappers import Response

from app.people import set_cookie
from app.site.links import link
from desk.signing_in import Begun, Browser
from holdings.accounts import Account


def this_browser() -> Browser:
    """Return what is noted of the browser that asks."""
    return Browser(request.remote_addr or "", request.user_agent.string)


def enter(begun: Begun, then: str | None, *, second_factor_given: bool = False) -> Response:
    """Return the answer that gives a browser its session and leads it to what it still owes, else to `then`."""
    # What was kept for the browser before it signed in, its sign against forged requests too, ends here.
    session.clear()
    response = redirect(_next(begun.account, then, second_factor_given=second_factor_given))
    set_cookie(response, begun.token)
    return response


def local_path(wanted: str | None) -> str | None:
    """Return an address to go on to when it is a path of this site, None for any other.

    Browsers take a backslash for a slash, and leave out tabs and ends of lines.
    """
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return None
    if "\\" in wanted or any(ord(sign) < 0x20 for sign in wanted):
        return None
    parts = urlsplit(wanted)
    return None if parts.scheme or parts.netloc else wanted


def wanted_path() -> str | None:
    """Return where the one who asks wanted to go before they had to sign in."""
    return local_path(request.args.get("then"))


def _next(account: Account, then: str | None, *, second_factor_given: bool) -> str:
    if not second_factor_given and account.has_second_factor:
        return link("second_factor", then=then)
    if not second_factor_given and account.needs_second_factor:
        return link("second_factor_setup", then=then)
    return then or link("home")
