"""What the hub forgets of people after a time: where they signed in, letters to them, notices that they have read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from holdings import credentials, mails, notices, sessions
from holdings.database import Session
from indexer.hub import Hub

# How long it can be told from where somebody was signed in, after the end of the session.
_SESSIONS_KEPT = timedelta(days=30)
# Others write to the catalogue between two portions.
_AT_A_TIME = 500


def forget_old(hub: Hub) -> None:
    """Delete what nobody needs any more of sessions, letters and notices of long ago."""
    now, desk = datetime.now(UTC), hub.settings.desk
    with hub.catalogue.write() as session:
        sessions.forget_ended(session, now - _SESSIONS_KEPT)
        credentials.forget_spent(session, now - _SESSIONS_KEPT)
    letters_before = now - timedelta(days=desk.mail.keep_days)
    notices_before = now - timedelta(days=desk.keep_notices_days)
    _in_portions(hub, lambda session: mails.forget(session, letters_before, limit=_AT_A_TIME))
    _in_portions(hub, lambda session: notices.forget_read(session, notices_before, limit=_AT_A_TIME))
    hub.catalogue.leave_no_trace()


def _in_portions(hub: Hub, forget: Callable[[Session], int]) -> None:
    while True:
        with hub.catalogue.write() as session:
            if forget(session) < _AT_A_TIME:
                return
