"""People around one space, and documents on their way, for the tests of review."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select

from holdings import documents
from holdings.accounts import Account, HubRole, Role
from holdings.model import Document
from holdings.states import State
from holdings.tables_desk import AuditRow, MailRow, NoticeRow
from indexer.hub import Hub
from tests.making import record_document
from tests.people import make_account


@dataclass(frozen=True, slots=True)
class Cast:
    """People around the space `bnpt`, and one who has nothing to do with it."""

    contributor: Account
    colleague: Account
    editor: Account
    other_editor: Account
    curator: Account
    administrator: Account
    stranger: Account


def make_cast(hub: Hub) -> Cast:
    """Record the people."""
    return Cast(
        contributor=make_account(hub, "Citra", roles={"bnpt": Role.CONTRIBUTOR}),
        colleague=make_account(hub, "Kurnia", roles={"bnpt": Role.CONTRIBUTOR}),
        editor=make_account(hub, "Eko", roles={"bnpt": Role.EDITOR}),
        other_editor=make_account(hub, "Erna", roles={"bnpt": Role.EDITOR}, language="en"),
        curator=make_account(hub, "Kartika", hub_role=HubRole.CURATOR),
        administrator=make_account(hub, "Adi", hub_role=HubRole.ADMINISTRATOR),
        stranger=make_account(hub, "Sinta", roles={"fkpt": Role.EDITOR}),
    )


def put_in(
    hub: Hub,
    people: Cast,
    state: State = State.SUBMITTED,
    *,
    title: str = "Laporan deradikalisasi",
    keeper: str | None = "org:bnpt",
    access: tuple[str, ...] = ("public",),
) -> Document:
    """Record a document that the contributor put in, and return it."""
    document_id = record_document(
        hub, title, keeper=keeper, state=state, contributor=people.contributor.id, access=access
    )
    return now(hub, document_id)


def now(hub: Hub, document_id: str) -> Document:
    """Return a document as it is now."""
    with hub.catalogue.read() as session:
        return documents.get(session, document_id)


def told(hub: Hub, document_id: str) -> list[tuple[str, str]]:
    """Return who was told of what about a document, by account and kind of notice, in order."""
    with hub.catalogue.read() as session:
        rows = session.scalars(select(NoticeRow).where(NoticeRow.record_id == document_id).order_by(NoticeRow.id))
        return [(row.account_id, row.kind) for row in rows]


def letters_to(hub: Hub, address: str) -> list[MailRow]:
    """Return the letters to an address."""
    with hub.catalogue.read() as session:
        return list(session.scalars(select(MailRow).where(MailRow.address == address).order_by(MailRow.created_at)))


def audited(hub: Hub, subject_id: str) -> list[tuple[str, str, dict[str, object]]]:
    """Return what the audit log has of something: who, what, details."""
    with hub.catalogue.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.subject_id == subject_id).order_by(AuditRow.sequence))
        return [(row.actor, row.action, json.loads(row.details)) for row in rows]
