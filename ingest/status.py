"""How far the hub has come with what it was given: what waits, what failed, and what keeps it from being read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from holdings import arrivals, documents, failed_arrivals, indexed, texts
from holdings.errors import EngineUnavailableError
from indexer.hub import Hub
from ingest import duplicates
from ingest.extractors.ocr import ocr_version


@dataclass(frozen=True, slots=True)
class Status:
    """`files` are all arrivals by outcome, `waiting` among them.

    `standing_by_code` counts those that failed or were rejected and whose place has received nothing since.
    `documents_to_index` is None when the engine does not answer. `ocr` is the version of who reads scans, None where
    nobody can.
    """

    files: Mapping[str, int]
    oldest_waiting_seconds: float | None
    standing_by_code: Mapping[str, int]
    documents: int
    pages: int
    pages_without_text: int
    pages_awaiting_ocr: int
    documents_to_compare: int
    documents_to_index: int | None
    ocr: str | None

    @property
    def waiting(self) -> int:
        return self.files.get("waiting", 0)

    @property
    def standing(self) -> int:
        return sum(self.standing_by_code.values())


def status(hub: Hub) -> Status:
    """Return how far the hub has come."""
    ocr = hub.settings.ingest.ocr
    with hub.catalogue.read() as session:
        oldest = arrivals.oldest_waiting(session)
        pages = texts.page_counts(session)
        return Status(
            files=arrivals.counts(session),
            oldest_waiting_seconds=(datetime.now(UTC) - oldest).total_seconds() if oldest is not None else None,
            standing_by_code=failed_arrivals.count_by_code(session),
            documents=documents.count(session),
            pages=pages["all"],
            pages_without_text=pages["without_text"],
            pages_awaiting_ocr=texts.pages_waiting_for_ocr(session),
            documents_to_compare=len(duplicates.untriaged(session)),
            documents_to_index=_to_index(hub),
            ocr=ocr_version(ocr.languages) if ocr.enabled else None,
        )


def _to_index(hub: Hub) -> int | None:
    try:
        live = hub.engine.live()
    except EngineUnavailableError:
        return None
    with hub.catalogue.read() as session:
        if live is None:
            return documents.count(session)
        return indexed.count_pending(session, hub.engine.name, live.name)
