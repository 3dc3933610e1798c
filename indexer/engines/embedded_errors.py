"""From what tantivy and the file system raise to the errors of the hub."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from holdings.errors import EngineUnavailableError, HubError, LockedError, SearchRefusedError, StorageFullError

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
# A writer that could not flush dies without saying of what: with less than this left, of a full disk.
_ROOM_TO_WRITE_BYTES = 64 * 1024 * 1024


@contextmanager
def search_errors() -> Iterator[None]:
    """Translate what tantivy raises while it searches: no body can end the process."""
    try:
        yield
    except (ValueError, RecursionError) as error:
        raise SearchRefusedError(f"The embedded engine refused the search: {error}") from error
    except BaseException as error:
        if not _is_panic(error):
            raise
        raise SearchRefusedError(f"The embedded engine gave up on the search: {error}") from error


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Translate what tantivy and the file system raise while they are at work in `folder`."""
    try:
        yield
    except OSError as error:
        raise _meaning(error, error.errno in _DISK_FULL, folder) from error
    except ValueError as error:
        text = str(error)
        if "LockBusy" in text:
            raise LockedError("The embedded index is being written by another process") from error
        full = any(f"os error {number})" in text for number in _DISK_FULL)
        raise _meaning(error, full or ("writer was killed" in text and _is_nearly_full(folder)), folder) from error
    except BaseException as error:
        if not _is_panic(error):
            raise
        raise _meaning(error, _is_nearly_full(folder), folder) from error


def _meaning(error: BaseException, full: bool, folder: Path) -> HubError:
    if full:
        return StorageFullError(f"There is no space left for the search index in {folder}")
    return EngineUnavailableError(
        f"The search index in {folder} cannot be used: {error}",
        advice="Check the disk and its permissions. If it stays so, `ikhub index rebuild` makes the index again.",
    )


def _is_nearly_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _ROOM_TO_WRITE_BYTES
    except OSError:
        return False


def _is_panic(error: BaseException) -> bool:
    """Say whether tantivy panicked: a BaseException whose class cannot be imported, and that must not end the hub."""
    return type(error).__name__ == "PanicException"
