"""Extraction: one extractor a format, chosen by media type; each yields what a file holds as a stream of events.

The table names modules and does not import them: the parent process never loads a parser, and the sandbox loads only
those that it needs. An extractor's module has `extract(path) -> Iterator[ExtractionEvent]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import cast

from ingest.media_types import (
    CSV,
    DOC,
    DOCM,
    DOCX,
    DOTM,
    DOTX,
    EML,
    HTML,
    JPEG,
    MARKDOWN,
    OCR,
    ODP,
    ODS,
    ODT,
    OTP,
    OTS,
    OTT,
    PDF,
    PLAIN_TEXT,
    PNG,
    POTX,
    PPSM,
    PPSX,
    PPT,
    PPTM,
    PPTX,
    RTF,
    TIFF,
    XHTML,
    XLS,
    XLSB,
    XLSM,
    XLSX,
    XLTX,
    ZIP,
)
from ingest.model import ExtractionEvent, Extractor, ExtractorWithOptions, ReadingOptions


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a format: `module` has the extractor, `library` is the distribution that does the parsing.

    `revision` is raised with every change of our own that changes the text, so that a later reprocessing knows which
    texts an older reader made. `takes_options` says that `extract(path, options)` wants to know the settings.
    """

    module: str
    library: str
    revision: int = 1
    takes_options: bool = False

    def read(self, path: Path, options: ReadingOptions) -> Iterator[ExtractionEvent]:
        """Yield what a file holds, as `ingest.model` says. Loads the parser."""
        extract = import_module(self.module).extract
        if self.takes_options:
            return cast(ExtractorWithOptions, extract)(path, options)
        return cast(Extractor, extract)(path)

    def __str__(self) -> str:
        return f"{self.library} {_version(self.library)}, {self.module.rpartition('.')[2]} {self.revision}"


_PDF = Reader("ingest.extractors.pdf", "pypdfium2", revision=2, takes_options=True)
_WORD = Reader("ingest.extractors.docx", "lxml", revision=3)
_SLIDES = Reader("ingest.extractors.pptx", "lxml", revision=2)
_HTML = Reader("ingest.extractors.html", "selectolax")
_TEXT = Reader("ingest.extractors.text", "charset-normalizer")
_SHEETS = Reader("ingest.extractors.spreadsheet", "python-calamine")
_OPEN_DOCUMENT = Reader("ingest.extractors.opendocument", "lxml")
_LEGACY = Reader("ingest.extractors.legacy", "lxml")
# Scanned to a picture. Those that mails and web pages are decorated with are passed over where they are found.
_PICTURE = Reader("ingest.extractors.image", "pillow")

EXTRACTORS: Mapping[str, Reader] = {
    PDF: _PDF,
    OCR: Reader("ingest.extractors.ocr", "pypdfium2", takes_options=True),
    DOCX: _WORD,
    DOTX: _WORD,
    DOCM: _WORD,
    DOTM: _WORD,
    PPTX: _SLIDES,
    PPSX: _SLIDES,
    POTX: _SLIDES,
    PPTM: _SLIDES,
    PPSM: _SLIDES,
    HTML: _HTML,
    XHTML: _HTML,
    PLAIN_TEXT: _TEXT,
    MARKDOWN: Reader("ingest.extractors.markdown", "charset-normalizer"),
    CSV: Reader("ingest.extractors.delimited", "charset-normalizer"),
    XLSX: _SHEETS,
    XLTX: _SHEETS,
    XLSM: _SHEETS,
    XLSB: _SHEETS,
    XLS: _SHEETS,
    ODT: _OPEN_DOCUMENT,
    OTT: _OPEN_DOCUMENT,
    ODS: _OPEN_DOCUMENT,
    OTS: _OPEN_DOCUMENT,
    ODP: _OPEN_DOCUMENT,
    OTP: _OPEN_DOCUMENT,
    RTF: Reader("ingest.extractors.rtf", "striprtf"),
    DOC: _LEGACY,
    PPT: _LEGACY,
    EML: Reader("ingest.extractors.mail", "selectolax"),
    ZIP: Reader("ingest.extractors.archive", "ikhub"),
    PNG: _PICTURE,
    JPEG: _PICTURE,
    TIFF: _PICTURE,
}


def reader_of(media_type: str, options: ReadingOptions | None = None) -> str:
    """Return who reads a media type, with versions, as it is kept with the text. Raises KeyError for an unread type.

    With `options`, what they say of PDF is part of it: text that was read otherwise is read again when they change.
    """
    reader = EXTRACTORS[media_type]
    return f"{reader}, {options.pdf_reader}" if options is not None and media_type == PDF else str(reader)


@cache
def _version(distribution: str) -> str:
    return metadata.version(distribution)
