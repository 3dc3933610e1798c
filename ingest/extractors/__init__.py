"""Extraction: one extractor a format, chosen by media type; each yields what a file holds as a stream of events.

The table names modules and does not import them: the parent process never loads a parser, and the sandbox loads only
those that it needs. An extractor's module has `extract(path) -> Iterator[ExtractionEvent]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from typing import cast

from ingest.media_types import DOCM, DOCX, DOTM, DOTX, HTML, MARKDOWN, PDF, PLAIN_TEXT, XHTML
from ingest.model import Extractor


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a format: `module` has the extractor, `library` is the distribution that does the parsing.

    `revision` is raised with every change of our own that changes the text, so that a later reprocessing knows which
    texts an older reader made.
    """

    module: str
    library: str
    revision: int = 1

    def load(self) -> Extractor:
        return cast(Extractor, import_module(self.module).extract)

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
