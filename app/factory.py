"""`create_app`: the Flask application over a hub that the process has open, with its answers to errors."""

from __future__ import annotations

import logging
from pathlib import Path

from flask import Flask, Response, jsonify, make_response, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from app import forms, i18n, problems
from app.api import api
from app.hub import attach
from app.problems import Problem
from app.site import register_site
from app.site.links import asset_version
from app.site.trouble import trouble_page
from holdings.errors import HubError
from indexer.hub import Hub

log = logging.getLogger(__name__)

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A copy may be kept but is asked for again: what a viewer may read can change from one moment to the next.
    "Cache-Control": "private, no-cache",
}
_FOR_A_YEAR = "public, max-age=31536000, immutable"


def create_app(hub: Hub) -> Flask:
    """Return the application that answers from `hub`, which stays the caller's to close."""
    app = Flask("app", root_path=str(Path(__file__).parent))
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    attach(app, hub)
    i18n.install(app)
    register_site(app)
    app.register_blueprint(api)
    forms.protect(app)
    # A program shows its token with each request: there is nothing that another site could make it send.
    forms.csrf.exempt(api)
    proxies = hub.settings.app.proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    app.register_error_handler(HubError, _on_hub_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_unforeseen)
    app.after_request(_finish)
    return app


def _on_hub_error(error: HubError) -> Response:
    problem = problems.problem_of(error)
    if problem.status >= 500:
        log.error("%s %s: %s [%s]", request.method, request.path, error.message, error.code)
    return _answer(problem)


def _on_http_error(error: HTTPException) -> Response:
    response = _answer(problems.problem_of_http(error))
    response.headers.extend({name: value for name, value in error.get_headers() if name == "Allow"})
    return response


def _on_unforeseen(error: Exception) -> Response:
    log.error("%s %s", request.method, request.path, exc_info=error)
    return _answer(problems.unforeseen())


def _answer(problem: Problem) -> Response:
    """Return a problem as the one who asked can read it: a page, or JSON for a program."""
    if request.path.startswith("/api/") or request.path == "/health":
        response = jsonify(problem.as_json())
        response.mimetype = problems.MEDIA_TYPE
    else:
        response = make_response(trouble_page(problem))
    response.status_code = problem.status
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _finish(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code in {200, 206, 304}:
        filename = (request.view_args or {}).get("filename", "")
        current = request.args.get("v") == asset_version(filename)
        response.headers["Cache-Control"] = _FOR_A_YEAR if current else "no-cache"
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
