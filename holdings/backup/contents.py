"""Which files of the store a catalogue names, and the list of them that a backup carries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from holdings import purges
from holdings.backup import copying
from holdings.errors import BackupDamagedError
from holdings.filestore import original_place, text_place
from holdings.purges import Purge, Purged
from holdings.tables import ArrivalRow, FileRow, TextRow

_PLACES = {Purged.ORIGINAL: original_place, Purged.TEXT: text_place}


@dataclass(frozen=True, slots=True)
class Named:
    """A file that a catalogue names, by its place from the data folder.

    `is_needed` is False where the catalogue knows the checksum of a file that was perhaps never kept.
    """

    place: str
    is_needed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A file of a backup: its SHA-256, and its place in the folder."""

    sha256: str
    place: str


def named(session: Session) -> Iterator[Named]:
    """Yield every file of the store that the catalogue names and that was not destroyed on purpose, once.

    What was destroyed and may come in again is perhaps there again.
    """
    gone, once_gone = _places(purges.all_standing(session)), purged(session)
    for one in _all_named(session):
        if one.place not in gone:
            yield replace(one, is_needed=one.is_needed and one.place not in once_gone)


def _all_named(session: Session) -> Iterator[Named]:
    originals = set(session.scalars(select(FileRow.sha256)))
    for sha256 in sorted(originals):
        yield Named(original_place(sha256).as_posix(), is_needed=True)
    # What was taken out of an archive is kept before it is looked at.
    arrived = set(session.scalars(select(ArrivalRow.sha256).where(ArrivalRow.sha256.is_not(None)).distinct()))
    for sha256 in sorted({found for found in arrived if found} - originals):
        yield Named(original_place(sha256).as_posix(), is_needed=False)
    for sha256 in session.scalars(select(TextRow.sha256).order_by(TextRow.sha256)):
        yield Named(text_place(sha256).as_posix(), is_needed=True)


def purged(session: Session) -> set[str]:
    """Return the places of originals and texts that were ever destroyed on purpose."""
    return _places(purges.all_purges(session))


def _places(several: Iterable[Purge]) -> set[str]:
    return {_PLACES[one.what](one.sha256).as_posix() for one in several}


def write(path: Path, lines: Iterable[Line]) -> None:
    """Write the list of a backup's files, as `sha256sum --check` reads it."""
    with copying.owned(path) as file:
        for line in lines:
            file.write(f"{line.sha256}  {line.place}\n".encode())


def read(path: Path) -> list[Line]:
    """Return the files that a list names. Raises BackupDamagedError when it cannot be read."""
    try:
        return [Line(*line.split("  ", 1)) for line in path.read_text(encoding="ascii").splitlines()]
    except (OSError, ValueError, TypeError) as error:
        raise BackupDamagedError(f"The list of files {path} is damaged: {error}") from error
