"""What is drawn on a page of a PDF besides its text, by pdfium: where pictures lie, and how many outlines there are."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

# Of how many cells a page is made, in each direction, to see how much of it pictures cover.
_GRID = 24
_MAX_OBJECTS = 5_000
_MAX_NESTING = 4
_INFINITE = 1e6


class Drawn:
    """What is drawn on a page: where pictures lie, how many filled outlines there are and pieces of text."""

    def __init__(self, page: Any) -> None:
        self.outlines = 0
        self.texts = 0
        self.sharpest_dpi = 0.0
        self._covered: set[tuple[int, int]] = set()
        box = box_of(page)
        self._left, self._bottom = box.left, box.bottom
        self._width, self._height = width_of(box), height_of(box)
        for kind, drawn, matrices in _objects(page):
            if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                self._cover(drawn, matrices)
            elif kind == pdfium.FPDF_PAGEOBJ_PATH:
                self.outlines += _is_filled(drawn)
            elif kind == pdfium.FPDF_PAGEOBJ_TEXT:
                self.texts += 1

    def picture_share(self) -> float:
        """Return which part of the page pictures cover, one or many strips."""
        return len(self._covered) / _GRID**2

    def _cover(self, picture: Any, matrices: tuple[Any, ...]) -> None:
        left, bottom, right, top = corners(picture, matrices)
        columns = _cells(left - self._left, right - self._left, self._width)
        rows = _cells(bottom - self._bottom, top - self._bottom, self._height)
        self._covered.update((column, row) for column in columns for row in rows)
        width, height = ctypes.c_uint(), ctypes.c_uint()
        longer = max(right - left, top - bottom)
        if longer > 0 and pdfium.FPDFImageObj_GetImagePixelSize(picture, width, height):
            self.sharpest_dpi = max(self.sharpest_dpi, 72 * max(width.value, height.value) / longer)


def box_of(page: Any) -> Any:
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    return box


def width_of(box: Any) -> float:
    return max(_bounded(box.right - box.left), 1e-3)


def height_of(box: Any) -> float:
    return max(_bounded(box.top - box.bottom), 1e-3)


def _cells(start: float, end: float, length: float) -> range:
    """Return which of the page's cells have their middle between two places."""
    first, last = start / length * _GRID + 0.5, end / length * _GRID + 0.5
    return range(int(min(max(first, 0), _GRID)), int(min(max(last, 0), _GRID)))


def _objects(page: Any) -> Iterator[tuple[int, Any, tuple[Any, ...]]]:
    """Yield kind and handle of what is drawn, and the matrices of the forms that it lies in, the innermost first."""
    left = _MAX_OBJECTS
    stack: list[tuple[Any, Any, Any, tuple[Any, ...], int]] = [
        (page, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, (), 0)
    ]
    while stack:
        holder, count, get, matrices, depth = stack.pop()
        for index in range(count(holder)):
            left -= 1
            if left < 0:
                return
            drawn = get(holder, index)
            kind = pdfium.FPDFPageObj_GetType(drawn)
            if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_NESTING:
                matrix = pdfium.FS_MATRIX()
                pdfium.FPDFPageObj_GetMatrix(drawn, matrix)
                inner = (matrix, *matrices)
                stack.append((drawn, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, inner, depth + 1))
            yield kind, drawn, matrices


def corners(drawn: Any, matrices: tuple[Any, ...]) -> tuple[float, float, float, float]:
    """Return where a thing lies on the page: left, bottom, right, top."""
    sides = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(drawn, *sides):
        return (0.0, 0.0, 0.0, 0.0)
    left, bottom, right, top = (side.value for side in sides)
    for m in matrices:
        points = [(m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f) for x in (left, right) for y in (bottom, top)]
        left, right = min(x for x, _ in points), max(x for x, _ in points)
        bottom, top = min(y for _, y in points), max(y for _, y in points)
    return _bounded(left), _bounded(bottom), _bounded(right), _bounded(top)


def _bounded(side: float) -> float:
    """Return a place on the page that can be reckoned with; NaN, of which files are made to break parsers, as 0."""
    return min(max(side, -_INFINITE), _INFINITE) if side == side else 0.0


def _is_filled(path: Any) -> bool:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    return bool(pdfium.FPDFPath_GetDrawMode(path, fill, stroke)) and fill.value != pdfium.FPDF_FILLMODE_NONE
