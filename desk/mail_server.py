"""The conversation with the mail server (RFC 5321), step by step, since each step that fails means something else.

Until the server has been given the text of a letter it certainly has not taken it. From then until its answer nobody
knows. `smtplib.send_message` does not tell these apart.
"""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from desk.addresses import domain
from holdings.errors import MailServerUnavailableError
from holdings.settings import Settings

_SHUTTING_DOWN = 421
_GO_ON = 354
# Servers end a conversation that lasts for too many letters.
_LETTERS_AT_A_TIME = 50


class LetterRefusedError(Exception):
    """The server did not take a letter: for good, or for now."""

    def __init__(self, message: str, *, for_good: bool) -> None:
        super().__init__(message)
        self.for_good = for_good


class UnknownWhetherSentError(Exception):
    """The server had a letter and gave no answer: it may have taken it, or not."""


class MailServer:
    """The mail server of the settings. A context manager; it is asked when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.desk.mail
        self._name = _spoken_name(domain(settings))
        self._smtp: smtplib.SMTP | None = None
        self._letters = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def connect(self) -> None:
        """Be sure of a server that answers. Raises MailServerUnavailableError."""
        if self._smtp is not None and self._letters < _LETTERS_AT_A_TIME and _is_there(self._smtp):
            return
        self._close()
        try:
            self._smtp = self._open()
        except (smtplib.SMTPException, OSError) as error:
            raise MailServerUnavailableError(f"The mail server does not answer: {_said(error)}") from error
        self._letters = 0

    def hand_over(self, message: EmailMessage) -> None:
        """Have the server take a message, after `connect`.

        Raises LetterRefusedError or MailServerUnavailableError when it certainly did not, and UnknownWhetherSentError
        when it had the text and did not answer.
        """
        assert self._smtp is not None, "hand_over comes after connect"
        self._letters += 1
        content = _as_data(bytes(message))
        try:
            self._envelope(self._smtp, *(message[name].addresses[0].addr_spec for name in ("From", "To")))
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            raise MailServerUnavailableError(f"The mail server went away: {_said(error)}") from error
        try:
            self._smtp.send(content)
            code, reply = self._smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            raise UnknownWhetherSentError(
                f"The mail server had the letter and did not answer: {_said(error)}"
            ) from error
        if not 200 <= code < 300:
            raise _refusal(code, reply)

    def _envelope(self, smtp: smtplib.SMTP, sender: str, recipient: str) -> None:
        """Say whom a letter is from and to, up to the server's word to go on."""
        code, reply = smtp.mail(sender)
        if code != 250:
            # That has nothing to do with this letter: no other would be taken.
            raise smtplib.SMTPSenderRefused(code, reply, sender)
        code, reply = smtp.rcpt(recipient)
        if code in {250, 251}:
            code, reply = smtp.docmd("DATA")
            if code == _GO_ON:
                return
        if code == _SHUTTING_DOWN:
            raise smtplib.SMTPResponseException(code, reply)
        smtp.rset()
        raise _refusal(code, reply)

    def _open(self) -> smtplib.SMTP:
        given = self._settings
        context = ssl.create_default_context(cafile=given.ca_certs) if given.security != "none" else None
        if given.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                given.host, given.port, self._name, timeout=given.timeout_seconds, context=context
            )
        else:
            smtp = smtplib.SMTP(given.host, given.port, self._name, timeout=given.timeout_seconds)
        try:
            if given.security == "starttls":
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if given.username:
                smtp.login(given.username, given.password.get_secret_value())
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()


def _is_there(smtp: smtplib.SMTP) -> bool:
    """Say whether a conversation that was begun can go on."""
    try:
        return smtp.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _refusal(code: int, reply: bytes) -> LetterRefusedError:
    """Return the refusal that an answer means: what does not begin with 5 may be otherwise another time."""
    text = reply.decode("utf-8", "replace")
    return LetterRefusedError(f"The mail server answers {code} {' '.join(text.split())}", for_good=500 <= code < 600)


def _as_data(content: bytes) -> bytes:
    """Return a message as it is given after DATA (RFC 5321, 4.5.2), with the line that ends it."""
    end = b"" if content.endswith(b"\r\n") else b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", content) + end + b".\r\n"


def _said(error: Exception) -> str:
    """Return what the server or the network said, on one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return f"{error.smtp_code} {' '.join(text.split())}"
    return " ".join(str(error).split()) or type(error).__name__


def _spoken_name(name: str) -> str:
    """Return how the hub names its machine to the server: an address of the net stands in brackets."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"
