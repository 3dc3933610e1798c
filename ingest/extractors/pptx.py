"""Extraction of presentations (PPTX, also shows, templates and those with macros), slide by slide, complete.

A slide is what a reader sees of it: its title, its text in the order in which PowerPoint reads it aloud, what its
layout writes on it, then its notes and comments. What stands on every slide is given where it first stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from holdings.errors import CorruptError
from ingest.extractors.drawing import graphic_words, paragraph_text, paragraphs
from ingest.extractors.elements import Element, attribute, child_of, chosen, local_name, relation_id
from ingest.extractors.open_packaging import OfficePackage, Relation, core_metadata
from ingest.model import ExtractionEvent, Page, PageUnit, Truncation

_MAIN = "ppt/presentation.xml"
_SLIDE_PART = re.compile(r"ppt/slides/slide(\d+)\.xml", re.IGNORECASE)
_TITLES = frozenset({"title", "ctrTitle"})
_MARGINS = frozenset({"hdr", "dt", "ftr", "sldNum"})
# A picture of the slide, and its number: they say nothing in the notes.
_NOT_IN_NOTES = frozenset({"sldImg", "sldNum"})
# The sign for a number that is filled in when the slide is shown.
_NUMBER_PROMPTS = frozenset({"‹#›", "<#>", "‹N°›", "‹Nr.›", "‹nº›"})
_NO_SHAPES: tuple[str, ...] = ("0", "false")


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the slides of a presentation and what it says of itself.

    Raises EncryptedError, CorruptError, ArchiveBombError, UnsafeFileError.
    """
    with OfficePackage(path) as package:
        names = _slides(package)
        yield from _problems(package)
        presentation = _Presentation(package)
        heading = None
        has_begun = False
        for number, name in enumerate(names, 1):
            slide = presentation.slide(name)
            yield Page(number, PageUnit.SLIDE, "\n".join(slide.lines))
            yield from _problems(package, f"Slide {number}: ")
            if slide.lines and not has_begun:
                heading, has_begun = slide.title, True
        if not names:
            yield Page(1, PageUnit.SLIDE, "")
        yield core_metadata(package, heading)
        yield from _problems(package)


def _problems(package: OfficePackage, where: str = "") -> Iterator[Truncation]:
    for problem in package.problems:
        yield Truncation(f"{where}{problem}")
    package.problems.clear()


def _slides(package: OfficePackage) -> list[str | None]:
    """Return the names of the slides' parts in the order of the presentation, hidden ones too; None for a lost one."""
    main = package.main_part(_MAIN)
    root = package.root(main)
    relations = package.relations(main)
    listed = root.iterfind("{*}sldIdLst/{*}sldId") if root is not None else ()
    found = [relations.get(relation_id(slide) or "") for slide in listed]
    if any(found) or (root is not None and not found and not package.problems):
        return [relation.target if relation is not None else None for relation in found]
    # The list is lost, the slides may be there; their numbers are mostly in the order in which they were made.
    numbered = ((match, part) for part in package.names if (match := _SLIDE_PART.fullmatch(part)))
    names: list[str | None] = [part for _, part in sorted((int(match[1]), part) for match, part in numbered)]
    if root is None and not names:
        raise CorruptError(f"This is not a readable presentation: {package.problems[-1]}")
    return names


