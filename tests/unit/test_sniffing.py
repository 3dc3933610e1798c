"""What a file is, by its content: a wrong or missing name does not matter where the content tells."""

from __future__ import annotations

import io
import os
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdings.errors import (
    EmptyFileError,
    EncryptedError,
    FileError,
    FileNotFoundInPlaceError,
    UnsupportedFormatError,
)
from ingest import media_types as types
from ingest.extractors import EXTRACTORS
from ingest.sniffing import media_type_of, sniff
from tests.files import pdf, word
from tests.files.ole import compound_file

OPEN_DOCUMENT = "application/vnd.oasis.opendocument"


def package(**parts: str) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as made:
        for name, content in parts.items():
            made.writestr(
                {"types": "[Content_Types].xml", "manifest": "META-INF/manifest.xml"}.get(name, name), content
            )
    return file.getvalue()


def open_xml(main: str) -> bytes:
    return package(types=f'<Types><Override PartName="/x.xml" ContentType="{main}"/></Types>')


MAIN = {media_type: main for main, media_type in types.MAIN_PARTS.items()}

CASES: dict[str, tuple[bytes, str, str]] = {
    "PDF": (pdf.pdf(["isi"]), "x.pdf", types.PDF),
    "PDF named as a text": (pdf.pdf(["isi"]), "x.txt", types.PDF),
    "PDF without a name": (pdf.pdf(["isi"]), "", types.PDF),
    "PDF after rubbish": (b"\n" * 900 + pdf.pdf(["isi"]), "x", types.PDF),
    "PDF without its header": (pdf.pdf(["isi"])[9:], "x.pdf", types.PDF),
    "a text about PDF": (b"A file begins with %PDF-1.4 and then come objects.", "x.txt", types.PLAIN_TEXT),
    "DOCX": (word.document(), "x.docx", types.DOCX),
    "DOCX named as a PDF": (word.document(), "x.pdf", types.DOCX),
    "DOCX cut off": (word.document()[:2_000], "x.docx", types.DOCX),
    "DOCM": (open_xml(MAIN[types.DOCM]), "x.docx", types.DOCM),
    "PPTX": (open_xml(MAIN[types.PPTX]), "x.zip", types.PPTX),
    "XLSX": (open_xml(MAIN[types.XLSX]), "x.zip", types.XLSX),
    "XLSB": (open_xml(MAIN[types.XLSB]), "x.xlsb", types.XLSB),
    "ODT": (package(mimetype=f"{OPEN_DOCUMENT}.text"), "x.zip", types.ODT),
    "ODS": (package(mimetype=f"{OPEN_DOCUMENT}.spreadsheet"), "x", types.ODS),
    "ODP by its manifest": (package(manifest=f'<x media-type="{OPEN_DOCUMENT}.presentation">'), "x", types.ODP),
    "EPUB": (package(mimetype="application/epub+zip"), "x.zip", types.EPUB),
    "ZIP": (package(a="1", b="2"), "x.docx", types.ZIP),
    "empty ZIP": (package(), "x.zip", types.ZIP),
    "DOC": (compound_file("WordDocument", "1Table"), "x.xls", types.DOC),
    "DOC with a workbook in it": (compound_file("1Table", "WordDocument", embedded=["Workbook"]), "x", types.DOC),
    "XLS": (compound_file("Workbook"), "x.doc", types.XLS),
    "old XLS": (compound_file("BOOK"), "x.xls", types.XLS),
    "PPT": (compound_file("Current User", "PowerPoint Document"), "x", types.PPT),
    "Outlook message": (compound_file("__properties_version1.0"), "x.msg", types.MSG),
    "OLE of something else": (compound_file("Contents"), "x.doc", types.OLE),
    "OLE cut off": (compound_file("WordDocument")[:900], "x.doc", types.OLE),
    "RTF": (b"{\\rtf1\\ansi isi}", "x.doc", types.RTF),
    "RTF after blanks": (b"\r\n{\\rtf1 isi}", "x.rtf", types.RTF),
    "HTML": (b"<!-- x -->\n<!DOCTYPE html><html>", "x.pdf", types.HTML),
    "HTML in UTF-16": ("<html><body>isi".encode("utf-16"), "x.txt", types.HTML),
    "HTML by name": (b"isi <b>tebal</b>", "x.htm", types.HTML),
    "HTML in pieces": (b"<div class='x'>isi</div>", "x", types.HTML),
    "no tag in it": (b"isi 1 < 2", "x.html", types.PLAIN_TEXT),
    "XHTML": (b'<?xml version="1.0"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml">', "x", types.XHTML),
    "XML": (b'<?xml version="1.0"?><data/>', "x.txt", types.XML),
    "SVG": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "x.xml", "image/svg+xml"),
    "e-mail": (b"Return-Path: <a@b.id>\nFrom: a@b.id\nSubject: x\n\nisi", "x.txt", types.EML),
    "e-mail by name": (b"From: a@b.id\nSubject: x\n\nisi", "x.eml", types.EML),
    "a text like a letter": (b"From: Siti\nSubject: rapat\n\nisi", "x.txt", types.PLAIN_TEXT),
    "saved web page": (
        b"From: <x>\nMIME-Version: 1.0\nSubject: x\nContent-Type: multipart/related; boundary=x\n\n",
        "x.mht", types.MHTML,
    ),
    "Markdown": (b"# Judul\n\nisi", "x.MD", types.MARKDOWN),
    "Markdown that begins with a tag": (b"<p align=center>logo</p>\n\n# Judul", "x.md", types.MARKDOWN),
    "Markdown that is a page": (b"<!doctype html><html>", "x.md", types.HTML),
    "plain text": ("Laporan tahun – 2018\n".encode(), "x", types.PLAIN_TEXT),
    "plain text with a wrong name": (b"Laporan", "x.pdf", types.PLAIN_TEXT),
    "text in Windows' encoding": ("résumé “x”".encode("cp1252"), "x.txt", types.PLAIN_TEXT),
    "text in UTF-16 without a mark": ("Laporan tahunan".encode("utf-16-le"), "x", types.PLAIN_TEXT),
    "text in UTF-32": ("Laporan".encode("utf-32"), "x", types.PLAIN_TEXT),
    "text that ends in rubbish": (b"Laporan\n\n" + bytes(range(256)) * 9, "x.txt", types.PLAIN_TEXT),
    "CSV": (b"a,b\n1,2\n", "x.csv", types.CSV),
    "GIF": (b"GIF89a" + bytes(40), "x.pdf", "image/gif"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(40), "x.pdf", "image/png"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(40), "x", "image/jpeg"),
    "TIFF": (b"II*\0" + bytes(40), "x", "image/tiff"),
    "gzip": (b"\x1f\x8b\x08" + bytes(40), "x.txt", "application/gzip"),
    "RAR": (b"Rar!\x1a\x07\x01" + bytes(40), "x.zip", "application/vnd.rar"),
    "rubbish": (bytes(range(256)), "x.bin", types.UNKNOWN),
    "rubbish that is named a text": (bytes(range(256)), "x.txt", types.UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_content_tells_what_a_file_is(tmp_path: Path, case: str) -> None:
    content, name, expected = CASES[case]
    path = tmp_path / (name or "tanpa-nama")
    path.write_bytes(content)
    assert media_type_of(path) == expected
    assert media_type_of(path, name=name or None) == expected


@pytest.mark.parametrize("case", ["PDF", "DOCX", "DOCM", "HTML", "XHTML", "Markdown", "plain text", "PNG"])
def test_what_the_hub_reads_passes(tmp_path: Path, case: str) -> None:
    content, name, expected = CASES[case]
    path = tmp_path / (name or "x")
    path.write_bytes(content)
    assert sniff(path) == expected
    assert expected in EXTRACTORS


@pytest.mark.parametrize(
    ("case", "named"), [("GIF", "GIF image"), ("RAR", "RAR archive"), ("rubbish", "unknown"), ("XML", "XML")]
)
def test_what_the_hub_does_not_read_is_refused_by_its_name(tmp_path: Path, case: str, named: str) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(CASES[case][0])
    with pytest.raises(UnsupportedFormatError, match=named):
        sniff(path)


def test_an_office_document_with_a_password_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    path.write_bytes(compound_file("EncryptionInfo", "EncryptedPackage"))
    with pytest.raises(EncryptedError):
        sniff(path)


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.touch()
    with pytest.raises(EmptyFileError):
        sniff(path)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundInPlaceError):
        sniff(tmp_path / "x.pdf")


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.4")
    path.chmod(0)
    with pytest.raises(FileNotFoundInPlaceError):
        sniff(path)


