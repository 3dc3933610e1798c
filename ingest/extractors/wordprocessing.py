"""The words of a WordprocessingML story (a body, a header, a note) in reading order, as blocks.

Deleted and moved-away text is left out, inserted text is in; of alternatives the first counts. Names are compared
without their namespaces: the transitional and the strict form of the standard differ only there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ingest.extractors.elements import Element, attribute, child_of, chosen, is_on, local_name
from ingest.extractors.numbering import Numbering, StyleNumbering, whole_number
from ingest.extractors.sections import Block

# Gives the text of a footnote, an endnote or a comment by the name of what refers to it, and its id.
Note = Callable[[str, str], str | None]
# Gives the lines of what stands in another part: of a chart, a diagram, a file within the document.
Graphic = Callable[[Element], list[str]]

# What holds nothing to be read: properties, deletions, alternatives for older programs, instructions of fields.
_SKIPPED = frozenset(
    "rPr pPr tblPr tblGrid trPr tcPr sdtPr sdtEndPr del moveFrom Fallback instrText delText delInstrText".split()  # noqa: SIM905
)
_SIGNS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_GRAPHICS = frozenset({"chart", "relIds", "altChunk", "blip", "imagedata"})
_REFERENCES = frozenset({"footnoteReference", "endnoteReference", "commentReference"})
# XML cannot hold this character itself.
_PAGE_BREAK = "\f"


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph style says that matters here. `level` counts headings from 1."""

    name: str
    level: int | None
    breaks_page: bool
    numbering: StyleNumbering | None = None


@dataclass(frozen=True, slots=True)
class SectionEnd:
    """A section in Word's sense ends; its properties name its headers and footers."""

    properties: Element


@dataclass(slots=True)
class _Paragraph:
    words: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    graphics: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Story:
    """Reads stories. After it, `heading` is the paragraph in the style Title, else the first heading of level 1.

    The style "" is that of paragraphs that name none.
    """

    styles: dict[str, Style] = field(default_factory=dict)
    note: Note = lambda _kind, _id: None
    numbering: Numbering = field(default_factory=Numbering)
    graphic: Graphic = lambda _element: []
    _title: str | None = None
    _first_heading: str | None = None
    _break_due: bool = False
    _box_numbering: Numbering | None = None

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
                if child_of(child_of(child, "trPr"), "del") is None:
                    yield self._row(child)
            elif name == "sectPr":
                yield SectionEnd(child)
            elif name in _GRAPHICS:
                yield from map(Block, self.graphic(child))
            elif name == "AlternateContent":
                yield from self.blocks(_read(child))
            elif name and name not in _SKIPPED:
                yield from self.blocks(child)

    def text(self, container: Element) -> str:
        """Return a whole story as one text."""
        return "\n".join(block.text for block in self.blocks(container) if isinstance(block, Block) and block.text)

    def _paragraph(self, element: Element) -> Iterator[Block | SectionEnd]:
        paragraph = _Paragraph()
        self._gather(element, paragraph)
        words = "".join(paragraph.words)
        properties = child_of(element, "pPr")
        style = self.styles.get(attribute(child_of(properties, "pStyle"), "val") or "")
        label = self._label(properties, style)
        title = words.replace(_PAGE_BREAK, " ").strip()
        breaks = self._note_style(properties, style, title, has_text=bool(title or label)) or self._break_due
        parts = words.split(_PAGE_BREAK)
        at = next((place for place, part in enumerate(parts) if part.strip()), len(parts) - 1)
        parts[at] = label + parts[at]
        *before, last = parts
        for part in before:
            if part.strip() or not breaks:
                yield Block(part.strip("\n"), breaks)
            breaks = True
        # A page break at the end of a paragraph means the next one.
        self._break_due = breaks and not last.strip()
        yield Block(last.strip("\n"), breaks and not self._break_due, tuple(paragraph.notes))
        for box in paragraph.boxes:
            yield from self._box(box)
        yield from map(Block, paragraph.graphics)
        section = child_of(properties, "sectPr")
        if section is not None:
            yield SectionEnd(section)

    def _box(self, box: Element) -> Iterator[Block | SectionEnd]:
        """Read a text box; its lists do not go on counting where those around it are."""
        self._box_numbering = self._box_numbering or self.numbering.afresh()
        around, self.numbering = self.numbering, self._box_numbering
        blocks = list(self.blocks(box))
        self.numbering = around
        yield from blocks

    def _label(self, properties: Element | None, style: Style | None) -> str:
        marks = child_of(properties, "rPr")
        if child_of(marks, "del") is not None or child_of(marks, "moveFrom") is not None:
            # The paragraph's end is deleted: it is one with the next.
            return ""
        return self.numbering.label(properties, style.numbering if style is not None else None)

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
            elif name in ("txbxContent", "txBody"):
                into.boxes.append(child)
            elif name == "textpath":
                # Letters drawn along a line: old WordArt, and the word across a draft.
                into.words.append(attribute(child, "string") or "")
            elif name in _GRAPHICS:
                into.graphics += self.graphic(child)
            elif name == "AlternateContent":
                self._gather(_read(child), into)
            elif name and name not in _SKIPPED:
                self._gather(child, into)

    def _note_style(self, properties: Element | None, style: Style | None, title: str, *, has_text: bool) -> bool:
        """Say whether a paragraph begins a section by its style, and remember it if it may be the title."""
        level = _level(properties) or (style.level if style else None)
        if title:
            if style is not None and style.name == "title":
                self._title = self._title or title
            elif level == 1:
                self._first_heading = self._first_heading or title
        breaks = child_of(properties, "pageBreakBefore")
        breaks_page = is_on(breaks) if breaks is not None else bool(style and style.breaks_page)
        return breaks_page or (level == 1 and has_text)

    def _row(self, element: Element) -> Block:
        cells: list[str] = []
        notes: list[str] = []
        breaks = False
        for cell in element.iterchildren("{*}tc", "{*}sdt", "{*}customXml", "{*}ins"):
            if child_of(child_of(cell, "tcPr"), "cellDel") is not None:
                continue
            blocks = [block for block in self.blocks(cell) if isinstance(block, Block)]
            cells.append("\n".join(block.text for block in blocks if block.text))
            notes.extend(note for block in blocks for note in block.notes)
            breaks = breaks or any(block.breaks for block in blocks)
        return Block("\t".join(cells), breaks, tuple(notes))


