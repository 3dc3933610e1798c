"""Hubs that send mail to the mail server of the tests, and letters for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from holdings import mails
from holdings.mails import Mail
from holdings.settings import Settings, load_settings
from indexer.hub import Hub
from tests.services.smtp import SmtpSink


def mail_settings(data: Path, sink: SmtpSink, **more: str) -> Settings:
    """Return the settings of a hub that sends its letters to a sink. `more` are variables of the environment."""
    given = {
        "IKHUB_DATA": str(data),
        "IKHUB_APP__PUBLIC_URL": "https://hub.example.go.id",
        "IKHUB_DESK__MAIL__HOST": "127.0.0.1",
        "IKHUB_DESK__MAIL__PORT": str(sink.port),
        "IKHUB_DESK__MAIL__SECURITY": "none",
        "IKHUB_DESK__MAIL__TIMEOUT_SECONDS": "3",
    }
    return load_settings(None, given | more)


def put_letter(hub: Hub, address: str, *, subject: str = "A letter", kind: str = "test") -> str:
    """Put a letter into the outbox and return its id."""
    now = datetime.now(UTC)
    text = f"{subject}\n.begins with a dot\n"
    mail = Mail(mails.new_id(), kind, address, "en", subject, text, now, due_at=now)
    with hub.catalogue.write() as session:
        assert mails.put(session, mail)
    return mail.id


def letter(hub: Hub, mail_id: str) -> Mail:
    """Return a letter of the outbox."""
    with hub.catalogue.read() as session:
        return mails.get(session, mail_id)
