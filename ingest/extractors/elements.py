"""Elements of XML by their names without namespaces: the forms of office formats mostly differ only there."""

from __future__ import annotations

from typing import Any

# lxml's types are not for others to import.
Element = Any


def local_name(element: Element) -> str:
    """Return an element's name without its namespace; empty for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Element | None, name: str) -> str | None:
    """Return an attribute by its name without namespace; None where there is none, or no element."""
    if element is None:
        return None
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


def relation_id(element: Element, name: str = "id") -> str | None:
    """Return an attribute that holds the id of a relation; an element may have an id of its own besides."""
    return next((str(value) for key, value in element.attrib.items() if key.endswith("}" + name)), None)


def child_of(element: Element | None, name: str) -> Element | None:
    """Return the first child of that name without namespace; None where there is none, or no element."""
    return None if element is None else next(element.iterchildren(f"{{*}}{name}"), None)


def is_on(element: Element | None) -> bool:
    """Say whether an element that switches something is there and does not say off."""
    return element is not None and attribute(element, "val") not in ("0", "false", "off")


def chosen(alternatives: Element) -> Element | None:
    """Return the one of alternatives (mc:AlternateContent) that is read: the first, else that for older programs."""
    choice = child_of(alternatives, "Choice")
    return choice if choice is not None else child_of(alternatives, "Fallback")
