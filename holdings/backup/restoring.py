"""Restoring a backup into a place that holds nothing, all or nothing, after everything in it was found whole."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, func, update
from sqlalchemy.orm import Session

from holdings import audit, audit_chain
from holdings.audit import COMMAND_LINE, Head
from holdings.audit_chain import Verification
from holdings.backup import contents, copying, manifest, snapshots
from holdings.backup.manifest import BackupManifest
from holdings.database import SCHEMA_REVISION, Database
from holdings.errors import BackupDamagedError, ConfigurationError, RestoreRefusedError
from holdings.failures import translated_errors
from holdings.settings import Settings
from holdings.tables import IndexedRow
from holdings.tables_desk import MailRow
from holdings.tables_people import SessionRow

_NAMED_AT_MOST = 5
_IN_THE_STORE = 0o640
_UNREADABLE = frozenset({errno.ENOENT, errno.EACCES, errno.EIO})
_HELD_BACK = "Restored from a backup: it may have been sent since the backup was made."

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was restored, which files of it are damaged or missing, and whether its audit log fits."""

    manifest: BackupManifest
    damaged: tuple[str, ...]
    verification: Verification


def check(folder: Path, *, progress: Progress | None = None) -> tuple[BackupManifest, list[str]]:
    """Read a backup to its end. Return what it says of itself, and what is missing or damaged in it, by name."""
    made = manifest.read(folder)
    damaged = [name for name, sha256 in made.checksums.items() if not _is_as_it_was(folder / name, sha256)]
    if made.contents not in damaged:
        lines = contents.read(folder / made.contents)
        for number, line in enumerate(lines, 1):
            if not _is_as_it_was(folder / line.place, line.sha256):
                damaged.append(line.place)
            if progress is not None:
                progress(number, len(lines))
    return made, damaged


def restore(
    settings: Settings, folder: Path, *, despite_damage: bool = False, progress: Progress | None = None
) -> RestoreReport:
    """Restore a backup into the data folder and the database of the settings, which must hold nothing yet.

    Sessions of browsers end, letters that waited are held back (they may have been sent since), and the index counts as
    empty. `despite_damage` leaves out files of the store that are damaged, instead of restoring nothing. Raises
    RestoreRefusedError, BackupDamagedError, ConfigurationError when the backup needs another version or database.
    """
    made = manifest.read(folder)
    catalogue = Database(settings.database_url, settings.data)
    try:
        with translated_errors():
            _require_restorable(settings, catalogue, made)
            unfit = [name for name, sha256 in made.checksums.items() if not _is_as_it_was(folder / name, sha256)]
            if unfit:
                raise _damaged(folder, unfit)
            with _all_or_nothing(settings.data, catalogue):
                damaged = _place(folder, settings.data, made, progress)
                if damaged and not despite_damage:
                    raise _damaged(folder, damaged)
                snapshots.load(catalogue, folder / made.catalogue)
                catalogue.upgrade()
                with catalogue.write() as session:
                    verification = _settle(session, made)
            os.sync()
        return RestoreReport(made, tuple(damaged), verification)
    finally:
        catalogue.close()


def _require_restorable(settings: Settings, catalogue: Database, made: BackupManifest) -> None:
    if made.database != catalogue.kind:
        raise ConfigurationError(
            f"The backup is of a catalogue in {made.database}, the settings name one in {catalogue.kind}",
            advice="Set holdings.database_url to an empty database of the backup's kind.",
        )
    if made.schema > SCHEMA_REVISION:
        raise ConfigurationError(
            f"The backup has the schema {made.schema}, this version of the hub knows {SCHEMA_REVISION}",
            advice=f"Restore it with ikhub {made.ikhub} or newer.",
        )
    if _entries(settings.data):
        raise RestoreRefusedError(f"The data folder {settings.data} holds something already")
    if not snapshots.is_empty(catalogue):
        raise RestoreRefusedError("The database of the settings holds something already")


@contextmanager
def _all_or_nothing(data: Path, catalogue: Database) -> Iterator[None]:
    """Where the block fails, take away all that it put into a data folder and a database that held nothing."""
    try:
        yield
    except BaseException:
        snapshots.clear(catalogue)
        for entry in _entries(data):
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        raise


def _place(folder: Path, data: Path, made: BackupManifest, progress: Progress | None) -> list[str]:
    """Copy the files of a backup into the data folder, and return what is missing or damaged of them."""
    data.mkdir(parents=True, exist_ok=True)
    lines = contents.read(folder / made.contents)
    damaged = []
    for number, line in enumerate(lines, 1):
        try:
            is_whole = copying.copy(folder / line.place, data / line.place, _IN_THE_STORE).is_whole
        except OSError as error:
            if error.errno not in _UNREADABLE:
                raise
            is_whole = False
        if not is_whole:
            damaged.append(line.place)
        if progress is not None:
            progress(number, len(lines))
    if made.secret_key is not None:
        with copying.owned(data / made.secret_key) as key:
            key.write((folder / made.secret_key).read_bytes())
    return damaged


def _entries(data: Path) -> list[Path]:
    # What a file system has at its root by itself.
    return [entry for entry in data.iterdir() if entry.name != "lost+found"] if data.exists() else []


def _settle(session: Session, made: BackupManifest) -> Verification:
    """Bring what a backup cannot know to the safe side, verify the audit log, and record that it was restored."""
    now = datetime.now(UTC)
    session.execute(update(SessionRow).where(SessionRow.ended_at.is_(None)).values(ended_at=now))
    session.execute(
        update(MailRow)
        .where(MailRow.sent_at.is_(None), MailRow.due_at.is_not(None))
        .values(due_at=None, begun_at=func.coalesce(MailRow.begun_at, now), error=_HELD_BACK)
    )
    session.execute(delete(IndexedRow))
    kept = [Head.parse(made.audit_head)] if made.audit_head else []
    verification = audit_chain.verify(session, kept)
    audit.append(session, COMMAND_LINE, "hub.restore", "hub", "hub", made_at=made.made_at)
    return verification


def _is_as_it_was(path: Path, sha256: str) -> bool:
    try:
        return copying.checksum(path) == sha256
    except OSError:
        return False


def _damaged(folder: Path, damaged: list[str]) -> BackupDamagedError:
    more = f" and {len(damaged) - _NAMED_AT_MOST} more" if len(damaged) > _NAMED_AT_MOST else ""
    return BackupDamagedError(f"Damaged or missing in {folder}: {', '.join(damaged[:_NAMED_AT_MOST])}{more}")
