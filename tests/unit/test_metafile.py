"""The words of Windows metafiles."""

from __future__ import annotations

import struct
from pathlib import Path
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st

from ingest.extractors import pptx
from ingest.extractors.metafile import metafile_lines
from ingest.model import Page

Piece = tuple[int, str]


def _record(function: int, body: bytes) -> bytes:
    body += b"\0" * (len(body) % 2)
    return struct.pack("<IH", 3 + len(body) // 2, function) + body


def _wmf(pieces: list[Piece], *, charset: int = 0, encoding: str = "cp1252", placeable: bool = True) -> bytes:
    font = _record(0x02FB, bytes(13) + bytes([charset]) + bytes(36))
    texts = b"".join(
        _record(0x0A32, struct.pack("<hhHH", y, 0, len(text.encode(encoding)), 0) + text.encode(encoding))
        for y, text in pieces
    )
    head = (b"\xd7\xcd\xc6\x9a" + bytes(18) if placeable else b"") + bytes(18)
    return head + font + texts + _record(0, b"")


def _emf(pieces: list[Piece]) -> bytes:
    header = struct.pack("<II", 1, 88) + bytes(32) + b" EMF" + bytes(44)
    texts = b""
    for y, text in pieces:
        encoded = text.encode("utf-16-le")
        encoded += bytes(-len(encoded) % 4)
        fixed = struct.pack("<iiIII", 0, y, len(text), 76, 0) + bytes(20)
        texts += struct.pack("<II", 84, 76 + len(encoded)) + bytes(28) + fixed + encoded
    return header + texts


def test_text_of_both_kinds_is_read_line_by_line() -> None:
    pieces = [(10, "Provinsi"), (10, "Anggaran"), (30, "Sulawesi Tengah"), (30, "1.200")]
    expected = ["Provinsi Anggaran", "Sulawesi Tengah 1.200"]
    assert metafile_lines(_wmf(pieces)) == expected
    assert metafile_lines(_wmf(pieces, placeable=False)) == expected
    assert metafile_lines(_emf(pieces)) == expected


def test_the_font_says_which_letters_the_bytes_are() -> None:
    assert metafile_lines(_wmf([(1, "Отчёт")], charset=204, encoding="cp1251")) == ["Отчёт"]
    assert metafile_lines(_wmf([(1, "abc")], charset=2)) == [], "signs are no words"


def test_letters_that_are_written_one_by_one_are_words() -> None:
    assert metafile_lines(_emf([(5, letter) for letter in "Rencana Aksi"])) == ["Rencana Aksi"]


def test_a_shadow_is_not_said_twice() -> None:
    assert metafile_lines(_wmf([(10, "Judul"), (11, "Judul"), (20, "Isi")])) == ["Judul", "Isi"]


def test_other_pictures_have_no_words() -> None:
    assert metafile_lines(b"") == []
    assert metafile_lines(b"\x89PNG\r\n\x1a\n" + bytes(100)) == []


@given(st.binary(max_size=400), st.integers(min_value=0, max_value=300), st.booleans())
def test_damage_is_no_error(noise: bytes, at: int, is_emf: bool) -> None:
    pieces = [(10, "satu"), (20, "dua")]
    whole = _emf(pieces) if is_emf else _wmf(pieces)
    for line in metafile_lines(whole[:at] + noise + whole[at + len(noise) :]):
        line.encode("utf-8", "surrogatepass")


def test_a_table_of_another_program_on_a_real_slide_is_read(corpus: Path) -> None:
    """On slide 8 it is an object of another program, of which a drawing apart keeps the picture."""
    path = corpus / "documents" / "files" / "poi_45541_Footer.pptx"
    with ZipFile(path) as package:
        assert not any(b"Macroeconomics" in package.read(name) for name in package.namelist() if name.endswith(".xml"))
    slides = [event.text for event in pptx.extract(path) if isinstance(event, Page)]
    assert [number for number, text in enumerate(slides, 1) if "Macroeconomics" in text] == [8]
