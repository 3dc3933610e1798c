"""`serve`: the site and the API behind gunicorn, each of its processes with a hub of its own."""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http import message

from app import logs
from app.factory import create_app
from holdings.database import Database
from holdings.settings import Settings
from indexer.hub import open_hub

log = logging.getLogger(__name__)

# A query of 10,000 characters, escaped, fits into this and gets its answer; gunicorn's own limit is 8,190 and cannot
# be raised by its configuration. What is longer is refused while it is read.
_MAX_REQUEST_LINE = 65_536
_REQUEST_SECONDS = 60
_GRACE_SECONDS = 20


def serve(settings: Settings) -> None:
    """Serve the hub until a signal (SIGTERM, SIGINT) ends it; what is being answered is answered first.

    Says on standard output where it listens. Raises NotInitialisedError and the like before anything listens.
    """
    logs.configure(settings.app.log_level)
    catalogue = Database(settings.database_url, settings.data)
    try:
        catalogue.require_current()
    finally:
        catalogue.close()
    message.MAX_REQUEST_LINE = _MAX_REQUEST_LINE
    _Server(settings).run()


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured from the settings of the hub alone."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened = ExitStack()
        super().__init__()

    def load_config(self) -> None:
        app = self._settings.app
        host = f"[{app.host}]" if ":" in app.host else app.host
        options: dict[str, Any] = {
            "bind": f"{host}:{app.port}",
            "workers": app.workers,
            "threads": app.threads,
            "worker_class": "gthread",
            "timeout": _REQUEST_SECONDS,
            "graceful_timeout": _GRACE_SECONDS,
            "limit_request_line": _MAX_REQUEST_LINE - 1,
            "loglevel": app.log_level.lower(),
            "proc_name": "ikhub",
            "control_socket_disable": True,
            "when_ready": _announce,
            "worker_exit": self._close,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application: called in each process after the fork, over which a hub cannot be carried."""
        hub = self._opened.enter_context(open_hub(self._settings))
        return create_app(hub)

    def _close(self, _server: Arbiter, _worker: Any) -> None:
        self._opened.close()


def _announce(server: Arbiter) -> None:
    for listener in server.LISTENERS:
        host, port = listener.getsockname()[:2]
        print(f"I-KHub listens on http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)
    sys.stdout.flush()
