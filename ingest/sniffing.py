"""First step of the pipeline: what a file is, by its content; the name decides between kinds of text and of damage.

By signature, by the content types of an office package, by the streams of an OLE file. On real and hostile files this
is right more often than the libraries for it. Nothing is unpacked or parsed here but small, bounded pieces.
"""

from __future__ import annotations

import os
import re
import stat
import struct
from pathlib import Path, PurePath
from typing import BinaryIO
from zipfile import ZipFile

from holdings.errors import EmptyFileError, EncryptedError, FileNotFoundInPlaceError, UnsupportedFormatError
from ingest import media_types as types
from ingest.compound_file import SIGNATURE as OLE_SIGNATURE
from ingest.compound_file import root_entries
from ingest.extractors import EXTRACTORS
from ingest.extractors.packages import ZIP_ERRORS
from ingest.sniffing_text import text_type

_HEAD_BYTES = 8_192
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"{\\rtf", types.RTF),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/x-wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftyp", "video/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"AT&TFORM", "image/vnd.djvu"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\0", "application/x-xz"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (257, b"ustar", "application/x-tar"),
    (0, b"%!PS", "application/postscript"),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "application/onenote"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"MZ\x90\0", "application/x-executable"),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
    # Word and Excel before they wrote OLE files.
    (0, b"\xdb\xa5-\0", types.DOC),
    (0, b"\x31\xbe\0\0", types.DOC),
    (0, b"\x09\x00\x04\x00", types.XLS),
    (0, b"\x09\x02\x06\x00", types.XLS),
    (0, b"\x09\x04\x06\x00", types.XLS),
)
_PDF_HEADER = re.compile(rb"%PDF-\d")
_PDF_HEADER_WITHIN = 1_024
_PDF_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\s*<<|startxref|\bxref\b")

_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ZIP_END = struct.Struct("<4s4H2LH")
_ZIP_END_SIGNATURE = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_LONGEST_ZIP_END = _ZIP_END.size + (1 << 16)
# Of some 40,000 entries: no document has as many, and the parent process must not hold more.
_MAX_ZIP_DIRECTORY = 4_000_000
_MAX_CONTENT_TYPES = 2_000_000
_CONTENT_TYPE = re.compile(rb"""ContentType\s*=\s*["']([^"']+)["']""")
_OPEN_DOCUMENT = re.compile(rb"application/(?:vnd\.oasis\.opendocument\.[a-z-]+|epub\+zip)")
_FOLDERS = ((b"word/", types.DOCX), (b"ppt/", types.PPTX), (b"xl/", types.XLSX), (b"visio/", types.VSDX))
_IWORK_PARTS = ("Index/Document.iwa", "Index.zip", ".iwph", ".iwpv2", "index.apxl", "index.apxl.gz", "index.xml.gz",
                "buildVersionHistory.plist")  # fmt: skip
_OPEN_XML_SUFFIXES = {".docx": types.DOCX, ".pptx": types.PPTX, ".xlsx": types.XLSX}

_OLE_STREAMS = (
    ("WordDocument", types.DOC),
    ("Workbook", types.XLS),
    ("Book", types.XLS),
    ("PowerPoint Document", types.PPT),
    ("PP40", types.PPT),
    ("__properties_version1.0", types.MSG),
    ("VisioDocument", types.VSD),
    ("Quill", types.PUB),
)
_OLE_SCAN_BYTES = 4_000_000


def sniff(path: Path, name: str | None = None) -> str:
    """Return the media type of a file that the hub reads. `name` is the file's own, if `path` is only where it lies.

    Raises EmptyFileError, FileNotFoundInPlaceError, EncryptedError, and UnsupportedFormatError that names the format.
    """
    media_type = media_type_of(path, name)
    if media_type not in EXTRACTORS:
        raise UnsupportedFormatError(f"The file is {types.name_of(media_type)}, which the hub does not read")
    return media_type


def media_type_of(path: Path, name: str | None = None) -> str:
    """Return the media type of any file, `application/octet-stream` when it is nothing that is known.

    Raises EmptyFileError, FileNotFoundInPlaceError, EncryptedError, and UnsupportedFormatError for what is no file.
    """
    try:
        # A pipe would wait for somebody who writes.
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnsupportedFormatError("This is not a file but a folder, a pipe, a socket or a device")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            if not head:
                raise EmptyFileError("The file is empty")
            return _media_type(file, head, name or path.name)
    except OSError as error:
        raise FileNotFoundInPlaceError(f"The file cannot be opened: {error.strerror or error}") from error


