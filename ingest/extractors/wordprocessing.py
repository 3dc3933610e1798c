"""The words of a WordprocessingML story (a body, a header, a note) in reading order, as blocks.

Deleted and moved-away text is left out, inserted text is in; of alternatives the first counts. Names are compared
without their namespaces: the transitional and the strict form of the standard differ only there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.extractors.sections import Block

# lxml's types are not for others to import.
Element = Any
# Gives the text of a footnote, an endnote or a comment by the name of what refers to it, and its id.
Note = Callable[[str, str], str | None]

# What holds nothing to be read: properties, deletions, alternatives for older programs, instructions of fields.
_SKIPPED = frozenset(
    "rPr pPr tblPr tblGrid trPr tcPr sdtPr sdtEndPr del moveFrom Fallback instrText delText delInstrText".split()  # noqa: SIM905
)
_SIGNS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_REFERENCES = frozenset({"footnoteReference", "endnoteReference", "commentReference"})
# XML cannot hold this character itself.
_PAGE_BREAK = "\f"


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph style says that matters here. `level` counts headings from 1."""

    name: str
    level: int | None
    breaks_page: bool


@dataclass(frozen=True, slots=True)
class SectionEnd:
    """A section in Word's sense ends; its properties name its headers and footers."""

    properties: Element


@dataclass(slots=True)
class _Paragraph:
    words: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)


@dataclass(slots=True)
class Story:
    """Reads stories. After it, `heading` is the paragraph in the style Title, else the first heading of level 1."""

    styles: dict[str, Style] = field(default_factory=dict)
    note: Note = lambda _kind, _id: None
    _title: str | None = None
    _first_heading: str | None = None
    _break_due: bool = False

    @property
    def heading(self) -> str | None:
        return self._title or self._first_heading

    def blocks(self, container: Element) -> Iterator[Block | SectionEnd]:
        """Yield paragraphs and rows of tables; the text boxes of a paragraph follow it."""
        for child in container:
            name = local_name(child)
            if name == "p":
                yield from self._paragraph(child)
            elif name == "tr":
                yield self._row(child)
            elif name == "sectPr":
                yield SectionEnd(child)
            elif name and name not in _SKIPPED:
                yield from self.blocks(child)

    def text(self, container: Element) -> str:
        """Return a whole story as one text."""
        return "\n".join(block.text for block in self.blocks(container) if isinstance(block, Block) and block.text)

    def _paragraph(self, element: Element) -> Iterator[Block | SectionEnd]:
        paragraph = _Paragraph()
        self._gather(element, paragraph)
        words = "".join(paragraph.words)
        breaks = self._note_style(element, words.replace(_PAGE_BREAK, " ").strip()) or self._break_due
        *before, last = words.split(_PAGE_BREAK)
        for part in before:
            if part.strip() or not breaks:
                yield Block(part.strip("\n"), breaks)
            breaks = True
        # A page break at the end of a paragraph means the next one.
        self._break_due = breaks and not last.strip()
        yield Block(last.strip("\n"), breaks and not self._break_due, tuple(paragraph.notes))
        for box in paragraph.boxes:
            yield from self.blocks(box)
        properties = child_of(child_of(element, "pPr"), "sectPr")
        if properties is not None:
            yield SectionEnd(properties)

    def _gather(self, element: Element, into: _Paragraph) -> None:
        for child in element:
            name = local_name(child)
            if name == "t":
                into.words.append(child.text or "")
            elif name in _SIGNS:
                into.words.append(_SIGNS[name])
            elif name == "br":
                into.words.append(_PAGE_BREAK if attribute(child, "type") == "page" else "\n")
            elif name in _REFERENCES:
                note = self.note(name, attribute(child, "id") or "")
                if note:
                    into.notes.append(note)
            elif name == "txbxContent":
                into.boxes.append(child)
            elif name and name not in _SKIPPED:
                self._gather(child, into)

    def _note_style(self, element: Element, words: str) -> bool:
        """Say whether a paragraph begins a section by its style, and remember it if it may be the title."""
        properties = child_of(element, "pPr")
        if properties is None:
            return False
        style = self.styles.get(attribute(child_of(properties, "pStyle"), "val") or "")
        level = _level(properties) or (style.level if style else None)
        if words:
            if style is not None and style.name == "title":
                self._title = self._title or words
            elif level == 1:
                self._first_heading = self._first_heading or words
        breaks = child_of(properties, "pageBreakBefore")
        breaks_page = _is_on(breaks) if breaks is not None else bool(style and style.breaks_page)
        return breaks_page or (level == 1 and bool(words))

    def _row(self, element: Element) -> Block:
        cells: list[str] = []
        notes: list[str] = []
        breaks = False
        for cell in element.iterchildren("{*}tc", "{*}sdt", "{*}customXml", "{*}ins"):
            blocks = [block for block in self.blocks(cell) if isinstance(block, Block)]
            cells.append("\n".join(block.text for block in blocks if block.text))
            notes.extend(note for block in blocks for note in block.notes)
            breaks = breaks or any(block.breaks for block in blocks)
        return Block("\t".join(cells), breaks, tuple(notes))


def read_styles(root: Element) -> dict[str, Style]:
    """Return the paragraph styles by id, each with what it inherits."""
    elements = {attribute(style, "styleId"): style for style in root.iterchildren("{*}style")}
    styles: dict[str, Style] = {}
    for identifier, element in elements.items():
        if identifier is None:
            continue
        level, breaks = None, None
        ancestor, seen = element, set()
        while ancestor is not None and id(ancestor) not in seen:
            seen.add(id(ancestor))
            properties = child_of(ancestor, "pPr")
            level = level or _level(properties)
            own = child_of(properties, "pageBreakBefore")
            breaks = breaks if breaks is not None or own is None else _is_on(own)
            ancestor = elements.get(attribute(child_of(ancestor, "basedOn"), "val"))
        name = (attribute(child_of(element, "name"), "val") or identifier).casefold()
        styles[identifier] = Style(name, level, bool(breaks))
    return styles


def local_name(element: Element) -> str:
    """Return an element's name without its namespace; empty for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Element | None, name: str) -> str | None:
    """Return an attribute by its name without namespace; None where there is none, or no element."""
    if element is None:
        return None
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


def child_of(element: Element | None, name: str) -> Element | None:
    """Return the first child of that name without namespace; None where there is none, or no element."""
    return None if element is None else next(element.iterchildren(f"{{*}}{name}"), None)


def _level(properties: Element | None) -> int | None:
    value = attribute(child_of(properties, "outlineLvl"), "val")
    # The standard counts from 0; 9 is body text.
    return int(value) + 1 if value and value.isascii() and value.isdigit() and int(value) < 9 else None


def _is_on(element: Element) -> bool:
    return attribute(element, "val") not in ("0", "false", "off")
