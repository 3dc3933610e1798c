"""Temporary: replaced by the triage of duplicates."""

from __future__ import annotations

from holdings.database import Session
from indexer.hub import Hub


def triage(hub: Hub, document_id: str) -> None: ...


def untriaged(session: Session) -> list[str]:
    return []
