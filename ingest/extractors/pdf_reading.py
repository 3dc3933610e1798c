"""Reading the pages of a PDF by pdfminer.six, tolerant of damage: what cannot be understood is counted and passed over.

The library checks little and gives up a page at the first malformed instruction; most of the page's text is still good.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

from pdfminer import pdftypes
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFObjRef, dict_value
from pdfminer.psexceptions import PSException

from ingest.extractors.pdf_layout import StreamOrder

# What the library raises on malformed input, seen on some thousand such files.
PARSER_ERRORS = (
    PSException,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_CHUNK = 1 << 16


class PageReader:
    """Reads one page after the other. After each: its text, and what was left out of it."""

    def __init__(self) -> None:
        resources = PDFResourceManager()
        self._device = _Device(resources)
        self._interpreter = _TextInterpreter(resources, self._device)

    @property
    def text(self) -> str:
        return self._device.text

    @property
    def heading(self) -> str | None:
        """What is largest on the last page that was read with `wants_heading`."""
        return self._device.heading

    def read(self, page: PDFPage, *, wants_heading: bool = False) -> str | None:
        """Read a page and return what was left out of it, in words; None when nothing was."""
        device = self._device
        device.problems = 0
        device.wants_heading = wants_heading
        try:
            self._interpreter.process_page(page)
        except PARSER_ERRORS as error:
            try:
                device.end_broken_page()
            except PARSER_ERRORS:
                device.text = ""
            return f"it breaks off ({type(error).__name__}: {error})"
        if device.problems:
            return f"{device.problems} instructions are malformed"
        if device.unknown:
            return f"of {device.unknown} characters no font says which letter they are"
        return None


class _Device(StreamOrder):
    """`problems` counts what could not be understood on the page."""

    problems = 0

    def render_string(self, *arguments: Any) -> None:
        try:
            super().render_string(*arguments)
        except PARSER_ERRORS:
            self.problems += 1


class _TextInterpreter(PDFPageInterpreter):
    """Executes what matters for text. Paths and colours are not looked at; fonts and figures may fail one by one."""

    device: _Device

    def init_resources(self, resources: dict[object, object]) -> None:
        given = dict_value(resources)
        super().init_resources({name: value for name, value in given.items() if name == "XObject"})
        self.resources = given
        for name, value in dict_value(given.get("Font")).items():
            number = value.objid if isinstance(value, PDFObjRef) else None
            try:
                self.fontmap[name] = self.rsrcmgr.get_font(number, dict_value(value))
            except PARSER_ERRORS:
                self.device.problems += 1

    def do_Do(self, xobjid_arg: Any) -> None:  # noqa: N802  (the operator's name)
        depth = self.device.depth
        try:
            super().do_Do(xobjid_arg)
        except PARSER_ERRORS:
            self.device.problems += 1
            self.device.leave_figures(depth)
        # A figure moves the device's coordinates to its own.
        self.device.set_ctm(self.ctm)


def _pass_over(interpreter: _TextInterpreter) -> None:
    # How many operands to hand over is read from the signature: of these none, so they are cleared here.
    interpreter.argstack = []


# Paths, colours, lines, inline images: the operators of PDF that do not bear on where text stands.
_PASSED_OVER = (
    "m l c v y h re S s f F f_a B B_a b b_a n W W_a sh CS cs G g RG rg K k SC sc SCN scn w J j M d ri i gs BI ID EI"
)
for _operator in _PASSED_OVER.split():
    setattr(_TextInterpreter, f"do_{_operator}", _pass_over)


def _decompress_damaged(data: bytes) -> bytes:
    """Return what can be unpacked of a damaged stream, in linear time.

    The library goes byte by byte and copies all it has each time: minutes and gigabytes for one large stream.
    """
    unpacker = zlib.decompressobj()
    parts: list[bytes] = []
    size = _CHUNK
    at = 0
    while at < len(data):
        before = unpacker.copy()
        try:
            parts.append(unpacker.decompress(data[at : at + size]))
            at += size
        except zlib.error:
            if size == 1:
                break
            # The fault is in this chunk: go up to it in smaller steps.
            unpacker = before
            size //= 2
    return b"".join(parts)


pdftypes.decompress_corrupted = _decompress_damaged
