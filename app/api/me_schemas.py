"""Who asks, as the OpenAPI document describes it."""

from __future__ import annotations

from pydantic import BaseModel, Field

from holdings.accounts import HubRole, Role
from holdings.tokens import Scope


class Membership(BaseModel):
    """That the person belongs to an organisation."""

    id: str = Field(description="Id of the organisation.")
    role: Role


class Person(BaseModel):
    """A person who is signed in."""

    id: str
    name: str
    language: str = Field(description="Language of letters to the person.")
    hub_role: HubRole | None = Field(description="Null for programs: no token administers the hub.")
    organisations: list[Membership]


class ShownToken(BaseModel):
    """The token that the request shows."""

    name: str
    scopes: list[Scope]
    expires_at: str


class Me(BaseModel):
    """Who asks."""

    account: Person | None = Field(description="Null for the public.")
    token: ShownToken | None = Field(description="Null where the request shows none.")
