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

from ingest.media_types import DOCM, DOCX, DOTM, DOTX, HTML, MARKDOWN, PDF, PLAIN_TEXT, XHTML
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


_PDF = Reader("ingest.extractors.pdf", "pdfminer.six")
_WORD = Reader("ingest.extractors.docx", "python-docx")
_HTML = Reader("ingest.extractors.html", "selectolax")
_TEXT = Reader("ingest.extractors.text", "charset-normalizer")

EXTRACTORS: Mapping[str, Reader] = {
    PDF: _PDF,
    DOCX: _WORD,
    DOTX: _WORD,
    DOCM: _WORD,
    DOTM: _WORD,
    HTML: _HTML,
    XHTML: _HTML,
    PLAIN_TEXT: _TEXT,
    MARKDOWN: Reader("ingest.extractors.markdown", "charset-normalizer"),
}


def reader_of(media_type: str) -> str:
    """Return who reads a media type, with versions, as it is kept with the text. Raises KeyError for an unread type."""
    return str(EXTRACTORS[media_type])


@cache
def _version(distribution: str) -> str:
    return metadata.version(distribution)
