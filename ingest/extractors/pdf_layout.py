"""From the characters that a PDF page draws to its text, in the order in which it draws them.

pdfminer.six gathers characters to lines and lines to boxes; its sorting of the boxes is left out (`pdf_pdfminer`
says why).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pdfminer.converter import PDFLayoutAnalyzer
from pdfminer.layout import LAParams, LTChar, LTComponent, LTContainer, LTFigure, LTLayoutContainer, LTPage, LTTextLine
from pdfminer.pdffont import PDFFont
from pdfminer.pdfinterp import PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFStream
from pdfminer.utils import Matrix, Rect, apply_matrix_rect, mult_matrix

from ingest.extractors.pdf_heading import largest

_LAYOUT = LAParams(boxes_flow=None, all_texts=True)
# Points; the largest page that PDF allows is 14,400. The search for neighbouring lines walks a grid over the page.
_LARGEST_SIDE = 20_000


class _InStreamOrder(LTLayoutContainer):
    """A page or a figure whose boxes and figures keep the order in which they were drawn."""

    def analyze(self, laparams: LAParams) -> None:
        characters = [drawn for drawn in self if isinstance(drawn, LTChar)]
        figures = [drawn for drawn in self if isinstance(drawn, _Figure)]
        # Where each thing was drawn; only needed where text and figures mix.
        order = {id(drawn): place for place, drawn in enumerate(self)} if figures and characters else {}
        for figure in figures:
            figure.analyze(laparams)
        blocks = [*self._boxes(laparams, characters), *figures]
        if order:
            blocks.sort(key=lambda block: order.get(id(block), 0) or _first_place(block, order))
        self._objs = blocks

    def _boxes(self, laparams: LAParams, characters: Sequence[LTChar]) -> list[LTComponent]:
        if not characters:
            return []
        lines = [line for line in self.group_objects(laparams, characters) if not line.is_empty()]
        if max(self.width, self.height) > _LARGEST_SIDE:
            for line in lines:
                line.analyze(laparams)
            return list(lines)
        boxes = list(self.group_textlines(laparams, lines))
        for box in boxes:
            box.analyze(laparams)
        return list(boxes)


class _Page(_InStreamOrder, LTPage):
    pass


class _Figure(_InStreamOrder, LTFigure):
    pass


class StreamOrder(PDFLayoutAnalyzer):
    """A device that leaves the text of the last page in `text`, and what is largest on it in `heading`.

    `unknown` counts the characters of which no font says the letter; they are left out.
    """

    def __init__(self, resources: PDFResourceManager) -> None:
        super().__init__(resources, laparams=_LAYOUT)
        self.text = ""
        self.unknown = 0
        self.wants_heading = False
        self.heading: str | None = None

    def begin_page(self, page: PDFPage, ctm: Matrix) -> None:
        x0, y0, x1, y1 = apply_matrix_rect(ctm, page.mediabox)
        self._stack = []
        self.text = ""
        self.unknown = 0
        self.cur_item = _Page(self.pageno, (0, 0, abs(x0 - x1), abs(y0 - y1)))

    def begin_figure(self, name: str, bbox: Rect, matrix: Matrix) -> None:
        self._stack.append(self.cur_item)
        self.cur_item = _Figure(name, bbox, mult_matrix(matrix, self.ctm))

    @property
    def depth(self) -> int:
        """How many figures are open."""
        return len(self._stack)

    def leave_figures(self, depth: int) -> None:
        """Close figures until so many are open: what they hold is kept."""
        while len(self._stack) > depth:
            self.end_figure("")

    def end_broken_page(self) -> None:
        """Keep what was drawn before the page broke off."""
        self.leave_figures(0)
        if isinstance(self.cur_item, _Page):
            self.cur_item.analyze(_LAYOUT)
            self.receive_layout(self.cur_item)

    def receive_layout(self, ltpage: LTPage) -> None:
        self.text = "\n".join(_texts(ltpage))
        if self.wants_heading:
            self.heading = largest([(_type_size(line), line.get_text()) for line in _lines(ltpage)])

    def render_image(self, name: str, stream: PDFStream) -> None:
        pass

    def paint_path(self, *_: Any) -> None:
        pass

    def handle_undefined_char(self, font: PDFFont, cid: int) -> str:
        self.unknown += 1
        return ""


def _first_place(block: LTComponent, order: dict[int, int]) -> int:
    while isinstance(block, LTContainer):
        inner = next((part for part in block if isinstance(part, LTComponent)), None)
        if inner is None:
            return 0
        block = inner
    return order.get(id(block), 0)


def _texts(container: LTContainer[Any]) -> Iterator[str]:
    for block in container:
        if isinstance(block, _Figure):
            yield from _texts(block)
        else:
            yield block.get_text()


def _lines(container: LTContainer[Any]) -> Iterator[LTTextLine]:
    for part in container:
        if isinstance(part, LTTextLine):
            yield part
        elif isinstance(part, LTContainer):
            yield from _lines(part)


def _type_size(line: LTTextLine) -> float:
    sizes = [part.size for part in line if isinstance(part, LTChar)]
    return sum(sizes) / len(sizes) if sizes else 0.0
