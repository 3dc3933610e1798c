"""What stands in the head of every answer, so that browsers and proxies keep it safe."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, g, request, session

from app.hub import current_hub
from app.site.links import asset_version

_POLICY = (
    "default-src 'self'; script-src {scripts}; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# Pages that a script of the hub's own makes more comfortable; it is a static file, and all work without it.
SCRIPTED_PAGES = frozenset({"uploads"})
_ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    # Addresses hold what people search for, and those in letters a secret: no other site is told where one comes from.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A copy may be kept but is asked for again: what a viewer may read can change from one moment to the next.
    "Cache-Control": "private, no-cache",
}
_TWO_YEARS = "max-age=63072000; includeSubDomains"
_FOR_A_YEAR = "public, max-age=31536000, immutable"
# What the route of an address calls a part that only one person knows.
_SECRETS = frozenset({"token", "secret", "code"})


def install(app: Flask) -> None:
    """Have every answer of `app` carry these headers, over what a view has set of its own."""
    app.after_request(_finish)


def _finish(response: Response) -> Response:
    if request.endpoint == "static":
        if response.status_code in {200, 206, 304}:
            filename = (request.view_args or {}).get("filename", "")
            current = request.args.get("v") == asset_version(filename)
            response.headers["Cache-Control"] = _FOR_A_YEAR if current else "no-cache"
    elif _is_for_one_person():
        response.headers["Cache-Control"] = "no-store"
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", _POLICY.format(scripts=_scripts()))
    if current_hub().settings.app.public_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = _TWO_YEARS
    return response


def _is_for_one_person() -> bool:
    """Say whether the answer may hold what is one person's: who asks is known, or the address or the form has a
    secret."""
    is_known = g.get("signed_in") is not None or g.get("presented") is not None
    return is_known or bool(session) or not _SECRETS.isdisjoint(request.view_args or {})


def _scripts() -> str:
    page = (request.endpoint or "").rpartition(".")[2]
    return "'self'" if page in SCRIPTED_PAGES else "'none'"
