"""What lies in an inbox, and whether somebody is still writing it."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from holdings.errors import InboxFolderError
from holdings.filestore import checksum
from holdings.inboxes import InboxFile

DONE, FAILED = "done", "failed"
METADATA = "metadata.csv"
# How the names of files begin that the hub itself is writing.
OWN = ".ikhub-"
# How the names of files end, or begin, that a program is still fetching or has open.
_PARTIAL_ENDS = (".part", ".partial", ".crdownload", ".download", ".filepart", ".opdownload", ".tmp", "~")
_PARTIAL_BEGINS = (".", "~$", "~")
_NOT_FILES_OF_PEOPLE = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Look:
    """How a file looks: two equal looks with time between them say that nobody writes it."""

    size: int
    modified_ns: int
    changed_ns: int
    is_link: bool

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """Return how a file looks, None when there is none. A link is looked at itself."""
        try:
            found = path.lstat()
        except OSError:
            return None
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns, stat.S_ISLNK(found.st_mode))


def prepare(folder: Path) -> None:
    """Make `done` and `failed`, and see that files can be moved there. Raises InboxFolderError."""
    if not folder.is_dir():
        raise InboxFolderError(f"There is no folder {folder}")
    for place in (folder, folder / DONE, folder / FAILED):
        try:
            place.mkdir(exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=place, prefix=OWN):
                pass
        except OSError as error:
            raise InboxFolderError(f"The hub cannot write in {place}: {error.strerror or error}") from error


def look_into(folder: Path, data: Path) -> dict[str, Look]:
    """Return the files of an inbox, by name from its top, in order; not those in `done`, `failed`, and hidden folders.

    Links are files here, whatever they lead to. `data`, the hub's own folder, is not entered.
    """
    own = data.resolve()
    found: dict[str, Look] = {}
    for current, folders, names in os.walk(folder, followlinks=False):
        here = Path(current)
        if here == folder:
            folders[:] = [name for name in folders if name not in (DONE, FAILED)]
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = sorted(
            name for name in folders if name not in links and name[0] != "." and (here / name).resolve() != own
        )
        for name in sorted([*names, *links]):
            look = Look.of(here / name)
            if look is not None and name.casefold() not in _NOT_FILES_OF_PEOPLE and not name.startswith(OWN):
                found[str((here / name).relative_to(folder))] = look
    return found


def waits(name: str) -> bool:
    """Say whether a file's name is that of something unfinished."""
    last = Path(name).name.casefold()
    return last.startswith(_PARTIAL_BEGINS) or last.endswith(_PARTIAL_ENDS)


def being_written(paths: Iterable[Path]) -> set[Path]:
    """Return those files that a process has open for writing, as far as the system tells: the processes one may see."""
    wanted = {os.path.realpath(path): path for path in paths}
    if not wanted or not sys.platform.startswith("linux"):
        return set()
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        # Processes end while they are looked at, and those of others are closed to us.
        with suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                with suppress(OSError):
                    path = wanted.get(str(descriptor.readlink()))
                    if path is not None and _writes(process, descriptor.name):
                        found.add(path)
    return found


def _writes(process: Path, descriptor: str) -> bool:
    for line in (process / "fdinfo" / descriptor).read_text(encoding="ascii").splitlines():
        if line.startswith("flags:"):
            return int(line.split()[1], 8) & os.O_ACCMODE != os.O_RDONLY
    return False


def remove_moved(source: Path, target: Path, file: InboxFile) -> None:
    """Remove a file that was copied to its place, if it is the very file: another may have come under its name."""
    look = Look.of(source)
    same = look is not None and (look.size, look.modified_ns) == (file.size, file.modified_ns)
    if same and look is not None and not look.is_link:
        moved = checksum(target)
        if moved is not None and checksum(source) == moved:
            source.unlink()
