"""Reading the pages of a PDF by pdfium, at some hundred times the speed of Python, and seeing which are pictures.

The calls that each page needs are made without the library's objects around them: they would cost a tenth of the time.
pdfium ends the process when memory runs out: only ever in the sandbox.
"""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

from holdings.errors import CorruptError, EncryptedError
from ingest.extractors.pdf_drawn import Drawn, box_of, corners, height_of, width_of

# A page of text has fewer characters than this only where it is a picture, a title or nearly empty.
FEW_CHARACTERS = 50
# A picture of a page over which a stamp or an electronic signature stands has more, but not much.
_STAMP_CHARACTERS = 400
_PICTURE_SHARE = 0.5
# Where there is text beside it, the picture must be the page itself.
_WHOLE_PAGE_SHARE = 0.85
_WHOLE_PAGE_DPI = 90
# Letters drawn as outlines: a page of them has some hundred filled shapes.
_OUTLINES = 300
# Text in fonts that do not say which letters they draw.
_TEXTS_WITHOUT_LETTERS = 10
_LETTER = re.compile(r"[^\W\d_]")
# The whole of a library in one file has fewer.
_MAX_PAGES = 100_000
_PAGES_AT_A_TIME = 250
_MAX_PROBED_LINES = 200
_MAX_ANNOTATIONS = 2_000
_MAX_ANNOTATION_BYTES = 100_000
# Kinds of annotations whose words stand on the page or are somebody's comment; not links, nor windows of others.
_COMMENTS = frozenset({pdfium.FPDF_ANNOT_TEXT, *range(pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_INK + 1)}) - {
    pdfium.FPDF_ANNOT_POPUP
}
_FILLED_IN = frozenset({pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX})
# pdfium joins a word that a hyphen parts at the end of a line, and marks the place with this.
_JOINED = "\ufffe"
_MAY_BE_PICTURES = frozenset({pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM})


class PdfiumDocument:
    """An open PDF. A context manager. Pages are counted from 1."""

    def __init__(self, path: Path) -> None:
        """Open a PDF. Raises EncryptedError, CorruptError."""
        self._path = path
        self._open()
        self.pages: int = min(pdfium.FPDF_GetPageCount(self.pdf.raw), _MAX_PAGES)
        self.is_damaged = not pdfium.FPDF_DocumentHasValidCrossReferenceTable(self.pdf.raw)

    def _open(self) -> None:
        try:
            self.pdf = pypdfium2.PdfDocument(self._path)
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
                raise EncryptedError("The PDF asks for a password") from error
            raise CorruptError(f"This is not a readable PDF: {error}") from error
        self._opened_for = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pdf.close()

    def page(self, number: int) -> PdfiumPage | None:
        """Return a page, to be closed before the next is asked for; None when pdfium cannot find or read it."""
        if self._opened_for == _PAGES_AT_A_TIME:
            # What was read of the file is kept as long as it is open: memory would grow with the document.
            self.pdf.close()
            self._open()
        self._opened_for += 1
        raw = pdfium.FPDF_LoadPage(self.pdf.raw, number - 1)
        if not raw:
            return None
        return PdfiumPage(self, raw)

    def stated(self, key: str) -> str:
        """Return an entry of the information dictionary."""
        return str(self.pdf.get_metadata_value(key))

    def language(self) -> str | None:
        """Return the language that the document states, as it states it."""
        return _string(pdfium.FPDFCatalog_GetLanguage, self.pdf.raw) or None

    def form(self) -> Any:
        """Return what pdfium needs to tell what was filled into a form; None when there is no form."""
        if self.pdf.formenv is None:
            try:
                self.pdf.init_forms()
            except pypdfium2.PdfiumError:
                return None
        return self.pdf.formenv.raw if self.pdf.formenv else None


