"""`create_app`: the Flask application over a hub that the process has open, with its answers to errors."""

from __future__ import annotations

import hashlib
import logging
from functools import cache
from pathlib import Path

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from app import i18n, problems
from app.api import api
from app.hub import attach
from app.problems import Problem
from app.site import register_site
from app.site.links import asset
from holdings.errors import HubError
from indexer.hub import Hub

log = logging.getLogger(__name__)

_YEAR = 365 * 24 * 3600
_CONTENT_POLICY = (
    "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


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
    app.register_error_handler(HubError, _on_hub_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_unforeseen)
    app.after_request(_finish)
    return app
