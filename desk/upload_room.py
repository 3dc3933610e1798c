"""How much room the space of an organisation has, and how much is taken."""

from __future__ import annotations

from dataclasses import dataclass

from holdings import uploads
from holdings.database import Session
from holdings.errors import QuotaExceededError
from holdings.settings import Settings

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes that a space may hold, and those that it holds or are on their way to it."""

    quota: int
    used: int

    @property
    def free(self) -> int:
        return max(0, self.quota - self.used)


def room(session: Session, settings: Settings, space: str) -> Room:
    """Return how much room a space has. Raises UnknownIdError."""
    quota_mb = uploads.quota_mb(session, space)
    return Room(
        quota=(quota_mb if quota_mb is not None else settings.app.uploads.quota_mb) * _MEGABYTE,
        used=uploads.bytes_used(session, space),
    )


def check_room(session: Session, settings: Settings, space: str, size: int) -> None:
    """Raise QuotaExceededError unless there is room for `size` bytes."""
    found = room(session, settings, space)
    if size > found.free:
        raise QuotaExceededError(f"{found.free:,} of {found.quota:,} bytes are free", free=found.free)
