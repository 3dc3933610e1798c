"""Sending what is in the outbox: one letter after the other, by one process at a time, none twice.

`begun_at` is committed before the mail server is asked, and what came of it after. So a sender that dies in between
leaves a letter of which nobody knows whether it went: such are not sent again by themselves, administrators see them
and decide. A server that is away costs nothing: the letters stay due. One that refuses a letter for now is asked again
after a wait that grows.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from desk.mail_server import LetterRefusedError, MailServer, UnknownWhetherSentError
from desk.messages import UnusableAddressError, message_of
from desk.naming import is_for_its_reader
from holdings import mails, saved_searches
from holdings.database import Session
from holdings.errors import MailServerUnavailableError, TryAgainLaterError
from holdings.mails import Mail, MailState
from indexer.hub import Hub

log = logging.getLogger(__name__)

LOCK = "mail"
_SHORTEST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)
# With waits of one minute that double up to six hours, the last attempt comes after five days.
_ATTEMPTS = 28
_AT_A_TIME = 100

ABANDONED = "The sender ended before the mail server's answer was recorded."
NO_LONGER_THEIRS = "Not sent: what it names is no longer for its reader, or the reader can no longer sign in."


@dataclass(slots=True)
class Sent:
    """What a run of sending came to. `stopped_by` is why it ended before everything due was tried."""

    sent: int = 0
    put_off: int = 0
    refused: int = 0
    unknown: int = 0
    withheld: int = 0
    waiting: int = 0
    stopped_by: TryAgainLaterError | None = None


def is_configured(hub: Hub) -> bool:
    """Say whether there is a mail server; without one, letters wait."""
    return bool(hub.settings.desk.mail.host)


def send_waiting(hub: Hub, max_seconds: float | None = None) -> Sent:
    """Send the letters that are due, and begin no further one after `max_seconds`.

    Without a mail server nothing is done. One that does not answer ends the run (`stopped_by`). Raises LockedError when
    another process is sending.
    """
    done = Sent()
    ends_at = time.monotonic() + max_seconds if max_seconds is not None else None
    if is_configured(hub):
        with hub.catalogue.locks.hold(LOCK), MailServer(hub.settings) as server:
            with hub.catalogue.write() as session:
                done.unknown = mails.note_abandoned(session, ABANDONED)
            try:
                _send_all(hub, server, done, ends_at)
            except MailServerUnavailableError as error:
                log.warning("letters wait: %s", error.message)
                with hub.catalogue.write() as session:
                    mails.note_server_away(session, error.message, datetime.now(UTC))
                done.stopped_by = error
    with hub.catalogue.read() as session:
        done.waiting = mails.count(session, MailState.WAITING)
    return done


def wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many attempts; None when that was the last."""
    if attempts >= _ATTEMPTS:
        return None
    return min(_SHORTEST_WAIT * int(2 ** (attempts - 1)), _LONGEST_WAIT)


def _send_all(hub: Hub, server: MailServer, done: Sent, ends_at: float | None) -> None:
    # What is put off is not due again before this run has ended.
    now = datetime.now(UTC)
    while True:
        with hub.catalogue.read() as session:
            due = mails.due(session, now, limit=min(_AT_A_TIME, _room(hub, session)))
        if not due:
            return
        for mail_id in due:
            if ends_at is not None and time.monotonic() >= ends_at:
                return
            server.connect()
            mail = _begin(hub, mail_id, done)
            if mail is not None:
                _send(hub, server, mail, done)


def _room(hub: Hub, session: Session) -> int:
    """Return how many letters more the mail server takes in this hour; without a limit, those of one portion."""
    limit = hub.settings.desk.mail.max_per_hour
    if not limit:
        return _AT_A_TIME
    return max(0, limit - mails.sent_within(session, datetime.now(UTC), timedelta(hours=1)))


def _begin(hub: Hub, mail_id: str, done: Sent) -> Mail | None:
    """Note that a letter is sent next and return it; None where it must not be sent, which is noted as well."""
    now = datetime.now(UTC)
    with hub.catalogue.write() as session:
        mail = mails.begin(session, mail_id, now)
        if mail is None or is_for_its_reader(session, mail, now):
            return mail
        mails.withhold(session, mail_id, NO_LONGER_THEIRS)
        # An alert is written anew, with what is still theirs.
        saved_searches.untell(session, mail_id, now)
    log.info("letter %s (%s): withheld", mail.id, mail.kind)
    done.withheld += 1
    return None


def _send(hub: Hub, server: MailServer, mail: Mail, done: Sent) -> None:
    """Have the server take a letter that was begun, and note what came of it."""
    try:
        message = message_of(hub.settings, mail, datetime.now(UTC))
        server.hand_over(message)
    except UnusableAddressError as error:
        _note_refused(hub, mail, str(error), None, done)
    except LetterRefusedError as error:
        _note_refused(hub, mail, str(error), None if error.for_good else wait_after(mail.attempts), done)
    except UnknownWhetherSentError as error:
        log.warning("letter %s (%s): %s", mail.id, mail.kind, error)
        with hub.catalogue.write() as session:
            mails.note_unknown(session, mail.id, str(error))
        done.unknown += 1
    except MailServerUnavailableError as error:
        with hub.catalogue.write() as session:
            mails.note_waiting(session, mail.id, error.message, datetime.now(UTC))
        raise
    else:
        with hub.catalogue.write() as session:
            mails.note_sent(session, mail.id, datetime.now(UTC))
        done.sent += 1


def _note_refused(hub: Hub, mail: Mail, error: str, wait: timedelta | None, done: Sent) -> None:
    log.warning("letter %s (%s): %s", mail.id, mail.kind, error)
    with hub.catalogue.write() as session:
        mails.note_refused(session, mail.id, error, datetime.now(UTC) + wait if wait is not None else None)
    if wait is None:
        done.refused += 1
    else:
        done.put_off += 1
