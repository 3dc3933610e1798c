"""What tests of extractors ask of the events that one yields."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.model import ExtractionEvent, FileMetadata, Page, Truncation


def texts(events: Iterable[ExtractionEvent]) -> list[str]:
    """Return the text of each page."""
    return [event.text for event in events if isinstance(event, Page)]


def metadata(events: Iterable[ExtractionEvent]) -> FileMetadata:
    """Return what the file states of itself."""
    return next(event for event in events if isinstance(event, FileMetadata))


def left_out(events: Iterable[ExtractionEvent]) -> list[str]:
    """Return what is said to be left out."""
    return [event.reason for event in events if isinstance(event, Truncation)]
