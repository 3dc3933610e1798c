"""What the API takes and gives of uploads, as the OpenAPI document describes it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from desk.progress import Progress, Stage
from holdings.states import State


class NewUpload(BaseModel):
    """A file that is going to be sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    space: str = Field(max_length=80, description="Id of the organisation whose space is to keep it.")
    name: str = Field(max_length=4000, description="Name of the file.")
    size: int = Field(ge=0, le=2**62, description="Bytes.")
    batch: str | None = Field(None, pattern=r"^[0-9a-z]{1,16}$", description="Names files that are sent together.")
    modified_ms: int | None = Field(
        None, ge=-(2**62), le=2**62, description="When the file was changed last, in milliseconds since 1970."
    )
    replaces: str | None = Field(
        None, pattern=r"^[0-9a-z]{1,16}$", description="Id of the document of which this is to be the new version."
    )


class UploadError(BaseModel):
    """Why a file could not be read."""

    code: str
    message: str
    advice: str


class UploadedFile(BaseModel):
    """A file as far as it has come, or one that was in an archive."""

    name: str
    stage: Stage = Field(description="sending, waiting, reading, read, unpacked, failed, published, found or gone.")
    document_id: str | None = Field(None, description="Of the document that was made of it.")
    title: str | None = Field(None, description="Of that document, as far as is known.")
    state: State | None = Field(None, description="Where that document is on its way to publication.")
    media_type: str | None = Field(None, description="What the file is, whatever its name says.")
    error: UploadError | None = None


class UploadState(UploadedFile):
    """An upload: what was announced, and how far it has come."""

    id: str
    space: str
    batch: str
    size: int
    received: int = Field(description="Bytes that are there: the offset of the next piece.")
    modified_ms: int | None
    members: list[UploadedFile] = Field(description="What was in it, where it is an archive.")


class UploadsQuery(BaseModel):
    """Which uploads are asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page: int = Field(1, ge=1, le=100_000, description="Page of the list, from 1.")


class UploadList(BaseModel):
    """Uploads of the caller: those that wait for more bytes first, then the latest first."""

    uploads: list[UploadState]
    pages: int = Field(description="How many pages the list has.")


def state_of(progress: Progress) -> UploadState:
    """Return an upload as the API tells of it."""
    upload = progress.upload
    return UploadState(
        **_file(progress).model_dump(),
        id=upload.id,
        space=upload.space,
        batch=upload.batch_id,
        size=upload.size,
        received=upload.received,
        modified_ms=upload.modified_ms,
        members=[_file(member) for member in progress.members],
    )


def _file(progress: Progress) -> UploadedFile:
    document, error = progress.document, progress.error
    return UploadedFile(
        name=progress.name,
        stage=progress.stage,
        document_id=document.id if document else None,
        title=document.title if document else None,
        state=document.state if document else None,
        media_type=progress.media_type,
        error=UploadError(code=error.code, message=error.message, advice=error.advice) if error else None,
    )
