"""The private feed of a saved search, in Atom (RFC 4287): who has its address needs not sign in."""

from __future__ import annotations

import re

from flask import Blueprint, Response, make_response, render_template

from app.hub import current_hub
from app.i18n import current_language
from desk import addresses
from desk.feeds import feed
from desk.searches import results_address

_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def add_routes(site: Blueprint) -> None:
    """Add the feeds."""
    site.add_url_rule("/feeds/<secret>", "feed", show)


def show(secret: str) -> Response:
    """Give the newest matches that the feed's person may read now."""
    hub, language = current_hub(), current_language()
    found = feed(hub, secret, language)
    entries = [
        {
            "id": entry.document_id,
            "title": _in_xml(entry.title),
            "at": entry.at.isoformat(),
            "why": _in_xml("\n".join(entry.why)),
            "address": addresses.address(hub.settings, f"/documents/{entry.document_id}", language),
        }
        for entry in found.entries
    ]
    response = make_response(
        render_template(
            "members/feed.xml",
            feed=found,
            entries=entries,
            results=results_address(hub.settings, found.search, language),
        )
    )
    response.mimetype = "application/atom+xml"
    # It is for one person, and what it says may be theirs no longer a moment later.
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _in_xml(text: str) -> str:
    """Return a text without the characters that XML has no place for, which extracted texts hold at times."""
    return _NOT_IN_XML.sub(" ", text)
