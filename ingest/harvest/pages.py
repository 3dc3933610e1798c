"""What a web address may be: by its name and its server's word, a document, a page, or nothing for the hub.

And the links to files on the page that a repository shows for a record. Only read as text, by Python's own reader.
"""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import PurePosixPath

from httpx2 import URL

from holdings.errors import AddressRefusedError
from ingest import media_types as types
from ingest.harvest.addresses import host_of, parse_url

MAX_PAGE_BYTES = 5_000_000
_READ_CHARACTERS = 2_000_000
_MAX_FILES = 10

PAGE_TYPES = frozenset({types.HTML, types.XHTML})
_DOCUMENT_SUFFIXES = frozenset({
    ".pdf", ".docx", ".dotx", ".docm", ".pptx", ".ppsx", ".pptm", ".xlsx", ".xlsm", ".xls", ".doc", ".ppt", ".odt",
    ".ods", ".odp", ".rtf", ".txt", ".md", ".eml", ".zip",
})  # fmt: skip
_PAGE_SUFFIXES = frozenset({
    ".htm", ".html", ".xhtml", ".php", ".asp", ".aspx", ".jsp",
})  # fmt: skip
# What a name shows to be neither, before anything is asked.
_OTHER_SUFFIXES = frozenset({
    ".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".ico", ".bmp", ".tif", ".tiff", ".css", ".js", ".mjs", ".json",
    ".xml", ".rss", ".atom", ".woff", ".woff2", ".ttf", ".eot", ".mp3", ".wav", ".ogg", ".mp4", ".avi", ".mov",
    ".webm", ".mkv", ".exe", ".apk", ".dmg", ".iso", ".7z", ".rar", ".gz", ".tar", ".csv",
})  # fmt: skip
# What a server says of documents that it knows no type for.
_SAYS_NOTHING = frozenset({"", types.UNKNOWN, "application/force-download", "application/x-download", "binary/octet"})
_DOCUMENT_TYPES = _SAYS_NOTHING | {
    types.PDF, "application/x-pdf", types.DOCX, types.DOTX, types.DOCM, types.PPTX, types.PPSX, types.PPTM, types.XLSX,
    types.XLSM, types.XLS, types.DOC, types.PPT, types.ODT, types.ODS, types.ODP, types.RTF, "text/rtf", "text/plain",
    "text/markdown", types.EML, types.ZIP, "application/x-zip-compressed",
}  # fmt: skip


def suffix_of(url: URL) -> str:
    return PurePosixPath(url.path).suffix.casefold()


def names_document(url: URL) -> bool:
    """Say whether the name at the end of an address is that of a document."""
    return suffix_of(url) in _DOCUMENT_SUFFIXES


def names_something_else(url: URL) -> bool:
    """Say whether the name at the end of an address is that of what the hub never reads."""
    return suffix_of(url) in _OTHER_SUFFIXES


def may_be_document(content_type: str) -> bool:
    """Say whether a server's word lets something be a document of a format that the hub knows."""
    return content_type in _DOCUMENT_TYPES


def file_name_of(url: URL) -> str:
    """Return a name for the file at an address, safe on any disk; it says of the format what the address says."""
    name = PurePosixPath(url.path).name or host_of(url)
    safe = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name)
    suffix = suffix_of(url)
    if suffix not in _DOCUMENT_SUFFIXES and suffix not in _PAGE_SUFFIXES:
        suffix = ""
    stem = safe.removesuffix(suffix)[:40].strip(".-") or "file"
    return f"{stem}{suffix}"


def files_on_page(text: str, url: URL) -> list[URL]:
    """Return the addresses of the files that a record's page at `url` offers.

    Those that it gives to search engines (`citation_pdf_url`); where it gives none, its links on the same host to
    names of known formats.
    """
    found = _Links()
    found.feed(text[:_READ_CHARACTERS])
    given = [link for link in (_parsed(text, url) for text in found.given) if link is not None]
    linked = [
        link
        for link in (_parsed(text, url) for text in found.linked)
        if link is not None and host_of(link) == host_of(url) and names_document(link)
    ]
    return list(dict.fromkeys(given or linked))[:_MAX_FILES]


def _parsed(text: str, base: URL) -> URL | None:
    try:
        return parse_url(text, base)
    except AddressRefusedError:
        return None


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.given: list[str] = []
        self.linked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "meta" and (values.get("name") or "").casefold() == "citation_pdf_url":
            self.given.append(values.get("content") or "")
        elif tag == "a" and values.get("href"):
            self.linked.append(values["href"] or "")
