"""A document as a person reads it on the command line: what is stated of it and by whom, how it was read, its files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from rich.text import Text

from app.contract_documents import DocumentObject, RelationObject, StatedObject

_FIELDS = ("kind", "number", "date", "language", "organisation", "authors", "themes", "provinces", "priorities",
           "abstract", "licence")  # fmt: skip
_WHAT = {
    ("new-version", "to"): "new version of",
    ("new-version", "from"): "there is a newer version:",
    ("excerpt", "to"): "excerpt of",
    ("excerpt", "from"): "there is an excerpt of it:",
    ("translation", "to"): "translation of",
    ("translation", "from"): "there is a translation of it:",
    ("identical", "both"): "has the same text as",
    ("related", "both"): "shares passages with",
}


def account(shown: DocumentObject) -> Iterator[Text]:
    """Yield the lines of a document's account."""
    yield Text.assemble((str(shown["title"]["value"]), "bold"), *_basis(shown["title"]))
    yield Text(f"{shown['document_id']}, recorded {shown['recorded_at']}", "dim")
    yield from _ground(shown["title"])
    yield Text()
    for name in _FIELDS:
        found = shown.get(name)
        for stated in cast(list[StatedObject], found if isinstance(found, list) else [found] if found else []):
            label = f"  {stated['label']}" if "label" in stated and stated["label"] != stated["value"] else ""
            yield Text.assemble((f"{name:<13} ", "dim"), f"{stated['value']}{label}", *_basis(stated))
            yield from _ground(stated)
    if shown["relations"]:
        yield Text()
        yield from map(_relation, shown["relations"])
    yield Text()
    yield from _reading(shown)
    for receipt in shown.get("receipts", []):
        yield from _receipt(receipt)


def _basis(stated: StatedObject) -> list[tuple[str, str]]:
    return [(f"  inferred, {stated['confidence']:.0%}", "yellow")] if stated["source"] == "inferred" else []


def _ground(stated: StatedObject) -> Iterator[Text]:
    for evidence in stated["evidence"]:
        where = f"page {evidence['page']}" if evidence["page"] else "properties or name of the file"
        scanned = " (from a scan, OCR)" if evidence.get("by_ocr") else ""
        yield Text(f"{'':<16}{where}{scanned}: “{evidence['words']}”", "dim")


def _relation(relation: RelationObject) -> Text:
    facts = [relation["document_id"]]
    if relation["shared"] is not None:
        facts.append(f"{relation['shared']:.0%} of the passages in common")
    if relation["pages"]:
        pages = [f"{page}-{other}" for page, other in relation["pages"][:5]]
        facts.append(f"pages {', '.join(pages)}{' …' if len(relation['pages']) > len(pages) else ''}")
    inferred = "  inferred" if relation["source"] == "inferred" else ""
    what = _WHAT[relation["class"], relation["direction"].value]
    return Text.assemble((f"{what} ", "dim"), relation["title"], (f"  {', '.join(facts)}", "dim"), (inferred, "yellow"))


def _reading(shown: DocumentObject) -> Iterator[Text]:
    yield Text(
        f"{shown['pages']} pages, {shown['pages_without_text']} without text, {shown['pages_by_ocr']} by OCR, "
        f"{shown['pages_awaiting_ocr']} scans wait"
    )
    for reader, pages in shown["readers"].items():
        yield Text(f"  {reader}: {pages} pages", "dim")
    for reason in shown["truncated"]:
        yield Text(f"  left out: {reason}", "dim")


def _receipt(receipt: dict[str, Any]) -> Iterator[Text]:
    yield Text(f"{receipt['outcome']:<10} {receipt['path']}", "dim")
    if receipt["error"]:
        yield Text(f"  {receipt['error']['message']} [{receipt['error']['code']}]", "dim")
