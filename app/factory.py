"""`create_app`: the Flask application over a hub that the process has open, with its answers to errors."""

from __future__ import annotations

import logging
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, jsonify, make_response, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from app import bodies, forms, headers, i18n, limits, problems
from app.api import api
from app.hub import attach
from app.people import pseudonym
from app.problems import Problem
from app.site import register_site
from app.site.tombstone import tombstone_page
from app.site.trouble import trouble_page
from holdings.audit import PUBLIC
from holdings.errors import HubError, WithdrawnError
from indexer.hub import Hub

log = logging.getLogger(__name__)

_REFUSALS = frozenset({400, 401, 403, 413, 429})


def create_app(hub: Hub) -> Flask:
    """Return the application that answers from `hub`, which stays the caller's to close."""
    app = Flask("app", root_path=str(Path(__file__).parent))
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    attach(app, hub)
    i18n.install(app)
    headers.install(app)
    limits.install(app)
    bodies.install(app)
    register_site(app)
    app.register_blueprint(api)
    forms.protect(app)
    # The API looks at this itself: a token is nothing that another site could make a browser send.
    forms.csrf.exempt(api)
    proxies = hub.settings.app.proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    app.register_error_handler(HubError, _on_hub_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_unforeseen)
    return app


def _on_hub_error(error: HubError) -> Response:
    if isinstance(error, WithdrawnError) and not _asks_as_program():
        try:
            return tombstone_page(str((request.view_args or {}).get("document_id")))
        except HubError as other:
            error = other  # it was changed again in between
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
    _note_refusal(problem)
    if _asks_as_program():
        response = jsonify(problem.as_json())
        response.mimetype = problems.MEDIA_TYPE
    else:
        response = make_response(trouble_page(problem))
    response.status_code = problem.status
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = f'Bearer error="{problem.code}"'
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _note_refusal(problem: Problem) -> None:
    """Write into the log what was refused, and to whom. What the public does not find is no refusal."""
    who = pseudonym()
    if problem.status in _REFUSALS or (problem.status == HTTPStatus.NOT_FOUND and who != PUBLIC):
        log.info("refused to %s: %s %s [%s]", who, request.method, request.path, problem.code)


def _asks_as_program() -> bool:
    return request.path.startswith("/api/") or request.path == "/health"
