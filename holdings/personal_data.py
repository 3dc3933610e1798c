"""Where the texts of documents look as if they held personal data, and what a contributor decided of it.

Functions over a session of `holdings.database`. What was found is kept as kind, page and offsets: the data itself is
not copied. Both are bound to the text: when OCR or a newer reader puts another in its place, that has places of its
own, and a decision on the former does not speak for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from holdings import audit
from holdings.accounts import Account
from holdings.model import Document
from holdings.tables_desk import PersonalDataDecisionRow, PersonalDataRow


class Kind(StrEnum):
    """What a place looks like. LANDLINE and OFFICE_EMAIL are mostly those of an office."""

    NIK = "nik"
    NPWP = "npwp"
    PHONE = "phone"
    EMAIL = "email"
    BANK_ACCOUNT = "bank-account"
    LANDLINE = "landline"
    OFFICE_EMAIL = "office-email"


# What seldom tells of a person: it is shown, and asks for no decision.
OF_OFFICES = frozenset({Kind.LANDLINE, Kind.OFFICE_EMAIL})


class Judgement(StrEnum):
    """What a contributor may decide. Whoever would rather take the data out puts in another file instead."""

    NOT_PERSONAL = "not-personal"
    """What was found is no personal data."""
    MAY_BE_READ = "may-be-read"
    """It is, and there is a ground on which those who may read the document may read it too."""


class FoundPlace(NamedTuple):
    """A place in a text that looks like personal data: offsets in the text of a page."""

    kind: Kind
    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of the places in a text, by whom, when, and of how many of each kind."""

    judgement: Judgement
    note: str
    account_id: str | None
    at: datetime
    counts: dict[str, int]


def put(session: Session, record_id: str, text_sha256: str, found: Iterable[FoundPlace]) -> None:
    """Record what was found in the text of a document, in the place of what was found in it before."""
    session.execute(
        delete(PersonalDataRow).where(
            PersonalDataRow.record_id == record_id, PersonalDataRow.text_sha256 == text_sha256
        )
    )
    session.add_all(
        PersonalDataRow(
            record_id=record_id,
            text_sha256=text_sha256,
            kind=place.kind.value,
            page=place.page,
            start=place.start,
            end=place.end,
        )
        for place in found
    )
    session.flush()


def places(session: Session, document: Document) -> list[FoundPlace]:
    """Return what was found in the present text of a document, in the order of the text."""
    rows = session.scalars(
        select(PersonalDataRow)
        .where(PersonalDataRow.record_id == document.id, PersonalDataRow.text_sha256 == document.text.sha256)
        .order_by(PersonalDataRow.page, PersonalDataRow.start)
    )
    return [FoundPlace(Kind(row.kind), row.page, row.start, row.end) for row in rows]


def decide(session: Session, document: Document, by: Account, judgement: Judgement, note: str = "") -> None:
    """Record what a person decides of the places in the present text of a document, also in the audit log."""
    counts = dict(Counter(place.kind.value for place in places(session, document)))
    session.add(
        PersonalDataDecisionRow(
            record_id=document.id,
            text_sha256=document.text.sha256,
            account_id=by.id,
            at=datetime.now(UTC),
            decision=judgement.value,
            note=note,
            counts=counts,
        )
    )
    session.flush()
    audit.append(session, by, "personal-data.decide", "document", document.id, decision=judgement.value, counts=counts)


def decision(session: Session, document: Document) -> Decision | None:
    """Return what was decided last of the places in the present text of a document."""
    row = session.scalar(
        select(PersonalDataDecisionRow)
        .where(
            PersonalDataDecisionRow.record_id == document.id,
            PersonalDataDecisionRow.text_sha256 == document.text.sha256,
        )
        .order_by(PersonalDataDecisionRow.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    return Decision(Judgement(row.decision), row.note, row.account_id, row.at, dict(row.counts))


def asks_for_decision(session: Session, document: Document) -> bool:
    """Say whether places in the present text look like data of persons, and nobody has decided of them."""
    of_persons = any(place.kind not in OF_OFFICES for place in places(session, document))
    return of_persons and decision(session, document) is None