@dataclass(slots=True)
class _Slide:
    title: str | None = None
    lines: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Presentation:
    """Reads slides; knows the layouts and masters, and which of their lines were given already."""

    package: OfficePackage
    _backgrounds: dict[str, tuple[list[str], str | None]] = field(default_factory=dict)
    _given: set[str] = field(default_factory=set)

    def slide(self, name: str | None) -> _Slide:
        """Read the slide of that name; of one that is damaged, what can be read."""
        slide = _Slide()
        if name is None:
            self.package.problems.append("the presentation does not say where it is")
        root = self.package.root(name) if name is not None else None
        if name is None or root is None:
            return slide
        relations = self.package.relations(name)
        shapes = _Shapes(self.package, relations)
        shapes.read(root)
        slide.title = " ".join(" ".join(shapes.titles).split()) or None
        slide.lines += [*shapes.titles, *shapes.body]
        layout = next((r.target for r in relations.values() if r.kind == "slideLayout"), None)
        if layout is not None and attribute(root, "showMasterSp") not in _NO_SHAPES:
            slide.lines += self._first_time(self._background(layout))
        slide.lines += shapes.margins
        for relation in relations.values():
            if relation.kind == "notesSlide":
                slide.lines += self._notes(relation.target)
            elif relation.kind == "comments":
                slide.lines += self._comments(relation.target)
        return slide

    def _background(self, name: str) -> list[str]:
        """Return what a layout writes on its slides, and what its master does; placeholders are for slides to fill."""
        lines: list[str] = []
        master: str | None = name
        while master is not None:
            if master not in self._backgrounds:
                self._backgrounds[master] = ([], None)
                self._backgrounds[master] = self._read_background(master)
            own, master = self._backgrounds[master]
            lines += own
        return lines

    def _read_background(self, name: str) -> tuple[list[str], str | None]:
        root = self.package.root(name)
        if root is None:
            return [], None
        relations = self.package.relations(name)
        shapes = _Shapes(self.package, relations, with_placeholders=False)
        shapes.read(root)
        master = next((r.target for r in relations.values() if r.kind == "slideMaster"), None)
        shows = local_name(root) == "sldLayout" and attribute(root, "showMasterSp") not in _NO_SHAPES
        return shapes.body, master if shows else None

    def _notes(self, name: str) -> list[str]:
        root = self.package.root(name)
        if root is None:
            return []
        shapes = _Shapes(self.package, self.package.relations(name), left_out=_NOT_IN_NOTES)
        shapes.read(root)
        return [*shapes.body, *self._first_time(shapes.margins)]

    def _comments(self, name: str) -> list[str]:
        """Return comments and the answers to them, of the old form (`p:text`) and of the new one (`p188:txBody`)."""
        root = self.package.root(name)
        if root is None:
            return []
        found = root.iter("{*}text", "{*}txBody")
        lines = (e.text or "" if local_name(e) == "text" else "\n".join(paragraphs(e)) for e in found)
        return [line for line in lines if line.strip()]

    def _first_time(self, lines: list[str]) -> list[str]:
        new = [line for line in dict.fromkeys(lines) if line not in self._given]
        self._given.update(new)
        return new


@dataclass(slots=True)
class _Shapes:
    """Sorts the words of a tree of shapes: titles, what stands in the body, what stands in the margins."""

    package: OfficePackage
    relations: Mapping[str, Relation]
    with_placeholders: bool = True
    left_out: frozenset[str] = frozenset()
    titles: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    margins: list[str] = field(default_factory=list)

    def read(self, root: Element) -> None:
        """Walk the tree in its order, groups at any depth."""
        waiting = [root]
        while waiting:
            element = waiting.pop()
            name = local_name(element)
            if name == "sp":
                self._shape(element)
            elif name == "tbl":
                self.body += [line for row in element.iterchildren("{*}tr") if (line := _row(row)).strip()]
            elif name in ("chart", "relIds", "blip"):
                self.body += graphic_words(element, self.relations, self.package)
            elif name == "oleObj":
                self.body += self._object(element)
                waiting += reversed(element)
            elif name == "p":
                # What is damaged may have lost the shape around it.
                self.body += [text for text in [paragraph_text(element)] if text.strip()]
            elif name == "AlternateContent":
                choice = chosen(element)
                waiting += [] if choice is None else [choice]
            elif name and name != "extLst":
                waiting += reversed(element)

    def _object(self, element: Element) -> list[str]:
        """Return the words of the picture of an object of another program that old files keep in a drawing apart."""
        shape = attribute(element, "spid")
        lines: list[str] = []
        for relation in self.relations.values() if shape else ():
            drawing = self.package.root(relation.target) if relation.kind == "vmlDrawing" else None
            if drawing is None:
                continue
            pictures = self.package.relations(relation.target)
            for drawn in drawing.iter("{*}shape"):
                if shape in (attribute(drawn, "id"), attribute(drawn, "spid")):
                    for data in drawn.iter("{*}imagedata"):
                        lines += graphic_words(data, pictures, self.package)
        return lines

    def _shape(self, element: Element) -> None:
        properties = next(element.iter("{*}nvPr"), None)
        placeholder = child_of(properties, "ph")
        kind = (attribute(placeholder, "type") or "obj") if placeholder is not None else None
        if kind in self.left_out or (kind is not None and not self.with_placeholders):
            return
        lines = [line for line in paragraphs(element) if line.strip() not in _NUMBER_PROMPTS]
        if kind in _TITLES:
            self.titles += lines
        elif kind in _MARGINS:
            self.margins += lines
        else:
            self.body += lines


def _row(row: Element) -> str:
    return "\t".join("\n".join(paragraphs(cell)) for cell in row.iterchildren("{*}tc"))
