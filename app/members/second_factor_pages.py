"""What the pages of the second factor show once: the picture that an app reads, and recovery codes."""

from __future__ import annotations

import segno
from flask import Response, make_response, render_template
from markupsafe import Markup

_MODULE_SIZE = 5


def qr_code(address: str) -> Markup:
    """Return the picture of an address as SVG for a page: drawn by attributes, nothing of it is fetched or styled."""
    drawn = segno.make(address, error="m").svg_inline(scale=_MODULE_SIZE, border=4, dark="#221b17", light="#ffffff")
    return Markup(drawn)  # noqa: S704 - made of squares and numbers; the address is only in how they lie


def shown_once(template: str, **values: object) -> Response:
    """Return a page that no browser and no proxy may keep."""
    response = make_response(render_template(template, **values))
    response.headers["Cache-Control"] = "no-store"
    return response
