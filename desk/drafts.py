"""Drafts: what a contributor states of a document before it is submitted, and who may read it then.

What a person states stands beside what the hub inferred and goes before it. Only what they touched or confirmed is
stated: the rest stays the hub's word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from desk import reviewing
from desk.alike import alone, settle_announced
from desk.looking import actions
from holdings import documents, personal_data
from holdings.access import Access
from holdings.accounts import Account
from holdings.errors import NotAllowedError, UsageError
from holdings.identifiers import slug
from holdings.model import Document, DocumentField, Source, Statement
from holdings.personal_data import OF_OFFICES, FoundPlace, Judgement, Kind
from holdings.workflow import Action
from indexer.hub import Hub
from ingest.delivery import have_index_follow
from ingest.metadata import declare
from ingest.reading import with_known_organisations

_AROUND = 40
_HIDDEN = "•"


def save(
    hub: Hub,
    by: Account,
    document_id: str,
    *,
    edition: str,
    stated: Mapping[DocumentField, Sequence[str]],
    access: Access,
) -> Document:
    """Record what a person states of these fields and who may read the document, and return it as it is then.

    A field without a value is stated to have none, whatever the hub found. Raises UsageError for a value that its field
    cannot have, UnknownIdError, NotAllowedError and ChangedMeanwhileError as `desk.reviewing.take` does.
    """
    declared = [statement for field, values in stated.items() for statement in declaration(hub, field, values)]
    with hub.catalogue.write() as session:
        document = reviewing.opened_for(session, by, document_id, Action.EDIT, edition)
        new = Access(access.labels, access.embargo_until, document.access.keeper, document.access.state)
        if new != document.access and not may_set_access(by, document):
            raise NotAllowedError("Who may read it is not for you to change")
        if stated:
            documents.state(session, document_id, stated, with_known_organisations(session, hub, declared))
        details = {"fields": ",".join(sorted(field.value for field in stated))} if stated else {}
        if new != document.access:
            documents.set_access(session, document_id, new)
            details |= {"before": document.access.as_recorded, "after": new.as_recorded}
        if details:
            reviewing.record(session, hub, by, document, Action.EDIT, details=details)
        after = documents.get(session, document_id)
    have_index_follow(hub)
    return after


def declaration(hub: Hub, field: DocumentField, values: Sequence[str]) -> list[Statement]:
    """Return what these values declare of a field. Raises UsageError for one that the field cannot have."""
    for value in values if field is DocumentField.ORGANISATION else ():
        if value not in hub.organisations.all() and not slug(value):
            raise UsageError(f"{value!r} is not the name of an organisation")
    found = [statement for value in values for statement in declare(field, value, hub.vocabularies)]
    return found or [Statement(field, "", Source.DECLARED)]


def may_set_access(by: Account, document: Document) -> bool:
    """Say whether a person who edits a document may also change who reads it."""
    return not {Action.SUBMIT, Action.CHANGE_ACCESS}.isdisjoint(actions(by, document))


def submit(hub: Hub, by: Account, document_id: str, *, edition: str, comment: str = "") -> Document:
    """Hand a draft to those who review it, and settle with it what it was announced to replace. Raises as
    `desk.reviewing.take` does."""
    with alone(hub) as session:
        document = reviewing.opened_for(session, by, document_id, Action.SUBMIT, edition)
        settle_announced(session, by, document)
        return reviewing.step(session, hub, by, document, Action.SUBMIT, comment=comment)


class MaskedPlace(NamedTuple):
    """A place that looks like personal data, with the words around it and most of itself hidden."""

    kind: Kind
    page: int
    before: str
    masked: str
    after: str

    @property
    def is_of_office(self) -> bool:
        return self.kind in OF_OFFICES


def masked_places(hub: Hub, document: Document) -> list[MaskedPlace]:
    """Return the places in a document's text that look like personal data, in the order of the text."""
    with hub.catalogue.read() as session:
        places = personal_data.places(session, document)
    by_page: dict[int, list[FoundPlace]] = {}
    for place in places:
        by_page.setdefault(place.page, []).append(place)
    masked = []
    for page in hub.files.pages(document.text.sha256) if by_page else ():
        here = by_page.pop(page.number, [])
        text = list(page.text)
        for place in here:
            text[place.start : place.end] = _mask(page.text[place.start : place.end])
        for place in here:
            masked.append(
                MaskedPlace(
                    place.kind,
                    place.page,
                    "".join(text[max(0, place.start - _AROUND) : place.start]),
                    "".join(text[place.start : place.end]),
                    "".join(text[place.end : place.end + _AROUND]),
                )
            )
        if not by_page:
            break
    return masked


def _mask(words: str) -> str:
    """Return the same number of signs, of which the first two and the last two tell where to look."""
    shown = 2 if len(words) >= 8 else 0
    return words[:shown] + _HIDDEN * (len(words) - 2 * shown) + (words[-shown:] if shown else "")


def decide(hub: Hub, by: Account, document_id: str, *, edition: str, judgement: Judgement, note: str = "") -> None:
    """Record what a person decides of what looks like personal data. Raises as `desk.reviewing.take` does."""
    with hub.catalogue.write() as session:
        document = reviewing.opened_for(session, by, document_id, Action.EDIT, edition)
        personal_data.decide(session, document, by, judgement, note.strip())
