"""A clock that tests put forward: every module of the hub that asks for the present time is told another.

The hub asks `datetime.now(UTC)` where it needs the time. So the name `datetime` of its modules is what has to change.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

ROOMS = ("app.", "desk.", "ingest.", "indexer.", "holdings.")


class _AlsoDatetimes(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


class _ShiftedDatetime(datetime, metaclass=_AlsoDatetimes):
    """`datetime` with a present that is ahead."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) + cls.ahead


class Clock:
    """Puts the time of the hub forward; at `restore` it is the machine's again."""

    def __init__(self) -> None:
        self._shifted: dict[str, Any] = {}

    def now(self) -> datetime:
        """Return what the hub takes for the present."""
        return datetime.now(UTC) + _ShiftedDatetime.ahead

    def forward(self, by: timedelta) -> None:
        """Put the time forward, from where it is."""
        _ShiftedDatetime.ahead += by
        self._install()

    def restore(self) -> None:
        _ShiftedDatetime.ahead = timedelta()
        for name in self._shifted:
            sys.modules[name].datetime = datetime  # type: ignore[attr-defined]
        self._shifted.clear()

    def _install(self) -> None:
        # Modules that were loaded meanwhile are met the next time.
        for name, module in list(sys.modules.items()):
            if name.startswith(ROOMS) and getattr(module, "datetime", None) is datetime:
                self._shifted[name] = module
                module.datetime = _ShiftedDatetime  # type: ignore[attr-defined]
