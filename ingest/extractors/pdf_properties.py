"""What a PDF says of itself: its information dictionary, then its XMP packet for what stands only there."""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdftypes import PDFStream, resolve1
from pdfminer.psexceptions import PSException
from pdfminer.utils import decode_text

from ingest.model import FileMetadata

_MAX_XMP = 1_000_000
_DATE = re.compile(
    r"(?:D:)?\s*(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?)?)?(?:([+-]\d{2})'?(\d{2})?'?|(Z))?"
)
_XMP = {
    "title": ".//dc:title//rdf:li/text() | .//@dc:title",
    "creator": ".//dc:creator//rdf:li/text() | .//@dc:creator",
    "created": ".//xmp:CreateDate/text() | .//@xmp:CreateDate",
    "modified": ".//xmp:ModifyDate/text() | .//@xmp:ModifyDate",
}
_KEYS = {"Title": "title", "Author": "creator", "CreationDate": "created", "ModDate": "modified"}
_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}
_PACKET_START = b"<x:xmpmeta"
_PACKET_END = b"</x:xmpmeta>"
_MAX_PACKETS = 100
_OF_PDF = re.compile(rb"application/pdf|http://ns\.adobe\.com/pdf/1\.3/")
_ERRORS = (PSException, AttributeError, LookupError, RuntimeError, TypeError, ValueError, OSError, etree.LxmlError)


def stated_by(document: PDFDocument, *, heading: str | None = None) -> FileMetadata:
    """Return what the PDF's properties state. What cannot be read of them is taken as not stated."""
    return _file_metadata(_xmp(document) | _information(document), _language(document), heading)


def stated_in(
    path: Path, information: Callable[[str], str], *, language: str | None, heading: str | None = None
) -> FileMetadata:
    """Return what the PDF's properties state, without reading the file's structure.

    `information` returns an entry of the information dictionary by its name. The XMP packet is looked for among the
    bytes of the file, where it stands as it is in order that programs may find it.
    """
    stated = _cleaned({name: information(key) for key, name in _KEYS.items()})
    if len(stated) < len(_KEYS):
        stated = _statements(_packet(path)) | stated
    return _file_metadata(stated, language, heading)


def _file_metadata(stated: dict[str, str], language: str | None, heading: str | None) -> FileMetadata:
    return FileMetadata(
        title=stated.get("title"),
        authors=tuple(re.split(r"\s*;\s*", stated["creator"])) if "creator" in stated else (),
        created=stated.get("created"),
        modified=stated.get("modified"),
        language=language,
        heading=heading,
    )


def _cleaned(entries: dict[str, str]) -> dict[str, str]:
    dates = {name: iso_date(text) or "" for name, text in entries.items() if name in ("created", "modified")}
    texts = {name: text.strip("\ufeff\0 \t\r\n") for name, text in (entries | dates).items()}
    return {name: text for name, text in texts.items() if text}


def _information(document: PDFDocument) -> dict[str, str]:
    stated: dict[str, str] = {}
    for dictionary in reversed(document.info):
        for key, name in _KEYS.items():
            try:
                text = _decoded(resolve1(dictionary.get(key)))
            except _ERRORS:
                continue
            stated |= _cleaned({name: text})
    return stated


def _xmp(document: PDFDocument) -> dict[str, str]:
    try:
        packet = resolve1(document.catalog.get("Metadata"))
        return _statements(packet.get_data()) if isinstance(packet, PDFStream) else {}
    except _ERRORS:
        return {}


def _packet(path: Path) -> bytes:
    """Return the XMP packet of the whole PDF; pictures in it may have theirs. Of several the last one counts."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            packets: list[bytes] = []
            start = content.find(_PACKET_START)
            while start >= 0 and len(packets) < _MAX_PACKETS:
                end = content.find(_PACKET_END, start)
                if end < 0 or end - start > _MAX_XMP:
                    break
                packets.append(content[start : end + len(_PACKET_END)])
                start = content.find(_PACKET_START, end)
    except (OSError, ValueError):
        return b""
    of_pdf = [packet for packet in packets if _OF_PDF.search(packet)]
    return of_pdf[-1] if of_pdf else packets[0] if len(packets) == 1 else b""


def _statements(packet: bytes) -> dict[str, str]:
    """Return what an XMP packet states."""
    try:
        start = packet.find(_PACKET_START)
        if start < 0:
            start = packet.find(b"<rdf:RDF")
        if start < 0 or len(packet) > _MAX_XMP:
            return {}
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
        root = etree.fromstring(packet[start:].rsplit(b"<?xpacket", 1)[0], parser)
        if root is None:
            return {}
        found = {name: root.xpath(path, namespaces=_NAMESPACES) for name, path in _XMP.items()}
    except _ERRORS:
        return {}
    texts = {name: "; ".join(str(value).strip() for value in values) for name, values in found.items()}
    return {name: text for name, text in texts.items() if text}


def _language(document: PDFDocument) -> str | None:
    try:
        value = resolve1(document.catalog.get("Lang"))
        return _decoded(value) or None
    except _ERRORS:
        return None


def _decoded(value: object) -> str:
    if not isinstance(value, bytes):
        return ""
    # The standard has big-endian UTF-16 only; some printer drivers write little-endian.
    text = value.decode("utf-16-le", "replace") if value.startswith(b"\xff\xfe") else decode_text(value)
    return text.strip("\ufeff\0 \t\r\n")


def iso_date(text: str) -> str | None:
    """Return a PDF date such as `D:20180621101500+07'00'` in ISO 8601, as exactly as it is given; None for no date."""
    match = _DATE.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone_hours, zone_minutes, utc = match.groups()
    date = "-".join(filter(None, (year, month, day)))
    if hour is None:
        return date
    zone = "Z" if utc else f"{zone_hours}:{zone_minutes or '00'}" if zone_hours else ""
    return f"{date}T{hour}:{minute}:{second or '00'}{zone}"
