"""Media types that sniffing tells apart, with the names by which people know the formats."""

from __future__ import annotations

PDF = "application/pdf"
# Not a type of file but a way of reading one: its pages as pictures.
OCR = "application/pdf;ocr"
HTML = "text/html"
XHTML = "application/xhtml+xml"
PLAIN_TEXT = "text/plain"
CSV = "text/csv"
MARKDOWN = "text/markdown"
RTF = "application/rtf"
XML = "application/xml"
EML = "message/rfc822"
MHTML = "multipart/related"
ZIP = "application/zip"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
# What is in these is taken out, each a file of its own.
HOLDING_FILES = frozenset({EML, ZIP})

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
DOCX = f"{_OPEN_XML}.wordprocessingml.document"
DOTX = f"{_OPEN_XML}.wordprocessingml.template"
DOCM = "application/vnd.ms-word.document.macroEnabled.12"
DOTM = "application/vnd.ms-word.template.macroEnabled.12"
PPTX = f"{_OPEN_XML}.presentationml.presentation"
PPSX = f"{_OPEN_XML}.presentationml.slideshow"
POTX = f"{_OPEN_XML}.presentationml.template"
PPTM = "application/vnd.ms-powerpoint.presentation.macroEnabled.12"
PPSM = "application/vnd.ms-powerpoint.slideshow.macroEnabled.12"
XLSX = f"{_OPEN_XML}.spreadsheetml.sheet"
XLTX = f"{_OPEN_XML}.spreadsheetml.template"
XLSM = "application/vnd.ms-excel.sheet.macroEnabled.12"
XLSB = "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
VSDX = "application/vnd.ms-visio.drawing"
XPS = "application/vnd.ms-package.xps-fixeddocument-fixedpage+xml"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
PPT = "application/vnd.ms-powerpoint"
MSG = "application/vnd.ms-outlook"
VSD = "application/vnd.visio"
PUB = "application/x-mspublisher"
OLE = "application/x-ole-storage"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODP = "application/vnd.oasis.opendocument.presentation"
ODG = "application/vnd.oasis.opendocument.graphics"
OTT = f"{ODT}-template"
OTS = f"{ODS}-template"
OTP = f"{ODP}-template"
EPUB = "application/epub+zip"
IWORK = "application/vnd.apple.iwork"
UNKNOWN = "application/octet-stream"

# The content type of the main part, in [Content_Types].xml, and the media type of the whole.
MAIN_PARTS = {
    f"{_OPEN_XML}.wordprocessingml.document.main+xml": DOCX,
    f"{_OPEN_XML}.wordprocessingml.template.main+xml": DOTX,
    "application/vnd.ms-word.document.macroenabled.main+xml": DOCM,
    "application/vnd.ms-word.template.macroenabledtemplate.main+xml": DOTM,
    f"{_OPEN_XML}.presentationml.presentation.main+xml": PPTX,
    f"{_OPEN_XML}.presentationml.slideshow.main+xml": PPSX,
    f"{_OPEN_XML}.presentationml.template.main+xml": POTX,
    "application/vnd.ms-powerpoint.presentation.macroenabled.main+xml": PPTM,
    "application/vnd.ms-powerpoint.slideshow.macroenabled.main+xml": PPSM,
    f"{_OPEN_XML}.spreadsheetml.sheet.main+xml": XLSX,
    f"{_OPEN_XML}.spreadsheetml.template.main+xml": XLTX,
    "application/vnd.ms-excel.sheet.macroenabled.main+xml": XLSM,
    "application/vnd.ms-excel.sheet.binary.macroenabled.main": XLSB,
    "application/vnd.ms-visio.drawing.main+xml": VSDX,
}

NAMES = {
    OCR: "scanned pages",
    PDF: "PDF", HTML: "HTML", XHTML: "XHTML", PLAIN_TEXT: "plain text", CSV: "CSV", MARKDOWN: "Markdown", RTF: "RTF",
    XML: "XML", EML: "an e-mail", MHTML: "a saved web page (MHTML)", ZIP: "a ZIP archive", DOCX: "DOCX", DOTX: "DOTX",
    DOCM: "DOCM", DOTM: "DOTM", PPTX: "PPTX", PPSX: "PPSX", POTX: "POTX", PPTM: "PPTM", PPSM: "PPSM", XLSX: "XLSX",
    XLTX: "XLTX", XLSM: "XLSM", XLSB: "XLSB", VSDX: "a Visio drawing", XPS: "XPS", DOC: "DOC (Word 97)",
    XLS: "XLS (Excel 97)", PPT: "PPT (PowerPoint 97)", MSG: "an Outlook message", VSD: "a Visio drawing",
    PUB: "a Publisher document", OLE: "an OLE file", ODT: "ODT", ODS: "ODS", ODP: "ODP", ODG: "ODG", OTT: "OTT",
    OTS: "OTS", OTP: "OTP", EPUB: "EPUB", IWORK: "a document of Apple's Pages, Numbers or Keynote",
    "image/png": "a PNG image", "image/jpeg": "a JPEG image", "image/gif": "a GIF image", "image/tiff": "a TIFF image",
    "image/bmp": "a BMP image", "image/webp": "a WebP image", "image/heic": "a HEIC image",
    "image/svg+xml": "an SVG image",
    "image/vnd.djvu": "DjVu", "application/gzip": "a gzip archive", "application/x-bzip2": "a bzip2 archive",
    "application/x-xz": "an xz archive", "application/x-7z-compressed": "a 7z archive",
    "application/vnd.rar": "a RAR archive", "application/x-tar": "a tar archive",
    "application/postscript": "PostScript",
    "application/onenote": "OneNote", "audio/mpeg": "an audio file", "video/mp4": "a video or audio file (MP4)",
    "audio/x-wav": "an audio file", "video/x-msvideo": "a video", "application/x-executable": "a program",
    "application/vnd.sqlite3": "a database (SQLite)", UNKNOWN: "unknown binary content",
}  # fmt: skip


def name_of(media_type: str) -> str:
    """Return what people call a format."""
    return NAMES.get(media_type, media_type)
