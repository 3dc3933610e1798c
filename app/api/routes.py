"""The routes of the API. Each reads its parameters strictly, calls the function that the site calls, and gives JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify
from pydantic import ValidationError
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from app.api.schemas import Described, Document, DocumentQuery, Health, Problem, Search, SearchQuery
from app.contract import search_object
from app.contract_documents import document_object
from app.hub import current_hub, current_viewer, find_document
from app.people import check_program
from app.problems import BadParameterError, UnknownParameterIdError
from indexer.discover import discover
from indexer.facets import unknown_ids
from indexer.reading import hub_health
from indexer.related import related

api = Blueprint("api", __name__)
api.before_request(check_program)

# Of the interface, not of the program: raised when an answer changes its shape.
_VERSION = "1.0"

_BAD_TOKEN = (Problem, "The token is unknown, expired or revoked.")
_NOT_FOR_READING = (Problem, "The token has not the scope `read`.")
_UNAVAILABLE = (Problem, "The catalogue or the search engine is away: try again later.")


def _refuse(_request: Any, _response: Any, error: Exception | None, _instance: Any, _adapter: Any) -> None:
    """Tell of parameters that do not fit as every other error is told of: by raising it."""
    if isinstance(error, ValidationError):
        problems = [(".".join(str(part) for part in e["loc"]), _reason(e["type"], e["msg"])) for e in error.errors()]
        raise BadParameterError(problems) from error


def _reason(kind: str, message: str) -> str:
    return "there is no such parameter" if kind == "extra_forbidden" else message.removeprefix("Value error, ")


spec = SpecTree(
    "flask",
    mode="strict",
    title="I-KHub",
    description="The Indonesia Knowledge Hub on countering terrorism and violent extremism: search and documents.",
    version=_VERSION,
    security_schemes=[SecurityScheme(name="token", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))],
    # What the public may read needs none.
    security=[{}, {"token": []}],
    before=_refuse,
    validation_error_status=400,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
)


@api.get("/api/v1/search")
@spec.validate(
    resp=Described(
        HTTP_200=Search,
        HTTP_400=(Problem, "A parameter or an id is unknown."),
        HTTP_401=_BAD_TOKEN,
        HTTP_403=_NOT_FOR_READING,
        HTTP_503=_UNAVAILABLE,
    ),
    operation_id="search",
)
def search(query: SearchQuery) -> Response:
    """Search the documents.

    Values of one facet are alternatives, facets narrow each other, and a facet's counts ignore its own filter.
    """
    hub = current_hub()
    request = query.request(current_viewer(), query.label_language)
    unknown = [
        (facet.value, note.message.rstrip("."))
        for facet, values in request.filters.items()
        for note in unknown_ids(hub, {facet: values})
    ]
    if unknown:
        raise UnknownParameterIdError(unknown)
    return jsonify(search_object(discover(hub, request), with_score=False))


@api.get("/api/v1/documents/<document_id>")
@spec.validate(
    resp=Described(
        HTTP_200=Document,
        HTTP_401=_BAD_TOKEN,
        HTTP_403=_NOT_FOR_READING,
        HTTP_404=(Problem, "There is no such document, or the caller may not read it."),
        HTTP_410=(Problem, "The document was withdrawn, and the caller could read it before."),
        HTTP_503=_UNAVAILABLE,
    ),
    path_parameter_descriptions={"document_id": "Id of the document."},
    operation_id="document",
)
def document(document_id: str, query: DocumentQuery) -> Response:
    """Say what the hub knows of a document, with the source of each statement."""
    hub, found = current_hub(), find_document(document_id)
    relations = related(hub, found.id, current_viewer())
    return jsonify(
        document_object(hub, found, relations=relations, label_language=query.label_language, with_access=False)
    )


@api.get("/health")
@spec.validate(resp=Described(HTTP_200=Health, HTTP_503=(Health, "The hub cannot be read.")), operation_id="health")
def health() -> Response:
    """Say how the hub is, for monitoring."""
    state = hub_health(current_hub())
    # How many documents there are is not told: it would count those that the public may not see.
    body = Health(
        status=state["status"],
        catalogue={"status": state["catalogue"]["status"]},  # type: ignore[arg-type]
        engine={"status": state["engine"]["status"], "name": state["engine"]["name"]},  # type: ignore[arg-type]
    )
    response = jsonify(body.model_dump(exclude_none=True))
    response.status_code = 503 if body.status == "unavailable" else 200
    return response


@api.get("/api/v1/openapi.json")
def openapi() -> Response:
    """Return the description of this API, made from its code."""
    return jsonify(spec.spec)
