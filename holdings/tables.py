"""The tables of the catalogue. Their history is in `holdings/migrations`; the domain model is in `holdings.model`.

`records` is what everything that can be found has in common: identity, access, embargo, keeper, revisions, and
statements with their source. A document is one kind of record; a programme will be another, beside `documents`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; SQLite, which knows no time zones, gives it back aware as well."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class FilePath(TypeDecorator[str]):
    """A path of this machine. Bytes in it that are no UTF-8, in Python surrogates, are kept as private signs."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value.translate(_BYTE_TO_SIGN) if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value.translate(_SIGN_TO_BYTE) if value is not None else None


_BYTE_TO_SIGN = {0xDC00 + byte: 0x10FF00 + byte for byte in range(0x80, 0x100)}
_SIGN_TO_BYTE = {sign: surrogate for surrogate, sign in _BYTE_TO_SIGN.items()}


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class OrganisationRow(Base):
    __tablename__ = "organisations"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name_id: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    acronym: Mapped[str | None] = mapped_column(String(40))
    group_id: Mapped[str | None] = mapped_column(String(40), index=True)
    packaged: Mapped[bool] = mapped_column(default=False)
    description_id: Mapped[str] = mapped_column(Text, default="", server_default="")
    description_en: Mapped[str] = mapped_column(Text, default="", server_default="")
    website: Mapped[str] = mapped_column(String(400), default="", server_default="")
    # What its space may hold; None is what the configuration says.
    quota_mb: Mapped[int | None] = mapped_column()
    # What people changed of a packaged organisation is not put back by `ikhub init`.
    edited: Mapped[bool] = mapped_column(default=False, server_default=false())


class FormerOrganisationRow(Base):
    """An id under which an organisation was known, and under which it is still found: renamed, or merged."""

    __tablename__ = "former_organisations"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    name_id: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(Moment)


class TermRow(Base):
    """A term of a vocabulary, as the data files have it: here for reports that join, the files are the truth."""

    __tablename__ = "terms"

    vocabulary: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    label_id: Mapped[str] = mapped_column(Text)
    label_en: Mapped[str] = mapped_column(Text)
    broader: Mapped[str | None] = mapped_column(String(80))
    synonyms: Mapped[list[str]] = mapped_column(JSON)