def _media_type(file: BinaryIO, head: bytes, name: str) -> str:
    if head.startswith(b"%PDF-"):
        return types.PDF
    if head.startswith(OLE_SIGNATURE):
        return _ole(file)
    if head.startswith(_ZIP_SIGNATURES):
        return _zip(file, head, name)
    start = head.lstrip()
    for offset, signature, media_type in _SIGNATURES:
        if head.startswith(signature, offset) or (media_type == types.RTF and start.startswith(signature)):
            return media_type
    # Rubbish before the header is common, and a damaged header costs nothing else; a text may speak of both.
    header = _PDF_HEADER.search(head, 0, _PDF_HEADER_WITHIN) or name.casefold().endswith(".pdf")
    if header and _PDF_OBJECT.search(head):
        return types.PDF
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    return text_type(head, name) or types.UNKNOWN


def _ole(file: BinaryIO) -> str:
    names = root_entries(file)
    if not names:
        # The directory is damaged; the names may still stand in the file.
        file.seek(0)
        content = file.read(_OLE_SCAN_BYTES)
        names = frozenset(n for n in ("EncryptedPackage", *dict(_OLE_STREAMS)) if n.encode("utf-16-le") in content)
    if "EncryptedPackage" in names:
        raise EncryptedError("The document asks for a password")
    # Some programs write the names in capitals; they are compared without regard to case.
    folded = {name.casefold() for name in names}
    return next((media_type for name, media_type in _OLE_STREAMS if name.casefold() in folded), types.OLE)


def _zip(file: BinaryIO, head: bytes, name: str) -> str:
    """Tell what a zip holds by its directory; where that is damaged or endless, by its first parts."""
    try:
        if not _has_small_directory(file):
            return _zip_by_head(head, name)
        with ZipFile(file) as package:
            names = frozenset(package.namelist())
            for part in ("mimetype", "META-INF/manifest.xml"):
                if part in names and (found := _OPEN_DOCUMENT.search(_start_of(package, part))):
                    return found[0].decode()
            if "[Content_Types].xml" in names:
                return _open_xml(_start_of(package, "[Content_Types].xml"), names)
            return types.IWORK if any(part.endswith(_IWORK_PARTS) for part in names) else types.ZIP
    except (*ZIP_ERRORS, struct.error):
        return _zip_by_head(head, name)


def _start_of(package: ZipFile, part: str) -> bytes:
    with package.open(part) as content:
        return content.read(_MAX_CONTENT_TYPES)


def _open_xml(content_types: bytes, names: frozenset[str]) -> str:
    for found in _CONTENT_TYPE.finditer(content_types):
        media_type = types.MAIN_PARTS.get(found[1].decode("latin-1").casefold())
        if media_type is not None:
            return media_type
    if b"xps-fixeddocument" in content_types:
        return types.XPS
    by_folder = (media_type for folder, media_type in _FOLDERS if any(n.startswith(folder.decode()) for n in names))
    return next(by_folder, types.ZIP)


def _zip_by_head(head: bytes, name: str) -> str:
    if found := _OPEN_DOCUMENT.search(head, 30, 256):
        return found[0].decode()
    # What is left of it does not tell: then its name does, so that a broken document is said to be broken.
    named = _OPEN_XML_SUFFIXES.get(PurePath(name).suffix.casefold(), types.ZIP)
    return next((media_type for folder, media_type in _FOLDERS if folder in head), named)


def _has_small_directory(file: BinaryIO) -> bool:
    """Say whether the zip's directory is of a size that may be read here; as the archive declares it, in both forms."""
    size = file.seek(0, os.SEEK_END)
    start = file.seek(max(0, size - _LONGEST_ZIP_END - 20))
    tail = file.read()
    at = tail.rfind(_ZIP_END_SIGNATURE)
    if at < 0 or len(tail) - at < _ZIP_END.size:
        return False
    declared = _ZIP_END.unpack_from(tail, at)[5]
    # With more than 65,535 parts or 4 GB there is a larger record, which documents do not need.
    return (
        start + at >= declared and declared <= _MAX_ZIP_DIRECTORY and _ZIP64_LOCATOR not in tail[max(0, at - 20) : at]
    )