class PdfiumPage:
    """An open page. `text` is empty when there is none; `characters` counts those that are no blanks."""

    def __init__(self, document: PdfiumDocument, raw: Any) -> None:
        self._document = document
        self.raw = raw
        self._text_page = pdfium.FPDFText_LoadPage(raw)
        self.text = _in_lines(_drawn_text(self._text_page)) if self._text_page else ""

    def close(self) -> None:
        if self._text_page:
            pdfium.FPDFText_ClosePage(self._text_page)
            self._text_page = None
        if self.raw:
            pdfium.FPDF_ClosePage(self.raw)
            self.raw = None

    @property
    def objects(self) -> int:
        """How many things are drawn on the page: texts, pictures, lines; none on a blank page."""
        return int(pdfium.FPDFPage_CountObjects(self.raw))

    def is_picture_of_text(self) -> bool:
        """Say whether the page, which has few characters, shows text that is a picture or drawn as outlines."""
        if len(self.text) > 2 * _STAMP_CHARACTERS:
            return False
        characters = sum(map(len, self.text.split()))
        if characters < FEW_CHARACTERS:
            drawn = Drawn(self.raw)
            return (
                drawn.picture_share() > _PICTURE_SHARE
                or drawn.outlines > _OUTLINES
                or drawn.texts > _TEXTS_WITHOUT_LETTERS
            )
        if characters > _STAMP_CHARACTERS or not self.has_wide_picture():
            return False
        drawn = Drawn(self.raw)
        return drawn.picture_share() > _WHOLE_PAGE_SHARE and drawn.sharpest_dpi > _WHOLE_PAGE_DPI

    def has_wide_picture(self) -> bool:
        """Say whether a picture that is wide for the page is among the first or last things drawn: a quick look."""
        count = pdfium.FPDFPage_CountObjects(self.raw)
        for index in {0, 1, count - 1}:
            if not 0 <= index < count:
                continue
            drawn = pdfium.FPDFPage_GetObject(self.raw, index)
            if pdfium.FPDFPageObj_GetType(drawn) in _MAY_BE_PICTURES:
                left, bottom, right, top = corners(drawn, ())
                page = box_of(self.raw)
                if max((right - left) / width_of(page), (top - bottom) / height_of(page)) > _PICTURE_SHARE:
                    return True
        return False

    def lies_under_picture(self) -> bool:
        """Say whether one or more pictures cover most of the page, as where its text was made by recognition."""
        return Drawn(self.raw).picture_share() > _PICTURE_SHARE

    def sized_lines(self) -> list[tuple[float, str]]:
        """Return the page's lines with their size of type, that of one of their letters."""
        lines: list[tuple[float, str]] = []
        if not self._text_page:
            return lines
        at = 0
        for line in _drawn_text(self._text_page).split("\r\n"):
            if len(lines) < _MAX_PROBED_LINES and (
                letter := _LETTER.search(line, len(line) // 2) or _LETTER.search(line)
            ):
                lines.append((self._size_at(at + letter.start()), line))
            at += len(line) + 2
        return lines

    def _size_at(self, text_index: int) -> float:
        """Return the size of type of a character, in points."""
        index = pdfium.FPDFText_GetCharIndexFromTextIndex(self._text_page, text_index)
        matrix = pdfium.FS_MATRIX()
        if index < 0 or not pdfium.FPDFText_GetMatrix(self._text_page, index, matrix):
            return 0.0
        return float(pdfium.FPDFText_GetFontSize(self._text_page, index)) * float((matrix.c**2 + matrix.d**2) ** 0.5)

    @property
    def has_annotations(self) -> bool:
        return bool(pdfium.FPDFPage_GetAnnotCount(self.raw) > 0)

    def annotations(self) -> list[str]:
        """Return what was filled into the page's form, and what comments on it say, where it is not in the text."""
        found: list[str] = []
        for index in range(min(pdfium.FPDFPage_GetAnnotCount(self.raw), _MAX_ANNOTATIONS)):
            annotation = pdfium.FPDFPage_GetAnnot(self.raw, index)
            if not annotation:
                continue
            try:
                words = self._words_of(annotation)
            finally:
                pdfium.FPDFPage_CloseAnnot(annotation)
            if words and words not in found and words not in self.text:
                found.append(words)
        return found

    def _words_of(self, annotation: Any) -> str:
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        if kind in _COMMENTS:
            return _string(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents")
        if kind == pdfium.FPDF_ANNOT_WIDGET:
            form = self._document.form()
            if form and pdfium.FPDFAnnot_GetFormFieldType(form, annotation) in _FILLED_IN:
                return _string(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)
        return ""


def _drawn_text(text_page: Any) -> str:
    """Return the text as pdfium has it."""
    count = pdfium.FPDFText_CountChars(text_page)
    if count <= 0:
        return ""
    # Some characters of pdfium's list are not in the text, and some stand for several.
    last = pdfium.FPDFText_GetTextIndexFromCharIndex(text_page, count - 1)
    size = max(count, last + 1) + 1
    buffer = ctypes.create_string_buffer(2 * size)
    units = pdfium.FPDFText_GetText(text_page, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)))
    return buffer.raw[: 2 * max(units - 1, 0)].decode("utf-16-le", "replace")


def _in_lines(drawn: str) -> str:
    """Return pdfium's text with line feeds, and with hyphens as they stand on the page."""
    text = drawn.replace("\r\n", "\n")
    if text.isascii():
        return text
    # Some programs write a soft hyphen for one that is seen; where none is to be seen they draw none.
    return text.replace(_JOINED, "-\n").replace("\xad", "-")


def _string(call: Any, *arguments: Any) -> str:
    """Return what one of pdfium's calls writes as a string of two-byte characters."""
    size = call(*arguments, None, 0)
    if not 2 < size <= _MAX_ANNOTATION_BYTES:
        return ""
    buffer = ctypes.create_string_buffer(size)
    call(*arguments, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace").strip("\0 \t\r\n")
