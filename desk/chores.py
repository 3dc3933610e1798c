"""What workers do for the desk from time to time; `app.cli` hands it to them, `ikhub alerts send` does it at once."""

from __future__ import annotations

import time
from dataclasses import dataclass

from desk import alerts
from desk.alerts import Written
from desk.forgetting import forget_old
from desk.sending import Sent, send_waiting
from desk.uploads import clear
from holdings.errors import LockedError, TryAgainLaterError
from indexer.hub import Hub
from ingest.chores import Chore

# A worker has files to read as well, and ends when it is asked to.
_TURN_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Round:
    """What writing alerts and sending letters came to, and why either ended early."""

    written: Written
    sent: Sent

    @property
    def stopped_by(self) -> TryAgainLaterError | None:
        return self.written.stopped_by or self.sent.stopped_by

    @property
    def troubled(self) -> bool:
        """Say whether something needs a person: an administrator finds it in the list of letters, or in the log."""
        return bool(self.written.failed or self.sent.refused or self.sent.unknown)


def make_round(hub: Hub, max_seconds: float | None = None) -> Round:
    """Write the alerts that are due, then send the letters that wait. When one cannot be done the other is.

    Uploads that nobody sends on are cleared first, and what is old is forgotten: where there is no worker, cron has
    nothing else that would do it.
    Of `max_seconds` the alerts get half at most, so that letters that somebody waits for go as well.
    """
    began = time.monotonic()
    clear(hub)
    forget_old(hub)
    try:
        written = alerts.write_due(hub, max_seconds / 2 if max_seconds is not None else None)
    except LockedError as error:
        written = Written(stopped_by=error)
    left = max(0.0, max_seconds - (time.monotonic() - began)) if max_seconds is not None else None
    try:
        sent = send_waiting(hub, left)
    except LockedError as error:
        sent = Sent(stopped_by=error)
    return Round(written, sent)


def _write_alerts(hub: Hub) -> None:
    stopped_by = alerts.write_due(hub, _TURN_SECONDS).stopped_by
    if stopped_by is not None:
        raise stopped_by


def _send_letters(hub: Hub) -> None:
    stopped_by = send_waiting(hub, _TURN_SECONDS).stopped_by
    if stopped_by is not None:
        raise stopped_by


def _clear_uploads(hub: Hub) -> None:
    clear(hub)


CHORES = (
    Chore("write_alerts", 60, _write_alerts),
    Chore("send_letters", 10, _send_letters),
    Chore("forget_old", 3600, forget_old),
    Chore("clear_uploads", 300, _clear_uploads),
)
