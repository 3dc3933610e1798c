"""What the database and the disk say when they fail, as the hub's errors."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError

from holdings.errors import CatalogueUnavailableError, HubError, StorageFullError


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what the database and the disk say into the hub's errors."""
    try:
        yield
    except HubError:
        raise
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFullError(f"The disk is full: {error}") from error
        raise
    except DBAPIError as error:
        reason = str(error.orig)
        if "disk is full" in reason or "No space left" in reason or getattr(error.orig, "sqlstate", "") == "53100":
            raise StorageFullError(f"The catalogue cannot grow: {reason}") from error
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise CatalogueUnavailableError(f"The catalogue does not answer: {reason}") from error
        raise
