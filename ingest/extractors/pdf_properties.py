"""What a PDF says of itself: its information dictionary, then its XMP packet for what stands only there."""

from __future__ import annotations

import re

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
_ERRORS = (PSException, AttributeError, LookupError, RuntimeError, TypeError, ValueError, OSError, etree.LxmlError)


def stated_by(document: PDFDocument, *, heading: str | None = None) -> FileMetadata:
    """Return what the PDF's properties state. What cannot be read of them is taken as not stated."""
    stated = _xmp(document) | _information(document)
    return FileMetadata(
        title=stated.get("title"),
        authors=tuple(re.split(r"\s*;\s*", stated["creator"])) if "creator" in stated else (),
        created=stated.get("created"),
        modified=stated.get("modified"),
        language=_language(document),
        heading=heading,
    )


def _information(document: PDFDocument) -> dict[str, str]:
    stated: dict[str, str] = {}
    for dictionary in reversed(document.info):
        for key, name in _KEYS.items():
            try:
                text = _decoded(resolve1(dictionary.get(key)))
            except _ERRORS:
                continue
            if name in ("created", "modified"):
                text = iso_date(text) or ""
            if text:
                stated[name] = text
    return stated


def _xmp(document: PDFDocument) -> dict[str, str]:
    try:
        packet = resolve1(document.catalog.get("Metadata"))
        content = packet.get_data() if isinstance(packet, PDFStream) else b""
        start = content.find(b"<x:xmpmeta")
        if start < 0:
            start = content.find(b"<rdf:RDF")
        if start < 0 or len(content) > _MAX_XMP:
            return {}
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
        root = etree.fromstring(content[start:].rsplit(b"<?xpacket", 1)[0], parser)
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
