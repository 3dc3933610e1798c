"""Identifiers of records: short, opaque, URL-safe, never reused, not to be guessed from one another."""

from __future__ import annotations

import re
import secrets

# Crockford's base 32 in lower case: no letters that are taken for digits.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 10  # 50 bits


def new_identifier() -> str:
    """Return a random identifier. Its place in the catalogue says whether it is free."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))


def slug(text: str) -> str:
    """Return `text` as a slug of lower-case letters, digits and hyphens; empty when it holds neither."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:80].strip("-")
