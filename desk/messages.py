"""A letter of the outbox as the message that a mail server takes (RFC 5322, RFC 3834)."""

from __future__ import annotations

from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from desk.addresses import domain
from desk.letters import hub_name
from holdings.mails import Mail
from holdings.settings import Settings

# Headers whose value is an address of the web or a word for programs: whole on one line, or programs do not know them.
_WHOLE = frozenset({"List-Unsubscribe", "List-Unsubscribe-Post"})


class UnusableAddressError(ValueError):
    """No message can be addressed to this."""


class _Policy(EmailPolicy):
    """How headers are written. The library would encode a long word that it cannot break."""

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}" if name in _WHOLE else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii") if name in _WHOLE else super().fold_binary(name, value)


def sender_address(settings: Settings) -> str:
    """Return the address that letters come from."""
    mail, contact = settings.desk.mail, settings.app.contact.strip()
    if mail.sender:
        return mail.sender
    return contact if contact.count("@") == 1 and " " not in contact else f"no-reply@{domain(settings)}"


def message_of(settings: Settings, mail: Mail, now: datetime) -> EmailMessage:
    """Return the message that a letter is sent as. Raises UnusableAddressError.

    Its id is made of the letter's, so that a letter that is sent again on purpose is known as the same one.
    """
    message = EmailMessage(policy=_Policy(linesep="\r\n"))
    message["From"] = _address(sender_address(settings), _one_line(hub_name(settings, mail.language)))
    message["To"] = _address(mail.address)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail.id}@{domain(settings)}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = mail.language
    for name, value in mail.headers.items():
        message[name] = _one_line(value)
    message.set_content(mail.text, charset="utf-8", cte="quoted-printable")
    return message


def _address(text: str, name: str = "") -> Address:
    """Return an address as it stands in a message. Letters beyond ASCII may stand in its domain only."""
    user, at, name_of_domain = text.rpartition("@")
    try:
        return Address(name, addr_spec=f"{user}{at}{name_of_domain.encode('idna').decode('ascii')}")
    except (ValueError, IndexError, MessageError) as error:
        # Of an address that is none, the library's parser also runs off the end.
        raise UnusableAddressError(f"{text!r} is no address that can be written to") from error


def _one_line(text: str) -> str:
    return " ".join(text.split())
