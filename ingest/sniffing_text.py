"""Part of sniffing: which kind of text a file holds, if it holds text at all."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath

from ingest import media_types as types

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MAX_CONTROLS = 0.02
_SUFFIXES = {
    ".md": types.MARKDOWN,
    ".markdown": types.MARKDOWN,
    ".mdown": types.MARKDOWN,
    ".mkd": types.MARKDOWN,
    ".txt": types.PLAIN_TEXT,
    ".text": types.PLAIN_TEXT,
    ".csv": types.CSV,
    ".tsv": types.CSV,
    ".html": types.HTML,
    ".htm": types.HTML,
    ".xhtml": types.HTML,
}

_BEFORE_ROOT = r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
_HTML = re.compile(_BEFORE_ROOT + r"(?:<!doctype\s+html|<(?:html|head|body)\b)", re.IGNORECASE | re.DOTALL)
_HTML_FRAGMENT = re.compile(
    r"\s*<(?:div|p|table|h[1-6]|center|font|meta|title|script|style|link)\b[^<>]*>", re.IGNORECASE
)
_XHTML = re.compile(r"\s*<\?xml|[^>]*<html[^>]*xmlns\s*=|\s*<!doctype[^>]*xhtml", re.IGNORECASE)
_SVG = re.compile(_BEFORE_ROOT + r"(?:<!DOCTYPE svg[^>]*>\s*)?<svg\b", re.DOTALL)
_XML = re.compile(r"\s*<\?xml\b")
_TAG = re.compile(r"<[a-z][a-z0-9]*\b[^<>]*>", re.IGNORECASE)

# A page of the web with its pictures, saved as one file; e-mails with pictures are made likewise.
_RELATED = re.compile(r"^content-type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
_HEADER_LINE = re.compile(r"([!-9;-~]+):")
_MAIL_HEADERS = frozenset(
    "from to cc subject date message-id received mime-version return-path delivered-to content-type reply-to".split()  # noqa: SIM905
)
# Those that a mail program writes and a person who types "From: … Subject: …" does not.
_MACHINE_HEADERS = frozenset("message-id received mime-version return-path delivered-to".split())  # noqa: SIM905


def text_type(head: bytes, name: str) -> str | None:
    """Return the media type of a text by its beginning and the file's name; None when the content is not text."""
    suffix = PurePath(name).suffix.casefold()
    text = _decoded(head, trusting=suffix in _SUFFIXES)
    if text is None:
        return None
    by_name = _SUFFIXES.get(suffix, types.PLAIN_TEXT)
    if _HTML.match(text):
        return types.XHTML if _XHTML.match(text) else types.HTML
    if _SVG.match(text):
        return "image/svg+xml"
    if _XML.match(text):
        return types.XML
    if mail := _mail(text, suffix):
        return mail
    if by_name == types.HTML and not _TAG.search(text):
        return types.PLAIN_TEXT
    if by_name == types.PLAIN_TEXT and _HTML_FRAGMENT.match(text):
        return types.HTML
    return by_name


def _decoded(head: bytes, *, trusting: bool) -> str | None:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, errors="ignore")
    if _is_utf_16(head[::2], head[1::2]):
        return head.decode("utf-16-be" if head[:1] == b"\0" else "utf-16-le", errors="ignore")
    # Only controls are looked at: every other byte is a letter in some encoding.
    text = head.decode("latin-1")
    first = _CONTROLS.search(text)
    if first is None or len(_CONTROLS.findall(text)) <= _MAX_CONTROLS * len(text):
        return head.decode("utf-8", errors="ignore")
    # A file that says it is text and begins with lines of text is one, damaged further on.
    lines = text[: text.rfind("\n", 0, first.start()) + 1]
    return lines if trusting and lines.strip() else None


def _is_utf_16(even: bytes, odd: bytes) -> bool:
    """Say whether mostly Latin text in UTF-16 is there: zeros stand in every other byte, and only there."""
    most, least = sorted((even.count(0), odd.count(0)), reverse=True)
    return most > 0.5 * len(odd) > 0 and least < 0.02 * len(odd)


def _mail(text: str, suffix: str) -> str | None:
    lines = text.lstrip().splitlines()
    if suffix == ".emlx" and lines and lines[0].strip().isdigit():
        lines = lines[1:]
    names: set[str] = set()
    for line in lines:
        header = _HEADER_LINE.match(line)
        if header:
            names.add(header[1].casefold())
        elif not line.startswith((" ", "\t", "From ", ">From ")):
            break
    known = names & _MAIL_HEADERS
    named_mail = suffix in (".eml", ".emlx")
    if not (len(known) >= 3 and known & _MACHINE_HEADERS) and not (named_mail and len(known) >= 2):
        return None
    return types.MHTML if _RELATED.search(text) and not named_mail else types.EML
