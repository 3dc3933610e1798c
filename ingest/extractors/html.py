"""Extraction of HTML and XHTML by selectolax (lexbor): the words that a reader of the page sees, cut at headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.extractors.decoding import decode
from ingest.extractors.sections import Block, sections
from ingest.extractors.text import losses
from ingest.model import ExtractionEvent, FileMetadata, Page, PageUnit

_DROPPED = frozenset({"script", "style", "nav", "noscript", "template", "head", "iframe", "object", "embed"})
_BLOCK_TAGS = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu ol optgroup option p pre section summary table "
    "tbody tfoot thead title tr ul"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_VERBATIM = frozenset({"pre"})
_CELLS = frozenset({"td", "th"})
_SECTION_HEADINGS = frozenset({"h1", "h2"})
_SPACE = re.compile(r"[ \t\n\r\f\u200b]+")
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# What a browser reads to find the stated encoding.
_PRESCAN_BYTES = 4096
_META_CHARSET = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)["']""")
_XHTML = re.compile(r"\s*<\?xml|[^>]*<html[^>]{0,300}xmlns\s*=", re.IGNORECASE)
# In XHTML any element may close itself; read as HTML these would swallow the rest of the page.
_SELF_CLOSED = re.compile(
    r"<(script|style|title|textarea|iframe|noscript|a|div|span|p|td|th|i|b|em|strong|select)\b([^<>]*)/>", re.IGNORECASE
)
_AUTHORS = ("author", "dc.creator", "dcterms.creator", "citation_author", "article:author")
_PUBLISHED = ("article:published_time", "citation_publication_date", "citation_date", "dc.date", "dcterms.issued",
              "dcterms.date", "dcterms.created", "dc.date.issued", "date")  # fmt: skip
_MODIFIED = ("article:modified_time", "dcterms.modified", "last-modified")


def extract(path: Path) -> Iterator[ExtractionEvent]:
    """Yield the sections of a page of HTML and what it says of itself.

    Raises CorruptError when the content is not text.
    """
    content = path.read_bytes()
    decoded = decode(content, _stated_encoding(content[:_PRESCAN_BYTES]))
    source = decoded.text
    if _XHTML.match(source[:_PRESCAN_BYTES]):
        source = _SELF_CLOSED.sub(r"<\1\2></\1>", source)
    tree = LexborHTMLParser(source)
    yield _metadata(tree)
    blocks = _blocks(tree.body) if tree.body is not None else iter(())
    for number, section in enumerate(sections(blocks), 1):
        yield Page(number, PageUnit.SECTION, section)
    yield from losses(decoded)


def _stated_encoding(start: bytes) -> str | None:
    found = _META_CHARSET.search(start) or _XML_ENCODING.match(start)
    if found is None:
        return None
    name = found[1].decode("ascii", "replace").casefold()
    # As browsers do: pages that say Latin-1 mean Windows', and one that can be read so far is not UTF-16.
    return {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "utf-16": "utf-8"}.get(name, name)


def _metadata(tree: LexborHTMLParser) -> FileMetadata:
    meta: dict[str, list[str]] = {}
    for node in tree.css("meta"):
        name = node.attributes.get("name") or node.attributes.get("property") or node.attributes.get("itemprop")
        content = node.attributes.get("content")
        if name and content and content.strip():
            meta.setdefault(name.strip().casefold(), []).append(content.strip())

    def first(*names: str) -> str | None:
        return next((meta[name][0] for name in names if name in meta), None)

    title_node, heading = tree.css_first("title"), tree.css_first("h1")
    title = _SPACE.sub(" ", title_node.text()).strip() if title_node is not None else None
    shared = first("og:title", "citation_title", "dc.title", "dcterms.title")
    html = tree.css_first("html")
    return FileMetadata(
        # What is meant for sharing lacks the name of the site that a window's title carries.
        title=shared or title or None,
        authors=tuple(dict.fromkeys(author for name in _AUTHORS for author in meta.get(name, ()))),
        modified=first(*_MODIFIED),
        language=(html.attributes.get("lang") or html.attributes.get("xml:lang")) if html is not None else None,
        published=first(*_PUBLISHED),
        heading=_SPACE.sub(" ", heading.text()).strip() or None if heading is not None else None,
    )


def _blocks(body: LexborNode) -> Iterator[Block]:
    """Yield the lines of a page: what elements that stand on their own part. Cells of a row are parted by a tab."""
    words: list[str] = []
    breaks = False
    verbatim = 0
    for node, entering in _walk(body):
        tag = node.tag or ""
        if tag == "-text":
            text = node.text_content or ""
            words.append(text if verbatim else _SPACE.sub(" ", text))
        elif tag == "img":
            words.append(_described(node))
        elif tag in _CELLS:
            words.append("" if entering else "\t")
        elif tag == "br":
            words.append("\n")
        elif tag in _BLOCKS:
            if line := _line(words):
                yield Block(line, breaks)
                breaks = False
            words.clear()
            breaks = breaks or (entering and tag in _SECTION_HEADINGS)
            verbatim += (1 if entering else -1) if tag in _VERBATIM else 0
    if line := _line(words):
        yield Block(line, breaks)


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Yield each visible node as it begins and, where it has content, as it ends; in a loop, as pages nest deeply."""
    open_nodes: list[LexborNode] = []
    node: LexborNode | None = root
    while node is not None or open_nodes:
        if node is None:
            node = open_nodes.pop()
            yield node, False
            node = node.next if open_nodes else None
            continue
        first = None
        if _visible(node):
            yield node, True
            first = node.first_child
        if first is not None:
            open_nodes.append(node)
            node = first
        else:
            node = node.next if open_nodes else None


def _visible(node: LexborNode) -> bool:
    if not node.is_element_node:
        return node.is_text_node
    if node.tag in _DROPPED:
        return False
    attributes = node.attributes
    return not attributes or not (
        "hidden" in attributes or ("style" in attributes and _INVISIBLE.search(attributes["style"] or ""))
    )


def _described(image: LexborNode) -> str:
    words = (image.attributes.get("alt") or "").strip()
    return f" {words} " if words else ""


def _line(words: list[str]) -> str:
    lines = (line.strip(" ") for line in "".join(words).split("\n"))
    return "\n".join(line for line in lines if line.strip()).strip("\n\t ")
