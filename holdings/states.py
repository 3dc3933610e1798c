"""The states of a record on its way; `holdings.workflow` says what leads from one to another."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a record is on its way. Only what is published is read, found or counted; the desk sees the others."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
