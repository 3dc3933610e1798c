"""The hub's secret key: signs cookies and links, encrypts second factors. From the environment, else a file."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from holdings.failures import translated_errors
from holdings.settings import Settings

_FILE = "secret.key"


def secret_key(settings: Settings) -> str:
    """Return the key of this hub, made and kept in the data folder when there is none yet, readable by its owner."""
    given = settings.app.secret_key.get_secret_value()
    if given:
        return given
    path = _place(settings)
    with translated_errors():
        try:
            return path.read_text(encoding="ascii")
        except FileNotFoundError:
            return _make(path)


def key_file(settings: Settings) -> Path | None:
    """Return the file that the key is kept in, which may not be made yet; None where the environment gives the key."""
    return None if settings.app.secret_key.get_secret_value() else _place(settings)


def derived_key(settings: Settings, purpose: str) -> bytes:
    """Return 32 bytes for one purpose, from which neither the key nor those of other purposes can be told."""
    return hmac.new(secret_key(settings).encode(), purpose.encode(), hashlib.sha256).digest()


def _place(settings: Settings) -> Path:
    return settings.data / _FILE


def _make(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{_FILE}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        # Of several processes that make it at once, the first one's counts.
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
    return path.read_text(encoding="ascii")
