"""Extraction of Word documents (DOCX, also templates and those with macros), complete.

Sections begin at page breaks and at headings of the first level. What a section refers to (footnotes, endnotes,
comments) stands at its end; a header or footer stands once, where it first applies. Charts and diagrams follow the
paragraph that holds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from holdings.errors import CorruptError
from ingest.extractors.drawing import graphic_words
from ingest.extractors.elements import Element, attribute, child_of, local_name, relation_id
from ingest.extractors.numbering import Numbering, read_numbering
from ingest.extractors.open_packaging import OfficePackage, Relation, core_metadata
from ingest.extractors.sections import Block, sections
from ingest.extractors.wordprocessing import Story, Style, read_styles
from ingest.model import ExtractionEvent, Page, PageUnit, Truncation

_MAIN = "word/document.xml"
_NOTES = {"footnotes": "footnoteReference", "endnotes": "endnoteReference", "comments": "commentReference"}


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the sections of a Word document and what it says of itself.

    Raises EncryptedError, CorruptError, ArchiveBombError, UnsafeFileError.
    """
    with OfficePackage(path) as package:
        main = package.main_part(_MAIN)
        root = package.root(main)
        if root is None:
            raise CorruptError(f"This is not a readable Word document: {package.problems[-1]}")
        body = child_of(root, "body")
        document = _Document(package, main)
        try:
            blocks = list(document.blocks(body if body is not None else root))
        except RecursionError:
            package.problems.append("The document is nested too deeply; its words were read as they stand in the file")
            blocks = list(_flat(root))
        if body is None and not any(block.text for block in blocks):
            raise CorruptError(f"This is not a readable Word document: {main} has no body")
        yield core_metadata(package, document.story.heading)
        for number, section in enumerate(sections(block for block in blocks if block.text or block.breaks), 1):
            yield Page(number, PageUnit.SECTION, section)
        for problem in dict.fromkeys(package.problems):
            yield Truncation(problem)


def _flat(root: Element) -> Iterator[Block]:
    """Yield the words of a document paragraph by paragraph, whatever it is made of."""
    words: list[str] = []
    for element in root.iter("{*}p", "{*}t"):
        if local_name(element) == "t":
            words.append(element.text or "")
        else:
            yield Block("".join(words))
            words.clear()
    yield Block("".join(words))


@dataclass(frozen=True, slots=True)
class _Source:
    """A part with a text of its own: what it refers to, and where its lists have got to in counting."""

    relations: Mapping[str, Relation]
    numbering: Numbering


@dataclass(slots=True)
class _Document:
    """The stories of a document: the body, and what its relations lead to."""

    package: OfficePackage
    main: str
    story: Story = field(init=False)
    _styles: dict[str, Style] = field(default_factory=dict)
    _numbering: Numbering = field(default_factory=Numbering)
    _relations: Mapping[str, Relation] = field(default_factory=dict)
    _notes: dict[tuple[str, str], tuple[Element, _Source]] = field(default_factory=dict)
    _margin_texts: dict[str, str] = field(default_factory=dict)
    _shown: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._relations = self.package.relations(self.main)
        if (styles := self._part("styles")) is not None:
            self._styles = read_styles(styles)
        if (numbering := self._part("numbering")) is not None:
            self._numbering = read_numbering(
                numbering, {name: style.numbering for name, style in self._styles.items() if style.numbering}
            )
        for relation in self._relations.values():
            if relation.kind in _NOTES:
                self._read_notes(relation)
        self.story = self._story(_Source(self._relations, self._numbering))
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

    def _part(self, kind: str) -> Element | None:
        relation = next((r for r in self._relations.values() if r.kind == kind), None)
        return self.package.root(relation.target) if relation is not None else None

    def _story(self, source: _Source) -> Story:
        def graphic(element: Element) -> list[str]:
            if local_name(element) != "altChunk":
                return graphic_words(element, source.relations, self.package)
            relation = source.relations.get(relation_id(element) or "")
            if relation is not None:
                self.package.problems.append(f"The file {relation.target} within the document was not read")
            return []

        return Story(self._styles, numbering=source.numbering, graphic=graphic)

    def _read_notes(self, relation: Relation) -> None:
        root = self.package.root(relation.target)
        if root is None:
            return
        source = self._source(relation.target)
        for note in root:
            # Separators and the like are of another type.
            if local_name(note) and attribute(note, "type") in (None, "normal"):
                self._notes[_NOTES[relation.kind], attribute(note, "id") or ""] = (note, source)

    def _source(self, part: str) -> _Source:
        return _Source(self.package.relations(part), self._numbering.afresh())

    def _take_note(self, kind: str, identifier: str) -> str | None:
        note, source = self._notes.pop((kind, identifier), (None, None))
        return self._story(source).text(note) if source is not None else None

    def _margins(self, properties: list[Element], name: str, *, breaks: bool) -> Iterator[Block]:
        if breaks:
            yield Block("", breaks=True)
        for reference in (found for element in properties for found in element.iterchildren(f"{{*}}{name}")):
            relation = self._relations.get(relation_id(reference) or "")
            text = self._margin(relation.target) if relation is not None else ""
            if text.strip() and text not in self._shown:
                self._shown.add(text)
                yield Block(text)

    def _margin(self, part: str) -> str:
        if part not in self._margin_texts:
            root = self.package.root(part)
            self._margin_texts[part] = self._story(self._source(part)).text(root) if root is not None else ""
        return self._margin_texts[part]
