"""The words of an OpenDocument story (a body, a header, a note, a cell) in reading order, as blocks.

Tracked deletions are left out, insertions are in. Names are compared without their namespaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ingest.extractors.elements import Element, attribute, local_name
from ingest.extractors.sections import Block

# Gives the words of an embedded object by its path in the package.
ObjectWords = Callable[[str], list[str]]

_SKIPPED_WORDS = (
    "tracked-changes forms scripts sequence-decls variable-decls user-field-decls dde-connection-decls table- "
    "columns table-column table-column-group table-header-columns covered-table-cell ruby-text binary-data event- "
    "listeners hidden-text glue-point calculation-settings content-validations named-expressions database-ranges "
    "data-pilot-tables header-decl footer-decl date-time-decl plot-area-source settings image-map bibliography- "
    "configuration notes-configuration linenumbering-configuration alphabetical-index-auto-mark-file table-of- "
    "content-source illustration-index-source table-index-source object-index-source user-index-source "
    "alphabetical-index-source bibliography-source"
)
_SKIPPED = frozenset(_SKIPPED_WORDS.split())
_PARAGRAPHS = frozenset({"p", "h"})
_SHAPES_WORDS = (
    "frame custom-shape g rect line polyline polygon regular-polygon path circle ellipse connector caption measure "
    "control page-thumbnail scene a text-box object applet plugin"
)
_SHAPES = frozenset(_SHAPES_WORDS.split())
# What the program fills in on slides and in the margins of sheets.
_FILLED_IN = frozenset("page-number page-count sheet-name file-name".split())  # noqa: SIM905
_MAX_SPACES = 1_000
_MAX_LEVEL = 10


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph style says that matters here, with what it inherits."""

    is_title: bool = False
    breaks_before: bool = False
    breaks_after: bool = False
    list_style: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered. `format` is empty for none."""

    format: str
    prefix: str
    suffix: str
    start: int
    shown: int


@dataclass(frozen=True, slots=True)
class Styles:
    paragraphs: dict[str, Style] = field(default_factory=dict)
    lists: dict[str, dict[int, Level]] = field(default_factory=dict)


@dataclass(slots=True)
class _Paragraph:
    words: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)


@dataclass(slots=True)
class _List:
    levels: dict[int, Level]
    counts: list[int] = field(default_factory=list)


class Story:
    """Reads stories. After it, `heading` is the paragraph in the style Title, else the first heading of level 1."""

    def __init__(
        self,
        styles: Styles | None = None,
        object_words: ObjectWords = lambda _: [],
        *,
        in_slides: bool = False,
        in_sheets: bool = False,
        in_chart: bool = False,
    ) -> None:
        self._styles = styles or Styles()
        self._object_words = object_words
        self._skipped = _SKIPPED | (_FILLED_IN if in_slides or in_sheets else frozenset())
        self._in_slides = in_slides
        self._in_chart = in_chart
        self._title: str | None = None
        self._first_heading: str | None = None
        self._break_due = False
        self._lists: list[_List] = []
        self._finished: dict[str, _List] = {}

    @property
    def heading(self) -> str | None:
        return self._title or self._first_heading

    def blocks(self, container: Element) -> Iterator[Block]:
        """Yield paragraphs and rows of tables; what is anchored at a paragraph (boxes, objects) follows it."""
        for child in container:
            name = local_name(child)
            if name in _PARAGRAPHS:
                yield from self._paragraph(child)
            elif name == "table-row":
                yield from self._row(child)
            elif name == "annotation":
                if note := Story(self._styles, self._object_words).text(child):
                    yield Block("", notes=(note,))
            elif name == "notes":
                # Of a slide.
                yield from (Block("", notes=(block.text,)) for block in self._notes(child))
            elif name == "list":
                yield from self._list(child)
            elif name in ("object", "object-ole"):
                yield from self._object(child)
            elif name == "frame":
                yield from self._frame(child)
            elif name and name not in self._skipped:
                yield from self.blocks(child)

    def text(self, container: Element) -> str:
        """Return a whole story as one text."""
        blocks = list(self.blocks(container))
        notes = (note for block in blocks for note in block.notes)
        return "\n".join(filter(None, [*(block.text for block in blocks), *notes]))

    def _notes(self, element: Element) -> Iterator[Block]:
        for block in Story(self._styles, self._object_words, in_slides=True).blocks(element):
            if block.text.strip():
                yield block

    def _paragraph(self, element: Element) -> Iterator[Block]:
        paragraph = _Paragraph()
        self._gather(element, paragraph)
        words = "".join(paragraph.words).strip("\n")
        style = self._styles.paragraphs.get(attribute(element, "style-name") or "", Style())
        top = local_name(element) == "h" and attribute(element, "outline-level") in (None, "1")
        if words.strip():
            if style.is_title:
                self._title = self._title or words
            elif top:
                self._first_heading = self._first_heading or words
        breaks = style.breaks_before or self._break_due or (top and bool(words.strip()))
        self._break_due = style.breaks_after
        yield Block(words, breaks, tuple(paragraph.notes))
        for box in paragraph.boxes:
            yield from self.blocks([box])

    def _gather(self, element: Element, into: _Paragraph) -> None:
        into.words.append(element.text or "")
        for child in element:
            name = local_name(child)
            if name == "s":
                into.words.append(" " * number(attribute(child, "c"), 1, _MAX_SPACES))
            elif name == "tab":
                into.words.append("\t")
            elif name == "line-break":
                into.words.append("\n")
            elif name == "note":
                for body in child.iterchildren("{*}note-body"):
                    note = Story(self._styles, self._object_words).text(body)
                    into.notes.extend([note] if note else [])
            elif name == "annotation":
                note = Story(self._styles, self._object_words).text(child)
                into.notes.extend([note] if note else [])
            elif name in _SHAPES and not (name == "a" and _is_text_link(child)):
                into.boxes.append(child)
            elif name and name not in self._skipped:
                self._gather(child, into)
            into.words.append(child.tail or "")

    def _frame(self, element: Element) -> Iterator[Block]:
        blocks = list(self._of_frame(element))
        if self._in_slides and attribute(element, "class") == "title":
            words = "\n".join(block.text for block in blocks).strip()
            self._title = self._title or words or None
        yield from blocks

    def _of_frame(self, element: Element) -> Iterator[Block]:
        """Of the alternatives in a frame, the first that is not a picture; what it says is also in its picture."""
        for child in element:
            name = local_name(child)
            if name in ("object", "object-ole"):
                yield from self._object(child)
            elif name and name not in self._skipped and name != "image":
                yield from self.blocks([child])

    def _object(self, element: Element) -> Iterator[Block]:
        if reference := attribute(element, "href"):
            yield from (Block(words) for words in self._object_words(reference))
        yield from self.blocks(element)

    def _row(self, element: Element) -> Iterator[Block]:
        cells: list[str] = []
        notes: list[str] = []
        breaks = False
        for cell in element.iterchildren("{*}table-cell"):
            # The numbers behind a chart are drawn, not written.
            if self._in_chart and attribute(cell, "value-type") not in (None, "string"):
                continue
            blocks = list(self.blocks(cell))
            cells.append("\n".join(block.text for block in blocks if block.text))
            notes.extend(note for block in blocks for note in block.notes)
            breaks = breaks or any(block.breaks for block in blocks)
        yield Block("\t".join(cells).rstrip("\t"), breaks, tuple(notes))

    def _list(self, element: Element) -> Iterator[Block]:
        name = attribute(element, "style-name")
        outer = self._lists[-1] if self._lists else None
        if name is None and outer is not None:
            current = outer
        else:
            levels = self._styles.lists.get(name or "", {})
            continued = attribute(element, "continue-list")
            before = self._finished.get(continued or name or "") if outer is None else None
            goes_on = continued is not None or attribute(element, "continue-numbering") == "true"
            counts = list(before.counts) if before is not None and goes_on else list(outer.counts if outer else ())
            current = _List(levels, counts)
        self._lists.append(current)
        depth = len(self._lists)
        if depth <= _MAX_LEVEL and outer is not None:
            del current.counts[depth - 1 :]
        for item in element:
            kind = local_name(item)
            if kind == "list-item":
                yield from self._item(item, current, depth)
            elif kind == "list-header":
                yield from self.blocks(item)
        self._lists.pop()
        for key in (identifier for identifier in (attribute(element, "id"), name) if identifier and outer is None):
            self._finished[key] = current

    def _item(self, item: Element, current: _List, depth: int) -> Iterator[Block]:
        level = current.levels.get(depth)
        starts_at = attribute(item, "start-value")
        while len(current.counts) < depth:
            place = len(current.counts) + 1
            current.counts.append((current.levels[place].start if place in current.levels else 1) - 1)
        del current.counts[depth:]
        label = ""
        first = next((local_name(child) for child in item if local_name(child)), "")
        if first in _PARAGRAPHS:
            current.counts[-1] = number(starts_at, current.counts[-1] + 1, 1_000_000)
            label = _label(current, level, depth)
        for position, block in enumerate(self.blocks(item)):
            if position == 0 and label and block.text.strip():
                yield Block(f"{label} {block.text}", block.breaks, block.notes)
            else:
                yield block


def _label(current: _List, level: Level | None, depth: int) -> str:
    if level is None or not level.format:
        return ""
    shown = current.counts[max(0, depth - level.shown) : depth]
    formats = [current.levels.get(depth - len(shown) + 1 + place, level).format or "1" for place in range(len(shown))]
    numbers = ".".join(_formatted(count, style) for count, style in zip(shown, formats, strict=True))
    return f"{level.prefix}{numbers}{level.suffix}"


def _formatted(count: int, style: str) -> str:
    if style in ("a", "A") and count > 0:
        letter = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1 if count < 1_000 else 1)
        return letter if style == "a" else letter.upper()
    if style in ("i", "I") and 0 < count < 4_000:
        roman = _roman(count)
        return roman if style == "i" else roman.upper()
    return str(count)


def _roman(count: int) -> str:
    letters = ""
    for value, sign in (
        (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
        (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    ):  # fmt: skip
        letters += sign * (count // value)
        count %= value
    return letters


def read_styles(*roots: Element) -> Styles:
    """Return the styles of paragraphs and lists by name; those of later parts count first."""
    elements = {
        attribute(style, "name"): style
        for root in roots
        for style in root.iter("{*}style")
        if attribute(style, "family") == "paragraph"
    }
    styles: dict[str, Style] = {}
    for name, element in elements.items():
        if name is not None:
            styles[name] = _with_ancestors(name, element, elements)
    lists = {attribute(style, "name") or "": _levels(style) for root in roots for style in root.iter("{*}list-style")}
    return Styles(styles, lists)


def _with_ancestors(name: str, element: Element, elements: dict[str | None, Element]) -> Style:
    before: str | None = None
    after: str | None = None
    is_title = False
    ancestor: Element | None = element
    ancestor_name: str | None = name
    seen: set[int] = set()
    while ancestor is not None and id(ancestor) not in seen:
        seen.add(id(ancestor))
        is_title = is_title or ancestor_name == "Title"
        for properties in ancestor.iterchildren("{*}paragraph-properties"):
            before = before or attribute(properties, "break-before")
            after = after or attribute(properties, "break-after")
        # A style that names a layout of pages begins a page with it; only the own style's counts.
        if ancestor is element and attribute(element, "master-page-name"):
            before = before or "page"
        ancestor_name = attribute(ancestor, "parent-style-name")
        ancestor = elements.get(ancestor_name)
    return Style(is_title, before == "page", after == "page", attribute(element, "list-style-name"))


def _levels(style: Element) -> dict[int, Level]:
    levels: dict[int, Level] = {}
    for level in style.iterchildren("{*}list-level-style-number"):
        levels[number(attribute(level, "level"), 1, _MAX_LEVEL)] = Level(
            attribute(level, "num-format") or "",
            attribute(level, "num-prefix") or "",
            attribute(level, "num-suffix") or "",
            number(attribute(level, "start-value"), 1, 1_000_000),
            number(attribute(level, "display-levels"), 1, _MAX_LEVEL),
        )
    return levels


def number(value: str | None, default: int, most: int) -> int:
    """Return a whole number that an attribute states, at most `most`; `default` where it states none."""
    return min(int(value), most) if value and value.isascii() and value.isdigit() and len(value) < 19 else default


def _is_text_link(element: Element) -> bool:
    return str(element.tag).startswith("{urn:oasis:names:tc:opendocument:xmlns:text:")


def joined(blocks: Iterable[Block]) -> str:
    """Return the lines of blocks as one."""
    return " ".join(" ".join(block.text.split()) for block in blocks if block.text.strip())
