"""Letters that did not go, as administrators see to them: sent again, or given up."""

from __future__ import annotations

from datetime import UTC, datetime

from holdings import audit, mails
from holdings.accounts import Account
from indexer.hub import Hub


def send_again(hub: Hub, by: Account, mail_id: str) -> None:
    """Make a letter due that did not go, or of which nobody knows whether it went. Raises UnknownIdError."""
    with hub.catalogue.write() as session:
        before = mails.get(session, mail_id)
        mails.send_again(session, mail_id, datetime.now(UTC))
        audit.append(session, by, "mail.send-again", "mail", mail_id, kind=before.kind, state=before.state.value)


def give_up(hub: Hub, by: Account, mail_id: str, reason: str) -> None:
    """Give a letter up: it is not tried again, and its text goes. Raises UnknownIdError."""
    with hub.catalogue.write() as session:
        before = mails.get(session, mail_id)
        mails.drop(session, mail_id, reason)
        audit.append(session, by, "mail.give-up", "mail", mail_id, kind=before.kind, state=before.state.value)