class RecordRow(Base):
    __tablename__ = "records"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    record_type: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int] = mapped_column(default=1)
    access_revision: Mapped[int] = mapped_column(default=1)
    embargo_until: Mapped[datetime | None] = mapped_column(Moment)
    # The space that keeps the record. Not a foreign key: a space is an organisation's, and may be closed.
    keeper_id: Mapped[str | None] = mapped_column(String(80), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    # Where the record is on its way (holdings.workflow).
    state: Mapped[str] = mapped_column(String(12), default="published", server_default="published", index=True)
    published_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    # The account that put it in; None for the command line. Not a foreign key, as above.
    contributor_id: Mapped[str | None] = mapped_column(String(16), index=True)
    # That some generation of an index may still have it with the access that it had before.
    access_unsettled: Mapped[bool] = mapped_column(default=False, server_default=false(), index=True)

    access: Mapped[list[RecordAccessRow]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    statements: Mapped[list[StatementRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="StatementRow.id"
    )

    __mapper_args__ = {"polymorphic_on": "record_type"}  # noqa: RUF012  (as SQLAlchemy declares it)


class RecordAccessRow(Base):
    __tablename__ = "record_access"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)
    label: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)


class StatementRow(Base):
    """One value of one field of a record, with who says so and where it was read."""

    __tablename__ = "statements"
    __table_args__ = (Index(None, "field", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), index=True)
    field: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(10))
    confidence: Mapped[float] = mapped_column(default=1.0)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class DocumentRow(RecordRow):
    __tablename__ = "documents"
    __mapper_args__ = {"polymorphic_identity": "document"}  # noqa: RUF012

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)
    work_id: Mapped[str] = mapped_column(String(16), index=True)
    text_sha256: Mapped[str] = mapped_column(ForeignKey("texts.sha256"), index=True)

    text: Mapped[TextRow] = relationship(lazy="joined")
    files: Mapped[list[DocumentFileRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="DocumentFileRow.position"
    )


class FileRow(Base):
    """Bytes that the file store keeps. `text_sha256` is None until they have been read."""

    __tablename__ = "files"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(120))
    stored_at: Mapped[datetime] = mapped_column(Moment)
    # What the file states of itself in its properties; None until it was read.
    stated: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class DocumentFileRow(Base):
    """That a document has a file, under a name."""

    __tablename__ = "document_files"

    record_id: Mapped[str] = mapped_column(ForeignKey("documents.record_id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("files.sha256"), primary_key=True, index=True)
    name: Mapped[str] = mapped_column(String(400), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)

    file: Mapped[FileRow] = relationship(lazy="joined")


class TextRow(Base):
    """The text of one or more files with the same words, as it stands in the file store."""

    __tablename__ = "texts"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    # SHA-256 over the words alone: the same for copies that were saved again. None where there are too few to tell.
    fingerprint: Mapped[str | None] = mapped_column(String(64), index=True)
    pages: Mapped[int] = mapped_column(Integer)
    pages_without_text: Mapped[int] = mapped_column(Integer)
    characters: Mapped[int] = mapped_column(BigInteger)
    reader: Mapped[str] = mapped_column(String(120))
    truncated: Mapped[list[str]] = mapped_column(JSON, default=list)
    # The file that it was read from. Not a foreign key: texts of the first catalogue do not say.
    file_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    # How many pages each reader read.
    readers: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, server_default="{}")
    # The numbers of pages that wait for OCR, and how many they are.
    scans: Mapped[list[int]] = mapped_column(JSON, default=list, server_default="[]")
    scans_waiting: Mapped[int] = mapped_column(default=0, server_default="0", index=True)


class PageReadingRow(Base):
    """What OCR has read of a page, kept until the whole text is written anew."""

    __tablename__ = "page_readings"

    text_sha256: Mapped[str] = mapped_column(ForeignKey("texts.sha256"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    reader: Mapped[str] = mapped_column(String(120))
    # What could not be read, and why.
    trouble: Mapped[str | None] = mapped_column(Text)


class ArrivalRow(Base):
    """A file's way into the hub: the queue of record, and the receipt."""

    __tablename__ = "arrivals"
    __table_args__ = (Index(None, "location", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    path: Mapped[str] = mapped_column(Text)
    location: Mapped[str] = mapped_column(FilePath)
    declared: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(Moment)
    sha256: Mapped[str | None] = mapped_column(String(64))
    media_type: Mapped[str | None] = mapped_column(String(120))
    text_sha256: Mapped[str | None] = mapped_column(ForeignKey("texts.sha256"))
    outcome: Mapped[str | None] = mapped_column(String(20), index=True)
    document_id: Mapped[str | None] = mapped_column(ForeignKey("records.id"), index=True)
    seconds: Mapped[float] = mapped_column(default=0.0)
    error_code: Mapped[str | None] = mapped_column(String(40))
    error_message: Mapped[str | None] = mapped_column(Text)
    error_advice: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    # The arrival of the outermost archive that this file was in, and what was taken out for this file.
    archive_id: Mapped[int | None] = mapped_column(ForeignKey("arrivals.id"), index=True)
    unpacked_size: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")

    text: Mapped[TextRow | None] = relationship(lazy="joined")


class RelationRow(Base):
    """What two documents have to do with each other, as triage found it or a person settled it: one row for a pair.

    `record_id` is the newer version, the excerpt, the translation or the later copy; `other_id` what it goes back to.
    """

    __tablename__ = "relations"

    # Both ids, in their own order: a pair has one relation, whichever way it runs.
    pair: Mapped[str] = mapped_column(String(33), primary_key=True)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), index=True)
    other_id: Mapped[str] = mapped_column(ForeignKey("records.id"), index=True)
    relation: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    found_at: Mapped[datetime] = mapped_column(Moment)
    # That the one took the other's place, so that a version was likely before they were compared.
    proposed: Mapped[bool] = mapped_column(default=False)
    # None until the texts were compared.
    shared: Mapped[float | None] = mapped_column()
    pages: Mapped[list[list[int]]] = mapped_column(JSON, default=list)
    # Who settled it, and when; None while only triage has spoken.
    settled_by: Mapped[str | None] = mapped_column(String(100))
    settled_at: Mapped[datetime | None] = mapped_column(Moment)


class SketchRow(Base):
    """What triage keeps of a document's text, to find what it has in common with others without reading them.

    `finished_at` is None until everything that it could have to do with was compared.
    """

    __tablename__ = "sketches"

    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)
    text_sha256: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    words: Mapped[int] = mapped_column(BigInteger)
    # The MinHash values, and the marks that stand in `marks`: little-endian integers of 32 and of 64 bits.
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    marks: Mapped[bytes] = mapped_column(LargeBinary)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class MarkRow(Base):
    """That a document is found under a mark: a band of its signature, or a hash of words or anchors sampled from it."""

    __tablename__ = "marks"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  (as SQLAlchemy declares it)

    mark: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    record_id: Mapped[str] = mapped_column(ForeignKey("records.id"), primary_key=True)


class HarvestRow(Base):
    """A source from which documents are harvested, and how far that has come. Its own words stay as it wrote them.

    `since` is what the next run asks the source for. While a run is under way, or was interrupted, `began_at` says
    since when, `began` what the source's clock said then, and `token` which page of its list comes next.
    """

    __tablename__ = "harvests"
    __table_args__ = (UniqueConstraint("url", "metadata_prefix", "set_name"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    url: Mapped[str] = mapped_column(String(2000))
    kind: Mapped[str] = mapped_column(String(10))
    metadata_prefix: Mapped[str] = mapped_column(String(100), default="")
    set_name: Mapped[str] = mapped_column(String(400), default="")
    since: Mapped[str | None] = mapped_column(String(40))
    began: Mapped[str | None] = mapped_column(String(40))
    began_at: Mapped[datetime | None] = mapped_column(Moment)
    token: Mapped[str | None] = mapped_column(Text)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class HarvestedRow(Base):
    """What was harvested of a source: a record of OAI-PMH, or an address of a sitemap.

    `due` says that it is to be looked at again whatever the source lists, for it could not be fetched.
    """

    __tablename__ = "harvested"
    __table_args__ = (UniqueConstraint("harvest_id", "identifier"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    harvest_id: Mapped[int] = mapped_column(ForeignKey("harvests.id"))
    identifier: Mapped[str] = mapped_column(String(2000))
    datestamp: Mapped[str | None] = mapped_column(String(40))
    due: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)

    files: Mapped[list[HarvestedFileRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="HarvestedFileRow.id"
    )


class HarvestedFileRow(Base):
    """A file that was fetched, or could not be, for what was harvested: what its server said of this version of it."""

    __tablename__ = "harvested_files"
    __table_args__ = (UniqueConstraint("harvested_id", "url"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    harvested_id: Mapped[int] = mapped_column(ForeignKey("harvested.id"))
    url: Mapped[str] = mapped_column(String(2000))
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(String(100))
    arrival_id: Mapped[int | None] = mapped_column(ForeignKey("arrivals.id"), index=True)
    error_code: Mapped[str | None] = mapped_column(String(40))


class InboxFileRow(Base):
    """A file of an inbox that was received and still has to be moved to `done` or `failed`.

    `name` starts at the inbox, as does `target`, where it goes: None until that is decided.
    """

    __tablename__ = "inbox_files"

    arrival_id: Mapped[int] = mapped_column(ForeignKey("arrivals.id"), primary_key=True)
    folder: Mapped[str] = mapped_column(FilePath, index=True)
    name: Mapped[str] = mapped_column(FilePath)
    size: Mapped[int] = mapped_column(BigInteger)
    modified_ns: Mapped[int] = mapped_column(BigInteger)
    target: Mapped[str | None] = mapped_column(FilePath)


class IndexedRow(Base):
    """Which revision of a record a generation of an index holds."""

    __tablename__ = "indexed"

    engine: Mapped[str] = mapped_column(String(20), primary_key=True)
    generation: Mapped[str] = mapped_column(String(80), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(16), primary_key=True, index=True)
    # Both 0 while the record is being written: what the generation holds of it is then not known.
    revision: Mapped[int] = mapped_column(Integer)
    access_revision: Mapped[int] = mapped_column(Integer)
    # Why the engine refused this revision, and None when it holds it: it is not sent again until the record changes.
    refused: Mapped[str | None] = mapped_column(Text)
