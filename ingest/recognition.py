"""OCR as a stage of its own: a document is found by its text pages before its scans are read.

What is read of a page is recorded at once, so that a crash costs a page. When all pages of a text are read, it is
written anew with them, takes the former text's place, and the document is described from it again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

from holdings import texts
from holdings.errors import FileError, OcrUnavailableError
from holdings.model import OCR_READER, Page, Text
from holdings.texts import PageReading
from indexer.hub import Hub
from ingest.description import Excerpts
from ingest.extractors.ocr import ocr_reader
from ingest.media_types import OCR
from ingest.model import Truncation
from ingest.reading import Reading, options_of, put_in_place, stated_by
from ingest.sandbox import Sandbox

log = logging.getLogger(__name__)

# Pages that one call reads at most: a task ends within the limit of the sandbox, and others have their turn.
BATCH = 10


def can_recognise(hub: Hub) -> bool:
    """Say whether pages that wait for OCR can be read here: tesseract and its languages are installed."""
    ocr = hub.settings.ingest.ocr
    return ocr.enabled and ocr_reader(ocr.languages) is not None


def recognise(hub: Hub, sandbox: Sandbox, text_sha256: str) -> list[str] | None:
    """Read some of the pages of a text that wait for OCR; None when there are more to read.

    Otherwise the documents are returned that have another text now, to be compared with all others.

    It takes at most twice as long as the sandbox lets one file take.

    Raises LockedError when another process is at this text, and what stops everything, as `finish_arrival` does.
    """
    with hub.catalogue.locks.hold(f"ocr-{text_sha256}"):
        with hub.catalogue.read() as session:
            text = texts.get(session, text_sha256)
            done = texts.readings(session, text_sha256)
            is_held = bool(texts.documents_with(session, text_sha256))
        if not is_held or text.file_sha256 is None:
            return []
        missing = [number for number in text.scans if number not in done]
        until = time.monotonic() + hub.settings.ingest.limits.seconds
        read = 0
        try:
            with closing(_read(hub, sandbox, text, missing[:BATCH])) as found:
                for reading in found:
                    with hub.catalogue.write() as session:
                        is_wanted = texts.add_reading(session, text_sha256, reading)
                    if not is_wanted:
                        return []
                    read += 1
                    if time.monotonic() > until:
                        break
        except OcrUnavailableError as error:
            log.warning("%s: %s", error.message, error.advice_given)
            return []
        if read < len(missing):
            return None
        return _replace_text(hub, text)


def _read(hub: Hub, sandbox: Sandbox, text: Text, numbers: list[int]) -> Generator[PageReading]:
    """Yield what OCR finds on each of these pages. A page that cannot be read gives no words and says why."""
    assert text.file_sha256 is not None
    original = hub.files.original(text.file_sha256)
    reader = ocr_reader(hub.settings.ingest.ocr.languages) or OCR_READER
    left = list(numbers)
    while left:
        options = replace(options_of(hub.settings), pages=tuple(left))
        page: Page | None = None
        troubles: list[str] = []
        try:
            for event in sandbox.extract(original, OCR, options):
                match event:
                    case Page():
                        if page is not None:
                            yield _reading(page, troubles)
                        page, troubles = event, []
                        left.remove(event.number)
                    case Truncation(reason):
                        troubles.append(reason)
            if page is not None:
                yield _reading(page, troubles)
            if left:
                raise FileError("The reader left it out")
        except OcrUnavailableError:
            raise
        except FileError as error:
            if page is not None:
                yield _reading(page, troubles)
            if left:
                number = left.pop(0)
                log.info("%s, page %s: %s: %s", text.file_sha256, number, error.code, error.message)
                yield PageReading(number, "", reader, f"OCR of page {number} failed ({error.code}): {error.message}")


def _reading(page: Page, troubles: list[str]) -> PageReading:
    assert page.reader is not None
    return PageReading(page.number, page.text, page.reader, "; ".join(troubles) or None)


def _replace_text(hub: Hub, text: Text) -> list[str]:
    """Write the text with what OCR has read, put it in the former's place, and return the documents that have it."""
    with hub.catalogue.read() as session:
        readings = texts.readings(session, text.sha256)
    excerpts = Excerpts(hub.vocabularies)
    with hub.files.text_writer() as writer:
        for former in hub.files.pages(text.sha256):
            page = _recognised(former, readings.get(former.number))
            writer.add(page)
            excerpts.add(page)
        troubles = tuple(r.trouble for _, r in sorted(readings.items()) if r.trouble is not None)
        stored = writer.finish(reader=text.reader, truncated=(*text.truncated, *troubles), file_sha256=text.file_sha256)
    reading = Reading(stored, stated_by(hub, text.file_sha256), excerpts)
    return put_in_place(hub, text.sha256, stored, reading)


def _recognised(page: Page, reading: PageReading | None) -> Page:
    if reading is None:
        return page
    if reading.text.strip() or not page.text.strip():
        return Page(page.number, page.unit, reading.text, reading.reader)
    # Nothing was recognised; the old text under the picture is better than none.
    return replace(page, scan=False)
