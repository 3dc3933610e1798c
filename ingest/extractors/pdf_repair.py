"""A PDF whose table of objects is lost: the objects are found by looking through the whole file for them.

Files that went through a text-mode transfer have all their offsets wrong; pdfminer.six then stops looking at the first
trailer, which in files made for the web stands near the beginning.
"""

from __future__ import annotations

import mmap
import re
from bisect import bisect_right
from collections.abc import Iterator

from pdfminer.pdfdocument import PDFBaseXRef, PDFDocument, PDFNoPageLabels, PDFXRefFallback
from pdfminer.pdfparser import PDFParser, PDFStreamParser
from pdfminer.pdftypes import PDFObjRef, PDFStream, dict_value
from pdfminer.psexceptions import PSEOF

from ingest.extractors.pdf_reading import PARSER_ERRORS

_OBJECT = re.compile(rb"(?<![\w.])(\d{1,10})\s{1,4}(\d{1,5})\s{1,4}obj\b")
_TRAILER = re.compile(rb"\btrailer\b")
_CATALOG = re.compile(rb"/Type\s*/Catalog\b")
_OBJECT_STREAM = re.compile(rb"/Type\s*/ObjStm\b")


class Document(PDFDocument):
    """A PDF of which only what is needed is read, and forgotten when it has been."""

    def get_page_labels(self) -> Iterator[str]:
        # They are not needed, and a broken one would cost the page.
        raise PDFNoPageLabels

    def forget(self) -> None:
        """Let go of objects that were read, pictures of scans above all, lest memory grow with the document."""
        self._cached_objs.clear()


class RebuiltDocument(Document):
    """A PDF of which the table of objects is not read but made anew."""

    def find_xref(self, parser: PDFParser) -> int:
        return 0

    def read_xref_from(self, parser: PDFParser, start: int, xrefs: list[PDFBaseXRef]) -> None:
        parser.fallback = True
        table = _FoundObjects()
        table.load(parser)
        xrefs.append(table)


class _FoundObjects(PDFXRefFallback):
    def load(self, parser: PDFParser) -> None:
        with mmap.mmap(parser.fp.fileno(), 0, access=mmap.ACCESS_READ) as content:
            found = [(match.start(), int(match[1]), int(match[2])) for match in _OBJECT.finditer(content)]
            trailers = [match.start() for match in _TRAILER.finditer(content)]
            catalogs = [match.start() for match in _CATALOG.finditer(content)]
            packed = [match.start() for match in _OBJECT_STREAM.finditer(content)]
        # Of an object that was written several times the last one counts.
        for place, number, generation in found:
            self.offsets[number] = (None, place, generation)
        starts = [place for place, _, _ in found]
        for place in packed:
            at = bisect_right(starts, place) - 1
            if at >= 0:
                self._unpack(parser, starts[at], found[at][1])
        for place in trailers:
            parser.seek(place)
            try:
                self.load_trailer(parser)
            except PARSER_ERRORS:
                continue
        if "Root" not in self.trailer:
            at = bisect_right(starts, catalogs[-1]) - 1 if catalogs else -1
            # Without a catalogue the pages are looked for among all objects.
            self.trailer["Root"] = PDFObjRef(parser.doc, found[at][1]) if at >= 0 else {}

    def _unpack(self, parser: PDFParser, place: int, number: int) -> None:
        """Note the objects that lie within a compressed stream of objects."""
        parser.seek(place)
        try:
            for _ in range(3):
                parser.nexttoken()
            _, stream = parser.nextobject()
            if not isinstance(stream, PDFStream):
                return
            numbers: list[object] = []
            inner = PDFStreamParser(stream.get_data())
            for _ in range(2 * int(stream.get("N", 0))):
                numbers.append(inner.nextobject()[1])
        except (*PARSER_ERRORS, PSEOF):
            return
        for index, inside in enumerate(numbers[::2]):
            if isinstance(inside, int):
                self.offsets.setdefault(inside, (number, index, 0))


def declared_pages(document: PDFDocument) -> int:
    """Return how many pages the PDF says it has; 0 when it does not say."""
    try:
        count = dict_value(document.catalog.get("Pages")).get("Count")
    except PARSER_ERRORS:
        return 0
    return count if isinstance(count, int) else 0
