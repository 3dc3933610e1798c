"""Extraction of OpenDocument (ODT, ODP, ODS and their templates) by lxml, complete.

The libraries for it fail on some files and lose words of others, so the parts are read directly. A text is cut to
sections as a Word document is; a presentation to slides, each with its notes; a spreadsheet to sheets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from zipfile import ZipFile

from lxml import etree  # type: ignore[import-untyped]

from holdings.errors import CorruptError, EncryptedError
from ingest.extractors.elements import Element, attribute, child_of, local_name
from ingest.extractors.opendocument_sheets import sheet_rows
from ingest.extractors.opendocument_story import Story, read_styles
from ingest.extractors.packages import ZIP_ERRORS, check_package
from ingest.extractors.sections import Block, sections
from ingest.extractors.tables import sheet_pages
from ingest.model import ExtractionEvent, FileMetadata, Page, PageUnit, Truncation

_ERRORS = (*ZIP_ERRORS, etree.LxmlError)
_CHUNK = 1 << 16
# Long text nodes and deep nesting are the sandbox's business; entities are never resolved.
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
_ENCRYPTED = re.compile(rb"<(?:\w+:)?encryption-data\b")
_MAX_MANIFEST = 5_000_000
# Gives what stands before the damage.
_PATIENT_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=True)
# OpenOffice writes a DOCTYPE into its macros and into old manifests, which are not parsed here.
_NOT_PARSED = ("Basic/", "Dialogs/", "META-INF/", "Scripts/", "Configurations2/")
_MARGINS = frozenset(f"{kind}{which}" for kind in ("header", "footer") for which in ("", "-left", "-right", "-first"))
# In the margins of every sheet that nobody has changed stands "Page", and a number that is filled in.
_OWN_WORDS = 2
_DECLARED = ("header", "footer", "date-time")


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the sections, slides or sheets of an OpenDocument file and what it says of itself.

    Raises EncryptedError, CorruptError, ArchiveBombError, UnsafeFileError.
    """
    check_package(path, unchecked=_NOT_PARSED)
    with ZipFile(path) as package:
        _refuse_encrypted(package)
        try:
            content, is_whole = _root(package, "content.xml")
        except _ERRORS as error:
            raise CorruptError(f"This is not a readable OpenDocument file: {type(error).__name__}: {error}") from error
        document = _Document(package, content)
        yield from document.events()
        if not is_whole:
            yield Truncation("The content is damaged; what could be read of it was read")


def _root(package: ZipFile, name: str) -> tuple[Element, bool]:
    """Return the root element of a part, and whether all of it could be read. Raises one of `_ERRORS`."""
    chunks: list[bytes] = []
    is_whole = True
    try:
        with package.open(name) as part:
            while chunk := part.read(_CHUNK):
                chunks.append(chunk)
    except ZIP_ERRORS:
        if not chunks:
            raise
        is_whole = False
    try:
        return etree.fromstring(b"".join(chunks), _PARSER), is_whole
    except etree.XMLSyntaxError:
        root = etree.fromstring(b"".join(chunks), _PATIENT_PARSER)
        if root is None:
            raise
        return root, False


def _refuse_encrypted(package: ZipFile) -> None:
    names = set(package.namelist())
    if "encrypted-package" in names:
        raise EncryptedError("The document asks for a password")
    if "META-INF/manifest.xml" not in names:
        return
    try:
        with package.open("META-INF/manifest.xml") as manifest:
            found = _ENCRYPTED.search(manifest.read(_MAX_MANIFEST))
    except ZIP_ERRORS:
        return
    if found:
        raise EncryptedError("The document asks for a password")


def _all(asides: Callable[[], list[str]], margins: list[str]) -> list[str]:
    return [*asides(), *margins]


