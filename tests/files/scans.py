"""Scans for tests: pages drawn from a PDF of text, turned, and put into PDFs with or without a text beneath."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image

from tests.files import pdf as pdf_files

_DPI = 150


def picture(text: str, *, turned: int = 0, size: int = 14) -> Image.Image:
    """Return a grey picture of a page that has these lines, turned clockwise by so many degrees."""
    (image,) = pictures_of(pdf_files.pdf([pdf_files.lines_at(text, size=size)]), turned=turned)
    return image


def pictures_of(source: Path | bytes, *, turned: int = 0) -> list[Image.Image]:
    """Return grey pictures of the pages of a PDF, turned clockwise by so many degrees."""
    document = pypdfium2.PdfDocument(source)
    try:
        return [page.render(scale=_DPI / 72, grayscale=True, rotation=turned).to_pil().copy() for page in document]
    finally:
        document.close()


def scanned(pictures: list[Image.Image]) -> bytes:
    """Return a PDF of pictures only."""
    content = io.BytesIO()
    pictures[0].save(content, "PDF", save_all=True, append_images=pictures[1:], resolution=_DPI)
    return content.getvalue()


def over(image: Image.Image, text: str, *, strips: int = 1, share: float = 1.0) -> bytes:
    """Return a PDF of one page: a picture, as some strips, that covers a share of its height, and invisible text."""
    made = pdf_files.start([])
    height = image.height // strips
    names, drawn = [], []
    for strip in range(strips):
        part = image.crop((0, strip * height, image.width, (strip + 1) * height))
        number = made.add_stream(
            part.tobytes(),
            b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
            % (part.width, part.height),
        )
        tall = 842 * share / strips
        names.append(b"/I%d %d 0 R" % (strip, number))
        drawn.append(b"q 595 0 0 %f 0 %f cm /I%d Do Q" % (tall, 842 - (strip + 1) * tall, strip))
    content = b" ".join(drawn) + b" BT 3 Tr ET " + pdf_files.lines_at(text)
    page = pdf_files.add_page(made, content, b"/XObject << %s >>" % b" ".join(names))
    made.objects[2] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % page
    return made.build()
