"""The bytes of uploads in the data folder, until the file store has them: where they lie, and what is left of them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import FileIO
from pathlib import Path, PurePosixPath

from desk.upload_names import clean_name
from holdings import uploads
from holdings.uploads import Upload
from indexer.hub import Hub

_LEFTOVER_SECONDS = 24 * 3600


def place_of(hub: Hub, upload: Upload) -> Path:
    """Return where the bytes of an upload lie."""
    return hub.settings.data / location_of(upload)


def location_of(upload: Upload) -> str:
    """Return where the bytes of an upload lie, from the data folder."""
    # The end of the name tells formats of plain text apart.
    suffix = re.sub(r"[^A-Za-z0-9.]", "", PurePosixPath(clean_name(upload.name)).suffix)[:12]
    return f"{uploads.FOLDER}/{upload.id}{suffix}"


def as_it_lies(hub: Hub, upload: Upload) -> Upload:
    """Return an open upload with what is really there: less than was counted where the disk has lost some."""
    try:
        there = place_of(hub, upload).stat().st_size
    except FileNotFoundError:
        there = 0
    return replace(upload, received=min(upload.received, there))


@contextmanager
def opened_at(path: Path, offset: int) -> Iterator[FileIO]:
    """Open a file, made where it is missing, to write on at `offset`; what lay beyond was not counted and goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o640)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        file.truncate(offset)
        file.seek(offset)
        yield file


def flush(folder: Path) -> None:
    """Have the names in a folder on the disk for good."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def delete_unneeded(hub: Hub) -> None:
    """Delete the bytes of uploads that were given up, or that the pipeline has finished."""
    # Listed before the catalogue is asked: what begins meanwhile is not among them.
    files = {path: path.name.partition(".")[0] for path in (hub.settings.data / uploads.FOLDER).glob("*")}
    with hub.catalogue.read() as session:
        needed = uploads.needed(session, files.values())
        known = uploads.known(session, files.values())
    for path, upload_id in files.items():
        # What is of no upload may be a form that is being read.
        if upload_id not in needed and (upload_id in known or _is_old(path)):
            path.unlink(missing_ok=True)


def _is_old(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS
    return False
