"""What a request of the site or the API works with: the hub that the process has open, who asks, and a document."""

from __future__ import annotations

import re

from flask import Flask, current_app

from holdings.access import Viewer
from holdings.errors import UnknownIdError
from holdings.model import Document
from indexer.hub import Hub
from indexer.reading import read_document

_EXTENSION = "ikhub"
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")


def attach(app: Flask, hub: Hub) -> None:
    """Make `hub` the one that requests to `app` are answered from."""
    app.extensions[_EXTENSION] = hub


def current_hub() -> Hub:
    """Return the hub of the application that answers the present request."""
    hub = current_app.extensions[_EXTENSION]
    assert isinstance(hub, Hub)
    return hub


def current_viewer() -> Viewer:
    """Return what the one who asks reads as: the public, unless a person is signed in."""
    # Imported here: who asks is found with the hub.
    from app.people import reader

    return reader()


def find_document(document_id: str) -> Document:
    """Return a document that the present viewer may read. Raises UnknownIdError."""
    return read_document(current_hub(), checked_id(document_id), current_viewer())


def checked_id(identifier: str) -> str:
    """Return an id of an address. Raises UnknownIdError for what cannot be one.

    Such does not reach the catalogue: a database may refuse the characters of an address.
    """
    if not _IDENTIFIER.fullmatch(identifier):
        raise UnknownIdError("There is no such document")
    return identifier
