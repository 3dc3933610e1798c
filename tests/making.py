"""Documents made for a test, recorded as ingestion records them, without a file having to be read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from holdings import arrivals, documents, organisations
from holdings.access import Access
from holdings.errors import FileOutcome
from holdings.model import Declared, DocumentField, Page, PageUnit, Source, Statement, StoredFile
from holdings.states import State
from indexer.hub import Hub

_FIELDS = {
    "kind": DocumentField.KIND,
    "date": DocumentField.DATE,
    "language": DocumentField.LANGUAGE,
    "number": DocumentField.NUMBER,
    "abstract": DocumentField.ABSTRACT,
    "author": DocumentField.AUTHOR,
    "theme": DocumentField.THEME,
    "province": DocumentField.PROVINCE,
    "priority": DocumentField.PRIORITY,
    "organisation": DocumentField.ORGANISATION,
}


def record_document(
    hub: Hub,
    title: str,
    pages: Sequence[str] = (),
    *,
    access: Sequence[str] = ("public",),
    embargo_until: datetime | None = None,
    keeper: str | None = None,
    state: State = State.PUBLISHED,
    contributor: str | None = None,
    original: bytes | None = None,
    **fields: str | Sequence[str],
) -> str:
    """Record a document with these pages and what is declared of it; return its id. It is not indexed yet.

    It has an original that can be downloaded only where one is given.
    """
    with hub.files.text_writer() as writer:
        for number, text in enumerate(pages or (title,), 1):
            writer.add(Page(number, PageUnit.PAGE, text))
        stored = writer.finish(reader="made for a test", truncated=())
    sha256 = hashlib.sha256(original or repr((title, pages)).encode()).hexdigest()
    if original is not None:
        with hub.files.original_writer(max_bytes=len(original)) as kept:
            kept.add(original)
            kept.finish()
    file = StoredFile(sha256, len(original or " "), "application/pdf", (f"{title[:50]}.pdf",))
    statements = [Statement(DocumentField.TITLE, title, Source.DECLARED)]
    for name, given in fields.items():
        values = [given] if isinstance(given, str) else list(given)
        statements += [Statement(_FIELDS[name], value, Source.DECLARED) for value in values]
    with hub.catalogue.write() as session:
        for statement in statements:
            if statement.field is DocumentField.ORGANISATION:
                organisations.ensure(session, [statement.value], hub.vocabularies)
        (arrival,) = arrivals.receive(session, [(title, f"/{sha256}", Declared())])
        arrivals.note_stored(session, arrival, file)
        arrivals.note_text(session, arrival, stored)
        document_id = documents.add(
            session,
            statements=statements,
            access=Access(frozenset(access), embargo_until, keeper, state),
            text=stored.text,
            file=file,
            contributor_id=contributor,
        )
        arrivals.finish(session, arrival, FileOutcome.INGESTED, seconds=0.0, document_id=document_id)
    return document_id
