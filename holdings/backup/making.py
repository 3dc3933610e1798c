"""Making a backup: the catalogue of one moment, then every file that it names, then the manifest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from holdings import audit
from holdings.accounts import Account
from holdings.backup import contents, copying, manifest, snapshots
from holdings.backup.contents import Line
from holdings.backup.manifest import BackupManifest
from holdings.database import SCHEMA_REVISION, Database
from holdings.errors import UsageError
from holdings.failures import translated_errors
from holdings.secret_key import key_file
from holdings.settings import Settings
from holdings.tables import RecordRow
from holdings.tables_people import AccountRow

_OURS = ("files", "texts", "manifest.json", "secret.key", "catalogue-", "contents-")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What making a backup did: how many files were copied, and how many the folder had already."""

    manifest: BackupManifest
    copied: int
    kept: int


@dataclass(frozen=True, slots=True)
class _Taken:
    """What the snapshot of the catalogue holds."""

    database: str
    at: datetime
    documents: int
    accounts: int
    audit_head: str | None


@dataclass(slots=True)
class _Copied:
    """How copying the files of the store went."""

    lines: list[Line] = field(default_factory=list)
    bytes: int = 0
    copied: int = 0
    purged: int = 0
    lacking: list[str] = field(default_factory=list)


def back_up(
    settings: Settings, catalogue: Database, folder: Path, *, by: Account | str, progress: Progress | None = None
) -> BackupReport:
    """Bring a folder to what the hub holds now; what it has already is not copied again. The hub stays in use.

    Until the end the folder holds the former backup, if it held one. Files that the store should have and has not, or
    not as they were, are named in the manifest; those that were purged are not in the backup any more. Raises
    UsageError for a folder of something else, StorageFullError, LockedError when another backup is being made.
    """
    with translated_errors(), catalogue.locks.hold("backup"):
        _prepare(folder, settings.data)
        moment = datetime.now(UTC)
        stamp = moment.strftime("%Y%m%dT%H%M%S%fZ")
        snapshot = folder / f"catalogue-{stamp}{snapshots.suffix(catalogue)}"
        listing = folder / f"contents-{stamp}.sha256"
        with catalogue.write() as session:
            audit.append(session, by, "hub.backup", "hub", "hub")
        try:
            with snapshots.snapshot(catalogue, snapshot) as session:
                taken = _taken(session, catalogue.kind, moment)
                named = list(contents.named(session))
            found = _copy(catalogue, settings.data, folder, named, progress)
            contents.write(listing, found.lines)
            made = _manifest(folder, taken, snapshot.name, listing.name, _copy_key(settings, folder), found)
            # Everything that the manifest names is on the disk before the manifest is.
            os.sync()
            manifest.write(folder, made)
        except BaseException:
            for unfinished in (snapshot, listing):
                unfinished.unlink(missing_ok=True)
            raise
        _delete_former(folder, made, {line.place for line in found.lines})
        return BackupReport(made, found.copied, len(found.lines) - found.copied)


def _taken(session: Session, kind: str, moment: datetime) -> _Taken:
    head = audit.head(session)
    return _Taken(kind, moment, _count(session, RecordRow), _count(session, AccountRow), str(head) if head else None)


def _manifest(
    folder: Path, taken: _Taken, snapshot: str, listing: str, key: str | None, found: _Copied
) -> BackupManifest:
    return BackupManifest(
        ikhub=version("ikhub"),
        schema=SCHEMA_REVISION,
        database=taken.database,
        made_at=taken.at.isoformat(timespec="seconds"),
        catalogue=snapshot,
        contents=listing,
        secret_key=key,
        checksums={name: copying.checksum(folder / name) for name in (snapshot, listing, key) if name},
        files=len(found.lines),
        bytes=found.bytes,
        documents=taken.documents,
        accounts=taken.accounts,
        audit_head=taken.audit_head,
        purged=found.purged,
        lacking=tuple(found.lacking),
    )


def _prepare(folder: Path, data: Path) -> None:
    """Make the folder, or see that it is one of backups. One that an interrupted backup left is."""
    if folder.absolute().is_relative_to(data):
        raise UsageError(
            f"{folder} is in the data folder, and would be lost with it", advice="Give a folder on another disk."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        strange = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith(_OURS))
    except OSError as error:
        raise UsageError(f"{folder} cannot be used for a backup: {error}") from error
    if strange:
        raise UsageError(
            f"{folder} holds something else: {strange[0]}", advice="Give an empty folder, or that of a former backup."
        )


def _copy(
    catalogue: Database, data: Path, folder: Path, named: Sequence[contents.Named], progress: Progress | None
) -> _Copied:
    """Copy what the catalogue names and the folder has not."""
    had = {line.place: line.sha256 for line in _former_lines(folder)}
    found = _Copied()
    absent = []
    for number, one in enumerate(named, 1):
        line, size, is_new = _one(data, folder, one, had)
        if line is not None:
            found.lines.append(line)
            found.bytes += size
            found.copied += is_new
        elif one.is_needed:
            absent.append(one)
        if progress is not None:
            progress(number, len(named))
    if absent:
        # Asked now: what was purged while this went on is not missing either.
        with catalogue.read() as session:
            purged = contents.purged(session)
        found.purged = sum(one.place in purged for one in absent)
        found.lacking = [one.place for one in absent if one.place not in purged]
        # What the store has lost and the folder still has is kept there.
        saved = [place for place in found.lacking if place in had and (folder / place).is_file()]
        found.lines += [Line(had[place], place) for place in saved]
    return found


def _one(data: Path, folder: Path, one: contents.Named, had: dict[str, str]) -> tuple[Line | None, int, bool]:
    """Have one file in the folder. Return its line, None where the store has it not as it was; its size; whether it is
    new."""
    source, target = data / one.place, folder / one.place
    try:
        size = source.stat().st_size
    except FileNotFoundError:
        return None, 0, False
    if target.is_file() and target.stat().st_size == size:
        if one.place in had:
            return Line(had[one.place], one.place), size, False
        # Of a backup that was interrupted: it may not have reached the disk.
        there = copying.look(target)
        if there.is_whole:
            return Line(there.sha256, one.place), size, False
    try:
        read = copying.copy(source, target)
    except FileNotFoundError:
        return None, 0, False
    return (Line(read.sha256, one.place) if read.is_whole else None), read.size, True


def _former_lines(folder: Path) -> list[Line]:
    if not manifest.exists(folder):
        return []
    return contents.read(folder / manifest.read(folder).contents)


def _copy_key(settings: Settings, folder: Path) -> str | None:
    source = key_file(settings)
    if source is None or not source.is_file():
        return None
    beside = folder / f"{source.name}.part"
    with copying.owned(beside) as target:
        target.write(source.read_bytes())
    beside.replace(folder / source.name)
    return source.name


def _delete_former(folder: Path, made: BackupManifest, places: set[str]) -> None:
    """Delete what belonged to former backups alone: their catalogues, and files that were purged since."""
    for entry in folder.iterdir():
        if entry.name.startswith(("catalogue-", "contents-")) and entry.name not in {made.catalogue, made.contents}:
            entry.unlink()
    for path in _stored(folder):
        if path.relative_to(folder).as_posix() not in places:
            with suppress(FileNotFoundError):
                path.unlink()


def _stored(folder: Path) -> Iterator[Path]:
    for store in ("files", "texts"):
        yield from (path for path in (folder / store).rglob("*") if path.is_file())


def _count(session: Session, table: type[RecordRow] | type[AccountRow]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
