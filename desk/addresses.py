"""Addresses of the hub's pages as letters have them: absolute, in the reader's language, without the web."""

from __future__ import annotations

from urllib.parse import urlsplit

from holdings.settings import Settings

# The language of the addresses without a prefix.
_UNMARKED = "id"


def address(settings: Settings, path: str, language: str) -> str:
    """Return the absolute address of a page of the site. `path` begins with a slash and is the Indonesian page's."""
    return base(settings) + localised(path, language)


def localised(path: str, language: str) -> str:
    """Return the path of a page of the site in a language."""
    return path if language == _UNMARKED else f"/{language}{path}"


def base(settings: Settings) -> str:
    """Return the address of the hub: `app.public_url`, else where `ikhub serve` listens."""
    app = settings.app
    host = f"[{app.host}]" if ":" in app.host else app.host
    return app.public_url or f"http://{host}:{app.port}"


def domain(settings: Settings) -> str:
    """Return the name of the hub's machine, as its letters carry it in their ids."""
    return urlsplit(base(settings)).hostname or "localhost"
