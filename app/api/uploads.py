"""Uploads over the API: for the page's script, by its session, and for programs, by a token with the scope `upload`.

A file is announced, sent in pieces that follow each other (`Upload-Offset`, as the tus protocol has it), and goes on
after a cut where `HEAD` says that it stands. Once the last byte is there the hub reads it; `GET` tells how far it is.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, after_this_request, jsonify, request, url_for

from app.api.routes import api, spec
from app.api.schemas import Described, Problem
from app.api.upload_schemas import NewUpload, UploadList, UploadsQuery, UploadState, state_of
from app.bodies import pieces_of_body
from app.hub import checked_id, current_hub
from app.people import person, scoped
from app.problems import BadParameterError
from desk import uploads
from desk.progress import progress, progress_of
from holdings.errors import WrongOffsetError
from holdings.identifiers import new_identifier
from holdings.tokens import Scope
from holdings.uploads import Upload

_NOT_THEIRS = (Problem, "There is no such upload of the caller's.")
_NO_PERSON = (Problem, "The caller is not signed in, or the token is not good.")
_NOT_ALLOWED = (Problem, "The caller is not a contributor of the space, or the token has not the scope `upload`.")
_BUSY = (Problem, "The catalogue is away, the disk is full, or another request sends the same file: try again later.")


@api.post("/api/v1/uploads")
@scoped(Scope.UPLOAD)
@spec.validate(
    resp=Described(
        HTTP_201=UploadState,
        HTTP_400=(Problem, "Something is missing or unknown, or the file is empty."),
        HTTP_401=_NO_PERSON,
        HTTP_403=_NOT_ALLOWED,
        HTTP_404=(Problem, "The caller may not replace this document."),
        HTTP_413=(Problem, "The file is larger than the hub reads, or the space has no room for it."),
        HTTP_503=_BUSY,
    ),
    operation_id="begin_upload",
)
def begin_upload(json: NewUpload) -> Response:
    """Announce a file. Nothing of it needs to be sent to know whether it will be taken."""
    upload = uploads.begin(
        current_hub(),
        person(),
        space=json.space,
        name=json.name,
        size=json.size,
        batch=json.batch or new_identifier(),
        modified_ms=json.modified_ms,
        replaces=json.replaces,
    )
    response = _told(upload, HTTPStatus.CREATED)
    response.headers["Location"] = url_for("api.upload", upload_id=upload.id)
    return response


@api.get("/api/v1/uploads")
@scoped(Scope.UPLOAD)
@spec.validate(
    resp=Described(
        HTTP_200=UploadList,
        HTTP_400=(Problem, "The page is not a number, or a parameter is unknown."),
        HTTP_401=_NO_PERSON,
        HTTP_403=_NOT_ALLOWED,
        HTTP_503=_BUSY,
    ),
    operation_id="uploads",
)
def list_uploads(query: UploadsQuery) -> Response:
    """Say how far the files have come that the caller sends and sent."""
    found = progress(current_hub(), person(), page=query.page)
    listed = [state_of(entry) for entry in found.entries]
    return jsonify(UploadList(uploads=listed, pages=found.pages).model_dump(mode="json"))


@api.get("/api/v1/uploads/<upload_id>")
@scoped(Scope.UPLOAD)
@spec.validate(
    resp=Described(
        HTTP_200=UploadState, HTTP_401=_NO_PERSON, HTTP_403=_NOT_ALLOWED, HTTP_404=_NOT_THEIRS, HTTP_503=_BUSY
    ),
    path_parameter_descriptions={"upload_id": "Id of the upload."},
    operation_id="upload",
)
def upload(upload_id: str) -> Response:
    """Say how far a file has come. `HEAD` gives the offset at which to go on."""
    return _told(uploads.find(current_hub(), person(), checked_id(upload_id)))


@api.patch("/api/v1/uploads/<upload_id>")
@scoped(Scope.UPLOAD)
@spec.validate(
    resp=Described(
        HTTP_200=UploadState,
        HTTP_400=(Problem, "The offset is missing, or the connection was cut: what came is kept."),
        HTTP_401=_NO_PERSON,
        HTTP_403=_NOT_ALLOWED,
        HTTP_404=(Problem, "There is no such upload of the caller's that waits for more."),
        HTTP_409=(Problem, "The piece does not begin at the offset that is there, which `Upload-Offset` says."),
        HTTP_413=(Problem, "More bytes came than were announced."),
        HTTP_503=_BUSY,
    ),
    path_parameter_descriptions={"upload_id": "Id of the upload."},
    operation_id="send_piece",
)
def send_piece(upload_id: str) -> Response:
    """Send the bytes that follow the offset in the header `Upload-Offset`, as many as suits. The last makes the hub
    read the file."""
    offset = request.headers.get("Upload-Offset", "")
    if not offset.isascii() or not offset.isdigit() or len(offset) > 18:
        raise BadParameterError([("Upload-Offset", "the offset of the first byte is needed, as a number")])
    try:
        upload = uploads.receive(current_hub(), person(), checked_id(upload_id), int(offset), pieces_of_body())
    except WrongOffsetError as error:
        there = str(error.offset)
        after_this_request(lambda response: _at(response, there))
        raise
    return _told(upload)


@api.delete("/api/v1/uploads/<upload_id>")
@scoped(Scope.UPLOAD)
@spec.validate(
    resp=Described(
        HTTP_204=None,
        HTTP_401=_NO_PERSON,
        HTTP_403=_NOT_ALLOWED,
        HTTP_404=(Problem, "There is no such upload of the caller's that can be given up."),
        HTTP_503=_BUSY,
    ),
    path_parameter_descriptions={"upload_id": "Id of the upload."},
    operation_id="give_up_upload",
)
def give_up_upload(upload_id: str) -> Response:
    """Give up a file that is not in the hub yet; what came of it is deleted."""
    uploads.cancel(current_hub(), person(), checked_id(upload_id))
    return Response(status=HTTPStatus.NO_CONTENT)


def _told(upload: Upload, status: HTTPStatus = HTTPStatus.OK) -> Response:
    response = jsonify(state_of(progress_of(current_hub(), person(), upload)).model_dump(mode="json"))
    response.status_code = status
    _at(response, str(upload.received))
    response.headers["Upload-Length"] = str(upload.size)
    return response


def _at(response: Response, offset: str) -> Response:
    response.headers["Upload-Offset"] = offset
    return response
