"""Changing documents that are in the hub: what a person declares of them, who may read them, and their removal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from holdings import audit, documents
from holdings.access import parse_label
from holdings.accounts import Account
from holdings.audit import COMMAND_LINE
from holdings.errors import UsageError
from holdings.model import DocumentField, Statement
from holdings.workflow import Action
from indexer.hub import Hub
from ingest.metadata import declare, parse_moment
from ingest.reading import with_known_organisations


def edit_document(hub: Hub, document_id: str, changes: Iterable[str], *, by: Account | str = COMMAND_LINE) -> None:
    """Apply changes given as `FIELD=VALUE`, all or none, and record that. An empty value takes a declaration back.

    Raises UnknownIdError for the document, UsageError for a field or a value.
    """
    stated: dict[DocumentField, list[Statement]] = {}
    access_changes: dict[str, str] = {}
    for change in changes:
        name, separator, value = change.partition("=")
        name = name.strip().casefold()
        if not separator:
            raise UsageError(f"{change!r} is not FIELD=VALUE")
        if name in {"access", "embargo_until"}:
            access_changes[name] = value.strip()
            continue
        try:
            field = DocumentField(name)
        except ValueError:
            known = ", ".join([*(f.value for f in DocumentField), "access", "embargo_until"])
            raise UsageError(f"There is no field {name!r}", advice=f"Fields are {known}.") from None
        stated[field] = declare(field, value, hub.vocabularies)
    with hub.catalogue.write() as session:
        document = documents.held(session, document_id)
        if stated:
            declared = [statement for several in stated.values() for statement in several]
            documents.state(session, document_id, stated, with_known_organisations(session, hub, declared))
        if access_changes:
            access = document.access
            if "access" in access_changes:
                labels = frozenset(parse_label(part) for part in access_changes["access"].split(";") if part.strip())
                if not labels:
                    raise UsageError("A document needs an access label", advice="Give access=public, or another label.")
                access = replace(access, labels=labels)
            if "embargo_until" in access_changes:
                value = access_changes["embargo_until"]
                access = replace(access, embargo_until=parse_moment(value, hub.settings.app.zone) if value else None)
            documents.set_access(session, document_id, access)
            changed = {"before": document.access.as_recorded, "after": access.as_recorded}
            audit.append(session, by, f"document.{Action.CHANGE_ACCESS}", "document", document_id, **changed)
        if stated:
            fields = ",".join(sorted(field.value for field in stated))
            audit.append(session, by, f"document.{Action.EDIT}", "document", document_id, fields=fields)


def remove_document(hub: Hub, document_id: str, *, by: Account | str = COMMAND_LINE) -> None:
    """Take a document out of the hub, and record that. Raises UnknownIdError."""
    with hub.catalogue.write() as session:
        documents.remove(session, document_id)
        audit.append(session, by, "document.remove", "document", document_id)
