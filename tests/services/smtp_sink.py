"""A mail server for tests that keeps what it takes: run as a process of its own by `tests.services.smtp`.

How it behaves is said by how the recipient's address begins: see `_BEFORE` and `Sink.handle_DATA`.

Usage: python -m tests.services.smtp_sink PORT FOLDER [CERTIFICATE KEY]
"""

from __future__ import annotations

import asyncio
import itertools
import json
import ssl
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "hub", "secret words"
# What is answered to the recipient's address, before there is a text.
_BEFORE = {
    "refused": "550 5.1.1 there is nobody of that name",
    "later": "451 4.7.1 try again in a while",
    "closing": "421 4.3.2 the server is closing",
}
_AFTER = {"spam": "554 5.7.1 this is not wanted", "full": "452 4.3.1 the disk is full"}
_SLOW_SECONDS = 600


class Sink:
    """What happens to each letter. Each that is taken is a file of the folder, complete or not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(len(list(folder.glob("*.json"))))

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        for beginning, answer in _BEFORE.items():
            if address.startswith(beginning):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        for beginning, answer in _AFTER.items():
            if recipient.startswith(beginning):
                return answer
        if not recipient.startswith("lost"):
            self._keep(envelope)
        if recipient.startswith("slow"):
            await asyncio.sleep(_SLOW_SECONDS)
        if recipient.startswith(("cut", "lost")):
            # The connection ends before the answer: who sends does not know whether the letter was taken.
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 2.0.0 taken"

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        kept = {"sender": envelope.mail_from, "recipients": envelope.rcpt_tos, "content": content.decode("ascii")}
        path = self._folder / f"{next(self._numbers):06}.json"
        beside = path.with_suffix(".part")
        beside.write_text(json.dumps(kept))
        beside.rename(path)


def _authenticate(server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


async def _serve(port: int, folder: Path, certificate: list[str]) -> None:
    options: dict[str, Any] = {}
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        options = {
            "tls_context": context,
            "require_starttls": True,
            "authenticator": _authenticate,
            "auth_required": True,
        }
    sink, loop = Sink(folder), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname="sink.test", **options), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
