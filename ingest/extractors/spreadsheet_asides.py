"""What an XLSX says besides its cells: comments, text boxes, charts, diagrams, headers and footers, sheet by sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from zipfile import ZipFile

from ingest.extractors.drawing import graphic_words, paragraphs
from ingest.extractors.elements import Element, attribute, local_name, relation_id
from ingest.extractors.open_packaging import OfficePackage
from ingest.extractors.packages import ZIP_ERRORS
from ingest.extractors.tables import margin_text

_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\b[^>]*\bref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")
_MARGIN = re.compile(r"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)\b[^>]*>([^<]*)<")
_HEAD_BYTES = 4_096
# Headers and footers stand at the end of a sheet, behind its cells.
_TAIL_BYTES = 1 << 16
_CHUNK = 1 << 18
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))
# What Excel writes for older versions of itself, before the thread's first words.
_FOR_OLDER_VERSIONS = "[Threaded comment]"
# Charts are drawings within drawings, in groups as deep as anybody likes.
_GRAPHICS = ("{*}chart", "{*}relIds")


def sheet_extents(path: Path) -> Iterator[tuple[int, int]]:
    """Yield how many rows and columns each worksheet says it spans; nothing where the package is damaged."""
    try:
        package = ZipFile(path)
    except ZIP_ERRORS:
        return
    with package:
        for name in package.namelist():
            if not _WORKSHEET.fullmatch(name):
                continue
            try:
                with package.open(name) as part:
                    found = _DIMENSION.search(part.read(_HEAD_BYTES))
            except ZIP_ERRORS:
                continue
            if found:
                first, top, last, bottom = found.groups()
                yield int(bottom) - int(top) + 1, _column(last) - _column(first) + 1


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


class SheetAsides:
    """Asked by the name of a sheet. What is damaged becomes a problem of the package."""

    def __init__(self, package: OfficePackage, path: Path) -> None:
        self._package = package
        self._path = path

    def of(self, sheet: str) -> Sequence[str]:
        """Return the lines that belong to a sheet besides its cells."""
        part = self._parts.get(sheet)
        if part is None:
            return ()
        lines: list[str] = []
        threaded = False
        comments: list[str] = []
        for relation in self._package.relations(part).values():
            if relation.kind not in ("comments", "threadedComment", "drawing"):
                continue
            root = self._package.root(relation.target)
            if root is None:
                continue
            if relation.kind == "drawing":
                lines += self._drawing(root, relation.target)
            elif relation.kind == "comments":
                comments += _comments(root)
            else:
                threaded = True
                lines += (text for element in root.iter("{*}text") if (text := (element.text or "").strip()))
        lines += (text for text in comments if not (threaded and text.startswith(_FOR_OLDER_VERSIONS)))
        return [*lines, *dict.fromkeys(self._margins(part))]

    @cached_property
    def _parts(self) -> dict[str, str]:
        """The part of each sheet by the sheet's name."""
        main = self._package.main_part("xl/workbook.xml")
        if not main.casefold().endswith(".xml"):
            return {}
        relations = self._package.relations(main)
        root = self._package.root(main)
        parts: dict[str, str] = {}
        for sheet in root.iter("{*}sheet") if root is not None else ():
            relation = relations.get(relation_id(sheet) or "")
            if relation is not None:
                parts[attribute(sheet, "name") or ""] = relation.target
        return parts

    def _drawing(self, root: Element, part: str) -> Iterator[str]:
        relations = dict(self._package.relations(part))
        yield from paragraphs(root)
        for reference in root.iter(*_GRAPHICS):
            if not any(local_name(ancestor) == "Fallback" for ancestor in reference.iterancestors()):
                yield from graphic_words(reference, relations, self._package)

    def _margins(self, part: str) -> Iterator[str]:
        tail = b""
        try:
            with ZipFile(self._path) as package, package.open(part) as content:
                while chunk := content.read(_CHUNK):
                    tail = (tail + chunk)[-_TAIL_BYTES:]
        except (*ZIP_ERRORS, KeyError):
            return
        for found in _MARGIN.finditer(tail.decode("utf-8", "replace")):
            if text := margin_text(_ENTITY.sub(lambda entity: _ENTITIES[entity[0]], found[1])):
                yield text


def _comments(root: Element) -> Iterator[str]:
    for comment in root.iter("{*}comment"):
        words = "".join(element.text or "" for element in comment.iter("{*}t") if not _is_phonetic(element))
        if words.strip():
            yield words.strip()


def _is_phonetic(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and local_name(parent) == "rPh"
