"""What the hub itself finds of a document, made for a test: inferred statements, and pages as readers leave them."""

from __future__ import annotations

from collections.abc import Sequence

from holdings import documents, texts
from holdings.model import DocumentField, Evidence, Page, PageUnit, Source, Statement
from indexer.hub import Hub

OCR = "tesseract 5.3.0 ind+eng"


def infer(hub: Hub, document_id: str, *stated: tuple[DocumentField, str] | tuple[DocumentField, str, Evidence]) -> None:
    """Record these values as inferred, with their evidence, and take back what was declared of their fields."""
    statements = [Statement(field, value, Source.INFERRED, 0.8, tuple(evidence)) for field, value, *evidence in stated]
    with hub.catalogue.write() as session:
        documents.state(session, document_id, {statement.field for statement in statements}, [])
        documents.infer(session, document_id, statements)


def read_anew(hub: Hub, document_id: str, *pages: tuple[str, str | None, bool], truncated: Sequence[str] = ()) -> None:
    """Give a document these pages: text, who read it where it was another than usual, and whether it waits for OCR."""
    with hub.files.text_writer() as writer:
        for number, (text, reader, scan) in enumerate(pages, 1):
            writer.add(Page(number, PageUnit.PAGE, text, reader, scan))
        stored = writer.finish(reader="pypdfium2 5.0.0", truncated=tuple(truncated))
    with hub.catalogue.write() as session:
        texts.replace(session, documents.get(session, document_id).text.sha256, stored)
