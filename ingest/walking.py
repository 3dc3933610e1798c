"""From what was given on the command line to the files to ingest."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def walk(given: Iterable[Path], *, data: Path) -> Iterator[Path]:
    """Yield each file once, as a path that begins with what was given; folders are walked in order of name.

    Links to folders are not followed, so that a loop of links ends, and `data`, the hub's own folder, is not entered. A
    path that does not exist is yielded, too: it gets its receipt like any other.
    """
    seen: set[str] = set()
    for start in given:
        for path in _files(start, data) if start.is_dir() else (start,):
            location = location_of(path)
            if location not in seen:
                seen.add(location)
                yield path


def location_of(path: Path) -> str:
    """Return the absolute path by which a file is known. A link stays a name of its own: it is not resolved."""
    return os.path.abspath(path)  # noqa: PTH100


def shown(path: Path) -> str:
    """Return a path as text for receipts: bytes of it that are no UTF-8 as `\\xff`."""
    return os.fsencode(path).decode("utf-8", errors="backslashreplace")


def _files(folder: Path, data: Path) -> Iterator[Path]:
    own = data.resolve()
    for current, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if Path(current, name).resolve() != own)
        if Path(current).resolve() == own:
            return
        for name in sorted(names):
            yield Path(current, name)
