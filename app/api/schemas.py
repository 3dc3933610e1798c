"""What the API takes and gives, as the OpenAPI document describes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel
from spectree import Response

from app.contract import SearchObject
from app.contract_documents import DocumentObject
from app.parameters import SearchParameters
from app.problems import MEDIA_TYPE
from indexer.model import Language

LabelLanguage = Annotated[Language, Field(description="Language of labels.")]


class SearchQuery(SearchParameters):
    """The parameters of a search."""

    label_language: LabelLanguage = "id"


class DocumentQuery(BaseModel):
    """The parameters of a look at a document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label_language: LabelLanguage = "id"


class Search(RootModel[SearchObject]):
    """The answer to a search."""


class Document(RootModel[DocumentObject]):
    """What the hub knows of a document."""


class BadParameter(BaseModel):
    """A parameter that does not fit."""

    name: str
    reason: str


class Problem(BaseModel):
    """An error (RFC 9457). `code` is stable and meant for programs."""

    type: str = Field(description="Always about:blank: `code` tells problems apart.")
    title: str
    status: int
    detail: str
    code: str
    advice: str
    parameters: list[BadParameter] | None = None


class Part(BaseModel):
    """How a part of the hub is: `ok`, or the code of what is wrong with it."""

    status: str
    name: str | None = None


class Health(BaseModel):
    """How the hub is."""

    status: Literal["ok", "degraded", "unavailable"] = Field(
        description="`degraded`: documents can be read but not searched."
    )
    catalogue: Part
    engine: Part


class Described(Response):
    """The answers of a route, for the OpenAPI document.

    They are held to it by the tests, not at run time: a caller gains nothing from an error in the place of an answer.
    """

    def find_model(self, code: int) -> None:
        return None

    def generate_spec(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Return the answers by status; those that are problems under the media type of problems."""
        answers = super().generate_spec(*arguments, **options)
        for code, model in self.code_models.items():
            if model is Problem:
                content = answers[code.removeprefix("HTTP_")]["content"]
                content[MEDIA_TYPE] = content.pop("application/json")
        return answers
