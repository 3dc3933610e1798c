"""Sends what is in the outbox of a hub and ends: run by test_mail, which kills it.

Usage: python -m tests.integration.sending_driver DATA PORT [DATABASE_URL]
"""

from __future__ import annotations

import os
import sys

from desk.sending import send_waiting
from holdings.settings import load_settings
from indexer.hub import open_hub


def main(data: str, port: str, database_url: str = "") -> None:
    given = {
        "IKHUB_DATA": data,
        "IKHUB_HOLDINGS__DATABASE_URL": database_url,
        "IKHUB_DESK__MAIL__HOST": "127.0.0.1",
        "IKHUB_DESK__MAIL__PORT": port,
        "IKHUB_DESK__MAIL__SECURITY": "none",
    }
    with open_hub(load_settings(None, given)) as hub:
        print("ready", os.getpid(), flush=True)
        send_waiting(hub)


if __name__ == "__main__":
    main(*sys.argv[1:])