class _Document:
    """The parts of a file that hold words: the content, the margins of its pages, the objects within it."""

    def __init__(self, package: ZipFile, content: Element) -> None:
        self._package = package
        self._names = frozenset(package.namelist())
        self._problems: list[str] = []
        styles_root = self._part("styles.xml")
        self._masters = [] if styles_root is None else list(styles_root.iter("{*}master-page"))
        self._styles = read_styles(*(root for root in (styles_root, content) if root is not None))
        self._body = child_of(content, "body")

    def events(self) -> Iterator[ExtractionEvent]:
        kinds = {local_name(child): child for child in self._body} if self._body is not None else {}
        if (text := kinds.get("text")) is not None:
            yield from self._text(text)
        elif (slides := kinds.get("presentation")) is not None:
            yield from self._slides(slides)
        elif (sheets := kinds.get("spreadsheet")) is not None:
            yield from self._sheets(sheets)
        else:
            raise CorruptError("The file has neither text, nor slides, nor sheets")
        for problem in self._problems:
            yield Truncation(problem)

    def _text(self, body: Element) -> Iterator[ExtractionEvent]:
        story = self._story()
        blocks = list(story.blocks(body))
        yield self._metadata(story.heading)
        margins = [*self._margins("header"), *blocks, *self._margins("footer")]
        for number, section in enumerate(sections(block for block in margins if block.text or block.breaks), 1):
            yield Page(number, PageUnit.SECTION, section)

    def _slides(self, body: Element) -> Iterator[ExtractionEvent]:
        declared = {
            (local_name(element), attribute(element, "name")): "".join(element.itertext()).strip()
            for element in body
            if local_name(element).endswith("-decl")
        }
        pages: list[Page] = []
        heading: str | None = None
        for number, slide in enumerate(body.iterchildren("{*}page"), 1):
            story = self._story(in_slides=True)
            blocks = list(story.blocks(slide))
            heading = heading or story.heading
            margins = [declared.get((f"{kind}-decl", attribute(slide, f"use-{kind}-name")), "") for kind in _DECLARED]
            lines = [block.text for block in blocks] + margins
            notes = [note for block in blocks for note in block.notes]
            pages.append(Page(number, PageUnit.SLIDE, "\n".join(filter(None, [*lines, *notes]))))
        yield self._metadata(heading)
        yield from pages

    def _sheets(self, body: Element) -> Iterator[ExtractionEvent]:
        yield self._metadata(None)
        number = 1
        margins = [
            block.text
            for kind in ("header", "footer")
            for block in self._margins(kind, in_sheets=True)
            if len(block.text.split()) >= _OWN_WORDS
        ]
        for table in body.iterchildren("{*}table"):
            # Copies of what other files hold, kept for formulas.
            if child_of(table, "table-source") is not None:
                continue
            rows, asides = sheet_rows(table, self._story())
            for text in sheet_pages(attribute(table, "name") or "", rows, partial(_all, asides, margins)):
                yield Page(number, PageUnit.SHEET, text)
                number += 1
            margins = []
        if number == 1:
            yield Page(1, PageUnit.SHEET, "")

    def _story(self, *, in_slides: bool = False, in_sheets: bool = False) -> Story:
        return Story(self._styles, self._object_words, in_slides=in_slides, in_sheets=in_sheets)

    def _margins(self, kind: str, *, in_sheets: bool = False) -> Iterator[Block]:
        shown: set[str] = set()
        for master in self._masters:
            for margin in master:
                if local_name(margin) not in _MARGINS or not local_name(margin).startswith(kind):
                    continue
                if attribute(margin, "display") == "false":
                    continue
                text = self._story(in_sheets=in_sheets).text(margin)
                if text.strip() and text not in shown:
                    shown.add(text)
                    yield Block(text)

    def _object_words(self, name: str) -> list[str]:
        """Return what an embedded object says: a chart's titles and labels, a text's or a table's words."""
        root = self._part(f"{name.removeprefix('./').rstrip('/')}/content.xml")
        body = child_of(root, "body")
        if body is None:
            return []
        story = Story(in_chart=child_of(body, "chart") is not None)
        return [block.text for block in story.blocks(body) if block.text.strip()]

    def _part(self, name: str) -> Element | None:
        if name not in self._names:
            return None
        try:
            return _root(self._package, name)[0]
        except _ERRORS as error:
            self._problems.append(f"The part {name} is damaged and was not read: {error}")
            return None

    def _metadata(self, heading: str | None) -> FileMetadata:
        root = self._part("meta.xml")
        stated: dict[str, str] = {}
        properties = child_of(root, "meta")
        for element in properties if properties is not None else ():
            stated.setdefault(local_name(element), (element.text or "").strip())
        author = stated.get("initial-creator") or stated.get("creator")
        return FileMetadata(
            title=stated.get("title") or None,
            authors=(author,) if author else (),
            created=stated.get("creation-date") or None,
            modified=stated.get("date") or None,
            language=stated.get("language") or None,
            heading=heading,
        )