def test_a_pipe_and_a_folder_are_no_files_and_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipa")
    for path in (tmp_path / "pipa", tmp_path):
        with pytest.raises(UnsupportedFormatError, match="not a file"):
            sniff(path)


def test_a_zip_with_an_endless_directory_is_not_read_here(tmp_path: Path) -> None:
    file = io.BytesIO()
    with ZipFile(file, "w") as made:
        for number in range(60_000):
            made.writestr(f"word/{number}", "")
    path = tmp_path / "x.docx"
    path.write_bytes(file.getvalue())
    assert media_type_of(path) == types.ZIP


def test_every_type_that_can_be_found_has_a_name() -> None:
    for media_type in (*types.MAIN_PARTS.values(), *(expected for _, _, expected in CASES.values()), *EXTRACTORS):
        assert types.name_of(media_type) != media_type


SIGNATURES = [
    b"",
    b"%PDF-1.4",
    b"PK\x03\x04",
    b"PK\x05\x06" + bytes(18),
    compound_file("WordDocument")[:600],
    b"\xff\xfe",
]


@given(start=st.sampled_from(SIGNATURES), rest=st.binary(max_size=600), name=st.sampled_from(["x", "x.docx", "x.md"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_bytes_there_is_a_type_or_a_coded_error(
    tmp_path: Path, start: bytes, rest: bytes, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(start + rest)
    try:
        assert "/" in media_type_of(path)
    except FileError as error:
        assert error.code in ("empty", "encrypted")  # noqa: PT017  (any other class is not caught)
