"""Files within files: what an archive or a mail holds goes into the file store, member by member, within limits."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Self

from holdings import arrivals
from holdings.arrivals import MEMBER, MemberFile
from holdings.errors import (
    ArchiveBombError,
    EmptyFileError,
    FileError,
    FileOutcome,
    TooLargeError,
    UnsafeFileError,
    error_of,
)
from holdings.filestore import OriginalWriter
from holdings.model import Arrival, FailureReport
from indexer.hub import Hub
from ingest.model import Member


class Unpacking(AbstractContextManager["Unpacking"]):
    """Keeps the members of one file as they come. Raises ArchiveBombError when they are more than the settings allow.

    What was unpacked of the same outermost archive before counts as well.
    """

    def __init__(self, hub: Hub, archive: Arrival) -> None:
        limits = hub.settings.ingest.archives
        self._hub = hub
        self._stack = ExitStack()
        self._name: str | None = None
        self._writer: OriginalWriter | None = None
        self._size = 0
        self._trouble: FileError | None = None
        self._max_bytes = hub.settings.ingest.max_file_mb * 1_000_000
        self._is_deep = archive.location.count(MEMBER) >= limits.max_depth and archive.archive_id is not None
        self.members: list[MemberFile] = []
        self._archive_id = archive.archive_id
        self._entries_left, self._bytes_left = limits.max_entries, limits.max_mb * 1_000_000

    @property
    def found(self) -> bool:
        """Say whether there was any member."""
        return bool(self.members)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(self, member: Member) -> None:
        """Take the next part of a member. Raises ArchiveBombError, StorageFullError."""
        if member.name != self._name:
            self._begin(member)
        if member.refused is not None:
            self._trouble = error_of(*member.refused)
        elif self._trouble is None:
            self._append(member.content)
        if member.last:
            self._end(member.name)

    def _begin(self, member: Member) -> None:
        if self._is_deep:
            raise ArchiveBombError(
                "It is an archive in an archive in an archive, deeper than the hub unpacks",
                advice="Unpack it and add what is in it, or raise ingest.archives.max_depth.",
            )
        self._count_what_was_unpacked_before()
        self._entries_left -= 1
        if self._entries_left < 0:
            raise ArchiveBombError(
                f"The archive holds more than {self._hub.settings.ingest.archives.max_entries} files",
                advice="Unpack it and add the folder, or raise ingest.archives.max_entries.",
            )
        self._name, self._size, self._trouble = member.name, 0, None
        self._writer = self._stack.enter_context(self._hub.files.original_writer(max_bytes=self._max_bytes))
        if not member.name or ".." in member.name.split("/") or member.name.startswith("/"):
            self._trouble = UnsafeFileError(f"The name {member.name!r} leads out of the archive")

    def _count_what_was_unpacked_before(self) -> None:
        """Once, and only where there is something to take out: most files of an archive hold no others."""
        if self._archive_id is not None:
            with self._hub.catalogue.read() as session:
                entries, size = arrivals.unpacked_from(session, self._archive_id)
            self._entries_left -= entries
            self._bytes_left -= size
            self._archive_id = None

    def _append(self, content: bytes) -> None:
        assert self._writer is not None
        self._bytes_left -= len(content)
        if self._bytes_left < 0:
            raise ArchiveBombError(
                f"The archive unpacks to more than {self._hub.settings.ingest.archives.max_mb} MB",
                advice="Unpack it and add the folder, or raise ingest.archives.max_mb.",
            )
        self._size += len(content)
        try:
            self._writer.add(content)
        except TooLargeError as error:
            self._trouble = error

    def _end(self, name: str) -> None:
        assert self._writer is not None
        trouble, sha256 = self._trouble, None
        if trouble is None:
            try:
                sha256 = self._writer.finish().sha256
            except EmptyFileError as error:
                trouble = error
        self._stack.close()
        self._name = self._writer = None
        if trouble is None:
            self.members.append(MemberFile(name, sha256, self._size))
        else:
            report = FailureReport(trouble.code, trouble.message, trouble.advice_given)
            self.members.append(MemberFile(name, None, self._size, report, FileOutcome(trouble.outcome)))
