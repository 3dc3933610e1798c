"""The tables of the desk: uploads, review, personal data, takedowns, mail, notices, saved searches, the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from holdings.tables import Base, Moment


class UploadRow(Base):
    """A file that a contributor sends, in one piece or in many. `received` counts the bytes that are on the disk.

    `arrival_id` is None until all of it is there and it was handed to the pipeline.
    """

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    # The space that will keep the document.
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    # Files that were sent together.
    batch_id: Mapped[str] = mapped_column(String(16), index=True)
    name: Mapped[str] = mapped_column(String(400))
    size: Mapped[int] = mapped_column(BigInteger)
    # When the file was changed last, in milliseconds since 1970, as its browser says: by it the file is known again.
    modified_ms: Mapped[int | None] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment, index=True)
    arrival_id: Mapped[int | None] = mapped_column(ForeignKey("arrivals.id"), index=True)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    # Where the contributor says that the file takes the place of a document: its new version.
    replaces_id: Mapped[str | None] = mapped_column(ForeignKey("records.id"))


class ReviewRow(Base):
    """What was done with a record on its way: a step of the workflow, or a comment. Nothing here is changed later."""

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    # None for the command line.
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str] = mapped_column(String(12))
    to_state: Mapped[str] = mapped_column(String(12))
    comment: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class PersonalDataRow(Base):
    """A place in a text that looks like personal data. The data itself is not copied here."""

    __tablename__ = "personal_data"
    __table_args__ = (Index(None, "record_id", "text_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"))
    text_sha256: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    page: Mapped[int] = mapped_column(Integer)
    # Offsets in the text of the page.
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)


class PersonalDataDecisionRow(Base):
    """What a contributor decided of the personal data that was found in a document, and when."""

    __tablename__ = "personal_data_decisions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), index=True)
    text_sha256: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    decision: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    # How many places of each kind the decision was about.
    counts: Mapped[dict[str, int]] = mapped_column(JSON)


class TakedownReportRow(Base):
    """That somebody asks for a document to be taken down, and what came of it."""

    __tablename__ = "takedown_reports"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), index=True)
    reason: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(String(320), default="")
    # In which an answer is wanted.
    language: Mapped[str] = mapped_column(String(2), default="id")
    created_at: Mapped[datetime] = mapped_column(Moment)
    status: Mapped[str] = mapped_column(String(12), default="open", index=True)
    handled_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    handled_at: Mapped[datetime | None] = mapped_column(Moment)
    resolution: Mapped[str] = mapped_column(Text, default="")


class PurgeRow(Base):
    """That an original or a text was destroyed, and why. What has its checksum is not taken in again until that is
    allowed (`lifted_at`)."""

    __tablename__ = "purges"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    # `original` or `text`.
    what: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)


class MailRow(Base):
    """A letter that waits to be sent, was sent, or could not be.

    `key` says what it is about, so that nothing is told twice. `begun_at` is set before the mail server is asked, and
    stays without `sent_at` only when the sender died in between: whether it went is then unknown.
    """

    __tablename__ = "mails"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    address: Mapped[str] = mapped_column(String(320))
    kind: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    # Headers besides the usual ones, such as List-Unsubscribe.
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    # Ids of the records that the text names: whether they may still be named is looked at again before it is sent.
    names: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    # Why it did not go, the last time; with `due_at` None it is not tried again by itself.
    error: Mapped[str | None] = mapped_column(Text)


class NoticeRow(Base):
    """Something that a person is told of on the site."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[str | None] = mapped_column(ForeignKey("records.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)


class SavedSearchRow(Base):
    """A search that a person keeps, and how they want to hear of new matches."""

    __tablename__ = "saved_searches"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    # The parameters of the search, as its address has them.
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    frequency: Mapped[str] = mapped_column(String(10))
    # Hash of the secret in the address of the private feed; None where there is no feed.
    feed_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment, index=True)


class AlertedRow(Base):
    """That a saved search has told of a document, so that it does not tell of it again."""

    __tablename__ = "alerted"

    search_id: Mapped[str] = mapped_column(ForeignKey("saved_searches.id"), primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    # None for what was there when the search was saved.
    mail_id: Mapped[str | None] = mapped_column(ForeignKey("mails.id"))


class AuditRow(Base):
    """An entry of the audit log. `hash` covers all other columns and the hash before; entries are never changed.

    `at` is text, as it was hashed.
    """

    __tablename__ = "audit"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40), index=True)
    # A person's pseudonym, `command-line`, `worker` or `public`.
    actor: Mapped[str] = mapped_column(String(20), index=True)
    action: Mapped[str] = mapped_column(String(60), index=True)
    subject_type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(100), index=True)
    # JSON as it was hashed.
    details: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class TermEditRow(Base):
    """What people changed of a term of a vocabulary, or added: it stands in the place of what the data file says."""

    __tablename__ = "term_edits"

    vocabulary: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    label_id: Mapped[str] = mapped_column(Text)
    label_en: Mapped[str] = mapped_column(Text)
    synonyms_id: Mapped[list[str]] = mapped_column(JSON)
    synonyms_en: Mapped[list[str]] = mapped_column(JSON)
    # Themes: the narrowest national priorities that they serve, and whether they are given to no more documents.
    priorities: Mapped[list[str]] = mapped_column(JSON, default=list)
    retired: Mapped[bool] = mapped_column(default=False)
    edited_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    edited_at: Mapped[datetime] = mapped_column(Moment)
