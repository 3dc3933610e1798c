"""Pages of the site as a test reads them: asked for, parsed, and taken apart."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode
from werkzeug.test import TestResponse

from app.factory import create_app
from holdings.access import Viewer
from holdings.model import Document, DocumentField
from indexer.discover import discover
from indexer.hub import Hub
from indexer.model import SearchRequest
from indexer.reading import read_document


class Client(FlaskClient):
    """A client that reads each answer to its end, so that the file behind it is closed."""

    def open(self, *args: Any, buffered: bool = True, **options: Any) -> TestResponse:
        return super().open(*args, buffered=buffered, **options)


def client_of(hub: Hub) -> FlaskClient:
    """Return a client of the site over a hub."""
    application = create_app(hub)
    application.test_client_class = Client
    return application.test_client()


def get(client: FlaskClient, address: str, status: int = 200) -> LexborHTMLParser:
    """Return the page at an address, which must answer with this status."""
    response = client.get(address)
    assert response.status_code == status, f"{address}: {response.status_code}"
    assert response.mimetype == "text/html"
    return LexborHTMLParser(response.text)


def one(root: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    """Return the only node that a selector finds."""
    found = root.css(selector)
    assert len(found) == 1, f"{len(found)} of {selector}"
    return found[0]


def words(node: LexborNode | None) -> str:
    """Return the text of a node, white space folded."""
    assert node is not None
    return " ".join(node.text().split())


def href(node: LexborNode) -> str:
    """Return where a link leads."""
    address = node.attributes["href"]
    assert address is not None
    return address


def law(hub: Hub, number: str = "UU 5/2018") -> Document:
    """Return one of the laws among the samples, by its number."""
    for hit in discover(hub, SearchRequest(size=100)).hits:
        document = read_document(hub, hit.document_id, Viewer())
        if number in document.values(DocumentField.NUMBER):
            return document
    raise AssertionError(number)


def file_address(document: Document, address: str = "") -> str:
    """Return the address of the first original of a document."""
    return f"/documents/{document.id}/files/{document.files[0].sha256}{address}"
