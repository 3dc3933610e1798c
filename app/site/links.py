"""Addresses of the site: within the present language, to the same page in another, and of files that never change."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import request, url_for

from app.i18n import LANGUAGE_NAMES, LANGUAGES, current_language
from indexer.model import Language

_STATIC = Path(__file__).parents[1] / "static"


def link(endpoint: str, **values: Any) -> str:
    """Return the address of a page of the site in the present language."""
    return url_for(f"{current_language()}.{endpoint}", **values)


def other_languages() -> list[tuple[Language, str, str]]:
    """Return the languages besides the present one, with their names and the address of the present page in them."""
    return [
        (language, LANGUAGE_NAMES[language], _here_in(language))
        for language in LANGUAGES
        if language != current_language()
    ]


def _here_in(language: Language) -> str:
    """Return the present address in another language; the home page's where the present address is no page."""
    endpoint = (request.endpoint or "").partition(".")[2]
    if request.blueprint not in LANGUAGES or not endpoint:
        return url_for(f"{language}.home")
    path = url_for(f"{language}.{endpoint}", **(request.view_args or {}))
    query = request.query_string.decode("ascii", "ignore")
    return f"{path}?{query}" if query else path


def asset(filename: str) -> str:
    """Return the address of a static file; it changes with the file, so that the file may be kept for ever."""
    return url_for("static", filename=filename, v=asset_version(filename))


@cache
def asset_version(filename: str) -> str:
    """Return what stands for the content of a static file."""
    return hashlib.sha256((_STATIC / filename).read_bytes()).hexdigest()[:12]
