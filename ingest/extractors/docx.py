"""Extraction of Word documents (DOCX, also templates and those with macros) by python-docx, complete.

The library opens the package; its paragraphs alone would lose a quarter of the words, so the XML is walked. Sections
begin at page breaks and at headings of the first level. What a section refers to (footnotes, endnotes, comments)
stands at its end; a header or footer stands once, where it first applies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from zipfile import ZipFile

from docx.opc.exceptions import OpcError
from docx.opc.part import Part, XmlPart
from docx.package import Package
from lxml import etree  # type: ignore[import-untyped]

from holdings.errors import CorruptError
from ingest.extractors.packages import ZIP_ERRORS, check_package
from ingest.extractors.sections import Block, sections
from ingest.extractors.wordprocessing import Element, Story, attribute, child_of, local_name, read_styles
from ingest.model import ExtractionEvent, FileMetadata, Page, PageUnit, Truncation

_ERRORS = (*ZIP_ERRORS, OpcError, etree.LxmlError, AttributeError, AssertionError, TypeError)
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
# Relations are told by the end of their type: the strict form of the standard has another beginning.
_NOTES = {"footnotes": "footnoteReference", "endnotes": "endnoteReference", "comments": "commentReference"}


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the sections of a Word document and what it says of itself.

    Raises EncryptedError, CorruptError, ArchiveBombError, UnsafeFileError.
    """
    check_package(path)
    try:
        package = Package.open(str(path))
        main = _main_part(package)
        body = child_of(_root(main), "body")
    except _ERRORS as error:
        yield from _body_alone(path, error)
        return
    document = _Document(main)
    blocks = list(document.blocks(body)) if body is not None else []
    yield _metadata(package, document.story.heading)
    yield from _pages(blocks)
    for problem in document.problems:
        yield Truncation(problem)


def _pages(blocks: list[Block]) -> Iterator[Page]:
    for number, section in enumerate(sections(block for block in blocks if block.text or block.breaks), 1):
        yield Page(number, PageUnit.SECTION, section)


def _body_alone(path: Path, error: Exception) -> Iterator[ExtractionEvent]:
    """Read what can be read of a package that the library refuses: a missing picture is no reason to lose the words."""
    try:
        with ZipFile(path) as package:
            body = child_of(etree.fromstring(package.read("word/document.xml"), _PARSER), "body")
        blocks = [block for block in Story().blocks(body) if isinstance(block, Block)]
    except _ERRORS:
        raise CorruptError(f"This is not a readable Word document: {type(error).__name__}: {error}") from error
    yield from _pages(blocks)
    yield Truncation(f"The package is damaged; only the body of the document was read: {type(error).__name__}: {error}")


def _main_part(package: Package) -> Part:
    for relation in package.rels.values():
        if relation.reltype.endswith("/officeDocument") and not relation.is_external:
            return cast(Part, relation.target_part)
    raise CorruptError("The package has no main document")


def _root(part: Part) -> Element:
    return part.element if isinstance(part, XmlPart) else etree.fromstring(part.blob, _PARSER)


@dataclass(slots=True)
class _Document:
    """The stories of a document: the body, and what its relations lead to."""

    main: Part
    story: Story = field(default_factory=Story)
    problems: list[str] = field(default_factory=list)
    _notes: dict[tuple[str, str], Any] = field(default_factory=dict)
    _shown: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for relation in self.main.rels.values():
            kind = relation.reltype.rpartition("/")[2]
            if relation.is_external or not (kind == "styles" or kind in _NOTES):
                continue
            root = self._part_root(relation.target_part)
            if root is None:
                continue
            if kind == "styles":
                self.story.styles = read_styles(root)
            else:
                self._notes.update(
                    ((_NOTES[kind], attribute(note, "id") or ""), note)
                    for note in root
                    # Separators and the like are of another type.
                    if local_name(note) and attribute(note, "type") in (None, "normal")
                )
        self.story.note = self._take_note

    def blocks(self, body: Element) -> Iterator[Block]:
        """Yield the blocks of the body, with headers before and footers after the part of it to which they belong."""
        properties = list(body.iter("{*}sectPr"))
        ended = 0
        yield from self._margins(properties[:1], "headerReference", breaks=False)
        for block in self.story.blocks(body):
            if isinstance(block, Block):
                yield block
                continue
            yield from self._margins([block.properties], "footerReference", breaks=False)
            ended += 1
            following = properties[ended : ended + 1]
            breaks = bool(following) and attribute(child_of(following[0], "type"), "val") != "continuous"
            yield from self._margins(following, "headerReference", breaks=breaks)
        # What nothing refers to any more is still in the file, and in the margin of many programs.
        for reference in list(self._notes):
            if note := self._take_note(*reference):
                yield Block(note)

    def _take_note(self, kind: str, identifier: str) -> str | None:
        note = self._notes.pop((kind, identifier), None)
        return Story().text(note) if note is not None else None

    def _margins(self, properties: list[Element], name: str, *, breaks: bool) -> Iterator[Block]:
        if breaks:
            yield Block("", breaks=True)
        for reference in (found for element in properties for found in element.iterchildren(f"{{*}}{name}")):
            relation = self.main.rels.get(attribute(reference, "id") or "")
            root = self._part_root(relation.target_part) if relation is not None and not relation.is_external else None
            text = Story().text(root) if root is not None else ""
            if text.strip() and text not in self._shown:
                self._shown.add(text)
                yield Block(text)

    def _part_root(self, part: Part) -> Element | None:
        try:
            return _root(part)
        except _ERRORS as error:
            self.problems.append(f"The part {part.partname} is damaged and was not read: {error}")
            return None


def _metadata(package: Package, heading: str | None) -> FileMetadata:
    part = next((r.target_part for r in package.rels.values() if r.reltype.endswith("/core-properties")), None)
    try:
        root = _root(part) if part is not None else ()
    except _ERRORS:
        root = ()
    stated = {local_name(element): (element.text or "").strip() for element in root}
    return FileMetadata(
        title=stated.get("title") or None,
        authors=tuple(author.strip() for author in stated.get("creator", "").split(";") if author.strip()),
        created=stated.get("created") or None,
        modified=stated.get("modified") or None,
        language=stated.get("language") or None,
        heading=heading,
    )
