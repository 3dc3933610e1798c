"""Pages as grey pictures for OCR: those of a PDF drawn by pdfium, those of an image file by Pillow."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageOps, UnidentifiedImageError

from holdings.errors import CorruptError
from ingest.extractors.pdf_pdfium import PdfiumDocument

# A sheet of A3 at 300 dots per inch has 17 million. pdfium ends the process where memory does not suffice.
MAX_PIXELS = 25_000_000
# Of an image file, unpacked, before it is made smaller.
_MAX_IMAGE_PIXELS = 100_000_000
# Pictures that say nothing of their size, or nonsense, are taken for what scanners make.
_USUAL_DPI = 200
_DPI = range(70, 1_201)
_PDF_HEADER_WITHIN = 1_024
PICTURE_ERRORS = (
    Image.DecompressionBombError,
    UnidentifiedImageError,
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
)


class CannotBeDrawnError(Exception):
    """A page cannot be drawn; the message says why."""


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page as a grey picture (PGM). `scale` is below 1 where it was made smaller than asked for."""

    picture: bytes
    dpi: int
    scale: float = 1.0
    old_text: str = ""


class Drawing(Protocol):
    """An open document whose pages can be drawn. A context manager."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def draw(self, number: int, dpi: int) -> DrawnPage:
        """Return a page, counted from 1. Raises CannotBeDrawnError."""


def opened(path: Path) -> Drawing:
    """Return a PDF or an image file with its pages. Raises EncryptedError, CorruptError."""
    with path.open("rb") as file:
        is_pdf = b"%PDF-" in file.read(_PDF_HEADER_WITHIN)
    return PdfDrawing(path) if is_pdf else ImageDrawing(path)


class PdfDrawing:
    """The pages of a PDF."""

    def __init__(self, path: Path) -> None:
        self._document = PdfiumDocument(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._document.pdf.close()

    def draw(self, number: int, dpi: int) -> DrawnPage:
        # What is filled into a form is drawn with it.
        self._document.form()
        read = self._document.page(number) if 0 < number <= self._document.pages else None
        if read is None:
            raise CannotBeDrawnError("pdfium does not find it")
        old_text = read.text
        read.close()
        page = self._document.pdf[number - 1]
        try:
            width, height = (side / 72 * dpi for side in page.get_size())
            if not width * height > 0:
                raise CannotBeDrawnError("it has no area")
            scale = min(1.0, math.sqrt(MAX_PIXELS / (width * height)))
            bitmap = page.render(scale=scale * dpi / 72, grayscale=True)
            try:
                picture = _pgm(bitmap.width, bitmap.height, bitmap.stride, memoryview(bitmap.buffer).cast("B"))
            finally:
                bitmap.close()
        except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
            raise CannotBeDrawnError(f"it cannot be drawn: {error}") from error
        finally:
            page.close()
        return DrawnPage(picture, max(round(dpi * scale), _DPI[0]), scale, old_text)


class ImageDrawing:
    """The pages of an image file: a TIFF may have several, others are one."""

    def __init__(self, path: Path) -> None:
        self._image = opened_image(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._image.close()

    def draw(self, number: int, dpi: int) -> DrawnPage:
        try:
            self._image.seek(number - 1)
            width, height = self._image.size
            if width * height > _MAX_IMAGE_PIXELS:
                raise CannotBeDrawnError(f"it has {width} by {height} pixels")
            own = _own_dpi(self._image)
            # Phones write how they were held.
            grey = ImageOps.exif_transpose(self._image).convert("L")
            scale = min(1.0, math.sqrt(MAX_PIXELS / (width * height)))
            if scale < 1:
                grey = grey.resize((int(width * scale), int(height * scale)))
            picture = _pgm(grey.width, grey.height, grey.width, memoryview(grey.tobytes()))
        except PICTURE_ERRORS as error:
            raise CannotBeDrawnError(f"it cannot be unpacked: {type(error).__name__}: {error}") from error
        return DrawnPage(picture, max(round(own * scale), _DPI[0]), scale)


def opened_image(path: Path) -> Image.Image:
    """Return an open image file. Raises CorruptError."""
    try:
        with warnings.catch_warnings():
            # That a picture is large is dealt with where it is unpacked.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(path, formats=("PNG", "JPEG", "TIFF"))
    except PICTURE_ERRORS as error:
        raise CorruptError(f"This is not a readable image: {type(error).__name__}: {error}") from error


def count_pages(image: Image.Image) -> int:
    """Return how many pages an image file has, as far as they can be found."""
    try:
        return int(getattr(image, "n_frames", 1))
    except PICTURE_ERRORS:
        return 1


def _own_dpi(image: Image.Image) -> int:
    try:
        stated = round(float(image.info["dpi"][0]))
    except (*PICTURE_ERRORS,):
        return _USUAL_DPI
    return stated if stated in _DPI and stated > 72 else _USUAL_DPI


def _pgm(width: int, height: int, stride: int, rows: memoryview) -> bytes:
    """Return rows of grey as a PGM file."""
    head = b"P5 %d %d 255\n" % (width, height)
    if stride == width:
        return head + bytes(rows[: width * height])
    return head + b"".join(rows[row * stride : row * stride + width] for row in range(height))