def read_styles(root: Element) -> dict[str, Style]:
    """Return the styles by id, each with what it inherits; the one for paragraphs that name none also as ""."""
    elements = {attribute(style, "styleId"): style for style in root.iterchildren("{*}style")}
    styles: dict[str, Style] = {}
    for identifier, element in elements.items():
        if identifier is None:
            continue
        level, breaks, instance, list_level = None, None, None, None
        ancestor: str | None = identifier
        line: dict[str, None] = {}
        while ancestor in elements and ancestor is not None and ancestor not in line:
            line[ancestor] = None
            properties = child_of(elements[ancestor], "pPr")
            level = level or _level(properties)
            own = child_of(properties, "pageBreakBefore")
            breaks = breaks if breaks is not None or own is None else is_on(own)
            numbers = child_of(properties, "numPr")
            instance = instance or attribute(child_of(numbers, "numId"), "val")
            list_level = list_level if list_level is not None else whole_number(child_of(numbers, "ilvl"))
            ancestor = attribute(child_of(elements[ancestor], "basedOn"), "val")
        name = (attribute(child_of(element, "name"), "val") or identifier).casefold()
        numbering = StyleNumbering(instance, list_level, tuple(line)) if instance else None
        styles[identifier] = Style(name, level, bool(breaks), numbering)
        if attribute(element, "type") == "paragraph" and attribute(element, "default") in ("1", "true", "on"):
            styles[""] = styles[identifier]
    return styles


def _read(alternatives: Element) -> Element:
    choice = chosen(alternatives)
    return choice if choice is not None else ()


def _level(properties: Element | None) -> int | None:
    value = attribute(child_of(properties, "outlineLvl"), "val")
    # The standard counts from 0; 9 is body text.
    return int(value) + 1 if value and value.isascii() and value.isdigit() and int(value) < 9 else None
