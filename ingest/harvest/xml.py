"""Reading the XML of a source, which is not trusted: no DOCTYPE, no entities, nothing fetched, a bound to its elements.

Elements are handed out when they are complete and emptied afterwards, so that memory does not grow with the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree  # type: ignore[import-untyped]

from holdings.errors import SourceInvalidError

# An element of lxml, whose types are not for others to import.
Element = Any

_CHUNK = 1 << 16
_MAX_ELEMENTS = 2_000_000
_UTF_16 = (b"\xfe\xff", b"\xff\xfe")
# Control characters, which XML does not allow and old titles and abstracts hold all the same.
_NOT_XML = bytes(sign for sign in range(0x20) if sign not in b"\t\n\r")


def read_xml(file: BinaryIO, wanted: frozenset[str]) -> Iterator[Element]:
    """Yield the root as soon as it begins, then each element with a wanted local name at its end, in order.

    Raises SourceInvalidError for what is not well-formed, has a DOCTYPE, or holds too many elements.
    """
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    elements = 0
    begins = True
    try:
        while chunk := file.read(_CHUNK):
            if begins and b"<!DOCTYPE" in chunk:
                raise SourceInvalidError("The source's XML has a DOCTYPE, which a list never needs")
            if begins:
                drop = b"" if chunk.startswith(_UTF_16) else _NOT_XML
            begins = False
            parser.feed(chunk.translate(None, drop))
            for event, element in parser.read_events():
                if event == "start":
                    elements += 1
                    if elements > _MAX_ELEMENTS:
                        raise SourceInvalidError(f"The source's XML holds more than {_MAX_ELEMENTS:,} elements")
                    if elements == 1:
                        if element.getroottree().docinfo.doctype:
                            raise SourceInvalidError("The source's XML has a DOCTYPE, which a list never needs")
                        yield element
                elif name_of(element) in wanted:
                    yield element
                    _forget(element)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise SourceInvalidError(f"The source's XML is not well-formed: {error}") from error


def name_of(element: Element) -> str:
    """Return the name of an element without its namespace: sources get namespaces wrong."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_of(element: Element | None) -> str:
    """Return the text of an element and of what is in it, with its blanks made single ones."""
    return " ".join("".join(str(part) for part in element.itertext()).split()) if element is not None else ""


def child(element: Element, name: str) -> Element | None:
    """Return the first child with this local name."""
    return next((inner for inner in element if name_of(inner) == name), None)


def _forget(element: Element) -> None:
    element.clear(keep_tail=False)
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)
